"""Not the same thing three times, and what that costs."""

import numpy as np
import pytest

from customers.recommender.variety import diversify, spread_of

NO_GROUP = [-1, -1, -1, -1]
NOTHING = -np.inf


def spread(scores, *, group=NO_GROUP, category=NO_GROUP, n=3, penalty=0.0):
    chosen = diversify(
        np.asarray([scores], dtype=np.float32),
        np.asarray([group], dtype=np.int32),
        np.asarray([category], dtype=np.int32),
        n=n,
        penalty=penalty,
    )
    return chosen[0].tolist()


def test_diversify_without_reasons_keeps_the_order():
    assert spread([4, 3, 2, 1]) == [0, 1, 2]


def test_diversify_shows_one_of_a_group_in_the_first_three():
    assert spread([9, 8, 7, 1], group=[5, 5, 6, 7]) == [0, 2, 3]


def test_diversify_shows_another_of_a_group_from_the_fourth_place_on():
    assert spread([9, 8, 7, 1], group=[5, 5, 6, 7], n=4) == [0, 2, 3, 1]


def test_diversify_repeats_a_group_when_nothing_else_is_left():
    assert spread([9, 8, NOTHING, NOTHING], group=[5, 5, 6, 7], n=2) == [0, 1]


def test_diversify_leaves_places_empty_rather_than_repeat_an_item():
    assert spread([9, NOTHING, NOTHING, NOTHING]) == [0, -1, -1]


def test_diversify_leaves_places_empty_where_the_pool_is_smaller():
    assert spread([9, 8, 7, 6], n=6) == [0, 1, 2, 3, -1, -1]


def test_diversify_with_nothing_allowed_shows_nothing():
    assert spread([NOTHING] * 4) == [-1, -1, -1]


@pytest.mark.parametrize(("penalty", "order"), [(0.3, [0, 1, 2]), (0.35, [0, 2, 1])])
def test_diversify_prefers_another_category_when_it_costs_less(penalty, order):
    """The scores spread by 3.11: a step of 1 is worth 0.32 of it."""
    assert spread([9, 8, 7, 1], category=[1, 1, 2, 2], penalty=penalty) == order


def test_diversify_counts_every_item_taken_of_a_category():
    scores, category = [9, 8.9, 8.8, 6.9], [1, 1, 1, 2]
    unit = 1 / float(spread_of(np.asarray([scores]))[0])

    assert spread(scores, category=category, penalty=0.9 * unit) == [0, 1, 2]
    assert spread(scores, category=category, penalty=1.0 * unit) == [0, 1, 3]


def test_diversify_does_not_take_unknown_categories_or_groups_for_one():
    assert spread([9, 8, 7, 1], penalty=5) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(10))
def test_diversify_never_repeats_a_group_in_the_first_three_while_another_is_left(seed):
    chance = np.random.default_rng(seed)
    scores = -np.sort(-chance.normal(size=(200, 7)), axis=1).astype(np.float32)
    scores[chance.random(scores.shape) < 0.4] = -np.inf
    group = chance.integers(-1, 4, scores.shape).astype(np.int32)

    chosen = diversify(scores, group, group, n=5, penalty=0.1)

    for row, picks in enumerate(chosen.tolist()):
        shown = [pick for pick in picks if pick >= 0]
        allowed = np.isfinite(scores[row])
        assert len(set(shown)) == len(shown) == min(5, allowed.sum())
        assert allowed[shown].all()
        first = [int(group[row, pick]) for pick in shown[:3]]
        different = len({each for each in group[row, allowed] if each >= 0})
        possible = min(3, different + int((group[row, allowed] < 0).sum()))
        assert len({each for each in first if each >= 0}) + first.count(-1) == possible


def test_diversify_of_nobody_is_empty():
    nobody = np.zeros((0, 4))

    assert diversify(nobody, nobody, nobody, n=3, penalty=0.1).shape == (0, 3)


def test_spread_of_looks_only_at_what_is_allowed():
    scores = np.asarray([[1, 3, NOTHING], [NOTHING] * 3, [4, 4, 4]])

    assert spread_of(scores).tolist() == [1, 0, 0]
