"""Charts as numbers for an SVG that the server draws: no script, printable, themable by class."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from outreach.proof.reports import MonthRow

WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BASE = 44, 554, 30, 206
SHARE_OF_SLOT = 0.62  # how much of its slot a bar fills


@dataclass(frozen=True)
class Bar:
    """One column: its rectangle, and the words above and below it (pixels of the view box)."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    value: str
    label: str

    @property
    def value_y(self) -> float:
        return self.y - 6


@dataclass(frozen=True)
class GridLine:
    y: float
    label: str

    @property
    def label_y(self) -> float:
        return self.y + 4


@dataclass(frozen=True)
class BarChart:
    bars: tuple[Bar, ...]
    grid: tuple[GridLine, ...]
    base: int = BASE
    label_y: int = BASE + 24


def notes_by_month(months: Sequence[MonthRow]) -> BarChart:
    """Notes sent, a column a month."""
    return _chart([(f"{row.month:%b}", float(row.sent), f"{row.sent}") for row in months], unit="")


def bought_by_month(months: Sequence[MonthRow]) -> BarChart:
    """Share of clients who bought afterwards, by month; empty where nobody was written to."""
    return _chart(
        [
            (f"{row.month:%b}", row.bought.percent or 0.0, _percent(row.bought.percent))
            for row in months
        ],
        unit="%",
    )


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}%"


def _chart(columns: Sequence[tuple[str, float, str]], *, unit: str) -> BarChart:
    step = nice_step(max((value for _, value, _ in columns), default=0.0))
    top = step * 3
    grid = tuple(GridLine(_y(step * line, top), f"{step * line:g}{unit}") for line in range(4))
    slot = (RIGHT - LEFT) / max(len(columns), 1)
    bars = tuple(_bar(position, slot, column, top) for position, column in enumerate(columns))
    return BarChart(bars, grid)


def _bar(position: int, slot: float, column: tuple[str, float, str], top: float) -> Bar:
    label, value, shown = column
    middle = LEFT + slot * (position + 0.5)
    y = _y(value, top)
    width = slot * SHARE_OF_SLOT
    return Bar(
        x=round(middle - width / 2, 1),
        y=y,
        width=round(width, 1),
        height=round(BASE - y, 1),
        middle=round(middle, 1),
        value=shown,
        label=label,
    )


def _y(value: float, top: float) -> float:
    return round(BASE - (BASE - TOP) * value / top, 1)


def nice_step(largest: float) -> float:
    """A third of the axis, in round numbers: 1, 2 or 5 times a power of ten, at least 1."""
    rounds = (digit * 10**power for power in count() for digit in (1, 2, 5))
    return float(next(step for step in rounds if step * 3 >= largest))
