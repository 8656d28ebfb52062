"""A callback that never came: asked for by id within a day, and then told as it is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import responses

from outreach.messages import conversations, lost_callbacks
from outreach.models import Message, ProviderEvent
from outreach.models.message import State
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

MESSAGES = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages"
MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def twilio(settings: Any) -> Iterator[responses.RequestsMock]:
    """A real carrier of texts, its wire replaced; mail goes to a server without receipts."""
    settings.TWILIO_IS_CONFIGURED = True
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
    settings.TWILIO_MESSAGING_SERVICE_SID, settings.TWILIO_API_BASE_URL = "MG1", ""
    settings.EMAIL_URL = "smtp://localhost"
    with responses.RequestsMock() as mock:
        yield mock


def sent(sid: str, at: datetime, **values: Any) -> Message:
    return MessageFactory(
        **{
            "state": "sent",
            "provider": "twilio",
            "provider_id": sid,
            "intent_at": at,
            "sent_at": at,
            "to_address": f"+1312555{Message.objects.count():04}",
            **values,
        }
    )


def says(wire: responses.RequestsMock, sid: str, status: str, code: int | None = None) -> None:
    told = {
        "sid": sid,
        "status": status,
        "body": "Hi",
        "direction": "outbound-api",
        "date_created": "Mon, 15 Jun 2026 17:00:00 +0000",
        "error_code": code,
    }
    wire.get(f"{MESSAGES}/{sid}.json", json=told)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_ask_hears_what_the_lost_callback_would_have_told(
    now: datetime, twilio: responses.RequestsMock
) -> None:
    arrived, refused = sent("SM1", now), sent("SM2", now)
    says(twilio, "SM1", "delivered")
    says(twilio, "SM2", "undelivered", 30003)

    assert lost_callbacks.ask(now=now + 15 * MINUTES) == 2

    assert (fresh(arrived).state, fresh(arrived).delivered_at) == (
        State.DELIVERED,
        now + 15 * MINUTES,
    )
    assert (fresh(refused).state, fresh(refused).reason) == (
        State.FAILED,
        "Her phone was off or out of reach.",
    )
    assert ProviderEvent.objects.get(message=arrived).payload == {
        "source": "asked by id",
        "status": "delivered",
    }


def test_ask_asks_five_times_in_the_first_day_and_then_no_more(
    now: datetime, twilio: responses.RequestsMock
) -> None:
    message = sent("SM1", now)
    says(twilio, "SM1", "sent")

    asked = []
    for minutes in range(0, 3 * 24 * 60, 5):
        before = len(twilio.calls)
        lost_callbacks.ask(now=now + minutes * MINUTES)
        asked += [minutes] * (len(twilio.calls) - before)

    assert asked == [15, 60, 240, 720, 1_380]
    assert (fresh(message).state, ProviderEvent.objects.count()) == (State.SENT, 0)


def test_ask_leaves_alone_what_has_been_told_and_what_nobody_can_tell(
    now: datetime, twilio: responses.RequestsMock
) -> None:
    sent("SM1", now, state="delivered", delivered_at=now)
    sent("", now, state="queued", provider_id="", intent_at=None, sent_at=None)
    sent("<1@shop>", now, provider="smtp", channel="email", to_address="a@example.com")
    sent("SM2", now - 24 * HOURS + 15 * MINUTES)

    assert lost_callbacks.ask(now=now + 15 * MINUTES) == 0

    assert len(twilio.calls) == 0


def test_ask_does_not_hammer_a_carrier_that_is_down(
    now: datetime, twilio: responses.RequestsMock
) -> None:
    for number in range(5):
        sent(f"SM{number}", now)
        if number < lost_callbacks.BLIND_ASKS:
            twilio.get(f"{MESSAGES}/SM{number}.json", status=503)

    lost_callbacks.ask(now=now + 15 * MINUTES)

    assert len(twilio.calls) == lost_callbacks.BLIND_ASKS


def test_ask_is_not_kept_from_the_others_by_one_that_can_never_be_asked(
    now: datetime, twilio: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_callbacks, "ASKED_IN_ONE_RUN", 1)
    sent("SM1", now)
    arrived = sent("SM2", now + MINUTES)
    twilio.get(f"{MESSAGES}/SM1.json", status=500)
    says(twilio, "SM2", "delivered")

    lost_callbacks.ask(now=now + 16 * MINUTES)
    lost_callbacks.ask(now=now + 16 * MINUTES)

    assert fresh(arrived).state == State.DELIVERED


def test_ask_asks_no_more_in_one_run_than_it_may(
    now: datetime, twilio: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_callbacks, "ASKED_IN_ONE_RUN", 2)
    for number in range(3):
        sent(f"SM{number}", now + number * MINUTES)
    says(twilio, "SM0", "delivered")
    says(twilio, "SM1", "delivered")

    assert lost_callbacks.ask(now=now + 20 * MINUTES) == 2


def test_ask_ends_when_its_time_is_over(
    now: datetime, twilio: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        sent(f"SM{number}", now)
    says(twilio, "SM0", "delivered")
    says(twilio, "SM1", "delivered")
    seconds = iter(range(0, 1_000, 25))
    monkeypatch.setattr(lost_callbacks, "monotonic", lambda: float(next(seconds)))

    assert lost_callbacks.ask(now=now + 15 * MINUTES) == 2


def test_ask_of_an_id_the_carrier_does_not_know_changes_nothing(
    now: datetime, twilio: responses.RequestsMock
) -> None:
    message = sent("SM1", now)
    twilio.get(f"{MESSAGES}/SM1.json", json={"code": 20404, "status": 404}, status=404)

    assert lost_callbacks.ask(now=now + 15 * MINUTES) == 0

    assert (fresh(message).state, fresh(message).receipt_asks) == (State.SENT, 1)


def test_a_callback_that_comes_late_after_all_changes_nothing_more(
    now: datetime, twilio: responses.RequestsMock
) -> None:
    message = sent("SM1", now)
    says(twilio, "SM1", "delivered")
    lost_callbacks.ask(now=now + 15 * MINUTES)

    lost_callbacks.ask(now=now + 60 * MINUTES)

    assert fresh(message).delivered_at == now + 15 * MINUTES
    assert ProviderEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "age", "words"),
    [
        ({}, 24 * HOURS, "Sent, no receipt"),
        ({}, 24 * HOURS - MINUTES, "Sent"),
        ({"channel": "email", "to_address": "a@example.com"}, 48 * HOURS, "Sent"),
        (
            {"channel": "email", "to_address": "a@example.com", "receipt_asks": 5},
            48 * HOURS,
            "Sent, no receipt",
        ),
        ({"state": "delivered"}, 48 * HOURS, "Delivered"),
    ],
)
def test_thread_says_that_no_receipt_came_once_a_day_has_passed(
    now: datetime, values: dict[str, Any], age: timedelta, words: str
) -> None:
    message = sent("SM1", now, delivered_at=now, **values)

    [bubble] = conversations.thread(message.customer, now=now + age)

    assert bubble.status == words
