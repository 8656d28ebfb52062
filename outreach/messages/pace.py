"""How fast one associate may write: a stolen log-in, or a slip of the hand, must not reach a city.

Counted in the database at the click, answers included; what was taken back, or never left for
another reason, does not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clienteling.models import Store, User
from customers.appropriateness import Blocker
from outreach.models import Message
from outreach.models.message import State

NEVER_LEFT = (State.DRAFT, State.CANCELED)
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Limit:
    """At most so many notes within a stretch of time."""

    most: int
    within: timedelta
    words: str


def blockers(by: User, *, now: datetime) -> list[Blocker]:
    """Why this associate must pause; empty while there is room for one more.

    Locks the associate's row to the end of the transaction, so that several tablets at once are
    counted one after another. Must be called inside one.
    """
    User.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=by.pk)
    queued = (
        Message.objects.filter(sender=by, queued_at__gt=now - DAY)
        .exclude(state__in=NEVER_LEFT)
        .order_by("-queued_at")
    )
    limits = _limits(by)
    moments = list(queued.values_list("queued_at", flat=True)[: max(each.most for each in limits)])
    return too_fast([moment for moment in moments if moment], limits, by=by, now=now)


def too_fast(
    moments: Sequence[datetime], limits: Sequence[Limit], *, by: User, now: datetime
) -> list[Blocker]:
    """The limit that is used up the longest; `moments` are those of earlier notes, newest first."""
    used_up = [
        (moments[limit.most - 1] + limit.within, limit)
        for limit in limits
        if len(moments) >= limit.most
    ]
    next_at, limit = max(used_up, key=lambda each: each[0], default=(now, None))
    if limit is None or next_at <= now:
        return []
    at = by.store.local(next_at) if by.store else next_at
    return [
        Blocker(
            "too-many-notes",
            f"{limit.most} notes in {limit.words} is the most; the next may go at {at:%H:%M}.",
        )
    ]


def _limits(by: User) -> tuple[Limit, ...]:
    """Those of the associate's store."""
    store = by.store or Store()
    return (
        Limit(store.sends_per_hour, timedelta(hours=1), "an hour"),
        Limit(store.sends_per_day, DAY, "24 hours"),
    )
