"""What the tables say of one customer and every candidate: raw values, their means and spreads.

Neighbours, items bought together and items alike lead to a few candidates and say nothing of the
others; means and spreads are those over *all* candidates nevertheless.
"""

import numpy as np

from customers.recommender.arrays import Booleans, Floats, Integers
from customers.recommender.compiled import inlined
from customers.recommender.desk import (
    BUYERS,
    FORTNIGHT,
    FRESH,
    HABITS,
    LATELY,
    LATENT,
    MONTH,
    N_FEATURES,
    N_RAW,
    NEAREST,
    NEAREST_WANTED,
    OPINION,
    PRICE,
    PROFILE,
    PROFILE_WANTED,
    SURELY,
    TINY,
    TOGETHER,
    Desk,
    set_scale,
)
from customers.recommender.habits import Labels, Prices
from customers.recommender.rows import Rows, kth_largest
from customers.recommender.signals import SIMILAR_DAYS
from customers.recommender.tables import Tables
from customers.recommender.together import Latent, Neighbours, Together

FORTNIGHT_DAYS, MONTH_DAYS = 14, 30
SMALLEST_SHARE = np.float32(1e-4)


@inlined
def work_out(tables: Tables, customer: int, at: Desk) -> None:
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
    _standardise_reached(at)
    _fold_in(kept, near.rarity, near.length[customer], tables.latent, customer, at)
    for row, labels in enumerate(tables.habits):
        _weigh_habit(labels, row, kept, customer, at)
    _compare_price(tables.prices, kept, customer, at)


@inlined
def _reach(column: int, is_reached: Booleans, reached: Integers, n_reached: int) -> int:
    """Notes a candidate that was not reached before; answers how many are now.

    Written down at once and counted if new: whether it is new, no processor can foresee.
    """
    reached[n_reached] = column
    n_reached += not is_reached[column]
    is_reached[column] = True
    return n_reached


@inlined
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
            other, before = holders[holder], likeness[holders[holder]]
            likeness[other] = before + weight * shares[holder]
            met[n_met] = other
            n_met += before == 0.0 and likeness[other] > 0.0
    herself = near.of_customer[customer]
    if herself >= 0:
        likeness[herself] = 0.0
    at.n[1] = n_met


@inlined
def _listen(near: Neighbours, at: Desk) -> None:
    """What the nearest of them bought, and how many of them."""
    start, columns, days, freshness = near.start, near.place, near.day, near.fresh
    raw, all_likeness = at.raw, at.likeness
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
            n_reached = _reach(column, is_reached, reached, n_reached)
            raw[column, FRESH] += likeness * freshness[entry]
            raw[column, FORTNIGHT] += likeness * (day < FORTNIGHT_DAYS)
            raw[column, MONTH] += likeness * (day < MONTH_DAYS)
            raw[column, BUYERS] += day < SIMILAR_DAYS
    at.n[0] = n_reached


@inlined
def _go_together(kept: Rows, together: Together, customer: int, at: Desk) -> None:
    """What goes with the items she kept."""
    items, weights, start, columns = kept.place, kept.value, together.start, together.place
    cosine, shrunk = together.cosine, together.shrunk
    raw, is_reached, reached, n_reached = at.raw, at.is_reached, at.reached, at.n[0]
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        item, weight = items[entry], weights[entry]
        for other in range(start[item], start[item + 1]):
            column = columns[other]
            n_reached = _reach(column, is_reached, reached, n_reached)
            raw[column, TOGETHER] += weight * cosine[other]
            raw[column, SURELY] += weight * shrunk[other]
    at.n[0] = n_reached


