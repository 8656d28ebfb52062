"""Against django-anymail itself, with the wire replaced: what is sent, what each answer means."""

import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
import requests
import responses

from clienteling.environment_mail import anymail_settings, service
from outreach.messages.providers import registry
from outreach.messages.providers.receipts import Outgoing, Receipt, Refused, Temporary, Unknown
from outreach.messages.providers.service_mail import ServiceMail

NUMBER = UUID("00000000-0000-4000-8000-000000000001")
POSTMARK = "https://api.postmarkapp.com/email"
MAILGUN = "https://api.mailgun.net/v3/mg.example.com/messages"
OUTGOING = Outgoing(
    NUMBER,
    "amanda@example.com",
    "Dear Amanda,\n\n1. Marlow loafer, $265",
    datetime(2026, 6, 15, 17, 0, tzinfo=UTC),
    subject="New here\r\nBcc: everybody@example.com",
    sender_name="Maya",
    store_name="Oak Street",
    postal_address="1 Oak Street, Chicago, IL 60611",
    unsubscribe_url="https://notes.example.com/u/token/",
)
ACCEPTED = {
    "To": "amanda@example.com",
    "SubmittedAt": "2026-06-15T12:00:01-05:00",
    "MessageID": "0a129aee-e1cd-480d-b08d-4f48548ff48d",
    "ErrorCode": 0,
    "Message": "OK",
}


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def carrier(settings: Any) -> ServiceMail:
    return configured(settings, "postmark://?server_token=secret-token")


def configured(settings: Any, address: str) -> ServiceMail:
    """What settings.py makes of this address, and the carrier it leads to."""
    settings.EMAIL_URL, settings.EMAIL_SERVICE = address, service(address)
    settings.ANYMAIL = anymail_settings(address, secret="", timeout=15)
    settings.EMAIL_SENDER = "Clienteling <notes@shop.example>"
    settings.EMAIL_REPLY_TO = ""
    carrier = registry.for_channel("email")
    assert isinstance(carrier, ServiceMail)
    return carrier


