"""What a lost callback would have told: the carrier is asked by id, a few times in the first day.

A callback that fails twice is lost for good. After a day without one the note stays "sent, no
receipt": it is never called delivered on a guess.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Q

from customers.models import Channel
from outreach.messages import inbound
from outreach.messages.inbound import StatusEvent
from outreach.messages.providers import registry
from outreach.messages.providers.receipts import Listed, Provider, Status, Temporary
from outreach.models import Message
from outreach.models.message import RECEIPT_WITHIN, MessageQuerySet, State

logger = logging.getLogger(__name__)

# Since it was accepted. Phones that were off come back in the evening, or the next morning.
ASK_AFTER = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=23),
)
# A run is every five minutes and asks one after the other: 28,800 texts a day at most.
ASKED_IN_ONE_RUN = 100
ASKING_SECONDS = 60
BLIND_ASKS = 3  # in a row: the carrier is down


def ask(*, now: datetime) -> int:
    """Ask for what is due; answers how many rows went forward.

    Safe to repeat and to run twice at once: an ask is taken by compare-and-swap before it is made.
    One that meets a carrier that is down is used up, and its row's next one is a few hours later.
    """
    began, blind, moved = monotonic(), 0, 0
    for message in _due(now=now):
        if blind == BLIND_ASKS or monotonic() - began > ASKING_SECONDS:
            break
        try:
            moved += _ask_for(message, now=now)
            blind = 0
        except Temporary:
            logger.warning("%s: its carrier cannot say now whether it arrived", message.pk)
            blind += 1
    return moved


def hear(message: Message, line: Listed, carrier: Provider, *, source: str, now: datetime) -> bool:
    """Take in what a line of the carrier's list says, by the road its callback would have taken.

    `source` is kept with the event. False when it was known already.
    """
    return inbound.apply(
        StatusEvent(
            provider=carrier.name,
            provider_id=line.provider_id,
            event_key=f"{line.provider_id}:{line.said}",
            status=line.status,
            at=now,
            message_id=message.pk,
            refusal=carrier.refusal(line),
            payload={"source": source, "status": line.said},
        )
    )


def _due(*, now: datetime) -> MessageQuerySet:
    waited = Q(pk__in=[])
    for asks, wait in enumerate(ASK_AFTER):
        waited |= Q(receipt_asks=asks, sent_at__lte=now - wait)
    without = Message.objects.filter(
        waited, state=State.SENT, sent_at__gt=now - RECEIPT_WITHIN, provider__in=_who_can_say()
    )
    return without.exclude(provider_id="").order_by("receipt_asks", "sent_at")[:ASKED_IN_ONE_RUN]


def _who_can_say() -> list[str]:
    carriers = [registry.for_channel(channel) for channel in Channel.values]
    return [carrier.name for carrier in carriers if carrier.keeps_list]


def _ask_for(message: Message, *, now: datetime) -> bool:
    carrier = registry.of_message(message.channel, message.provider)
    if carrier is None or not _take_turn(message):
        return False
    line = carrier.line(message.provider_id)
    if line is None or line.status == Status.ACCEPTED:
        return False
    return hear(message, line, carrier, source="asked by id", now=now)


def _take_turn(message: Message) -> bool:
    """Count the ask before it is made, so that no failure makes it be made for ever."""
    asks = message.receipt_asks
    unasked = Message.objects.filter(pk=message.pk, state=State.SENT, receipt_asks=asks)
    return bool(unasked.update(receipt_asks=asks + 1))
