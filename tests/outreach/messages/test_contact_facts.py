from datetime import date, datetime, timedelta

import pytest

from customers import consent
from outreach.messages.channel_choice import Answered, Habit
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import Contact, decide
from outreach.models import AnsweringPeers, Reply
from tests.factories import (
    CustomerFactory,
    MessageFactory,
    ReplyFactory,
    ServiceCaseFactory,
    StoreFactory,
    UserFactory,
)
from tests.outreach.messages.worlds import PHONE, associate_with_client, client_of

pytestmark = pytest.mark.django_db


def test_contact_facts_asks_one_query_for_one_and_for_three(
    now: datetime, django_assert_num_queries
) -> None:
    associate, customer = associate_with_client()
    others = [
        client_of(associate, phone=f"+1312555020{number}", mailbox=f"c{number}@example.com")
        for number in range(2)
    ]
    for each in (customer, *others):
        MessageFactory(customer=each, sender=UserFactory(store=associate.store))
        ReplyFactory(customer=each)

    with django_assert_num_queries(1):
        contact_facts([customer], associate=associate, now=now)
    with django_assert_num_queries(1):
        contact_facts([customer, *others], associate=associate, now=now)


def test_contact_facts_tells_who_wrote_and_on_which_day_of_the_store(now: datetime) -> None:
    associate, customer = associate_with_client()
    colleague = UserFactory(store=associate.store, first_name="Daniel")
    late_evening = now.replace(hour=3) - timedelta(days=5)  # the evening before, in Chicago
    MessageFactory(
        customer=customer, sender=colleague, state="sent", sent_at=late_evening, intent_at=now
    )
    MessageFactory(customer=customer, sender=associate, queued_at=now)

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert found.contacts == (
        Contact(date(2026, 6, 15), "You"),
        Contact(date(2026, 6, 9), "Daniel"),
    )
    assert found.is_on_its_way


def test_contact_facts_counts_only_first_moves_that_may_have_reached_her(now: datetime) -> None:
    associate, customer = associate_with_client()
    for state, changes in (
        ("canceled", {}),
        ("failed", {}),
        ("needs_attention", {"intent_at": None}),
        ("sent", {"sent_at": now, "step": "answer"}),
        ("sent", {"sent_at": now - timedelta(days=47), "queued_at": now - timedelta(days=47)}),
    ):
        MessageFactory(customer=customer, state=state, **changes)

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert (found.contacts, found.is_on_its_way) == ((), False)


def test_contact_facts_leaves_out_the_message_it_is_asked_about(now: datetime) -> None:
    associate, customer = associate_with_client()
    message = MessageFactory(customer=customer, sender=associate)

    found = contact_facts([customer], associate=associate, now=now, apart_from=message.pk)

    assert decide(found[customer.pk], now=now).may_send


def test_contact_facts_knows_how_often_she_answered(now: datetime) -> None:
    associate, customer = associate_with_client()
    long_ago = now - timedelta(days=200)
    for answers in (2, 1, 0):
        message = MessageFactory(
            customer=customer, state="delivered", sent_at=long_ago, delivered_at=long_ago
        )
        for _ in range(answers):
            ReplyFactory(customer=customer, message=message, received_at=long_ago)
    ReplyFactory(customer=customer, message=message, kind=Reply.Kind.STOP, received_at=long_ago)

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert (found.channels["sms"].sent, found.channels["sms"].answered) == (3, 2)
    assert decide(found, now=now).because == "She answers texts: 2 of 3"


def test_contact_facts_waits_with_a_note_that_may_still_be_answered(now: datetime) -> None:
    associate, customer = associate_with_client()
    for days in (6, 7, 8):
        sent_at = now - timedelta(days=days)
        MessageFactory(customer=customer, state="sent", sent_at=sent_at)
    fresh = MessageFactory(customer=customer, state="sent", sent_at=now - timedelta(hours=1))
    ReplyFactory(customer=customer, message=fresh, received_at=now)

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    sms = found.channels["sms"]
    assert (sms.sent, sms.answered) == (4, 1)
    assert sms.habit == Habit(own=Answered(sent=3, answered=1))


def test_contact_facts_knows_how_the_others_answered(now: datetime) -> None:
    associate, customer = associate_with_client()
    AnsweringPeers.objects.create(
        customer=customer,
        alike_sms_sent=40,
        alike_sms_answered=4,
        alike_email_sent=30,
        alike_email_answered=9,
        store_sms_sent=400,
        store_sms_answered=60,
        store_email_sent=300,
        store_email_answered=70,
    )

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert found.channels["sms"].habit == Habit(
        alike=Answered(sent=40, answered=4), store=Answered(sent=400, answered=60)
    )
    assert decide(found, now=now).because == "Clients like her answer emails: 9 of 30"


def test_contact_facts_knows_the_default_of_her_store(now: datetime) -> None:
    associate, customer = associate_with_client()
    elsewhere = CustomerFactory(associate=associate, store=StoreFactory(default_channel="email"))

    found = contact_facts([customer, elsewhere], associate=associate, now=now)

    assert [found[each.pk].default_channel for each in (customer, elsewhere)] == ["sms", "email"]


def test_contact_facts_holds_her_while_her_words_may_be_a_stop(now: datetime) -> None:
    associate, customer = associate_with_client()
    reply = ReplyFactory(customer=customer, body="please stop texting me")

    held = contact_facts([customer], associate=associate, now=now)[customer.pk]
    reply.handled_at = now
    reply.save()
    read = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert (held.may_have_asked_to_stop, read.may_have_asked_to_stop) == (True, False)
    assert held.last_words_at == reply.received_at


def test_contact_facts_names_the_colleague_who_looks_after_her(now: datetime) -> None:
    associate, hers = associate_with_client()
    colleague = UserFactory(store=associate.store, first_name="Daniel")
    his = client_of(colleague, phone="+13125550188", mailbox="his@example.com")
    nobodys = client_of(
        associate, phone="+13125550189", mailbox="nobody@example.com", associate=None
    )

    found = contact_facts([hers, his, nobodys], associate=associate, now=now)

    assert [found[each.pk].claimed_by for each in (hers, his, nobodys)] == ["", "Daniel", ""]


def test_contact_facts_carries_consent_suppression_and_complaints(now: datetime) -> None:
    associate, customer = associate_with_client()
    consent.suppress(PHONE, "sms", reason="stop-word", at=now)
    consent.record(customer, "email", "opted_out", source="asked", at=now, now=now)
    ServiceCaseFactory(customer=customer)

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert [blocker.code for blocker in decide(found, now=now).blockers] == [
        "opted-out",
        "suppressed",
        "open-complaint",
    ]
