"""Who found most of what clients really bought: the methods of a backtest, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from customers.recommender.arrays import Booleans, Integers, values_at
from customers.recommender.measures import (
    SHOWN,
    Interval,
    Measured,
    intervals,
    mean_of,
    measure,
    paired,
)
from customers.recommender.trials import Trial

Clients = Literal["all", "lapsed"]
OURS = "this recommender"
YARDSTICK = "best sellers of 7 days"
LEAST_ASKED = 30
SHOWN_MOST = 5


@dataclass(frozen=True)
class Performance:
    """One method over all dates. `lead` is ours less theirs on hit@3, None for ours.

    `by_date` is hit@3 at each date, None where nobody was asked.
    """

    name: str
    hit: Interval
    ndcg: Interval
    recall: float
    reciprocal_rank: float
    average_precision: float
    coverage: float
    novelty: float
    violations: int
    lead: Interval | None
    by_date: tuple[float | None, ...]


@dataclass(frozen=True)
class Group:
    """The clients of one kind, and how each method stood; ours comes first."""

    clients: Clients
    asked: int
    customers: int
    performances: tuple[Performance, ...]

    def performance(self, name: str) -> Performance:
        """The method of this name; KeyError when it took no part."""
        return {each.name: each for each in self.performances}[name]


@dataclass(frozen=True)
class ShownMost:
    """A product that ours showed often at the last date, and how many of those bought it."""

    name: str
    shown: int
    bought: int


@dataclass(frozen=True, eq=False)
class Attempt:
    """One date: the trial, and what each method would have shown, by name.

    `items` are [len(trial.asked), n] numbers of items, `names` those of all items.
    """

    on: date
    trial: Trial
    names: Sequence[str]
    items: Mapping[str, Integers]


def compare(attempts: Sequence[Attempt], *, clients: Clients) -> Group:
    """How each method stood over these dates, the best after ours first."""
    measured = [_measured(attempt, clients) for attempt in attempts]
    took_part = [each for each in measured if each]
    asked = np.concatenate([each[OURS].customers for each in took_part] or [np.zeros(0, int)])
    names = list(took_part[0]) if took_part else []
    everywhere = [name for name in names if all(name in each for each in took_part)]
    performances = [_performance(name, measured) for name in everywhere]
    ordered = sorted(performances, key=lambda each: (each.name != OURS, -each.hit.mean))
    return Group(clients, len(asked), len(np.unique(asked)), tuple(ordered))


def _measured(attempt: Attempt, clients: Clients) -> dict[str, Measured]:
    """Each method's figures for these clients at one date; empty when there are none."""
    chosen = attempt.trial.lapsed if clients == "lapsed" else np.ones_like(attempt.trial.lapsed)
    if not chosen.any():
        return {}
    trial = attempt.trial.of(chosen)
    return {name: measure(trial, items[chosen]) for name, items in attempt.items.items()}


def _performance(name: str, measured: Sequence[dict[str, Measured]]) -> Performance:
    """The dates together: rows are averaged, and a client asked twice is drawn as one."""
    theirs = [each[name] for each in measured if each]
    ours = [each[OURS] for each in measured if each]
    customers = np.concatenate([each.customers for each in theirs])
    hit, ndcg = (np.concatenate([getattr(e, what) for e in theirs]) for what in ("hit", "ndcg"))
    spread = intervals(np.stack([hit, ndcg], axis=1), customers=customers)
    our_hit = np.concatenate([each.hit for each in ours])
    return Performance(
        name=name,
        hit=spread[0],
        ndcg=spread[1],
        recall=_mean(theirs, "recall"),
        reciprocal_rank=_mean(theirs, "reciprocal_rank"),
        average_precision=_mean(theirs, "average_precision"),
        coverage=float(np.mean([each.coverage for each in theirs])),
        novelty=float(np.mean([each.novelty for each in theirs])),
        violations=sum(each.violations for each in theirs),
        lead=None if name == OURS else paired(our_hit, hit, customers=customers),
        by_date=tuple(mean_of(each[name].hit) if each else None for each in measured),
    )


def _mean(measured: Sequence[Measured], what: str) -> float:
    return mean_of(np.concatenate([getattr(each, what) for each in measured]))


def shown_most(attempt: Attempt) -> tuple[ShownMost, ...]:
    """What ours would have shown to most of those asked at this date."""
    if OURS not in attempt.items:
        return ()
    items = attempt.items[OURS][:, :SHOWN]
    shown = np.bincount(items[items >= 0], minlength=attempt.trial.facts.items.n_items)
    often = np.argsort(-shown, kind="stable")[:SHOWN_MOST]
    right = _marked_right(attempt.trial, items)
    came_true = np.bincount(items[right], minlength=len(shown))
    return tuple(
        ShownMost(
            name=attempt.names[item],
            shown=int(shown[item]),
            bought=int(came_true[item]),
        )
        for item in often[shown[often] > 0].tolist()
    )


def _marked_right(trial: Trial, items: Integers) -> Booleans:
    """Whether the customer bought the item in each place, same shape."""
    columns = trial.columns_of(items)
    rows = np.arange(len(items), dtype=np.int32)
    found = values_at(trial.bought, rows, np.maximum(columns, 0).astype(np.intp))
    return np.asarray((found > 0) & (columns >= 0), dtype=bool)


def verdict(group: Group) -> str:
    """What the comparison comes to for this shop, in words that claim no more than it shows."""
    if group.asked < LEAST_ASKED:
        return f"Too few {_kind(group)} bought something new to tell skill from chance."
    ours, theirs = group.performance(OURS), group.performance(YARDSTICK)
    lead = theirs.lead or Interval(0, 0, 0)
    if lead.is_above:
        return f"For your shop this finds {_times(ours, theirs)}: {_counted(group, ours, theirs)}"
    if lead.is_below:
        return (
            f"For your shop this finds fewer than the week's best sellers: "
            f"{_counted(group, ours, theirs)}"
        )
    return (
        "No difference yet from the week's best sellers that could not be chance: "
        f"{_counted(group, ours, theirs)}"
    )


def against_the_best(group: Group) -> str:
    """How ours stands to the best of the others, which is known only afterwards."""
    others = [each for each in group.performances if each.lead is not None]
    if group.asked < LEAST_ASKED or not others:
        return ""
    best = max(others, key=lambda each: each.hit.mean)
    found = f"The best of the simple methods here, {best.name}, finds {_hundred(best)}"
    if best.lead and best.lead.is_above:
        return f"{found}; this finds clearly more."
    if best.lead and best.lead.is_below:
        return f"{found}; this finds clearly fewer."
    return f"{found}; the difference could be chance."


def _counted(group: Group, ours: Performance, theirs: Performance) -> str:
    return (
        f"of 100 {_kind(group)} who bought something new, {_hundred(ours)} bought one of the "
        f"three they would have been shown, against {_hundred(theirs)}."
    )


def _times(ours: Performance, theirs: Performance) -> str:
    if not theirs.hit.mean:
        return "what the week's best sellers miss"
    times = ours.hit.mean / theirs.hit.mean
    if times < 1.05:
        return "slightly more than the week's best sellers"
    return f"{times:.1f} times as many as the week's best sellers"


def _kind(group: Group) -> str:
    return "lapsed clients" if group.clients == "lapsed" else "clients"


def _hundred(performance: Performance) -> str:
    return f"{100 * performance.hit.mean:.0f}"
