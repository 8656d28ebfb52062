"""Each customer's past as rows: what was bought and kept, how fresh it is, and what she touched."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from customers.recommender.arrays import Floats, Integers, Sparse
from customers.recommender.compiled import compiled
from customers.recommender.facts import Config, Interactions, Whole
from customers.recommender.rows import Rows, Starts, kth_largest

NEVER = int(np.iinfo(np.int32).max)
LEAST_FRESHNESS = 1e-6
"""Twenty half-lives. A product of two weights stays a number that a float32 can tell from 0."""


@dataclass(frozen=True, eq=False)
class Histories:
    """Rows of customers; a row's items ascend.

    `touched` [pairs]: every item of which a line of any kind exists, so also what was returned,
    with `last_sold` in days before the moment (`NEVER` when only returned). `kept`: the weight of
    what was bought and not wholly returned, above 0, the heaviest of each customer only.
    """

    start: Starts
    touched: Integers
    last_sold: Integers
    kept: Rows

    @property
    def n_customers(self) -> int:
        return len(self.start) - 1

    def recent(self, *, within: int) -> tuple[Integers, Integers, Integers]:
        """Customer, item and day of each pair bought within the last days; a pair counts once.

        Counting buyers and not units keeps one large order from looking like a fashion.
        """
        chosen = np.flatnonzero(self.last_sold < within)
        customer = np.searchsorted(self.start, chosen, side="right") - 1
        return customer.astype(np.int32), self.touched[chosen], self.last_sold[chosen]

    def kept_matrix(self, n_items: int) -> Sparse:
        """What each customer kept, weighted [n_customers, n_items]; shares the memory."""
        shape = (self.n_customers, n_items)
        return csr_array((self.kept.value, self.kept.place, self.kept.start), shape=shape)


def read_histories(
    interactions: Interactions, *, n_customers: int, n_items: int, config: Config
) -> Histories:
    """One pass over the lines, customer by customer.

    A pair counts half as much per `history_half_life` days since its last purchase (exponential
    time weighting, Ding & Li 2005), down to `LEAST_FRESHNESS`, and 1 + log(lines) for repetition:
    what she kept counts for something however long ago that was. Only the heaviest
    `max_items_per_customer` of a customer count for taste, so that a till account on which half
    the shop is booked stays one customer among many.
    """
    start, lines = _customer_by_customer(interactions, n_customers)
    item, day = lines.item.copy(), lines.day.astype(np.int32)
    quantity = lines.quantity
    pair_start = np.zeros(n_customers + 1, dtype=np.int64)
    weight = np.empty(len(item), dtype=np.float32)
    n_pairs = _merge(start, item, day, quantity, config.history_half_life, pair_start, weight)
    kept = _kept(pair_start, item, weight, config.max_items_per_customer)
    return Histories(pair_start, item[:n_pairs].copy(), day[:n_pairs].astype(np.int32), kept)


def freshness(days: npt.ArrayLike, half_life: float) -> Floats:
    """1 today, one half after `half_life` days, and so on; shape of `days`."""
    halvings = np.asarray(days, dtype=np.float32) / np.float32(half_life)
    return np.asarray(np.exp2(-halvings), dtype=np.float32)


def rarity(kept: Rows, n_items: int) -> Floats:
    """log(1 + customers / customers who have the item) [n_items]; 0 for an item nobody has.

    Inverse document frequency over customers (Spärck Jones 1972; for neighbours: Breese,
    Heckerman & Kadie 1998, "inverse user frequency").
    """
    holders = np.bincount(kept.place, minlength=n_items)
    active = np.count_nonzero(np.diff(kept.start))
    ratio = np.divide(active, holders, out=np.zeros(n_items), where=holders > 0)
    return np.log1p(ratio).astype(np.float32)


def _customer_by_customer(
    interactions: Interactions, n_customers: int
) -> tuple[Starts, Interactions]:
    """Where each customer's lines begin, and the lines in that order (a counting sort)."""
    customer = interactions.customer
    start = np.zeros(n_customers + 1, dtype=np.int64)
    np.cumsum(np.bincount(customer, minlength=n_customers), out=start[1:])
    if (customer[1:] >= customer[:-1]).all():
        return start, interactions
    order = np.empty(len(customer), dtype=np.int32)
    _place_in_order(customer, start[:-1].copy(), order)
    return start, Interactions(
        customer[order],
        interactions.item[order],
        interactions.day[order],
        interactions.quantity[order],
    )


@compiled
def _place_in_order(customer: Integers, free: Starts, order: Integers) -> None:
    for line in range(len(customer)):
        order[free[customer[line]]] = line
        free[customer[line]] += 1


@compiled
def _merge(
    start: Starts,
    item: Integers,
    day: Integers,
    quantity: Whole,
    half_life: float,
    pair_start: Starts,
    weight: Floats,
) -> int:
    """Lines of one pair become one entry, written over the lines; answers how many there are.

    Afterwards `item` and `day` hold the pairs' items and last sales; `weight` is 0 where nothing
    was kept.
    """
    filled = 0
    for customer in range(len(start) - 1):
        begin, end = start[customer], start[customer + 1]
        order = np.argsort(item[begin:end], kind="mergesort")
        items, days = item[begin:end][order], day[begin:end][order]
        quantities = quantity[begin:end][order]
        at = 0
        while at < len(items):
            sold, net, lines, same = NEVER, 0, 0, at
            while same < len(items) and items[same] == items[at]:
                net += quantities[same]
                lines += 1
                if quantities[same] > 0:
                    sold = min(sold, days[same])
                same += 1
            item[filled], day[filled] = items[at], sold
            fresh = max(2.0 ** (-sold / half_life), LEAST_FRESHNESS)
            weight[filled] = fresh * (1 + np.log(lines)) if net > 0 else 0.0
            filled += 1
            at = same
        pair_start[customer + 1] = filled
    return filled


def _kept(start: Starts, item: Integers, weight: Floats, at_most: int) -> Rows:
    n_pairs = int(start[-1])
    _drop_the_lightest(start, weight, at_most)
    chosen = weight[:n_pairs] > 0
    counts = np.add.reduceat(np.append(chosen, False), start[:-1]) if n_pairs else 0
    counts = np.where(np.diff(start) > 0, counts, 0)
    kept_start = np.zeros(len(start), dtype=np.int64)
    np.cumsum(counts, out=kept_start[1:])
    return Rows(kept_start, item[:n_pairs][chosen], weight[:n_pairs][chosen])


@compiled
def _drop_the_lightest(start: Starts, weight: Floats, at_most: int) -> None:
    """Sets the weights beyond the heaviest `at_most` of a customer to 0, equals by place."""
    for customer in range(len(start) - 1):
        begin, end = start[customer], start[customer + 1]
        if end - begin > at_most:
            threshold = kth_largest(weight[begin:end], at_most)
            above = 0
            for place in range(begin, end):
                above += weight[place] > threshold
            level = at_most - above
            for place in range(begin, end):
                is_level = weight[place] == threshold
                if weight[place] < threshold or (is_level and level <= 0):
                    weight[place] = 0.0
                level -= is_level
