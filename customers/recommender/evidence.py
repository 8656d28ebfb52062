"""Why an item was proposed: only what the facts bear out, strongest first."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from scipy.sparse import csr_array

from customers.recommender.arrays import Floats, Integers
from customers.recommender.facts import Config
from customers.recommender.signals import SIGNALS, Trait
from customers.recommender.tokens import Tokens, kind_of

SIMILAR_CUSTOMERS = "similar-customers"
BOUGHT_LIKE_IT = "bought-like-it"
CITY_BEST_SELLER = "city-best-seller"
STORE_BEST_SELLER = "store-best-seller"
BEST_SELLER = "best-seller"
BRAND = "brand"
CATEGORY = "category"
NEW = "new"

NOT_SHARED = frozenset({"group", "price"})
"""Kinds of token that say nothing to a person when two items share them."""

NEAR_MISSES_KEPT = 5

TRAIT_OF_KIND = {
    "brand": Trait.BRAND,
    "color": Trait.COLOR,
    "subcategory": Trait.SUBCATEGORY,
    "category": Trait.CATEGORY,
    "gender": Trait.GENDER,
    "word": Trait.NAME,
    "price": Trait.PRICE,
    "group": Trait(0),
}
"""A kind of token not listed is an attribute."""


@dataclass(frozen=True)
class Evidence:
    """One true reason. Fields that do not belong to its kind are None or empty.

    similar-customers: `count` different similar customers bought it in the last `days` days.
    bought-like-it: she kept `item`, the nearest to it of hers; both carry the tokens `shared`.
    city-, store-best-seller, best-seller: `count` units less returns were sold in the last `days`
    days to people of her city, to people of her store, to all; `rank` is among the candidates.
    brand, category: `count` different items of the label `value` are among what she kept.
    new: nothing else speaks for it; launched `days` days ago, None when unknown.
    `contribution` is the share of the score that the signals behind it brought.
    """

    kind: str
    contribution: float
    count: int | None = None
    days: int | None = None
    rank: int | None = None
    item: int | None = None
    shared: tuple[str, ...] = ()
    value: str | None = None


@dataclass(frozen=True)
class Recommendation:
    """One item for one customer, by their numbers, and why; `because` is never empty."""

    customer: int
    item: int
    score: float
    because: tuple[Evidence, ...]


@dataclass(frozen=True, eq=False)
class Findings:
    """The facts behind the chosen items, int32 [m, n]; 0 (for an item -1) where there is none.

    `shared` are the `Trait`s the item has in common with the nearest of hers; `days_new` is -1
    where nobody knows when it arrived.
    """

    similar_customers: Integers
    nearest_item: Integers
    shared: Integers
    city_units: Integers
    city_rank: Integers
    store_units: Integers
    store_rank: Integers
    units: Integers
    rank: Integers
    brand_owned: Integers
    category_owned: Integers
    days_new: Integers

    @classmethod
    def stacked(cls, parts: list["Findings"]) -> "Findings":
        """The findings of one block of customers after another."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))


@dataclass(frozen=True, eq=False)
class NearMisses:
    """What came close and lost, closest first, [m, 5] each: items int32 (-1 none), scores float32.

    `objections` int32: 0 where others scored higher, else the number of the rule that objected.
    """

    items: Integers
    scores: Floats
    objections: Integers

    @classmethod
    def none(cls, customers: int) -> "NearMisses":
        """Nothing came close, for that many customers."""
        shape = (customers, NEAR_MISSES_KEPT)
        return cls(
            items=np.full(shape, -1, dtype=np.int32),
            scores=np.zeros(shape, dtype=np.float32),
            objections=np.zeros(shape, dtype=np.int32),
        )


@dataclass(frozen=True, eq=False)
class Ranking:
    """The answer as arrays, one row per customer asked for, in the order asked.

    `items` int32 [m, n], best first, -1 where nothing more may be shown; `scores` float32 [m, n];
    `contributions` float32 [m, n, k] in the order of `SIGNALS`, which sum to the score over k.
    The order is that of the final list: spreading over categories may put a slightly lower
    score before a higher one.
    """

    customers: Integers
    items: Integers
    scores: Floats
    contributions: Floats
    findings: Findings
    near_misses: NearMisses


