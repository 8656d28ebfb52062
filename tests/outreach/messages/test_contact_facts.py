from datetime import UTC, date, datetime, time, timedelta

import pytest

from clienteling.models import User
from customers import consent
from customers.models import Customer
from outreach.messages.channel_choice import Answered, Habit
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import Contact, decide
from outreach.messages.holdout import is_held_out
from outreach.models import AnsweringPeers, Reply, StateHours
from tests.factories import (
    CustomerFactory,
    MarketingSendFactory,
    MessageFactory,
    QuietPeriodFactory,
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
        of_one = contact_facts([customer], associate=associate, now=now)
    with django_assert_num_queries(1):
        of_three = contact_facts([customer, *others], associate=associate, now=now)

    assert set(of_one) == {customer.pk}
    assert set(of_three) == {customer.pk, *(each.pk for each in others)}


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


def opening(
    customer: Customer, associate: User, at: datetime, channel: str = "sms"
) -> datetime | None:
    found = contact_facts([customer], associate=associate, now=at)[customer.pk]
    window = found.channels[channel].window
    return window.next_opening(at) if window else None


def utc(hour: int, minute: int = 0, *, day: int = 15) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


def test_contact_facts_takes_the_hours_of_her_own_city() -> None:
    associate, customer = associate_with_client(city="Los Angeles")

    assert opening(customer, associate, utc(15)) == utc(16)  # nine in Los Angeles, eleven here
    assert opening(customer, associate, utc(15), "email") == utc(15)
    assert opening(customer, associate, utc(14), "email") == utc(15)


def test_contact_facts_takes_the_hours_of_another_store_in_her_city() -> None:
    StoreFactory(city="Cascais", region="", timezone="Europe/Lisbon")
    associate, customer = associate_with_client(city="cascais", phone="+351912345678")

    assert opening(customer, associate, utc(18, 59)) == utc(18, 59)
    assert opening(customer, associate, utc(19)) == utc(8, day=16)  # eight in the evening there


def test_contact_facts_takes_the_strictest_hours_where_her_place_is_unknown() -> None:
    associate, customer = associate_with_client(city="Nowhereville", phone="+13105550142")

    found = contact_facts([customer], associate=associate, now=utc(15))[customer.pk]

    assert found.zones == ("America/Chicago", "America/Los_Angeles")
    assert opening(customer, associate, utc(15)) == utc(16)  # nine in Los Angeles
    assert opening(customer, associate, utc(1, day=16)) == utc(16, day=16)  # after eight in Chicago


def test_contact_facts_reads_the_table_of_stricter_states() -> None:
    associate, customer = associate_with_client(city="Miami")
    associate.store.text_closes = time(21)
    associate.store.save()
    rule = {"days": "0123456", "defaults": {"opens": time(8), "closes": time(20)}}
    said = {"source": "the statute", "checked_on": date(2026, 6, 1)}
    rule["defaults"] |= said
    florida, _ = StateHours.objects.get_or_create(region="FL", **rule)

    as_seeded = opening(customer, associate, utc(0, day=16))  # eight in the evening
    florida.closes = time(19)
    florida.save()
    as_edited = opening(customer, associate, utc(23, 30))  # half past seven
    StateHours.objects.all().delete()
    without = opening(customer, associate, utc(0, 59, day=16))

    assert as_seeded == as_edited == utc(13, day=16)
    assert without == utc(0, 59, day=16)


def test_contact_facts_counts_the_mailings_of_other_systems(now: datetime) -> None:
    associate, customer = associate_with_client()
    MessageFactory(
        customer=customer, sender=associate, state="sent", sent_at=now - timedelta(days=20)
    )
    MarketingSendFactory(customer=customer, sent_at=now - timedelta(days=3), campaign="Spring")
    MarketingSendFactory(customer=customer, sent_at=now - timedelta(days=60))

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert found.contacts == (
        Contact(date(2026, 6, 12), "Marketing (Spring)"),
        Contact(date(2026, 5, 26), "You"),
    )
    assert decide(found, now=now).blockers[0].sentence == (
        "Marketing (Spring) wrote on 12 June; next from 10 July."
    )


def test_contact_facts_knows_her_quiet_days(now: datetime) -> None:
    associate, customer = associate_with_client()
    QuietPeriodFactory(customer=customer, reason="A birth")
    QuietPeriodFactory(customer=customer, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 9))

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert [(each.ends_on, each.reason) for each in found.quiet_days] == [
        (date(2026, 6, 25), "A birth")
    ]


def test_contact_facts_counts_notes_since_her_last_answer_or_visit(now: datetime) -> None:
    associate, customer = associate_with_client(last_purchase_at=now - timedelta(days=380))
    for days in (400, 300, 200, 100):
        at = now - timedelta(days=days)
        MessageFactory(customer=customer, state="sent", sent_at=at, queued_at=at)

    found = contact_facts([customer], associate=associate, now=now)[customer.pk]

    assert (found.silent_notes, found.last_note_on) == (3, date(2026, 3, 7))


def test_contact_facts_holds_out_the_share_her_store_has_set(now: datetime) -> None:
    associate, customer = associate_with_client()
    others = [
        client_of(associate, phone=f"+13125550{number}", mailbox=f"c{number}@example.com")
        for number in range(200, 220)
    ]
    associate.store.holdout_percent = 50
    associate.store.save()

    found = contact_facts([customer, *others], associate=associate, now=now)

    drawn = {each.pk for each in others if is_held_out(each.pk, percent=50)}
    assert {each.pk for each in others if found[each.pk].is_held_out} == drawn != set()
