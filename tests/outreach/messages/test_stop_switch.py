"""R57, the stop switch: from the moment of the stop nothing is handed to a carrier."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from clienteling.models import SendingStop, Store, User
from outreach.messages import outbox, stop_switch, sweeping
from outreach.messages.outbox import NotSendable
from outreach.messages.stop_switch import NotYours, Target
from outreach.models import Message
from outreach.models.message import State
from tests.factories import AdminFactory, ManagerFactory, StoreFactory, UserFactory
from tests.outreach.messages.worlds import (
    FakeCarrier,
    associate_with_client,
    client_of,
    offer,
    picks_in_stock,
    tap,
)

pytestmark = pytest.mark.django_db(transaction=True)

UNDO = timedelta(seconds=9)


def stopped(store: Store | None, channel: str = "", *, by: User, now: datetime) -> SendingStop:
    stop, _ = stop_switch.stop(Target(store, channel), reason="Wrong prices", by=by, now=now)
    return stop


def queued_note(now: datetime) -> tuple[Message, User]:
    associate, amanda = associate_with_client()
    return tap(associate, amanda, offer(picks_in_stock(amanda)), now=now), associate


@pytest.mark.parametrize("channel", ["", "sms"])
def test_stop_holds_what_is_queued_and_start_lets_it_leave(
    channel: str, now: datetime, carrier: FakeCarrier
) -> None:
    message, associate = queued_note(now)
    manager = ManagerFactory(store=associate.store)
    stop = stopped(associate.store, channel, by=manager, now=now)

    held = outbox.deliver(message.pk, now=now + UNDO)
    sweeping.sweep(now=now + UNDO)

    message.refresh_from_db()
    assert (held, carrier.given) == (None, [])
    assert (message.state, message.attempts, message.reason) == (State.QUEUED, 0, "")

    assert stop_switch.start(stop.pk, because="Prices corrected", by=manager, now=now + UNDO)
    assert outbox.deliver(message.pk, now=now + UNDO) == State.SENT
    assert len(carrier.given) == 1


@pytest.mark.parametrize("where", ["another channel", "another store"])
def test_stop_of_something_else_holds_nothing(
    where: str, now: datetime, carrier: FakeCarrier
) -> None:
    message, associate = queued_note(now)
    if where == "another channel":
        stopped(associate.store, "email", by=AdminFactory(), now=now)
    else:
        stopped(StoreFactory(), by=AdminFactory(), now=now)

    assert outbox.deliver(message.pk, now=now + UNDO) == State.SENT


def test_admin_stops_every_store(now: datetime, carrier: FakeCarrier) -> None:
    message, _ = queued_note(now)
    stopped(None, by=AdminFactory(), now=now)

    assert outbox.deliver(message.pk, now=now + UNDO) is None
    assert carrier.given == []


def test_stop_of_the_senders_store_holds_notes_to_clients_of_another(
    now: datetime, carrier: FakeCarrier
) -> None:
    associate = UserFactory()
    amanda = client_of(associate, store=StoreFactory())
    message = tap(associate, amanda, offer(picks_in_stock(amanda)), now=now)
    stopped(associate.store, by=ManagerFactory(store=associate.store), now=now)

    assert outbox.deliver(message.pk, now=now + UNDO) is None


def test_sweep_hands_nothing_stopped_to_the_workers(
    now: datetime, hinted: list[tuple[str, tuple[str, ...], float]]
) -> None:
    message, associate = queued_note(now)
    stopped(associate.store, by=ManagerFactory(store=associate.store), now=now)
    hinted.clear()

    report = sweeping.sweep(now=now + UNDO)

    assert (report.enqueued, hinted) == (0, [])
    assert message.state == State.QUEUED


def test_stop_thrown_while_the_rules_are_asked_keeps_the_note_queued(
    now: datetime, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, associate = queued_note(now)
    manager = ManagerFactory(store=associate.store)
    ask = outbox.clearance.ask

    def ask_after_the_stop(*arguments, **options):  # type: ignore[no-untyped-def]
        stopped(associate.store, by=manager, now=now)
        return ask(*arguments, **options)

    monkeypatch.setattr(outbox.clearance, "ask", ask_after_the_stop)

    assert outbox.deliver(message.pk, now=now + UNDO) is None
    message.refresh_from_db()
    assert (message.state, message.attempts, carrier.given) == (State.QUEUED, 0, [])


def test_note_whose_time_runs_out_while_stopped_says_so_at_once(now: datetime) -> None:
    message, associate = queued_note(now)
    stopped(associate.store, by=ManagerFactory(store=associate.store), now=now)
    assert message.expires_at

    sweeping.sweep(now=message.expires_at - timedelta(seconds=1))
    message.refresh_from_db()
    assert message.state == State.QUEUED

    sweeping.sweep(now=message.expires_at)
    message.refresh_from_db()
    assert (message.state, message.reason) == (
        State.NEEDS_ATTENTION,
        "It was not sent in time: sending was stopped.",
    )


def test_tap_is_refused_with_the_managers_reason_and_changes_nothing(now: datetime) -> None:
    associate, amanda = associate_with_client()
    assert associate.store
    stopped(associate.store, "sms", by=ManagerFactory(store=associate.store), now=now)
    picks = picks_in_stock(amanda)

    with pytest.raises(NotSendable) as refusal:
        tap(associate, amanda, offer(picks), now=now)

    assert refusal.value.sentence == f"Texts are stopped in {associate.store.name}: Wrong prices."
    assert Message.objects.count() == 0
    assert tap(associate, amanda, offer(picks, channel="email"), now=now).state == State.QUEUED


def test_second_stop_of_the_same_answers_the_first(now: datetime) -> None:
    store = StoreFactory()
    first = stopped(store, "sms", by=ManagerFactory(store=store), now=now)

    second, is_new = stop_switch.stop(
        Target(store, "sms"), reason="Me too", by=AdminFactory(), now=now
    )

    assert (second, is_new, SendingStop.objects.count()) == (first, False, 1)


@pytest.mark.parametrize("channel", ["", "email"])
def test_database_keeps_one_open_stop_of_all_stores_for_a_channel(
    channel: str, now: datetime
) -> None:
    stopped(None, channel, by=AdminFactory(), now=now)

    with pytest.raises(IntegrityError, match="sending_stop_one_open"), transaction.atomic():
        SendingStop.objects.create(
            channel=channel, reason="Again", stopped_by=AdminFactory(), stopped_at=now
        )


@pytest.mark.parametrize("factory", [UserFactory, ManagerFactory])
def test_only_her_manager_and_an_admin_stop_a_store(factory: type, now: datetime) -> None:
    with pytest.raises(NotYours):
        stopped(StoreFactory(), by=factory(), now=now)


def test_manager_neither_stops_nor_starts_all_stores(now: datetime) -> None:
    manager = ManagerFactory()
    with pytest.raises(NotYours):
        stopped(None, by=manager, now=now)
    stop = stopped(None, by=AdminFactory(), now=now)

    with pytest.raises(NotYours):
        stop_switch.start(stop.pk, because="I want to", by=manager, now=now)


def test_start_says_who_when_and_why_and_the_second_one_changes_nothing(now: datetime) -> None:
    store, later = StoreFactory(), now + timedelta(hours=1)
    manager, colleague = ManagerFactory(store=store), ManagerFactory(store=store)
    stop = stopped(store, by=manager, now=now)

    assert stop_switch.start(stop.pk, because="Mended", by=manager, now=later)
    assert not stop_switch.start(stop.pk, because="Mended too", by=colleague, now=later)

    stop.refresh_from_db()
    assert (stop.started_by, stop.started_at, stop.started_because) == (manager, later, "Mended")
    assert (stop.stopped_by, stop.stopped_at, stop.reason) == (manager, now, "Wrong prices")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clienteling_sendingstop SET reason = 'Nothing'",
        "UPDATE clienteling_sendingstop SET stopped_by_id = NULL",
        "DELETE FROM clienteling_sendingstop",
    ],
)
def test_record_of_a_stop_cannot_be_changed(statement: str, now: datetime) -> None:
    stopped(None, by=AdminFactory(), now=now)

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_record_of_a_start_cannot_be_taken_back(now: datetime) -> None:
    admin = AdminFactory()
    stop = stopped(None, by=admin, now=now)
    stop_switch.start(stop.pk, because="Mended", by=admin, now=now)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SendingStop.objects.update(started_at=None, started_by=None, started_because="")


def test_waiting_counts_what_a_stop_would_hold(now: datetime) -> None:
    _, associate = queued_note(now)

    counts = [
        stop_switch.waiting(Target(store, channel))
        for store in (associate.store, StoreFactory(), None)
        for channel in ("", "sms", "email")
    ]

    assert counts == [1, 1, 0, 0, 0, 0, 1, 1, 0]
