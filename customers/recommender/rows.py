"""Sparse rows as three plain arrays, which is what the kernels read, and how to make them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from customers.recommender.arrays import Booleans, Floats, Integers, Sparse
from customers.recommender.compiled import compiled, inlined

Starts = npt.NDArray[np.int64]


class Rows(NamedTuple):
    """Row r has the entries start[r] to start[r + 1]: int32 `place`, float32 `value`."""

    start: Starts
    place: Integers
    value: Floats


def rows_of(matrix: Sparse) -> Rows:
    """The rows of a compressed sparse row matrix, as they are stored."""
    return Rows(
        np.asarray(matrix.indptr, dtype=np.int64),
        np.asarray(matrix.indices, dtype=np.int32),
        np.asarray(matrix.data, dtype=np.float32),
    )


def rows_from(
    row: npt.NDArray[np.integer], place: npt.NDArray[np.integer], value: Floats, *, n_rows: int
) -> Rows:
    """Entries in any order as rows; entries of one row keep their order."""
    order = np.argsort(row, kind="stable")
    start = np.zeros(n_rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=n_rows), out=start[1:])
    return Rows(start, place[order].astype(np.int32), value[order].astype(np.float32))


def transposed(rows: Rows, *, n_places: int) -> Rows:
    """Row r holds what stood at place r."""
    n_rows = len(rows.start) - 1
    matrix = csr_array((rows.value, rows.place, rows.start), shape=(n_rows, n_places))
    return rows_of(csr_array(matrix.T))


def top_products(left: Rows, right: Rows, *, n_columns: int, keep: int) -> Rows:
    """The `keep` largest entries above 0 of each row of the product left x right.

    `left` is [n, m], `right` [m, n_columns], neither below 0; n x keep entries are set aside, and
    one row of the product at a time is written out.
    """
    n_rows, width = len(left.start) - 1, min(keep, n_columns)
    place = np.empty(n_rows * width, dtype=np.int32)
    value = np.empty(n_rows * width, dtype=np.float32)
    start = np.zeros(n_rows + 1, dtype=np.int64)
    _top_products(left, right, n_columns, width, start, place, value)
    return Rows(start, place[: start[-1]].copy(), value[: start[-1]].copy())


@compiled
def _top_products(
    left: Rows,
    right: Rows,
    n_columns: int,
    keep: int,
    start: Starts,
    place: Integers,
    value: Floats,
) -> None:
    total = np.zeros(n_columns, dtype=np.float32)
    touched = np.empty(n_columns, dtype=np.int32)
    left_start, middles, weights = left.start, left.place, left.value
    right_start, columns, values = right.start, right.place, right.value
    filled = 0
    for row in range(len(start) - 1):
        n_touched = 0
        for entry in range(left_start[row], left_start[row + 1]):
            middle, weight = middles[entry], weights[entry]
            for other in range(right_start[middle], right_start[middle + 1]):
                column, added = columns[other], weight * values[other]
                if added == 0.0:  # or the column would be taken for untouched, and twice
                    continue
                if total[column] == 0.0:
                    touched[n_touched] = column
                    n_touched += 1
                total[column] += added
        filled += _strongest(total, touched[:n_touched], keep, place[filled:], value[filled:])
        start[row + 1] = filled
        for each in range(n_touched):
            total[touched[each]] = 0.0


@inlined
def _strongest(total: Floats, touched: Integers, keep: int, place: Integers, value: Floats) -> int:
    """Writes down the largest of the touched places, in the order touched; answers how many."""
    threshold = kth_largest(total[touched], keep)
    above = 0
    for column in touched:
        above += total[column] > threshold
    level, filled = keep - above, 0
    for column in touched:
        is_level = total[column] == threshold
        if total[column] > threshold or (is_level and level > 0):
            level -= is_level
            place[filled], value[filled] = column, total[column]
            filled += 1
    return filled


@compiled
def mark_strongest(start: Starts, value: Floats, keep: int, is_strong: Booleans) -> None:
    """Sets `is_strong` at the `keep` largest values of each row, of equals at the first."""
    for row in range(len(start) - 1):
        threshold, above = kth_largest(value[start[row] : start[row + 1]], keep), 0
        for entry in range(start[row], start[row + 1]):
            above += value[entry] > threshold
        level = keep - above
        for entry in range(start[row], start[row + 1]):
            is_level = value[entry] == threshold and level > 0
            is_strong[entry] = value[entry] > threshold or is_level
            level -= is_level


@inlined
def kth_largest(values: Floats, keep: int) -> np.float32:
    """The `keep`-th largest value; minus infinity when there are no more than `keep`.

    Hoare's quickselect (1961) with the middle as pivot; the compiler takes ten times as long over
    numpy's own.
    """
    if len(values) <= keep:
        return np.float32(-np.inf)
    left, right, wanted = 0, len(values) - 1, keep - 1
    order = values.copy()
    while left < right:
        pivot = order[(left + right) // 2]
        low, high = left, right
        while low <= high:
            while order[low] > pivot:
                low += 1
            while order[high] < pivot:
                high -= 1
            if low <= high:
                order[low], order[high] = order[high], order[low]
                low, high = low + 1, high - 1
        if wanted <= high:
            right = high
        elif wanted >= low:
            left = low
        else:
            break
    return np.float32(order[wanted])
