import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clienteling import clock
from outreach.messages.providers.receipts import Outgoing
from outreach.messages.providers.simulator import Simulator
from tests.factories import MessageFactory
from tests.outreach.messages.worlds import associate_with_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("outbox", *arguments, stdout=out)
    return out.getvalue()


def test_outbox_lists_what_is_on_its_way_and_what_ended_lately(now: datetime) -> None:
    yesterday = now - timedelta(hours=25)
    stuck: dict[str, Any] = {
        "created_at": yesterday,
        "queued_at": yesterday,
        "intent_at": yesterday,
    }
    unconfirmed = MessageFactory(state="unconfirmed", provider="twilio", attempts=2, **stuck)
    failed = MessageFactory(
        state="failed", provider_id="SM1", reason="This is a landline.", created_at=now
    )
    MessageFactory(state="canceled", **stuck)
    MessageFactory(state="draft")

    rows = json.loads(run("--json"))

    assert rows == [
        {
            "id": str(unconfirmed.pk),
            "channel": "sms",
            "state": "unconfirmed",
            "provider_id": "",
            "attempts": 2,
            "reason": "",
        },
        {
            "id": str(failed.pk),
            "channel": "sms",
            "state": "failed",
            "provider_id": "SM1",
            "attempts": 0,
            "reason": "This is a landline.",
        },
    ]


def test_outbox_prints_a_table_without_addresses_or_words() -> None:
    message = MessageFactory()

    printed = run()

    assert printed.splitlines()[0].split() == [
        "id",
        "channel",
        "state",
        "provider_id",
        "attempts",
        "reason",
    ]
    assert printed.splitlines()[1].split() == [str(message.pk), "sms", "queued", "0"]
    assert printed.splitlines()[2] == "1 messages."
    assert message.to_address not in printed
    assert message.body not in printed


def test_outbox_says_when_there_is_nothing() -> None:
    assert (run(), json.loads(run("--json"))) == ("Nothing is on its way.\n", [])


# --- retry and cancel ----------------------------------------------------------------------------
def test_outbox_cancel_stops_one_and_names_who_did_it() -> None:
    message = MessageFactory()

    said = run("cancel", str(message.pk), "--by", "dana")

    message.refresh_from_db()
    assert said == f"{message.pk} is canceled.\n"
    assert (message.state, message.reason) == ("canceled", "Canceled by dana.")


def test_outbox_cancel_names_the_account_when_nobody_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "deploy")
    message = MessageFactory()

    run("cancel", str(message.pk))

    message.refresh_from_db()
    assert message.reason == "Canceled by deploy."


def test_outbox_retry_puts_one_back(now: datetime) -> None:
    associate, customer = associate_with_client()
    message = MessageFactory(
        customer=customer, store=customer.store, sender=associate, state="failed", attempts=1
    )

    said = run("retry", str(message.pk))

    message.refresh_from_db()
    assert said == f"{message.pk} is in the queue again.\n"
    assert (message.state, message.send_after) == ("queued", now)


def test_outbox_retry_says_when_it_had_left_after_all(now: datetime) -> None:
    message = MessageFactory(
        channel="sms", state="needs_attention", intent_at=now, provider="simulator", attempts=1
    )
    Simulator("sms").send(
        Outgoing(message.pk, message.to_address, message.body, attempt_at=now),
    )

    said = run("retry", str(message.pk))

    message.refresh_from_db()
    assert said == (
        f"{message.pk} had left after all: the carrier's list shows it. It is marked sent.\n"
    )
    assert message.state == "sent"


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("retry", "It has left already."),
        ("cancel", "Too late: it has left already."),
    ],
)
def test_outbox_refuses_with_a_sentence(action: str, sentence: str, now: datetime) -> None:
    message = MessageFactory(state="sent", sent_at=now, intent_at=now)

    with pytest.raises(CommandError) as refusal:
        run(action, str(message.pk))

    assert str(refusal.value) == f"{message.pk} stays as it is. {sentence}"
    assert refusal.value.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["retry"], "Name the message: manage.py outbox retry ID."),
        (["cancel", "nonsense"], "There is no message nonsense."),
        (
            ["cancel", "00000000-0000-4000-8000-000000000001"],
            "There is no message 00000000-0000-4000-8000-000000000001.",
        ),
    ],
)
def test_outbox_refuses_what_is_no_message(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as refusal:
        run(*arguments)

    assert str(refusal.value) == sentence
