"""What a carrier's own list says of an attempt whose answer was lost, and whose turn a look is.

Looking only: what follows from it is for the outbox.
"""

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db.models import F, Q

from clienteling.locks import DatabaseLock, alone_in
from outreach.messages.providers import registry
from outreach.messages.providers.receipts import Listed, Temporary
from outreach.messages.segments import in_plain_characters
from outreach.models import Message
from outreach.models.message import MessageQuerySet, State

LOOK_AFTER_GRACES = (1.0, 2.5)  # the first and the second look, since the attempt
LOOKS_BEFORE_RETRY = len(LOOK_AFTER_GRACES)
CLOCK_SLACK = timedelta(seconds=60)  # between our clock and the carrier's
AT_ONCE = 200
BLIND_LOOKS = 3  # in a row: the carrier's list is down, and waiting for it would hold a worker
LOOKING_SECONDS = 30  # a list that is slow, but not down, must not hold one for long either
# What a trial account puts before our words.
TRIAL_PREFIX = "Sent from your Twilio trial account - "


class Turn:
    """How much longer one sweep may go on looking: not at a blind list, and not for ever."""

    def __init__(self) -> None:
        self._began = monotonic()
        self._blind = 0

    def saw(self) -> None:
        """The list could be read."""
        self._blind = 0

    def was_blind(self) -> None:
        """The list could not be read."""
        self._blind += 1

    def is_over(self) -> bool:
        return self._blind >= BLIND_LOOKS or monotonic() - self._began > LOOKING_SECONDS


def in_turn(turn: Turn, *, now: datetime) -> Generator[Message, None, None]:
    """Whose look is due, until the turn is over; none while another process is looking.

    To be closed by its caller, who holds the lock until then.
    """
    with alone_in(DatabaseLock.LOOKS) as is_ours:  # the other workers hand messages over
        for message in _due(now=now) if is_ours else ():
            if turn.is_over():
                return
            Message.objects.filter(pk=message.pk).update(looked_at=now)
            yield message


def _due(*, now: datetime) -> MessageQuerySet:
    """Whose look is due. Who was looked for longest ago comes first, so that rows nobody can see
    never keep others from being looked for."""
    grace = settings.OUTBOX_GRACE_SECONDS
    first, second = (now - timedelta(seconds=graces * grace) for graces in LOOK_AFTER_GRACES)
    waited = Q(looks=0, intent_at__lte=first) | Q(intent_at__lte=second)
    unclear = Message.objects.filter(waited, state=State.UNCONFIRMED)
    return unclear.order_by(F("looked_at").asc(nulls_first=True), "intent_at")[:AT_ONCE]


def can_be_taken(message: Message) -> bool:
    """Whether the carrier that was given it keeps a list; a mail server does not."""
    carrier = registry.of_message(message.channel, message.provider)
    return carrier is not None and carrier.keeps_list


def find(message: Message, *, now: datetime) -> Listed | None:
    """The message in its carrier's list; None when it is not there.

    Since the click, not the last attempt: an earlier one may have become visible late. Only for
    a carrier that keeps a list; raises ``Temporary`` when it cannot be seen now.
    """
    carrier = registry.of_message(message.channel, message.provider)
    if carrier is None or message.queued_at is None:
        raise Temporary("There is nothing to look at.")
    since = message.queued_at - CLOCK_SLACK
    return _own_line(message, carrier.sent_to(message.to_address, since=since, now=now))


def _own_line(message: Message, listed: Sequence[Listed]) -> Listed | None:
    """The same words, accepted since the click, under an id that no other row holds."""
    same = [line for line in listed if _is_of(message, line)]
    taken = set(
        Message.objects.filter(
            provider=message.provider, provider_id__in=[line.provider_id for line in same]
        ).values_list("provider_id", flat=True)
    )
    free = [line for line in same if line.provider_id not in taken]
    return min(free, key=lambda line: line.created_at, default=None)


def _is_of(message: Message, line: Listed) -> bool:
    """Whether a line may be this message's.

    Once it was given up another one may go to the address, perhaps with the same words: what the
    carrier took later is not this one's.
    """
    is_later = message.settled_at is not None and line.created_at > message.settled_at
    return not is_later and _bare(line.body) == _bare(message.body)


def _bare(words: str) -> str:
    """Words as any carrier may keep them: some make quotes plain, or trim and join spaces."""
    return " ".join(in_plain_characters(words.removeprefix(TRIAL_PREFIX)).split())
