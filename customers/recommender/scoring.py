"""From tables to numbers: one customer at a time, every candidate, in compiled loops.

Most features are zero, or the same, for most candidates. A score over all candidates therefore
starts from what is the same for everybody and touches only those candidates that her neighbours,
her items or her people lead to; means and spreads are those over *all* candidates nevertheless.
"""

from typing import NamedTuple

import numpy as np

from customers.recommender.arrays import Booleans, Floats, Integers
from customers.recommender.compiled import compiled
from customers.recommender.demand import LocalDemand
from customers.recommender.features import LARGEST_DEVIATION, NAMES, PLACE
from customers.recommender.habits import Labels, Prices
from customers.recommender.rows import Rows, kth_largest
from customers.recommender.signals import SIMILAR_DAYS
from customers.recommender.tables import Tables
from customers.recommender.together import Latent, Neighbours, Together

# The rows of `Desk.raw`, which are the first features, in their order.
FRESH, FORTNIGHT, MONTH, TOGETHER, SURELY, LATENT = 0, 1, 2, 3, 4, 5
NEAREST, LATELY, PROFILE, NEAREST_WANTED, PROFILE_WANTED = 6, 7, 8, 9, 10
N_RAW = 11
SUBCATEGORY, CATEGORY, BRAND = PLACE["subcategory"], PLACE["category"], PLACE["brand"]
PRICE, CITY, STORE, AGE_BAND = (PLACE[n] for n in ("price_fit", "city", "store", "age_band"))
SHARED = PLACE["buyers_week"]
N_FEATURES = len(NAMES)
LIMIT = np.float32(LARGEST_DEVIATION)
TINY = np.float32(1e-6)
SMALLEST_SHARE = np.float32(1e-4)


class Desk(NamedTuple):
    """Where one customer is worked out; used again for the next.

    `raw` [N_RAW, C]; `reached` lists the `n[0]` candidates at which it may be other than zero.
    `mean` and `scale` [K] make raw values z-scores. `habit` [3, labels] is her share of a label.
    `likeness` [pool] to each possible neighbour; `met` lists the `n[1]` of them above zero.
    """

    raw: Floats
    is_reached: Booleans
    reached: Integers
    nearest_item: Integers
    buyers: Integers
    price: Floats
    opinion: Floats
    habit: Floats
    likeness: Floats
    met: Integers
    mean: Floats
    scale: Floats
    n: Integers


def desk(tables: Tables) -> Desk:
    """A clean desk for these tables."""
    width, pool = len(tables.candidates), len(tables.neighbours.start) - 1
    widest = max(len(each.count) for each in (tables.subcategory, tables.category, tables.brand))
    return Desk(
        raw=np.zeros((N_RAW, width), dtype=np.float32),
        is_reached=np.zeros(width, dtype=np.bool_),
        reached=np.zeros(width, dtype=np.int32),
        nearest_item=np.full(width, -1, dtype=np.int32),
        buyers=np.zeros(width, dtype=np.int32),
        price=np.zeros(width, dtype=np.float32),
        opinion=np.zeros(width, dtype=np.float32),
        habit=np.zeros((3, widest), dtype=np.float32),
        likeness=np.zeros(pool, dtype=np.float32),
        met=np.zeros(pool, dtype=np.int32),
        mean=np.zeros(N_FEATURES, dtype=np.float32),
        scale=np.zeros(N_FEATURES, dtype=np.float32),
        n=np.zeros(2, dtype=np.int32),
    )


