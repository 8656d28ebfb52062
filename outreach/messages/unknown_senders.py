"""Words from numbers and mailboxes no client is known by, until a manager says whose they are.

The whole shop sends from one number and one mailbox, so what comes in belongs to no store: every
manager sees every unknown sender, and the first to know the sender settles it. Nobody is made a
client here, and nobody agrees to anything. (A STOP has acted already, on the address itself.)
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from clienteling.models import User
from customers import erased_addresses
from customers.addresses import Address, normalise_email, normalise_phone
from customers.models import Channel, Consent, ConsentState, ContactPoint, Customer
from outreach.messages import keywords, opt_out
from outreach.models import Reply
from outreach.models.message import ReplyQuerySet

logger = logging.getLogger(__name__)

READ_AT_MOST = 300
SHOWN_ASIDE = 10


class AlreadySettled(Exception):  # noqa: N818
    """Somebody else has said whose words they are, or has set them aside."""

    sentence = "Somebody has settled this already."


class Kept(StrEnum):
    """What became of the sender's address when the words were given to a client."""

    ADDED = "added"
    KNOWN = "known"
    HAS_ANOTHER = "has-another"
    AGREED_TO_ANOTHER = "agreed-to-another"
    NOT_USABLE = "not-usable"


@dataclass(frozen=True)
class Sender:
    """Somebody unknown: all that waits from one address, oldest first.

    `number` names the sender in an address, by the newest of the replies, and holds nothing else.
    """

    number: int
    channel: str
    address: str
    words: tuple[Reply, ...]

    @property
    def may_ask_to_stop(self) -> bool:
        return any(keywords.may_ask_to_stop(reply.body) for reply in self.words)


def waiting(user: User) -> list[Sender]:
    """Who waits to be known, the longest first; for managers only. One query."""
    if user.role != User.Role.MANAGER:
        return []
    newest = _with_pictures(Reply.objects.unknown_to_us().waiting())
    newest = newest.order_by("-received_at", "-pk")
    by_address: dict[tuple[str, str], list[Reply]] = {}
    for reply in reversed(newest[:READ_AT_MOST]):
        by_address.setdefault((reply.channel, reply.from_address), []).append(reply)
    return [
        Sender(said[-1].pk, channel, address, tuple(said))
        for (channel, address), said in by_address.items()
    ]


def sender_of(number: int, user: User) -> Sender | None:
    """The unknown sender of this reply; None once it is settled, and for who may not see it."""
    if user.role != User.Role.MANAGER:
        return None
    reply = Reply.objects.unknown_to_us().waiting().filter(pk=number).first()
    if reply is None:
        return None
    said = _with_pictures(Reply.objects.unknown_to_us().waiting().from_sender_of(reply))
    in_order = tuple(said.order_by("received_at", "pk"))
    return Sender(number, reply.channel, reply.from_address, in_order)


def match(sender: Sender, customer: Customer, *, by: User, now: datetime) -> Kept:
    """These words are hers: they join her conversation, and wait there for an answer.

    The address becomes hers only where she has none on this channel and nothing she agreed to
    before would begin to hold for it. Raises ``AlreadySettled``.
    """
    with transaction.atomic():
        Customer.objects.select_for_update(of=("self",)).only("pk").get(pk=customer.pk)
        hers = Reply.objects.unknown_to_us().filter(
            channel=sender.channel, from_address=sender.address
        )
        if not hers.update(customer=customer, settled_by=by, settled_at=now):
            raise AlreadySettled
        kept = _keep_address(customer, sender, now=now)
    logger.info("Words of an unknown sender given to client %s by user %s", customer.pk, by.pk)
    return kept


def set_aside(sender: Sender, *, by: User, now: datetime) -> None:
    """Nobody's words we know of: they stay on record and wait no more. Raises
    ``AlreadySettled``."""
    waiting = Reply.objects.unknown_to_us().waiting()
    waiting = waiting.filter(channel=sender.channel, from_address=sender.address)
    if not waiting.update(handled_at=now, settled_by=by, settled_at=now):
        raise AlreadySettled
    logger.info("Words of an unknown sender set aside by user %s", by.pk)


def remove(sender: Sender, *, by: User, now: datetime) -> None:
    """They asked to be left alone: the address is never used again, and the words wait no more.

    Nobody who has the address is written to on it either. Raises ``AlreadySettled``.
    """
    with transaction.atomic():
        set_aside(sender, by=by, now=now)
        opt_out.revoke(
            sender.address,
            sender.channel,
            reason="asked",
            source="Asked in their own words, read by a manager",
            now=now,
            evidence={"reply": sender.number, "read_by": by.pk},
        )
    logger.info("Address of an unknown sender suppressed by user %s", by.pk)


def put_aside(user: User) -> list[Sender]:
    """Who was set aside last, the newest first; for managers only. One query."""
    if user.role != User.Role.MANAGER:
        return []
    settled = _with_pictures(_settled())
    by_address: dict[tuple[str, str], list[Reply]] = {}
    for reply in settled.order_by("-settled_at", "-pk")[:READ_AT_MOST]:
        by_address.setdefault((reply.channel, reply.from_address), []).append(reply)
    newest = list(by_address.items())[:SHOWN_ASIDE]
    return [Sender(said[0].pk, *key, tuple(reversed(said))) for key, said in newest]


def bring_back(number: int, *, by: User) -> bool:
    """What was set aside waits again, all that came from that address.

    False for what was not. A suppression stands: only the owner of the address lifts it.
    """
    if by.role != User.Role.MANAGER:
        return False
    aside = _settled().filter(kind=Reply.Kind.WORDS)
    reply = aside.filter(pk=number).first()
    if reply is None:
        return False
    aside.from_sender_of(reply).update(handled_at=None, settled_by=None, settled_at=None)
    logger.info("Words of an unknown sender brought back by user %s", by.pk)
    return True


def _settled() -> ReplyQuerySet:
    """What was set aside, but for what was erased since."""
    return Reply.objects.unknown_to_us().filter(settled_at__isnull=False).exclude(from_address="")


def _with_pictures(replies: ReplyQuerySet) -> ReplyQuerySet:
    return replies.annotate(picture_count=Count("pictures"))


def _keep_address(customer: Customer, sender: Sender, *, now: datetime) -> Kept:
    found = _normalised(sender)
    if not found.address:
        return Kept.NOT_USABLE
    present = ContactPoint.objects.filter(customer=customer, channel=sender.channel).first()
    if present:
        return Kept.KNOWN if present.address == found.address else Kept.HAS_ANOTHER
    if _has_agreed(customer, sender.channel):
        return Kept.AGREED_TO_ANOTHER
    ContactPoint.objects.create(
        customer=customer,
        channel=sender.channel,
        address=found.address,
        as_written=found.as_written,
    )
    erased_addresses.recognise([found.address], sender.channel, now=now)
    return Kept.ADDED


def _has_agreed(customer: Customer, channel: str) -> bool:
    """A yes without an address was said about another one; it must not come to mean this one."""
    return Consent.objects.filter(
        customer=customer, channel=channel, state=ConsentState.OPTED_IN
    ).exists()


def _normalised(sender: Sender) -> Address:
    if sender.channel == Channel.SMS:
        return normalise_phone(sender.address, settings.DEFAULT_REGION)
    return normalise_email(sender.address)
