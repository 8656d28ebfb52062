"""Ways in which a row could rest for ever, or leave twice, as somebody would look for them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from clienteling import celery, clock
from clienteling.locks import DatabaseLock
from clienteling.models import SendingStop
from outreach import tasks
from outreach.messages import by_hand, looks, outbox, sweeping
from outreach.messages.providers.receipts import Listed, Receipt, Temporary, Unknown
from outreach.models import Message, Reply
from outreach.models.message import State
from tests.factories import MessageFactory, ReplyFactory, UserFactory
from tests.outreach.messages.worlds import (
    ANSWER,
    FakeCarrier,
    associate_with_client,
    fresh,
    offer,
    tap,
)

pytestmark = pytest.mark.django_db

GRACE = timedelta(seconds=120)
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


@pytest.fixture
def somebody_else() -> Iterator[BaseDatabaseWrapper]:
    """Another process on this database."""
    other = connection.copy()
    yield other
    other.close()


def unconfirmed(number: int, at: datetime, **values: Any) -> Message:
    return MessageFactory(
        to_address=f"+131255501{number:02}",
        state="unconfirmed",
        provider="fake",
        intent_at=at,
        **values,
    )


# --- Twice ---------------------------------------------------------------------------------------
def test_a_worker_that_stood_still_since_its_claim_hands_nothing_over(
    queued: Message, due: datetime, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = outbox._claim

    def claim_and_stand_still(message_id: Any, *, now: datetime) -> Any:
        """Its machine sleeps; it is taken for dead meanwhile, and another worker sends."""
        monkeypatch.setattr(outbox, "_claim", claim)
        claimed = claim(message_id, now=now)
        Message.objects.update(state=State.QUEUED)
        assert outbox.deliver(message_id, now=now) == State.SENT
        return claimed

    monkeypatch.setattr(outbox, "_claim", claim_and_stand_still)

    assert outbox.deliver(queued.pk, now=due) is None

    assert (fresh(queued).state, fresh(queued).attempts, len(carrier.given)) == (State.SENT, 2, 1)


def test_a_look_at_one_attempt_says_nothing_about_the_next(
    queued: Message, due: datetime, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier.answers = [Unknown(), Unknown()]
    outbox.deliver(queued.pk, now=due)
    sweeping.settle(now=due + GRACE)
    slow = carrier.sent_to

    def look_slowly(*arguments: Any, **options: Any) -> list[Listed]:
        """While it looks, somebody else puts the row back, and a second attempt is unclear too."""
        Message.objects.update(state=State.QUEUED, send_after=due)
        outbox.deliver(queued.pk, now=due + 2.5 * GRACE)
        return slow(*arguments, **options)

    monkeypatch.setattr(carrier, "sent_to", look_slowly)
    sweeping.settle(now=due + 2.5 * GRACE)

    assert (fresh(queued).state, fresh(queued).attempts) == (State.UNCONFIRMED, 2)


@pytest.mark.parametrize(
    "as_kept",
    [
        'Sent from your Twilio trial account - Hi Zo\u00eb, it\'s "new" - come in',
        'Hi Zo\u00eb, it\'s "new" - come in',
        "Hi Zo\u00eb,  it\u2019s \u201cnew\u201d \u2013 come in ",
    ],
)
def test_words_are_found_again_as_a_carrier_may_keep_them(
    due: datetime, carrier: FakeCarrier, as_kept: str
) -> None:
    message = unconfirmed(0, due, body="Hi Zo\u00eb, it\u2019s \u201cnew\u201d \u2013 come in")
    carrier.listed = [Listed("fake-1", as_kept, due)]

    sweeping.settle(now=due + GRACE)

    assert (fresh(message).state, fresh(message).provider_id) == (State.SENT, "fake-1")


def test_a_given_up_message_never_takes_the_line_of_a_later_one(
    due: datetime, now: datetime, carrier: FakeCarrier
) -> None:
    given_up = MessageFactory(
        state="needs_attention",
        provider="fake",
        queued_at=now,
        send_after=now,
        intent_at=due,
        settled_at=due + 3 * GRACE,
    )
    carrier.listed = [Listed("fake-2", given_up.body, due + 3 * GRACE + timedelta(seconds=1))]

    assert not sweeping.look_up(given_up, now=due + 5 * GRACE)

    carrier.listed = [replace(carrier.listed[0], created_at=due + 3 * GRACE)]
    assert sweeping.look_up(given_up, now=due + 5 * GRACE)


# --- For ever ------------------------------------------------------------------------------------
def test_one_row_that_breaks_the_look_holds_up_no_other(
    due: datetime, carrier: FakeCarrier, hinted: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = unconfirmed(0, due), unconfirmed(1, due + timedelta(seconds=1))
    waiting = MessageFactory(to_address="+13125550199", send_after=due)
    carrier.listed = [Listed("fake-1", sound.body, due)]
    look = carrier.sent_to

    def break_for_one(address: str, **options: Any) -> list[Listed]:
        if address == broken.to_address:
            raise KeyError("something nobody thought of")
        return look(address, **options)

    monkeypatch.setattr(carrier, "sent_to", break_for_one)
    report = sweeping.sweep(now=due + GRACE + timedelta(seconds=1))

    assert report == sweeping.SweepReport(settled=1, enqueued=1)
    assert (fresh(broken).state, fresh(sound).state) == (State.UNCONFIRMED, State.SENT)
    assert [arguments for _, arguments, _ in hinted] == [(str(waiting.pk),)]


def test_rows_nobody_can_see_do_not_keep_others_from_being_looked_for(
    due: datetime, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = [unconfirmed(number, due) for number in range(looks.BLIND_LOOKS)]
    seen = unconfirmed(9, due + timedelta(seconds=1))
    carrier.listed = [Listed("fake-1", seen.body, due + timedelta(seconds=1))]
    look = carrier.sent_to

    def see_only_one(address: str, **options: Any) -> list[Listed]:
        if address != seen.to_address:
            raise Temporary("this one's list is broken")
        return look(address, **options)

    monkeypatch.setattr(carrier, "sent_to", see_only_one)
    settled = [sweeping.settle(now=due + times * GRACE) for times in (1.1, 1.2)]

    assert settled == [0, 1]
    assert [fresh(each).state for each in unseen] == [State.UNCONFIRMED] * looks.BLIND_LOOKS


@pytest.mark.parametrize("trouble", [Temporary("blind"), KeyError("odd")])
def test_what_nobody_can_look_for_is_told_once_the_note_is_too_old(
    due: datetime, carrier: FakeCarrier, trouble: Exception
) -> None:
    message = unconfirmed(0, due, expires_at=due + WEEK)
    carrier.list_error = trouble

    sweeping.settle(now=due + WEEK - timedelta(seconds=1))
    assert fresh(message).state == State.UNCONFIRMED
    sweeping.settle(now=due + WEEK)

    assert fresh(message).state == State.NEEDS_ATTENTION
    assert fresh(message).reason == sweeping.MAY_HAVE_ARRIVED


def test_a_slow_list_does_not_hold_the_sweep_for_long(
    due: datetime, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        unconfirmed(number, due)
    seconds = iter(range(0, 1_000, 14))
    monkeypatch.setattr(looks, "monotonic", lambda: float(next(seconds)))

    sweeping.settle(now=due + GRACE)

    assert carrier.looks == 2


def test_only_one_sweep_looks_at_a_time_so_that_workers_stay_free(
    due: datetime, carrier: FakeCarrier, somebody_else: BaseDatabaseWrapper
) -> None:
    unconfirmed(0, due)

    with somebody_else.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [DatabaseLock.LOOKS])
    assert (sweeping.settle(now=due + GRACE), carrier.looks) == (0, 0)
    with somebody_else.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [DatabaseLock.LOOKS])
    assert (sweeping.settle(now=due + GRACE), carrier.looks) == (0, 1)


def test_a_wait_beyond_the_life_of_the_note_ends_with_it(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Temporary("busy", retry_after=9_999_999_999)]

    assert outbox.deliver(queued.pk, now=due) == State.QUEUED
    sweeping.sweep(now=queued.expires_at)

    assert (fresh(queued).state, fresh(queued).reason) == (
        State.NEEDS_ATTENTION,
        "It was not sent in time.",
    )


def test_a_note_held_beyond_its_life_is_told_when_that_ends_and_not_later(
    now: datetime, carrier: FakeCarrier
) -> None:
    held = MessageFactory(send_after=now + 2 * WEEK, expires_at=now + WEEK)

    sweeping.sweep(now=now + WEEK - timedelta(seconds=1))
    assert fresh(held).state == State.QUEUED
    sweeping.sweep(now=now + WEEK)

    assert (fresh(held).state, fresh(held).settled_at) == (State.NEEDS_ATTENTION, now + WEEK)


def test_a_stopped_note_says_that_it_was_stopped(now: datetime, carrier: FakeCarrier) -> None:
    stopped = MessageFactory(expires_at=now + WEEK)
    SendingStop.objects.create(
        store=stopped.store, reason="A fault", stopped_by=UserFactory(), stopped_at=now
    )

    sweeping.sweep(now=now + WEEK)

    assert fresh(stopped).reason == sweeping.STOPPED_TOO_LONG


def test_sweeps_that_piled_up_are_void_except_the_last(
    now: datetime, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[datetime] = []
    monkeypatch.setattr(sweeping, "sweep", lambda *, now: swept.append(now))
    monkeypatch.setattr(clock, "now", lambda: now)
    sent_at_noon = celery.sweep_is_void_at()

    for seconds in (29, 30):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: now + seconds * SECOND)
        tasks.sweep_outbox(until=sent_at_noon)
    tasks.sweep_outbox()

    assert swept == [now + 29 * SECOND, now + 30 * SECOND]


# --- In silence ----------------------------------------------------------------------------------
@pytest.mark.parametrize("end", ["too old", "refused by a rule", "given up"])
def test_an_answer_that_is_not_sent_leaves_her_words_waiting(
    now: datetime, carrier: FakeCarrier, end: str
) -> None:
    associate, customer = associate_with_client()
    ReplyFactory(customer=customer, received_at=now - timedelta(minutes=5))
    answer = tap(associate, customer, offer(**ANSWER), now=now)
    assert not Reply.objects.waiting().exists()

    if end == "too old":
        sweeping.sweep(now=now + WEEK)
    elif end == "refused by a rule":
        customer.contact_points.update(address="+13125550777")
        outbox.deliver(answer.pk, now=now + timedelta(seconds=8))
    else:
        carrier.answers, carrier.keeps_list = [Unknown()], False
        outbox.deliver(answer.pk, now=now + timedelta(seconds=8))
        sweeping.settle(now=now + 2 * GRACE)

    assert fresh(answer).state in {State.NEEDS_ATTENTION, State.CANCELED}
    assert Reply.objects.waiting().count() == 1


def test_a_row_put_back_by_hand_is_looked_up_as_of_its_giving_up(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown(), Unknown(), Unknown()]
    moment = due
    for _ in range(3):
        outbox.deliver(queued.pk, now=moment)
        sweeping.settle(now=moment + GRACE)
        sweeping.settle(now=moment + 2.5 * GRACE)
        moment += 3 * GRACE
    carrier.listed = [Listed("late-1", queued.body, due + 7 * GRACE)]

    assert by_hand.retry(fresh(queued), by="maya", now=moment) == State.SENT

    assert fresh(queued).provider_id == Receipt("late-1").provider_id