@compiled
def best_columns(
    tables: Tables,
    weights: Floats,
    base: Floats,
    customers: Integers,
    at: Desk,
    columns: Integers,
    scores: Floats,
) -> None:
    """Fills `columns` and `scores` [b, m] with her best candidates, by column; -1 for none.

    `base` [C] is what the features that are the same for everybody add up to. What she ever
    touched is left out.
    """
    width, wanted = len(base), columns.shape[1]
    total = np.empty(width, dtype=np.float32)
    for row in range(len(customers)):
        customer = customers[row]
        _work_out(tables, customer, at)
        _add_up(weights, base, at, total)
        _add_habit(tables.subcategory, 0, SUBCATEGORY, weights, at, total)
        _add_habit(tables.category, 1, CATEGORY, weights, at, total)
        _add_habit(tables.brand, 2, BRAND, weights, at, total)
        _add_local(tables.city, weights[CITY], customer, total)
        _add_local(tables.store, weights[STORE], customer, total)
        _add_local(tables.age_band, weights[AGE_BAND], customer, total)
        for entry in range(tables.touched_start[customer], tables.touched_start[customer + 1]):
            column = tables.column[tables.touched[entry]]
            if column >= 0:
                total[column] = -np.inf
        _select(total, wanted, columns[row], scores[row])
        _clear(at)


@compiled
def features_at(
    tables: Tables,
    customers: Integers,
    columns: Integers,
    at: Desk,
    values: Floats,
    opinion: Floats,
    buyers: Integers,
    nearest: Integers,
) -> None:
    """Fills what is known of each customer and each of `columns` [b, m], -1 left at zero.

    `values` [b, m, K] z-scores; `opinion` [b, m] what she said of it or of things like it;
    `buyers` [b, m] of her neighbours within `SIMILAR_DAYS`; `nearest` [b, m] the item she kept
    that is most like it, -1 for none.
    """
    for row in range(len(customers)):
        customer = customers[row]
        _work_out(tables, customer, at)
        for place in range(columns.shape[1]):
            column = columns[row, place]
            if column < 0:
                continue
            _features(tables, customer, column, at, values[row, place])
            opinion[row, place] = at.opinion[column]
            buyers[row, place] = at.buyers[column]
            nearest[row, place] = at.nearest_item[column]
        _clear(at)


@compiled
def _work_out(tables: Tables, customer: int, at: Desk) -> None:
    """All raw values of one customer, and the means and scales that make them z-scores."""
    at.mean[:] = 0.0
    at.scale[:] = 0.0
    near, kept = tables.neighbours, tables.kept
    _meet(kept, near, customer, at)
    _listen(near, at)
    _look_at_hers(kept, tables.together, tables.near, customer, at)
    _want(tables.demand.root, at)
    _hear_opinions(tables.opinions, tables.near, tables.column, customer, at)
    _standardise_reached(at, len(tables.candidates))
    _fold_in(kept, near.rarity, near.length[customer], tables.latent, customer, at)
    _weigh_habit(tables.subcategory, 0, SUBCATEGORY, kept, customer, at)
    _weigh_habit(tables.category, 1, CATEGORY, kept, customer, at)
    _weigh_habit(tables.brand, 2, BRAND, kept, customer, at)
    _compare_price(tables.prices, kept, customer, at)


@compiled
def _meet(kept: Rows, near: Neighbours, customer: int, at: Desk) -> None:
    """Her cosine with everybody in the pool who kept something she kept."""
    met = 0
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        item = kept.place[entry]
        weight = kept.value[entry] * near.rarity[item] / near.length[customer]
        for holder in range(near.holders.start[item], near.holders.start[item + 1]):
            other = near.holders.place[holder]
            if at.likeness[other] == 0.0:
                at.met[met] = other
                met += 1
            at.likeness[other] += weight * near.holders.value[holder]
    herself = near.of_customer[customer]
    if herself >= 0:
        at.likeness[herself] = 0.0
    at.n[1] = met