def test_send_hands_the_whole_mail_to_postmark(
    wire: responses.RequestsMock, carrier: ServiceMail
) -> None:
    wire.post(POSTMARK, json=ACCEPTED)

    receipt = carrier.send(OUTGOING)

    asked = wire.calls[0].request
    sent = json.loads(asked.body or "")
    headers = {each["Name"]: each["Value"] for each in sent["Headers"]}
    assert receipt == Receipt("0a129aee-e1cd-480d-b08d-4f48548ff48d")
    assert asked.headers["X-Postmark-Server-Token"] == "secret-token"
    assert headers == {
        "Message-ID": f"<{NUMBER}@shop.example>",
        "X-PM-KeepID": "true",
        "List-Unsubscribe": "<https://notes.example.com/u/token/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert sent["Subject"] == "New here Bcc: everybody@example.com"
    assert sent["Metadata"] == {"clienteling_message": str(NUMBER)}
    assert (sent["TrackOpens"], sent["TrackLinks"]) == (False, "None")
    assert "1 Oak Street, Chicago" in sent["TextBody"]
    assert "1 Oak Street, Chicago" in sent["HtmlBody"]
    assert "Bcc" not in sent


def test_send_again_carries_the_same_message_id(
    wire: responses.RequestsMock, carrier: ServiceMail
) -> None:
    wire.post(POSTMARK, json=ACCEPTED)

    for _ in range(2):
        carrier.send(OUTGOING)

    first, second = (json.loads(call.request.body or "") for call in wire.calls)
    assert first["Headers"] == second["Headers"]


def test_send_hands_the_whole_mail_to_mailgun(wire: responses.RequestsMock, settings: Any) -> None:
    carrier = configured(
        settings,
        "mailgun://?api_key=key&sender_domain=mg.example.com&webhook_signing_key=sign",
    )
    settings.EMAIL_REPLY_TO = "replies@in.shop.example"
    wire.post(MAILGUN, json={"id": "<20260615@mg.example.com>", "message": "Queued. Thank you."})

    receipt = carrier.send(OUTGOING)

    sent = {name.lower(): value for name, value in parse_qsl(str(wire.calls[0].request.body))}
    expected = {
        "h:message-id": f"<{NUMBER}@shop.example>",
        "h:list-unsubscribe-post": "List-Unsubscribe=One-Click",
        "h:reply-to": "replies@in.shop.example",
        "v:clienteling_message": str(NUMBER),
        "o:tracking-opens": "no",
        "o:tracking-clicks": "no",
    }
    assert receipt == Receipt("<20260615@mg.example.com>")
    assert {name: sent.get(name) for name in expected} == expected


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
@pytest.mark.parametrize(
    "name", ["brevo", "mailjet", "mandrill", "resend", "sendgrid", "sparkpost"]
)
def test_send_reaches_every_other_service(
    name: str, wire: responses.RequestsMock, settings: Any
) -> None:
    options = "api_key=k&secret_key=s&webhook_key=w"
    carrier = configured(settings, f"{name}://?{options}&api_url=https://service.example/")
    wire.post(re.compile(r"https://service\.example/.*"), status=503)

    with pytest.raises(Unknown):
        carrier.send(OUTGOING)

    body = wire.calls[0].request.body
    sent = body.decode() if isinstance(body, bytes) else str(body)
    assert "amanda@example.com" in sent
    assert "List-Unsubscribe-Post" in sent
    assert ("Message-ID" in sent) == (name == "sendgrid")


# --- Answers -------------------------------------------------------------------------------------
def inactive(code: int) -> dict[str, Any]:
    return {
        "json": {
            "ErrorCode": code,
            "Message": "You tried to send to a recipient that has been marked as inactive.\n"
            "Found inactive addresses: amanda@example.com.\n"
            "Inactive recipients are ones that have generated a hard bounce or a spam complaint.",
        },
        "status": 422,
    }


def test_send_learns_that_the_service_knows_the_address_to_be_dead(
    wire: responses.RequestsMock, carrier: ServiceMail
) -> None:
    wire.post(POSTMARK, **inactive(406))

    with pytest.raises(Refused) as refusal:
        carrier.send(OUTGOING)

    assert (refusal.value.suppress, refusal.value.because) == (True, "bounced")


def test_send_learns_that_the_address_is_none(
    wire: responses.RequestsMock, carrier: ServiceMail
) -> None:
    message = "Invalid 'To' address: 'amanda@example.com'."
    wire.post(POSTMARK, json={"ErrorCode": 300, "Message": message}, status=422)

    with pytest.raises(Refused) as refusal:
        carrier.send(OUTGOING)

    assert (refusal.value.suppress, refusal.value.unusable) == (False, True)


def test_send_takes_another_no_for_final(
    wire: responses.RequestsMock, carrier: ServiceMail
) -> None:
    wire.post(POSTMARK, json={"ErrorCode": 300, "Message": "Invalid 'From'"}, status=422)

    with pytest.raises(Refused) as refusal:
        carrier.send(OUTGOING)

    assert (refusal.value.code, refusal.value.suppress, refusal.value.unusable) == (
        "422",
        False,
        False,
    )


def test_send_waits_as_long_as_the_service_asks(
    wire: responses.RequestsMock, carrier: ServiceMail
) -> None:
    wire.post(POSTMARK, json={}, status=429, headers={"Retry-After": "37"})

    with pytest.raises(Temporary) as delay:
        carrier.send(OUTGOING)

    assert delay.value.retry_after == 37


@pytest.mark.parametrize("status", [401, 403])
def test_send_may_try_again_when_the_account_is_wrong(
    wire: responses.RequestsMock, carrier: ServiceMail, status: int
) -> None:
    wire.post(POSTMARK, json={"ErrorCode": 10, "Message": "Bad token"}, status=status)

    with pytest.raises(Temporary):
        carrier.send(OUTGOING)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "json": {}},
        {"status": 503, "body": "busy"},
        {"status": 200, "body": '{"MessageID": "0a129'},
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectionError("reset by peer")},
    ],
)
def test_send_never_guesses_about_an_unclear_answer(
    wire: responses.RequestsMock, carrier: ServiceMail, answer: dict[str, Any]
) -> None:
    wire.post(POSTMARK, **answer)

    with pytest.raises(Unknown):
        carrier.send(OUTGOING)


def test_send_may_try_again_when_it_never_connected(
    wire: responses.RequestsMock, carrier: ServiceMail
) -> None:
    wire.post(POSTMARK, body=requests.ConnectTimeout())

    with pytest.raises(Temporary):
        carrier.send(OUTGOING)


def test_send_ends_by_its_timeout_when_the_service_is_silent(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        carrier = at_port(silent.getsockname()[1], settings)
        started = time.monotonic()

        with pytest.raises(Unknown):
            carrier.send(OUTGOING)

    assert 1 <= time.monotonic() - started < 5


def test_send_may_try_again_when_nobody_listens(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(Temporary):
        at_port(port, settings).send(OUTGOING)


def at_port(port: int, settings: Any) -> ServiceMail:
    carrier = configured(settings, f"postmark://?server_token=t&api_url=http://127.0.0.1:{port}/")
    settings.ANYMAIL = settings.ANYMAIL | {"REQUESTS_TIMEOUT": 1}
    return carrier


def test_send_refuses_what_is_no_address(carrier: ServiceMail) -> None:
    with pytest.raises(Refused) as refusal:
        carrier.send(replace(OUTGOING, to_address="amanda@"))

    assert refusal.value.unusable


def test_a_mail_service_keeps_no_list(carrier: ServiceMail) -> None:
    moment = datetime(2026, 6, 15, tzinfo=UTC)

    assert not carrier.keeps_list
    for look in (
        lambda: carrier.sent_to("amanda@example.com", since=moment, now=moment),
        lambda: carrier.all_sent(since=moment),
        lambda: carrier.line("1"),
    ):
        with pytest.raises(Temporary):
            look()
