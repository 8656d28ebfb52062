from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clienteling.models import User
from customers import consent
from customers.models import ConsentEvent
from outreach.messages import shifts
from outreach.models import Message, QuietPeriod, Reply
from outreach.models.message import State
from tests.factories import NOON, MessageFactory, QuietPeriodFactory, ReplyFactory, UserFactory
from tests.outreach.messages.worlds import MAILBOX, PHONE, client_of
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import read

ASKED = "Please stop texting me"


def wish_form(shop: Client, customer_id: str = "C-1"):  # type: ignore[no-untyped-def]
    page = read(shop.get(reverse("thread", args=[customer_id])))
    return page.all("form", class_="compose wish")


def answer(shop: Client, said: str, up_to: int, customer_id: str = "C-1"):  # type: ignore[no-untyped-def]
    return shop.post(
        reverse("stop-wish", args=[customer_id]), {"answer": said, "up_to": up_to}, follow=True
    )


# --- Words that may be a stop ---------------------------------------------------------------------
def test_thread_asks_what_she_meant(shop: Client, associate: User) -> None:
    customer = client_of(associate, customer_id="C-1")
    ReplyFactory(customer=customer, body=ASKED)

    [form] = wish_form(shop)

    assert "Did Amanda ask us to stop?" in form.text
    assert ASKED in form.text
    assert [button.text for button in form.all("button")] == ["Yes, no more texts", "No, carry on"]


def test_yes_stops_the_address_for_everybody_who_shares_it(shop: Client, associate: User) -> None:
    customer = client_of(associate, customer_id="C-1")
    husband = client_of(associate, customer_id="C-2", mailbox="his@example.com")
    reply = ReplyFactory(customer=customer, body=ASKED)
    waiting = MessageFactory(customer=husband, sender=associate)

    answer(shop, "stop", reply.pk)

    reply.refresh_from_db()
    waiting.refresh_from_db()
    event = ConsentEvent.objects.get(customer=customer)
    assert consent.is_suppressed(PHONE, "sms")
    assert not consent.is_suppressed(MAILBOX, "email")
    assert not consent.may_receive(husband, "sms")
    assert (event.state, event.source, event.recorded_by) == (
        "opted_out",
        "In her own words",
        associate,
    )
    assert event.evidence == {"reply": reply.pk}
    assert (reply.read_as, reply.read_by, reply.read_at, reply.handled_at) == (
        "stop",
        associate,
        NOON,
        NOON,
    )
    assert waiting.state == State.CANCELED
    assert wish_form(shop) == []


def test_no_lifts_the_hold_and_leaves_her_words_waiting(shop: Client, associate: User) -> None:
    customer = lapsed_client(associate, customer_id="C-1")
    reply = ReplyFactory(customer=customer, body="Don't text me the boots, email them!")
    held = read(shop.get("/")).all(data_blocked="may-have-asked-to-stop")

    answer(shop, "go_on", reply.pk)

    reply.refresh_from_db()
    assert len(held) == 1
    assert read(shop.get("/")).all(data_blocked="may-have-asked-to-stop") == []
    assert (reply.read_as, reply.handled_at) == ("go_on", None)
    assert not ConsentEvent.objects.exists()
    assert wish_form(shop) == []


def test_what_came_after_the_page_was_drawn_is_not_decided_with_it(
    shop: Client, associate: User
) -> None:
    customer = client_of(associate, customer_id="C-1")
    shown = ReplyFactory(customer=customer, body="don't text me before ten")
    ReplyFactory(customer=customer, body="I said: leave me alone")

    answer(shop, "go_on", shown.pk)

    [form] = wish_form(shop)
    assert "leave me alone" in form.text


def test_a_repeated_tap_changes_nothing(shop: Client, associate: User) -> None:
    customer = client_of(associate, customer_id="C-1")
    reply = ReplyFactory(customer=customer, body=ASKED)

    answer(shop, "stop", reply.pk)
    answer(shop, "go_on", reply.pk)

    assert ConsentEvent.objects.count() == 1
    assert Reply.objects.get().read_as == "stop"


def test_inbox_does_not_put_such_words_away_unread(shop: Client, associate: User) -> None:
    customer = client_of(associate, customer_id="C-1")
    ReplyFactory(customer=customer, body=ASKED)

    page = read(shop.get(reverse("inbox")))

    assert "may be asking us to stop" in page.text
    assert page.all("button", data_action="handled") == []


def test_only_who_looks_after_her_may_say_what_she_meant(shop: Client, associate: User) -> None:
    colleague = UserFactory(store=associate.store)
    customer = client_of(colleague, customer_id="C-1")
    reply = ReplyFactory(customer=customer, body=ASKED)

    assert wish_form(shop) == []
    assert answer(shop, "stop", reply.pk).status_code == 404
    assert answer(shop, "nonsense", reply.pk).status_code == 404
    assert not ConsentEvent.objects.exists()


