"""The evaluation's charts as numbers for an SVG that a template draws: no script, printable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from customers.comparison import OURS, YARDSTICK, Group, Performance

WIDTH = 720
ROW_HEIGHT, TOP, FOOT = 30, 12, 34
NAMES_UNTIL, DOTS_FROM, DOTS_UNTIL = 208, 224, 620
LINES_LEFT, LINES_RIGHT, LINES_TOP, LINES_BASE = 44, 500, 16, 236
LEAST_GAP = 16
"""Pixels between two names at the ends of lines, or they run into each other."""


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in pixels of the view box, and its words."""

    at: float
    label: str


@dataclass(frozen=True)
class Dot:
    """One method: its mean, and the 95 % interval from `low` to `high`, all in pixels."""

    name: str
    kind: str
    y: float
    x: float
    low: float
    high: float
    value: str

    @property
    def text_y(self) -> float:
        return self.y + 4


@dataclass(frozen=True)
class DotPlot:
    """Methods from top to bottom, ours first."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    height: int
    width: int = WIDTH
    top: int = TOP
    names_until: int = NAMES_UNTIL
    values_from: int = DOTS_UNTIL + 20

    @property
    def base(self) -> int:
        return self.height - FOOT

    @property
    def label_y(self) -> int:
        return self.height - FOOT + 20


@dataclass(frozen=True)
class Line:
    """One method over the dates: an SVG path and its name beside the last point."""

    name: str
    kind: str
    path: str
    points: tuple[tuple[float, float], ...]
    label_y: float


@dataclass(frozen=True)
class LineChart:
    """hit@3 by date."""

    lines: tuple[Line, ...]
    shares: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    width: int = WIDTH
    height: int = LINES_BASE + FOOT
    left: int = LINES_LEFT
    right: int = LINES_RIGHT
    base: int = LINES_BASE
    label_x: int = LINES_RIGHT + 12
    date_y: int = LINES_BASE + 22


def dot_plot(group: Group) -> DotPlot:
    """hit@3 of every method with its interval, on one scale from zero."""
    performances = group.performances
    scale = _ticks(max((each.hit.high for each in performances), default=0.0))

    def x(share: float) -> float:
        return round(DOTS_FROM + (DOTS_UNTIL - DOTS_FROM) * share / scale[-1], 1)

    return DotPlot(
        dots=tuple(
            Dot(
                name=each.name,
                kind=_kind(each.name),
                y=TOP + ROW_HEIGHT * (row + 0.5),
                x=x(each.hit.mean),
                low=x(each.hit.low),
                high=x(each.hit.high),
                value=_percent(each.hit.mean),
            )
            for row, each in enumerate(performances)
        ),
        ticks=tuple(Tick(x(share), _percent(share)) for share in scale),
        height=TOP + ROW_HEIGHT * len(performances) + FOOT,
    )


def line_chart(group: Group, dates: Sequence[date]) -> LineChart:
    """hit@3 of ours, of the week's best sellers and of the best of the others, by date.

    A date at which nobody was asked is left out of the lines.
    """
    shown = _worth_drawing(group)
    largest = max((share for each in shown for share in each.by_date if share), default=0.0)
    scale = _ticks(largest)
    step = (LINES_RIGHT - LINES_LEFT) / max(len(dates) - 1, 1)

    def y(share: float) -> float:
        return round(LINES_BASE - (LINES_BASE - LINES_TOP) * share / scale[-1], 1)

    drawn = [_points(each, step, y) for each in shown]
    ends = _apart([points[-1][1] if points else LINES_BASE for points in drawn])
    return LineChart(
        lines=tuple(
            Line(each.name, _kind(each.name), _path(points), tuple(points), end + 4)
            for each, points, end in zip(shown, drawn, ends, strict=True)
        ),
        shares=tuple(Tick(y(share), _percent(share)) for share in scale),
        dates=_date_ticks(dates, step),
    )


def _worth_drawing(group: Group) -> list[Performance]:
    """Ours, the yardstick and the best third one: more lines than that nobody reads."""
    others = [each for each in group.performances if each.name not in (OURS, YARDSTICK)]
    best = sorted(others, key=lambda each: -each.hit.mean)[:1]
    return [each for each in group.performances if each.name in (OURS, YARDSTICK)] + best


def _points(
    performance: Performance, step: float, y_of: Callable[[float], float]
) -> list[tuple[float, float]]:
    return [
        (round(LINES_LEFT + step * place, 1), y_of(share))
        for place, share in enumerate(performance.by_date)
        if share is not None
    ]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in points) if points else ""


def _apart(heights: Sequence[float]) -> list[float]:
    """The same heights, moved down as little as keeps them `LEAST_GAP` apart."""
    placed = list(heights)
    lowest = float("-inf")
    for index in sorted(range(len(heights)), key=lambda place: heights[place]):
        placed[index] = max(heights[index], lowest + LEAST_GAP)
        lowest = placed[index]
    return placed


def _date_ticks(dates: Sequence[date], step: float) -> tuple[Tick, ...]:
    """At most some eight dates, evenly, the last one always among them."""
    every = 1 + (len(dates) - 1) // 8
    return tuple(
        Tick(round(LINES_LEFT + step * place, 1), f"{day.day} {day:%b}")
        for place, day in enumerate(dates)
        if (len(dates) - 1 - place) % every == 0
    )


def _ticks(largest: float) -> list[float]:
    """0 and three or four round steps that reach the largest share; at least 0.5 %."""
    steps = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
    step = next((each for each in steps if each * 4 >= largest), steps[-1])
    count = max(1, -int(-largest // step))
    return [step * number for number in range(count + 1)]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def _kind(name: str) -> str:
    return {OURS: "ours", YARDSTICK: "yardstick"}.get(name, "peer")
