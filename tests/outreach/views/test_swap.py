"""Swap an item: the button on the picture, an understudy, Send. What is sent is what was shown."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, StockLevel
from clienteling.models import User
from customers.models import Customer
from outreach.models import Message
from tests.factories import FeedbackFactory, UserFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}
SWAP = "/clients/C-1/swap/"


@pytest.fixture
def amanda(associate: User) -> Customer:
    """Three items and five understudies, as a night keeps them."""
    return lapsed_client(associate, customer_id="C-1", items=8)


def styles_of(customer: Customer) -> list[str]:
    return list(
        Product.objects.filter(suggestions__customer=customer)
        .order_by("suggestions__rank")
        .values_list("style", flat=True)
    )


def card_on_day(shop: Client) -> Element:
    return read(shop.get("/")).one("article", data_client="C-1")


def note_of(card: Element) -> dict[str, str]:
    return form_values(card.one("form", class_="note"))


def shown(card: Element) -> list[str]:
    return [item["data-product"] for item in card.all("li", data_product=None)]


def tap(shop: Client, card: Element, out: str, *, htmx: bool = True, **more: str) -> Any:
    """The swap button of a picture, or (`instead`) an understudy."""
    return shop.post(SWAP, {**note_of(card), "out": out, **more}, **(HTMX if htmx else {}))


def test_first_tap_offers_two_understudies(shop: Client, amanda: Customer) -> None:
    _, second, _, fourth, fifth, *_ = styles_of(amanda)

    panel = read(tap(shop, card_on_day(shop), second))

    assert [each["value"] for each in panel.all("button", name="instead")] == [fourth, fifth]
    assert panel.one("a", hx_get="/clients/C-1/why-not/").text == "Why not others?"


def test_understudy_that_breaks_an_item_rule_is_not_offered(shop: Client, amanda: Customer) -> None:
    first, _, _, fourth, fifth, sixth, *_ = styles_of(amanda)
    card = card_on_day(shop)
    StockLevel.objects.filter(variant__product__style=fourth).update(quantity=0)
    FeedbackFactory(customer=amanda, product=Product.objects.get(style=fifth))

    panel = read(tap(shop, card, first))

    assert sixth in [each["value"] for each in panel.all("button", name="instead")]
    assert not {fourth, fifth} & {each["value"] for each in panel.all("button", name="instead")}


def test_second_tap_puts_it_in_the_very_place(shop: Client, amanda: Customer) -> None:
    first, second, third, _, fifth, *_ = styles_of(amanda)

    card = read(tap(shop, card_on_day(shop), second, instead=fifth)).one("article")

    assert shown(card) == [first, fifth, third]
    assert card["data-say"] == "Swapped. The note is for these three."


def test_card_is_swapped_as_it_stands(shop: Client, amanda: Customer) -> None:
    first, second, third, fourth, fifth, *_ = styles_of(amanda)
    once = read(tap(shop, card_on_day(shop), second, instead=fifth)).one("article")

    twice = read(tap(shop, once, first, instead=fourth)).one("article")

    assert shown(twice) == [fourth, fifth, third]


def test_third_tap_sends_exactly_what_is_shown(shop: Client, amanda: Customer) -> None:
    _, second, _, _, fifth, *_ = styles_of(amanda)
    card = read(tap(shop, card_on_day(shop), second, instead=fifth)).one("article")

    shop.post("/clients/C-1/send/", note_of(card), **HTMX)

    sent = Message.objects.get()
    assert sent.lookbook is not None
    in_note = [item.product.style for item in sent.lookbook.items.order_by("position")]
    assert (sent.state, in_note) == ("queued", shown(card))


def test_words_of_her_own_are_kept(shop: Client, amanda: Customer) -> None:
    first, *_, last = styles_of(amanda)
    mine = "Amanda, come by on Friday!"

    swapped = read(tap(shop, card_on_day(shop), first, instead=last, body=mine, channel="email"))

    assert (note_of(swapped)["body"], note_of(swapped)["channel"]) == (mine, "email")


def test_untouched_draft_is_written_anew(shop: Client, amanda: Customer) -> None:
    first, *_, last = styles_of(amanda)
    card = card_on_day(shop)
    name = Product.objects.get(style=first).name

    swapped = read(tap(shop, card, first, instead=last)).one("article")

    assert name not in note_of(swapped)["body"]


def test_words_on_a_swapped_card_leave_the_swap_alone(shop: Client, amanda: Customer) -> None:
    first, second, third, _, fifth, *_ = styles_of(amanda)
    card = read(tap(shop, card_on_day(shop), second, instead=fifth)).one("article")
    loved = {**note_of(card), "product": third, "kind": "love_it"}

    again = read(shop.post("/clients/C-1/word/", loved, **HTMX)).one("article")

    assert shown(again) == [first, fifth, third]


def test_undo_after_send_brings_the_swapped_card_back(shop: Client, amanda: Customer) -> None:
    first, second, third, _, fifth, *_ = styles_of(amanda)
    card = read(tap(shop, card_on_day(shop), second, instead=fifth)).one("article")
    strip = read(shop.post("/clients/C-1/send/", note_of(card), **HTMX))
    undo = strip.one("form")

    again = read(shop.post(undo["action"], form_values(undo), **HTMX)).one("article")

    assert shown(again) == [first, fifth, third]


@pytest.mark.parametrize(("out", "instead"), [(3, 4), (0, 1), (0, 0)])
def test_swap_of_what_is_not_there_leaves_the_card(
    shop: Client, amanda: Customer, out: int, instead: int
) -> None:
    """An item not on the card goes; one that is on it comes; one for itself."""
    styles = styles_of(amanda)

    card = read(tap(shop, card_on_day(shop), styles[out], instead=styles[instead])).one("article")

    assert shown(card) == styles[:3]
    assert card["data-say"] == "That item is not on the card any more."


def test_item_gone_meanwhile_is_said_on_the_first_tap(shop: Client, amanda: Customer) -> None:
    first, second, third, fourth, *_ = styles_of(amanda)
    card = card_on_day(shop)
    StockLevel.objects.filter(variant__product__style=first).update(quantity=0)

    drawn = tap(shop, card, first)
    answer = read(drawn).one("article")

    assert shown(answer) == [second, third, fourth]
    assert answer["data-say"] == "That item is not on the card any more."


def test_card_of_another_client_is_not_believed(
    shop: Client, associate: User, amanda: Customer
) -> None:
    lapsed_client(associate, customer_id="C-2", items=8)
    other = read(shop.get("/")).one("article", data_client="C-2")
    first, *_, last = styles_of(amanda)

    card = read(tap(shop, other, first, instead=last)).one("article")

    assert shown(card) == [last, *styles_of(amanda)[1:3]]


def test_two_pages_do_it_without_a_script(shop: Client, amanda: Customer) -> None:
    first, second, third, fourth, *_ = styles_of(amanda)
    mine = "Amanda, come by on Friday!"
    chooser = read(tap(shop, card_on_day(shop), first, htmx=False, body=mine))
    form = chooser.one("form", class_="understudies")

    page = read(shop.post(form["action"], {**form_values(form), "instead": fourth}))

    assert chooser.one("h1").text == "Another item for Amanda"
    assert shown(page.one("article")) == [fourth, second, third]
    assert note_of(page)["body"] == mine
    sent = shop.post("/clients/C-1/send/", note_of(page))
    assert (sent.status_code, sent["Location"]) == (302, f"/#client-card-{amanda.pk}")


def test_nothing_to_swap_for_says_so(shop: Client, associate: User) -> None:
    alone = lapsed_client(associate, customer_id="C-1", items=3)

    panel = read(tap(shop, card_on_day(shop), styles_of(alone)[0]))

    assert panel.one("section")["data-say"] == "Nothing else that is new suits Amanda now."
    assert panel.all("button", name="instead") == []


def test_swap_asks_for_a_form_of_ours(shop: Client, amanda: Customer) -> None:
    assert shop.post(SWAP, {"out": "x"}, **HTMX).status_code == 404


def test_swap_for_a_colleagues_client_is_not_found(shop: Client, associate: User) -> None:
    lapsed_client(UserFactory(store=associate.store), customer_id="C-1")

    assert shop.post(SWAP, {"seen": "x", "out": "y"}, **HTMX).status_code == 404