@inlined
def _resemble(kept: Rows, near: Rows, root: Floats, customer: int, at: Desk) -> None:
    """What is like the items she kept, and of that what sells."""
    items, weights = kept.place, kept.value
    start, columns, likenesses = near.start, near.place, near.value
    raw, nearest_item = at.raw, at.nearest_item
    is_reached, reached, n_reached = at.is_reached, at.reached, at.n[0]
    begin, end = kept.start[customer], kept.start[customer + 1]
    total = np.float32(0.0)
    for entry in range(begin, end):
        total += weights[entry]
    for entry in range(begin, end):
        item, weight = items[entry], weights[entry]
        for other in range(start[item], start[item + 1]):
            column, likeness = columns[other], likenesses[other]
            n_reached = _reach(column, is_reached, reached, n_reached)
            raw[column, PROFILE] += weight * likeness / total
            raw[column, LATELY] = max(raw[column, LATELY], weight * likeness)
            is_nearer = likeness > raw[column, NEAREST]
            raw[column, NEAREST] = likeness if is_nearer else raw[column, NEAREST]
            nearest_item[column] = item if is_nearer else nearest_item[column]
    at.n[0] = n_reached
    for column in reached[:n_reached]:
        raw[column, NEAREST_WANTED] = raw[column, NEAREST] * root[column]
        raw[column, PROFILE_WANTED] = raw[column, PROFILE] * root[column]


@inlined
def _hear_opinions(opinions: Rows, near: Rows, columns: Integers, customer: int, at: Desk) -> None:
    """What she said of an item counts for it, and by likeness for the candidates like it."""
    raw, is_reached, reached, n_reached = at.raw, at.is_reached, at.reached, at.n[0]
    for entry in range(opinions.start[customer], opinions.start[customer + 1]):
        item, weight = opinions.place[entry], opinions.value[entry]
        own = columns[item]
        if own >= 0:
            n_reached = _reach(own, is_reached, reached, n_reached)
            raw[own, OPINION] += weight
        for other in range(near.start[item], near.start[item + 1]):
            column = near.place[other]
            if column != own:
                n_reached = _reach(column, is_reached, reached, n_reached)
                raw[column, OPINION] += weight * near.value[other]
    at.n[0] = n_reached


@inlined
def _standardise_reached(at: Desk) -> None:
    """Mean and spread over all candidates, of which those not reached are zero."""
    raw, width = at.raw, len(at.raw)
    total, square = np.zeros((2, N_RAW), dtype=np.float64)
    for column in at.reached[: at.n[0]]:
        for feature in range(N_RAW):
            value = float(raw[column, feature])
            total[feature] += value
            square[feature] += value * value
    for feature in range(N_RAW):
        set_scale(feature, total[feature] / width, square[feature] / width, at)


@inlined
def _fold_in(
    kept: Rows, rarity: Floats, length: float, latent: Latent, customer: int, at: Desk
) -> None:
    """Her vector is the sum of her items'; the raw value is its product with the candidate's."""
    of_item, of_candidate = latent.of_item, latent.of_candidate
    items, weights, raw = kept.place, kept.value, at.latent
    size, width = of_candidate.shape
    if size == 0:
        return
    hers = np.zeros(size, dtype=np.float32)
    for entry in range(kept.start[customer], kept.start[customer + 1]):
        item = items[entry]
        weight = weights[entry] * rarity[item] / length
        for each in range(size):
            hers[each] += weight * of_item[item, each]
    raw[:] = 0.0
    for each in range(size):
        weight, its_values = hers[each], of_candidate[each]
        for column in range(width):
            raw[column] += weight * its_values[column]
    mean, square = 0.0, 0.0
    for each in range(size):
        mean += hers[each] * latent.mean[each]
        for other in range(size):
            square += float(hers[each]) * hers[other] * latent.moments[each, other]
    set_scale(LATENT, mean, square, at)


@inlined
def _weigh_habit(labels: Labels, row: int, kept: Rows, customer: int, at: Desk) -> None:
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
        count, its_lift = counts[label], lift(share[label], of_all[label])
        roots += count * np.sqrt(share[label])
        shares += count * share[label]
        lifts += count * its_lift
        lift_squares += count * its_lift * its_lift
    feature = HABITS + 2 * row
    set_scale(feature, roots / width, shares / width, at)
    set_scale(feature + 1, lifts / width, lift_squares / width, at)


@inlined
def lift(share: float, of_all: float) -> np.float32:
    """How much more than others; of what nobody ever bought, not at all."""
    return np.float32(np.log((share + SMALLEST_SHARE) / (of_all + SMALLEST_SHARE)))


@inlined
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
    set_scale(PRICE, mean, square / priced, at)
