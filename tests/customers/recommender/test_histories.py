"""What is read from the lines of a customer."""

import numpy as np
import pytest

from customers.recommender.facts import Config, Interactions
from customers.recommender.histories import (
    LEAST_FRESHNESS,
    NEVER,
    freshness,
    rarity,
    read_histories,
)
from tests.customers.recommender.worlds import histories_of, random_shop


def read(*rows, n_customers=2, n_items=3, **settings):
    return histories_of(*rows, n_customers=n_customers, n_items=n_items, **settings)


def kept_by(histories, customer):
    begin, end = histories.kept.start[customer : customer + 2]
    return dict(
        zip(
            histories.kept.place[begin:end].tolist(),
            histories.kept.value[begin:end].tolist(),
            strict=True,
        )
    )


def test_histories_weigh_by_age_and_repetition():
    histories = read(
        (0, 0, 0, 1), (0, 1, 10, 1), (0, 2, 10, 1), (0, 2, 20, 1), history_half_life=10
    )

    assert kept_by(histories, 0) == pytest.approx({0: 1, 1: 0.5, 2: 0.5 * (1 + np.log(2))})
    assert kept_by(histories, 1) == {}


def test_histories_count_a_returned_item_as_touched_and_sold_but_not_kept():
    histories = read((0, 0, 5, 1), (0, 0, 2, -1))

    assert histories.start.tolist() == [0, 1, 1]
    assert histories.touched.tolist() == [0]
    assert histories.last_sold.tolist() == [5]
    assert histories.kept.start.tolist() == [0, 0, 0]


def test_histories_of_returns_only_were_never_sold():
    histories = read((1, 2, 4, -1), (1, 2, 3, -2))

    assert (histories.touched.tolist(), histories.last_sold.tolist()) == ([2], [NEVER])
    assert kept_by(histories, 1) == {}


@pytest.mark.parametrize(("back", "is_kept"), [(-1, True), (-2, False), (-3, False)])
def test_histories_keep_what_was_not_wholly_returned(back, is_kept):
    histories = read((0, 0, 5, 2), (0, 0, 2, back))

    assert (0 in kept_by(histories, 0)) == is_kept


def test_histories_of_the_same_line_twice_are_one_pair():
    histories = read((0, 1, 7, 1), (0, 1, 7, 1))

    assert (histories.start.tolist(), histories.touched.tolist()) == ([0, 1, 1], [1])
    assert histories.last_sold.tolist() == [7]


def test_histories_sort_the_items_of_a_customer():
    histories = read((0, 2, 1, 1), (0, 0, 2, 1), (0, 1, 3, 1))

    assert histories.touched.tolist() == [0, 1, 2]
    assert histories.last_sold.tolist() == [2, 3, 1]


def test_histories_with_customers_without_a_line_at_both_ends():
    histories = read((2, 1, 0, 1), (4, 0, 0, 1), n_customers=7)

    assert histories.start.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert histories.kept.start.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert histories.n_customers == 7


def test_histories_of_nobody_are_empty():
    histories = read()

    assert histories.start.tolist() == histories.kept.start.tolist() == [0, 0, 0]
    assert len(histories.touched) == len(histories.kept.place) == 0


def test_histories_of_a_till_account_count_only_its_heaviest_items():
    histories = read(
        (0, 0, 30, 1), (0, 1, 10, 1), (0, 2, 20, 1), (1, 0, 90, 1), max_items_per_customer=2
    )

    assert [sorted(kept_by(histories, each)) for each in (0, 1)] == [[1, 2], [0]]
    assert histories.start.tolist() == [0, 3, 4]


def test_histories_of_equal_weights_beyond_the_limit_keep_the_first():
    histories = read((0, 2, 5, 1), (0, 0, 5, 1), (0, 1, 5, 1), max_items_per_customer=2)

    assert sorted(kept_by(histories, 0)) == [0, 1]


def test_histories_of_one_account_with_half_of_all_lines():
    chance = np.random.default_rng(4)
    n_lines, n_items = 60_000, 2_000
    customer = np.where(np.arange(n_lines) % 2, 0, 1 + chance.integers(0, 3_000, n_lines))
    till = Interactions(
        customer,
        chance.integers(0, n_items, n_lines),
        chance.integers(0, 300, n_lines),
        np.ones(n_lines, dtype=int),
    )

    histories = read_histories(till, n_customers=3_001, n_items=n_items, config=Config())

    assert len(kept_by(histories, 0)) == Config().max_items_per_customer
    assert histories.start[1] == len(np.unique(till.item[till.customer == 0]))


def test_histories_of_lines_in_any_order_are_the_same():
    told = random_shop(seed=5).interactions
    arrays = (told.customer, told.item, told.day, told.quantity)
    by_customer, shuffled = (
        Interactions(*(each[order] for each in arrays))
        for order in (
            np.argsort(told.customer, kind="stable"),
            np.random.default_rng(1).permutation(len(told)),
        )
    )

    first, second = (
        read_histories(each, n_customers=60, n_items=40, config=Config())
        for each in (by_customer, shuffled)
    )

    for name in ("start", "touched", "last_sold"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    for ours, theirs in zip(first.kept, second.kept, strict=True):
        assert np.array_equal(ours, theirs)


def test_histories_leave_the_lines_as_they_were():
    told = random_shop(seed=5).interactions
    before = [each.copy() for each in (told.customer, told.item, told.day, told.quantity)]

    read_histories(told, n_customers=60, n_items=40, config=Config())

    after = (told.customer, told.item, told.day, told.quantity)
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


def test_histories_of_short_integers_do_not_overflow():
    most = np.iinfo(np.int16).max
    short = Interactions(
        np.array([0, 0, 0]),
        np.array([1, 1, 0]),
        np.array([3, 4, 5], dtype=np.int16),
        np.array([most, most, -1], dtype=np.int16),
    )

    histories = read_histories(short, n_customers=1, n_items=2, config=Config())

    assert histories.last_sold.tolist() == [NEVER, 3]
    assert sorted(kept_by(histories, 0)) == [1]


def test_histories_do_not_forget_what_was_kept_half_a_life_ago():
    histories = read((0, 0, 30_000, 1), history_half_life=1)

    assert kept_by(histories, 0) == pytest.approx({0: LEAST_FRESHNESS})


@pytest.mark.parametrize(("within", "counted"), [(7, []), (8, [7]), (9, [7])])
def test_recent_pairs_are_those_within_the_window(within, counted):
    _, _, day = read((0, 0, 7, 1)).recent(within=within)

    assert day.tolist() == counted


def test_recent_pairs_count_once_and_returns_not_at_all():
    customer, item, day = read((0, 0, 3, 9), (0, 0, 1, 5), (1, 0, 1, -1), (1, 2, 2, 1)).recent(
        within=7
    )

    assert (customer.tolist(), item.tolist(), day.tolist()) == ([0, 1], [0, 2], [1, 2])


def test_freshness_halves_per_half_life():
    assert freshness([0, 30, 60], 30).tolist() == [1, 0.5, 0.25]


def test_rarity_counts_customers_and_is_zero_for_what_nobody_has():
    histories = read((0, 0, 0, 1), (1, 0, 0, 1), (1, 1, 0, 1))

    assert rarity(histories.kept, 3) == pytest.approx([np.log(2), np.log(3), 0])
