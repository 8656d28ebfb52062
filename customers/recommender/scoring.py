"""From tables to scores: one customer at a time, every candidate, in compiled loops.

A score over all candidates starts from what is the same for everybody, adds what is dense, and
touches for the rest only those candidates that her neighbours, her items or her people lead to.
"""

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Floats, Integers
from customers.recommender.compiled import compiled, inlined
from customers.recommender.demand import LocalDemand
from customers.recommender.desk import (
    BUYERS,
    HABITS,
    LATENT,
    LOCAL,
    N_FEATURES,
    N_RAW,
    OPINION,
    PRICE,
    SHARED,
    Desk,
    clear,
    z_score,
)
from customers.recommender.habits import Labels
from customers.recommender.readings import lift, work_out
from customers.recommender.shortlist import Flags, pick_best, shortlist
from customers.recommender.tables import BRAND, CATEGORY, STORE, SUBCATEGORY, Tables

Told = tuple[Floats, Floats, Integers, Integers]
"""Filled with what is known of each customer and each of some columns, -1 left at zero:

`values` [b, m, K] z-scores; `opinion` [b, m] what she said of it or of things like it; `buyers`
[b, m] of her neighbours within `SIMILAR_DAYS`; `nearest` [b, m] the item she kept that is most
like it, -1 for none.
"""
Found = tuple[Integers, Floats]
"""Filled with columns [b, m], ascending, -1 for none at the end, and their scores."""


def room_for(shape: tuple[int, ...]) -> Found:
    """To be filled."""
    return np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.float32)


def room_for_told(shape: tuple[int, int]) -> Told:
    """To be filled, and what stands there where a column is -1."""
    return (
        np.zeros((*shape, N_FEATURES), dtype=np.float32),
        np.zeros(shape, dtype=np.float32),
        np.zeros(shape, dtype=np.int32),
        np.full(shape, -1, dtype=np.int32),
    )


@compiled
def best_columns(
    tables: Tables,
    weights: Floats,
    base: Floats,
    gone: Flags,
    customers: Integers,
    at: Desk,
    closest: Found,
    best: Found,
    told: Told,
) -> None:
    """Her best candidates. What she ever touched is left out.

    Fills `closest` with the best of all, `best` with the best of what is not `gone` from her store
    (1 where it is [stores + 1, C], the last for no store), and what is `told` of `best`. `base` [C]
    is what the features that are the same for everybody add up to.
    """
    wanted = max(closest[0].shape[1], best[0].shape[1])
    for row in range(len(customers)):
        customer = customers[row]
        work_out(tables, customer, at)
        _add_up(tables, weights, base, customer, at)
        _bar_touched(tables.touched_start, tables.touched, tables.column, customer, at.total)
        missing = gone[tables.local[STORE].group[customer]]
        high = at.high[: shortlist(at.total, missing, wanted, at.high)]
        pick_best(at.total, high, closest[0][row], closest[1][row])
        pick_best(at.total, high[missing[high] == 0], best[0][row], best[1][row])
        _tell(tables, customer, best[0][row], row, at, told)
        clear(at)


@compiled
def best_by_each(
    tables: Tables,
    weights: Floats,
    base: Floats,
    customers: Integers,
    at: Desk,
    best: Found,
) -> None:
    """Her best candidates by each of some weights [W, K], which saves working her out so often.

    `base` is [W, C], as for `best_columns`; fills `best` [W, b, n].
    """
    nothing_gone = np.zeros(base.shape[1], dtype=np.uint8)
    for row in range(len(customers)):
        customer = customers[row]
        work_out(tables, customer, at)
        for each in range(len(weights)):
            _add_up(tables, weights[each], base[each], customer, at)
            _bar_touched(tables.touched_start, tables.touched, tables.column, customer, at.total)
            high = at.high[: shortlist(at.total, nothing_gone, best[0].shape[2], at.high)]
            pick_best(at.total, high, best[0][each, row], best[1][each, row])
        clear(at)


@compiled
def totals(
    tables: Tables, weights: Floats, base: Floats, customers: Integers, at: Desk, filled: Floats
) -> None:
    """Fills the score of every candidate from each customer [C, b].

    Minus infinity where she touched it; `base` as for `best_columns`.
    """
    for row in range(len(customers)):
        customer = customers[row]
        work_out(tables, customer, at)
        _add_up(tables, weights, base, customer, at)
        _bar_touched(tables.touched_start, tables.touched, tables.column, customer, at.total)
        filled[:, row] = at.total
        clear(at)


@compiled
def features_at(
    tables: Tables, customers: Integers, columns: Integers, at: Desk, told: Told
) -> None:
    """Fills what is told of each customer and each of `columns` [b, m]."""
    for row in range(len(customers)):
        work_out(tables, customers[row], at)
        _tell(tables, customers[row], columns[row], row, at, told)
        clear(at)


@inlined
def _bar_touched(
    start: npt.NDArray[np.int64],
    touched: Integers,
    columns: Integers,
    customer: int,
    total: Floats,
) -> None:
    for entry in range(start[customer], start[customer + 1]):
        column = columns[touched[entry]]
        if column >= 0:
            total[column] = -np.inf


@inlined
def _add_up(tables: Tables, weights: Floats, base: Floats, customer: int, at: Desk) -> None:
    """The weighted sum of all features over all candidates."""
    _add_dense(weights, base, at)
    _add_reached(weights, at)
    _add_habits(tables, weights, at)
    for row, local in enumerate(tables.local):
        _add_local(local, weights[LOCAL + row], customer, at.total)


