"""The simulated carrier speaks to our webhooks, and its people answer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from clienteling import clock
from customers import consent
from customers.models import ContactPoint
from outreach.messages import inbound_mail, outbox, simulated_carrier
from outreach.messages.providers import personas, simulated_line
from outreach.messages.providers.personas import CAST, Persona
from outreach.models import (
    Message,
    ProviderEvent,
    Reply,
    ReplyPicture,
    SimulatedCast,
    SimulatedMessage,
)
from outreach.models.message import State
from tests.factories import MessageFactory
from tests.outreach.messages.worlds import MAILBOX, PHONE, associate_with_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], datetime]:
    """Let the clock stand so many seconds after the start, and let the carrier speak then."""

    def stand(seconds: float) -> datetime:
        moment = now + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: moment)
        simulated_carrier.speak(now=moment)
        return moment

    return stand


def cast_as(name: str, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Everybody is this persona from now on."""
    [persona] = [each for each in CAST if each.name == name]
    for module in ("personas", "simulator"):
        monkeypatch.setattr(
            f"outreach.messages.providers.{module}.persona_of", lambda address, *, seed: persona
        )
    simulated_carrier.call_the_cast(seed=7, now=now)


def sent(now: datetime, channel: str = "sms") -> Message:
    """A note handed to the simulated carrier."""
    associate, customer = associate_with_client()
    address = PHONE if channel == "sms" else MAILBOX
    message = MessageFactory(
        customer=customer, sender=associate, channel=channel, to_address=address
    )
    outbox.deliver(message.pk, now=now)
    message.refresh_from_db()
    return message


def said() -> list[tuple[str, str, str]]:
    return list(Reply.objects.order_by("pk").values_list("from_address", "kind", "body"))


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_speak_tells_a_delivery_once(at: Any, now: datetime, channel: str) -> None:
    message = sent(now, channel)

    told = [at(0), at(1), at(2)]

    message.refresh_from_db()
    assert (message.state, message.delivered_at) == (State.DELIVERED, told[1])
    assert ProviderEvent.objects.filter(provider="simulator", kind="delivered").count() == 1


