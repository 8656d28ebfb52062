"""When a first move is welcome: the store's hours, within the law, on the client's own clock; pure.

Nobody may be written to before 8 or after 21 where she is (47 CFR 64.1200(c)(1)); some states
allow less, and their hours are a table that an admin edits (`StateHours`). Both are research, not
legal advice, and apply to texts. Where it is not known which place she is in, her hours are those
that every plausible place allows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from outreach.messages.whereabouts import Place

A_DAY = timedelta(days=1)
DAYS_AHEAD = 8  # a week from any moment on has seen every opening


@dataclass(frozen=True)
class Span:
    """Open from `opens` on, and closed again at `closes` sharp; past midnight when that is earlier.

    The same hour twice is the whole day.
    """

    opens: time
    closes: time

    @property
    def ends_next_day(self) -> bool:
        return self.closes <= self.opens


Week = tuple[Span | None, ...]  # seven, from Monday on; None is a closed day
Laws = Mapping[str, tuple[Week, ...]]  # by state; all weeks of a state hold

EVERYWHERE: Week = (Span(time(8), time(21)),) * 7


@dataclass(frozen=True)
class Window:
    """Hours through the week on the wall clock of one zone; a span counts for the day it opens."""

    zone: ZoneInfo
    week: Week

    def next_opening(self, moment: datetime) -> datetime | None:
        """`moment` itself inside the hours, else the next opening, in UTC; None when never open.

        Opening and closing are put on the wall clock day by day, so that the hour stays right on
        both sides of a change of clocks.
        """
        moment = moment.astimezone(UTC)
        today = moment.astimezone(self.zone).date()
        for ahead in range(-1, DAYS_AHEAD):
            day = today + ahead * A_DAY
            span = self.week[day.weekday()]
            if span is None:
                continue
            last_day = day + A_DAY if span.ends_next_day else day
            closes = datetime.combine(last_day, span.closes, tzinfo=self.zone).astimezone(UTC)
            if moment < closes:
                opens = datetime.combine(day, span.opens, tzinfo=self.zone).astimezone(UTC)
                return max(moment, opens)
        return None


@dataclass(frozen=True, eq=False)
class Hours:
    """Several windows that must be open at once: the store's, the law's, in every place.

    Equal only to itself, so that what was found for it is quick to find again.
    """

    windows: tuple[Window, ...]

    @lru_cache(maxsize=1_024)  # noqa: B019 - few are made, and they are kept anyway
    def next_opening(self, moment: datetime) -> datetime | None:
        """The first moment from `moment` on that lies in all windows; None when there is none."""
        moment = moment.astimezone(UTC)
        last = moment + DAYS_AHEAD * A_DAY
        while moment <= last:
            openings = [window.next_opening(moment) for window in self.windows]
            found = [opening for opening in openings if opening]
            if len(found) < len(openings):
                return None
            latest = max(found, default=moment)
            if latest == moment:
                return moment
            moment = latest
        return None


def text_hours(hours: Span, *, places: Iterable[Place], laws: Laws) -> Hours:
    """The store's text hours on the clock of each place, within the law there."""
    windows = [
        Window(ZoneInfo(place.zone), week)
        for place in sorted(places)
        for week in ((hours,) * 7, EVERYWHERE, *laws.get(place.region, ()))
    ]
    return Hours(tuple(dict.fromkeys(windows)))


def email_hours(hours: Span, *, places: Iterable[Place]) -> Hours:
    """The store's mail hours on the clock of each place, the same every day."""
    zones = sorted({place.zone for place in places})
    return Hours(tuple(Window(ZoneInfo(zone), (hours,) * 7) for zone in zones))
