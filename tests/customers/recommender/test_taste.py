"""Nearness in attributes and words."""

import numpy as np
import pytest

from customers.recommender.arrays import integers
from customers.recommender.taste import Taste
from tests.customers.recommender.worlds import (
    BOOT,
    DANCER,
    DRESS,
    HIKER,
    NEW,
    OTHER_BOOT,
    STRANGER,
    two_kinds,
)

BOTH = np.asarray([[0, 1]])


def taste(*more):
    return Taste.fit(two_kinds(*more).knowledge, integers(NEW))


def test_taste_is_nearer_to_what_is_of_her_kind():
    values = dict(taste().scores(integers([HIKER, DANCER])))

    for signal in ("nearest_owned", "profile", "taste_and_demand"):
        assert values[signal][0, 0] > values[signal][0, 1], signal
        assert values[signal][1, 1] > values[signal][1, 0], signal


def test_taste_of_a_stranger_is_silent():
    values = dict(taste().scores(integers([STRANGER])))

    assert {name: value.tolist() for name, value in values.items()} == {
        "nearest_owned": [[0, 0]],
        "profile": [[0, 0]],
        "taste_and_demand": [[0, 0]],
    }


def test_a_return_speaks_weakly_against_its_kind():
    values = dict(
        taste((STRANGER, BOOT, 9, 1), (STRANGER, BOOT, 5, -1)).scores(integers([STRANGER]))
    )

    assert values["profile"][0, 0] < 0
    assert -0.5 < values["nearest_owned"][0, 0] < 0
    assert values["nearest_owned"][0, 1] == pytest.approx(0)


def test_nearest_item_is_the_one_most_alike_and_among_equals_the_freshest():
    model = taste((HIKER, DRESS, 10, 1), (HIKER, OTHER_BOOT, 20, 1))

    assert model.nearest_item(integers([HIKER]), BOTH).tolist() == [[OTHER_BOOT, DRESS]]


def test_nearest_item_is_none_for_what_she_returned_or_never_had():
    model = taste((STRANGER, BOOT, 9, 1), (STRANGER, BOOT, 5, -1))

    assert model.nearest_item(integers([STRANGER, DANCER]), np.tile([0, 1], (2, 1))).tolist() == [
        [-1, -1],
        [-1, DRESS],
    ]
