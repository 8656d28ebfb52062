"""One scale for all signals, the best of them, and not the same thing three times."""

import numpy as np
import pytest

from customers.recommender.blend import best, diversify, standardise

NO_GROUP = [-1, -1, -1, -1]


def standard(values, allowed=None, largest=12.0):
    rows = np.asarray([values], dtype=np.float32)
    mask = np.ones(rows.shape, dtype=bool) if allowed is None else np.asarray([allowed])
    return standardise(rows, mask, largest=largest)[0]


def spread(scores, *, group=NO_GROUP, category=NO_GROUP, n=3, penalty=0.0):
    chosen = diversify(
        np.asarray([scores], dtype=np.float32),
        np.asarray([group]),
        np.asarray([category]),
        n=n,
        penalty=np.asarray([penalty], dtype=np.float32),
    )
    return chosen[0].tolist()


def test_standardise_gives_mean_zero_and_deviation_one():
    assert standard([1, 3, 1, 3]).tolist() == [-1, 1, -1, 1]


def test_standardise_looks_only_at_what_is_allowed():
    assert standard([1, 3, 999], [True, True, False]).tolist() == [-1, 1, 0]


def test_standardise_of_a_signal_without_differences_says_nothing():
    assert standard([0.1, 0.1, 0.1]).tolist() == [0, 0, 0]


def test_standardise_cuts_what_is_extreme():
    assert standard([0, 0, 0, 0, 10], largest=1.5)[4] == pytest.approx(1.5)


def test_standardise_with_nothing_allowed_is_zero():
    assert standard([1, 2], [False, False]).tolist() == [0, 0]


def test_best_orders_by_score_and_equals_by_column():
    scores = np.asarray([[1, 5, 3, 5, 3, 3]], dtype=np.float32)

    columns = best(scores, np.ones(scores.shape, dtype=bool), 4)

    assert columns.tolist() == [[1, 3, 2, 4]]


def test_best_puts_what_is_not_allowed_last():
    scores = np.asarray([[9, 1, 2]], dtype=np.float32)

    columns = best(scores, np.asarray([[False, True, True]]), 3)

    assert columns.tolist() == [[2, 1, 0]]


def test_best_of_no_candidates_is_empty():
    nothing = np.zeros((2, 0), dtype=np.float32)

    assert best(nothing, nothing > 0, 3).shape == (2, 0)


def test_diversify_without_reasons_keeps_the_order():
    assert spread([4, 3, 2, 1]) == [0, 1, 2]


def test_diversify_shows_one_of_a_group_in_the_first_three():
    assert spread([9, 8, 7, 1], group=[5, 5, 6, 7]) == [0, 2, 3]


def test_diversify_shows_another_of_a_group_from_the_fourth_place_on():
    assert spread([9, 8, 7, 1], group=[5, 5, 6, 7], n=4) == [0, 2, 3, 1]


def test_diversify_repeats_a_group_when_nothing_else_is_left():
    assert spread([9, 8, -np.inf, -np.inf], group=[5, 5, 6, 7], n=2) == [0, 1]


def test_diversify_leaves_places_empty_rather_than_repeat_an_item():
    assert spread([9, -np.inf, -np.inf, -np.inf]) == [0, -1, -1]


@pytest.mark.parametrize(("penalty", "order"), [(0.9, [0, 1, 2]), (1.1, [0, 2, 1])])
def test_diversify_prefers_another_category_when_it_costs_less(penalty, order):
    assert spread([9, 8, 7, 1], category=[1, 1, 2, 2], penalty=penalty) == order


def test_diversify_does_not_take_unknown_categories_for_one():
    assert spread([9, 8, 7, 1], penalty=5) == [0, 1, 2]
