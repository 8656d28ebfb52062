"""One past moment as a test: what was known then, and what was bought afterwards.

The facts hold nothing dated after the moment (`Interactions` refuses a negative day); what came
true is kept apart, and only the measures may look at it.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from customers.recommender.arrays import Booleans, Integers, Sparse, integers, with_ones
from customers.recommender.facts import Interactions, Items, People

NOT_A_CANDIDATE = -2
"""The column of an item that was recommended and may not be."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What a recommender may know; `candidates` are item numbers, ascending, each once."""

    interactions: Interactions
    items: Items
    people: People
    candidates: Integers

    def bought(self) -> Sparse:
        """1 where a customer has a line with an item, a return included [customers, items]."""
        lines = self.interactions
        return _pairs(lines.customer, lines.item, self.people.n_customers, self.items.n_items)


@dataclass(frozen=True, eq=False)
class Trial:
    """The facts, who is asked [m], and what is right and wrong for them [m, candidates], 0/1.

    `owned`: she had a line with it before the moment. `bought`: the first time within the horizon
    after it. `lapsed`: she had not bought for long at the moment.
    """

    facts: Facts
    asked: Integers
    owned: Sparse
    bought: Sparse
    lapsed: Booleans

    def of(self, chosen: Booleans) -> "Trial":
        """The same for some of those asked."""
        return replace(
            self,
            asked=self.asked[chosen],
            owned=csr_array(self.owned[np.flatnonzero(chosen)]),
            bought=csr_array(self.bought[np.flatnonzero(chosen)]),
            lapsed=self.lapsed[chosen],
        )

    def columns_of(self, items: Integers) -> Integers:
        """Each item as a place among the candidates, same shape.

        -1 where there is none, `NOT_A_CANDIDATE` for an item that is none of them.
        """
        column = np.full(self.facts.items.n_items + 1, NOT_A_CANDIDATE, dtype=np.int32)
        column[self.facts.candidates] = np.arange(len(self.facts.candidates))
        column[-1] = -1
        return column[items]


def trial_of(facts: Facts, later_customer: Integers, later_item: Integers, *, lapse: int) -> Trial:
    """Who is asked: every customer known at the moment who bought a candidate new to her later.

    `later_...` are the sales within the horizon, not the returns. Lapsed has bought, and not in
    the last `lapse` days: the 90-day rule when it is 90.
    """
    n_customers = facts.people.n_customers
    owned = _pairs(
        facts.interactions.customer, facts.interactions.item, n_customers, facts.items.n_items
    )
    later = _pairs(later_customer, later_item, n_customers, facts.items.n_items)
    owned_candidates = csr_array(owned[:, facts.candidates])
    bought = csr_array(later[:, facts.candidates])
    bought = csr_array(bought - bought.multiply(owned_candidates))
    bought.eliminate_zeros()
    known = np.diff(owned.indptr) > 0
    asked = integers(np.flatnonzero((np.diff(bought.indptr) > 0) & known))
    return Trial(
        facts=facts,
        asked=asked,
        owned=csr_array(owned_candidates[asked]),
        bought=csr_array(bought[asked]),
        lapsed=days_since_purchase(facts)[asked] >= lapse,
    )


def days_since_purchase(facts: Facts) -> Integers:
    """Days from each customer's last sale to the moment; the largest int32 for none."""
    lines = facts.interactions
    newest = np.full(facts.people.n_customers, np.iinfo(np.int32).max, dtype=np.int32)
    sold = lines.quantity > 0
    np.minimum.at(newest, lines.customer[sold], lines.day[sold])
    return newest


def _pairs(customer: Integers, item: Integers, n_customers: int, n_items: int) -> Sparse:
    ones = np.ones(len(customer), dtype=np.float32)
    pairs = csr_array((ones, (customer, item)), shape=(n_customers, n_items))
    pairs.sum_duplicates()
    return with_ones(pairs)
