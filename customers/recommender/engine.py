"""The recommender: facts in, the best new items for each customer and what speaks for them out.

    model = fit(interactions, items, people, config=Config())
    for ranking in model.rank(customers, candidates, n=8): ...

Pure arithmetic: no database, no clock, the same answer for the same facts. Every candidate gets a
score from every customer asked, in blocks that threads share; memory is that of the facts and of
some blocks, never customers x candidates.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Booleans, Floats, Integers, integers
from customers.recommender.blend import Blend
from customers.recommender.demand import UnitsSold, units_sold
from customers.recommender.evidence import (
    NEAR_MISSES_KEPT,
    Findings,
    NearMisses,
    Ranking,
    shared_traits,
)
from customers.recommender.facts import (
    Config,
    Interactions,
    Items,
    Opinions,
    People,
    check_indices,
)
from customers.recommender.features import SIGNAL_OF
from customers.recommender.histories import Histories, read_histories
from customers.recommender.scoring import N_FEATURES, SHARED, best_columns, desk, features_at
from customers.recommender.signals import SELLING_DAYS, SIGNALS
from customers.recommender.tables import Tables, lay_out
from customers.recommender.variety import FIRST_PLACES, diversify

Verdicts: TypeAlias = Callable[[Integers, Integers], npt.NDArray[np.int16]]
"""Customers [b] and candidate columns [b, m] in; out, for each, the number of the rule that
objects, 0 where none does. Columns follow the order in which the caller gave the candidates."""

BLOCK_SIZE = 1_024
VARIETY = 20
"""The number of the engine's own objection: another color of one that is shown."""


@dataclass(frozen=True, eq=False)
class Model:
    """What was learned from the facts; asking it changes nothing."""

    interactions: Interactions
    items: Items
    people: People
    opinions: Opinions
    histories: Histories
    blend: Blend
    config: Config

    def rank(
        self,
        customers: npt.ArrayLike,
        candidates: npt.ArrayLike,
        *,
        n: int,
        verdicts: Verdicts | None = None,
        block_size: int = BLOCK_SIZE,
    ) -> Iterator[Ranking]:
        """The best `n` candidates of each customer, block after block, in the order asked.

        Never an item the customer ever bought, returned or not, never one twice, and never one
        to which `verdicts` objects. `candidates` named twice count once. Raises ValueError for an
        unknown customer or item, and for a candidate launched after the moment of the facts.
        """
        if n < 1 or block_size < 1:
            raise ValueError(f"n ({n}) and block_size ({block_size}) must be at least 1")
        asked, wanted = integers(customers), integers(candidates)
        check_indices(asked, below=self.people.n_customers, what="customer")
        check_indices(wanted, below=self.items.n_items, what="candidate")
        _refuse_unlaunched(self.items, wanted)
        if not len(asked) or not len(wanted):
            return iter(())
        shelf = Shelf.open(self, wanted, n=n, verdicts=verdicts)
        blocks = (asked[at : at + block_size] for at in range(0, len(asked), block_size))
        return _in_threads(shelf.serve, blocks)


def fit(
    interactions: Interactions,
    items: Items,
    people: People,
    *,
    config: Config,
    blend: Blend | None = None,
    opinions: Opinions | None = None,
) -> Model:
    """Reads the facts as of their moment; `blend` as learned, or the unlearned one.

    Raises ValueError when a line names a customer or an item that does not exist.
    """
    n_customers, n_items = people.n_customers, items.n_items
    interactions.check_bounds(n_customers=n_customers, n_items=n_items)
    histories = read_histories(
        interactions, n_customers=n_customers, n_items=n_items, config=config
    )
    return Model(
        interactions,
        items,
        people,
        opinions or Opinions.none(),
        histories,
        blend or Blend.unlearned(),
        config,
    )


@dataclass(frozen=True, eq=False)
class Shelf:
    """One set of candidates laid out, ready to serve blocks of customers.

    `chosen_from` says where each candidate stood in the caller's list.
    """

    model: Model
    tables: Tables
    n: int
    verdicts: Verdicts | None
    chosen_from: Integers
    base: Floats
    group: Integers
    category: Integers
    units: tuple[UnitsSold, UnitsSold, UnitsSold]
    weights: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", self.model.blend.weights)

    @classmethod
    def open(cls, model: Model, wanted: Integers, *, n: int, verdicts: Verdicts | None) -> "Shelf":
        """Prepares everything for these candidates."""
        candidates, chosen_from = np.unique(wanted, return_index=True)
        people, tokens = model.people, model.items.tokens
        tables = lay_out(
            model.histories, model.items, people, model.opinions, candidates, model.config
        )
        everybody = np.zeros(people.n_customers, dtype=np.int32)
        city, store, everywhere = (
            units_sold(
                group,
                model.interactions,
                candidates,
                within=SELLING_DAYS,
                n_items=model.items.n_items,
            )
            for group in (people.city, people.store, everybody)
        )
        return cls(
            model=model,
            tables=tables,
            n=n,
            verdicts=verdicts,
            chosen_from=chosen_from.astype(np.int32),
            base=(model.blend.weights[SHARED:] @ tables.demand.shared).astype(np.float32),
            group=tokens.labels("group")[0][candidates],
            category=tokens.labels("category", "subcategory")[0][candidates],
            units=(city, store, everywhere),
        )

    def serve(self, customers: Integers) -> Ranking:
        """The ranking of one block."""
        pool = min(max(self.model.config.pool, 2 * self.n), len(self.tables.candidates))
        columns, scores, objections = self._looked_at(customers, pool)
        short = ((columns >= 0) & (objections == 0)).sum(axis=1) < self.n
        if short.any() and pool < len(self.tables.candidates):
            return self._patched(customers, columns, scores, objections, short)
        return self._ranked(customers, columns, scores, objections)
