"""How far learned weights are believed: on the shop's latest dates, of which they know nothing.

The most probable weights need not find most in the first three places, and a shop's seasons may
turn. So weights learned from older dates only are tried on the latest ones: whether a mixture with
the unlearned ones, or more of what the simplest methods go by, would have found clearly more.
Clearly is by more than one standard error of the paired difference (the rule of Breiman, Friedman,
Olshen & Stone 1984): what is level stays as it was learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Floats, Integers
from customers.recommender.desk import N_FEATURES, SHARED, desk
from customers.recommender.features import PLACE, UNLEARNED
from customers.recommender.scoring import best_by_each, room_for
from customers.recommender.tables import Tables
from customers.recommender.variety import FIRST_PLACES

SHARES = (0.75, 0.5, 0.25, 0.0)
"""Of what was learned, where not all of it is believed."""
SIMPLE, STRENGTHS = ("buyers_week", "neighbours_fortnight"), (0.5, 1.0, 2.0)
"""What the week's best sellers and similar customers go by, and how much more of it is tried."""

Hits: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sitting:
    """A past date: the tables of then, who was asked, and the columns each bought later."""

    tables: Tables
    asked: Integers
    bought: Sequence[Integers]

    def hits(self, weights: Floats) -> Hits:
        """Whether one of her three best by each of `weights` [W, K] she bought [W, asked]."""
        tables = self.tables
        best = room_for((len(weights), len(self.asked), min(FIRST_PLACES, len(tables.candidates))))
        base = (weights[:, SHARED:] @ tables.demand.shared).astype(np.float32)
        best_by_each(tables, weights, base, self.asked, desk(tables), best)
        return np.stack(
            [
                np.isin(columns, bought).any(axis=1)
                for columns, bought in zip(best[0].swapaxes(0, 1), self.bought, strict=True)
            ],
            axis=1,
        )


@dataclass(frozen=True, eq=False)
class Trust:
    """`share` of what was learned, and what is added afterwards [K]."""

    share: float
    added: Floats

    @classmethod
    def full(cls) -> "Trust":
        """Where nothing speaks against it."""
        return cls(1.0, np.zeros(N_FEATURES, dtype=np.float32))

    @classmethod
    def untried(cls) -> "Trust":
        """Half, where the past is too short to try it.

        Of two forecasts that nothing tells apart the mean is the safest (Bates & Granger 1969).
        """
        return cls(0.5, np.zeros(N_FEATURES, dtype=np.float32))

    def applied(self, learned: Floats) -> Floats:
        """The weights to use, for those that were learned."""
        return (UNLEARNED + self.share * (learned - UNLEARNED) + self.added).astype(np.float32)


def trust(learned: Floats, sittings: Sequence[Sitting]) -> Trust:
    """What would have been best at dates from which nothing of this was learned."""
    found = _Found(sittings, learned)
    found.consider([Trust(share, found.best.added) for share in SHARES])
    for name in SIMPLE:
        unit = np.zeros(N_FEATURES, dtype=np.float32)
        unit[PLACE[name]] = 1.0
        before = found.best
        found.consider(
            [Trust(before.share, before.added + strength * unit) for strength in STRENGTHS]
        )
    return found.best


class _Found:
    """The best so far, and what it hit."""

    def __init__(self, sittings: Sequence[Sitting], learned: Floats) -> None:
        self.sittings, self.learned = sittings, learned
        self.best = Trust.full()
        self.hits = self._hits([self.best])[0]

    def consider(self, others: Sequence[Trust]) -> None:
        """Takes the one that hits most, if it clearly hits more."""
        if not len(self.hits):
            return
        tried = self._hits(others)
        most = int(tried.sum(axis=1).argmax())
        gain = tried[most].astype(float) - self.hits
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            self.best, self.hits = others[most], tried[most]

    def _hits(self, tried: Sequence[Trust]) -> Hits:
        """Of everybody asked at any date, by each of those tried [W, asked]."""
        weights = np.stack([each.applied(self.learned) for each in tried])
        nobody = np.zeros((len(tried), 0), dtype=bool)
        return np.hstack([nobody, *(sitting.hits(weights) for sitting in self.sittings)])
