"""The calls of two mail services, as they publish them: authorised, signed, and neither."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clienteling import clock, environment_mail
from customers.models import Consent, Suppression
from outreach.messages import mail_identity
from outreach.models import Message, ProviderEvent, Reply
from outreach.models.message import State
from tests.factories import NOON, MessageFactory
from tests.outreach.messages.worlds import MAILBOX, associate_with_client

pytestmark = pytest.mark.django_db

CALLS = Path(__file__).resolve().parent.parent / "data" / "mail"
SECRET, SIGNING_KEY = "shop:a long password", "a signing key"
ADDRESSES = {
    "postmark": "postmark://?server_token=t",
    "mailgun": "mailgun://?api_key=k&sender_domain=mg.shop.example"
    "&webhook_signing_key=a+signing+key",
}


@pytest.fixture(autouse=True)
def shop(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    settings.EMAIL_SENDER = "Oak Street <notes@shop.example>"
    settings.EMAIL_REPLY_TO = "replies+@in.shop.example"
    use(settings, "postmark")


def use(settings: Any, name: str) -> None:
    settings.EMAIL_URL, settings.EMAIL_WEBHOOK_SECRET = ADDRESSES[name], SECRET
    settings.EMAIL_SERVICE = environment_mail.service(ADDRESSES[name])
    settings.ANYMAIL = environment_mail.anymail_settings(ADDRESSES[name], secret=SECRET, timeout=15)


@pytest.fixture
def note() -> Message:
    """A mail whose service has taken it, and reports under another id than ours."""
    _, customer = associate_with_client()
    return MessageFactory(
        customer=customer,
        channel="email",
        to_address=MAILBOX,
        state="sent",
        sent_at=NOON - timedelta(hours=1),
        intent_at=NOON - timedelta(hours=1),
        provider="postmark",
        provider_id="883953f4-6105-42a2-a16a-77a8eac79483",
    )


def recorded(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((CALLS / f"{name}.json").read_text())
    return told


def call(
    path: str, told: dict[str, Any], *, secret: str | None = SECRET, browser: Client | None = None
) -> int:
    """Post it as JSON with a name and a password, as the service is told to."""
    shown = f"Basic {base64.b64encode(secret.encode()).decode()}" if secret else ""
    headers = {"Authorization": shown} if shown else {}
    answer = (browser or Client()).post(
        f"/webhooks/email/{path}/",
        data=json.dumps(told),
        content_type="application/json",
        headers=headers,
    )
    return int(answer.status_code)


def signed(told: dict[str, Any], *, key: str = SIGNING_KEY) -> dict[str, Any]:
    """As Mailgun signs: over its own moment and token."""
    part = told.get("signature") if isinstance(told.get("signature"), dict) else told
    assert part is not None
    message = f"{part['timestamp']}{part['token']}".encode()
    part["signature"] = hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
    return told


def untouched() -> bool:
    return not (
        ProviderEvent.objects.exists() or Reply.objects.exists() or Suppression.objects.exists()
    )


# --- The door ------------------------------------------------------------------------------------
@pytest.mark.parametrize("secret", [None, "shop:wrong", "shop", ":", "shop:a long passwor"])
@pytest.mark.parametrize(
    ("path", "name"),
    [("postmark/tracking", "postmark_hard_bounce"), ("postmark/inbound", "postmark_inbound")],
)
def test_without_the_secret_nothing_is_even_looked_up(
    note: Message, path: str, name: str, secret: str | None
) -> None:
    with CaptureQueriesContext(connection) as queries:
        status = call(path, recorded(name), secret=secret)

    assert (status, len(queries)) == (403, 0)
    assert untouched()


@pytest.mark.parametrize("header", ["Bearer abc", "Basic ???", "Basic /w==", ""])
def test_a_garbled_secret_is_no_secret(client: Client, header: str) -> None:
    answer = client.post(
        "/webhooks/email/postmark/tracking/",
        data="{}",
        content_type="application/json",
        headers={"Authorization": header},
    )

    assert answer.status_code == 403


def test_nobody_is_let_in_while_no_secret_is_set(note: Message, settings: Any) -> None:
    settings.EMAIL_WEBHOOK_SECRET = ""

    assert call("postmark/tracking", recorded("postmark_hard_bounce"), secret=":") == 403
    assert untouched()


def test_a_service_that_is_not_ours_is_not_there(note: Message, settings: Any) -> None:
    assert call("mailgun/tracking", signed(recorded("mailgun_complained"))) == 404
    settings.EMAIL_SERVICE = None
    assert call("postmark/tracking", recorded("postmark_hard_bounce")) == 404
    assert untouched()


@pytest.mark.parametrize("told", [{}, {"RecordType": "Inbound"}, {"RecordType": "Bounce", "ID": 1}])
def test_what_no_service_sends_does_no_harm(told: dict[str, Any]) -> None:
    assert call("postmark/tracking", told) in {200, 400}
    assert untouched()


def test_what_is_no_json_is_turned_down(client: Client) -> None:
    answer = client.post(
        "/webhooks/email/postmark/inbound/",
        data="{not json",
        content_type="application/json",
        headers={"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"},
    )

    assert answer.status_code == 400


def test_the_service_may_try_the_address(client: Client) -> None:
    path = "/webhooks/email/postmark/tracking/"

    assert client.head(path).status_code == 200
    assert client.get(path).status_code == 405


def test_it_needs_no_form_token(note: Message) -> None:
    browser = Client(enforce_csrf_checks=True)

    assert call("postmark/tracking", recorded("postmark_delivery"), browser=browser) == 200


# --- Postmark ------------------------------------------------------------------------------------
def test_postmark_delivery_moves_the_message(note: Message) -> None:
    statuses = [call("postmark/tracking", recorded("postmark_delivery")) for _ in range(2)]

    note.refresh_from_db()
    assert statuses == [200, 200]
    assert (note.state, note.delivered_at) == (State.DELIVERED, NOON)
    assert ProviderEvent.objects.count() == 1


def test_postmark_delivery_settles_a_mail_by_what_travelled_with_it(note: Message) -> None:
    Message.objects.update(state="needs_attention", provider_id="", sent_at=None)
    told = recorded("postmark_delivery") | {"Metadata": {"clienteling_message": str(note.pk)}}

    call("postmark/tracking", told)

    note.refresh_from_db()
    assert (note.state, note.provider_id) == (State.DELIVERED, told["MessageID"])


def test_postmark_hard_bounce_suppresses_the_address(note: Message) -> None:
    for _ in range(2):
        call("postmark/tracking", recorded("postmark_hard_bounce"))

    note.refresh_from_db()
    assert (note.state, note.reason) == (State.FAILED, "There is no mailbox at this address.")
    assert Suppression.objects.values_list("address", "reason").get() == (MAILBOX, "bounced")
    event = ProviderEvent.objects.get()
    assert event.kind == "hard bounce"
    assert event.payload == {
        "event": "bounced",
        "reason": "bounced",
        "answer": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "description": "The server was unable to deliver your message "
        "(ex: unknown user, mailbox not found).",
    }


def test_postmark_soft_bounce_suppresses_nothing(note: Message) -> None:
    call("postmark/tracking", recorded("postmark_soft_bounce"))

    note.refresh_from_db()
    assert note.reason == "Her mailbox could not be reached, or is full."
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [("postmark_spam_complaint", "complained"), ("postmark_suppression", "unsubscribed")],
)
def test_postmark_complaint_or_suppression_is_her_no(note: Message, name: str, reason: str) -> None:
    call("postmark/tracking", recorded(name))

    assert Suppression.objects.values_list("address", "reason").get() == (MAILBOX, reason)
    assert Consent.objects.get(customer=note.customer, channel="email").state == "opted_out"


def test_postmark_opens_are_not_kept(note: Message) -> None:
    assert call("postmark/tracking", recorded("postmark_open")) == 200
    assert untouched()


def test_postmark_inbound_brings_her_answer_into_the_thread(note: Message) -> None:
    told = recorded("postmark_inbound")
    told["OriginalRecipient"] = mail_identity.reply_to(note.pk)

    statuses = [call("postmark/inbound", told) for _ in range(2)]

    reply = Reply.objects.get()
    assert statuses == [200, 200]
    assert (reply.customer, reply.message) == (note.customer, note)
    assert reply.body == "Yes please! Like the one in the picture."
    assert (reply.is_verified, reply.left_out, reply.received_at) == (True, 1, NOON)


def test_postmark_inbound_with_a_large_photograph_is_heard(note: Message) -> None:
    told = recorded("postmark_inbound")
    told["Attachments"][0]["Content"] = "/9j/" * 1_000_000

    assert call("postmark/inbound", told) == 200
    assert Reply.objects.count() == 1


def test_postmark_inbound_beyond_all_measure_is_refused(
    note: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.views.mail_webhooks.MOST_BYTES", 1_000)

    assert call("postmark/inbound", recorded("postmark_inbound")) == 413
    assert untouched()


def test_postmark_inbound_from_a_forged_sender_may_only_stop(note: Message) -> None:
    call("postmark/inbound", recorded("postmark_inbound") | {"TextBody": "STOP"})

    assert Suppression.objects.get().address == MAILBOX
    assert not Reply.objects.get().is_verified


# --- Mailgun -------------------------------------------------------------------------------------
@pytest.fixture
def by_mailgun(note: Message, settings: Any) -> Message:
    use(settings, "mailgun")
    Message.objects.update(
        provider="mailgun", provider_id="<20260615170000.1.DF5966851B4BAA99@mg.shop.example>"
    )
    return note


@pytest.mark.parametrize(
    ("name", "state", "kind"),
    [
        ("mailgun_delivered", State.DELIVERED, "delivered"),
        ("mailgun_failed_permanent", State.FAILED, "hard bounce"),
        ("mailgun_failed_temporary", State.SENT, "accepted"),
        ("mailgun_complained", State.DELIVERED, "complaint"),
    ],
)
def test_mailgun_events_move_the_message(
    by_mailgun: Message, name: str, state: State, kind: str
) -> None:
    again = recorded(name)
    again["signature"]["token"] = "another token for the same event"

    statuses = [call("mailgun/tracking", signed(each)) for each in (recorded(name), again)]

    by_mailgun.refresh_from_db()
    assert statuses == [200, 200]
    assert (by_mailgun.state, ProviderEvent.objects.get().kind) == (state, kind)


def test_mailgun_events_need_secret_and_signature(by_mailgun: Message) -> None:
    forged = signed(recorded("mailgun_failed_permanent"), key="another key")
    genuine = signed(recorded("mailgun_failed_permanent"))

    statuses = [
        call("mailgun/tracking", forged),
        call("mailgun/tracking", recorded("mailgun_failed_permanent") | {"signature": {}}),
        call("mailgun/tracking", genuine, secret=None),
    ]

    assert statuses == [403, 403, 403]
    assert untouched()


def test_mailgun_inbound_brings_her_answer_into_the_thread(by_mailgun: Message) -> None:
    told = signed(recorded("mailgun_inbound"))
    headers = json.loads(told["message-headers"])
    headers.append(["In-Reply-To", mail_identity.message_id(by_mailgun.pk)])

    answer = Client().post(
        "/webhooks/email/mailgun/inbound/",
        data=told | {"message-headers": json.dumps(headers)},
        headers={"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"},
    )

    reply = Reply.objects.get()
    assert answer.status_code == 200
    assert (reply.customer, reply.message, reply.body) == (
        by_mailgun.customer,
        by_mailgun,
        "Yes please!",
    )