@dataclass(frozen=True, eq=False)
class Explainer:
    """Turns a ranking into recommendations. `launched` in days [n_items], NaN unknown.

    `brand` and `category` are the label number of each item and `..._names` their tokens.
    """

    tokens: Tokens
    launched: Floats
    brand: Integers
    brand_names: tuple[str, ...]
    category: Integers
    category_names: tuple[str, ...]
    config: Config

    def explain(self, ranking: Ranking) -> Iterator[Recommendation]:
        """Each customer's items in order; places with nothing to show are left out."""
        for row, place in np.argwhere(ranking.items >= 0):
            yield Recommendation(
                customer=int(ranking.customers[row]),
                item=int(ranking.items[row, place]),
                score=float(ranking.scores[row, place]),
                because=self.because(ranking, int(row), int(place)),
            )

    def because(self, ranking: Ranking, row: int, place: int) -> tuple[Evidence, ...]:
        """The evidence that holds and raised the score, strongest first, or `new` alone."""
        item = int(ranking.items[row, place])
        brought = dict(zip(SIGNALS, ranking.contributions[row, place], strict=True))
        found = {
            each.name: int(getattr(ranking.findings, each.name)[row, place])
            for each in fields(Findings)
        }
        evidence = [
            *self._of_others(brought, found),
            *self._of_hers(item, brought, found),
        ]
        positive = [each for each in evidence if each.contribution > 0]
        if not positive:
            return (self._new(item),)
        return tuple(sorted(positive, key=lambda each: -each.contribution))

    def _of_others(self, brought: dict[str, Floats], found: dict[str, int]) -> Iterator[Evidence]:
        if found["similar_customers"] > 0:
            yield Evidence(
                SIMILAR_CUSTOMERS,
                _sum(brought, "similar_customers"),
                count=found["similar_customers"],
                days=self.config.neighbour_window,
            )
        for kind, signal, units, rank in (
            (CITY_BEST_SELLER, "city", "city_units", "city_rank"),
            (STORE_BEST_SELLER, "store", "store_units", "store_rank"),
            (BEST_SELLER, "popularity", "units", "rank"),
        ):
            if 1 <= found[rank] <= self.config.best_seller_rank:
                yield Evidence(
                    kind,
                    _sum(brought, signal),
                    count=found[units],
                    rank=found[rank],
                    days=self.config.best_seller_window,
                )

    def _of_hers(
        self, item: int, brought: dict[str, Floats], found: dict[str, int]
    ) -> Iterator[Evidence]:
        nearest = found["nearest_item"]
        shared = self.shared(item, nearest) if nearest >= 0 else ()
        if shared:
            contribution = _sum(brought, "nearest_owned", "profile", "taste_and_demand")
            yield Evidence(BOUGHT_LIKE_IT, contribution, item=nearest, shared=shared)
        for kind, owned, labels, names in (
            (BRAND, "brand_owned", self.brand, self.brand_names),
            (CATEGORY, "category_owned", self.category, self.category_names),
        ):
            if found[owned] > 0:
                value = names[labels[item]].partition("=")[2]
                yield Evidence(kind, _sum(brought, kind), count=found[owned], value=value)

    def shared(self, item: int, other: int) -> tuple[str, ...]:
        """The tokens both items carry that mean something to a person."""
        mine = set(self.tokens.of(other))
        return tuple(
            token
            for token in self.tokens.of(item)
            if token in mine and kind_of(token) not in NOT_SHARED
        )

    def _new(self, item: int) -> Evidence:
        launched = float(self.launched[item])
        return Evidence(NEW, 0.0, days=None if np.isnan(launched) else int(launched))


def _sum(brought: dict[str, Floats], *signals: str) -> float:
    return float(sum(float(brought.get(signal, 0)) for signal in signals))


def shared_traits(tokens: Tokens, items: Integers, others: Integers) -> Integers:
    """The `Trait`s each item has in common with the other in its place, as a sum; -1: none."""
    both = np.flatnonzero((items.ravel() >= 0) & (others.ravel() >= 0))
    mine, theirs = items.ravel()[both], others.ravel()[both]
    common = csr_array(tokens.matrix[mine].multiply(tokens.matrix[theirs]))
    traits = np.asarray(
        [TRAIT_OF_KIND.get(kind, Trait.ATTRIBUTE) for kind in tokens.kinds], dtype=np.int32
    )
    shared = np.zeros(items.size, dtype=np.int32)
    rows = np.repeat(both, np.diff(common.indptr))
    np.bitwise_or.at(shared, rows, traits[common.indices])
    return shared.reshape(items.shape)
