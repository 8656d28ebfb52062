"""Similar customers, counted by hand."""

import numpy as np
import pytest
from customers.recommender.neighbours import SimilarCustomers

from customers.recommender.arrays import integers
from customers.recommender.facts import Config
from tests.customers.recommender.worlds import (
    BOOT,
    DANCER,
    HIKER,
    HIKING_FRIEND,
    NEW,
    NEW_BOOT,
    STRANGER,
    two_kinds,
)


def similar(*more, config=None):
    return SimilarCustomers.fit(two_kinds(*more, config=config).knowledge, integers(NEW))


def test_similar_customers_vote_for_what_their_kind_bought():
    scores = similar().around(integers([HIKER, DANCER, STRANGER])).scores()

    assert (scores > 0).tolist() == [[True, False], [False, True], [False, False]]


def test_similar_customers_leave_herself_out():
    assert similar().around(integers([HIKING_FRIEND])).scores().tolist() == [[0, 0]]


@pytest.mark.parametrize(("window", "pool"), [(3, 0), (4, 2)])
def test_similar_customers_are_those_who_bought_within_the_window(window, pool):
    assert len(similar(config=Config(neighbour_window=window)).pool) == pool


def test_similar_customers_are_counted_once_each():
    neighbourhood = similar((HIKING_FRIEND, NEW_BOOT, 1, 1), (STRANGER, BOOT, 9, 1)).around(
        integers([HIKER, STRANGER])
    )

    assert neighbourhood.buyers(np.asarray([[0, 1], [0, 1]])).tolist() == [[1, 0], [1, 0]]


def test_similar_customers_are_at_most_as_many_as_asked_for():
    crowd = similar(
        (STRANGER, BOOT, 300, 1), (STRANGER, NEW_BOOT, 2, 1), config=Config(neighbours=1)
    )

    assert np.diff(crowd.around(integers([HIKER])).nearest.indptr).tolist() == [1]


def test_the_pool_is_drawn_alike_for_the_same_seed():
    first, second = (similar(config=Config(neighbour_pool=1)) for _ in range(2))

    assert (len(first.pool), first.pool.tolist()) == (1, second.pool.tolist())
