from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product, StockLevel
from clienteling.models import User
from customers.models import Consent
from outreach.day import candidates
from outreach.models import Draft, Message
from outreach.models.message import State
from tests.factories import (
    NOON,
    AdminFactory,
    ManagerFactory,
    MessageFactory,
    QuietPeriodFactory,
    ReplyFactory,
    ServiceCaseFactory,
    UserFactory,
)
from tests.outreach.scenes import lapsed_client, suggested
from tests.outreach.views.page import Element, form_values, read

DAY_QUERIES = 8
SEND_QUERIES = 20  # two for the pace; two the savepoint inside the transaction of a test
HTMX = {"HTTP_HX_REQUEST": "true"}


def card_of(page: Element, customer_id: str) -> Element:
    return page.one("article", data_client=customer_id)


def labels(card: Element) -> list[str]:
    """What the button says for a text and for an email; the style sheet shows one of them."""
    label = card.one("button", data_action="send").one("span", class_="label")
    return [part.text for part in label.children]


def tap_send(shop: Client, card: Element, **changes: str):  # type: ignore[no-untyped-def]
    form = card.one("form", class_="note")
    return shop.post(form["action"], {**form_values(form), **changes}, **HTMX)


def test_day_names_her_own_hour_where_it_is_another(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1", city="San Francisco")

    card = card_of(read(shop.get("/")), "C-1")

    assert "12:00 in Chicago (10:00 for Amanda), fine to text" in card.text


def test_day_shows_a_lapsed_client_with_three_items_and_a_note(
    shop: Client, associate: User
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1", usual_gap_days=41)

    page = read(shop.get("/"))

    card = card_of(page, "C-1")
    styles = list(
        Product.objects.filter(suggestions__customer=amanda)
        .order_by("suggestions__rank")
        .values_list("style", flat=True)
    )
    assert [item["data-product"] for item in card.all(data_product=None)] == styles
    assert card.one("p", class_="lapse").text == "103 days · usually every 41"
    assert card.one("h2").one("a")["href"] == "/clients/C-1/"
    assert card.one("textarea", data_note=None).text.startswith("Hi Amanda, it's Maya at")
    assert labels(card) == ["Text Amanda", "Email Amanda"]


def test_day_says_stock_in_her_size(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")

    page = read(shop.get("/"))

    prices = [each.text for each in card_of(page, "C-1").all("p", class_="price")]
    assert prices == ["$265 · 3 left in 38"] * 3


def test_day_puts_an_understudy_in_the_place_of_what_sold_out(
    shop: Client, associate: User
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    understudy = suggested(amanda, 4).product
    StockLevel.objects.filter(variant__product__suggestions__rank=1).update(quantity=0)

    page = read(shop.get("/"))

    shown = [item["data-product"] for item in card_of(page, "C-1").all(data_product=None)]
    assert shown[-1] == understudy.style
    assert len(shown) == 3


def test_day_holds_back_a_client_with_an_open_complaint(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ServiceCaseFactory(customer=amanda)

    page = read(shop.get("/"))

    held = page.one("article", data_client="C-1")
    assert held["data-blocked"] == "open-complaint"
    assert held.all("button", data_action="send") == []
    assert held.all("li", data_product=None) == []
    assert held.one("p").text == "A service case (A heel broke) has been open for 5 days."
    assert held.one("a", class_="btn quiet").text == "Call about it"
    assert held.one("button", data_action="happy").text == "Done, Amanda is happy"


def test_day_counts_and_names_those_who_rest(shop: Client, associate: User) -> None:
    quiet = lapsed_client(associate, customer_id="C-1")
    Consent.objects.filter(customer=quiet).delete()
    lapsed_client(associate, customer_id="C-2")

    page = read(shop.get("/"))

    assert page.one("details", class_="fold").one("summary").text == "1 other is resting; see why"
    assert page.one("li", data_client="C-1")["data-blocked"] == "no-consent"


def test_day_writes_no_more_cards_than_the_store_wants(shop: Client, associate: User) -> None:
    associate.store.cards_per_day = 2
    associate.store.save()
    for number in range(3):
        lapsed_client(associate, customer_id=f"C-{number}")

    page = read(shop.get("/"))

    assert len(page.all("button", data_action="send")) == 2
    assert page.one("details", class_="fold").one("summary").text == "1 other is resting; see why"


def test_day_looks_on_until_it_is_full(
    shop: Client, associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that no glance sees speaks against the best of a book; the next ones take over."""
    monkeypatch.setattr(candidates, "SPARE", 0)
    monkeypatch.setattr("outreach.day.cards.RESERVE", 0)
    associate.store.cards_per_day = 1
    associate.store.save()
    for number in range(4):
        her = lapsed_client(associate, customer_id=f"C-{number}", visit_count=9 - number)
        if number < 3:
            QuietPeriodFactory(customer=her)

    page = read(shop.get("/"))

    cards = page.all("article", class_="client")
    assert [each["data-client"] for each in cards] == ["C-3"]
    assert page.one("details", class_="fold").one("summary").text == "3 others are resting; see why"
    named = page.one("ul", class_="resting").all("li")
    assert [each["data-blocked"] for each in named] == ["do-not-disturb"] * 3


def test_day_counts_those_beyond_the_clients_it_looks_at(
    shop: Client, associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "LOOKED_AT", 2)
    silent = lapsed_client(associate, customer_id="C-silent", visit_count=9)
    Consent.objects.filter(customer=silent).delete()
    for number in range(3):
        lapsed_client(associate, customer_id=f"C-{number}", visit_count=number + 1)

    page = read(shop.get("/"))

    assert {card["data-client"] for card in page.all("article", class_="client")} == {"C-1", "C-2"}
    assert page.one("details", class_="fold").one("summary").text == "2 others are resting; see why"


def test_day_leaves_out_a_client_who_came_on_the_last_of_ninety_days(
    shop: Client, associate: User
) -> None:
    lapsed_client(associate, customer_id="C-89", days=89)
    lapsed_client(associate, customer_id="C-90", days=90)

    page = read(shop.get("/"))

    assert [card["data-client"] for card in page.all("article", class_="client")] == ["C-90"]


def test_day_counts_what_was_sent_and_who_waits(shop: Client, associate: User) -> None:
    written = lapsed_client(associate, customer_id="C-1")
    MessageFactory(
        customer=written, sender=associate, state="delivered", sent_at=NOON, delivered_at=NOON
    )
    ReplyFactory(customer=written)
    lapsed_client(associate, customer_id="C-2")

    page = read(shop.get("/"))

    stitches = page.one(class_="stitches")
    assert stitches.one("p").text == "2 for today, 1 done, 1 reply waiting"
    strip = page.one("article", data_client="C-1")
    assert strip.one("p").text == "Delivered 12:00"


def test_day_asks_as_many_questions_for_one_card_as_for_many(shop: Client, associate: User) -> None:
    associate.store.cards_per_day = 24
    associate.store.save()

    lapsed_client(associate)
    with CaptureQueriesContext(connection) as for_one:
        shop.get("/")
    for _ in range(23):
        lapsed_client(associate)
    with CaptureQueriesContext(connection) as for_many:
        page = read(shop.get("/"))

    assert len(page.all("button", data_action="send")) == 24
    assert len(for_many) == len(for_one) == DAY_QUERIES


def test_day_is_kind_when_nobody_is_due(shop: Client) -> None:
    page = read(shop.get("/"))

    assert page.one(class_="empty").one("h2").text == "Nobody to write to today"


def test_day_sends_managers_and_admins_to_their_own_first_page(client: Client, db: None) -> None:
    client.force_login(ManagerFactory())
    assert client.get("/")["Location"] == reverse("reports")

    client.force_login(AdminFactory())
    assert client.get("/")["Location"] == reverse("admin:index")


def test_send_queues_the_note_and_answers_with_a_strip(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    card = card_of(read(shop.get("/")), "C-1")

    answer = read(tap_send(shop, card, body="Hi Amanda, do come by."))

    message = Message.objects.get()
    assert message.state == State.QUEUED
    assert message.body.startswith("Hi Amanda, do come by.\nhttp")
    assert [item.because for item in message.lookbook.items.all()] == [
        "6 clients of similar taste bought it in two weeks"
    ] * 3
    strip = answer.one("article")
    assert strip["id"] == card["id"]
    assert strip["data-undo-seconds"] == "8"
    assert strip["hx-trigger"] == "load delay:9s"
    assert strip.one("button", data_action="undo").text == "Undo u"
    assert strip["data-say"] == (
        f"Text to {message.customer} is on its way. Press U to take it back."
    )


def test_send_asks_a_constant_number_of_questions(
    shop: Client, associate: User, django_assert_num_queries
) -> None:
    for number in range(2):
        lapsed_client(associate, customer_id=f"C-{number}")
    card = card_of(read(shop.get("/")), "C-1")

    with django_assert_num_queries(SEND_QUERIES):
        tap_send(shop, card)

    assert Message.objects.get().customer.customer_id == "C-1"


def test_send_twice_with_one_form_makes_one_message(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    card = card_of(read(shop.get("/")), "C-1")

    tap_send(shop, card)
    second = read(tap_send(shop, card))

    assert Message.objects.count() == 1
    assert second.one("button", data_action="undo")["type"] == "submit"


def test_send_by_email_carries_the_subject(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1", preferred_channel="email")
    card = card_of(read(shop.get("/")), "C-1")

    tap_send(shop, card)

    message = Message.objects.get()
    assert message.channel == "email"
    assert message.subject == form_values(card.one("form", class_="note"))["subject"] != ""


def test_send_refuses_a_changed_price_and_keeps_the_words(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    card = card_of(read(shop.get("/")), "C-1")
    Product.objects.filter(suggestions__rank=1).update(price=Decimal("300.00"))

    answer = read(tap_send(shop, card, body="My own words."))

    assert Message.objects.count() == 0
    assert "the price changed from 265.00 to 300.00" in answer.one(role="alert").text
    assert answer.one("textarea").text == "My own words."


def test_send_refuses_a_sold_out_item_and_shows_its_understudy(
    shop: Client, associate: User
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    understudy = suggested(amanda, 4).product
    card = card_of(read(shop.get("/")), "C-1")
    StockLevel.objects.filter(variant__product__suggestions__rank=2).update(quantity=0)

    answer = read(tap_send(shop, card))

    assert Message.objects.count() == 0
    assert answer.one(role="alert").text.endswith("None left here in size 38.")
    shown = [item["data-product"] for item in answer.all(data_product=None)]
    assert understudy.style in shown


def test_send_says_when_the_note_has_no_words(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    card = card_of(read(shop.get("/")), "C-1")

    answer = read(tap_send(shop, card, body="  "))

    assert Message.objects.count() == 0
    assert answer.one("p", class_="wrong").text == "The note has no words."


def test_send_refuses_a_client_who_said_stop_since(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    card = card_of(read(shop.get("/")), "C-1")
    Consent.objects.filter(customer=amanda).update(state="opted_out")

    answer = read(tap_send(shop, card, body="Still here."))

    assert Message.objects.count() == 0
    assert answer.one("article")["data-blocked"] == "opted-out"
    assert answer.all("button", data_action="send") == []
    assert answer.one("textarea").text == "Still here."


def test_send_without_a_script_goes_back_to_its_strip_on_the_day(
    shop: Client, associate: User
) -> None:
    client = lapsed_client(associate, customer_id="C-1")
    form = card_of(read(shop.get("/")), "C-1").one("form", class_="note")

    response = shop.post(form["action"], form_values(form))

    assert response["Location"] == f"/#client-card-{client.pk}"
    assert Message.objects.get().state == State.QUEUED


def test_send_without_a_script_shows_the_refusal_on_the_client_page(
    shop: Client, associate: User
) -> None:
    lapsed_client(associate, customer_id="C-1")
    form = card_of(read(shop.get("/")), "C-1").one("form", class_="note")

    page = read(shop.post(form["action"], {**form_values(form), "body": ""}))

    assert page.one("p", class_="wrong").text == "The note has no words."
    assert page.one("h1").text.startswith("Amanda")


def test_send_waits_for_the_morning_at_night(shop: Client, associate: User, later) -> None:
    lapsed_client(associate, customer_id="C-1")
    later(NOON + timedelta(hours=10))

    page = read(shop.get("/"))

    card = card_of(page, "C-1")
    assert labels(card) == ["Send tomorrow 9:00", "Send tomorrow 8:00"]
    answer = read(tap_send(shop, card))
    assert answer.one("p").text == "Text leaves tomorrow 9:00."


def test_take_back_brings_the_card_back_with_the_words_kept(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    card = card_of(read(shop.get("/")), "C-1")
    strip = read(tap_send(shop, card, body="Hi Amanda, do come by."))

    answer = read(shop.post(strip.one("form")["action"], {"page": "day"}, **HTMX))

    assert Message.objects.get().state == State.CANCELED
    assert answer.one("article")["data-say"] == "Taken back. Nothing was sent."
    assert answer.one("textarea").text == "Hi Amanda, do come by."
    assert answer.one("button", data_action="send")["type"] == "submit"


@pytest.mark.parametrize(("words", "is_kept"), [("Hi Amanda, do come by.", True), ("", False)])
def test_own_words_taken_back_are_there_when_the_day_is_opened_anew(
    shop: Client, associate: User, words: str, is_kept: bool
) -> None:
    """What was drafted for her is drafted anew instead."""
    lapsed_client(associate, customer_id="C-1")
    card = card_of(read(shop.get("/")), "C-1")
    drafted = card.one("textarea").text
    strip = read(tap_send(shop, card, **({"body": words} if words else {})))

    shop.post(strip.one("form")["action"], {"page": "day"}, **HTMX)

    assert card_of(read(shop.get("/")), "C-1").one("textarea").text == (words or drafted)
    assert Draft.objects.exists() is is_kept


def test_take_back_keeps_the_words_of_an_email_without_the_list_below_them(
    shop: Client, associate: User
) -> None:
    lapsed_client(associate, customer_id="C-1", preferred_channel="email")
    card = card_of(read(shop.get("/")), "C-1")
    strip = read(tap_send(shop, card, body="Dear Amanda,\n\nDo come by."))

    answer = read(shop.post(strip.one("form")["action"], {"page": "day"}, **HTMX))

    assert form_values(answer.one("form", class_="note"))["body"] == "Dear Amanda,\n\nDo come by."


def test_take_back_is_too_late_once_it_has_left(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    message = MessageFactory(customer=amanda, sender=associate, state="sent", sent_at=NOON)

    answer = read(shop.post(reverse("take-back", args=[message.pk]), **HTMX))

    assert answer.one("p").text == "Sent 12:00; no receipt yet."
    message.refresh_from_db()
    assert message.state == State.SENT


def test_strip_stops_asking_once_the_note_has_arrived(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    message = MessageFactory(
        customer=amanda, sender=associate, state="delivered", sent_at=NOON, delivered_at=NOON
    )

    strip = read(shop.get(reverse("message-strip", args=[message.pk]), **HTMX)).one("article")

    assert "hx-get" not in strip.attributes
    assert strip.one("a", class_="btn plain")["href"] == "/clients/C-1/thread/"


def test_strip_of_a_colleague_is_not_found(shop: Client, associate: User) -> None:
    colleague = UserFactory(store=associate.store)
    message = MessageFactory(customer=lapsed_client(colleague), sender=colleague)

    assert shop.get(reverse("message-strip", args=[message.pk])).status_code == 404
    assert shop.post(reverse("take-back", args=[message.pk])).status_code == 404


def test_send_to_a_client_of_another_store_is_not_found(shop: Client, db: None) -> None:
    stranger = lapsed_client(UserFactory())

    assert shop.post(reverse("send", args=[stranger.customer_id])).status_code == 404
