import threading
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from customers import consent
from customers.models import Consent, ConsentEvent, Suppression
from tests.factories import ConsentFactory, ContactPointFactory, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_record_keeps_who_how_and_when(now: datetime) -> None:
    customer, associate = CustomerFactory(), UserFactory()

    event = consent.record(
        customer,
        "sms",
        "opted_in",
        source="signed at the till",
        at=now - timedelta(days=1),
        now=now,
        evidence={"form": "card 7"},
        by=associate,
    )

    assert (event.source, event.evidence) == ("signed at the till", {"form": "card 7"})
    assert (event.recorded_at, event.entered_at) == (now - timedelta(days=1), now)
    assert event.recorded_by == associate
    current = Consent.objects.get(customer=customer, channel="sms")
    assert (current.state, current.since) == ("opted_in", now - timedelta(days=1))


def test_record_of_the_same_statement_changes_nothing(now: datetime) -> None:
    customer = CustomerFactory()

    first = consent.record(customer, "sms", "opted_in", source="till", at=now, now=now)
    again = consent.record(customer, "sms", "opted_in", source="file", at=now, now=now)

    assert again == first
    assert ConsentEvent.objects.count() == 1
    assert Consent.objects.get().source == "till"


def test_record_lets_the_later_statement_stand_whatever_arrives_last(now: datetime) -> None:
    customer = CustomerFactory()
    last_week, yesterday = now - timedelta(days=7), now - timedelta(days=1)

    consent.record(customer, "sms", "opted_out", source="reply", at=yesterday, now=now)
    consent.record(customer, "sms", "opted_in", source="file", at=last_week, now=now)

    current = Consent.objects.get()
    assert (current.state, current.since) == ("opted_out", yesterday)
    assert ConsentEvent.objects.count() == 2


@pytest.mark.parametrize("first", ["opted_in", "opted_out"])
def test_record_lets_the_refusal_stand_at_the_same_moment(now: datetime, first: str) -> None:
    customer = CustomerFactory()
    second = "opted_in" if first == "opted_out" else "opted_out"

    consent.record(customer, "sms", first, source="one", at=now, now=now)
    consent.record(customer, "sms", second, source="two", at=now, now=now)

    assert Consent.objects.get().state == "opted_out"


def test_record_keeps_channels_apart(now: datetime) -> None:
    customer = CustomerFactory()

    consent.record(customer, "sms", "opted_out", source="reply", at=now, now=now)
    consent.record(customer, "email", "opted_in", source="form", at=now, now=now)

    assert dict(Consent.objects.values_list("channel", "state")) == {
        "sms": "opted_out",
        "email": "opted_in",
    }


def test_record_refuses_the_future(now: datetime) -> None:
    with pytest.raises(ValueError, match="future"):
        consent.record(
            CustomerFactory(),
            "sms",
            "opted_in",
            source="file",
            at=now + timedelta(seconds=1),
            now=now,
        )


def test_ledger_entries_cannot_be_changed_or_deleted(now: datetime) -> None:
    event = consent.record(CustomerFactory(), "sms", "opted_in", source="till", at=now, now=now)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentEvent.objects.filter(pk=event.pk).update(state="opted_out")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentEvent.objects.filter(pk=event.pk).delete()


def test_suppress_answers_the_first_entry_when_repeated(now: datetime) -> None:
    first = consent.suppress("+13125550142", "sms", reason="stop-word", at=now)
    again = consent.suppress("+13125550142", "sms", reason="provider", at=now + timedelta(days=1))

    assert again == first
    assert (again.reason, again.suppressed_at) == ("stop-word", now)
    assert Suppression.objects.count() == 1


def test_suppress_stops_everybody_who_shares_the_address(now: datetime) -> None:
    amanda = ContactPointFactory(address="+13125550142").customer
    partner = ContactPointFactory(address="+13125550142").customer
    for customer in (amanda, partner):
        ConsentFactory(customer=customer)

    before = [consent.may_receive(customer, "sms") for customer in (amanda, partner)]
    consent.suppress("+13125550142", "sms", reason="stop-word", at=now)
    after = [consent.may_receive(customer, "sms") for customer in (amanda, partner)]

    assert (before, after) == ([True, True], [False, False])


def test_a_new_yes_does_not_lift_a_suppression(now: datetime) -> None:
    customer = ContactPointFactory(address="+13125550142").customer
    consent.suppress("+13125550142", "sms", reason="stop-word", at=now)

    consent.record(customer, "sms", "opted_in", source="file", at=now, now=now)

    assert consent.is_suppressed("+13125550142", "sms") is True
    assert consent.may_receive(customer, "sms") is False


def test_lift_frees_that_address_and_channel_alone(now: datetime) -> None:
    consent.suppress("+13125550142", "sms", reason="stop-word", at=now)
    consent.suppress("+13125550143", "sms", reason="stop-word", at=now)

    lifted = consent.lift("+13125550142", "sms", at=now)

    assert lifted is True
    assert consent.is_suppressed("+13125550142", "sms") is False
    assert consent.is_suppressed("+13125550143", "sms") is True
    assert consent.lift("+13125550142", "sms", at=now) is False


def test_lift_by_an_old_start_leaves_a_newer_stop(now: datetime) -> None:
    consent.suppress("+13125550142", "sms", reason="stop-word", at=now)

    lifted = consent.lift("+13125550142", "sms", at=now - timedelta(seconds=1))

    assert lifted is False
    assert consent.is_suppressed("+13125550142", "sms") is True


def test_suppress_after_a_lift_is_a_new_entry(now: datetime) -> None:
    first = consent.suppress("+13125550142", "sms", reason="stop-word", at=now)
    consent.lift("+13125550142", "sms", at=now)

    second = consent.suppress("+13125550142", "sms", reason="stop-word", at=now)

    assert second != first
    assert Suppression.objects.filter(lifted_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_suppress_by_several_at_once_makes_one_entry(now: datetime) -> None:
    answers: list[int] = []

    def stop() -> None:
        answers.append(consent.suppress("+13125550142", "sms", reason="stop-word", at=now).pk)
        connection.close()

    threads = [threading.Thread(target=stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 4
    assert len(set(answers)) == 1


def test_permissions_tell_every_reason_apart(now: datetime) -> None:
    fine, silent, refusing, unusable, unknown = CustomerFactory.create_batch(5)
    for customer in (fine, silent, refusing):
        ContactPointFactory(customer=customer)
    ContactPointFactory(customer=unusable, address="", unusable_because="Not a number.")
    ConsentFactory(customer=fine)
    ConsentFactory(customer=refusing, state="opted_out")

    found = consent.permissions([fine, silent, refusing, unusable, unknown])

    assert {number: each["sms"].may_receive for number, each in found.items()} == {
        fine.pk: True,
        silent.pk: False,
        refusing.pk: False,
        unusable.pk: False,
        unknown.pk: False,
    }
    assert found[silent.pk]["sms"].state is None
    assert found[refusing.pk]["sms"].state == "opted_out"
    assert found[unusable.pk]["sms"].unusable_because == "Not a number."
    assert found[unknown.pk]["email"].unusable_because == "No address on record."


@pytest.mark.parametrize("count", [1, 3])
def test_permissions_cost_one_query(count: int, django_assert_num_queries: object) -> None:
    customers = CustomerFactory.create_batch(count)
    for customer in customers:
        ContactPointFactory(customer=customer)

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = consent.permissions(customers)

    assert set(found) == {customer.pk for customer in customers}