def test_a_colleague_who_covers_for_her_may_say_it_too(shop: Client, associate: User) -> None:
    colleague = UserFactory(store=associate.store)
    customer = client_of(colleague, customer_id="C-1")
    reply = ReplyFactory(customer=customer, body=ASKED)
    shifts.go_off(colleague, by=colleague, until=None, now=NOON)

    asked = wish_form(shop)
    answer(shop, "stop", reply.pk)

    assert len(asked) == 1
    assert consent.is_suppressed(PHONE, "sms")


def test_yes_to_a_mail_stops_both_the_mailboxes_it_is_about(shop: Client, associate: User) -> None:
    customer = client_of(associate, customer_id="C-1")
    note = MessageFactory(
        customer=customer,
        channel="email",
        to_address=MAILBOX,
        state="sent",
        intent_at=NOON,
        sent_at=NOON,
    )
    reply = ReplyFactory(
        customer=customer,
        message=note,
        channel="email",
        from_address="at.work@example.com",
        body="Please stop writing to me",
    )

    answer(shop, "stop", reply.pk)

    assert consent.is_suppressed(MAILBOX, "email")
    assert consent.is_suppressed("at.work@example.com", "email")


# --- Quiet days -----------------------------------------------------------------------------------
def add(shop: Client, starts_on: str, ends_on: str, customer_id: str = "C-1", **more: str):  # type: ignore[no-untyped-def]
    said = {"starts_on": starts_on, "ends_on": ends_on, "reason": "travelling", **more}
    return shop.post(reverse("quiet-days", args=[customer_id]), said, follow=True)


def test_quiet_days_block_her_card_and_stand_on_her_page(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")

    page = read(add(shop, "2026-06-15", "2026-06-20"))

    assert "15 June to 20 June: travelling" in page.text
    assert "Do not disturb up to 20 June: travelling." in page.text
    assert page.all("button", data_action="send") == []
    period = QuietPeriod.objects.get()
    assert (period.entered_by, period.entered_at) == (associate, NOON)


def test_quiet_days_stop_what_would_leave_on_them(shop: Client, associate: User) -> None:
    customer = client_of(associate, customer_id="C-1")
    meant = MessageFactory(customer=customer, send_after=NOON + timedelta(days=1))
    before = MessageFactory(customer=customer, send_after=NOON)
    answering = MessageFactory(
        customer=customer, send_after=NOON + timedelta(days=1), step="answer"
    )

    add(shop, "2026-06-16", "2026-06-20")

    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {meant.pk: "canceled", before.pk: "queued", answering.pk: "queued"}


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sentence"),
    [
        ("2026-06-20", "2026-06-19", "The last day lies before the first."),
        ("2026-06-01", "2026-06-14", "These days are over."),
        ("2026-06-15", "2029-06-15", "Two years are the most"),
        ("", "2026-06-20", "From which day?"),
    ],
)
def test_quiet_days_that_cannot_be_are_refused(
    shop: Client, associate: User, starts_on: str, ends_on: str, sentence: str
) -> None:
    client_of(associate, customer_id="C-1")

    page = read(add(shop, starts_on, ends_on))

    assert sentence in page.text
    assert not QuietPeriod.objects.exists()


@pytest.mark.parametrize(
    ("starts_on", "left"),
    [(date(2026, 6, 10), [date(2026, 6, 14)]), (date(2026, 6, 15), []), (date(2026, 6, 18), [])],
)
def test_quiet_days_end_when_she_is_back(
    shop: Client, associate: User, starts_on: date, left: list[date]
) -> None:
    customer = client_of(associate, customer_id="C-1")
    period = QuietPeriodFactory(customer=customer, starts_on=starts_on)

    shop.post(reverse("end-quiet-days", args=["C-1", period.pk]))

    assert [each.ends_on for each in QuietPeriod.objects.all()] == left


def test_quiet_days_of_another_client_are_not_ended(shop: Client, associate: User) -> None:
    client_of(associate, customer_id="C-1")
    period = QuietPeriodFactory()

    response = shop.post(reverse("end-quiet-days", args=["C-1", period.pk]))

    assert response.status_code == 404
    assert QuietPeriod.objects.filter(pk=period.pk).exists()


def test_the_question_appears_in_an_open_conversation_once(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    htmx = {"HX-Request": "true"}
    before = read(shop.get("/clients/C-1/thread/", headers=htmx))
    reply = ReplyFactory(customer=amanda, body="Please don't text me any more")

    news = read(shop.get("/clients/C-1/thread/", headers=htmx))
    known = {"up_to": reply.pk}
    again = read(shop.get("/clients/C-1/thread/", known, headers=htmx))
    Reply.objects.update(read_as="go_on", read_by=associate, read_at=NOON)
    over = read(shop.get("/clients/C-1/thread/", known, headers=htmx))

    assert before.all(id="wish") == again.all(id="wish") == []
    assert news.one(id="wish").one("input", name="up_to")["value"] == str(reply.pk)
    assert over.one(id="wish").text == ""
