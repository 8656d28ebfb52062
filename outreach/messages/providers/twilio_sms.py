"""Texts by Twilio. Its API has no idempotency key, so an unclear answer is never repeated blindly.

A 4xx with a code is final; 429 and a connection that never came about are certainly not accepted;
everything else (a read timeout, a reset, 5xx, an answer cut off) is unknown.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import requests
from django.conf import settings
from django.urls import reverse

from outreach.messages.providers import network
from outreach.messages.providers.deadline import DeadlineAdapter
from outreach.messages.providers.receipts import (
    Listed,
    Outgoing,
    Receipt,
    Refused,
    Status,
    Temporary,
    Unknown,
)

if TYPE_CHECKING:
    from twilio.rest import Client

# The SDK's own logger would write addresses (they stand in the URL of a list) at level INFO.
# This one stands outside the tree of loggers, so that nothing can turn it on by accident.
silent = logging.Logger("twilio-sdk", level=logging.CRITICAL)

TOO_MANY_REQUESTS, QUEUE_FULL = 429, "21611"
LIST_PAGE, LIST_LIMIT = 50, 200
LONGEST_PAGE = 1_000
NOT_FOUND = 404
RETRY_CONFIGURATION_SECONDS = 300

STATUSES = {
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
OPTED_OUT = frozenset(("21610",))
UNUSABLE = frozenset(("21211", "21408", "21612", "21614", "30005", "30006"))
PLAIN_WORDS = {
    "21211": "This is not a valid mobile number.",
    "21408": "Texts to this country are not switched on.",
    "21610": "She has stopped texts from our number.",
    "21611": "The carrier's queue is full.",
    "21612": "Our number cannot reach this one.",
    "21614": "This number cannot receive texts.",
    "21617": "The text is too long for the carrier.",
    "21658": "The text is too long for the carrier.",
    "30003": "Her phone was off or out of reach.",
    "30004": "Her carrier blocks our texts.",
    "30005": "This number is not in use.",
    "30006": "This is a landline.",
    "30007": "A carrier filtered the text as unwanted.",
    "30008": "The carrier could not deliver it and does not say why.",
}


@dataclass
class _LastAnswer:
    """The bare HTTP answer, which the SDK's exceptions do not keep."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def note(self, response: requests.Response, *arguments: object, **options: object) -> None:
        self.status = response.status_code
        self.headers = dict(response.headers.lower_items())

    def given_at(self) -> datetime | None:
        """When the answer was given, by the carrier's own clock; None when it does not say."""
        written = self.headers.get("date")
        return parsedate_to_datetime(written).astimezone(UTC) if written else None


class TwilioSms:
    """The carrier of real texts."""

    name = "twilio"
    keeps_list = True

    def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one text over; raises ``Temporary``, ``Refused`` or ``Unknown``."""
        from twilio.base.exceptions import TwilioException

        answer = _LastAnswer()
        try:
            created = _client(answer).messages.create(
                to=outgoing.to_address,
                body=outgoing.body,
                status_callback=status_callback(outgoing),
                **_sender(),
            )
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise _outcome(error, answer) from None
        if not created.sid:
            raise Unknown("The answer had no id.")
        return Receipt(created.sid)

    def sent_to(self, address: str, *, since: datetime, now: datetime) -> Sequence[Listed]:
        """What Twilio accepted from us for this number since then; ``Temporary`` when it is blind.

        Listed by recipient, never by DateSent, which is empty until a text has been sent. Ages
        are measured by Twilio's own clock, so that a wrong one here cannot hide a line.
        """
        from twilio.base.exceptions import TwilioException

        answer = _LastAnswer()
        try:
            lines = [
                line
                for line in _client(answer).messages.stream(
                    to=address, page_size=LIST_PAGE, limit=LIST_LIMIT
                )
                if line.direction == "outbound-api"
            ]
            ahead = now - (answer.given_at() or now)
            listed = [_listed(each) for each in lines]
            dated = [replace(each, created_at=each.created_at + ahead) for each in listed]
            return [each for each in dated if each.created_at >= since]
        except (TwilioException, requests.RequestException, ValueError, TypeError, AttributeError):
            raise Temporary("Twilio's list is unavailable.") from None

    def all_sent(self, *, since: datetime) -> Sequence[Listed]:
        """What our sender sent since then. By DateSent, so what never went out is not in it."""
        from twilio.base.exceptions import TwilioException

        try:
            stream = _client(_LastAnswer()).messages.stream(
                date_sent_after=since, page_size=LONGEST_PAGE
            )
            return [_listed(line) for line in stream if _is_from_us(line)]
        except (TwilioException, requests.RequestException, ValueError, TypeError, AttributeError):
            raise Temporary("Twilio's list is unavailable.") from None

    def line(self, provider_id: str) -> Listed | None:
        """One text by its SID; None when the account has none of this SID."""
        from twilio.base.exceptions import TwilioException

        answer = _LastAnswer()
        try:
            return _listed(_client(answer).messages(provider_id).fetch())
        except (TwilioException, requests.RequestException, ValueError, TypeError, AttributeError):
            if answer.status == NOT_FOUND:
                return None
            raise Temporary("Twilio's list is unavailable.") from None

    def refusal(self, listed: Listed) -> Refused | None:
        """As a callback with this error code would be understood."""
        return refusal_of(listed.error_code) if listed.error_code else None


def status_of(word: str) -> Status:
    """One of Twilio's words for how far a text came; what we do not know has been accepted."""
    return STATUSES.get(word, Status.ACCEPTED)


