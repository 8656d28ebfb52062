"""Moments in the demo shop's past: inside opening hours, on each store's own wall clock."""

from datetime import date, datetime, time, timedelta
from random import Random

from clienteling.models import Store

OPENS, CLOSES = 9, 20  # o'clock
ONLINE_FROM, ONLINE_UNTIL = 7, 23
WRITING_FROM, WRITING_UNTIL = 10, 18


def opening(store: Store, on: date) -> datetime:
    """When the store opens on a day."""
    return datetime.combine(on, time(OPENS), tzinfo=store.zone)


def in_the_store(store: Store, on: date, random: Random) -> datetime:
    """Some time while it is open."""
    return _between(store, on, OPENS, CLOSES, random)


def online(store: Store, on: date, random: Random) -> datetime:
    """Some time while people are awake where she lives."""
    return _between(store, on, ONLINE_FROM, ONLINE_UNTIL, random)


def of_writing(store: Store, on: date, random: Random) -> datetime:
    """Some time when associates write: late morning to early evening."""
    return _between(store, on, WRITING_FROM, WRITING_UNTIL, random)


def days_before(store: Store, now: datetime, days: int) -> date:
    """The store's date so many days ago."""
    return store.local(now).date() - timedelta(days=days)


def _between(store: Store, on: date, start: int, end: int, random: Random) -> datetime:
    minutes = random.randrange((end - start) * 60)
    clock = time(start + minutes // 60, minutes % 60, random.randrange(60))
    return datetime.combine(on, clock, tzinfo=store.zone)