@compiled
def _listen(near: Neighbours, at: Desk) -> None:
    """What the nearest of them bought, and how many of them."""
    met = at.met[: at.n[1]]
    threshold = kth_largest(at.likeness[met], near.count)
    for other in met:
        likeness = at.likeness[other]
        at.likeness[other] = 0.0
        if likeness <= 0.0 or likeness < threshold:
            continue
        for entry in range(near.start[other], near.start[other + 1]):
            column, day = near.place[entry], near.day[entry]
            _reach(column, at.is_reached, at.reached, at.n)
            at.raw[FRESH, column] += likeness * near.fresh[entry]
            if day < 14:
                at.raw[FORTNIGHT, column] += likeness
            if day < 30:
                at.raw[MONTH, column] += likeness
            if day < SIMILAR_DAYS:
                at.buyers[column] += 1


@compiled
def _look_at_hers(kept: Rows, together: Together, near: Rows, customer: int, at: Desk) -> None:
    """What goes with the items she kept, and what is like them."""
    begin, end = kept.start[customer], kept.start[customer + 1]
    total = np.float32(0.0)
    for entry in range(begin, end):
        total += kept.value[entry]
    for entry in range(begin, end):
        item, weight = kept.place[entry], kept.value[entry]
        for other in range(together.start[item], together.start[item + 1]):
            column = together.place[other]
            _reach(column, at.is_reached, at.reached, at.n)
            at.raw[TOGETHER, column] += weight * together.cosine[other]
            at.raw[SURELY, column] += weight * together.shrunk[other]
        for other in range(near.start[item], near.start[item + 1]):
            column, likeness = near.place[other], near.value[other]
            _reach(column, at.is_reached, at.reached, at.n)
            at.raw[PROFILE, column] += weight * likeness / total
            at.raw[LATELY, column] = max(at.raw[LATELY, column], weight * likeness)
            if likeness > at.raw[NEAREST, column]:
                at.raw[NEAREST, column] = likeness
                at.nearest_item[column] = item


@compiled
def _want(root: Floats, at: Desk) -> None:
    """What is like hers and sells."""
    for place in range(at.n[0]):
        column = at.reached[place]
        at.raw[NEAREST_WANTED, column] = at.raw[NEAREST, column] * root[column]
        at.raw[PROFILE_WANTED, column] = at.raw[PROFILE, column] * root[column]


@compiled
def _hear_opinions(opinions: Rows, near: Rows, columns: Integers, customer: int, at: Desk) -> None:
    """What she said of an item counts for it, and by likeness for the candidates like it."""
    for entry in range(opinions.start[customer], opinions.start[customer + 1]):
        item, weight = opinions.place[entry], opinions.value[entry]
        own = columns[item]
        if own >= 0:
            _reach(own, at.is_reached, at.reached, at.n)
            at.opinion[own] += weight
        for other in range(near.start[item], near.start[item + 1]):
            column = near.place[other]
            if column != own:
                _reach(column, at.is_reached, at.reached, at.n)
                at.opinion[column] += weight * near.value[other]


@compiled
def _reach(column: int, is_reached: Booleans, reached: Integers, n: Integers) -> None:
    if not is_reached[column]:
        is_reached[column] = True
        reached[n[0]] = column
        n[0] += 1


@compiled
def _standardise_reached(at: Desk, width: int) -> None:
    """Mean and spread over all candidates, of which those not reached are zero."""
    for feature in range(N_RAW):
        if feature == LATENT:
            continue
        total, square = 0.0, 0.0
        for place in range(at.n[0]):
            value = at.raw[feature, at.reached[place]]
            total += value
            square += value * value
        _set_scale(feature, total / width, square / width, at.mean, at.scale)


@compiled
def _set_scale(
    feature: int, mean: float, mean_square: float, means: Floats, scales: Floats
) -> None:
    spread = np.sqrt(max(mean_square - mean * mean, 0.0))
    means[feature] = mean
    scales[feature] = 1.0 / spread if spread > TINY * max(abs(mean), 1e-3) else 0.0


