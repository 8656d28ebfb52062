"""A note by a mail service, and all that comes back of it, from the tap to her answer's answer."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import responses
from django.test import Client

from clienteling import clock, environment_mail
from customers.models import Customer
from outreach.messages import outbox, sweeping
from outreach.models import Message, Reply
from outreach.models.message import State
from tests.factories import NOON
from tests.outreach.messages.worlds import (
    ANSWER,
    MAILBOX,
    associate_with_client,
    offer,
    picks_in_stock,
    tap,
)

pytestmark = pytest.mark.django_db(transaction=True)

POSTMARK = "https://api.postmarkapp.com/email"
ADDRESS, SECRET = "postmark://?server_token=t", "shop:word"


@pytest.fixture(autouse=True)
def shop(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=5))
    monkeypatch.setattr("outreach.messages.hints.current_app.send_task", lambda *_, **__: None)
    settings.EMAIL_URL, settings.EMAIL_WEBHOOK_SECRET = ADDRESS, SECRET
    settings.EMAIL_SERVICE = environment_mail.service(ADDRESS)
    settings.ANYMAIL = environment_mail.anymail_settings(ADDRESS, secret=SECRET, timeout=15)
    settings.EMAIL_SENDER = "Oak Street <notes@shop.example>"
    settings.EMAIL_REPLY_TO = "replies+@in.shop.example"


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def accepted(number: str) -> dict[str, Any]:
    return {"To": MAILBOX, "MessageID": number, "ErrorCode": 0, "Message": "OK"}


def sent_by_tap(customer: Customer, *, at: datetime = NOON, **note: Any) -> Message:
    assert customer.associate is not None
    message = tap(customer.associate, customer, offer(channel="email", **note), now=at)
    outbox.deliver(message.pk, now=at + timedelta(seconds=10))
    message.refresh_from_db()
    return message


def webhook(kind: str, told: dict[str, Any]) -> int:
    shown = base64.b64encode(SECRET.encode()).decode()
    answer = Client().post(
        f"/webhooks/email/postmark/{kind}/",
        data=json.dumps(told),
        content_type="application/json",
        headers={"Authorization": f"Basic {shown}"},
    )
    return int(answer.status_code)


def handed_over(wire: responses.RequestsMock, number: int = -1) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(wire.calls[number].request.body or "")
    return sent | {each["Name"]: each["Value"] for each in sent["Headers"]}


def test_a_note_is_delivered_answered_and_the_answer_answered(
    wire: responses.RequestsMock,
) -> None:
    _, customer = associate_with_client()
    wire.post(POSTMARK, json=accepted("pm-1"))
    note = sent_by_tap(customer, items=picks_in_stock(customer), subject="New here")
    mail = handed_over(wire)
    quoted = "\n".join(f"> {line}" for line in mail["TextBody"].splitlines())

    webhook(
        "tracking", {"RecordType": "Delivery", "MessageID": "pm-1", "Metadata": mail["Metadata"]}
    )
    webhook(
        "inbound",
        {
            "FromFull": {"Email": MAILBOX, "Name": "Amanda"},
            "OriginalRecipient": mail["ReplyTo"],
            "Subject": "Re: New here",
            "TextBody": f"In 38?\n\nOn 15 Jun 2026 at 12:00, Maya wrote:\n{quoted}",
            "Headers": [{"Name": "Message-ID", "Value": "<hers@mail.example>"}],
        },
    )
    wire.post(POSTMARK, json=accepted("pm-2"))
    answer = sent_by_tap(customer, at=NOON + timedelta(minutes=10), **ANSWER)

    note.refresh_from_db()
    reply = Reply.objects.get()
    second = handed_over(wire)
    assert (note.state, note.provider, note.provider_id) == (State.DELIVERED, "postmark", "pm-1")
    assert (reply.message, reply.body) == (note, "In 38?")
    assert (answer.state, answer.provider_id) == (State.SENT, "pm-2")
    assert (second["In-Reply-To"], second["References"]) == ("<hers@mail.example>",) * 2


def test_an_answer_to_words_without_a_name_names_none(wire: responses.RequestsMock) -> None:
    _, customer = associate_with_client()
    Reply.objects.create(
        customer=customer,
        channel="email",
        from_address=MAILBOX,
        body="Hello?",
        provider="imap",
        provider_id="<a@b>\r\nBcc: everybody@example.com",
        received_at=NOON - timedelta(hours=1),
    )
    wire.post(POSTMARK, json=accepted("pm-1"))

    sent_by_tap(customer, **ANSWER)

    assert "In-Reply-To" not in handed_over(wire)


def test_a_mail_whose_answer_was_lost_is_sent_once_and_settled_by_its_report(
    wire: responses.RequestsMock,
) -> None:
    _, customer = associate_with_client()
    wire.post(POSTMARK, json={}, status=500)

    note = sent_by_tap(customer)
    sweeping.settle(now=NOON + timedelta(minutes=4))
    note.refresh_from_db()
    unsettled = State(note.state)
    webhook(
        "tracking",
        {
            "RecordType": "Delivery",
            "MessageID": "pm-1",
            "Metadata": handed_over(wire)["Metadata"],
        },
    )

    note.refresh_from_db()
    assert unsettled == State.NEEDS_ATTENTION
    assert (note.state, note.provider_id, note.reason) == (State.DELIVERED, "pm-1", "")
    assert len(wire.calls) == 1
