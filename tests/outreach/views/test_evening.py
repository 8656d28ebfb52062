"""The evening: what the day brought, and which words to keep."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from clienteling.models import User
from customers.models import Customer
from outreach import erasure
from outreach.models import KeptNote, Message, PageGesture, WritingStyle
from tests.factories import (
    NOON,
    LookbookFactory,
    LookbookItemFactory,
    MessageFactory,
    ProductFactory,
    ReplyFactory,
    UserFactory,
)
from tests.outreach.scenes import bought, lapsed_client
from tests.outreach.views.page import read

HTMX = {"HTTP_HX_REQUEST": "true"}
SIX = NOON.replace(hour=23)  # 18:00 in Chicago
BODY = (
    "Hi Amanda, it's Maya at {store}. I thought of the Linden flat you chose in March. "
    "I picked the Marlow loafer in cognac for you."
)
PHRASE = (
    "Hi {first_name}, it's {associate} at {store}. I thought of the {purchase} you chose in "
    "{month}. I picked {items} for you."
)


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", last_name="Reyes")


@pytest.fixture
def note(amanda: Customer, associate: User) -> Message:
    """Sent three days ago, with one item."""
    book = LookbookFactory(customer=amanda, associate=associate)
    LookbookItemFactory(lookbook=book, product=ProductFactory(name="Marlow loafer"))
    at = NOON - timedelta(days=3)
    assert associate.store is not None
    return MessageFactory(
        customer=amanda,
        sender=associate,
        lookbook=book,
        state="delivered",
        body=BODY.format(store=associate.store.name),
        created_at=at,
        queued_at=at,
        sent_at=at,
        delivered_at=at,
    )


def lines(shop: Client, heading: str) -> list[str]:
    section = read(shop.get("/evening/")).one("section", aria_label=heading)
    return [each.text for each in section.all("li")]


def test_today_leads_there_from_six_on(shop: Client, amanda: Customer, later: Any) -> None:
    before = read(shop.get("/")).all("a", href="/evening/")
    later(SIX - timedelta(minutes=1))
    just_before = read(shop.get("/")).all("a", href="/evening/")
    later(SIX)

    assert (before, just_before) == ([], [])
    assert len(read(shop.get("/")).all("a", href="/evening/")) == 1


def test_quiet_day_says_so(shop: Client, amanda: Customer) -> None:
    page = read(shop.get("/evening/"))

    assert "A quiet day" in page.text
    assert page.one("h1").text == "Your day so far"


def test_who_answered_looked_and_bought_is_named(
    shop: Client, amanda: Customer, note: Message
) -> None:
    ReplyFactory(customer=amanda, message=note, body="Yes please!", received_at=NOON)
    PageGesture.objects.create(lookbook=note.lookbook, kind="love_it", at=NOON)
    bought(amanda, at=NOON - timedelta(minutes=5), name="Alder tote")

    assert lines(shop, "Answered") == ["Amanda ReyesYes please!12:00, waits for an answer"]
    assert lines(shop, "Looked") == ["Amanda ReyesLoves 1 piece.12:00"]
    assert lines(shop, "Bought") == ["Amanda ReyesAlder toteafter your note of Friday"]


def test_what_was_yesterday_or_is_a_colleagues_is_not_of_today(
    shop: Client, amanda: Customer, note: Message, associate: User
) -> None:
    yesterday = NOON - timedelta(days=1)
    colleagues = lapsed_client(UserFactory(store=associate.store), customer_id="C-2")
    ReplyFactory(customer=amanda, message=note, received_at=yesterday)
    ReplyFactory(customer=colleagues, received_at=NOON)
    bought(amanda, at=yesterday)
    bought(colleagues, at=NOON)

    assert [lines(shop, each) for each in ("Answered", "Looked", "Bought")] == [[], [], []]


def test_stop_is_no_answer(shop: Client, amanda: Customer, note: Message) -> None:
    ReplyFactory(customer=amanda, message=note, kind="stop", body="STOP", received_at=NOON)

    assert lines(shop, "Answered") == []


def offered(shop: Client) -> list[str]:
    page = read(shop.get("/evening/"))
    return [each["action"] for each in page.all("form", action=None) if "/keep/" in each["action"]]


def answered(note: Message) -> None:
    ReplyFactory(customer=note.customer, message=note, received_at=NOON)


def test_note_that_was_answered_is_offered_without_its_client(shop: Client, note: Message) -> None:
    answered(note)

    section = read(shop.get("/evening/")).one("section", aria_labelledby="keep")
    paper = section.one(class_="paper")
    assert [mark.text for mark in paper.all("mark")] == [
        "first name",
        "associate",
        "store",
        "purchase",
        "month",
        "items",
    ]
    assert not {"Amanda", "Linden", "March", "Marlow"} & set(paper.text.split())


def test_note_that_was_followed_by_a_purchase_is_offered(shop: Client, note: Message) -> None:
    bought(note.customer, at=NOON - timedelta(days=1))

    assert offered(shop) == [f"/evening/keep/{note.pk}/"]


@pytest.mark.parametrize("days", [-10, 15])
def test_purchase_before_or_long_after_is_none_it_brought(
    shop: Client, note: Message, days: int, later: Any
) -> None:
    later(NOON + timedelta(days=20))
    bought(note.customer, at=NOON - timedelta(days=3) + timedelta(days=days))

    assert offered(shop) == []


def test_note_of_which_nothing_came_is_not_offered(shop: Client, note: Message) -> None:
    assert offered(shop) == []


def test_one_tap_keeps_it_and_asks_no_more(shop: Client, note: Message, associate: User) -> None:
    answered(note)

    part = read(shop.post(f"/evening/keep/{note.pk}/", {"answer": "keep"}, **HTMX))

    kept = KeptNote.objects.get()
    assert (kept.associate, kept.body, kept.state) == (associate, PHRASE, "kept")
    assert (kept.step, kept.channel) == ("offer", "sms")
    assert part.one(id="words-to-keep")["data-say"].startswith("Kept.")
    assert "answered 1 of 1" in part.one("section", aria_labelledby="kept").text
    assert offered(shop) == []


def test_second_tap_keeps_nothing_more(shop: Client, note: Message) -> None:
    answered(note)
    shop.post(f"/evening/keep/{note.pk}/", {"answer": "keep"})
    shop.post(f"/evening/keep/{note.pk}/", {"answer": "decline"})

    assert list(KeptNote.objects.values_list("state", flat=True)) == ["kept"]


def test_no_thanks_is_not_asked_again(shop: Client, note: Message) -> None:
    answered(note)

    shop.post(f"/evening/keep/{note.pk}/", {"answer": "decline"})

    assert (KeptNote.objects.get().body, offered(shop)) == ("", [])


def test_note_of_a_colleague_or_one_that_did_not_work_cannot_be_kept(
    shop: Client, note: Message
) -> None:
    of_a_colleague = MessageFactory(state="delivered", sent_at=NOON, delivered_at=NOON)
    ReplyFactory(customer=of_a_colleague.customer, message=of_a_colleague)

    for number in (note.pk, of_a_colleague.pk):
        answer = shop.post(f"/evening/keep/{number}/", {"answer": "keep"})
        assert answer.status_code == 404
    assert KeptNote.objects.count() == 0


def test_phrase_is_dropped_by_her_alone(shop: Client, note: Message, associate: User) -> None:
    answered(note)
    shop.post(f"/evening/keep/{note.pk}/", {"answer": "keep"})
    number = KeptNote.objects.get().pk
    stranger = Client()
    stranger.force_login(UserFactory(store=associate.store))

    assert stranger.post(f"/evening/phrases/{number}/drop/").status_code == 404
    assert shop.post(f"/evening/phrases/{number}/drop/").status_code == 302
    assert KeptNote.objects.get().state == "dropped"


def test_phrases_stand_in_the_order_in_which_they_proved_themselves(
    shop: Client, associate: User
) -> None:
    for body, worked, sent in (("One of one {items}", 1, 1), ("Four of five {items}", 4, 5)):
        notes = [
            MessageFactory(
                customer=lapsed_client(associate),
                sender=associate,
                state="delivered",
                sent_at=NOON - timedelta(days=9),
                delivered_at=NOON - timedelta(days=9),
            )
            for _ in range(sent)
        ]
        for each in notes[:worked]:
            ReplyFactory(customer=each.customer, message=each)
        phrase = KeptNote.objects.create(
            associate=associate,
            made_from=notes[0],
            step="offer",
            channel="sms",
            body=body,
            state=KeptNote.State.KEPT,
            decided_at=NOON,
        )
        Message.objects.filter(pk__in=[each.pk for each in notes[1:]]).update(kept_note=phrase)

    section = read(shop.get("/evening/")).one("section", aria_labelledby="kept")

    assert [each.text for each in section.all(class_="paper")] == [
        "Four of five items",
        "One of one items",
    ]
    assert "answered 4 of 5; of ten more, 3 to 8 are likely to work" in section.text


def test_style_is_hers_and_the_mail_is_asked_for(shop: Client, associate: User) -> None:
    shop.post("/evening/style/", {"tone": "brief", "wants_evening_mail": "yes"})

    style = WritingStyle.objects.get()
    assert (style.associate, style.tone, style.wants_evening_mail) == (associate, "brief", True)


def test_mail_cannot_be_asked_for_where_none_can_be_sent(shop: Client, amanda: Customer) -> None:
    box = read(shop.get("/evening/")).one("input", name="wants_evening_mail")

    assert "disabled" in box.attributes


def test_erasing_a_client_empties_the_phrases_of_her_notes(shop: Client, note: Message) -> None:
    answered(note)
    shop.post(f"/evening/keep/{note.pk}/", {"answer": "keep"})

    erasure.erase(note.customer, by="test", now=NOON)

    kept = KeptNote.objects.get()
    assert (kept.body, kept.state) == ("", "dropped")
    assert offered(shop) == []


@pytest.mark.parametrize("clients", [1, 3])
def test_evening_asks_as_often_for_one_client_as_for_three(
    shop: Client, associate: User, clients: int, django_assert_num_queries: Any
) -> None:
    for number in range(clients):
        customer = lapsed_client(associate, customer_id=f"C-{number}")
        book = LookbookFactory(customer=customer, associate=associate)
        LookbookItemFactory(lookbook=book)
        sent: dict[str, datetime] = dict.fromkeys(("sent_at", "delivered_at"), NOON)
        made = MessageFactory(
            customer=customer, sender=associate, lookbook=book, state="delivered", **sent
        )
        ReplyFactory(customer=customer, message=made)
        PageGesture.objects.create(lookbook=book, kind="looked", at=NOON)
        bought(customer, at=NOON)

    with django_assert_num_queries(14):
        page = read(shop.get("/evening/"))

    answered_section = page.one("section", aria_label="Answered")
    assert len(answered_section.all("li")) == clients
