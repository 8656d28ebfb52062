"""What an associate notes of an item, and what becomes of the card."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, StockLevel
from clienteling.models import User
from customers.models import Customer, Feedback
from outreach.models import Message
from tests.factories import (
    NOON,
    FeedbackFactory,
    LineItemFactory,
    LookbookFactory,
    LookbookItemFactory,
    MessageFactory,
    ProductFactory,
    PurchaseFactory,
    ReplyFactory,
    UserFactory,
    VariantFactory,
)
from tests.outreach.scenes import lapsed_client, suggested
from tests.outreach.views.page import Element, form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def amanda(associate: User) -> Customer:
    """Three items and two understudies."""
    return lapsed_client(associate, customer_id="C-1", items=5)


def styles_of(customer: Customer) -> list[str]:
    """What is proposed to her, by rank."""
    return list(
        Product.objects.filter(suggestions__customer=customer)
        .order_by("suggestions__rank")
        .values_list("style", flat=True)
    )


def shown(page: Element) -> list[str]:
    return [item["data-product"] for item in page.all("li", data_product=None)]


def standing() -> list[tuple[str, str, int | None]]:
    return list(Feedback.objects.values_list("product__style", "kind", "said_by"))


def menu_of(shop: Client, style: str) -> Element:
    """The words that can be noted of an item, behind its swap."""
    form = read(shop.get("/")).one("article", data_client="C-1").one("form", class_="note")
    swap = shop.post("/clients/C-1/swap/", {**form_values(form), "out": style}, **HTMX)
    return read(swap).one("form", class_="menu-line")


def say(shop: Client, style: str, kind: str, **more: Any) -> Any:
    """The tap in the menu, as htmx posts it."""
    headers = more.pop("headers", HTMX)
    return shop.post(
        "/clients/C-1/word/", {"product": style, "kind": kind, "page": "day", **more}, **headers
    )


def note_of(page: Element) -> dict[str, str]:
    return form_values(page.one("form", class_="note"))


def test_card_has_a_menu_on_every_item(shop: Client, amanda: Customer) -> None:
    styles = styles_of(amanda)[:3]

    swaps = read(shop.get("/")).one("article", data_client="C-1").all("button", class_="swap")
    menus = [menu_of(shop, each["value"]) for each in swaps]

    assert [each["formaction"] for each in swaps] == ["/clients/C-1/swap/"] * 3
    assert [form_values(menu)["product"] for menu in menus] == styles
    assert [button.text for button in menus[0].all("button")] == [
        "Loves it",
        "Tried, not right",
        "Not for Amanda",
    ]
    assert {menu["action"] for menu in menus} == {"/clients/C-1/word/"}


@pytest.mark.parametrize("kind", ["not_for_me", "tried_not_right"])
def test_card_is_drawn_again_with_the_understudy_in_the_place(
    shop: Client, associate: User, amanda: Customer, kind: str
) -> None:
    first, second, third, fourth, _ = styles_of(amanda)

    card = read(say(shop, first, kind)).one("article", data_client="C-1")

    assert standing() == [(first, kind, associate.pk)]
    assert shown(card) == [second, third, fourth]
    assert card.one("div", class_="banner good").text.startswith("Noted: ")
    assert "left out: turned this one down" in card.text


def test_day_never_shows_again_what_was_turned_down(shop: Client, amanda: Customer) -> None:
    first, second, third, fourth, fifth = styles_of(amanda)
    say(shop, second, "not_for_me")
    say(shop, fourth, "not_for_me")

    page = read(shop.get("/"))

    assert shown(page.one("article", data_client="C-1")) == [first, third, fifth]


def test_undo_brings_the_item_back(shop: Client, amanda: Customer) -> None:
    first, second, third, *_ = styles_of(amanda)
    card = read(say(shop, first, "not_for_me"))
    undo = card.one("div", class_="banner good").one("form")

    again = read(shop.post(undo["action"], form_values(undo), **HTMX))

    assert standing() == []
    assert shown(again) == [first, second, third]
    assert again.one("article")["data-say"].startswith("Taken back")


def test_what_she_loves_is_marked_and_stays(
    shop: Client, associate: User, amanda: Customer
) -> None:
    first, second, third, *_ = styles_of(amanda)

    card = read(say(shop, second, "love_it"))

    item = card.one("li", data_product=second)
    assert standing() == [(second, "love_it", associate.pk)]
    assert shown(card) == [first, second, third]
    assert item.one("span", class_="loved").text == "Loves it"
    assert [button.text for button in menu_of(shop, second).all("button")] == [
        "Tried, not right",
        "Not for Amanda",
        "Take back",
    ]


def test_what_she_said_herself_is_not_the_associates_to_take_back(
    shop: Client, amanda: Customer
) -> None:
    product = Product.objects.get(style=styles_of(amanda)[0])
    FeedbackFactory(customer=amanda, product=product, kind="love_it", said_at=NOON)

    say(shop, product.style, "")

    menu = menu_of(shop, product.style)
    assert standing() == [(product.style, "love_it", None)]
    assert [button.text for button in menu.all("button")] == ["Tried, not right", "Not for Amanda"]


def test_last_item_turned_down_leaves_a_line_and_a_way_back(shop: Client, associate: User) -> None:
    customer = lapsed_client(associate, customer_id="C-1", items=1)
    [only] = styles_of(customer)

    strip = read(say(shop, only, "not_for_me")).one("article", data_client="C-1")
    undo = strip.one("div", class_="banner good").one("form")
    again = read(shop.post(undo["action"], form_values(undo), **HTMX))

    assert strip["data-blocked"] == "nothing-to-show"
    assert strip.all("button", data_action="send") == []
    assert shown(again) == [only]


def test_untouched_note_is_written_anew_for_the_new_three(shop: Client, amanda: Customer) -> None:
    before = note_of(read(shop.get("/")))
    drafted = {"channel": "sms", "body": before["body"].replace("\n", "\r\n")}

    after = note_of(read(say(shop, styles_of(amanda)[0], "not_for_me", **drafted)))

    assert after["seen"] != before["seen"]
    assert after["body"] == note_of(read(shop.get("/")))["body"] != before["body"]


def test_chosen_channel_stays_beside_a_note_written_anew(shop: Client, amanda: Customer) -> None:
    before = note_of(read(shop.get("/")))
    drafted = {"channel": "email", "body": before["body"]}

    card = read(say(shop, styles_of(amanda)[0], "not_for_me", **drafted))

    checked = card.one("input", type="radio", checked="")
    assert checked["value"] == "email"


def test_words_of_her_own_stay_beside_the_new_three(shop: Client, amanda: Customer) -> None:
    card = read(
        say(shop, styles_of(amanda)[0], "not_for_me", channel="sms", body="Hi, do come by!")
    )

    assert note_of(card)["body"] == "Hi, do come by!"


def test_card_sent_after_a_no_carries_the_new_three(shop: Client, amanda: Customer) -> None:
    first, second, third, fourth, _ = styles_of(amanda)
    form = read(say(shop, first, "not_for_me")).one("form", class_="note")

    shop.post(form["action"], form_values(form), **HTMX)

    [message] = Message.objects.all()
    assert message.lookbook is not None
    sent = [item.product.style for item in message.lookbook.items.all()]
    assert sent == [second, third, fourth]


def test_note_is_refused_when_she_turned_an_item_down_meanwhile(
    shop: Client, amanda: Customer
) -> None:
    form = read(shop.get("/")).one("form", class_="note")
    turned_down = Product.objects.get(style=styles_of(amanda)[0])
    FeedbackFactory(customer=amanda, product=turned_down, said_at=NOON)

    card = read(shop.post(form["action"], form_values(form), **HTMX))

    assert Message.objects.count() == 0
    assert f"{turned_down.name}: Turned this one down." in card.one("div", role="alert").text


@pytest.mark.parametrize("reason", ["sold out", "returned", "not for me"])
def test_three_remain_whatever_became_of_one_since_the_night(
    shop: Client, amanda: Customer, reason: str
) -> None:
    first, second, third, fourth, _ = styles_of(amanda)
    gone = Product.objects.get(style=first)
    if reason == "sold out":
        StockLevel.objects.filter(variant__product=gone).update(quantity=0)
    elif reason == "returned":
        order = PurchaseFactory(customer=amanda, purchased_at=NOON - timedelta(hours=1))
        LineItemFactory(purchase=order, variant=VariantFactory(product=gone), quantity=-1)
    else:
        FeedbackFactory(customer=amanda, product=gone)

    day = read(shop.get("/")).one("article", data_client="C-1")
    page = read(shop.get("/clients/C-1/"))

    assert shown(day) == shown(page) == [second, third, fourth]
    assert f"{gone.name} left out:" in day.text


@pytest.mark.parametrize(
    ("page", "goes_to"),
    [("day", "/"), ("client", "/clients/C-1/"), ("thread", "/clients/C-1/thread/"), ("x", "/")],
)
def test_word_without_a_script_goes_back_to_where_it_was_said(
    shop: Client, amanda: Customer, page: str, goes_to: str
) -> None:
    response = say(shop, styles_of(amanda)[0], "love_it", page=page, headers={})

    assert (response.status_code, response["Location"]) == (302, goes_to)
    assert len(standing()) == 1


def test_client_page_is_drawn_whole_with_a_way_back(shop: Client, amanda: Customer) -> None:
    first, second, third, fourth, _ = styles_of(amanda)

    page = read(say(shop, first, "not_for_me", page="client"))

    assert page.one("main")["id"] == "main"
    assert shown(page) == [second, third, fourth]
    assert page.one("div", class_="banner good").one("button").text.startswith("Undo")


def test_client_page_tells_in_the_timeline_who_said_what(shop: Client, amanda: Customer) -> None:
    said = {"customer": amanda, "said_at": NOON}
    FeedbackFactory(product__name="Palmer loafer", kind="love_it", **said)
    noted = UserFactory(first_name="Jo")
    FeedbackFactory(product__name="Alder tote", kind="not_for_me", said_by=noted, **said)
    FeedbackFactory(product__name="Fisher knit", kind="tried_not_right", said_by=noted, **said)
    FeedbackFactory(product__name="Silent scarf", kind="ignored", **said)

    page = read(shop.get("/clients/C-1/", {"entries": "messages"}))

    lines = {line.one("p").text for line in page.one("ol", class_="timeline").all("li")}
    assert lines == {
        "Loves the Palmer loaferSaid on the page behind a note",
        "Not for Amanda: Alder toteNoted by Jo",
        "Tried, not right: Fisher knitNoted by Jo",
    }


def test_thread_shows_and_takes_words_on_what_was_sent(
    shop: Client, associate: User, amanda: Customer
) -> None:
    book = LookbookFactory(customer=amanda, associate=associate)
    item = LookbookItemFactory(lookbook=book)
    MessageFactory(customer=amanda, sender=associate, lookbook=book)
    FeedbackFactory(customer=amanda, product=item.product, kind="tried_not_right")
    ReplyFactory(customer=amanda)

    page = read(shop.get("/clients/C-1/thread/"))

    pinned = page.one("ul", class_="pinned")
    assert pinned.one("span", class_="said-so").text == "Tried, not right"
    assert form_values(pinned.one("form"))["page"] == "thread"


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"product": "no-such-style", "kind": "love_it"},
        {"product": "a\x00b", "kind": "love_it"},
        {"product": "OWN", "kind": "ignored"},
        {"product": "OWN", "kind": "<script>"},
    ],
)
def test_word_refuses_what_no_menu_sends(
    shop: Client, amanda: Customer, words: dict[str, str]
) -> None:
    if words.get("product") == "OWN":
        words = {**words, "product": styles_of(amanda)[0]}

    response = shop.post("/clients/C-1/word/", words, **HTMX)

    assert (response.status_code, standing()) == (404, [])


def test_word_on_a_colleagues_client_is_not_hers_to_note(shop: Client, associate: User) -> None:
    colleague = UserFactory(store=associate.store)
    lapsed_client(colleague, customer_id="C-1")
    product = ProductFactory()

    response = say(shop, product.style, "love_it")

    assert (response.status_code, standing()) == (404, [])
    assert read(shop.get("/clients/C-1/")).all("form", class_="menu") == []


def test_word_on_nobodys_client_of_her_store_is(shop: Client, associate: User) -> None:
    customer = lapsed_client(associate, customer_id="C-1")
    Customer.objects.filter(pk=customer.pk).update(associate=None)
    product = ProductFactory()

    say(shop, product.style, "love_it")

    assert standing() == [(product.style, "love_it", associate.pk)]


def test_word_needs_the_form_token(associate: User, amanda: Customer) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(associate)

    response = say(browser, styles_of(amanda)[0], "love_it")

    assert (response.status_code, standing()) == (403, [])


def test_client_without_a_purchase_has_her_three_where_rows_exist(
    shop: Client, associate: User
) -> None:
    customer = lapsed_client(
        associate, customer_id="C-1", items=0, first_purchase_at=None, last_purchase_at=None
    )
    customer.purchases.all().delete()
    for rank in (1, 2, 3):
        suggested(customer, rank)

    page = read(shop.get("/clients/C-1/"))

    assert shown(page) == styles_of(customer)
    assert page.one("p", class_="why-now").text.startswith("No purchase on record yet")
    assert len(page.all("button", data_action="send")) == 1


@pytest.mark.parametrize("words", [0, 4])
def test_day_and_client_page_ask_as_much_with_words_as_without(
    shop: Client, amanda: Customer, words: int, django_assert_num_queries: Any
) -> None:
    said = FeedbackFactory.create_batch(words, customer=amanda)

    with django_assert_num_queries(8):
        day = read(shop.get("/"))
    with django_assert_num_queries(11):
        page = read(shop.get("/clients/C-1/"))

    assert shown(day) == shown(page) == styles_of(amanda)[:3]
    entries = page.one("ol", class_="timeline").all("p")
    noted = [each.text for each in entries if each.text.startswith(f"Not for {amanda.called}: ")]
    assert len(noted) == words
    for word in said:
        assert any(word.product.name in text for text in noted)
