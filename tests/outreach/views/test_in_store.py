"""She stands in the store: her code opens her page, and what became of each item is noted."""

import pytest
from django.test import Client

from catalog.models import Product
from clienteling.models import User
from customers.models import Feedback
from outreach.models import Lookbook, Showing
from outreach.page import holds, knocks
from tests.factories import (
    NOON,
    LookbookFactory,
    LookbookItemFactory,
    ManagerFactory,
    ProductFactory,
    StockLevelFactory,
    UserFactory,
    VariantFactory,
)
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import form_values, read

CODE = "K74M2P"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def book(associate: User) -> Lookbook:
    amanda = lapsed_client(
        associate, customer_id="C-1", items=0, first_name="Amanda", last_name="Reyes"
    )
    return LookbookFactory(customer=amanda, associate=associate, code=CODE)


@pytest.fixture
def loafer(book: Lookbook) -> Product:
    product = ProductFactory(name="Marlow loafer")
    StockLevelFactory(variant=VariantFactory(product=product), store=book.store)
    LookbookItemFactory(lookbook=book, product=product)
    return product


def type_in(shop: Client, code: str):  # type: ignore[no-untyped-def]
    form = read(shop.get("/in-store/")).one("form", class_="in-store-field")
    return shop.post(form["action"], {**form_values(form), "code": code})


@pytest.mark.parametrize("typed", ["K74M2P", "k74 m2p", "K74-M2P"])
def test_code_opens_her_page(shop: Client, book: Lookbook, typed: str) -> None:
    assert type_in(shop, typed)["Location"] == f"/in-store/{CODE}/"


@pytest.mark.parametrize("typed", ["K74M2X", "", "0", "x" * 90, "K74M2\x00", "<b>", "٣٤٥٦٧٨"])
def test_code_of_no_page_says_so_and_keeps_what_was_typed(
    shop: Client, book: Lookbook, typed: str
) -> None:
    page = read(type_in(shop, typed))

    assert page.one(id="in-store-fault").text == (
        "No page with this code is open in your store. Please read it once more."
    )
    assert page.one("input", id="in-store-code")["value"] == typed[:40]


def test_codes_may_not_be_guessed(shop: Client, book: Lookbook) -> None:
    statuses = [type_in(shop, "K74M2X").status_code for _ in range(knocks.WRONG_CODE.most)]

    refused = type_in(shop, CODE)

    assert set(statuses) == {200}
    assert refused.status_code == 429
    assert shop.get(f"/in-store/{CODE}/").status_code == 404


def test_colleague_of_the_store_may_serve_her_and_another_store_may_not(
    book: Lookbook, associate: User
) -> None:
    statuses = {}
    for name, user in (
        ("colleague", UserFactory(store=associate.store)),
        ("manager", ManagerFactory(store=associate.store)),
        ("elsewhere", UserFactory()),
    ):
        browser = Client()
        browser.force_login(user)
        statuses[name] = browser.get(f"/in-store/{CODE}/").status_code

    assert statuses == {"colleague": 200, "manager": 200, "elsewhere": 404}


def test_page_in_the_store_shows_items_and_what_is_kept(
    shop: Client, book: Lookbook, loafer: Product
) -> None:
    holds.ask(book, loafer, "38", now=NOON)

    page = read(shop.get(f"/in-store/{CODE}/"))

    assert page.one("h1").text == "Amanda Reyes"
    assert page.one("li", class_="showing").one("p", class_="small num").text == (
        "$265 · 2 left in 38"
    )
    assert [strip.one("b").text for strip in page.all("article", data_hold=None)] == [
        "Marlow loafer, 38"
    ]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("bought", "Amanda bought the Marlow loafer."),
        ("tried", "Amanda tried the Marlow loafer, and it was not right."),
        ("not_shown", "The Marlow loafer was not shown."),
    ],
)
def test_one_tap_notes_what_became_of_it(
    shop: Client, book: Lookbook, loafer: Product, outcome: str, said: str
) -> None:
    form = read(shop.get(f"/in-store/{CODE}/")).one("form", class_="outcomes")

    response = shop.post(form["action"], {**form_values(form), "outcome": outcome}, **HTMX)

    item = read(response).one("li", class_="showing")
    assert Showing.objects.get().outcome == outcome
    assert item.one("p", class_="noted").text == said
    pressed = [each for each in item.all("button") if each["aria-pressed"] == "true"]
    assert [each["value"] for each in pressed] == [""]


def test_tap_without_a_script_leads_back_to_her_page(
    shop: Client, book: Lookbook, loafer: Product
) -> None:
    response = shop.post(f"/in-store/{CODE}/note/", {"product": loafer.style, "outcome": "tried"})

    assert response["Location"] == f"/in-store/{CODE}/"
    assert Feedback.objects.get().kind == "tried_not_right"


def test_pressing_again_takes_it_back(shop: Client, book: Lookbook, loafer: Product) -> None:
    for outcome in ("bought", ""):
        shop.post(f"/in-store/{CODE}/note/", {"product": loafer.style, "outcome": outcome})

    assert Showing.objects.count() == 0


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"product": "no-such-style", "outcome": "bought"},
        {"product": "OWN", "outcome": "stolen"},
    ],
)
def test_note_takes_nothing_else(
    shop: Client, book: Lookbook, loafer: Product, values: dict[str, str]
) -> None:
    named = {**values, "product": {"OWN": loafer.style}.get(values.get("product", ""), "x")}

    response = shop.post(f"/in-store/{CODE}/note/", named)

    assert (response.status_code, Showing.objects.count()) == (404, 0)


def test_another_store_and_a_manager_note_nothing(
    book: Lookbook, loafer: Product, associate: User
) -> None:
    statuses = []
    for user in (UserFactory(), ManagerFactory(store=associate.store)):
        browser = Client()
        browser.force_login(user)
        answer = browser.post(
            f"/in-store/{CODE}/note/", {"product": loafer.style, "outcome": "bought"}
        )
        statuses.append(answer.status_code)

    assert (statuses, Showing.objects.count()) == ([404, 404], 0)


def test_closed_page_has_no_code_any_more(shop: Client, book: Lookbook, later) -> None:  # type: ignore[no-untyped-def]
    later(book.expires_at)

    assert shop.get(f"/in-store/{CODE}/").status_code == 404


@pytest.mark.parametrize("items", [1, 3])
def test_page_in_the_store_asks_as_many_questions_for_one_as_for_three(  # type: ignore[no-untyped-def]
    shop: Client, book: Lookbook, items: int, django_assert_num_queries
) -> None:
    for position in range(1, items + 1):
        LookbookItemFactory(lookbook=book, position=position)

    with django_assert_num_queries(10):
        page = read(shop.get(f"/in-store/{CODE}/"))

    assert len(page.all(class_="showing")) == items
