"""A client's visits as dots on a line, and the gap to today. Pure: numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LEFT, RIGHT = 8, 292
AIR = 6  # between the last dot and the dashed line
DOTS_AT_MOST = 10


@dataclass(frozen=True)
class RhythmPicture:
    """`dots` are places along 300 units; `base` and `gap` are SVG paths; `label` says it aloud."""

    dots: tuple[int, ...]
    base: str
    gap: str
    since: str
    label: str


def drawn(visit_days: Sequence[date], *, today: date) -> RhythmPicture | None:
    """The last visits up to today, oldest at the left; None for someone who never bought."""
    days = sorted({day for day in visit_days if day <= today})[-DOTS_AT_MOST:]
    if not days:
        return None
    dots = tuple(_place(day, days[0], today) for day in days)
    return RhythmPicture(
        dots=dots,
        base=f"M{dots[0]} 10H{dots[-1]}" if len(dots) > 1 else "",
        gap=f"M{min(dots[-1] + AIR, RIGHT)} 10H{RIGHT - 4}",
        since=f"{days[0]:%b %Y}",
        label=_label(days, today, more=len(set(visit_days)) > DOTS_AT_MOST),
    )


def _place(day: date, first: date, today: date) -> int:
    """One visit alone stands at the left; today is always at the right."""
    span = (today - first).days or 1
    return LEFT + round((RIGHT - LEFT) * (day - first).days / span)


def _label(days: Sequence[date], today: date, *, more: bool) -> str:
    away = (today - days[-1]).days
    visits = "1 visit" if len(days) == 1 else f"{len(days)} visits"
    since = f"in {days[0]:%B %Y}" if len(days) == 1 else f"since {days[0]:%B %Y}"
    gap = "a day" if away == 1 else f"{away} days"
    last = f"then none for {gap}" if away else "the last of them today"
    return f"{'The last ' if more else ''}{visits} {since}, {last}"
