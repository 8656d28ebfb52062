"""Mail by a mail service (Postmark, Mailgun …), over its API through django-anymail.

A mail service keeps no list that can be searched for one mail, and none has a key against sending
twice that all of them share. So an unclear answer is never repeated: our id travels as metadata,
and the service's own report of the mail settles what became of it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import requests
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import (
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
)
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

from clienteling.environment_mail import Service
from outreach.messages import mail_identity
from outreach.messages.providers import mail, network
from outreach.messages.providers.deadline import DeadlineAdapter
from outreach.messages.providers.receipts import (
    Listed,
    Outgoing,
    Receipt,
    Refused,
    Temporary,
    Unknown,
)

OUR_ID = "clienteling_message"  # the name under which our id travels with the mail
TOO_MANY_REQUESTS = 429
RETRY_CONFIGURATION_SECONDS = 300
KEEPS_NO_LIST = "A mail service keeps no list that can be searched."


class ServiceMail:
    """The carrier of mail, at a service that `EMAIL_URL` names."""

    keeps_list = False

    def __init__(self, service: Service) -> None:
        self.service = service
        self.name = service.name

    def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one mail over; raises ``Temporary``, ``Refused`` or ``Unknown``."""
        backend = self._backend()
        message = self._compose(outgoing, backend)
        try:
            message.send()
        except AnymailError as error:
            raise _outcome(error) from None
        finally:
            backend.close()
        status = message.anymail_status  # type: ignore[attr-defined]
        return Receipt(str(status.message_id or mail_identity.message_id(outgoing.message_id)))

    def post(self, letter: EmailMessage) -> None:
        """Hand over a mail to staff, once; raises ``AnymailError``."""
        letter.connection = self._backend()
        try:
            letter.send()
        finally:
            letter.connection.close()

    def sent_to(self, address: str, *, since: datetime, now: datetime) -> Sequence[Listed]:
        """There is no list."""
        raise Temporary(KEEPS_NO_LIST)

    def all_sent(self, *, since: datetime) -> Sequence[Listed]:
        """There is no list."""
        raise Temporary(KEEPS_NO_LIST)

    def line(self, provider_id: str) -> Listed | None:
        """There is no list."""
        raise Temporary(KEEPS_NO_LIST)

    def refusal(self, listed: Listed) -> Refused | None:
        """Nothing is listed, so nothing listed has failed."""
        return None

    def _compose(self, outgoing: Outgoing, backend: BaseEmailBackend) -> EmailMultiAlternatives:
        message = mail.compose(outgoing, connection=backend)
        message.metadata = {OUR_ID: str(outgoing.message_id)}  # type: ignore[attr-defined]
        if self.service.may_untrack:  # who opens what is nobody's business (docs/decisions.md)
            message.track_opens = message.track_clicks = False  # type: ignore[attr-defined]
        if self.service.extra_headers is None:  # it puts its own there, or refuses the mail
            del message.extra_headers["Message-ID"]
        else:
            message.extra_headers |= dict(self.service.extra_headers)
        return message

    def _backend(self) -> AnymailRequestsBackend:
        """Opened, so that each of its calls ends as a whole."""
        kind = import_string(f"anymail.backends.{self.service.name}.EmailBackend")
        backend: AnymailRequestsBackend = kind()
        backend.open()
        for scheme in ("https://", "http://"):
            backend.session.mount(scheme, DeadlineAdapter(backend.timeout))
        return backend


def _outcome(error: AnymailError) -> Exception:
    """Which of our three answers a failed call is."""
    if isinstance(error, AnymailRecipientsRefused):
        return _refused_recipient(error)
    if isinstance(error, AnymailInvalidAddress):
        return Refused("invalid", "This is not a valid email address.", unusable=True)
    if isinstance(error.__cause__, requests.RequestException) and error.response is None:
        return network.outcome(error.__cause__)
    if isinstance(error, AnymailRequestsAPIError):
        return _answered(error.response)
    return Temporary("The mail could not be made ready.", retry_after=RETRY_CONFIGURATION_SECONDS)


def _refused_recipient(error: AnymailError) -> Refused:
    """The service knows the address: it is none, or an earlier mail to it came back."""
    [status] = error.email_message.anymail_status.status
    if status == "invalid":
        return Refused("invalid", "This is not a valid email address.", unusable=True)
    return Refused(
        "rejected",
        "The mail service sends nothing to this address: an earlier mail came back.",
        suppress=True,
        because="bounced",
    )


def _answered(answer: Any) -> Exception:
    code = getattr(answer, "status_code", 0)
    if code == TOO_MANY_REQUESTS:
        seconds = network.retry_after(answer.headers.get("Retry-After", ""))
        return Temporary("The mail service is busy.", retry_after=seconds, code=str(code))
    if code in {401, 403}:
        return Temporary(
            "The mail service does not accept our account.",
            retry_after=RETRY_CONFIGURATION_SECONDS,
            code=str(code),
        )
    if 400 <= code < 500:
        return Refused(str(code), f"The mail service refused it (code {code}).")
    return Unknown("The mail service gave no clear answer.")
