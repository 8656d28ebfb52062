"""Small operations on sparse matrices."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from customers.recommender.arrays import integers, largest, unit_rows, values_at

MATRIX = csr_array(np.asarray([[0, 3, 4], [0, 0, 0], [5, 0, 0]], dtype=np.float32))


def test_values_at_reads_places_of_repeated_and_empty_rows():
    values = values_at(MATRIX, integers([2, 0, 0, 1]), np.asarray([[0, 2]] * 4))

    assert values.tolist() == [[5, 0], [0, 4], [0, 4], [0, 0]]


def test_unit_rows_have_length_one_or_stay_empty():
    rows = unit_rows(MATRIX).toarray()

    assert rows == pytest.approx(np.asarray([[0, 0.6, 0.8], [0, 0, 0], [1, 0, 0]]))


@pytest.mark.parametrize(
    ("keep", "columns"), [(1, [2]), (2, [1, 2]), (3, [0, 1, 2]), (9, [0, 1, 2])]
)
def test_largest_answers_the_columns_of_the_largest_values(keep, columns):
    assert sorted(largest(MATRIX.toarray(), keep)[0].tolist()) == columns
