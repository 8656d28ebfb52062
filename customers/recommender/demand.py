"""What sells: everywhere, and to people of her city, her store and her age."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from customers.recommender.arrays import Floats, Integers, Sparse, entry_rows
from customers.recommender.compiled import compiled
from customers.recommender.facts import UNKNOWN, Interactions, Items
from customers.recommender.features import LARGEST_DEVIATION, standardised
from customers.recommender.histories import Histories
from customers.recommender.rows import Rows, rows_of

WEEK, FORTNIGHT, MONTH, ALWAYS = 7, 14, 30, 1_000_000
"""Days over which buyers are counted: the fresher beats the longer on some shops, not on all."""

FIRST_DAYS = 7.0
"""Days added to an item's age before its sales per day are taken: two days are no rate yet."""


class Demand(NamedTuple):
    """Z-scores [8, candidates] of the features from `buyers_week` on, in their order.

    `root` is the square root of 1 + the month's buyers [candidates].
    """

    shared: Floats
    root: Floats


class LocalDemand(NamedTuple):
    """Demand among people of one kind: `group` [n_customers], -1 unknown.

    `rows` [groups, candidates] holds z-scores where the group bought something, `silent` [groups]
    the z-score of everything else.
    """

    group: Integers
    rows: Rows
    silent: Floats


class UnitsSold(NamedTuple):
    """Units sold less returned lately, by group of people: what may be claimed.

    `units` and `ranks` are rows [groups, candidates] with the same places; rank 1 sold most,
    equals share the better rank.
    """

    group: Integers
    units: Rows
    ranks: Rows


def demand(histories: Histories, items: Items, candidates: Integers, level: Floats) -> Demand:
    """Counts different buyers in windows, and their pace since the launch.

    An item whose launch nobody told counts as arrived today. `level` is the price level of each
    item.
    """
    week, fortnight, month, ever = (
        buyers(histories, within=days, n_items=items.n_items)[candidates]
        for days in (WEEK, FORTNIGHT, MONTH, ALWAYS)
    )
    age = np.nan_to_num(np.maximum(items.launched[candidates], 0))
    pace = ever / (age + FIRST_DAYS)
    trend = np.log((week + 1) / (month * WEEK / MONTH + 1))
    logs = [np.log1p(each) for each in (week, fortnight, month, ever, pace)]
    values = np.stack([*logs, trend, np.nan_to_num(level[candidates]), age]).astype(np.float32)
    return Demand(standardised(values), np.sqrt(1 + month).astype(np.float32))


def buyers(histories: Histories, *, within: int, n_items: int) -> Floats:
    """Different customers who bought each item in the last days [n_items]."""
    recent = histories.touched[histories.last_sold < within]
    return np.bincount(recent, minlength=n_items).astype(np.float32)


def local_demand(
    group: Integers, histories: Histories, candidates: Integers, *, n_items: int, prior: float
) -> LocalDemand:
    """Log of the share among her people over the share among all, as z-scores.

    share = (buyers + prior x share among all) / (all their buyers + prior): Dirichlet smoothing
    (Zhai & Lafferty 2004).
    """
    lately = _recent_pairs(histories, candidates, n_items)
    counts = by_group(group, lately)
    total = np.asarray(counts.sum(axis=1)).reshape(-1)
    overall = buyers(histories, within=MONTH, n_items=n_items)[candidates] + 1
    overall /= max(float(overall.sum()), 1.0)
    row, column = entry_rows(counts), counts.indices
    silent = np.log(prior / (total + prior))
    value = np.log((counts.data / overall[column] + prior) / (total[row] + prior))
    return _standardised_rows(group, counts, value, silent)


def units_sold(
    group: Integers, lines: Interactions, candidates: Integers, *, within: int, n_items: int
) -> UnitsSold:
    """Counts the last `within` days."""
    column = _columns(candidates, n_items)[lines.item]
    recent = np.flatnonzero((lines.day < within) & (column >= 0))
    entries = (
        lines.quantity[recent].astype(np.float32),
        (lines.customer[recent], column[recent]),
    )
    units = by_group(group, csr_array(entries, shape=(len(group), len(candidates))))
    units.data = np.maximum(units.data, 0)
    units.eliminate_zeros()
    units.sort_indices()
    return UnitsSold(group, rows_of(units), rows_of(_ranks(units)))


def at(sold: UnitsSold, customers: Integers, columns: Integers) -> tuple[Integers, Integers]:
    """Units and rank at candidate `columns` [b, n], for her group; 0 and 0 where none."""
    units, ranks = np.zeros(columns.shape, np.int32), np.zeros(columns.shape, np.int32)
    _look_up(sold, customers, columns, units, ranks)
    return units, ranks


@compiled
def _look_up(
    sold: UnitsSold, customers: Integers, columns: Integers, units: Integers, ranks: Integers
) -> None:
    rows = sold.units
    for row in range(len(customers)):
        group = sold.group[customers[row]]
        if group < 0 or group + 1 >= len(rows.start):
            continue
        begin, end = rows.start[group], rows.start[group + 1]
        for place in range(columns.shape[1]):
            column = columns[row, place]
            found = begin + np.searchsorted(rows.place[begin:end], column)
            if column >= 0 and found < end and rows.place[found] == column:
                units[row, place] = rows.value[found]
                ranks[row, place] = sold.ranks.value[found]


def by_group(group: Integers, rows: Sparse) -> Sparse:
    """Sums the customers' rows by group [groups, columns]; the unknown group is left out."""
    members = np.flatnonzero(group != UNKNOWN)
    n_groups = int(group.max(initial=UNKNOWN)) + 1
    entries = (np.ones(len(members), dtype=np.float32), (group[members], members))
    return csr_array(csr_array(entries, shape=(n_groups, len(group))) @ rows)


def _recent_pairs(histories: Histories, candidates: Integers, n_items: int) -> Sparse:
    customer, item, _ = histories.recent(within=MONTH)
    column = _columns(candidates, n_items)[item]
    known = column >= 0
    entries = (np.ones(int(known.sum()), np.float32), (customer[known], column[known]))
    return csr_array(entries, shape=(histories.n_customers, len(candidates)))


def _columns(candidates: Integers, n_items: int) -> Integers:
    """The column of each item, -1 for one that is no candidate [n_items]."""
    column = np.full(n_items, UNKNOWN, dtype=np.int32)
    column[candidates] = np.arange(len(candidates), dtype=np.int32)
    return column


def _standardised_rows(
    group: Integers, counts: Sparse, value: Floats, silent: Floats
) -> LocalDemand:
    """Z-scores over all candidates of rows that are `silent` except where they have a value."""
    width = max(counts.shape[1], 1)
    row, filled = entry_rows(counts), np.diff(counts.indptr)
    total = np.bincount(row, weights=value, minlength=len(filled)) + (width - filled) * silent
    square = np.bincount(row, weights=value**2, minlength=len(filled))
    square = square + (width - filled) * silent**2
    mean = total / width
    spread = np.sqrt(np.maximum(square / width - mean**2, 0))
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-6)
    scores = np.clip((value - mean[row]) * scale[row], -LARGEST_DEVIATION, LARGEST_DEVIATION)
    rows = Rows(
        np.asarray(counts.indptr, dtype=np.int64),
        np.asarray(counts.indices, dtype=np.int32),
        scores.astype(np.float32),
    )
    rest = np.clip((silent - mean) * scale, -LARGEST_DEVIATION, LARGEST_DEVIATION)
    return LocalDemand(group, rows, rest.astype(np.float32))


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
