"""Mail by SMTP. What a broken connection means depends on whether the final dot had gone out.

Before the dot the server has nothing: try again. After it, without an answer, nobody knows (RFC
1047 names this gap a leading cause of duplicates): never again without a person. Django's backend
reports both with the same exception, so ours remembers how far it came.
"""

import smtplib
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from outreach.messages import bounces
from outreach.messages.providers import mail
from outreach.messages.providers.deadline import CONNECT_SECONDS, Deadline
from outreach.messages.providers.receipts import (
    Listed,
    Outgoing,
    Receipt,
    Refused,
    Temporary,
    Unknown,
)

FINAL_DOT = b"\r\n.\r\n"
DEFAULT_PORTS = {"smtp": 25, "smtps": 465}
ACCEPTED = 250
NO_MAILBOX = "There is no mailbox at this address."
CODES = range(200, 600)
CANNOT_CONNECT = "The mail server could not be reached."


@dataclass
class Progress:
    """How far the conversation came: the dot sent, and the code it was answered with."""

    dot_sent: bool = False
    answer: int | None = None


class _Watched:
    """Mixed into smtplib's connections: notes the final dot and the answer to it."""

    def __init__(
        self, *arguments: Any, progress: Progress, deadline: Deadline, **options: Any
    ) -> None:
        self.progress = progress
        self.deadline = deadline
        super().__init__(*arguments, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        quickly = min(CONNECT_SECONDS, timeout)
        connected: socket.socket = super()._get_socket(host, port, quickly)  # type: ignore[misc]
        connected.settimeout(timeout)
        self.deadline.watch(connected)
        return connected

    def send(self, data: Any) -> None:
        super().send(data)  # type: ignore[misc]
        # Dots at the start of a line are doubled in a mail, so only the end looks like this.
        if isinstance(data, bytes) and data.endswith(FINAL_DOT):
            self.progress.dot_sent = True

    def data(self, message: Any) -> tuple[int, bytes]:
        code, words = super().data(message)  # type: ignore[misc]
        if code in CODES:  # smtplib takes half a code of a connection that broke for one
            self.progress.answer = code
        return code, words


class WatchedSMTP(_Watched, smtplib.SMTP):
    """In the clear, or with STARTTLS."""


class WatchedSMTPS(_Watched, smtplib.SMTP_SSL):
    """TLS from the first byte."""


class WatchedBackend(EmailBackend):
    """Django's backend over a connection that remembers how far it came."""

    def __init__(self, *, deadline: Deadline, **options: Any) -> None:
        super().__init__(**options)
        self.progress = Progress()
        self.deadline = deadline

    @property
    def connection_class(self) -> Any:
        watched = WatchedSMTPS if self.use_ssl else WatchedSMTP
        return partial(watched, progress=self.progress, deadline=self.deadline)


class SmtpEmail:
    """The carrier of mail, at an address such as ``smtp://user:password@host:587?tls``."""

    name = "smtp"
    keeps_list = False

    def __init__(self, address: str) -> None:
        self.address = parse(address)

    def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one mail over; raises ``Temporary``, ``Refused`` or ``Unknown``."""
        with Deadline(settings.EMAIL_TIMEOUT) as deadline:
            backend = self._backend(deadline)
            message = mail.compose(outgoing, connection=backend)
            try:
                message.send()
            except OSError as error:  # smtplib's exceptions are OSErrors too
                if backend.progress.answer != ACCEPTED:  # else only the farewell failed
                    raise _outcome(error, backend.progress) from None
        return Receipt(message.extra_headers["Message-ID"])

    def post(self, letter: EmailMessage) -> None:
        """Hand over a mail to staff, once; raises what the connection or the server says."""
        with Deadline(settings.EMAIL_TIMEOUT) as deadline:
            letter.connection = self._backend(deadline)
            letter.send()

    def sent_to(self, address: str, *, since: datetime, now: datetime) -> Sequence[Listed]:
        """A mail server keeps no list for us."""
        raise Temporary("A mail server keeps no list.")

    def all_sent(self, *, since: datetime) -> Sequence[Listed]:
        """A mail server keeps no list for us."""
        raise Temporary("A mail server keeps no list.")

    def line(self, provider_id: str) -> Listed | None:
        """A mail server keeps no list for us."""
        raise Temporary("A mail server keeps no list.")

    def refusal(self, listed: Listed) -> Refused | None:
        """Nothing is listed, so nothing listed has failed."""
        return None

    def _backend(self, deadline: Deadline) -> WatchedBackend:
        return WatchedBackend(
            deadline=deadline,
            host=self.address.hostname,
            port=self.address.port or DEFAULT_PORTS[self.address.scheme],
            username=unquote(self.address.username or ""),
            password=unquote(self.address.password or ""),
            use_tls="tls" in parse_qs(self.address.query, keep_blank_values=True),
            use_ssl=self.address.scheme == "smtps",
            timeout=settings.EMAIL_TIMEOUT,
        )


def parse(address: str) -> SplitResult:
    """The parts of EMAIL_URL; raises ``ImproperlyConfigured`` without repeating its password."""
    parts = urlsplit(address)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp://user:password@host:587?tls.")
    return parts


def _outcome(error: OSError, progress: Progress) -> Exception:
    """Which of our three answers a failed conversation is."""
    if progress.dot_sent and progress.answer is None:
        return Unknown("The connection broke after the mail had been handed over.")
    code, words = _answer(error)
    if code >= 500:
        return _refusal(code, words)
    if code >= 400:
        return Temporary("The mail server asks to try later.", code=str(code))
    return Temporary(CANNOT_CONNECT)


def _refusal(code: int, words: bytes) -> Refused:
    if bounces.is_hard(f"{code} {words.decode(errors='replace')}"):
        return Refused(str(code), NO_MAILBOX, unusable=True, suppress=True, because="bounced")
    return Refused(str(code), f"The mail server refused it (code {code}).")


def _answer(error: OSError) -> tuple[int, bytes]:
    """The server's code and words; 0 when it gave none. A failed login is no refusal of a mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(
        error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError
    ):
        words = error.smtp_error
        return error.smtp_code, words if isinstance(words, bytes) else words.encode()
    return 0, b""
