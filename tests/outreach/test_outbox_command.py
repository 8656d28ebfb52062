import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from clienteling import clock
from tests.factories import MessageFactory

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
