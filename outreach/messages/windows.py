"""When a first move is welcome: the store's hours, cut down by the law of its state; pure.

Sources: 47 CFR 64.1200(c)(1) for 8 to 21 at the called party's place; the states' own, stricter
hours as collected in docs/messaging.md. They are research, not legal advice, and apply to texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY_TO_SUNDAY = range(7)
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Span:
    """Open from `opens` on, and closed again at `closes` sharp."""

    opens: time
    closes: time

    def narrowed(self, other: "Span") -> "Span | None":
        """The hours both spans allow; None when they never meet."""
        opens, closes = max(self.opens, other.opens), min(self.closes, other.closes)
        return Span(opens, closes) if opens < closes else None


Week = tuple[Span, ...]  # seven, from Monday on


def _daily(opens: int, closes: int) -> Week:
    return (Span(time(opens), time(closes)),) * 7


def _except(week: Week, *, on: tuple[int, ...], opens: int, closes: int) -> Week:
    exception = Span(time(opens), time(closes))
    return tuple(exception if day in on else week[day] for day in MONDAY_TO_SUNDAY)


EVERYWHERE = _daily(8, 21)
STRICTER_STATES: Mapping[str, Week] = {
    "FL": _daily(8, 20),
    "MD": _daily(8, 20),
    "MS": _daily(8, 20),
    "NJ": _daily(8, 20),
    "OK": _daily(8, 20),
    "CT": _daily(9, 20),
    "TX": _except(_daily(9, 21), on=(SUNDAY,), opens=12, closes=21),
    "RI": _except(_daily(9, 18), on=(SATURDAY, SUNDAY), opens=10, closes=17),
}


@dataclass(frozen=True)
class Window:
    """A channel's hours through the week on one store's wall clock; None is a closed day."""

    zone: ZoneInfo
    week: tuple[Span | None, ...]

    def next_opening(self, moment: datetime) -> datetime | None:
        """`moment` itself inside the hours, else the next opening, in UTC; None when never open.

        Opening and closing are put on the wall clock day by day, so that the hour stays right on
        both sides of a change of clocks.
        """
        moment = moment.astimezone(UTC)
        today = moment.astimezone(self.zone).date()
        for ahead in range(8):
            day = today + timedelta(days=ahead)
            span = self.week[day.weekday()]
            if span is None:
                continue
            closes = datetime.combine(day, span.closes, tzinfo=self.zone).astimezone(UTC)
            if moment < closes:
                opens = datetime.combine(day, span.opens, tzinfo=self.zone).astimezone(UTC)
                return max(moment, opens)
        return None


def text_window(hours: Span, *, region: str, zone: ZoneInfo) -> Window:
    """The store's text hours within the law of its state; `region` is a code such as TX."""
    law = STRICTER_STATES.get(region.strip().upper(), EVERYWHERE)
    allowed = (
        lawful.narrowed(everywhere) for lawful, everywhere in zip(law, EVERYWHERE, strict=True)
    )
    return Window(zone, tuple(span and span.narrowed(hours) for span in allowed))


def email_window(hours: Span, *, zone: ZoneInfo) -> Window:
    """The store's mail hours, the same every day."""
    return Window(zone, (hours,) * 7)
