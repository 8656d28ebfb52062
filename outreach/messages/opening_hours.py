"""How long somebody waited while the store was open. Pure.

A question of Saturday evening that is answered on Sunday noon has waited one hour, not fifteen:
nobody was there to answer. The hours are put on the store's wall clock day by day, so that a change
of clocks at night costs nobody an hour.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clienteling.models import Store
from outreach.messages.windows import Span, Window

SUNDAY = 6
NO_TIME = timedelta(0)


def hours_of(store: Store) -> Window:
    """When the store's door is open, through the week."""
    daily = Span(store.opens, store.closes)
    closed_on = {SUNDAY} if store.is_closed_on_sundays else set()
    return Window(store.zone, tuple(None if day in closed_on else daily for day in range(7)))


def open_time(hours: Window, *, since: datetime, until: datetime) -> timedelta:
    """How much of the time from `since` to `until` falls into these hours; never negative."""
    if until <= since:
        return NO_TIME
    first, last = since.astimezone(hours.zone).date(), until.astimezone(hours.zone).date()
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return sum((_open_on(day, hours, since, until) for day in days), NO_TIME)


def next_morning(hours: Window, moment: datetime) -> datetime | None:
    """When the door opens on the first open day after today; None for one that never opens."""
    today = moment.astimezone(hours.zone).date()
    for day in (today + timedelta(days=ahead) for ahead in range(1, 8)):
        span = hours.week[day.weekday()]
        if span:
            return _bounds(day, span, hours.zone)[0]
    return None


def _open_on(day: date, hours: Window, since: datetime, until: datetime) -> timedelta:
    span = hours.week[day.weekday()]
    if span is None:
        return NO_TIME
    opens, closes = _bounds(day, span, hours.zone)
    return max(NO_TIME, min(closes, until) - max(opens, since))


def _bounds(day: date, span: Span, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """In UTC: moments of one zone would be compared by the wall clock alone."""
    opens = datetime.combine(day, span.opens, tzinfo=zone).astimezone(UTC)
    closes = datetime.combine(day, span.closes, tzinfo=zone).astimezone(UTC)
    return opens, closes
