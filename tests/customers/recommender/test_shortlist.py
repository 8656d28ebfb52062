"""Picking the best of many against putting all in order."""

import numpy as np
import pytest

from customers.recommender.shortlist import pick_best, shortlist


def picked(total, gone, wanted):
    """Columns and scores of the best that are not gone, and the columns looked at."""
    high = np.zeros(len(total), np.int32)
    high = high[: shortlist(total, gone, wanted, high)]
    columns, scores = np.empty(wanted, np.int32), np.empty(wanted, np.float32)
    pick_best(total, high[gone[high] == 0], columns, scores)
    return columns, scores, high


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("width", [1, 63, 127, 128, 129, 1_000])
@pytest.mark.parametrize("wanted", [1, 16, 64, 65])
def test_the_best_are_those_at_the_head_of_the_order(seed, width, wanted):
    chance = np.random.default_rng(seed)
    total = chance.integers(0, 200, width).astype(np.float32)
    total[chance.random(width) < 0.1] = -np.inf
    gone = (chance.random(width) < 0.3).astype(np.uint8)

    columns, scores, _ = picked(total, gone, wanted)

    open_columns = np.flatnonzero((gone == 0) & np.isfinite(total))
    order = open_columns[np.argsort(-total[open_columns], kind="stable")][:wanted]
    assert columns[: len(order)].tolist() == np.sort(order).tolist()
    assert scores[: len(order)].tolist() == total[np.sort(order)].tolist()
    assert (columns[len(order) :] == -1).all()
    assert (scores[len(order) :] == -np.inf).all()


def test_the_shortlist_holds_what_is_gone_and_better():
    total = np.arange(1_000, dtype=np.float32)
    gone = np.zeros(1_000, np.uint8)
    gone[990:] = 1

    _, _, high = picked(total, gone, 64)

    assert set(range(926, 1_000)) <= set(high.tolist())


def test_the_shortlist_is_short():
    total = np.random.default_rng(5).random(5_000).astype(np.float32)

    _, _, high = picked(total, np.zeros(5_000, np.uint8), 64)

    assert 64 <= len(high) < 1_000


def test_nothing_to_choose_from_leaves_all_places_empty():
    columns, scores, high = picked(np.full(300, -np.inf, np.float32), np.zeros(300, np.uint8), 2)

    assert (columns.tolist(), scores.tolist(), len(high)) == ([-1, -1], [-np.inf, -np.inf], 0)
