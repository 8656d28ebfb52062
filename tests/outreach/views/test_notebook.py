"""The notebook on the client's page: who may write in it, and what it changes at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clienteling.models import User
from customers.models import ClientNote, Customer, ImportantDate, StatedSize
from tests.factories import (
    NOON,
    BrandFactory,
    ClientNoteFactory,
    CustomerFactory,
    ImportantDateFactory,
    ManagerFactory,
    StatedSizeFactory,
    VariantFactory,
)
from tests.outreach.scenes import bought, lapsed_client, suggested
from tests.outreach.views.page import Element, read


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1")


def opened(shop: Client, **asked: Any) -> Element:
    return read(shop.get("/clients/C-1/", asked))


def notebook_of(page: Element) -> Element:
    return page.one("section", id="notebook")


def write(shop: Client, name: str, *arguments: Any, **values: Any) -> Element:
    address = reverse(name, args=["C-1", *arguments])
    return read(shop.post(address, values, follow=True))


def banner(page: Element) -> str:
    return page.one("div", class_="messages").text


# --- Notes ----------------------------------------------------------------------------------------
def test_note_in_words_is_on_the_page_with_its_writer(shop: Client, amanda: Customer) -> None:
    page = write(shop, "add-note", words="Works in a gallery")

    [note] = notebook_of(page).all("ul", class_="jottings")[0].all("li")
    assert note.one("p").text == "Works in a galleryMaya, 15 June"
    assert banner(page) == "Noted."
    assert "“Works in a gallery” Maya, 15 June" in page.one("ul", class_="facts").text


def test_rule_takes_its_items_off_the_card_at_once(shop: Client, amanda: Customer) -> None:
    marlow = suggested(amanda, 4, name="Heron pump", brand=BrandFactory(name="Marlow")).product
    before = {pick["data-product"] for pick in opened(shop).all(data_product=None)}

    page = write(shop, "add-note", rule="brand", value="fenn & alder")

    shown = {pick["data-product"] for pick in page.all(data_product=None)}
    assert len(before) == 3
    assert shown == {marlow.style}
    assert "never Fenn & Alder" in page.all("p", class_="verdict")[1].text


def test_rule_about_prices_takes_a_figure(shop: Client, amanda: Customer) -> None:
    write(shop, "add-note", rule="price_above", value="$1,300.50")

    note = ClientNote.objects.get()
    assert (note.rule, note.price, note.value) == ("price_above", 1300.5, "")
    assert "Nothing above $1,300.50" in notebook_of(opened(shop)).text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "The note says nothing."),
        ({"words": "x" * 501}, "A note has at most 500 characters."),
        (
            {"value": "Marlow"},
            "What of it does she never want: brand, color, price?",
        ),
        ({"rule": "price_above", "value": "much"}, "Above which price? A figure, please."),
        ({"rule": "price_above", "value": "9" * 20}, "Above which price? A figure, please."),
        (
            {"rule": "brand", "value": "Marlov"},
            "Nothing here is called “Marlov”: please check the spelling.",
        ),
        ({"rule": "shape", "value": "round"}, "Select a valid choice. shape is not one of"),
    ],
)
def test_note_that_would_do_nothing_is_refused_with_a_sentence(
    shop: Client, amanda: Customer, values: dict[str, str], sentence: str
) -> None:
    page = write(shop, "add-note", **values)

    assert banner(page).startswith(sentence)
    assert not ClientNote.objects.exists()


def test_note_is_put_away(shop: Client, amanda: Customer) -> None:
    note = ClientNoteFactory(customer=amanda, rule="color", value="Cognac")
    assert opened(shop).all(data_product=None) == []

    page = write(shop, "retire-note", note.pk)

    assert len(page.all(data_product=None)) == 3
    assert "Never Cognac" not in notebook_of(page).text


def test_what_lies_half_written_stays_when_a_rule_is_noted(shop: Client, amanda: Customer) -> None:
    suggested(amanda, 4, brand=BrandFactory(name="Marlow"))

    answer = shop.post(
        reverse("add-note", args=["C-1"]),
        {"rule": "brand", "value": "Marlow", "channel": "email", "body": "My own words."},
        headers={"HX-Request": "true"},
    )

    page = read(answer)
    assert page.one("textarea", name="body").text == "My own words."
    assert page.one("main", id="main")


# --- Sizes ----------------------------------------------------------------------------------------
def test_stated_size_goes_before_the_learned_one(shop: Client, amanda: Customer) -> None:
    VariantFactory(size="39")

    page = write(shop, "state-size", category="Shoes", size=" 39 ")

    sizes = notebook_of(page).all("ul", class_="jottings")[0].all("li")
    assert [each.one("p").text for each in sizes] == ["39 in shoesas she says"]
    assert "None of these" not in page.text
    assert page.all(data_product=None) == []  # nothing new is here in 39


def test_forgotten_size_lets_the_till_decide_again(shop: Client, amanda: Customer) -> None:
    stated = StatedSizeFactory(customer=amanda, size="39")

    page = write(shop, "forget-size", stated.pk)

    assert "38 in shoeslast taken" in notebook_of(page).text
    assert len(page.all(data_product=None)) == 3


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"category": "Shoes", "size": "380"}, "Nothing in shoes comes in size “380”."),
        ({"category": "Hats", "size": "38"}, "There is no such category."),
        ({"category": "Shoes"}, "Which size?"),
        ({"size": "38"}, "In which category?"),
    ],
)
def test_odd_size_is_refused_with_a_sentence(
    shop: Client, amanda: Customer, values: dict[str, str], sentence: str
) -> None:
    assert banner(write(shop, "state-size", **values)) == sentence
    assert not StatedSize.objects.exists()


# --- Days to remember -----------------------------------------------------------------------------
def test_birthday_that_comes_soon_is_said_first(shop: Client, amanda: Customer) -> None:
    write(shop, "keep-date", kind="anniversary", month=12, day=24)
    page = write(shop, "keep-date", kind="birthday", month=6, day=20, year=1990)

    dates = notebook_of(page).all("ul", class_="jottings")[-1].all("li")
    assert [each.one("p").text for each in dates] == [
        "Birthday: 20 June 1990in 5 days",
        "Anniversary: 24 December",
    ]
    facts = page.one("ul", class_="facts").text
    assert "Birthday: 20 June 1990, in 5 days" in facts
    assert "Anniversary" not in facts


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "birthday", "month": 2, "day": 30}, "There is no such day."),
        ({"kind": "birthday", "day": 30}, "In which month?"),
        ({"kind": "birthday", "month": 3}, "On which day?"),
        (
            {"kind": "birthday", "month": 3, "day": 1, "year": "long ago"},
            "The year, in four digits.",
        ),
    ],
)
def test_odd_day_is_refused_with_a_sentence(
    shop: Client, amanda: Customer, values: dict[str, Any], sentence: str
) -> None:
    assert banner(write(shop, "keep-date", **values)) == sentence
    assert not ImportantDate.objects.exists()


def test_day_is_forgotten(shop: Client, amanda: Customer) -> None:
    kept = ImportantDateFactory(customer=amanda)

    write(shop, "forget-date", kept.pk)

    assert not ImportantDate.objects.exists()


# --- Who may --------------------------------------------------------------------------------------
WRITES = ("add-note", "state-size", "keep-date")
ENDS = ("retire-note", "forget-size", "forget-date")


@pytest.mark.parametrize("name", [*WRITES, *ENDS])
def test_nobody_writes_about_another_stores_client(shop: Client, name: str) -> None:
    stranger = CustomerFactory(customer_id="C-1")
    note = ClientNoteFactory(customer=stranger)
    size = StatedSizeFactory(customer=stranger)
    day = ImportantDateFactory(customer=stranger)
    number = {"retire-note": note.pk, "forget-size": size.pk, "forget-date": day.pk}.get(name)
    arguments = ["C-1"] if number is None else ["C-1", number]

    answer = shop.post(reverse(name, args=arguments), {"words": "x"})

    assert answer.status_code == 404
    assert ClientNote.objects.get().retired_at is None
    assert StatedSize.objects.exists()
    assert ImportantDate.objects.exists()


@pytest.mark.parametrize("name", ENDS)
def test_a_number_of_somebody_else_is_not_found(shop: Client, amanda: Customer, name: str) -> None:
    other = ClientNoteFactory()

    assert shop.post(reverse(name, args=["C-1", other.pk])).status_code == 404


def test_manager_reads_the_notebook_and_writes_nothing(
    client: Client, associate: User, amanda: Customer
) -> None:
    ClientNoteFactory(customer=amanda)
    client.force_login(ManagerFactory(store=associate.store))

    page = opened(client)

    assert "Works in a gallery" in notebook_of(page).text
    assert notebook_of(page).all("form") == []


# --- The closet -----------------------------------------------------------------------------------
def closet(page: Element) -> list[tuple[str, list[str]]]:
    section = page.one("section", id="closet")
    rails = zip(section.all("h3"), section.all("ul", class_="bought rail"), strict=True)
    return [(head.text, [piece.text for piece in rail.all("li")]) for head, rail in rails]


def test_closet_has_what_she_owns_by_category_and_returns_apart(
    shop: Client, amanda: Customer
) -> None:
    bought(amanda, at=NOON - timedelta(days=200), name="Heron pump")
    bought(amanda, at=NOON - timedelta(days=90), name="Too small")
    line = amanda.lines.get(product__name="Too small")
    line.pk, line.line, line.quantity = None, 2, -1
    line.save()
    amanda.lines.filter(product__name="Heron pump").update(quantity=2)

    page, back = opened(shop), opened(shop, closet="sent-back")

    assert closet(page) == [
        ("Shoes", ["Linden flat38 · 4 Mar", "Heron pump38 · 2 of them · Nov 2025"]),
    ]
    assert closet(back) == [("Shoes", ["Too small38 · sent back · 17 Mar"])]
    tabs = [tab.text for tab in page.one("section", id="closet").one("nav").all("a")]
    assert tabs == ["All 2", "Shoes 2", "Sent back 1"]


def test_closet_of_many_pieces_has_pages(shop: Client, amanda: Customer) -> None:
    for number in range(30):
        bought(amanda, at=NOON - timedelta(days=200 + number), name=f"Piece {number:02}")

    first = opened(shop)
    last = opened(shop, page="9999")

    assert [len(pieces) for _, pieces in closet(first)] == [24]
    assert [len(pieces) for _, pieces in closet(last)] == [7]
    pages = first.one("nav", aria_label="Pages of the closet")
    assert (pages.one("span").text, pages.one("a")["href"]) == (
        "Page 1 of 2",
        "/clients/C-1/?page=2#closet",
    )


@pytest.mark.parametrize("nonsense", [{"closet": "Hats"}, {"page": "-3"}, {"page": "x"}])
def test_closet_asked_for_nonsense_is_shown_from_its_start(
    shop: Client, amanda: Customer, nonsense: dict[str, str]
) -> None:
    assert closet(opened(shop, **nonsense)) == [("Shoes", ["Linden flat38 · 4 Mar"])]


def test_closet_of_somebody_who_never_bought_is_not_there(shop: Client, associate: User) -> None:
    CustomerFactory(customer_id="C-1", associate=associate, store=associate.store)

    assert opened(shop).all("section", id="closet") == []
