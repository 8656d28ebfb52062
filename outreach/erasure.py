"""Erasing a client: her name, her addresses and every word, everywhere; the figures stay.

Messages and purchases remain as rows about nobody, so that no report changes. Her addresses are
remembered by a keyed hash alone, so that she is not written to when a file brings her back.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet

from customers import erasure
from customers.erasure import Addresses
from customers.models import Channel, Customer
from outreach.messages import outbox
from outreach.models import (
    AnsweringPeers,
    ClientTone,
    Coming,
    Decision,
    Draft,
    Gesture,
    Hold,
    KeptNote,
    Lookbook,
    LookbookItem,
    MailPause,
    MarketingSend,
    Message,
    Notice,
    Promise,
    ProviderEvent,
    PutOff,
    QuietPeriod,
    Reply,
    ReplyPicture,
    SimulatedMessage,
)
from outreach.models.message import State
from outreach.page import holds

logger = logging.getLogger(__name__)

WORDS = "[erased]"  # a message that was sent had words; these stand for them
REASON = "The client was erased."
UNDECIDED = (State.QUEUED, State.UNCONFIRMED, State.NEEDS_ATTENTION)


class CannotErase(Exception):  # noqa: N818
    """She cannot be erased now; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Erased:
    """What became of it: messages stopped, and rows that hold no word any more."""

    stopped: int
    messages: int
    replies: int

    @property
    def sentence(self) -> str:
        return (
            f"{self.messages:,} messages and {self.replies:,} answers hold no word any more, "
            f"{self.stopped:,} messages were stopped."
        )


def erase(customer: Customer, *, by: str, now: datetime) -> Erased:
    """Forget a client and the records merged into hers, in one transaction.

    `by` is who did it, for the log. What is queued is stopped; of what may have left nobody will
    ask any more, but a carrier's own word still settles it. Raises ``CannotErase``.
    """
    with transaction.atomic():
        numbers = _locked(customer)
        messages = Message.objects.filter(customer__in=numbers)
        replies = Reply.objects.filter(customer__in=numbers)
        addresses = _addresses(numbers, messages, replies)
        alone = addresses - erasure.shared(addresses, apart_from=numbers)
        replies = Reply.objects.filter(Q(customer__in=numbers) | _from_nobody(alone))
        stopped = _stop(messages, now=now)
        _empty_events(messages, replies, alone)
        _rename_mails(replies)
        _forget_addresses(alone)
        erased = Erased(stopped, *_empty(messages, replies, numbers, now=now))
        erasure.forget(numbers, addresses, now=now)
        _empty_admin_log(numbers)
    logger.info("Client %s erased by %s", customer.pk, by)
    return erased


def _locked(customer: Customer) -> list[int]:
    """Her row and those merged into it."""
    hers = Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer))
    rows = {row.pk: row for row in hers.select_for_update(of=("self",)).order_by("pk")}
    if rows[customer.pk].merged_into_id:
        raise CannotErase("This record was merged: erase the one it became.")
    if rows[customer.pk].erased_at:
        raise CannotErase("She was erased before.")
    return list(rows)


def _addresses(
    numbers: Collection[int], messages: QuerySet[Message], replies: QuerySet[Reply]
) -> Addresses:
    """Every address of hers, the former ones included."""
    wrote_from = replies.exclude(from_address="").values_list("channel", "from_address")
    reached_at = messages.exclude(to_address="").values_list("channel", "to_address")
    return erasure.addresses_of(numbers) | frozenset(wrote_from) | frozenset(reached_at)


def _from_nobody(addresses: Addresses) -> Q:
    """What came from her addresses before anybody knew whose they are."""
    sender = Q(pk__in=[])
    for channel, address in addresses:
        sender |= Q(channel=channel, from_address=address)
    return Q(customer=None) & sender


def _stop(messages: QuerySet[Message], *, now: datetime) -> int:
    if messages.filter(state=State.SENDING).exists():
        raise CannotErase("A note to her is leaving this very moment: try again in a minute.")
    waiting = messages.filter(state__in=UNDECIDED)
    return sum(
        outbox.stop(message, from_=State(message.state), reason=REASON, now=now)
        for message in waiting.select_related("customer")
    )


def _empty(
    messages: QuerySet[Message],
    replies: QuerySet[Reply],
    numbers: Collection[int],
    *,
    now: datetime,
) -> tuple[int, int]:
    for model in (
        MarketingSend,
        QuietPeriod,
        AnsweringPeers,
        Promise,
        PutOff,
        Gesture,
        Draft,
        ClientTone,
        Decision,
    ):
        model._default_manager.filter(customer__in=numbers).delete()
    ReplyPicture.objects.filter(reply__in=replies.values("pk")).delete()
    KeptNote.objects.filter(made_from__in=messages.values("pk")).update(
        subject="", body="", state=KeptNote.State.DROPPED
    )
    Notice.objects.filter(customer__in=numbers).delete()  # they name her
    lookbooks = Lookbook.objects.filter(customer__in=numbers)
    LookbookItem.objects.filter(lookbook__in=lookbooks.values("pk")).update(
        because="", understudy_because=""
    )
    _close_holds(numbers, now=now)
    lookbooks.update(code=None)
    lookbooks.filter(expires_at__gt=now).update(expires_at=now)
    replies.filter(handled_at=None).update(handled_at=now)
    return (
        messages.update(body=WORDS, subject="", to_address=""),
        replies.update(body="", from_address=""),
    )


def _close_holds(numbers: Collection[int], *, now: datetime) -> None:
    """What is kept for her goes back on the shelf, and nobody expects her any more."""
    hers = Hold.objects.filter(customer__in=numbers)
    holds.let_go(hers, now=now)
    hers.exclude(sentence="").update(sentence=WORDS)
    Coming.objects.filter(customer__in=numbers).delete()


def _empty_events(
    messages: QuerySet[Message], replies: QuerySet[Reply], addresses: Addresses
) -> None:
    """What the carriers told us names her number, or holds her mail as it came.

    News of mails that are none of ours is found by the address: erasures are few.
    """
    said = [f"{number}:words"[:200] for number in replies.values_list("provider_id", flat=True)]
    events = Q(message__in=messages.values("pk")) | Q(event_key__in=said)
    for _, address in addresses:
        events |= Q(message=None, payload__icontains=address)
    ProviderEvent.objects.filter(events).update(payload={})


def _rename_mails(replies: QuerySet[Reply]) -> None:
    """The Message-ID of a mail was made on her side and may name her: a hash takes its place."""
    for reply in replies.filter(channel=Channel.EMAIL, provider_id__startswith="<"):
        written = reply.provider_id
        hashed = f"sha256:{sha256(written.encode()).hexdigest()}"
        told = ProviderEvent.objects.filter(
            provider=reply.provider, event_key=f"{written}:words"[:200]
        )
        told.update(event_key=f"{hashed}:words")
        Reply.objects.filter(pk=reply.pk).update(provider_id=hashed)


def _forget_addresses(addresses: Addresses) -> None:
    """Beside her records; the simulated carrier's memory is in our database, too."""
    mailboxes = [address for channel, address in addresses if channel == Channel.EMAIL]
    MailPause.objects.filter(address__in=mailboxes).delete()
    for channel, address in addresses:
        SimulatedMessage.objects.filter(channel=channel, address=address).update(
            address="", subject="", body=WORDS, html="", next_answer_at=None
        )


def _empty_admin_log(numbers: Collection[int]) -> None:
    """Django admin's own record names whom it is about."""
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Customer),
        object_id__in=[str(number) for number in numbers],
    ).update(object_repr=WORDS, change_message="")
