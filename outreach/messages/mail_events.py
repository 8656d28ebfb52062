"""News of a mail after it left us, from a mail service's webhook or from a bounce in our mailbox.

Each piece of news is told once: its key is the mail and what happened to it, so a repeat, or the
same news by another road, changes nothing. What it says about the address is drawn here, also when
the mail was none of ours: who called the shop's newsletter spam does not want a note either.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from customers import consent
from customers.addresses import normalise_email
from customers.models import Channel
from outreach.messages import inbound, mail_identity, mail_pauses, opt_out, outbox
from outreach.messages.inbound import StatusEvent
from outreach.messages.providers.receipts import Refused, Status
from outreach.models import Message, ProviderEvent

logger = logging.getLogger(__name__)

SALT = "outreach.messages.mail_events"
NO_MAILBOX = "There is no mailbox at this address."
NOT_REACHED = "Her mailbox could not be reached, or is full."
REFUSED = "The mail service did not deliver it."


class News(StrEnum):
    """What became of a mail."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    HARD_BOUNCE = "hard bounce"
    SOFT_BOUNCE = "soft bounce"
    REFUSED = "refused"
    COMPLAINT = "complaint"
    UNSUBSCRIBED = "unsubscribed"


# She can only complain about, or turn down, what has arrived.
STATUSES = {
    News.ACCEPTED: Status.ACCEPTED,
    News.DELIVERED: Status.DELIVERED,
    News.HARD_BOUNCE: Status.FAILED,
    News.SOFT_BOUNCE: Status.FAILED,
    News.REFUSED: Status.FAILED,
    News.COMPLAINT: Status.DELIVERED,
    News.UNSUBSCRIBED: Status.DELIVERED,
}
ABOUT_THE_ADDRESS = {News.HARD_BOUNCE, News.COMPLAINT, News.UNSUBSCRIBED}
REFUSALS = {
    News.HARD_BOUNCE: Refused("bounced", NO_MAILBOX, unusable=True),
    News.SOFT_BOUNCE: Refused("soft", NOT_REACHED),
    News.REFUSED: Refused("refused", REFUSED),
}


@dataclass(frozen=True)
class MailEvent:
    """A piece of news. `message_id` is ours, `provider_id` the carrier's; either may be unknown.

    `recipient` is the address as the carrier wrote it.
    """

    provider: str
    news: News
    at: datetime
    message_id: UUID | None = None
    provider_id: str = ""
    recipient: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


def apply(event: MailEvent) -> bool:
    """Apply the news; False when it was heard before, or says nothing to us."""
    with transaction.atomic():
        message = _message_of(event)
        is_new = _tell(event, message) if message else _note(event)
        if is_new:
            _draw_consequences(event, message)
    return is_new


def _message_of(event: MailEvent) -> Message | None:
    mails = Message.objects.filter(channel=Channel.EMAIL, intent_at__isnull=False)
    if event.message_id:
        return mails.filter(pk=event.message_id).first()
    if not event.provider_id:
        return None
    return mails.filter(provider=event.provider, provider_id=event.provider_id).first()


def _tell(event: MailEvent, message: Message) -> bool:
    """The message's part: its state, by the same road as a text's."""
    own_id = mail_identity.message_id(message.pk)
    # A carrier that gave no id of its own when it took the mail is known by ours.
    provider_id = event.provider_id if message.provider_id != own_id else own_id
    provider_id = provider_id or message.provider_id or own_id
    return inbound.apply(
        StatusEvent(
            provider=message.provider or event.provider,
            provider_id=provider_id,
            event_key=f"{provider_id}:{event.news}",
            status=STATUSES[event.news],
            at=event.at,
            message_id=message.pk,
            refusal=REFUSALS.get(event.news),
            kind=event.news,
            payload=event.payload,
        )
    )


def _note(event: MailEvent) -> bool:
    """News of a mail that is not ours: kept only when it says something about the address."""
    address = normalise_email(event.recipient).address
    if event.news not in ABOUT_THE_ADDRESS or not address:
        logger.info("News of no message of ours from %s", event.provider)
        return False
    # The key must not give the address away: it outlives an erasure.
    name = event.provider_id or salted_hmac(SALT, address, algorithm="sha256").hexdigest()
    _, is_new = ProviderEvent.objects.get_or_create(
        provider=event.provider,
        event_key=f"{name}:{event.news}"[:200],
        defaults={"kind": event.news, "payload": event.payload, "received_at": event.at},
    )
    return is_new


def _draw_consequences(event: MailEvent, message: Message | None) -> None:
    address = message.to_address if message else normalise_email(event.recipient).address
    if not address:  # she was erased since
        return
    if event.news == News.HARD_BOUNCE:
        consent.suppress(address, Channel.EMAIL, reason="bounced", at=event.at)
        outbox.cancel_to(Channel.EMAIL, address, reason=NO_MAILBOX, now=event.at)
    elif event.news in {News.COMPLAINT, News.UNSUBSCRIBED}:
        _end_for_good(event, address)
    elif event.news == News.SOFT_BOUNCE:
        mail_pauses.consider(address, now=event.at)
    elif event.news == News.DELIVERED:
        mail_pauses.end(address, now=event.at)


def _end_for_good(event: MailEvent, address: str) -> None:
    is_complaint = event.news == News.COMPLAINT
    opt_out.revoke(
        address,
        Channel.EMAIL,
        reason="complained" if is_complaint else "unsubscribed",
        source="Called our mail spam" if is_complaint else "Unsubscribed at the mail service",
        now=event.at,
        evidence={"provider": event.provider, "provider_id": event.provider_id},
    )