def test_a_forged_report_is_refused(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    message = sent(now)
    tokens = iter(["a forger's", "the carrier's"])
    monkeypatch.setattr(simulated_line, "auth_token", lambda: next(tokens))

    taken_in = simulated_line.report(
        message.pk, provider_id=message.provider_id, status="delivered"
    )

    message.refresh_from_db()
    assert not taken_in
    assert message.state == State.SENT


def test_the_simulators_signature_counts_nothing_where_texts_are_real(
    now: datetime, settings: Any
) -> None:
    message = sent(now)
    settings.TWILIO_IS_CONFIGURED, settings.TWILIO_AUTH_TOKEN = True, "the real one"

    assert not simulated_line.report(
        message.pk, provider_id=message.provider_id, status="delivered"
    )
    assert not simulated_line.pass_on(provider_id="1", from_address=PHONE, body="STOP")
    assert not consent.is_suppressed(PHONE, "sms")


@pytest.mark.parametrize(("channel", "address"), [("sms", PHONE), ("email", MAILBOX)])
def test_words_from_a_simulated_client_reach_the_thread_once(
    now: datetime, channel: str, address: str
) -> None:
    message = sent(now, channel)

    written = simulated_carrier.write(channel=channel, address=address, body="Love them", now=now)
    if channel == "sms":
        simulated_line.pass_on(provider_id=str(written.pk), from_address=address, body="Love them")
    else:
        inbound_mail.receive_simulated(written)

    assert said() == [(address, "words", "Love them")]
    assert Reply.objects.get().message == message


def test_a_picture_comes_with_the_signed_callback(now: datetime) -> None:
    associate_with_client()

    written = simulated_carrier.write(
        channel="sms", address=PHONE, body="These?", has_picture=True, now=now
    )

    picture = ReplyPicture.objects.get(reply__body="These?")
    assert (picture.source, picture.state) == (str(written.pk), ReplyPicture.State.WAITING)


def test_nobody_answers_while_the_cast_is_away(at: Any, now: datetime) -> None:
    sent(now)

    at(1)
    at(3_600)

    assert said() == []


def test_she_loves_it(at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    cast_as("loves it", monkeypatch, now)
    message = sent(now)

    at(1)
    at(20)
    before = said()
    at(21)
    at(60)

    assert before == []
    assert said() == [
        (PHONE, "words", "Oh, I love the first one! Could you keep it for me until Saturday?")
    ]
    assert Reply.objects.get().message == message


def test_she_answers_our_answer_and_then_is_content(
    at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast_as("loves it", monkeypatch, now)
    message = sent(now)
    at(1)
    at(21)
    for number in range(2):
        answer = MessageFactory(
            customer=message.customer, sender=message.sender, step="answer", send_after=now
        )
        outbox.deliver(answer.pk, now=now + timedelta(seconds=30 + number))
    at(33)
    at(60)

    assert [body for _, _, body in said()][1:] == ["Perfect, see you then. Thank you!"]


def test_she_has_second_thoughts(at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    cast_as("has second thoughts", monkeypatch, now)
    sent(now)

    for seconds in (1, 21, 65, 66, 200):
        at(seconds)

    assert [body for _, _, body in said()] == ["Yes please!", "Sorry, I meant the third, in black."]


def test_stop_from_a_persona_is_a_stop(
    at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast_as("types STOP", monkeypatch, now)
    sent(now)

    at(1)
    at(21)

    assert said() == [(PHONE, "stop", "Stop.")]
    assert consent.is_suppressed(PHONE, "sms")


def test_who_stops_may_come_back(at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    cast_as("stops, and comes back", monkeypatch, now)
    message = sent(now)

    at(1)
    at(21)
    stopped = consent.is_suppressed(PHONE, "sms")
    at(21 + 300)

    assert stopped
    assert consent.may_receive(message.customer, "sms")


def test_she_answers_in_the_night(at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    cast_as("answers at night", monkeypatch, now)
    sent(now)
    at(1)
    to_the_night = (14 * 60 + 40) * 60  # from noon to 2:40

    at(to_the_night - 1)
    before = said()
    at(to_the_night)

    assert before == []
    assert len(said()) == 1


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_she_writes_from_an_address_nobody_knows(
    at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    cast_as("writes from another number", monkeypatch, now)
    message = sent(now, channel)

    at(1)
    at(21)

    reply = Reply.objects.get()
    assert reply.customer is None
    assert reply.from_address == personas.other_address(message.to_address, seed=7)


@pytest.mark.parametrize(
    ("name", "code"), [("has the phone switched off", "30003"), ("has a landline", "30006")]
)
def test_who_cannot_be_reached_is_told_by_the_carriers_code(
    at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, name: str, code: str
) -> None:
    cast_as(name, monkeypatch, now)
    message = sent(now)

    at(1)
    at(2)

    message.refresh_from_db()
    assert (message.state, message.error_code) == (State.FAILED, code)
    assert message.reason != ""
    assert bool(ContactPoint.objects.get(channel="sms").unusable_because) == (code == "30006")
    assert SimulatedMessage.objects.get().failed_at is not None


def test_who_opted_out_at_the_carrier_is_refused_at_once(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast_as("opted out at the carrier", monkeypatch, now)

    message = sent(now)

    assert (message.state, message.error_code) == (State.FAILED, "21610")
    assert consent.is_suppressed(PHONE, "sms")
    assert not SimulatedMessage.objects.exists()


def test_a_slow_phone_is_told_later(
    at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast_as("is slow to receive", monkeypatch, now)
    message = sent(now)

    at(39)
    message.refresh_from_db()
    before = message.state
    at(40)

    message.refresh_from_db()
    assert (before, message.state) == (State.SENT, State.DELIVERED)


def test_dismissing_the_cast_leaves_nothing_to_come(
    at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast_as("loves it", monkeypatch, now)
    sent(now)
    at(1)

    simulated_carrier.dismiss_the_cast()
    simulated_carrier.call_the_cast(seed=7, now=now + timedelta(seconds=10))
    at(3_600)

    assert said() == []
    assert SimulatedCast.objects.get().seed == 7


def test_every_persona_is_played_to_the_end(
    at: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, persona: Persona
) -> None:
    cast_as(persona.name, monkeypatch, now)
    sent(now)

    at(1)
    for hours in (0.02, 0.05, 0.2, 24):
        at(hours * 3_600)

    assert [body for _, _, body in said()] == [each.words for each in persona.answers(0)]


@pytest.fixture(params=CAST, ids=lambda each: each.name)
def persona(request: pytest.FixtureRequest) -> Persona:
    return request.param
