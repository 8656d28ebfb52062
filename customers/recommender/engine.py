"""The recommender: facts in, the best new items for each customer and the reasons out.

    model = fit(interactions, items, people, config=Config())
    for recommendation in model.recommend(customers, candidates, n=3): ...

Pure arithmetic: no database, no clock, the same answer for the same facts. A first, honest blend:
each signal is put on one scale within the customer and they are added with the fixed weights of
the configuration. Customers are taken in blocks, so memory is `block_size` x candidates.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Booleans, Columns, Floats, Integers, dense, integers
from customers.recommender.blend import best, diversify, spread_of, standardise
from customers.recommender.demand import LocalDemand, Popularity, UnitsSold
from customers.recommender.evidence import (
    Explainer,
    Findings,
    NearMisses,
    Ranking,
    Recommendation,
    shared_traits,
)
from customers.recommender.facts import (
    Config,
    Interactions,
    Items,
    People,
    check_indices,
)
from customers.recommender.habits import BRAND_KINDS, CATEGORY_KINDS, LabelHabit, PriceHabit
from customers.recommender.knowledge import Knowledge, Signal
from customers.recommender.neighbours import SimilarCustomers
from customers.recommender.signals import SIGNALS
from customers.recommender.taste import Taste

Allowed: TypeAlias = Booleans | Callable[[Integers, Integers], Booleans]
"""What may be shown: [customers, candidates], or a function of a block of customers and the
candidates that answers [block, candidates]. Both follow the order in which the caller gave them."""

BLOCK_SIZE = 512


@dataclass(frozen=True, eq=False)
class Model:
    """What was learned from the facts; asking it changes nothing."""

    knowledge: Knowledge

    def recommend(
        self,
        customers: npt.ArrayLike,
        candidates: npt.ArrayLike,
        *,
        n: int,
        allowed: Allowed | None = None,
        block_size: int = BLOCK_SIZE,
    ) -> list[Recommendation]:
        """Up to `n` candidates for each customer, best first, with reasons; see `rank`."""
        ranking = self.rank(customers, candidates, n=n, allowed=allowed, block_size=block_size)
        return list(self.explain(ranking))

    def rank(
        self,
        customers: npt.ArrayLike,
        candidates: npt.ArrayLike,
        *,
        n: int,
        allowed: Allowed | None = None,
        block_size: int = BLOCK_SIZE,
    ) -> Ranking:
        """The same as arrays: for many customers at once.

        Never an item the customer ever bought, returned or not, never one twice, and never one
        that `allowed` denies her. `candidates` named twice count once. Raises ValueError for an
        unknown customer or item, and for a candidate launched after the moment of the facts.
        """
        if n < 1 or block_size < 1:
            raise ValueError(f"n ({n}) and block_size ({block_size}) must be at least 1")
        asked = integers(customers)
        check_indices(asked, below=self.knowledge.people.n_customers, what="customer")
        shelf = Shelf.open(self.knowledge, integers(candidates), n=n)
        screen = _screen(allowed, asked, integers(candidates))
        parts = [
            shelf.serve(asked[start : start + block_size], screen(start, start + block_size))
            for start in range(0, len(asked), block_size)
        ]
        return _joined(parts or [shelf.serve(asked, None)])

    def explain(self, ranking: Ranking) -> Iterator[Recommendation]:
        """The recommendations of a ranking of this model, one after another."""
        items = self.knowledge.items
        brand, brand_names = items.tokens.labels(*BRAND_KINDS)
        category, category_names = items.tokens.labels(*CATEGORY_KINDS)
        explainer = Explainer(
            tokens=items.tokens,
            launched=items.launched,
            brand=brand,
            brand_names=brand_names,
            category=category,
            category_names=category_names,
            config=self.knowledge.config,
        )
        return explainer.explain(ranking)


def fit(interactions: Interactions, items: Items, people: People, *, config: Config) -> Model:
    """Learns from the facts as of their moment.

    Raises ValueError when a line names a customer or an item that does not exist.
    """
    return Model(Knowledge.of(interactions, items, people, config))


@dataclass(frozen=True, eq=False)
class Shelf:
    """One set of candidates laid out, ready to serve blocks of customers.

    `candidates` are the item numbers laid out, ascending, each once; `chosen_from` says where
    each stood in the caller's list.
    """

    knowledge: Knowledge
    candidates: Integers
    chosen_from: Columns
    n: int
    similar: SimilarCustomers
    taste: Taste
    brand: LabelHabit
    category: LabelHabit
    others: tuple[Signal, ...]
    units: tuple[UnitsSold, UnitsSold, UnitsSold]
    group: Integers
    category_of: Integers

    @classmethod
    def open(cls, knowledge: Knowledge, wanted: Integers, *, n: int) -> "Shelf":
        """Prepares every signal for these candidates."""
        check_indices(wanted, below=knowledge.items.n_items, what="candidate")
        candidates, chosen_from = np.unique(wanted, return_index=True)
        _refuse_unlaunched(knowledge.items, candidates)
        people, tokens = knowledge.people, knowledge.items.tokens
        everybody = np.zeros(people.n_customers, dtype=np.int32)
        return cls(
            knowledge=knowledge,
            candidates=candidates,
            chosen_from=chosen_from,
            n=n,
            similar=SimilarCustomers.fit(knowledge, candidates),
            taste=Taste.fit(knowledge, candidates),
            brand=LabelHabit.fit("brand", BRAND_KINDS, knowledge, candidates),
            category=LabelHabit.fit("category", CATEGORY_KINDS, knowledge, candidates),
            others=(
                Popularity.fit(knowledge, candidates),
                LocalDemand.fit("city", people.city, knowledge, candidates),
                LocalDemand.fit("store", people.store, knowledge, candidates),
                LocalDemand.fit("age_band", people.age_band, knowledge, candidates),
                PriceHabit.fit(knowledge, candidates),
            ),
            units=(
                UnitsSold.fit(people.city, knowledge, candidates),
                UnitsSold.fit(people.store, knowledge, candidates),
                UnitsSold.fit(everybody, knowledge, candidates),
            ),
            group=tokens.labels("group")[0][candidates],
            category_of=tokens.labels("category", "subcategory")[0][candidates],
        )

    def serve(self, customers: Integers, screened: Booleans | None) -> Ranking:
        """The ranking of one block; `screened` is [b, the caller's candidates], True allowed."""
        allowed = dense(self.knowledge.histories.touched[customers][:, self.candidates]) == 0
        if screened is not None:
            allowed &= screened[:, self.chosen_from]
        neighbourhood = self.similar.around(customers)
        values = {"similar_customers": neighbourhood.scores(), **self._scores(customers)}
        contributions = self._weighted(values, allowed)
        columns, shown = self._choose(contributions, allowed)
        chosen = np.stack([np.take_along_axis(c, columns, axis=1) for c in contributions], axis=2)
        chosen *= shown[:, :, np.newaxis]
        return Ranking(
            customers=customers,
            items=np.where(shown, self.candidates[columns], -1).astype(np.int32),
            scores=chosen.sum(axis=2),
            contributions=chosen,
            findings=self._findings(customers, columns, neighbourhood.buyers(columns)),
            near_misses=NearMisses.none(len(customers)),
        )

    def _scores(self, customers: Integers) -> Mapping[str, Floats]:
        """Every other signal's values [b, candidates], by name."""
        signals: tuple[Signal, ...] = (self.taste, self.brand, self.category, *self.others)
        return {name: values for signal in signals for name, values in signal.scores(customers)}

    def _weighted(self, values: Mapping[str, Floats], allowed: Booleans) -> list[Floats]:
        """Weight x z-score of each signal, in the order of `SIGNALS`."""
        config = self.knowledge.config
        return [
            np.float32(getattr(config.weights, name))
            * standardise(values[name], allowed, largest=config.largest_deviation)
            for name in SIGNALS
        ]

    def _choose(self, contributions: list[Floats], allowed: Booleans) -> tuple[Columns, Booleans]:
        """The candidates in order [b, min(n, candidates)], and which of those places are real."""
        config = self.knowledge.config
        total = np.sum(contributions, axis=0)
        pool = best(total, allowed, max(config.rerank_pool, self.n))
        scores = np.take_along_axis(np.where(allowed, total, -np.inf), pool, axis=1)
        penalty = np.float32(config.category_penalty) * spread_of(total, allowed)
        order = diversify(
            scores, self.group[pool], self.category_of[pool], n=self.n, penalty=penalty
        )
        return np.take_along_axis(pool, np.maximum(order, 0), axis=1), order >= 0

    def _findings(self, customers: Integers, columns: Columns, similar: Integers) -> Findings:
        """The facts behind the chosen columns, read again from the histories."""
        city, store, everywhere = (sold.at(customers, columns) for sold in self.units)
        nearest, known = self.taste.nearest_item(customers, columns), self.knowledge.items
        launched = known.launched[self.candidates[columns]]
        return Findings(
            similar_customers=similar,
            nearest_item=nearest,
            shared=shared_traits(known.tokens, self.candidates[columns], nearest),
            city_units=city[0],
            city_rank=city[1],
            store_units=store[0],
            store_rank=store[1],
            units=everywhere[0],
            rank=everywhere[1],
            brand_owned=self.brand.owned(customers, columns),
            category_owned=self.category.owned(customers, columns),
            days_new=np.nan_to_num(launched, nan=-1).astype(np.int32),
        )


def _screen(
    allowed: Allowed | None, customers: Integers, candidates: Integers
) -> Callable[[int, int], Booleans | None]:
    """A function from a range of the customers to what is allowed to them."""
    if allowed is None:
        return lambda start, stop: None
    if callable(allowed):
        return lambda start, stop: _checked(
            allowed(customers[start:stop], candidates),
            (len(customers[start:stop]), len(candidates)),
        )
    whole = _checked(allowed, (len(customers), len(candidates)))
    return lambda start, stop: whole[start:stop]


def _checked(allowed: Booleans, shape: tuple[int, int]) -> Booleans:
    if np.shape(allowed) != shape:
        raise ValueError(f"allowed: shape {np.shape(allowed)} where {shape} is wanted")
    return np.asarray(allowed, dtype=bool)


def _refuse_unlaunched(items: Items, candidates: Integers) -> None:
    future = candidates[items.launched[candidates] < 0]
    if len(future):
        raise ValueError(
            f"candidate {future[0]} is launched after the moment as of which the facts are known"
        )


def _joined(parts: list[Ranking]) -> Ranking:
    return Ranking(
        customers=np.concatenate([part.customers for part in parts]),
        items=np.concatenate([part.items for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        contributions=np.concatenate([part.contributions for part in parts]),
        findings=Findings.stacked([part.findings for part in parts]),
        near_misses=NearMisses.none(sum(len(part.customers) for part in parts)),
    )
