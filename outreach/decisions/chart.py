"""Two columns a week, before and after, as numbers for an SVG that the server draws. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.decisions.replay import Week
from outreach.proof.charts import BASE, LEFT, RIGHT, TOP, GridLine, nice_step

SHARE_OF_SLOT = 0.72  # how much of its slot the two columns of a week fill


@dataclass(frozen=True)
class Column:
    """A rectangle of the view box, in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Pair:
    """One week: its columns, the words below it, and the numbers for the table."""

    before: Column
    after: Column
    middle: float
    label: str
    week: Week


@dataclass(frozen=True)
class PairChart:
    pairs: tuple[Pair, ...]
    grid: tuple[GridLine, ...]
    base: int = BASE
    label_y: int = BASE + 24


def notes_by_week(weeks: Sequence[Week]) -> PairChart:
    """Notes a week, with the present numbers and with the others; every other week is named."""
    step = nice_step(max((max(each.before, each.after) for each in weeks), default=0))
    top = step * 3
    grid = tuple(GridLine(_y(step * line, top), f"{step * line:g}") for line in range(4))
    slot = (RIGHT - LEFT) / max(len(weeks), 1)
    pairs = tuple(_pair(place, slot, week, top) for place, week in enumerate(weeks))
    return PairChart(pairs, grid)


def _pair(place: int, slot: float, week: Week, top: float) -> Pair:
    middle = LEFT + slot * (place + 0.5)
    width = slot * SHARE_OF_SLOT / 2
    named = f"{week.begins_on.day} {week.begins_on:%b}" if place % 2 == 0 else ""
    return Pair(
        before=_column(middle - width, width, week.before, top),
        after=_column(middle, width, week.after, top),
        middle=round(middle, 1),
        label=named,
        week=week,
    )


def _column(x: float, width: float, value: int, top: float) -> Column:
    y = _y(value, top)
    return Column(round(x, 1), y, round(width, 1), round(BASE - y, 1))


def _y(value: float, top: float) -> float:
    return round(BASE - (BASE - TOP) * value / top, 1)
