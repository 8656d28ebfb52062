"""What is read from the lines of a customer."""

import numpy as np
import pytest

from customers.recommender.facts import Config
from customers.recommender.histories import freshness, rarity, read_histories, recent_buyers
from tests.customers.recommender.worlds import lines


def read(*rows, **settings):
    return read_histories(lines(*rows), n_customers=2, n_items=3, config=Config(**settings))


def test_histories_weigh_by_age_and_repetition():
    histories = read(
        (0, 0, 0, 1), (0, 1, 10, 1), (0, 2, 10, 1), (0, 2, 20, 1), history_half_life=10
    )

    assert histories.kept.toarray()[0] == pytest.approx([1, 0.5, 0.5 * (1 + np.log(2))])


def test_histories_count_a_returned_item_as_touched_but_not_kept():
    histories = read((0, 0, 5, 1), (0, 0, 2, -1), history_half_life=5)

    assert histories.touched.toarray().tolist() == [[1, 0, 0], [0, 0, 0]]
    assert histories.kept.nnz == 0
    assert histories.returned.toarray()[0] == pytest.approx([0.5 * (1 + np.log(2)), 0, 0])


def test_histories_keep_an_item_of_which_one_of_two_went_back():
    histories = read((0, 0, 5, 2), (0, 0, 2, -1))

    assert (histories.kept.nnz, histories.returned.nnz) == (1, 0)


def test_histories_of_a_till_account_count_only_its_heaviest_items():
    histories = read(
        (0, 0, 30, 1), (0, 1, 10, 1), (0, 2, 20, 1), (1, 0, 90, 1), max_items_per_customer=2
    )

    assert (histories.kept.toarray() > 0).tolist() == [[False, True, True], [True, False, False]]
    assert histories.touched.nnz == 4


@pytest.mark.parametrize(("day", "counted"), [(6, 1), (7, 0)])
def test_recent_buyers_are_those_within_the_window(day, counted):
    buyers = recent_buyers(
        lines((0, 0, day, 1)), within=7, half_life=np.inf, n_customers=1, n_items=1
    )

    assert buyers.nnz == counted


def test_recent_buyers_count_a_person_once_and_a_return_not_at_all():
    facts = lines((0, 0, 1, 5), (0, 0, 3, 9), (1, 0, 1, -1))

    buyers = recent_buyers(facts, within=7, half_life=1, n_customers=2, n_items=1)

    assert buyers.toarray().tolist() == [[0.5], [0]]


def test_freshness_halves_per_half_life():
    assert freshness([0, 30, 60], 30).tolist() == [1, 0.5, 0.25]


def test_rarity_counts_customers_and_is_zero_for_what_nobody_has():
    histories = read((0, 0, 0, 1), (1, 0, 0, 1), (1, 1, 0, 1))

    assert rarity(histories.kept) == pytest.approx([np.log(2), np.log(3), 0])