@compiled
def _fold_in(
    kept: Rows, rarity: Floats, length: float, latent: Latent, customer: int, at: Desk
) -> None:
    """Her vector is the sum of her items'; the raw value is its product with the candidate's."""
    of_item, of_candidate = latent.of_item, latent.of_candidate
    size, width = of_item.shape[1], len(of_candidate)
    if size == 0:
        return
    hers = np.zeros(size, dtype=np.float32)
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        item = kept.place[entry]
        weight = kept.value[entry] * rarity[item] / length
        for each in range(size):
            hers[each] += weight * of_item[item, each]
    total, square = 0.0, 0.0
    for column in range(width):
        value = np.float32(0.0)
        for each in range(size):
            value += hers[each] * of_candidate[column, each]
        at.raw[LATENT, column] = value
        total += value
        square += value * value
    _set_scale(LATENT, total / width, square / width, at.mean, at.scale)


@compiled
def _weigh_habit(
    labels: Labels, row: int, feature: int, kept: Rows, customer: int, at: Desk
) -> None:
    """Her share of each label, one item's worth of everybody's habits added, and its lift.

    share = (hers + share of all) / (all hers + 1). The next feature is log(share / share of all).
    """
    n_labels, width = len(labels.count) - 1, len(labels.of_candidate)
    share, hers = at.habit[row], np.float32(0.0)
    share[: n_labels + 1] = labels.share
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        label = labels.of_item[kept.place[entry]]
        if label >= 0:
            share[label] += kept.value[entry]
            hers += kept.value[entry]
    roots, shares, lifts, lift_squares = 0.0, 0.0, 0.0, 0.0
    for label in range(n_labels + 1):
        share[label] /= hers + 1
        count, lift = labels.count[label], _lift(share[label], labels.share[label])
        roots += count * np.sqrt(share[label])
        shares += count * share[label]
        lifts += count * lift
        lift_squares += count * lift * lift
    _set_scale(feature, roots / width, shares / width, at.mean, at.scale)
    _set_scale(feature + 1, lifts / width, lift_squares / width, at.mean, at.scale)


@compiled
def _lift(share: float, of_all: float) -> float:
    return np.log((share + SMALLEST_SHARE) / (of_all + SMALLEST_SHARE))


@compiled
def _compare_price(prices: Prices, kept: Rows, customer: int, at: Desk) -> None:
    """Minus the distance from her usual price level; an unknown price is as far as the mean."""
    level = prices.level
    usual, known = 0.0, 0
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        if not np.isnan(level[kept.place[entry]]):
            usual += level[kept.place[entry]]
            known += 1
    at.price[:] = 0.0
    if known == 0:
        return
    usual /= known
    total, square, priced = 0.0, 0.0, 0
    for column in range(len(at.price)):
        distance = abs(prices.of_candidate[column] - usual)
        if not np.isnan(distance):
            at.price[column] = -distance
            total -= distance
            square += distance * distance
            priced += 1
    mean = total / max(priced, 1)
    for column in range(len(at.price)):
        if np.isnan(prices.of_candidate[column]):
            at.price[column] = mean
    if priced:
        _set_scale(PRICE, mean, square / priced, at.mean, at.scale)


@compiled
def _z(value: float, mean: float, scale: float) -> float:
    return min(max((value - mean) * scale, -LIMIT), LIMIT)


@compiled
def _add_up(weights: Floats, base: Floats, at: Desk, total: Floats) -> None:
    """The weighted sum of the features of her own over all candidates."""
    constant = np.float32(0.0)
    for feature in range(N_RAW):
        if feature != LATENT:
            constant += weights[feature] * _z(0.0, at.mean[feature], at.scale[feature])
    for column in range(len(base)):
        total[column] = (
            base[column]
            + constant
            + weights[LATENT] * _z(at.raw[LATENT, column], at.mean[LATENT], at.scale[LATENT])
            + weights[PRICE] * _z(at.price[column], at.mean[PRICE], at.scale[PRICE])
        )
    for place in range(at.n[0]):
        column = at.reached[place]
        total[column] += at.opinion[column] - constant
        for feature in range(N_RAW):
            if feature != LATENT:
                total[column] += weights[feature] * _z(
                    at.raw[feature, column], at.mean[feature], at.scale[feature]
                )


