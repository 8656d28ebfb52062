"""Nearness in attributes and words."""

import numpy as np
import pytest

from customers.recommender.arrays import integers
from customers.recommender.rows import Rows
from customers.recommender.taste import near_candidates, spread
from tests.customers.recommender.worlds import (
    BOOT,
    DRESS,
    NEW,
    NEW_BOOT,
    NEW_DRESS,
    TWO_KINDS,
    items,
)


def row(rows, number):
    begin, end = rows.start[number : number + 2]
    return dict(zip(rows.place[begin:end].tolist(), rows.value[begin:end], strict=True))


def test_near_candidates_are_the_cosines_in_words():
    near = near_candidates(TWO_KINDS.space, integers([BOOT, DRESS]), integers(NEW))

    cosines = (TWO_KINDS.space @ TWO_KINDS.space.T).toarray()
    assert row(near, BOOT) == pytest.approx({0: cosines[BOOT, NEW_BOOT]})
    assert row(near, DRESS) == pytest.approx({1: cosines[DRESS, NEW_DRESS]})
    assert row(near, NEW_BOOT) == {}


def test_near_candidates_name_another_color_of_the_same_thing_once():
    catalog = items([["group=shoe", "red", "suede"], ["group=shoe", "blue", "suede"], ["green"]])

    near = near_candidates(catalog.space, integers([0]), integers([1, 2]))

    assert near.place.tolist() == [0]


def test_near_candidates_of_items_without_a_word_are_none():
    near = near_candidates(items([[], ["a"], []]).space, integers([0]), integers([1, 2]))

    assert near.start.tolist() == [0, 0, 0, 0]


def test_spread_puts_rows_under_other_numbers():
    narrow = Rows(np.array([0, 2, 3]), integers([4, 5, 6]), np.ones(3, dtype=np.float32))

    assert spread(narrow, integers([1, 3]), n_rows=5).start.tolist() == [0, 0, 2, 2, 3, 3]
