"""R34: a picture is fetched from Twilio alone, and our token is shown to nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses

from outreach.messages.providers import twilio_media
from outreach.messages.providers.receipts import Refused, Temporary
from outreach.messages.providers.twilio_media import fetch

MEDIA = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM2/Media/ME3"
STORE = "https://mms.twiliocdn.com/AC1/abc?Expires=1&Signature=x"
OLD_STORE = "https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/abc"


@pytest.fixture(autouse=True)
def configured(settings: Any) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
    settings.TWILIO_API_BASE_URL = ""


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def moved(wire: responses.RequestsMock, source: str, target: str) -> None:
    wire.get(source, status=307, headers={"Location": target})


@pytest.mark.parametrize("store", [STORE, OLD_STORE])
def test_fetch_shows_our_token_to_the_api_and_not_to_the_store(
    wire: responses.RequestsMock, store: str
) -> None:
    moved(wire, MEDIA, store)
    wire.get(store, body=b"bytes")

    content = fetch(MEDIA)

    assert content == b"bytes"
    assert ["Authorization" in call.request.headers for call in wire.calls] == [True, False]


@pytest.mark.parametrize(
    "source",
    [
        "http://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM2/Media/ME3",
        "https://api.twilio.com.evil.example/2010-04-01/Accounts/AC1/Messages/MM2/Media/ME3",
        "https://evil.example/2010-04-01/Accounts/AC1/Messages/MM2/Media/ME3",
        "https://user@api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM2/Media/ME3",
        "https://api.twilio.com/2010-04-01/Accounts/AC2/Messages/MM2/Media/ME3",
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        f"{MEDIA}/../../../Messages.json",
        f"{MEDIA}\n",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "",
    ],
)
def test_fetch_asks_nobody_for_what_is_not_ours(wire: responses.RequestsMock, source: str) -> None:
    with pytest.raises(Refused):
        fetch(source)

    assert len(wire.calls) == 0


@pytest.mark.parametrize(
    "target",
    [
        "http://mms.twiliocdn.com/AC1/abc",
        "https://mms.twiliocdn.com.evil.example/abc",
        "https://mms.twiliocdn.com:8443/abc",
        "https://s3-external-1.amazonaws.com/somebody-else/abc",
        "https://s3-external-1.amazonaws.com/media.twiliocdn.com/../somebody-else/abc",
        "https://127.0.0.1/abc",
        "https://evil.example/abc",
    ],
)
def test_fetch_follows_nobody_elses_redirect(wire: responses.RequestsMock, target: str) -> None:
    moved(wire, MEDIA, target)

    with pytest.raises(Refused):
        fetch(MEDIA)

    assert len(wire.calls) == 1


def test_fetch_does_not_go_round_in_circles(wire: responses.RequestsMock) -> None:
    moved(wire, MEDIA, STORE)
    moved(wire, STORE, STORE)

    with pytest.raises(Refused):
        fetch(MEDIA)

    assert len(wire.calls) == 1 + twilio_media.MOST_REDIRECTS


@pytest.mark.parametrize("status", [404, 401, 500, 503])
def test_fetch_tries_again_later_what_is_not_there_yet(
    wire: responses.RequestsMock, status: int
) -> None:
    wire.get(MEDIA, status=status)

    with pytest.raises(Temporary):
        fetch(MEDIA)


def test_fetch_tries_again_later_when_nobody_answers(wire: responses.RequestsMock) -> None:
    wire.get(MEDIA, body=requests.ConnectTimeout())

    with pytest.raises(Temporary):
        fetch(MEDIA)


@pytest.mark.parametrize("announced", [True, False])
def test_fetch_takes_in_no_more_than_a_text_may_carry(
    wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, announced: bool
) -> None:
    monkeypatch.setattr(twilio_media, "MOST_BYTES", 4)
    wire.get(MEDIA, body=b"fits", auto_calculate_content_length=announced)
    assert fetch(MEDIA) == b"fits"
    wire.reset()
    wire.get(MEDIA, body=b"large", auto_calculate_content_length=announced)

    with pytest.raises(Refused, match="too large"):
        fetch(MEDIA)


def test_fetch_does_not_wait_for_drops(
    wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TWILIO_TIMEOUT_SECONDS = 15
    clock = iter((0.0, 16.0))
    monkeypatch.setattr(twilio_media.time, "monotonic", lambda: next(clock))
    wire.get(MEDIA, body=b"drop")

    with pytest.raises(Temporary, match="slowly"):
        fetch(MEDIA)


def test_fetch_asks_where_the_api_is_said_to_be(
    wire: responses.RequestsMock, settings: Any
) -> None:
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:4010/"
    wire.get("http://127.0.0.1:4010/2010-04-01/Accounts/AC1/Messages/MM2/Media/ME3", body=b"x")

    assert fetch(MEDIA) == b"x"
