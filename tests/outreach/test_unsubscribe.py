import base64
import time
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from customers.models import Consent, Suppression
from outreach.messages import unsubscribe_link
from outreach.models import Message
from outreach.models.message import State
from tests.factories import MessageFactory
from tests.outreach.messages.worlds import MAILBOX, associate_with_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail() -> Message:
    _, customer = associate_with_client()
    return MessageFactory(
        customer=customer,
        channel="email",
        to_address=MAILBOX,
        state="sent",
        sent_at="2026-06-15T17:00Z",
    )


@pytest.fixture
def path(mail: Message, settings: Any) -> str:
    return unsubscribe_link.url(mail).removeprefix(settings.PUBLIC_BASE_URL)


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_asks_and_changes_nothing(client: Client, path: str, method: str) -> None:
    answer = getattr(client, method)(path)

    assert answer.status_code == 200
    assert Suppression.objects.count() == 0
    assert "sessionid" not in answer.cookies


def test_the_page_shows_a_button_and_a_masked_address(client: Client, path: str) -> None:
    page = client.get(path).content.decode()

    assert "a•••@example.com" in page
    assert MAILBOX not in page
    assert '<button class="btn primary wide" type="submit">' in page


def test_one_click_works_without_cookie_or_form_token(path: str, mail: Message) -> None:
    waiting = MessageFactory(customer=mail.customer, channel="email", to_address=MAILBOX)
    stranger = Client(enforce_csrf_checks=True)

    answer = stranger.post(path, {"List-Unsubscribe": "One-Click"})

    waiting.refresh_from_db()
    assert answer.status_code == 200
    assert Suppression.objects.values_list("channel", "address", "reason").get() == (
        "email",
        MAILBOX,
        "unsubscribed",
    )
    assert Consent.objects.get(customer=mail.customer, channel="email").state == "opted_out"
    assert Consent.objects.get(customer=mail.customer, channel="sms").state == "opted_in"
    assert waiting.state == State.CANCELED


def test_twice_is_as_good_as_once(client: Client, path: str) -> None:
    assert [client.post(path).status_code for _ in range(2)] == [200, 200]
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_tampered_token_opens_nothing(client: Client, path: str, method: str) -> None:
    tampered = path[:-2] + ("A/" if path[-2] != "A" else "B/")

    assert getattr(client, method)(tampered).status_code == 404
    assert Suppression.objects.count() == 0


def test_a_token_signed_for_another_purpose_opens_nothing(client: Client, mail: Message) -> None:
    token = signing.dumps(str(mail.pk), salt="something.else")

    assert client.post(f"/u/{token}/").status_code == 404


def test_the_link_works_for_years(
    client: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time() + 3 * 365 * 24 * 3600
    monkeypatch.setattr(signing.time, "time", lambda: later)

    assert client.post(path).status_code == 200
    assert Suppression.objects.count() == 1


def test_the_token_holds_no_address(path: str, mail: Message) -> None:
    payload = path.removeprefix("/u/").split(":")[0]

    held = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()

    assert held == f'"{mail.pk}"'
