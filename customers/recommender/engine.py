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
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Booleans, Columns, Floats, Integers, integers
from customers.recommender.blend import Blend
from customers.recommender.demand import UnitsSold, at, units_sold
from customers.recommender.desk import N_FEATURES, SHARED, desk
from customers.recommender.evidence import (
    NEAR_MISSES_KEPT,
    Findings,
    NearMisses,
    Ranking,
    shared_traits,
)
from customers.recommender.exposure import lifts
from customers.recommender.facts import (
    UNKNOWN,
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
from customers.recommender.scoring import Found, best_columns, room_for, room_for_told
from customers.recommender.shortlist import Flags
from customers.recommender.signals import SELLING_DAYS, SIGNALS
from customers.recommender.tables import BRAND, SUBCATEGORY, Tables, lay_out
from customers.recommender.variety import FIRST_PLACES, diversify

Verdicts: TypeAlias = Callable[[Integers, Integers], npt.NDArray[np.int16]]
"""Customers [b] and candidate columns [b, m] in; out, for each, the number of the rule that
objects, 0 where none does. Columns follow the order in which the caller gave the candidates."""

Short: TypeAlias = npt.NDArray[np.int16]

BLOCK_SIZE = 1_024
CLOSEST_KEPT = 13
"""Beside those that are shown: among so many are the near misses."""
VALUES_AT_ONCE = 16_000_000
"""Features of candidates held at once where somebody looks at all of them: 64 MB."""
OF_SIGNAL = np.eye(len(SIGNALS), dtype=np.float32)[SIGNAL_OF]
"""1 where a feature belongs to a signal [K, signals]."""
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
        gone: Booleans | None = None,
        block_size: int = BLOCK_SIZE,
    ) -> Iterator[Ranking]:
        """The best `n` candidates of each customer, block after block, in the order asked.

        Never an item the customer ever bought, returned or not, never one twice, and never one
        to which `verdicts` objects: where fewer than `n` are left, places stay empty. `candidates`
        named twice count once; without any there is no block. `gone` [stores, candidates] says what
        a store has nothing left of, by the numbers of `People.store`: it saves looking at what the
        verdicts would deny. Raises ValueError for an unknown customer or item, and for a candidate
        launched after the moment of the facts.
        """
        if n < 1 or block_size < 1:
            raise ValueError(f"n ({n}) and block_size ({block_size}) must be at least 1")
        asked, wanted = integers(customers), integers(candidates)
        check_indices(asked, below=self.people.n_customers, what="customer")
        check_indices(wanted, below=self.items.n_items, what="candidate")
        _refuse_unlaunched(self.items, wanted)
        if not len(asked) or not len(wanted):
            return iter(())
        shelf = Shelf.open(self, wanted, n=n, verdicts=verdicts, gone=gone)
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

    `objections` are the numbers of the rules that object, 0 where none does. `stood` says where
    each candidate stands in `values` [b, width, K], `opinion`, `buyers` and `nearest`, which are
    those of `scoring.features_at`.
    """

    customers: Integers
    columns: Integers
    scores: Floats
    objections: Short
    stood: Columns
    values: Floats
    opinion: Floats
    buyers: Integers
    nearest: Integers

    def of(self, rows: npt.NDArray[Any]) -> "Pool":
        """Some of the customers."""
        return Pool(*(getattr(self, each.name)[rows] for each in fields(self)))

    def columns_at(self, places: Columns) -> Integers:
        """The columns at some places of each customer [b, n]; -1 for none."""
        found = np.take_along_axis(self.columns, np.maximum(places, 0), axis=1)
        return np.where(places >= 0, found, -1).astype(np.int32)

    def told(self, places: Columns) -> "Told":
        """What is known of some places of each customer [b, n]."""
        is_there = places >= 0
        stood = np.take_along_axis(self.stood, np.maximum(places, 0), axis=1)
        row = np.arange(len(stood))[:, np.newaxis]
        return Told(
            values=self.values[row, stood] * is_there[:, :, np.newaxis],
            opinion=np.where(is_there, self.opinion[row, stood], 0).astype(np.float32),
            buyers=np.where(is_there, self.buyers[row, stood], 0).astype(np.int32),
            nearest=np.where(is_there, self.nearest[row, stood], -1).astype(np.int32),
        )


@dataclass(frozen=True, eq=False)
class Told:
    """What is known of chosen candidates [b, n]; zeros, and -1 for `nearest`, where none is."""

    values: Floats
    opinion: Floats
    buyers: Integers
    nearest: Integers


@dataclass(frozen=True, eq=False)
class Closest:
    """The best of some customers whatever the rules say [b, l], best first, -1 for none."""

    columns: Integers
    scores: Floats
    objections: Short

    def of(self, rows: npt.NDArray[Any]) -> "Closest":
        """Some of the customers."""
        return Closest(self.columns[rows], self.scores[rows], self.objections[rows])


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
    gone: Flags
    base: Floats
    lift: Floats
    group: Integers
    category: Integers
    units: tuple[UnitsSold, UnitsSold, UnitsSold]
    weights: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", self.model.blend.weights)

    @classmethod
    def open(
        cls,
        model: Model,
        wanted: Integers,
        *,
        n: int,
        verdicts: Verdicts | None,
        gone: Booleans | None,
    ) -> "Shelf":
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
        weights = model.blend.weights
        base = (weights[SHARED:] @ tables.demand.shared).astype(np.float32)
        lift = lifts(tables, weights, base, model.config)
        return cls(
            model=model,
            tables=tables,
            n=n,
            verdicts=verdicts,
            chosen_from=chosen_from.astype(np.int32),
            gone=_gone(gone, chosen_from.astype(np.int32), people),
            base=base + lift,
            lift=lift,
            group=tokens.labels("group")[0][candidates],
            category=tokens.labels("category", "subcategory")[0][candidates],
            units=(city, store, everywhere),
        )

    def serve(self, customers: Integers) -> Ranking:
        """The ranking of one block."""
        width = min(max(self.model.config.pool, 2 * self.n), len(self.tables.candidates))
        pool, closest = self._look(customers, width)
        places = self._spread(pool)
        short = (places[:, -1] < 0) | self._has_repeats(pool, places)
        short &= pool.columns[:, -1] >= 0  # there are more than these
        if short.any():
            return self._patched(pool, closest, places, np.flatnonzero(short))
        return self._ranked(pool, closest, places)

    def _look(self, customers: Integers, width: int) -> tuple[Pool, Closest]:
        """Her best candidates, what the rules say of each, and what came closest of all."""
        near = min(FIRST_PLACES + CLOSEST_KEPT, len(self.tables.candidates))
        closest, best = room_for((len(customers), near)), room_for((len(customers), width))
        told = room_for_told((len(customers), width))
        best_columns(
            self.tables,
            self.weights,
            self.base,
            self.gone,
            customers,
            desk(self.tables),
            closest,
            best,
            told,
        )
        near_by, near_scores, _ = _best_first(closest)
        columns, scores, order = _best_first(best)
        objections = self._asked(customers, np.hstack([columns, near_by]))
        return (
            Pool(customers, columns, scores, objections[:, :width], order, *told),
            Closest(near_by, near_scores, objections[:, width:]),
        )

    def _asked(self, customers: Integers, columns: Integers) -> Short:
        """What the rules say."""
        if self.verdicts is None:
            return np.zeros(columns.shape, dtype=np.int16)
        asked = np.where(columns >= 0, self.chosen_from[columns], -1).astype(np.int32)
        objections = np.asarray(self.verdicts(customers, asked), dtype=np.int16)
        if objections.shape != columns.shape:
            raise ValueError(f"verdicts: shape {objections.shape} where {columns.shape} is wanted")
        return objections

    def _patched(self, pool: Pool, closest: Closest, places: Columns, short: Columns) -> Ranking:
        """Whoever has too little left looks at every candidate; the others stay as they are."""
        others = np.setdiff1d(np.arange(len(pool.customers)), short)
        width = len(self.tables.candidates)
        at_once = max(1, VALUES_AT_ONCE // (width * N_FEATURES))
        parts = [self._ranked(pool.of(others), closest.of(others), places[others])]
        for start in range(0, len(short), at_once):
            everything, near = self._look(pool.customers[short[start : start + at_once]], width)
            parts.append(self._ranked(everything, near, self._spread(everything)))
        order = np.argsort(np.concatenate([others, short]))
        return Ranking.joined(parts).rows(order)

    def _spread(self, pool: Pool) -> Columns:
        """The places of the pool to show [b, n], in order, -1 where nothing is left."""
        is_allowed = (pool.columns >= 0) & (pool.objections == 0)
        return diversify(
            np.where(is_allowed, pool.scores, -np.inf).astype(np.float32),
            np.where(pool.columns >= 0, self.group[pool.columns], -1),
            np.where(pool.columns >= 0, self.category[pool.columns], -1),
            n=self.n,
            penalty=self.model.config.category_penalty,
        )

    def _has_repeats(self, pool: Pool, places: Columns) -> Booleans:
        """Whether one thing stands twice among the first places [b]."""
        first = pool.columns_at(places[:, :FIRST_PLACES])
        group = np.sort(np.where(first >= 0, self.group[first], -1), axis=1)
        same: Booleans = (group[:, 1:] == group[:, :-1]) & (group[:, 1:] >= 0)
        return np.asarray(same.any(axis=1), dtype=np.bool_)

    def _ranked(self, pool: Pool, closest: Closest, places: Columns) -> Ranking:
        """The chosen places, with everything that is known about them."""
        columns, told = pool.columns_at(places), pool.told(places)
        contributions = self._contributions(columns, told)
        return Ranking(
            customers=pool.customers,
            items=self._items(columns),
            scores=contributions.sum(axis=2),
            contributions=contributions,
            findings=self._findings(pool.customers, columns, told),
            near_misses=self._near_misses(closest, columns),
        )

    def _items(self, columns: Integers) -> Integers:
        found = self.tables.candidates[np.maximum(columns, 0)]
        return np.where(columns >= 0, found, -1).astype(np.int32)

    def _contributions(self, columns: Integers, told: Told) -> Floats:
        """What each signal added to each chosen item [b, n, signals]."""
        weighted = (told.values * self.weights).astype(np.float32)
        contributions = np.asarray(weighted @ OF_SIGNAL, dtype=np.float32)
        contributions[:, :, SIGNALS.index("feedback")] = told.opinion
        lift = np.where(columns >= 0, self.lift[columns], 0)
        contributions[:, :, SIGNALS.index("seldom_shown")] = lift
        return contributions

    def _findings(self, customers: Integers, columns: Integers, told: Told) -> Findings:
        city, store, everywhere = (at(sold, customers, columns) for sold in self.units)
        items = self._items(columns)
        launched = self.model.items.launched[np.maximum(items, 0)]
        known = (items >= 0) & np.isfinite(launched)
        return Findings(
            similar_customers=told.buyers,
            nearest_item=told.nearest,
            shared=shared_traits(self.model.items.tokens, items, told.nearest),
            city_units=city[0],
            city_rank=city[1],
            store_units=store[0],
            store_rank=store[1],
            units=everywhere[0],
            rank=everywhere[1],
            brand_owned=self._kept(BRAND, customers, columns),
            category_owned=self._kept(SUBCATEGORY, customers, columns),
            days_new=np.where(known, np.nan_to_num(launched), -1).astype(np.int32),
        )

    def _kept(self, habit: int, customers: Integers, columns: Integers) -> Integers:
        return kept_of(self.tables.kept, self.tables.habits[habit], customers, columns)

    def _near_misses(self, closest: Closest, chosen: Integers) -> NearMisses:
        """The best that are not among the first places, closest first."""
        shown, columns = chosen[:, :FIRST_PLACES], closest.columns
        is_shown = (columns[:, :, np.newaxis] == shown[:, np.newaxis, :]).any(axis=2)
        lost = (columns >= 0) & ~is_shown
        places = np.argsort(~lost, axis=1, kind="stable")[:, :NEAR_MISSES_KEPT]
        width = NEAR_MISSES_KEPT - places.shape[1]
        is_there = np.take_along_axis(lost, places, axis=1)
        column = np.where(is_there, np.take_along_axis(columns, places, axis=1), -1)
        reason = np.take_along_axis(closest.objections, places, axis=1).astype(np.int32)
        reason = np.where((reason == 0) & self._repeats(column, shown), VARIETY, reason)
        score = np.where(is_there, np.take_along_axis(closest.scores, places, axis=1), 0)
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


def _gone(gone: Booleans | None, chosen_from: Integers, people: People) -> Flags:
    """1 where a store has nothing left of a candidate; the last row is for no store."""
    n_stores = int(people.store.max(initial=UNKNOWN)) + 1
    flags = np.zeros((n_stores + 1, len(chosen_from)), dtype=np.uint8)
    if gone is not None:
        flags[:n_stores] = gone[:n_stores, chosen_from]
    return flags


def _best_first(found: Found) -> tuple[Integers, Floats, Columns]:
    """In order of their scores, and where each stood."""
    columns, scores = found
    order = np.argsort(-scores, axis=1, kind="stable")
    return (
        np.take_along_axis(columns, order, axis=1),
        np.take_along_axis(scores, order, axis=1),
        order,
    )


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
