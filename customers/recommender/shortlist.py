"""The best of very many, without putting all of them in order."""

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Floats, Integers
from customers.recommender.compiled import compiled, inlined
from customers.recommender.rows import kth_largest

Flags = npt.NDArray[np.uint8]
NOTHING = np.float32(-np.inf)
STRIDE = 64


@compiled
def shortlist(total: Floats, gone: Flags, wanted: int, high: Integers) -> int:
    """Fills `high` with columns, ascending, that hold the `wanted` best of those not `gone`.

    And whatever is gone and as good. Answers how many. Minus infinity is no candidate.

    Every candidate falls to one of so many heaps as are wanted; each heap has a best, and none of
    the wanted is below the lowest of these.
    """
    bound = _lowest_best(total, gone, wanted)
    filled = 0
    for column in range(len(total)):
        if total[column] >= bound and total[column] > NOTHING:
            high[filled] = column
            filled += 1
    return filled


@inlined
def _lowest_best(total: Floats, gone: Flags, wanted: int) -> np.float32:
    """Minus infinity where there are not two for each heap."""
    heaps = -(-wanted // STRIDE) * STRIDE
    if len(total) < 2 * heaps:
        return NOTHING
    best = np.full(heaps, NOTHING, dtype=np.float32)
    for start in range(0, len(total) - heaps + 1, heaps):
        for heap in range(heaps):
            value = NOTHING if gone[start + heap] else total[start + heap]
            best[heap] = value if value > best[heap] else best[heap]
    lowest = best[0]
    for value in best:
        lowest = value if value < lowest else lowest
    return np.float32(lowest)


@compiled
def pick_best(total: Floats, among: Integers, columns: Integers, scores: Floats) -> None:
    """The best of the columns `among`, in their order; -1 where there is no more.

    Of equals those that come first.
    """
    wanted, above, filled = len(columns), 0, 0
    values = total[among]
    threshold = kth_largest(values, wanted)
    for value in values:
        above += value > threshold
    level = wanted - above
    for place in range(wanted):
        columns[place], scores[place] = -1, NOTHING
    for place in range(len(among)):
        value = values[place]
        is_level = value == threshold and level > 0
        if value > threshold or is_level:
            level -= is_level
            columns[filled], scores[filled] = among[place], value
            filled += 1
