"""What sells: everywhere, and to people of her city, her store and her age."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from customers.recommender.arrays import (
    Columns,
    Floats,
    Integers,
    Sparse,
    dense,
    entry_rows,
    values_at,
)
from customers.recommender.facts import UNKNOWN
from customers.recommender.knowledge import Knowledge

SHORT_WINDOW, LONG_WINDOW = 7, 14
"""Days over which demand is counted: the fresher beats the longer on some shops, not on all."""

FIRST_DAYS = 7.0
"""Days added to an item's age before its sales per day are taken: two days are no rate yet."""


@dataclass(frozen=True, eq=False)
class Popularity:
    """The same for every customer: `values` [candidates]."""

    values: Floats

    @classmethod
    def fit(cls, knowledge: Knowledge, candidates: Integers) -> "Popularity":
        """Mean z-score of log(1 + buyers) in 7 and 14 days and of buyers per day since launch."""
        parts = [
            np.log1p(buyers_of(knowledge.buyers(within=SHORT_WINDOW), candidates)),
            np.log1p(buyers_of(knowledge.buyers(within=LONG_WINDOW), candidates)),
            np.log1p(pace(knowledge, candidates)),
        ]
        return cls(np.mean([_standard(part) for part in parts], axis=0).astype(np.float32))

    def scores(self, customers: Integers) -> Iterator[tuple[str, Floats]]:
        """The same row for each customer."""
        yield "popularity", np.tile(self.values, (len(customers), 1))


@dataclass(frozen=True, eq=False)
class LocalDemand:
    """Demand among people of one kind. `buyers` is [groups, candidates], `group` [n_customers]."""

    name: str
    group: Integers
    buyers: Sparse
    share: Floats
    prior: float

    @classmethod
    def fit(
        cls, name: str, group: Integers, knowledge: Knowledge, candidates: Integers
    ) -> "LocalDemand":
        """`name` is the signal; `group` the city, store or age band of each customer."""
        buyers = by_group(group, knowledge.lately[:, candidates])
        share = demand_share(knowledge, candidates)
        return cls(name, group, buyers, share, knowledge.config.local_prior)

    def scores(self, customers: Integers) -> Iterator[tuple[str, Floats]]:
        """Square root of the share among her people, drawn towards the share among all.

        share = (buyers + prior x share among all) / (all their buyers + prior): Dirichlet
        smoothing (Zhai & Lafferty 2004). A customer of no known group has zeros.
        """
        group = self.group[customers]
        known = group != UNKNOWN
        values = np.zeros((len(customers), len(self.share)), dtype=np.float32)
        counts = dense(self.buyers[group[known]])
        total = counts.sum(axis=1, keepdims=True)
        values[known] = np.sqrt((counts + self.prior * self.share) / (total + self.prior))
        yield self.name, values


@dataclass(frozen=True, eq=False)
class UnitsSold:
    """Units sold less returned in the last days, by group of people: what may be claimed.

    `units` and `ranks` are [groups, candidates]; rank 1 sold most, equals share the better rank.
    """

    group: Integers
    units: Sparse
    ranks: Sparse

    @classmethod
    def fit(cls, group: Integers, knowledge: Knowledge, candidates: Integers) -> "UnitsSold":
        """Counts the last `best_seller_window` days."""
        lines = knowledge.interactions
        recent = lines.day < knowledge.config.best_seller_window
        entries = (
            lines.quantity[recent].astype(np.float32),
            (lines.customer[recent], lines.item[recent]),
        )
        shape = (knowledge.people.n_customers, knowledge.items.n_items)
        units = by_group(group, csr_array(csr_array(entries, shape=shape)[:, candidates]))
        units.data = np.maximum(units.data, 0)
        units.eliminate_zeros()
        return cls(group, units, _ranks(units))

    def at(self, customers: Integers, columns: Columns) -> tuple[Integers, Integers]:
        """Units and rank at candidate `columns` [b, n], for her group; 0 and 0 where none."""
        group = self.group[customers]
        known = (group != UNKNOWN)[:, np.newaxis]
        row = np.maximum(group, 0)
        if not self.units.shape[0]:
            nothing = np.zeros(columns.shape, dtype=np.int32)
            return nothing, nothing
        units = np.where(known, values_at(self.units, row, columns), 0)
        ranks = np.where(known, values_at(self.ranks, row, columns), 0)
        return units.astype(np.int32), ranks.astype(np.int32)


def buyers_of(bought: Sparse, candidates: Integers) -> Floats:
    """Different customers with an entry for each candidate [candidates]."""
    buyers = np.bincount(bought.indices, minlength=bought.shape[1])
    return buyers[candidates].astype(np.float32)


def demand_share(knowledge: Knowledge, candidates: Integers) -> Floats:
    """Each candidate's share of all candidates' late buyers, one buyer added to each."""
    buyers = buyers_of(knowledge.lately, candidates) + 1
    return (buyers / max(float(buyers.sum()), 1.0)).astype(np.float32)


def pace(knowledge: Knowledge, candidates: Integers) -> Floats:
    """Buyers per day since launch [candidates].

    A buyer who returned it was one too. An unknown launch day is replaced by that of the first
    sale, and that by 0.
    """
    lines = knowledge.interactions
    first_sold = np.zeros(knowledge.items.n_items, dtype=np.float32)
    np.maximum.at(first_sold, lines.item, lines.day.astype(np.float32))
    launched = knowledge.items.launched
    age = np.where(np.isnan(launched), first_sold, launched)[candidates]
    ever = buyers_of(knowledge.histories.touched, candidates)
    return (ever / (np.maximum(age, 0) + FIRST_DAYS)).astype(np.float32)


def by_group(group: Integers, rows: Sparse) -> Sparse:
    """Sums the customers' rows by group [groups, columns]; the unknown group is left out."""
    members = np.flatnonzero(group != UNKNOWN)
    n_groups = int(group.max(initial=UNKNOWN)) + 1
    entries = (np.ones(len(members), dtype=np.float32), (group[members], members))
    return csr_array(csr_array(entries, shape=(n_groups, len(group))) @ rows)


def _ranks(units: Sparse) -> Sparse:
    """The rank of each entry in its row, 1 for the largest; same places as `units`."""
    rows = entry_rows(units)
    order = np.lexsort((-units.data, rows))
    new_value = np.ones(len(order), dtype=bool)
    new_value[1:] = (rows[order][1:] != rows[order][:-1]) | (
        units.data[order][1:] != units.data[order][:-1]
    )
    first_alike = np.maximum.accumulate(np.where(new_value, np.arange(len(order)), 0))
    ranks = np.empty(len(order), dtype=np.float32)
    ranks[order] = first_alike - np.asarray(units.indptr)[rows[order]] + 1
    return csr_array((ranks, units.indices, units.indptr), shape=units.shape)


def _standard(values: Floats) -> Floats:
    """Z-scores over the candidates; zeros when all are alike."""
    spread = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
