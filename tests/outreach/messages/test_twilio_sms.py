"""Against the SDK itself, with the wire replaced: what is sent, and what each answer means."""

import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
import requests
import responses

from outreach.messages.providers import registry
from outreach.messages.providers.receipts import Outgoing, Receipt, Refused, Temporary, Unknown
from outreach.messages.providers.twilio_sms import TwilioSms

NOON = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)
NUMBER = UUID("00000000-0000-4000-8000-000000000001")
CREATE = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
OUTGOING = Outgoing(NUMBER, "+13125550142", "Hi Amanda, €5?", NOON)


@pytest.fixture(autouse=True)
def configured(settings: Any) -> None:
    settings.TWILIO_IS_CONFIGURED = True
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
    settings.TWILIO_MESSAGING_SERVICE_SID, settings.TWILIO_FROM_NUMBER = "MG1", ""
    settings.TWILIO_API_BASE_URL = ""
    settings.PUBLIC_BASE_URL = "https://notes.example.com"


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def error(code: int, status: int = 400) -> dict[str, Any]:
    return {"json": {"code": code, "message": "said Twilio", "status": status}, "status": status}


def test_send_hands_over_the_words_and_its_own_callback(wire: responses.RequestsMock) -> None:
    wire.post(CREATE, json={"sid": "SM1", "status": "accepted"}, status=201)

    receipt = TwilioSms().send(OUTGOING)

    assert receipt == Receipt("SM1")
    assert parse_qs(str(wire.calls[0].request.body)) == {
        "To": ["+13125550142"],
        "Body": ["Hi Amanda, €5?"],
        "MessagingServiceSid": ["MG1"],
        "StatusCallback": [f"https://notes.example.com/webhooks/twilio/status/{NUMBER}/"],
    }


def test_send_uses_the_number_and_address_it_is_given(
    wire: responses.RequestsMock, settings: Any
) -> None:
    settings.TWILIO_MESSAGING_SERVICE_SID, settings.TWILIO_FROM_NUMBER = "", "+15005550006"
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:4010/"
    wire.post("http://127.0.0.1:4010/2010-04-01/Accounts/AC1/Messages.json", json={"sid": "SM1"})

    TwilioSms().send(OUTGOING)

    assert parse_qs(str(wire.calls[0].request.body))["From"] == ["+15005550006"]


@pytest.mark.parametrize(
    ("code", "suppress", "unusable", "sentence"),
    [
        (21211, False, True, "This is not a valid mobile number."),
        (21408, False, True, "Texts to this country are not switched on."),
        (21610, True, False, "She has stopped texts from our number."),
        (21612, False, True, "Our number cannot reach this one."),
        (21614, False, True, "This number cannot receive texts."),
        (29999, False, False, "The carrier refused it (code 29999)."),
    ],
)
def test_send_takes_a_coded_refusal_for_final(
    wire: responses.RequestsMock, code: int, suppress: bool, unusable: bool, sentence: str
) -> None:
    wire.post(CREATE, **error(code))

    with pytest.raises(Refused) as refusal:
        TwilioSms().send(OUTGOING)

    assert (refusal.value.code, refusal.value.sentence) == (str(code), sentence)
    assert (refusal.value.suppress, refusal.value.unusable) == (suppress, unusable)


def test_send_waits_as_long_as_twilio_asks(wire: responses.RequestsMock) -> None:
    wire.post(CREATE, **error(20429, status=429), headers={"Retry-After": "7"})

    with pytest.raises(Temporary) as delay:
        TwilioSms().send(OUTGOING)

    assert (delay.value.retry_after, len(wire.calls)) == (7, 1)


