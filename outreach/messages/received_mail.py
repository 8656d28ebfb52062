"""A mail that came in, read: who wrote it, what, about which message of ours, and whether a
person did.

Pure, and meant for anything the internet sends: headers are taken as they were written, because
the parser of the standard library trips over odd ones, and no charset is trusted to exist.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.utils import parseaddr
from uuid import UUID

from customers.addresses import normalise_email
from outreach.messages import bounces, mail_identity, reply_text

LONGEST_ID = 150  # with a suffix it must fit in the key of an event
MOST_PICTURES, LEAST_BYTES = 10, 10_000
PICTURE_TYPES = {"image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp"}
SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/pgp-keys"}
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
REFERENCES = ("In-Reply-To", "References")
ANSWER_MARK = re.compile(r"^(?:(?:re|aw|sv|antw|fwd?|tr|wg)\s*:\s*)+", re.IGNORECASE)

AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autorespond-To", "List-Id", "Feedback-ID")
AUTOMATIC_PRECEDENCE = {"bulk", "junk", "list", "auto_reply"}
AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[ -]?(?:response|reply)|out of (?:the )?office|ooo\b"
    r"|abwesenheit|automatische antwort|réponse automatique|respuesta automática"
    r"|risposta automatica|automatisch antwoord|away from)",
    re.IGNORECASE,
)
ROBOTS = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)


@dataclass(frozen=True)
class Report:
    """What a mail system says about one of our mails: a complaint, or a bounce, hard or soft."""

    answers: UUID | None
    is_complaint: bool = False
    is_hard: bool = False
    remark: str = ""


@dataclass(frozen=True)
class ReceivedMail:
    """`key` tells two mails apart, `answers` is our message it certainly belongs to.

    `words` are her own, `text` all that was in the mail. `pictures` are files as they came, not yet
    looked into; `left_out` counts all others. `report` is set when no person wrote it but a mail
    system, about one of our mails.
    """

    key: str
    sender: str
    subject: str
    words: str
    text: str
    answers: UUID | None
    is_automatic: bool
    pictures: tuple[bytes, ...]
    left_out: int
    report: Report | None


def read(
    mail: Mail, *, envelope_recipient: str = "", envelope_sender: str | None = None
) -> ReceivedMail:
    """Everything we need from a parsed mail; what a mail service knows of its envelope helps.

    An empty `envelope_sender` is what bounces and automatic answers have; None is not known.
    """
    headers = _Headers(mail)
    text = _text(mail)
    recipients = [envelope_recipient, *(headers.all(*RECIPIENTS))]
    sender = normalise_email(parseaddr(headers.first("From"))[1]).address
    words = reply_text.own_words(text)
    files = [part for part in _leaves(mail) if _is_file(part)]
    pictures = [part for part in files if _is_picture(part)][:MOST_PICTURES]
    return ReceivedMail(
        key=_key(headers, text),
        sender=sender,
        subject=_decoded(headers.first("Subject")),
        words=words,
        text=text,
        answers=mail_identity.answered(recipients=recipients, references=headers.all(*REFERENCES)),
        is_automatic=_is_automatic(mail, headers, envelope_sender),
        pictures=tuple(_bytes(part) for part in pictures),
        left_out=len(files) - len(pictures),
        report=_report(mail, headers),
    )


def bare_subject(subject: str) -> str:
    """The subject without the marks that answering and forwarding put before it."""
    return ANSWER_MARK.sub("", subject.strip())


# --- Headers -------------------------------------------------------------------------------------
class _Headers:
    """The headers as they were written, by name in any case."""

    def __init__(self, mail: Mail) -> None:
        self._written = [(name.lower(), _readable(value)) for name, value in mail.raw_items()]

    def all(self, *names: str) -> list[str]:
        """Every value of these headers, in the order of the names."""
        return [value for name in names for key, value in self._written if key == name.lower()]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "").strip()


def _readable(value: object) -> str:
    """Bytes that are no text stand in a parsed header as lone surrogates, which nothing takes."""
    plain = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(plain.replace("\x00", "").split())


def _decoded(value: str) -> str:
    try:
        return _readable(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _key(headers: _Headers, text: str) -> str:
    """The mail's own id, or a fingerprint where it has none of a usable length."""
    written = headers.first("Message-ID")
    if 2 < len(written) <= LONGEST_ID:
        return written
    parts = [written, headers.first("From"), headers.first("Date"), text]
    return "sha256:" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _is_automatic(mail: Mail, headers: _Headers, envelope_sender: str | None) -> bool:
    """Whether a machine wrote it (RFC 3834, and what machines do that have not read it)."""
    submitted = headers.first("Auto-Submitted").lower()
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or headers.first("Precedence").lower() in AUTOMATIC_PRECEDENCE
        or any(headers.all(name) for name in AUTOMATIC_HEADERS)
        or envelope_sender == ""
        or headers.first("Return-Path") == "<>"
        or mail.get_content_type() == "multipart/report"
        or bool(AUTOMATIC_SUBJECT.match(_decoded(headers.first("Subject"))))
        or bool(ROBOTS.match(parseaddr(headers.first("From"))[1]))
    )