def refusal_of(code: str) -> Refused:
    """What one of Twilio's error codes means for the associate and for the address."""
    return Refused(
        code,
        PLAIN_WORDS.get(code, f"The carrier refused it (code {code})."),
        suppress=code in OPTED_OUT,
        unusable=code in UNUSABLE,
    )


def status_callback(outgoing: Outgoing) -> str:
    """Where Twilio reports this very message, so that even an unanswered attempt is found."""
    return settings.PUBLIC_BASE_URL + reverse("twilio-status", args=[outgoing.message_id])


def _client(answer: _LastAnswer) -> "Client":
    """A client with a timeout and without retries; the import is slow, so it waits for its use."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    http_client = TwilioHttpClient(logger=silent, request_hooks={"response": answer.note})
    for scheme in ("https://", "http://"):
        http_client.session.mount(scheme, DeadlineAdapter(settings.TWILIO_TIMEOUT_SECONDS))
    client = Client(
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http_client
    )
    if settings.TWILIO_API_BASE_URL:
        client.api.base_url = settings.TWILIO_API_BASE_URL.rstrip("/")
    return client


def _listed(line: Any) -> Listed:
    return Listed(
        provider_id=line.sid,
        body=line.body,
        created_at=line.date_created.astimezone(UTC),
        status=status_of(str(line.status)),
        said=str(line.status),
        error_code=str(line.error_code or ""),
    )


def _is_from_us(line: Any) -> bool:
    """An account may serve others, too: only what our own sender sent."""
    if line.direction != "outbound-api":
        return False
    if settings.TWILIO_MESSAGING_SERVICE_SID:
        return bool(line.messaging_service_sid == settings.TWILIO_MESSAGING_SERVICE_SID)
    return bool(line.from_ == settings.TWILIO_FROM_NUMBER)


def _sender() -> dict[str, str]:
    if settings.TWILIO_MESSAGING_SERVICE_SID:
        return {"messaging_service_sid": settings.TWILIO_MESSAGING_SERVICE_SID}
    return {"from_": settings.TWILIO_FROM_NUMBER}


def _outcome(error: Exception, answer: _LastAnswer) -> Exception:
    """Which of our three answers an exception is."""
    if isinstance(error, requests.RequestException):
        return network.outcome(error)
    code = str(getattr(error, "code", "") or "")
    if answer.status == TOO_MANY_REQUESTS or code == QUEUE_FULL:
        return Temporary(
            "The carrier is busy.",
            retry_after=network.retry_after(answer.headers.get("retry-after", "")),
            code=code,
        )
    if answer.status in {401, 403}:
        return Temporary(
            "The carrier does not accept our account.",
            retry_after=RETRY_CONFIGURATION_SECONDS,
            code=code,
        )
    # Where the answer had no code the SDK gives the status for one: then it is not Twilio's own
    # word, but a proxy's, or cut off.
    if 400 <= answer.status < 500 and code != str(answer.status):
        return refusal_of(code)
    return Unknown("The carrier gave no clear answer.")
