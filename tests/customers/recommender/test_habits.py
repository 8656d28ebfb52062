"""Her categories, brands and prices."""

import numpy as np
import pytest

from customers.recommender.arrays import integers
from customers.recommender.habits import (
    BRAND_KINDS,
    SUBCATEGORY_KINDS,
    kept_of,
    labels,
    price_levels,
    prices,
)
from tests.customers.recommender.worlds import histories_of, items

CATALOG = items(
    [
        ["category=Socks"],
        ["category=Coats"],
        ["category=Socks"],
        ["category=Coats", "subcategory=Parkas"],
        ["red"],
    ],
    price=[10, 100, 40, 400, np.nan],
)


def test_labels_count_candidates_and_the_share_of_what_was_kept():
    told = labels(CATALOG.tokens, SUBCATEGORY_KINDS, integers([0, 0, 1, 4]), integers([2, 3, 4]))

    socks, coats, parkas = (told.of_item[item] for item in (0, 1, 3))
    assert sorted([socks, coats, parkas]) == [0, 1, 2]
    assert told.of_item[[2, 4]].tolist() == [socks, -1]
    assert told.of_candidate.tolist() == [socks, parkas, 3]
    assert told.borne[[socks, coats, parkas, 3]].tolist() == [1, 0, 1, 1]
    assert told.share[[socks, coats, parkas, 3]] == pytest.approx([2 / 3, 1 / 3, 0, 0])


def test_labels_of_a_kind_that_nobody_told():
    told = labels(CATALOG.tokens, BRAND_KINDS, integers([0]), integers([2, 3]))

    assert (told.borne.tolist(), told.share.tolist()) == ([2], [0])


def test_kept_of_counts_what_she_kept_of_the_label():
    kept = histories_of(
        (0, 0, 5, 1), (0, 2, 5, 1), (0, 1, 5, 1), (0, 1, 2, -1), n_customers=2, n_items=5
    ).kept
    told = labels(CATALOG.tokens, SUBCATEGORY_KINDS, kept.place, integers([1, 2, 4]))

    counted = kept_of(kept, told, integers([0, 1]), np.array([[0, 1, 2, -1]] * 2, np.int32))

    assert counted.tolist() == [[0, 2, 0, 0], [0, 0, 0, 0]]


def test_price_levels_compare_within_the_category():
    levels = price_levels(
        np.asarray([10, 40, 100, 400, np.nan, 0, np.inf, -5], dtype=np.float32),
        integers([0, 0, 1, 1, 1, 1, 1, 1]),
    )

    half = np.log(2)
    assert levels[:4] == pytest.approx([-half, half, -half, half])
    assert np.isnan(levels[4:]).all()


def test_price_levels_of_no_price_at_all():
    assert np.isnan(price_levels(np.full(3, np.nan, np.float32), integers([0, 0, 0]))).all()


def test_prices_of_the_candidates_are_levels_too():
    told = prices(CATALOG.price, CATALOG.tokens, integers([2, 3, 4]))

    assert told.of_candidate[:2] == pytest.approx([np.log(2), 0])
    assert np.isnan(told.of_candidate[2])
