"""Some nights of the demo's past, so that the decision record answers from the first day on."""

from datetime import datetime, timedelta

from clienteling import clock
from outreach.decisions import recording

NIGHTS_AGO = (28, 14, 7, 0)
"""A few only: each asks about every client, and a newcomer waits for it."""


def write_down(*, now: datetime) -> int:
    """Record these nights and tonight; answers how many."""
    zone = clock.shop_zone()
    for days in NIGHTS_AGO:
        as_of = now - timedelta(days=days)
        recording.record(as_of.astimezone(zone).date(), as_of=as_of, now=now)
    return len(NIGHTS_AGO)
