"""R35: words from an unknown number make no client and no consent; a manager says whose."""

from datetime import datetime, timedelta

import pytest

from customers.models import Consent, ConsentEvent, ContactPoint, Customer
from outreach.messages import inbound, unknown_senders
from outreach.messages.inbound import WordsEvent
from outreach.messages.unknown_senders import AlreadySettled, Kept, Sender
from outreach.models import Reply
from tests.factories import (
    ConsentFactory,
    ContactPointFactory,
    CustomerFactory,
    ManagerFactory,
    ReplyFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NUMBER = "+13125550177"


def sender(address: str = NUMBER, channel: str = "sms") -> Sender:
    reply = ReplyFactory(customer=None, from_address=address, channel=channel)
    return Sender(reply.pk, channel, address, (reply,))


def wrote(body: str, at: datetime) -> None:
    inbound.apply(WordsEvent("twilio", f"SM-{body}", "sms", NUMBER, body, at))


def test_waiting_gathers_all_words_of_a_sender_the_longest_waiting_first(now: datetime) -> None:
    late = ReplyFactory(customer=None, from_address="+13125550178", received_at=now)
    early = ReplyFactory(customer=None, from_address=NUMBER, received_at=now - timedelta(hours=2))
    again = ReplyFactory(customer=None, from_address=NUMBER, received_at=now - timedelta(hours=1))
    ReplyFactory()
    ReplyFactory(customer=None, kind="stop")
    ReplyFactory(customer=None, handled_at=now)

    found = unknown_senders.waiting(ManagerFactory())

    assert [(each.number, each.words) for each in found] == [
        (again.pk, (early, again)),
        (late.pk, (late,)),
    ]


def test_unknown_senders_are_for_managers(now: datetime) -> None:
    reply = ReplyFactory(customer=None)

    assert unknown_senders.waiting(UserFactory()) == []
    assert unknown_senders.sender_of(reply.pk, UserFactory()) is None


def test_words_of_an_unknown_number_make_no_client(now: datetime) -> None:
    wrote("Is the coat back?", now)

    assert Customer.objects.count() == 0
    assert [each.address for each in unknown_senders.waiting(ManagerFactory())] == [NUMBER]


def test_match_gives_her_the_words_and_the_number_and_no_consent(now: datetime) -> None:
    amanda, manager = CustomerFactory(), ManagerFactory()
    wrote("Is the coat back?", now)
    [stranger] = unknown_senders.waiting(manager)

    kept = unknown_senders.match(stranger, amanda, by=manager, now=now)

    assert kept == Kept.ADDED
    assert ContactPoint.objects.get(customer=amanda).address == NUMBER
    assert (Consent.objects.count(), ConsentEvent.objects.count()) == (0, 0)
    reply = Reply.objects.get()
    assert (reply.customer, reply.settled_by, reply.handled_at) == (amanda, manager, None)
    assert unknown_senders.waiting(manager) == []


def test_next_words_of_a_matched_sender_are_hers(now: datetime) -> None:
    amanda, manager = CustomerFactory(), ManagerFactory()
    wrote("Is the coat back?", now)
    unknown_senders.match(unknown_senders.waiting(manager)[0], amanda, by=manager, now=now)

    wrote("In blue?", now)

    assert list(Reply.objects.values_list("customer", flat=True)) == [amanda.pk] * 2


def test_match_never_replaces_an_address(now: datetime) -> None:
    amanda = CustomerFactory()
    ContactPointFactory(customer=amanda, channel="sms", address="+13125550100")

    kept = unknown_senders.match(sender(), amanda, by=ManagerFactory(), now=now)

    assert kept == Kept.HAS_ANOTHER
    assert ContactPoint.objects.get().address == "+13125550100"


def test_match_knows_an_address_that_came_meanwhile(now: datetime) -> None:
    amanda = CustomerFactory()
    ContactPointFactory(customer=amanda, channel="sms", address=NUMBER)

    assert unknown_senders.match(sender(), amanda, by=ManagerFactory(), now=now) == Kept.KNOWN


def test_match_does_not_make_an_old_yes_hold_for_a_new_number(now: datetime) -> None:
    amanda = CustomerFactory()
    ConsentFactory(customer=amanda, channel="sms")

    kept = unknown_senders.match(sender(), amanda, by=ManagerFactory(), now=now)

    assert kept == Kept.AGREED_TO_ANOTHER
    assert ContactPoint.objects.count() == 0


@pytest.mark.parametrize("address", ["12345", "AMAZON"])
def test_match_adds_no_address_that_cannot_be_answered(address: str, now: datetime) -> None:
    kept = unknown_senders.match(sender(address), CustomerFactory(), by=ManagerFactory(), now=now)

    assert (kept, ContactPoint.objects.count()) == (Kept.NOT_USABLE, 0)


def test_match_of_a_mailbox_folds_it(now: datetime) -> None:
    stranger = sender("Amanda@Example.com", "email")

    unknown_senders.match(stranger, CustomerFactory(), by=ManagerFactory(), now=now)

    assert ContactPoint.objects.get().address == "amanda@example.com"


def test_set_aside_words_stay_on_record_with_who_did_it(now: datetime) -> None:
    manager, stranger = ManagerFactory(), sender()

    unknown_senders.set_aside(stranger, by=manager, now=now)

    reply = Reply.objects.get()
    assert (reply.handled_at, reply.settled_by, reply.settled_at) == (now, manager, now)
    assert (reply.customer, unknown_senders.waiting(manager)) == (None, [])


def test_what_is_settled_is_settled(now: datetime) -> None:
    manager, stranger, amanda = ManagerFactory(), sender(), CustomerFactory()
    unknown_senders.match(stranger, amanda, by=manager, now=now)

    with pytest.raises(AlreadySettled):
        unknown_senders.match(stranger, CustomerFactory(), by=manager, now=now)
    with pytest.raises(AlreadySettled):
        unknown_senders.set_aside(stranger, by=manager, now=now)

    assert Reply.objects.get().customer == amanda


def test_sender_of_a_matched_reply_is_nobody(now: datetime) -> None:
    manager, stranger = ManagerFactory(), sender()
    assert unknown_senders.sender_of(stranger.number, manager) == stranger

    unknown_senders.match(stranger, CustomerFactory(), by=manager, now=now)

    assert unknown_senders.sender_of(stranger.number, manager) is None
