"""What every sweep does: find out what is unclear, give up what is late, hand over what is due.

Nothing depends on a hint: a row that nobody was told of is found here. What becomes of a message is
still a compare-and-swap, as in `outbox`.
"""

import logging
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Exists, OuterRef

from clienteling.defaults import MAX_DELIVERY_ROUNDS
from outreach.messages import hints, looks, outbox
from outreach.messages.providers.receipts import Receipt, Temporary
from outreach.models import Message
from outreach.models.message import IN_FLIGHT, State

logger = logging.getLogger(__name__)

# On top of the carrier's own timeout, in graces: then the worker is taken for dead.
LEASE_GRACES = 0.25
MAY_HAVE_ARRIVED = "It may or may not have arrived: ask her before writing again."
STOPPED_TOO_LONG = "It was not sent in time: sending was stopped."


@dataclass(frozen=True)
class SweepReport:
    """What a sweep did: unclear outcomes settled, due messages handed to the workers."""

    settled: int
    enqueued: int


def sweep(*, now: datetime) -> SweepReport:
    """Settle what is unclear and hand what is due to the workers, oldest first.

    A row whose address has another in flight is passed over until that one is settled, and one
    that a stop holds back until sending is started again.
    """
    settled = settle(now=now)
    _give_up_expired(now=now)
    in_flight = Message.objects.filter(
        channel=OuterRef("channel"), to_address=OuterRef("to_address"), state__in=IN_FLIGHT
    )
    due = Message.objects.due(now=now).exclude(Exists(in_flight)).order_by("send_after")
    most = hints.HINTS_PER_SECOND * settings.OUTBOX_SWEEP_SECONDS
    unhinted = due.filter(hints.without_live_hint(now=now)).values_list("pk", flat=True)[:most]
    enqueued = sum(hints.name_once(number, now=now) for number in unhinted)
    return SweepReport(settled=settled, enqueued=enqueued)


def settle(*, now: datetime) -> int:
    """Find out what became of attempts without an answer; answers how many were settled.

    A worker that died leaves its row in SENDING: after the carrier's timeout and a lease it is
    unconfirmed. After a grace the carrier's list is asked. Listed: sent. Absent in two looks:
    queued again. List unavailable: it stays, until the note is too old. No list (mail): a person
    decides.
    """
    _release_lost(now=now)
    turn = looks.Turn()
    with closing(looks.in_turn(turn, now=now)) as unclear:
        return sum(_settle_one(message, turn, now=now) for message in unclear)


def _settle_one(message: Message, turn: looks.Turn, *, now: datetime) -> bool:
    """Look for one message; whatever goes wrong with it must not hold up the others."""
    try:
        settled = _look(message, now=now)
    except Temporary:
        logger.warning("%s stays unconfirmed: the carrier's list is unavailable", message.pk)
        turn.was_blind()
        return _give_up_unseen(message, now=now)
    except Exception:
        logger.exception("%s cannot be looked for", message.pk)
        return _give_up_unseen(message, now=now)
    turn.saw()
    return settled


def _give_up_expired(*, now: datetime) -> int:
    """Whose time ran out is told so at once, whatever it waits for: a stop, an hour, a carrier."""
    late = Message.objects.filter(state=State.QUEUED, expires_at__lte=now).with_stops()
    return sum(
        outbox.give_up(
            message,
            STOPPED_TOO_LONG if message.is_stopped else outbox.NOT_IN_TIME,  # type: ignore[attr-defined]
            from_=State.QUEUED,
            now=now,
        )
        for message in late.select_related("customer")[: looks.AT_ONCE]
    )


def _give_up_unseen(message: Message, *, now: datetime) -> bool:
    """A note that is too old and cannot be looked for: nobody will find out any more."""
    if message.expires_at is None or message.expires_at > now:
        return False
    return outbox.give_up(message, MAY_HAVE_ARRIVED, from_=State.UNCONFIRMED, now=now)


def _release_lost(*, now: datetime) -> int:
    timeout = max(settings.TWILIO_TIMEOUT_SECONDS, settings.EMAIL_TIMEOUT)
    lease = LEASE_GRACES * settings.OUTBOX_GRACE_SECONDS
    lost_before = now - timedelta(seconds=timeout + lease)
    return Message.objects.filter(state=State.SENDING, intent_at__lte=lost_before).update(
        state=State.UNCONFIRMED, reason="The worker stopped before the carrier answered."
    )


def _look(message: Message, *, now: datetime) -> bool:
    """Look for one attempt in its carrier's list; True when its row was settled."""
    if not looks.can_be_taken(message):
        return outbox.give_up(message, MAY_HAVE_ARRIVED, from_=State.UNCONFIRMED, now=now)
    return look_up(message, now=now) or _note_absence(message, now=now)


def look_up(message: Message, *, now: datetime) -> bool:
    """Look for the message in the carrier's list, and adopt it when it is there.

    Only for a carrier that keeps a list; raises ``Temporary`` when it cannot be seen now.
    """
    found = looks.find(message, now=now)
    if found is None:
        return False
    try:
        return outbox.confirm(message, Receipt(found.provider_id), at=found.created_at)
    except IntegrityError:
        raise Temporary("Another message has just taken that line of the list.") from None


def _note_absence(message: Message, *, now: datetime) -> bool:
    times = message.looks + 1
    if times < looks.LOOKS_BEFORE_RETRY:
        message.move(from_=State.UNCONFIRMED, to=State.UNCONFIRMED, looks=times)
        return False
    rounds = message.rounds + 1
    if rounds >= MAX_DELIVERY_ROUNDS:
        sentence = f"The carrier did not take it in {message.attempts} attempts."
        return outbox.give_up(message, sentence, from_=State.UNCONFIRMED, now=now)
    return message.move(
        from_=State.UNCONFIRMED, to=State.QUEUED, send_after=now, looks=0, rounds=rounds, reason=""
    )
