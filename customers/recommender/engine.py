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
from customers.recommender.demand import UnitsSold, at, units_sold
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
from customers.recommender.habits import kept_of
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
        to which `verdicts` objects: where fewer than `n` are left, places stay empty. `candidates`
        named twice count once; without any there is no block. Raises ValueError for an unknown
        customer or item, and for a candidate launched after the moment of the facts.
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

    Raises ValueError when a line or an opinion names a customer or an item that does not exist.
    """
    n_customers, n_items = people.n_customers, items.n_items
    opinions = opinions or Opinions.none()
    for told in (interactions, opinions):
        told.check_bounds(n_customers=n_customers, n_items=n_items)
    histories = read_histories(
        interactions, n_customers=n_customers, n_items=n_items, config=config
    )
    return Model(
        interactions,
        items,
        people,
        opinions,
        histories,
        blend or Blend.unlearned(),
        config,
    )


@dataclass(frozen=True, eq=False)
class Pool:
    """The best candidates of some customers [b, width], by column, best first, -1 for none.

    `objections` are the numbers of the rules that object, 0 where none does.
    """

    customers: Integers
    columns: Integers
    scores: Floats
    objections: npt.NDArray[np.int16]

    def of(self, rows: Booleans) -> "Pool":
        """Some of the customers."""
        return Pool(
            self.customers[rows], self.columns[rows], self.scores[rows], self.objections[rows]
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
        width = min(max(self.model.config.pool, 2 * self.n), len(self.tables.candidates))
        pool = self._pool(customers, width)
        chosen = self._spread(pool)
        short = (chosen[:, -1] < 0) | self._has_repeats(chosen)
        if short.any() and width < len(self.tables.candidates):
            return self._patched(pool, chosen, short)
        return self._ranked(pool, chosen)

    def _pool(self, customers: Integers, width: int) -> Pool:
        """Her best candidates whatever the rules say, and what the rules say of each."""
        shape = (len(customers), width)
        columns = np.empty(shape, dtype=np.int32)
        scores = np.empty(shape, dtype=np.float32)
        best_columns(
            self.tables, self.weights, self.base, customers, desk(self.tables), columns, scores
        )
        order = np.argsort(-scores, axis=1, kind="stable")
        columns = np.take_along_axis(columns, order, axis=1)
        scores = np.take_along_axis(scores, order, axis=1)
        if self.verdicts is None:
            return Pool(customers, columns, scores, np.zeros(shape, dtype=np.int16))
        asked = np.where(columns >= 0, self.chosen_from[columns], -1).astype(np.int32)
        objections = np.asarray(self.verdicts(customers, asked), dtype=np.int16)
        if objections.shape != shape:
            raise ValueError(f"verdicts: shape {objections.shape} where {shape} is wanted")
        return Pool(customers, columns, scores, objections)

    def _patched(self, pool: Pool, chosen: Integers, short: Booleans) -> Ranking:
        """Whoever has too little left looks at every candidate; the others stay as they are."""
        everything = self._pool(pool.customers[short], len(self.tables.candidates))
        whole = self._ranked(everything, self._spread(everything))
        rest = self._ranked(pool.of(~short), chosen[~short])
        order = np.argsort(np.concatenate([np.flatnonzero(short), np.flatnonzero(~short)]))
        return Ranking.joined([whole, rest]).rows(order)

    def _spread(self, pool: Pool) -> Integers:
        """The columns to show of what is allowed [b, n], in order, -1 where nothing is left."""
        is_allowed = (pool.columns >= 0) & (pool.objections == 0)
        order = diversify(
            np.where(is_allowed, pool.scores, -np.inf).astype(np.float32),
            np.where(pool.columns >= 0, self.group[pool.columns], -1),
            np.where(pool.columns >= 0, self.category[pool.columns], -1),
            n=self.n,
            penalty=self.model.config.category_penalty,
        )
        chosen = np.take_along_axis(pool.columns, np.maximum(order, 0), axis=1)
        return np.where(order >= 0, chosen, -1).astype(np.int32)

    def _has_repeats(self, chosen: Integers) -> Booleans:
        """Whether one thing stands twice among the first places [b]."""
        first = chosen[:, :FIRST_PLACES]
        group = np.sort(np.where(first >= 0, self.group[first], -1), axis=1)
        same: Booleans = (group[:, 1:] == group[:, :-1]) & (group[:, 1:] >= 0)
        return np.asarray(same.any(axis=1), dtype=np.bool_)

    def _ranked(self, pool: Pool, chosen: Integers) -> Ranking:
        """The chosen columns, with everything that is known about them."""
        contributions, findings = self._explained(pool.customers, chosen)
        return Ranking(
            customers=pool.customers,
            items=self._items(chosen),
            scores=contributions.sum(axis=2),
            contributions=contributions,
            findings=findings,
            near_misses=self._near_misses(pool, chosen),
        )

    def _items(self, columns: Integers) -> Integers:
        found = self.tables.candidates[np.maximum(columns, 0)]
        return np.where(columns >= 0, found, -1).astype(np.int32)

    def _explained(self, customers: Integers, chosen: Integers) -> tuple[Floats, Findings]:
        """What each signal added to each chosen item, and the facts behind it."""
        shape = chosen.shape
        values = np.zeros((*shape, N_FEATURES), dtype=np.float32)
        opinion = np.zeros(shape, dtype=np.float32)
        buyers, nearest = np.zeros(shape, np.int32), np.full(shape, -1, dtype=np.int32)
        features_at(
            self.tables, customers, chosen, desk(self.tables), values, opinion, buyers, nearest
        )
        contributions = np.zeros((*shape, len(SIGNALS)), dtype=np.float32)
        weighted = values * self.weights
        for feature, signal in enumerate(SIGNAL_OF):
            contributions[:, :, signal] += weighted[:, :, feature]
        contributions[:, :, SIGNALS.index("feedback")] = opinion
        return contributions, self._findings(customers, chosen, buyers, nearest)

    def _findings(
        self, customers: Integers, chosen: Integers, buyers: Integers, nearest: Integers
    ) -> Findings:
        city, store, everywhere = (at(sold, customers, chosen) for sold in self.units)
        items = self._items(chosen)
        launched = self.model.items.launched[np.maximum(items, 0)]
        known = (items >= 0) & np.isfinite(launched)
        return Findings(
            similar_customers=buyers,
            nearest_item=nearest,
            shared=shared_traits(self.model.items.tokens, items, nearest),
            city_units=city[0],
            city_rank=city[1],
            store_units=store[0],
            store_rank=store[1],
            units=everywhere[0],
            rank=everywhere[1],
            brand_owned=kept_of(self.tables.kept, self.tables.brand, customers, chosen),
            category_owned=kept_of(self.tables.kept, self.tables.subcategory, customers, chosen),
            days_new=np.where(known, np.nan_to_num(launched), -1).astype(np.int32),
        )

    def _near_misses(self, pool: Pool, chosen: Integers) -> NearMisses:
        """The best that are not among the first places, closest first."""
        shown, columns = chosen[:, :FIRST_PLACES], pool.columns
        is_shown = (columns[:, :, np.newaxis] == shown[:, np.newaxis, :]).any(axis=2)
        lost = (columns >= 0) & ~is_shown
        places = np.argsort(~lost, axis=1, kind="stable")[:, :NEAR_MISSES_KEPT]
        width = NEAR_MISSES_KEPT - places.shape[1]
        is_there = np.take_along_axis(lost, places, axis=1)
        column = np.where(is_there, np.take_along_axis(columns, places, axis=1), -1)
        reason = np.take_along_axis(pool.objections, places, axis=1).astype(np.int32)
        reason = np.where((reason == 0) & self._repeats(column, shown), VARIETY, reason)
        score = np.where(is_there, np.take_along_axis(pool.scores, places, axis=1), 0)
        fill = ((0, 0), (0, width))
        return NearMisses(
            items=np.pad(self._items(column), fill, constant_values=-1),
            scores=np.pad(score, fill).astype(np.float32),
            objections=np.pad(np.where(is_there, reason, 0), fill).astype(np.int32),
        )

    def _repeats(self, columns: Integers, shown: Integers) -> Booleans:
        """Whether each is one of the shown in another color."""
        mine = np.where(columns >= 0, self.group[columns], -1)
        theirs = np.where(shown >= 0, self.group[shown], -2)
        same: Booleans = (mine[:, :, np.newaxis] == theirs[:, np.newaxis, :]).any(axis=2)
        return same & (mine >= 0)


def _refuse_unlaunched(items: Items, candidates: Integers) -> None:
    future = candidates[items.launched[candidates] < 0]
    if len(future):
        raise ValueError(
            f"candidate {future[0]} is launched after the moment as of which the facts are known"
        )


def _in_threads(
    serve: Callable[[Integers], Ranking], blocks: Iterator[Integers]
) -> Iterator[Ranking]:
    """The blocks' rankings in order, so many at a time as there are processors."""
    workers = max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Ranking]] = deque()
        for block in blocks:
            waiting.append(pool.submit(serve, block))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
