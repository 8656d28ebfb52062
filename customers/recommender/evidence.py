"""What a ranking holds: the items, what made up their scores, and the facts behind each."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from customers.recommender.arrays import Floats, Integers
from customers.recommender.signals import Trait
from customers.recommender.tokens import Tokens

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

    def rows(self, order: npt.NDArray[np.intp]) -> "Ranking":
        """The same for some customers, in this order."""
        return _each_array(lambda each: each[0][order], [self])

    @classmethod
    def joined(cls, parts: list["Ranking"]) -> "Ranking":
        """One block of customers after another; the blocks have the same width."""
        return _each_array(np.concatenate, parts)


Part = TypeVar("Part", Ranking, Findings, NearMisses)


def _each_array(change: Callable[[list[Any]], Any], parts: list[Part]) -> Part:
    """A new one of the same kind: `change` is told the arrays of all parts, field by field."""
    changed = {}
    for each in fields(parts[0]):
        values = [getattr(part, each.name) for part in parts]
        nested = is_dataclass(values[0])
        changed[each.name] = _each_array(change, values) if nested else change(values)
    return type(parts[0])(**changed)


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
