"""Many signals into one score, and the best of it without three colours of one shoe."""

import numpy as np

from customers.recommender.arrays import Booleans, Columns, Floats, Integers

FIRST_PLACES = 3
"""Among so many first places the same thing in another colour or size stands once."""

_LAST_RESORT = np.float32(1e6)


def standardise(values: Floats, allowed: Booleans, *, largest: float) -> Floats:
    """Z-scores within each customer over the candidates allowed to her; 0 elsewhere.

    Combining z-scores linearly: Montague & Aslam 2001. A row without differences becomes zeros:
    a signal that knows nothing of her says nothing. Cut at +-`largest`, so that one signal that
    is nearly always silent cannot outvote all others.
    """
    count = np.maximum(allowed.sum(axis=1, keepdims=True), 1).astype(np.float32)
    centred = np.where(allowed, values, np.float32(0))
    centred -= centred.sum(axis=1, keepdims=True) / count
    centred *= allowed
    spread = np.sqrt((centred * centred).sum(axis=1, keepdims=True) / count)
    tiny = 1e-6 * np.maximum(np.abs(values).max(axis=1, keepdims=True, initial=0), 1e-12)
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > tiny)
    return np.asarray(np.clip(centred * scale, -largest, largest), dtype=np.float32)


def best(scores: Floats, allowed: Booleans, keep: int) -> Columns:
    """Columns of the `keep` best allowed candidates, best first; equals by column.

    [b, min(keep, candidates)]; a customer with fewer allowed has the others behind them.
    """
    masked = np.where(allowed, scores, -np.inf).astype(np.float32)
    keep = min(keep, masked.shape[1])
    if keep == 0:
        return np.zeros((len(masked), 0), dtype=np.intp)
    edge = -np.partition(-masked, keep - 1, axis=1)[:, keep - 1 : keep]
    above = masked > edge
    missing = keep - above.sum(axis=1, keepdims=True)
    level = (masked == edge) & (np.cumsum(masked == edge, axis=1) <= missing)
    columns = np.nonzero(above | level)[1].reshape(len(masked), keep)
    order = np.argsort(-np.take_along_axis(masked, columns, axis=1), axis=1, kind="stable")
    ordered: Columns = np.take_along_axis(columns, order, axis=1)
    return ordered


def diversify(
    scores: Floats, group: Integers, category: Integers, *, n: int, penalty: Floats
) -> Columns:
    """Which `n` of the pool to show, in order: places in the pool [b, min(n, pool)], -1 for none.

    `scores`, `group` and `category` are [b, pool], best first, -inf where not allowed; -1 is no
    group or category. Greedy, after maximal marginal relevance (Carbonell & Goldstein 1998): each
    item already taken of a category costs `penalty` [b]; a second one of a group is taken into
    the first three places only when nothing else is left.
    """
    value = scores.astype(np.float32).copy()
    same_group = np.zeros(scores.shape, dtype=bool)
    rows = np.arange(len(scores))
    chosen = np.zeros((len(scores), min(n, scores.shape[1])), dtype=np.intp)
    for place in range(chosen.shape[1]):
        barred = _LAST_RESORT * same_group if place < FIRST_PLACES else np.float32(0)
        pick = np.argmax(value - barred, axis=1)
        chosen[:, place] = np.where(value[rows, pick] > -np.inf, pick, -1)
        picked_group, picked_category = group[rows, pick], category[rows, pick]
        same_group |= (group == picked_group[:, np.newaxis]) & (group >= 0)
        alike = (category == picked_category[:, np.newaxis]) & (category >= 0)
        value -= alike * penalty[:, np.newaxis]
        value[rows, pick] = -np.inf
    return chosen


def spread_of(scores: Floats, allowed: Booleans) -> Floats:
    """Standard deviation of each customer's scores over her allowed candidates [b]."""
    count = np.maximum(allowed.sum(axis=1), 1)
    mean = np.where(allowed, scores, 0).sum(axis=1) / count
    square = np.where(allowed, (scores - mean[:, np.newaxis]) ** 2, 0).sum(axis=1) / count
    return np.asarray(np.sqrt(square), dtype=np.float32)
