"""Logs carry ids: never an address, the words of a message, or a token."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from clienteling import clock
from customers.models import Suppression
from outreach import tasks
from outreach.messages import hints, outbox, simulated_carrier
from outreach.messages.providers import registry
from outreach.messages.providers.receipts import Refused, Temporary, Unknown
from outreach.models import Message, Reply
from outreach.models.message import State
from tests.outreach.messages.worlds import (
    MAILBOX,
    PHONE,
    FakeCarrier,
    associate_with_client,
    offer,
    picks_in_stock,
    tap,
)

pytestmark = pytest.mark.django_db

OURS = ("clienteling", "catalog", "customers", "outreach")
NOTE = "Hi Amanda, I picked three for you."
ANSWER = "Please STOP writing, I moved to Elm Street."
Clock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _nobody_hears_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*arguments: object, **options: object) -> None:
        raise ConnectionError("The broker is away")

    monkeypatch.setattr(hints.current_app, "send_task", unreachable)


@pytest.fixture(autouse=True)
def _everything_is_told(caplog: pytest.LogCaptureFixture) -> None:
    for name in OURS:
        caplog.set_level(logging.DEBUG, logger=name)


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Clock:
    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return at


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What our own loggers wrote, with any traceback."""
    formatter = logging.Formatter("%(message)s")
    return [
        formatter.format(record)
        for record in caplog.records
        if record.name.partition(".")[0] in OURS
    ]


def assert_discreet(written: list[str], *secrets: str) -> None:
    assert [line for line in written for secret in secrets if secret in line] == []


@pytest.mark.parametrize(("channel", "address"), [("sms", PHONE), ("email", MAILBOX)])
def test_a_whole_round_names_nobody_in_the_log(
    now: datetime,
    stand: Clock,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
    channel: str,
    address: str,
) -> None:
    associate, customer = associate_with_client(last_name="Quastenberg")
    note = offer(picks_in_stock(customer), channel=channel, subject="New in", body=NOTE)
    with django_capture_on_commit_callbacks(execute=True):
        message = tap(associate, customer, note, now=now)
    stand(now + timedelta(seconds=8))

    tasks.deliver_message(str(message.pk))
    stand(now + timedelta(seconds=10))
    tasks.carrier_reports()
    for words in (ANSWER, "STOP"):
        simulated_carrier.write(channel=channel, address=address, body=words, now=clock.now())

    message.refresh_from_db()
    assert message.state == State.DELIVERED
    assert message.lookbook is not None
    assert (Reply.objects.count(), Suppression.objects.count()) == (2, 1)
    said = lines(caplog)
    assert f"Handing {message.pk} to simulator, attempt 1" in said
    assert f"No hint for {hints.DELIVER} {message.pk}: left to the sweep" in said
    assert_discreet(
        said,
        address,
        address.lstrip("+"),
        "Amanda",
        "Quastenberg",
        "picked three",
        "Elm Street",
        message.lookbook.token,
        message.body,
    )


@pytest.mark.parametrize(
    "answer",
    [
        Refused("21211", f"{PHONE} is no number."),
        Temporary(f"{PHONE} is busy."),
        Unknown(f"No word about {PHONE}."),
    ],
)
def test_trouble_names_nobody_in_the_log(
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    answer: Exception,
) -> None:
    carrier = FakeCarrier(answers=[answer])
    monkeypatch.setattr(registry, "for_channel", lambda channel: carrier)
    associate, customer = associate_with_client()
    message = tap(associate, customer, offer(picks_in_stock(customer), body=NOTE), now=now)

    outbox.deliver(message.pk, now=now + timedelta(seconds=8))

    assert len(carrier.given) == 1
    assert Message.objects.get().state != State.SENT
    said = lines(caplog)
    assert f"Handing {message.pk} to fake, attempt 1" in said
    assert_discreet(said, PHONE, PHONE.lstrip("+"), "picked three", "Amanda")
