"""Three items are not three colors of one shoe: a good list is spread, at a stated cost."""

import numpy as np

from customers.recommender.arrays import Columns, Floats, Integers

FIRST_PLACES = 3
"""Among so many first places the same thing in another color or size stands once."""

_LAST_RESORT = np.float32(1e6)


def diversify(
    scores: Floats, group: Integers, category: Integers, *, n: int, penalty: float
) -> Columns:
    """Which `n` of the pool to show, in order: places in the pool [b, n], -1 for none.

    `scores`, `group` and `category` are [b, pool], best first, -inf where not allowed; -1 is no
    group or category. Greedy, after maximal marginal relevance (Carbonell & Goldstein 1998): each
    item already taken of a category costs `penalty` times the spread of her scores; a second one
    of a group is taken into the first three places only when nothing else is left.
    """
    value = scores.astype(np.float32).copy()
    cost = np.float32(penalty) * spread_of(scores)
    same_group = np.zeros(scores.shape, dtype=bool)
    rows = np.arange(len(scores))
    chosen = np.full((len(scores), n), -1, dtype=np.intp)
    for place in range(min(n, scores.shape[1])):
        barred = _LAST_RESORT * same_group if place < FIRST_PLACES else np.float32(0)
        pick = np.argmax(value - barred, axis=1)
        chosen[:, place] = np.where(value[rows, pick] > -np.inf, pick, -1)
        picked_group, picked_category = group[rows, pick], category[rows, pick]
        same_group |= (group == picked_group[:, np.newaxis]) & (group >= 0)
        alike = (category == picked_category[:, np.newaxis]) & (category >= 0)
        value -= alike * cost[:, np.newaxis]
        value[rows, pick] = -np.inf
    return chosen


def spread_of(scores: Floats) -> Floats:
    """Standard deviation of each customer's finite scores [b]; 0 where there are none."""
    known = np.isfinite(scores)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, scores, 0).sum(axis=1) / count
    square = np.where(known, scores - mean[:, np.newaxis], 0) ** 2
    return np.asarray(np.sqrt(square.sum(axis=1) / count), dtype=np.float32)
