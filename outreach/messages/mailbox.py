"""The shop's own mailbox, polled over IMAP, where no mail service brings the answers.

A mail is marked as seen only after what it said is committed, so a crash in between reads it
again, and its Message-ID makes one entry of the two. One that cannot be read is flagged for a
person and does not block the next.
"""

import imaplib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from urllib.parse import SplitResult, unquote

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError

from clienteling.locks import DatabaseLock, alone_in
from outreach.messages import inbound_mail

logger = logging.getLogger(__name__)

PROVIDER = "imap"
MAILS_A_POLL = 50
# Words stand before files in a mail; this is what mail servers take, photographs included.
MOST_BYTES = 25_000_000


class MailboxUnavailable(Exception):  # noqa: N818
    """The mailbox cannot be read now; the next poll tries again."""


@dataclass(frozen=True)
class Poll:
    """What a poll found: new entries, mails that said nothing new, mails nobody could read."""

    taken: int = 0
    known: int = 0
    broken: int = 0


def poll(address: SplitResult, *, now: datetime) -> Poll:
    """Read what is new in the mailbox. Raises ``MailboxUnavailable``.

    Two polls at once are harmless, but only one reads: the other finds nothing to do. Must not be
    called inside a transaction, because a mail counts as seen once its entry is committed.
    """
    with alone_in(DatabaseLock.MAILBOX) as is_ours:
        if not is_ours:
            return Poll()
        try:
            with _opened(address) as mailbox:
                outcomes = [_take(mailbox, number, now=now) for number in _unseen(mailbox)]
        except (imaplib.IMAP4.error, OSError) as error:
            # The library's own words may hold the account's name.
            raise MailboxUnavailable(type(error).__name__) from None
    return Poll(outcomes.count("taken"), outcomes.count("known"), outcomes.count("broken"))


@contextmanager
def _opened(address: SplitResult) -> Iterator[imaplib.IMAP4]:
    connect = imaplib.IMAP4_SSL if address.scheme == "imaps" else imaplib.IMAP4
    port = address.port or (993 if address.scheme == "imaps" else 143)
    mailbox = connect(address.hostname or "", port, timeout=settings.EMAIL_TIMEOUT)
    try:
        mailbox.login(unquote(address.username or ""), unquote(address.password or ""))
        folder = unquote(address.path.strip("/")) or "INBOX"
        answer, _ = mailbox.select(f'"{folder}"')
        if answer != "OK":
            raise imaplib.IMAP4.error("No such folder.")
        yield mailbox
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            mailbox.logout()


def _unseen(mailbox: imaplib.IMAP4) -> list[str]:
    """The oldest mails nobody has read; a flagged one waits for a person."""
    _, found = mailbox.uid("SEARCH", "UNSEEN", "UNFLAGGED")
    numbers = (found[0] or b"").split() if found else []
    return [number.decode() for number in numbers[:MAILS_A_POLL]]


def _take(mailbox: imaplib.IMAP4, number: str, *, now: datetime) -> str:
    """One mail: read it, apply it, and only then mark it."""
    content = _fetched(mailbox, number)
    try:
        is_new = inbound_mail.receive(message_from_bytes(content), provider=PROVIDER, now=now)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        raise  # not the mail's fault: it stays unseen, and the next poll takes it
    except Exception as error:
        # Whatever somebody has sent us: it must not keep the next mail from its client. Only the
        # kind of the error is logged, since its words may be those of the mail.
        kind = type(error).__name__
        logger.error("Mail %s cannot be read (%s): flagged for a person", number, kind)
        mailbox.uid("STORE", number, "+FLAGS.SILENT", r"(\Flagged)")
        return "broken"
    mailbox.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)")
    return "taken" if is_new else "known"


def _fetched(mailbox: imaplib.IMAP4, number: str) -> bytes:
    """The mail, without marking it as seen."""
    _, parts = mailbox.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")
