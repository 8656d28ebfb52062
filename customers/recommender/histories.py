"""Each customer's past as sparse rows: what was bought, kept, returned, and how fresh it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from customers.recommender.arrays import Floats, Integers, Sparse, entry_rows
from customers.recommender.facts import Config, Interactions


@dataclass(frozen=True, eq=False)
class Histories:
    """Sparse rows of customers [n_customers, n_items].

    `touched`: 1 where a line of any kind exists, so also what was returned: never suggest again.
    `kept`: the weight of what was bought and not wholly returned, above 0.
    `returned`: the weight of what went back, above 0; a weak sign of dislike.
    """

    touched: Sparse
    kept: Sparse
    returned: Sparse


def read_histories(
    interactions: Interactions, *, n_customers: int, n_items: int, config: Config
) -> Histories:
    """One pass over the lines.

    A pair counts half as much per `history_half_life` days since its last purchase (exponential
    time weighting, Ding & Li 2005) and 1 + log(lines) for repetition. Only the heaviest
    `max_items_per_customer` of a customer count for taste, so that a till account on which half
    the shop is booked stays one customer among many.
    """
    shape = (n_customers, n_items)
    pairs, position = np.unique(
        interactions.customer.astype(np.int64) * n_items + interactions.item, return_inverse=True
    )
    customer, item = (pairs // n_items, pairs % n_items) if n_items else (pairs, pairs)
    net = np.bincount(position, weights=interactions.quantity, minlength=len(pairs))
    lines = np.bincount(position, minlength=len(pairs))
    weight = freshness(_last_day(interactions, position, len(pairs)), config.history_half_life)
    weight *= (1 + np.log(lines)).astype(np.float32)
    counted = _heaviest(customer, weight, config.max_items_per_customer)

    def rows(chosen: npt.NDArray[np.bool_], values: Floats) -> Sparse:
        return csr_array((values[chosen], (customer[chosen], item[chosen])), shape=shape)

    return Histories(
        touched=rows(np.ones(len(pairs), dtype=bool), np.ones(len(pairs), dtype=np.float32)),
        kept=rows(counted & (net > 0), weight),
        returned=rows(counted & (net <= 0), weight),
    )


def recent_buyers(
    interactions: Interactions, *, within: int, n_customers: int, n_items: int, half_life: float
) -> Sparse:
    """Who bought what in the last `within` days [n_customers, n_items], a buyer counted once.

    The weight of a pair falls by half per `half_life` days since its last purchase (infinite:
    always 1). Counting buyers and not units keeps one large order from looking like a fashion.
    """
    chosen = (interactions.day < within) & (interactions.quantity > 0)
    customer, item = interactions.customer[chosen], interactions.item[chosen]
    weight = freshness(interactions.day[chosen], half_life)
    order = np.lexsort((-weight, item, customer))
    customer, item, weight = customer[order], item[order], weight[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (customer[1:] != customer[:-1]) | (item[1:] != item[:-1])
    entries = (weight[first], (customer[first], item[first]))
    return csr_array(entries, shape=(n_customers, n_items))


def freshness(days: npt.ArrayLike, half_life: float) -> Floats:
    """1 today, one half after `half_life` days, and so on; shape of `days`."""
    halvings = np.asarray(days, dtype=np.float32) / np.float32(half_life)
    return np.asarray(np.exp2(-halvings), dtype=np.float32)


def rarity(rows: Sparse) -> Floats:
    """log(1 + customers / customers who have the item) [n_items]; 0 for an item nobody has.

    Inverse document frequency over customers (Spärck Jones 1972; for neighbours: Breese,
    Heckerman & Kadie 1998, "inverse user frequency").
    """
    holders = np.bincount(rows.indices, minlength=rows.shape[1])
    active = np.count_nonzero(np.diff(rows.indptr))
    ratio = np.divide(active, holders, out=np.zeros(len(holders)), where=holders > 0)
    return np.log1p(ratio).astype(np.float32)


def _last_day(interactions: Interactions, position: npt.NDArray[np.intp], n: int) -> Integers:
    """Days since the last sale of each pair, or since its last return if it was never sold."""
    sold, any_line = (np.full(n, np.iinfo(np.int32).max, dtype=np.int32) for _ in range(2))
    chosen = interactions.quantity > 0
    np.minimum.at(sold, position[chosen], interactions.day[chosen])
    np.minimum.at(any_line, position, interactions.day)
    never_sold = sold == np.iinfo(np.int32).max
    return np.where(never_sold, any_line, sold).astype(np.int32)


def _heaviest(customer: npt.NDArray[np.int64], weight: Floats, keep: int) -> npt.NDArray[np.bool_]:
    """True for the `keep` heaviest pairs of each customer; `customer` is sorted."""
    order = np.lexsort((-weight, customer))
    starts = np.searchsorted(customer, customer)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place - starts < keep


def customer_pairs(rows: Sparse, customers: Integers) -> tuple[Integers, Integers, Floats]:
    """The entries of these customers' rows: position in `customers`, item, weight."""
    block = rows[customers]
    return entry_rows(block), block.indices.astype(np.int32), block.data
