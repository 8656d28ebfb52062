"""What carriers tell us, applied once: status of our messages, and words from clients.

Safe to repeat and safe out of order. The raw event is stored first, under a key of its own; a
repeat finds the key taken and changes nothing. States only move forward, and the first final one
stands, so a late "sent" cannot undo "delivered".
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from customers import consent
from customers.models import Channel, Customer
from outreach.messages import keywords, opt_out, outbox, pictures
from outreach.messages.pictures import Enclosed, Media
from outreach.messages.providers.receipts import Receipt, Refused, Status
from outreach.models import Message, ProviderEvent, Reply
from outreach.models.message import State

logger = logging.getLogger(__name__)

HELD_REASON = "She may have asked us to stop: please read."


@dataclass(frozen=True)
class StatusEvent:
    """News of a message of ours. `message_id` comes from its own callback address.

    `refusal` says what a failure means for the address; `event_key` is distinct per event. `kind`
    is a finer word for the history than `status`.
    """

    provider: str
    provider_id: str
    event_key: str
    status: Status
    at: datetime
    message_id: UUID | None = None
    refusal: Refused | None = None
    kind: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WordsEvent:
    """Something a client wrote, and the pictures she sent with it.

    `kind` is set when the carrier itself recognised STOP or START. `message_id` is the message it
    certainly answers. Not `is_verified`: only the sender's address, which anybody can write, says
    whose words they are. `left_out` counts files we do not keep.
    """

    provider: str
    provider_id: str
    channel: str
    from_address: str
    body: str
    at: datetime
    kind: Reply.Kind | None = None
    message_id: UUID | None = None
    is_verified: bool = True
    left_out: int = 0
    media: tuple[Media, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict)


def apply(event: StatusEvent | WordsEvent) -> bool:
    """Apply an event; False when it was seen before, or is about nothing of ours."""
    if isinstance(event, StatusEvent):
        return _apply_status(event)
    return _apply_words(event)


# --- Status --------------------------------------------------------------------------------------
def _apply_status(event: StatusEvent) -> bool:
    with transaction.atomic():
        message = _message_of(event)
        if message is None:
            logger.info("News of no message of ours from %s", event.provider)
            return False
        if not _is_new(event, event.event_key, event.kind or event.status, message):
            return False
        if _belongs(event, message):
            _advance(event, message)
    return True


def _message_of(event: StatusEvent) -> Message | None:
    if event.message_id:
        return Message.objects.filter(pk=event.message_id).first()
    return Message.objects.filter(provider=event.provider, provider_id=event.provider_id).first()


def _belongs(event: StatusEvent, message: Message) -> bool:
    """Whether the event is about the attempt this row stands for; adopts an id it still lacked."""
    if not message.provider_id:
        try:
            with transaction.atomic():
                outbox.confirm(message, Receipt(event.provider_id), at=event.at)
        except IntegrityError:
            logger.warning("%s: its carrier's id belongs to another message", message.pk)
            return False
    # Whoever was first: the worker may have stored the very same id a moment ago.
    return message.provider_id == event.provider_id


def _advance(event: StatusEvent, message: Message) -> None:
    if event.status == Status.DELIVERED:
        outbox.mark_delivered(message, at=event.at)
    elif event.status == Status.FAILED and message.state == State.SENT:
        refusal = event.refusal or Refused("", "The carrier could not deliver it.")
        outbox.fail(message, refusal, at=event.at)


# --- Words ---------------------------------------------------------------------------------------
def _apply_words(event: WordsEvent) -> bool:
    with transaction.atomic():
        customer, message = _conversation(event)
        kind = _kind(event)
        if not _is_new(event, f"{event.provider_id}:words", kind, message):
            return False
        reply = Reply.objects.create(
            customer=customer,
            message=message,
            channel=event.channel,
            from_address=event.from_address,
            body=event.body,
            kind=kind,
            provider=event.provider,
            provider_id=event.provider_id,
            is_verified=event.is_verified,
            left_out=event.left_out,
            received_at=event.at,
        )
        pictures.note(reply, event.media, now=event.at)
        pictures.enclose(reply, event.enclosed)
        _draw_consequences(event, kind, message)
    return True


def _kind(event: WordsEvent) -> Reply.Kind:
    """What the words are. START counts only after a STOP, and never by mail, whose sender may be
    forged; else it is an ordinary word."""
    kind = event.kind or keywords.meaning(event.body)
    if kind != Reply.Kind.START:
        return kind
    is_lifting = event.channel == Channel.SMS and consent.is_suppressed(
        event.from_address, event.channel
    )
    return Reply.Kind.START if is_lifting else Reply.Kind.WORDS


def _draw_consequences(event: WordsEvent, kind: Reply.Kind, answered: Message | None) -> None:
    source = f"{kind.label} by {Channel(event.channel).label.lower()}"
    evidence = {"provider": event.provider, "provider_id": event.provider_id}
    if kind == Reply.Kind.STOP:
        for address in _addresses(event, answered):
            opt_out.revoke(
                address,
                event.channel,
                reason="stop-word",
                source=source,
                now=event.at,
                evidence=evidence,
            )
    elif kind == Reply.Kind.START:
        opt_out.readmit(
            event.from_address, event.channel, source=source, now=event.at, evidence=evidence
        )
    elif kind == Reply.Kind.WORDS and keywords.may_ask_to_stop(event.body):
        sharing = [
            each.pk
            for address in _addresses(event, answered)
            for each in opt_out.sharers(address, event.channel)
        ]
        outbox.cancel_offers(sharing, reason=HELD_REASON, now=event.at)


def _addresses(event: WordsEvent, answered: Message | None) -> list[str]:
    """Whom a wish to be left alone is about: who wrote it, and where the mail it answers went.

    They differ when she answers from another mailbox than the one we wrote to.
    """
    theirs = [event.from_address]
    if event.message_id and answered:
        theirs.append(answered.to_address)
    return sorted(set(theirs))


def _conversation(event: WordsEvent) -> tuple[Customer | None, Message | None]:
    """Whose conversation it continues: the latest with this address, else who bought last.

    Nobody for an address nobody has: no client is made up. Words that may be anybody's answer no
    message of ours.
    """
    if event.message_id:
        answered = Message.objects.filter(pk=event.message_id).select_related("customer").first()
        if answered:
            return answered.customer, answered
    latest = (
        Message.objects.filter(
            channel=event.channel, to_address=event.from_address, intent_at__isnull=False
        )
        .order_by("-intent_at")
        .select_related("customer")
        .first()
    )
    if latest:
        return latest.customer, latest if event.is_verified else None
    sharing = Customer.objects.filter(
        contact_points__channel=event.channel, contact_points__address=event.from_address
    )
    return sharing.order_by(F("last_purchase_at").desc(nulls_last=True), "pk").first(), None


def _is_new(event: StatusEvent | WordsEvent, key: str, kind: str, message: Message | None) -> bool:
    """Store the raw event; False when its key is taken. Two at once: one waits for the other."""
    _, created = ProviderEvent.objects.get_or_create(
        provider=event.provider,
        event_key=key[:200],
        defaults={
            "message": message,
            "kind": kind,
            # Nothing new is learned of somebody who was erased; her messages have no address.
            "payload": event.payload if message is None or message.to_address else {},
            "received_at": event.at,
        },
    )
    return created