@pytest.mark.parametrize("asked", ["9" * 5_000, "-7", "soon", ""])
def test_send_is_not_put_out_by_a_nonsensical_wait(
    wire: responses.RequestsMock, asked: str
) -> None:
    wire.post(CREATE, **error(20429, status=429), headers={"Retry-After": asked})

    with pytest.raises(Temporary) as delay:
        TwilioSms().send(OUTGOING)

    assert delay.value.retry_after == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectionError("Connection reset by peer")},
        {"json": {"message": "oops"}, "status": 500},
        {"body": "<html>bad gateway</html>", "status": 502},
        {"body": "<html>a proxy waited too long</html>", "status": 408},
        {"body": "", "status": 400},
        {"body": '{"sid": "SM1", "sta', "status": 201},
        {"json": {"status": "accepted"}, "status": 201},
    ],
)
def test_send_never_guesses_about_an_unclear_answer(
    wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    wire.post(CREATE, **answer)

    with pytest.raises(Unknown):
        TwilioSms().send(OUTGOING)

    assert len(wire.calls) == 1


def test_send_knows_that_a_refused_connection_carried_nothing(settings: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        settings.TWILIO_API_BASE_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(Temporary):
            TwilioSms().send(OUTGOING)


def test_send_does_not_know_what_became_of_a_silent_connection(settings: Any) -> None:
    settings.TWILIO_TIMEOUT_SECONDS = 1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.TWILIO_API_BASE_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        heard = threading.Thread(target=lambda: silent.accept()[0].recv(65_536), daemon=True)
        heard.start()

        with pytest.raises(Unknown):
            TwilioSms().send(OUTGOING)


def line(sid: str, **changes: Any) -> dict[str, Any]:
    return {
        "sid": sid,
        "body": "Hi",
        "direction": "outbound-api",
        "date_created": "Mon, 15 Jun 2026 17:00:05 +0000",
        "date_sent": None,
        **changes,
    }


def test_sent_to_lists_by_recipient_what_we_sent_since(wire: responses.RequestsMock) -> None:
    page = [
        line("SM1"),
        line("SM2", direction="inbound"),
        line("SM3", date_created="Mon, 15 Jun 2026 16:58:00 +0000"),
    ]
    wire.get(re.compile(re.escape(CREATE)), json={"messages": page, "next_page_uri": None})

    listed = TwilioSms().sent_to("+13125550142", since=NOON - timedelta(seconds=60), now=NOON)

    assert [(each.provider_id, each.body) for each in listed] == [("SM1", "Hi")]
    assert listed[0].created_at == NOON + timedelta(seconds=5)
    assert wire.calls[0].request.params == {"To": "+13125550142", "PageSize": "50"}  # type: ignore[attr-defined]


def test_sent_to_measures_ages_by_twilios_own_clock(wire: responses.RequestsMock) -> None:
    ours = NOON + timedelta(hours=9)  # a wrong clock here, or the demo's
    page = [line("SM1"), line("SM2", date_created="Mon, 15 Jun 2026 16:58:00 +0000")]
    wire.get(
        re.compile(re.escape(CREATE)),
        json={"messages": page, "next_page_uri": None},
        headers={"Date": "Mon, 15 Jun 2026 17:00:10 GMT"},
    )

    listed = TwilioSms().sent_to("+13125550142", since=ours - timedelta(seconds=60), now=ours)

    assert [(each.provider_id, each.created_at) for each in listed] == [
        ("SM1", ours - timedelta(seconds=5))
    ]


@pytest.mark.parametrize("answer", [{"status": 500}, {"body": requests.ReadTimeout()}])
def test_sent_to_says_when_it_cannot_see(
    wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    wire.get(re.compile(re.escape(CREATE)), **answer)

    with pytest.raises(Temporary):
        TwilioSms().sent_to("+13125550142", since=NOON, now=NOON)


def test_the_sdk_writes_no_number_into_our_logs(
    wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire.get(re.compile(re.escape(CREATE)), json={"messages": [], "next_page_uri": None})
    wire.post(CREATE, json={"sid": "SM1"}, status=201)

    TwilioSms().send(OUTGOING)
    TwilioSms().sent_to("+13125550142", since=NOON, now=NOON)

    assert "3125550142" not in json.dumps(caplog.messages)
    assert "Amanda" not in json.dumps(caplog.messages)


def test_registry_chooses_the_real_carrier_where_it_is_configured(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://user:pw@mail.example.com:587?tls"
    real = [registry.for_channel(channel).name for channel in ("sms", "email")]
    settings.TWILIO_IS_CONFIGURED, settings.EMAIL_URL = False, ""
    simulated = [registry.for_channel(channel).name for channel in ("sms", "email")]

    assert (real, simulated) == (["twilio", "smtp"], ["simulator", "simulator"])
    assert registry.of_message("sms", "twilio") is None
