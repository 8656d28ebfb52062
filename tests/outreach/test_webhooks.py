import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from customers.models import Suppression
from outreach.models import Message, ProviderEvent, Reply, ReplyPicture
from outreach.models.message import State
from tests.factories import NOON, MessageFactory

pytestmark = pytest.mark.django_db

TOKEN, PUBLIC = "the auth token", "https://notes.example.com:8443"
INBOUND = "/webhooks/twilio/inbound/"


@pytest.fixture(autouse=True)
def configured(settings: Any) -> None:
    settings.TWILIO_IS_CONFIGURED = True
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", TOKEN
    settings.PUBLIC_BASE_URL = PUBLIC


def post(
    client: Client,
    path: str,
    sent: dict[str, str],
    *,
    key: str = TOKEN,
    signed: dict[str, str] | None = None,
    signed_url: str = "",
) -> Any:
    """Post as Twilio does; `signed` and `signed_url` are what the signature really covers."""
    signature = RequestValidator(key).compute_signature(
        signed_url or PUBLIC + path, sent if signed is None else signed
    )
    return client.post(path, sent, headers={"X-Twilio-Signature": signature})


def status_path(message: Message) -> str:
    return f"/webhooks/twilio/status/{message.pk}/"


def words(body: str, **changes: str) -> dict[str, str]:
    return {"MessageSid": "SM9", "From": "+13125550142", "To": "+1500", "Body": body, **changes}


@pytest.fixture
def unconfirmed() -> Message:
    return MessageFactory(state="unconfirmed", intent_at=NOON, provider="twilio", attempts=1)


def test_status_moves_the_message_and_takes_parameters_never_seen(
    client: Client, unconfirmed: Message
) -> None:
    path = status_path(unconfirmed) + "?region=eu"
    told = {"MessageSid": "SM1", "MessageStatus": "delivered", "MessagingServiceSid": "MG1"}

    answer = post(client, path, {**told, "BrandNew": "yes é"})

    unconfirmed.refresh_from_db()
    assert answer.status_code == 204
    assert (unconfirmed.state, unconfirmed.provider_id) == (State.DELIVERED, "SM1")


def test_status_late_sent_does_not_undo_delivered(client: Client, unconfirmed: Message) -> None:
    path = status_path(unconfirmed)

    for status in ("delivered", "sent", "queued", "delivered"):
        post(client, path, {"MessageSid": "SM1", "MessageStatus": status})

    unconfirmed.refresh_from_db()
    assert unconfirmed.state == State.DELIVERED
    assert ProviderEvent.objects.count() == 3


def test_status_says_in_plain_words_why_it_failed(client: Client, unconfirmed: Message) -> None:
    told = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30007"}

    post(client, status_path(unconfirmed), told)

    unconfirmed.refresh_from_db()
    assert unconfirmed.state == State.FAILED
    assert unconfirmed.reason == "A carrier filtered the text as unwanted."


def test_status_of_an_unknown_message_changes_nothing(client: Client) -> None:
    path = f"/webhooks/twilio/status/{uuid4()}/"

    answer = post(client, path, {"MessageSid": "SM1", "MessageStatus": "delivered"})

    assert answer.status_code == 204
    assert (Message.objects.count(), ProviderEvent.objects.count()) == (0, 0)


def test_inbound_stop_suppresses_in_this_request_and_answers_nothing(client: Client) -> None:
    held = MessageFactory()

    answer = post(client, INBOUND, words("STOP"))

    held.refresh_from_db()
    assert answer.content == b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
    assert answer["Content-Type"] == "text/xml"
    assert (held.state, Suppression.objects.count()) == (State.CANCELED, 1)


def test_inbound_heeds_what_the_carrier_calls_a_stop(client: Client) -> None:
    post(client, INBOUND, words("Arrêter", OptOutType="STOP"))

    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("body", ["👠" * 800, "<script>alert(1)</script>", "مرحبا", "a\x00b", ""])
def test_inbound_keeps_any_words_as_text(client: Client, body: str) -> None:
    answer = post(client, INBOUND, words(body))

    assert answer.status_code == 200
    assert Reply.objects.get().body == body.replace("\x00", "")


@pytest.mark.parametrize(
    "forgery",
    [
        {"key": "another token"},
        {"signed": words("harmless")},
        {"signed_url": f"http://notes.example.com{INBOUND}"},
        {"signed_url": f"https://evil.example.com{INBOUND}"},
        {"signed_url": f"{PUBLIC}{INBOUND}?extra=1"},
    ],
)
@pytest.mark.parametrize("body", ["STOP", "START"])
def test_a_forged_request_changes_nothing(
    client: Client, forgery: dict[str, Any], body: str
) -> None:
    Suppression.objects.create(
        channel="sms", address="+13125550199", reason="stop-word", suppressed_at=NOON
    )

    answer = post(client, INBOUND, words(body, From="+13125550199"), **forgery)

    assert answer.status_code == 403
    assert (Reply.objects.count(), ProviderEvent.objects.count()) == (0, 0)
    assert Suppression.objects.get().lifted_at is None


def test_a_request_without_signature_is_refused(client: Client, unconfirmed: Message) -> None:
    told = {"MessageSid": "SM1", "MessageStatus": "delivered"}

    answers = [client.post(status_path(unconfirmed), told), client.post(INBOUND, words("STOP"))]

    assert [answer.status_code for answer in answers] == [403, 403]
    unconfirmed.refresh_from_db()
    assert unconfirmed.state == State.UNCONFIRMED


def test_everything_is_refused_while_no_carrier_is_configured(
    client: Client, settings: Any
) -> None:
    settings.TWILIO_IS_CONFIGURED, settings.TWILIO_AUTH_TOKEN = False, ""

    assert post(client, INBOUND, words("STOP"), key="").status_code == 403


def test_only_post_is_heard(client: Client) -> None:
    assert client.get(INBOUND).status_code == 405


def test_a_replay_a_day_later_changes_nothing(client: Client, unconfirmed: Message) -> None:
    told = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    post(client, status_path(unconfirmed), told)
    before = json.dumps(list(Message.objects.values()), default=str)

    answer = post(client, status_path(unconfirmed), told)

    assert answer.status_code == 204
    assert json.dumps(list(Message.objects.values()), default=str) == before


def test_inbound_notes_three_pictures_and_answers_at_once(client: Client) -> None:
    media = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM9/Media/ME"
    told = words("", NumMedia="3")
    for place, kind in enumerate(("image/jpeg", "image/png", "text/html")):
        told |= {f"MediaUrl{place}": f"{media}{place}", f"MediaContentType{place}": kind}

    response = post(client, INBOUND, told)

    assert response.status_code == 200
    assert list(ReplyPicture.objects.values_list("position", "state", "source")) == [
        (1, "waiting", f"{media}0"),
        (2, "waiting", f"{media}1"),
        (3, "refused", ""),
    ]


@pytest.mark.parametrize("number", ["", "none", "-1", "9999999999999999999999"])
def test_inbound_believes_no_number_of_pictures(client: Client, number: str) -> None:
    response = post(client, INBOUND, words("Hello", NumMedia=number))

    assert (response.status_code, ReplyPicture.objects.count()) == (200, 0)
    assert Reply.objects.get().body == "Hello"