# --- Parts ---------------------------------------------------------------------------------------
def _leaves(mail: Mail) -> Iterator[Mail]:
    """The parts that hold something; a mail inside the mail is one part, not many."""
    payload = mail.get_payload()
    if mail.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Mail):
                yield from _leaves(part)
    else:
        yield mail


def _is_words(part: Mail) -> bool:
    is_text = part.get_content_type() in {"text/plain", "text/html"}
    return is_text and not part.get_filename() and part.get_content_disposition() != "attachment"


def _is_file(part: Mail) -> bool:
    is_system = part.get_content_maintype() == "message" or part.get_content_type() in SIGNATURES
    return (
        not _is_words(part) and not is_system and part.get_content_type() != "text/rfc822-headers"
    )


def _is_picture(part: Mail) -> bool:
    """A photograph: the little ones are what programs and firms put under every mail."""
    return part.get_content_type() in PICTURE_TYPES and len(_bytes(part)) >= LEAST_BYTES


def _bytes(part: Mail) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(mail: Mail) -> str:
    """The plain words of a mail; made from the HTML part where there are no others."""
    found: dict[str, str] = {}
    for part in filter(_is_words, _leaves(mail)):
        found.setdefault(part.get_content_type(), _content(part))
    plain = found.get("text/plain", "").strip()
    return plain or reply_text.text_of_html(found.get("text/html", ""))


def _content(part: Mail) -> str:
    content = _bytes(part)
    try:
        text = content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = content.decode("latin-1")
    return text.replace("\x00", "").replace("\r\n", "\n").strip("\ufeff")


# --- Reports -------------------------------------------------------------------------------------
def _report(mail: Mail, headers: _Headers) -> Report | None:
    """RFC 3464 and RFC 5965: a delivery that failed for good, or a complaint; else None."""
    if mail.get_content_type() != "multipart/report":
        return None
    parts = {part.get_content_type(): part for part in _leaves(mail)}
    answers = _original(parts) or mail_identity.answered(
        recipients=(), references=headers.all(*REFERENCES)
    )
    if "message/feedback-report" in parts:
        return Report(answers, is_complaint=True)
    if "message/delivery-status" in parts:
        return _failure(parts["message/delivery-status"], answers)
    return None


def _failure(part: Mail, answers: UUID | None) -> Report | None:
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Mail):
            continue
        fields = _Headers(block)
        if fields.first("Action").lower() == "failed":
            said = [fields.first("Status"), fields.first("Diagnostic-Code")]
            is_hard = any(bounces.is_hard(each) for each in said)
            return Report(answers, is_hard=is_hard, remark=" ".join(said).strip())
    return None


def _original(parts: dict[str, Mail]) -> UUID | None:
    """Which of our mails it is about: the report carries that one, or its headers."""
    if "message/rfc822" in parts:
        inner = parts["message/rfc822"].get_payload()
        original = inner[0] if isinstance(inner, list) and inner else None
    elif "text/rfc822-headers" in parts:
        original = message_from_string(_content(parts["text/rfc822-headers"]))
    else:
        return None
    if not isinstance(original, Mail):
        return None
    return mail_identity.answered(recipients=(), references=_Headers(original).all("Message-ID"))
