from datetime import datetime, timedelta
from typing import Any

import pytest

from clienteling.models import Store
from outreach.day import strips
from outreach.models import Message
from outreach.models.message import State
from tests.factories import CustomerFactory, MessageFactory, StoreFactory

SECOND = timedelta(seconds=1)
STORE = StoreFactory.build()


def message(now: datetime, **values: Any) -> Message:
    """A message with its client, and no database behind either."""
    client = CustomerFactory.build(pk=7, customer_id="C-1", last_name="Reyes", store=STORE)
    times = {"queued_at": now, "send_after": now + 8 * SECOND}
    return MessageFactory.build(customer=client, sender=None, **{**times, **values})


def shown(message: Message, store: Store, now: datetime) -> tuple[str, str]:
    strip = strips.strip_of(message, store, now=now)
    return strip.look, strip.sentence


def test_strip_says_whose_it_is_and_where_to_look_further(now: datetime) -> None:
    sent = message(now, channel="email")

    strip = strips.strip_of(sent, STORE, now=now)

    assert (strip.pk, strip.customer_id, strip.name) == (7, "C-1", "Amanda Reyes")
    assert strip.label == "Email to Amanda Reyes"
    assert strip.client_url == "/clients/C-1/"
    assert strip.thread_url == "/clients/C-1/thread/"
    assert strip.url == f"/messages/{sent.pk}/"
    assert strip.take_back_url == f"/messages/{sent.pk}/take-back/"


@pytest.mark.parametrize(
    ("age", "sentence"),
    [
        (timedelta(hours=24) - SECOND, "Sent yesterday, 12:00; no receipt yet."),
        (timedelta(hours=24), "Sent yesterday, 12:00; no receipt. It may not have arrived."),
    ],
)
def test_sent_says_after_a_day_that_no_receipt_came(
    now: datetime, age: timedelta, sentence: str
) -> None:
    sent = message(now, state="sent", sent_at=now)

    assert shown(sent, STORE, now + age)[1] == sentence


@pytest.mark.parametrize(
    ("left", "can_undo", "seconds", "asks_again_after"),
    [
        (8 * SECOND, True, 8, 9),
        (SECOND / 2, True, 1, 2),
        (timedelta(0), False, 0, 2),
        (-SECOND, False, 0, 2),
        (60 * SECOND, True, 60, 61),
        (61 * SECOND, True, 61, None),
    ],
)
def test_queued_can_be_taken_back_until_it_leaves(
    now: datetime, left: timedelta, can_undo: bool, seconds: int, asks_again_after: int | None
) -> None:
    strip = strips.strip_of(message(now, send_after=now + left), STORE, now=now)

    assert (strip.can_undo, strip.undo_seconds) == (can_undo, seconds)
    assert strip.asks_again_after == asks_again_after


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (SECOND, ("sent", "Text is on its way. You have 1 second to take it back.")),
        (8 * SECOND, ("sent", "Text is on its way. You have 8 seconds to take it back.")),
        (timedelta(0), ("sent gone", "Text is leaving now.")),
        (timedelta(hours=2), ("sent gone", "Text leaves 14:00.")),
        (timedelta(hours=21), ("sent gone", "Text leaves tomorrow 9:00.")),
    ],
)
def test_queued_says_when_it_leaves(now: datetime, left: timedelta, said: tuple[str, str]) -> None:
    assert shown(message(now, send_after=now + left), STORE, now) == said


@pytest.mark.parametrize(
    ("state", "values", "said"),
    [
        (State.DRAFT, {}, ("sent gone", "Not sent.")),
        (State.SENDING, {}, ("sent gone", "Text is leaving now.")),
        (
            State.UNCONFIRMED,
            {},
            (
                "held rest",
                "Not confirmed yet. It is being looked up; please do not send again.",
            ),
        ),
        (State.SENT, {}, ("sent gone", "Sent 12:00; no receipt yet.")),
        (State.DELIVERED, {}, ("sent gone", "Delivered 12:00")),
        (State.FAILED, {}, ("held", "Not delivered. The carrier refused it.")),
        (State.FAILED, {"reason": "No such number."}, ("held", "Not delivered. No such number.")),
        (State.CANCELED, {}, ("held rest", "Not sent. It was taken back.")),
        (State.CANCELED, {"reason": "She opted out."}, ("held rest", "Not sent. She opted out.")),
        (
            State.NEEDS_ATTENTION,
            {"reason": "None left here."},
            ("held", "Needs you. None left here."),
        ),
    ],
)
def test_strip_says_where_the_message_stands(
    now: datetime, state: State, values: dict[str, str], said: tuple[str, str]
) -> None:
    fate = message(now, state=state, sent_at=now, delivered_at=now, **values)

    assert shown(fate, STORE, now) == said


def test_every_state_has_its_words() -> None:
    assert set(strips.WORDS) == set(State)


@pytest.mark.parametrize("state", list(State))
def test_only_trouble_is_called_out(now: datetime, state: State) -> None:
    strip = strips.strip_of(message(now, state=state, reason="No such number."), STORE, now=now)

    in_trouble = state in {State.FAILED, State.NEEDS_ATTENTION}
    assert strip.alarm == ("To Amanda Reyes: No such number." if in_trouble else "")


@pytest.mark.parametrize(
    ("age", "asks_again_after"),
    [
        (timedelta(minutes=2) - SECOND, 2),
        (timedelta(minutes=2), 15),
        (timedelta(minutes=30), 15),
        (timedelta(minutes=30) + SECOND, None),
    ],
)
@pytest.mark.parametrize("state", [State.SENDING, State.UNCONFIRMED, State.SENT])
def test_strip_asks_for_the_receipt_less_and_less_often(
    now: datetime, state: State, age: timedelta, asks_again_after: int | None
) -> None:
    waiting = message(now, state=state, queued_at=now - age)

    assert strips.strip_of(waiting, STORE, now=now).asks_again_after == asks_again_after


@pytest.mark.parametrize(
    "state", [State.DELIVERED, State.FAILED, State.CANCELED, State.NEEDS_ATTENTION]
)
def test_strip_asks_no_more_once_it_is_settled(now: datetime, state: State) -> None:
    assert strips.strip_of(message(now, state=state), STORE, now=now).asks_again_after is None


@pytest.mark.parametrize(
    ("left", "say"),
    [
        (8 * SECOND, "Text to Amanda Reyes is on its way. Press U to take it back."),
        (timedelta(hours=3), "Text to Amanda Reyes waits for its hour. Press U to take it back."),
        (timedelta(0), "Text to Amanda Reyes is on its way."),
    ],
)
def test_just_sent_is_said_aloud(now: datetime, left: timedelta, say: str) -> None:
    assert strips.just_sent(message(now, send_after=now + left), STORE, now=now).say == say
