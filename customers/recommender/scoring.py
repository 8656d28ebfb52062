"""From tables to numbers: one customer at a time, every candidate, in compiled loops.

Most features are zero, or the same, for most candidates. A score over all candidates therefore
starts from what is the same for everybody and touches only those candidates that her neighbours,
her items or her people lead to; means and spreads are those over *all* candidates nevertheless.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Booleans, Floats, Integers
from customers.recommender.compiled import compiled
from customers.recommender.demand import LocalDemand
from customers.recommender.features import LARGEST_DEVIATION, NAMES, PLACE
from customers.recommender.habits import Labels, Prices
from customers.recommender.rows import Rows, Starts, kth_largest
from customers.recommender.signals import SIMILAR_DAYS
from customers.recommender.tables import Tables
from customers.recommender.together import Latent, Neighbours, Together

Flags: TypeAlias = npt.NDArray[np.uint8]
Number: TypeAlias = float | np.floating[Any]

# The rows of `Desk.raw`, which are the first features, in their order.
FRESH, FORTNIGHT, MONTH, TOGETHER, SURELY, LATENT = 0, 1, 2, 3, 4, 5
NEAREST, LATELY, PROFILE, NEAREST_WANTED, PROFILE_WANTED = 6, 7, 8, 9, 10
N_RAW = 11
SUBCATEGORY, CATEGORY, BRAND = PLACE["subcategory"], PLACE["category"], PLACE["brand"]
PRICE, CITY, STORE, AGE_BAND = (PLACE[n] for n in ("price_fit", "city", "store", "age_band"))
SHARED = PLACE["buyers_week"]
N_FEATURES = len(NAMES)
FORTNIGHT_DAYS, MONTH_DAYS = 14, 30
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
    widest = max(len(each.borne) for each in (tables.subcategory, tables.category, tables.brand))
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
    gone: Flags,
    customers: Integers,
    at: Desk,
    closest: Integers,
    closest_scores: Floats,
    columns: Integers,
    scores: Floats,
    values: Floats,
    opinion: Floats,
    buyers: Integers,
    nearest: Integers,
) -> None:
    """Her best candidates, by column; -1 for none. What she ever touched is left out.

    Fills `closest` [b, l] with the best of all, `columns` [b, m] with the best of what is not
    `gone` from her store (1 where it is [stores + 1, C], the last for no store), the scores of
    both, and for `columns` what `features_at` tells. `base` [C] is what the features that are the
    same for everybody add up to.
    """
    total = np.empty(len(base), dtype=np.float32)
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
        _bar_touched(tables.touched_start, tables.touched, tables.column, customer, total)
        _select(total, closest[row], closest_scores[row])
        _bar_gone(gone[tables.store.group[customer]], total)
        _select(total, columns[row], scores[row])
        _tell(tables, customer, columns[row], at, values[row])
        _tell_more(columns[row], at, opinion[row], buyers[row], nearest[row])
        _clear(at)


@compiled
def _bar_touched(
    start: Starts, touched: Integers, columns: Integers, customer: int, total: Floats
) -> None:
    for entry in range(start[customer], start[customer + 1]):
        column = columns[touched[entry]]
        if column >= 0:
            total[column] = -np.inf


@compiled
def _bar_gone(gone: Flags, total: Floats) -> None:
    for column in range(len(total)):
        if gone[column]:
            total[column] = -np.inf


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
        _tell(tables, customer, columns[row], at, values[row])
        _tell_more(columns[row], at, opinion[row], buyers[row], nearest[row])
        _clear(at)


@compiled
def _work_out(tables: Tables, customer: int, at: Desk) -> None:
    """All raw values of one customer, and the means and scales that make them z-scores."""
    for feature in range(N_FEATURES):
        at.mean[feature] = 0.0
        at.scale[feature] = 0.0
    near, kept = tables.neighbours, tables.kept
    _meet(kept, near, customer, at)
    _listen(near, at)
    _go_together(kept, tables.together, customer, at)
    _resemble(kept, tables.near, tables.demand.root, customer, at)
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
    items, weights, rarity = kept.place, kept.value, near.rarity
    holder_start, holders, shares = near.holders.start, near.holders.place, near.holders.value
    likeness, met, n_met = at.likeness, at.met, 0
    length = near.length[customer]
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        item = items[entry]
        weight = weights[entry] * rarity[item] / length
        for holder in range(holder_start[item], holder_start[item + 1]):
            other, added = holders[holder], weight * shares[holder]
            if added == 0.0:  # too small for a number: she would be met twice
                continue
            if likeness[other] == 0.0:
                met[n_met] = other
                n_met += 1
            likeness[other] += added
    herself = near.of_customer[customer]
    if herself >= 0:
        likeness[herself] = 0.0
    at.n[1] = n_met


@compiled
def _listen(near: Neighbours, at: Desk) -> None:
    """What the nearest of them bought, and how many of them."""
    start, columns, days, freshness = near.start, near.place, near.day, near.fresh
    fresh, fortnight, month = at.raw[FRESH], at.raw[FORTNIGHT], at.raw[MONTH]
    buyers, all_likeness = at.buyers, at.likeness
    is_reached, reached, n_reached = at.is_reached, at.reached, at.n[0]
    met = at.met[: at.n[1]]
    threshold = max(kth_largest(all_likeness[met], near.heard), TINY)
    for other in met:
        likeness = all_likeness[other]
        all_likeness[other] = 0.0
        if likeness < threshold:
            continue
        for entry in range(start[other], start[other + 1]):
            column, day = columns[entry], days[entry]
            if not is_reached[column]:
                is_reached[column] = True
                reached[n_reached] = column
                n_reached += 1
            fresh[column] += likeness * freshness[entry]
            if day < FORTNIGHT_DAYS:
                fortnight[column] += likeness
            if day < MONTH_DAYS:
                month[column] += likeness
            if day < SIMILAR_DAYS:
                buyers[column] += 1
    at.n[0] = n_reached


@compiled
def _go_together(kept: Rows, together: Together, customer: int, at: Desk) -> None:
    """What goes with the items she kept."""
    items, weights = kept.place, kept.value
    start, columns, cosine, shrunk = (
        together.start,
        together.place,
        together.cosine,
        together.shrunk,
    )
    plain, sure = at.raw[TOGETHER], at.raw[SURELY]
    is_reached, reached, n_reached = at.is_reached, at.reached, at.n[0]
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        item, weight = items[entry], weights[entry]
        for other in range(start[item], start[item + 1]):
            column = columns[other]
            if not is_reached[column]:
                is_reached[column] = True
                reached[n_reached] = column
                n_reached += 1
            plain[column] += weight * cosine[other]
            sure[column] += weight * shrunk[other]
    at.n[0] = n_reached


@compiled
def _resemble(kept: Rows, near: Rows, root: Floats, customer: int, at: Desk) -> None:
    """What is like the items she kept, and of that what sells."""
    items, weights = kept.place, kept.value
    start, columns, likenesses = near.start, near.place, near.value
    nearest, lately, profile = at.raw[NEAREST], at.raw[LATELY], at.raw[PROFILE]
    is_reached, reached, n_reached = at.is_reached, at.reached, at.n[0]
    nearest_item = at.nearest_item
    begin, end = kept.start[customer], kept.start[customer + 1]
    total = np.float32(0.0)
    for entry in range(begin, end):
        total += weights[entry]
    for entry in range(begin, end):
        item, weight = items[entry], weights[entry]
        for other in range(start[item], start[item + 1]):
            column, likeness = columns[other], likenesses[other]
            if not is_reached[column]:
                is_reached[column] = True
                reached[n_reached] = column
                n_reached += 1
            profile[column] += weight * likeness / total
            lately[column] = max(lately[column], weight * likeness)
            if likeness > nearest[column]:
                nearest[column] = likeness
                nearest_item[column] = item
    at.n[0] = n_reached
    nearest_wanted, profile_wanted = at.raw[NEAREST_WANTED], at.raw[PROFILE_WANTED]
    for place in range(n_reached):
        column = reached[place]
        nearest_wanted[column] = nearest[column] * root[column]
        profile_wanted[column] = profile[column] * root[column]


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
    reached = at.reached[: at.n[0]]
    for feature in range(N_RAW):
        if feature == LATENT:
            continue
        raw, total, square = at.raw[feature], 0.0, 0.0
        for column in reached:
            value = raw[column]
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
    items, weights, raw = kept.place, kept.value, at.raw[LATENT]
    size, width = of_item.shape[1], len(of_candidate)
    if size == 0:
        return
    hers = np.zeros(size, dtype=np.float32)
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        item = items[entry]
        weight = weights[entry] * rarity[item] / length
        for each in range(size):
            hers[each] += weight * of_item[item, each]
    total, square = 0.0, 0.0
    for column in range(width):
        value = np.float32(0.0)
        for each in range(size):
            value += hers[each] * of_candidate[column, each]
        raw[column] = value
        total += float(value)
        square += float(value) * float(value)
    _set_scale(LATENT, total / width, square / width, at.mean, at.scale)


@compiled
def _weigh_habit(
    labels: Labels, row: int, feature: int, kept: Rows, customer: int, at: Desk
) -> None:
    """Her share of each label, one item's worth of everybody's habits added, and its lift.

    share = (hers + share of all) / (all hers + 1). The next feature is log(share / share of all).
    """
    items, weights, of_item = kept.place, kept.value, labels.of_item
    counts, of_all = labels.borne, labels.share
    n_labels, width = len(counts) - 1, len(labels.of_candidate)
    share, hers = at.habit[row], np.float32(0.0)
    for label in range(n_labels + 1):
        share[label] = of_all[label]
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        label = of_item[items[entry]]
        if label >= 0:
            share[label] += weights[entry]
            hers += weights[entry]
    roots, shares, lifts, lift_squares = 0.0, 0.0, 0.0, 0.0
    for label in range(n_labels + 1):
        share[label] /= hers + 1
        count, lift = counts[label], _lift(share[label], of_all[label])
        roots += count * np.sqrt(share[label])
        shares += count * share[label]
        lifts += count * lift
        lift_squares += count * lift * lift
    _set_scale(feature, roots / width, shares / width, at.mean, at.scale)
    _set_scale(feature + 1, lifts / width, lift_squares / width, at.mean, at.scale)


@compiled
def _lift(share: float, of_all: float) -> np.float32:
    return np.float32(np.log((share + SMALLEST_SHARE) / (of_all + SMALLEST_SHARE)))


@compiled
def _compare_price(prices: Prices, kept: Rows, customer: int, at: Desk) -> None:
    """Minus the distance from her usual price level; an unknown price is as far as the mean.

    Mean and spread are those of the candidates whose price is known.
    """
    level, of_candidate, price, items = prices.level, prices.of_candidate, at.price, kept.place
    usual, known = 0.0, 0
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        if not np.isnan(level[items[entry]]):
            usual += float(level[items[entry]])
            known += 1
    for column in range(len(price)):
        price[column] = 0.0
    if known == 0:
        return
    usual = usual / known
    total, square, priced = 0.0, 0.0, 0
    for column in range(len(price)):
        distance = abs(of_candidate[column] - usual)
        if not np.isnan(distance):
            price[column] = -distance
            total -= distance
            square += distance * distance
            priced += 1
    if priced == 0:
        return
    mean = total / priced
    if priced < len(price):
        for column in range(len(price)):
            if np.isnan(of_candidate[column]):
                price[column] = mean
    _set_scale(PRICE, mean, square / priced, at.mean, at.scale)


@compiled
def _z(value: Number, mean: float, scale: float) -> np.float32:
    score = (value - mean) * scale
    return np.float32(LIMIT if score > LIMIT else -LIMIT if score < -LIMIT else score)


@compiled
def _add_up(weights: Floats, base: Floats, at: Desk, total: Floats) -> None:
    """The weighted sum of the features of her own over all candidates."""
    mean, scale, reached = at.mean, at.scale, at.reached[: at.n[0]]
    constant = np.float32(0.0)
    for feature in range(N_RAW):
        if feature != LATENT:
            constant += weights[feature] * _z(0.0, mean[feature], scale[feature])
    latent, price = at.raw[LATENT], at.price
    latent_mean, latent_scale = mean[LATENT], scale[LATENT]
    price_mean, price_scale = mean[PRICE], scale[PRICE]
    for column in range(len(base)):
        total[column] = (
            base[column]
            + constant
            + weights[LATENT] * _z(latent[column], latent_mean, latent_scale)
            + weights[PRICE] * _z(price[column], price_mean, price_scale)
        )
    opinion = at.opinion
    for column in reached:
        total[column] += opinion[column] - constant
    for feature in range(N_RAW):
        if feature != LATENT and scale[feature] > 0.0:
            raw, weight = at.raw[feature], weights[feature]
            feature_mean, feature_scale = mean[feature], scale[feature]
            for column in reached:
                total[column] += weight * _z(raw[column], feature_mean, feature_scale)


@compiled
def _add_habit(
    labels: Labels, row: int, feature: int, weights: Floats, at: Desk, total: Floats
) -> None:
    shares, of_all, mean, scale = at.habit[row], labels.share, at.mean, at.scale
    n_labels = len(labels.borne) - 1
    value = np.empty(n_labels + 1, dtype=np.float32)
    for label in range(n_labels + 1):
        share = shares[label]
        lift = _lift(share, of_all[label])
        value[label] = weights[feature] * _z(np.sqrt(share), mean[feature], scale[feature])
        value[label] += weights[feature + 1] * _z(lift, mean[feature + 1], scale[feature + 1])
    of_candidate = labels.of_candidate
    for column in range(len(total)):
        total[column] += value[of_candidate[column]]  # -1 is the last: no label


@compiled
def _add_local(local: LocalDemand, weight: float, customer: int, total: Floats) -> None:
    group = local.group[customer]
    if group < 0 or weight == 0.0:
        return
    columns, values, silent = local.rows.place, local.rows.value, local.silent[group]
    for column in range(len(total)):
        total[column] += weight * silent
    for entry in range(local.rows.start[group], local.rows.start[group + 1]):
        total[columns[entry]] += weight * (values[entry] - silent)


@compiled
def _tell(tables: Tables, customer: int, columns: Integers, at: Desk, values: Floats) -> None:
    """The z-scores of all features at some columns [m, K]; -1 is passed over."""
    for feature in range(N_RAW):
        _tell_raw(feature, columns, at.raw[feature], at.mean, at.scale, values)
    _tell_raw(PRICE, columns, at.price, at.mean, at.scale, values)
    _tell_habit(tables.subcategory, 0, SUBCATEGORY, columns, at, values)
    _tell_habit(tables.category, 1, CATEGORY, columns, at, values)
    _tell_habit(tables.brand, 2, BRAND, columns, at, values)
    _tell_local(tables.city, CITY, customer, columns, values)
    _tell_local(tables.store, STORE, customer, columns, values)
    _tell_local(tables.age_band, AGE_BAND, customer, columns, values)
    shared = tables.demand.shared
    for place in range(len(columns)):
        if columns[place] >= 0:
            for feature in range(SHARED, N_FEATURES):
                values[place, feature] = shared[feature - SHARED, columns[place]]


@compiled
def _tell_raw(
    feature: int, columns: Integers, raw: Floats, means: Floats, scales: Floats, values: Floats
) -> None:
    mean, scale = means[feature], scales[feature]
    for place in range(len(columns)):
        if columns[place] >= 0:
            values[place, feature] = _z(raw[columns[place]], mean, scale)


@compiled
def _tell_habit(
    labels: Labels, row: int, feature: int, columns: Integers, at: Desk, values: Floats
) -> None:
    of_candidate, of_all, shares = labels.of_candidate, labels.share, at.habit[row]
    mean, scale = at.mean, at.scale
    for place in range(len(columns)):
        if columns[place] < 0:
            continue
        label = of_candidate[columns[place]]
        if label < 0:
            label = len(of_all) - 1
        lift = _lift(shares[label], of_all[label])
        values[place, feature] = _z(np.sqrt(shares[label]), mean[feature], scale[feature])
        values[place, feature + 1] = _z(lift, mean[feature + 1], scale[feature + 1])


@compiled
def _tell_local(
    local: LocalDemand, feature: int, customer: int, columns: Integers, values: Floats
) -> None:
    group = local.group[customer]
    if group < 0:
        for each in range(len(columns)):
            if columns[each] >= 0:
                values[each, feature] = 0.0
        return
    places, scores = local.rows.place, local.rows.value
    begin, end = local.rows.start[group], local.rows.start[group + 1]
    for each in range(len(columns)):
        if columns[each] < 0:
            continue
        low, high = begin, end
        while low < high:  # the columns of a row ascend
            middle = (low + high) // 2
            if places[middle] < columns[each]:
                low = middle + 1
            else:
                high = middle
        is_there = low < end and places[low] == columns[each]
        values[each, feature] = scores[low] if is_there else local.silent[group]


@compiled
def _tell_more(
    columns: Integers, at: Desk, opinion: Floats, buyers: Integers, nearest: Integers
) -> None:
    opinions, counts, items = at.opinion, at.buyers, at.nearest_item
    for place in range(len(columns)):
        column = columns[place]
        if column >= 0:
            opinion[place] = opinions[column]
            buyers[place] = counts[column]
            nearest[place] = items[column]


@compiled
def _select(total: Floats, columns: Integers, scores: Floats) -> None:
    """The best of the total, by column; -1 where there is no more."""
    wanted, above, filled = len(columns), 0, 0
    threshold = _threshold(total, wanted)
    for value in total:
        above += value > threshold
    level = wanted - above
    for place in range(wanted):
        columns[place], scores[place] = -1, -np.inf
    for column in range(len(total)):
        value = total[column]
        is_level = value == threshold and level > 0
        if value > -np.inf and (value > threshold or is_level):
            level -= is_level
            columns[filled], scores[filled] = column, value
            filled += 1


@compiled
def _threshold(total: Floats, wanted: int) -> np.float32:
    """The `wanted`-th largest value, looked for only among those that can be it.

    Of as many stretches as are wanted each has a largest value; none of the wanted is below the
    smallest of these.
    """
    stretch = len(total) // wanted
    if stretch < 2:
        return kth_largest(total, wanted)
    bound = np.float32(np.inf)
    for start in range(0, stretch * wanted, stretch):
        best = total[start]
        for place in range(start + 1, start + stretch):
            best = max(best, total[place])
        bound = min(bound, best)
    high, filled = np.empty(len(total), dtype=np.float32), 0
    for value in total:
        if value >= bound:
            high[filled] = value
            filled += 1
    return kth_largest(high[:filled], wanted) if filled > wanted else bound


@compiled
def _clear(at: Desk) -> None:
    reached = at.reached[: at.n[0]]
    is_reached, nearest_item, buyers, opinion = (
        at.is_reached,
        at.nearest_item,
        at.buyers,
        at.opinion,
    )
    for column in reached:
        is_reached[column] = False
        nearest_item[column] = -1
        buyers[column] = 0
        opinion[column] = 0.0
    for feature in range(N_RAW):
        raw = at.raw[feature]
        for column in reached:
            raw[column] = 0.0
    at.n[0] = at.n[1] = 0
