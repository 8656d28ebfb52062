"""What is handed to a carrier, and the four answers it can give."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Outgoing:
    """A frozen note as a carrier needs it. `attempt_at` is the moment of this attempt.

    `pictures` are (alternative text, address) of the items, `page_url` is the page where she finds
    them, `answers` the Message-ID of the mail that this one answers; all for mail only.
    """

    message_id: UUID
    to_address: str
    body: str
    attempt_at: datetime
    subject: str = ""
    sender_name: str = ""
    store_name: str = ""
    postal_address: str = ""
    answers: str = ""
    unsubscribe_url: str = ""
    pictures: tuple[tuple[str, str], ...] = field(default=())
    page_url: str = ""


@dataclass(frozen=True)
class Receipt:
    """Accepted: the carrier's own id for it."""

    provider_id: str


class Status(StrEnum):
    """How far a carrier says it got, in our words."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Listed:
    """One line of a carrier's own list of what it accepted; `said` is its own word for `status`."""

    provider_id: str
    body: str
    created_at: datetime
    status: Status = Status.ACCEPTED
    said: str = ""
    error_code: str = ""


class Temporary(Exception):  # noqa: N818 - an answer, not an error of ours
    """Certainly not accepted; it may be tried again, not before `retry_after` seconds."""

    def __init__(self, sentence: str, *, retry_after: int = 0, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after = retry_after
        self.code = code


class Refused(Exception):  # noqa: N818
    """Certainly not accepted, and never will be: a code, and a sentence for the associate.

    `suppress`: the address must never be used again, `because` its owner opted out at the carrier
    or, for mail, because it bounced or complained. `unusable`: the address can never receive this
    kind of message.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        suppress: bool = False,
        unusable: bool = False,
        because: str = "provider",
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.suppress = suppress
        self.unusable = unusable
        self.because = because


class Unknown(Exception):  # noqa: N818
    """It may have been accepted or not. Never send again before a look."""


class Provider(Protocol):
    """A carrier of one channel."""

    name: str
    keeps_list: bool

    def send(self, outgoing: Outgoing) -> Receipt:
        """Hand it over; raises ``Temporary``, ``Refused`` or ``Unknown``."""

    def sent_to(self, address: str, *, since: datetime, now: datetime) -> Sequence[Listed]:
        """What it accepted for this address since then; raises ``Temporary`` when it cannot say.

        Only to be asked of a carrier that keeps a list. All moments are by our clock, which may
        differ from the carrier's.
        """

    def all_sent(self, *, since: datetime) -> Sequence[Listed]:
        """Everything it accepted from us since then; ``Temporary`` when it cannot say.

        What never went out may be missing: ask for it with `line` before calling it lost.
        """

    def line(self, provider_id: str) -> Listed | None:
        """One line of its list; None when it knows no such id. ``Temporary`` when it cannot say."""

    def refusal(self, listed: Listed) -> Refused | None:
        """What a listed failure means for the associate and the address; None for no failure."""