@compiled
def _add_habit(
    labels: Labels, row: int, feature: int, weights: Floats, at: Desk, total: Floats
) -> None:
    n_labels = len(labels.count) - 1
    value = np.empty(n_labels + 1, dtype=np.float32)
    for label in range(n_labels + 1):
        share = at.habit[row, label]
        lift = _lift(share, labels.share[label])
        value[label] = weights[feature] * _z(np.sqrt(share), at.mean[feature], at.scale[feature])
        value[label] += weights[feature + 1] * _z(lift, at.mean[feature + 1], at.scale[feature + 1])
    for column in range(len(total)):
        total[column] += value[labels.of_candidate[column]]  # -1 is the last: no label


@compiled
def _add_local(local: LocalDemand, weight: float, customer: int, total: Floats) -> None:
    group = local.group[customer]
    if group < 0 or weight == 0.0:
        return
    silent = local.silent[group]
    total += weight * silent
    for entry in range(local.rows.start[group], local.rows.start[group + 1]):
        total[local.rows.place[entry]] += weight * (local.rows.value[entry] - silent)


@compiled
def _features(tables: Tables, customer: int, column: int, at: Desk, values: Floats) -> None:
    for feature in range(N_RAW):
        values[feature] = _z(at.raw[feature, column], at.mean[feature], at.scale[feature])
    _habit_at(tables.subcategory, 0, SUBCATEGORY, column, at, values)
    _habit_at(tables.category, 1, CATEGORY, column, at, values)
    _habit_at(tables.brand, 2, BRAND, column, at, values)
    values[PRICE] = _z(at.price[column], at.mean[PRICE], at.scale[PRICE])
    values[CITY] = _local_at(tables.city, customer, column)
    values[STORE] = _local_at(tables.store, customer, column)
    values[AGE_BAND] = _local_at(tables.age_band, customer, column)
    for feature in range(SHARED, N_FEATURES):
        values[feature] = tables.demand.shared[feature - SHARED, column]


@compiled
def _habit_at(
    labels: Labels, row: int, feature: int, column: int, at: Desk, values: Floats
) -> None:
    label = labels.of_candidate[column]
    if label < 0:
        label = len(labels.count) - 1
    share = at.habit[row, label]
    values[feature] = _z(np.sqrt(share), at.mean[feature], at.scale[feature])
    values[feature + 1] = _z(
        _lift(share, labels.share[label]), at.mean[feature + 1], at.scale[feature + 1]
    )


@compiled
def _local_at(local: LocalDemand, customer: int, column: int) -> float:
    group = local.group[customer]
    if group < 0:
        return 0.0
    for entry in range(local.rows.start[group], local.rows.start[group + 1]):
        if local.rows.place[entry] == column:
            return local.rows.value[entry]
    return local.silent[group]


@compiled
def _select(total: Floats, wanted: int, columns: Integers, scores: Floats) -> None:
    """The best of the total, by column; -1 where there is no more."""
    threshold = kth_largest(total, wanted)
    above = 0
    for value in total:
        above += value > threshold
    level, filled = wanted - above, 0
    columns[:] = -1
    scores[:] = -np.inf
    for column in range(len(total)):
        value = total[column]
        is_level = value == threshold and level > 0
        if value > -np.inf and (value > threshold or is_level):
            level -= is_level
            columns[filled], scores[filled] = column, value
            filled += 1


@compiled
def _clear(at: Desk) -> None:
    for place in range(at.n[0]):
        column = at.reached[place]
        at.is_reached[column] = False
        at.nearest_item[column] = -1
        at.buyers[column] = 0
        at.opinion[column] = 0.0
        for feature in range(N_RAW):
            at.raw[feature, column] = 0.0
    at.n[:] = 0