@inlined
def _add_dense(weights: Floats, base: Floats, at: Desk) -> None:
    """Starts the total; `_add_reached` corrects what is assumed of those reached."""
    constant = _unreached(weights, at)
    total, latent, price = at.total, at.latent, at.price
    latent_weight, latent_mean, latent_scale = weights[LATENT], at.mean[LATENT], at.scale[LATENT]
    price_weight, price_mean, price_scale = weights[PRICE], at.mean[PRICE], at.scale[PRICE]
    for column in range(len(base)):
        total[column] = (
            base[column]
            + constant
            + latent_weight * z_score(latent[column], latent_mean, latent_scale)
            + price_weight * z_score(price[column], price_mean, price_scale)
        )


@inlined
def _unreached(weights: Floats, at: Desk) -> np.float32:
    """What the sparse features come to at a candidate that nothing leads to."""
    constant = np.float32(0.0)
    for feature in range(N_RAW):
        constant += weights[feature] * z_score(0.0, at.mean[feature], at.scale[feature])
    return constant


@inlined
def _add_reached(weights: Floats, at: Desk) -> None:
    raw, total, mean, scale = at.raw, at.total, at.mean, at.scale
    constant = _unreached(weights, at)
    for column in at.reached[: at.n[0]]:
        added = raw[column, OPINION] - constant
        for feature in range(N_RAW):
            value = z_score(raw[column, feature], mean[feature], scale[feature])
            added += weights[feature] * value
        total[column] += added


@inlined
def _add_habits(tables: Tables, weights: Floats, at: Desk) -> None:
    by_subcategory, by_category, by_brand = tables.habits
    of_subcategory = _habit_values(by_subcategory, SUBCATEGORY, weights, at)
    of_category = _habit_values(by_category, CATEGORY, weights, at)
    of_brand = _habit_values(by_brand, BRAND, weights, at)
    subcategory, category = by_subcategory.of_candidate, by_category.of_candidate
    brand, total = by_brand.of_candidate, at.total
    for column in range(len(total)):
        total[column] += (
            of_subcategory[subcategory[column]] + of_category[category[column]]
        ) + of_brand[brand[column]]


@inlined
def _habit_values(labels: Labels, row: int, weights: Floats, at: Desk) -> Floats:
    """What a candidate of each label gains [labels + 1]."""
    shares, of_all, mean, scale = at.habit[row], labels.share, at.mean, at.scale
    feature, value = HABITS + 2 * row, np.empty(len(labels.borne), dtype=np.float32)
    for label in range(len(value)):
        share = shares[label]
        its_lift = lift(share, of_all[label])
        value[label] = weights[feature] * z_score(np.sqrt(share), mean[feature], scale[feature])
        value[label] += weights[feature + 1] * z_score(
            its_lift, mean[feature + 1], scale[feature + 1]
        )
    return value


@inlined
def _add_local(local: LocalDemand, weight: float, customer: int, total: Floats) -> None:
    group = local.group[customer]
    if group < 0 or weight == 0.0:
        return
    columns, values, silent = local.rows.place, local.rows.value, local.silent[group]
    for column in range(len(total)):
        total[column] += weight * silent
    for entry in range(local.rows.start[group], local.rows.start[group + 1]):
        total[columns[entry]] += weight * (values[entry] - silent)


@inlined
def _tell(tables: Tables, customer: int, columns: Integers, row: int, at: Desk, told: Told) -> None:
    values = told[0][row]
    for place in range(len(columns)):
        column = columns[place]
        if column < 0:
            continue
        for feature in range(N_RAW):
            values[place, feature] = z_score(
                at.raw[column, feature], at.mean[feature], at.scale[feature]
            )
        values[place, LATENT] = z_score(at.latent[column], at.mean[LATENT], at.scale[LATENT])
        values[place, PRICE] = z_score(at.price[column], at.mean[PRICE], at.scale[PRICE])
        for feature in range(SHARED, N_FEATURES):
            values[place, feature] = tables.demand.shared[feature - SHARED, column]
        told[1][row, place] = at.raw[column, OPINION]
        told[2][row, place] = np.int32(at.raw[column, BUYERS])
        told[3][row, place] = at.nearest_item[column]
    for habit, labels in enumerate(tables.habits):
        _tell_habit(labels, habit, columns, at, values)
    for group, local in enumerate(tables.local):
        _tell_local(local, LOCAL + group, customer, columns, values)


@inlined
def _tell_habit(labels: Labels, row: int, columns: Integers, at: Desk, values: Floats) -> None:
    of_candidate, of_all, shares = labels.of_candidate, labels.share, at.habit[row]
    mean, scale, feature = at.mean, at.scale, HABITS + 2 * row
    for place in range(len(columns)):
        if columns[place] < 0:
            continue
        label = of_candidate[columns[place]]
        its_lift = lift(shares[label], of_all[label])
        values[place, feature] = z_score(np.sqrt(shares[label]), mean[feature], scale[feature])
        values[place, feature + 1] = z_score(its_lift, mean[feature + 1], scale[feature + 1])


@inlined
def _tell_local(
    local: LocalDemand, feature: int, customer: int, columns: Integers, values: Floats
) -> None:
    group = local.group[customer]
    places, scores = local.rows.place, local.rows.value
    for each in range(len(columns)):
        if columns[each] < 0:
            continue
        values[each, feature] = 0.0
        if group < 0:
            continue
        low, high = local.rows.start[group], local.rows.start[group + 1]
        end = high
        while low < high:  # the columns of a row ascend
            middle = (low + high) // 2
            if places[middle] < columns[each]:
                low = middle + 1
            else:
                high = middle
        is_there = low < end and places[low] == columns[each]
        values[each, feature] = scores[low] if is_there else local.silent[group]
