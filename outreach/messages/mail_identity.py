"""How an answer by mail is known to belong to one of our messages.

Two marks travel with every mail: its Message-ID, which mail programs repeat in In-Reply-To and
References, and a signed token in the Reply-To address, for carriers that put a Message-ID of their
own in its place. Either shows that the writer has the mail; the From address shows nothing.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "outreach.messages.mail_identity"
SIGNATURE_BYTES = 10  # with the id in base32 it is 42 characters; a local part may have 64
TOKEN = re.compile(r"\+([a-z2-7]{42})@", re.IGNORECASE)
OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)


def message_id(number: UUID) -> str:
    """The Message-ID of one of our messages: the same each time it is sent."""
    _, address = parseaddr(settings.EMAIL_SENDER)
    return f"<{number}@{address.partition('@')[2] or 'localhost'}>"


def reply_to(number: UUID) -> str:
    """Where the answer should go; "" when it goes to the sender.

    A `+` before the @ of ``EMAIL_REPLY_TO`` asks for the token after it. Without one the address
    is used as it stands, because not every mailbox takes what follows a plus.
    """
    name, _, domain = settings.EMAIL_REPLY_TO.partition("@")
    return f"{name}{_token(number)}@{domain}" if name.endswith("+") else settings.EMAIL_REPLY_TO


def answered(*, recipients: Iterable[str], references: Iterable[str]) -> UUID | None:
    """Which message a mail answers, by the token it was sent to or by the Message-IDs it names.

    The newest name stands last in References. None when neither is ours.
    """
    for address in recipients:
        for token in TOKEN.findall(address):
            if number := _number(token):
                return number
    for header in references:
        if found := OURS.findall(header):
            return UUID(found[-1])
    return None


def _token(number: UUID) -> str:
    # In small letters: a relay may fold the case of an address.
    return base64.b32encode(number.bytes + _signature(number)).decode().rstrip("=").lower()


def _number(token: str) -> UUID | None:
    try:
        held = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except binascii.Error:
        return None
    number = UUID(bytes=held[:16])
    return number if constant_time_compare(held[16:], _signature(number)) else None


def _signature(number: UUID) -> bytes:
    return salted_hmac(SALT, str(number), algorithm="sha256").digest()[:SIGNATURE_BYTES]
