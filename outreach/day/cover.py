"""The manager's list of who is off shift."""

from dataclasses import dataclass
from datetime import datetime

from clienteling.models import Store, User
from outreach.day import wording
from outreach.messages import shifts
from outreach.models import OffShift


@dataclass(frozen=True)
class Colleague:
    """An associate of a manager's stores."""

    number: int
    name: str
    small: str
    is_off: bool


def for_manager(manager: User, store: Store, *, now: datetime) -> tuple[Colleague, ...]:
    """Every associate of her stores, by name: two queries."""
    people = list(shifts.colleagues_of(manager).select_related("store"))
    off = OffShift.objects.at(now).filter(associate__in=people).select_related("said_by")
    away = {each.associate_id: each for each in off}
    return tuple(_colleague(each, away.get(each.pk), store, now) for each in people)


def _colleague(user: User, off: OffShift | None, store: Store, now: datetime) -> Colleague:
    here = user.store or store
    name = user.get_full_name() or user.username
    small = _off_words(off, here, now) if off else "On shift"
    return Colleague(user.pk, name, f"{here.name} · {small}", is_off=off is not None)


def _off_words(off: OffShift, store: Store, now: datetime) -> str:
    since = wording.moment_words(off.since, store.zone, now=now)
    until = f", until {wording.when_words(off.until, store.zone, now=now)}" if off.until else ""
    by = "" if off.said_by_id == off.associate_id else f", said by {off.said_by.signature}"
    return f"Off shift since {since}{until}{by}"
