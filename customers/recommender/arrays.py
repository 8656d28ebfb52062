"""The array types the engine speaks in, and three small operations on sparse matrices."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int32]
Booleans: TypeAlias = npt.NDArray[np.bool_]
Columns: TypeAlias = npt.NDArray[np.intp]
"""Places among the candidates, not item numbers."""

Sparse: TypeAlias = csr_array
"""A compressed sparse row matrix, float32 unless said otherwise."""


def integers(values: npt.ArrayLike) -> Integers:
    """The values as a one-dimensional int32 array."""
    return np.asarray(values, dtype=np.int32).reshape(-1)


def dense(matrix: Sparse) -> Floats:
    """A sparse matrix written out, float32, same shape."""
    return np.asarray(matrix.toarray(), dtype=np.float32)


def entry_rows(matrix: Sparse) -> Integers:
    """The row of each stored entry, in storage order [entries]."""
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))


def with_ones(matrix: Sparse) -> Sparse:
    """The same places, each holding 1."""
    ones = np.ones(len(matrix.data), dtype=np.float32)
    return csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


def unit_rows(matrix: Sparse) -> Sparse:
    """The same matrix with rows of Euclidean length 1; an empty row stays empty."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).reshape(-1))
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    counts = np.diff(matrix.indptr)
    data = (matrix.data * np.repeat(scale, counts)).astype(np.float32)
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def largest(values: Floats, keep: int) -> Columns:
    """Columns of the `keep` largest values of each row, unordered [rows, min(keep, columns)]."""
    columns = values.shape[1]
    if keep >= columns:
        return np.broadcast_to(np.arange(columns), values.shape)
    return np.argpartition(values, columns - keep, axis=1)[:, columns - keep :]


def values_at(matrix: Sparse, rows: Integers, columns: Columns) -> Floats:
    """What stands at each of `columns` [len(rows), n] in the given rows; 0 where nothing does."""
    different, position = np.unique(rows, return_inverse=True)
    block = matrix[different]
    block.sort_indices()
    width = np.int64(matrix.shape[1])
    keys = np.append(entry_rows(block) * width + block.indices, np.iinfo(np.int64).max)
    wanted = position.astype(np.int64)[:, np.newaxis] * width + columns
    place = np.searchsorted(keys, wanted)
    values = np.append(block.data, 0).astype(np.float32)
    return np.where(keys[place] == wanted, values[place], np.float32(0))
