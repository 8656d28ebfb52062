"""Sparse rows, the largest of a product, and the k-th largest value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from customers.recommender.rows import (
    Rows,
    kth_largest,
    mark_strongest,
    rows_from,
    rows_of,
    top_products,
    transposed,
)


def written_out(rows: Rows, *, n_places: int):
    shape = (len(rows.start) - 1, n_places)
    return csr_array((rows.value, rows.place, rows.start), shape=shape).toarray()


def rows(*values):
    return rows_of(csr_array(np.asarray(values, dtype=np.float32)))


def test_rows_from_gather_entries_in_any_order_and_keep_theirs():
    gathered = rows_from(
        np.array([2, 0, 2, 2]), np.array([5, 1, 3, 4]), np.array([1, 2, 3, 4.0]), n_rows=4
    )

    assert gathered.start.tolist() == [0, 1, 1, 4, 4]
    assert gathered.place.tolist() == [1, 5, 3, 4]
    assert gathered.value.tolist() == [2, 1, 3, 4]
    assert (gathered.start.dtype, gathered.place.dtype, gathered.value.dtype) == (
        np.int64,
        np.int32,
        np.float32,
    )


def test_rows_from_nothing_are_empty():
    nothing = np.zeros(0, dtype=np.int32)

    assert rows_from(nothing, nothing, nothing, n_rows=2).start.tolist() == [0, 0, 0]


def test_transposed_turns_rows_into_places():
    turned = transposed(rows([1, 0, 2], [0, 3, 4]), n_places=3)

    assert written_out(turned, n_places=2).tolist() == [[1, 0], [0, 3], [2, 4]]


def test_top_products_keep_the_largest_of_each_row():
    left, right = rows([1, 2], [0, 0], [0, 1]), rows([5, 1, 0, 2], [0, 3, 1, 2])

    found = top_products(left, right, n_columns=4, keep=2)

    assert written_out(found, n_places=4).tolist() == [[0, 7, 0, 6], [0, 0, 0, 0], [0, 3, 0, 2]]


def test_top_products_name_a_column_once_though_nothing_was_added_at_first():
    left = Rows(np.array([0, 2]), np.array([0, 1], np.int32), np.array([0, 1], np.float32))
    right = Rows(
        np.array([0, 2, 4]), np.array([0, 1, 0, 1], np.int32), np.array([1, 1, 2, 3], np.float32)
    )

    found = top_products(left, right, n_columns=2, keep=9)

    assert (found.place.tolist(), found.value.tolist()) == ([0, 1], [2, 3])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("keep", [1, 3, 50])
def test_top_products_are_those_of_the_whole_product(seed, keep):
    chance = np.random.default_rng(seed)
    left, right = (
        csr_array((chance.random(shape) * (chance.random(shape) < 0.3)).astype(np.float32))
        for shape in ((20, 8), (8, 12))
    )

    found = top_products(rows_of(left), rows_of(right), n_columns=12, keep=keep)

    whole = (left @ right).toarray()
    smallest = np.sort(whole, axis=1)[:, ::-1][:, min(keep, 12) - 1][:, np.newaxis]
    wanted = np.where((whole >= smallest) & (whole > 0), whole, 0)
    assert written_out(found, n_places=12) == pytest.approx(wanted, rel=1e-5)


numbers = st.lists(
    st.one_of(st.integers(-3, 3), st.just(-np.inf), st.floats(-9, 9, width=32)), max_size=40
)


@given(numbers, st.integers(1, 45))
def test_kth_largest_is_what_sorting_says(values, keep):
    array = np.asarray(values, dtype=np.float32)
    before = array.copy()

    found = kth_largest(array, keep)

    assert found == (sorted(array, reverse=True)[keep - 1] if keep < len(values) else -np.inf)
    assert np.array_equal(array, before)


@given(st.lists(st.lists(st.integers(0, 4), max_size=9), min_size=1, max_size=6), st.integers(1, 5))
def test_mark_strongest_takes_the_largest_of_each_row_and_of_equals_the_first(values, keep):
    start = np.concatenate(([0], np.cumsum([len(row) for row in values]))).astype(np.int64)
    value = np.array([each for row in values for each in row], dtype=np.float32)
    is_strong = np.zeros(len(value), dtype=np.bool_)

    mark_strongest(start, value, keep, is_strong)

    for row, begin in zip(values, start.tolist(), strict=False):
        best = sorted(range(len(row)), key=lambda place: -row[place])[:keep]
        assert np.flatnonzero(is_strong[begin : begin + len(row)]).tolist() == sorted(best)
