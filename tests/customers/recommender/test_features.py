"""The list of features, and their common scale."""

import numpy as np
import pytest

from customers.recommender.desk import HABITS, LOCAL, N_RAW, SHARED
from customers.recommender.features import FEATURES, NAMES, SIGNAL_OF, UNLEARNED, standardised
from customers.recommender.signals import SIGNALS


def standard(*values):
    return standardised(np.asarray(values, dtype=np.float32)).tolist()


def test_standardised_gives_mean_zero_and_deviation_one_to_each_row():
    assert standard([1, 3, 1, 3], [0, 0, 8, 8]) == [[-1, 1, -1, 1], [-1, -1, 1, 1]]


def test_standardised_without_differences_says_nothing():
    assert standard([0.1, 0.1, 0.1]) == [[0, 0, 0]]


def test_standardised_cuts_what_is_extreme():
    assert standard([1, *[0] * 400])[0][0] == 12


def test_features_have_different_names_and_known_signals():
    assert len(set(NAMES)) == len(NAMES)
    assert [SIGNALS[place] for place in SIGNAL_OF] == [each.signal for each in FEATURES]


def test_features_stand_where_the_kernels_expect_them():
    assert NAMES[:N_RAW] == (
        "neighbours_fresh",
        "neighbours_fortnight",
        "neighbours_month",
        "bought_together",
        "bought_together_surely",
        "nearest",
        "nearest_lately",
        "profile",
        "nearest_in_demand",
        "profile_in_demand",
    )
    assert NAMES[SHARED:] == (
        "buyers_week",
        "buyers_fortnight",
        "buyers_month",
        "buyers_ever",
        "pace",
        "trend",
        "price_level",
        "age",
    )
    habits = [(name, f"{name}_lift") for name in ("subcategory", "category", "brand")]
    assert NAMES[HABITS : HABITS + 6] == tuple(name for pair in habits for name in pair)
    assert NAMES[LOCAL : LOCAL + 3] == ("city", "store", "age_band")


def test_unlearned_weights_are_those_of_the_features():
    assert pytest.approx([each.weight for each in FEATURES]) == UNLEARNED
