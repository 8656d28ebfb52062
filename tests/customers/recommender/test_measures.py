from dataclasses import astuple

import numpy as np
import numpy.testing as npt
import pytest
from scipy.sparse import csr_array

from customers.recommender.facts import Interactions, Items, People
from customers.recommender.measures import (
    Interval,
    average_precision_at,
    coverage,
    hit_at,
    interval,
    intervals,
    measure,
    ndcg_at,
    novelty,
    paired,
    recall_at,
    reciprocal_rank_at,
    violations,
)
from customers.recommender.tokens import Tokens
from customers.recommender.trials import Facts, Trial

HITS = np.array(
    [[False, True, True, True], [False, False, False, True], [True, False, False, False]]
)
WANTED = np.array([5, 1, 1])


def test_hit_at_looks_at_the_first_places_only() -> None:
    npt.assert_array_equal(hit_at(HITS, 3), [1, 0, 1])
    npt.assert_array_equal(hit_at(HITS, 4), [1, 1, 1])


def test_recall_at_is_the_share_of_what_she_bought() -> None:
    npt.assert_allclose(recall_at(HITS, WANTED, 3), [2 / 5, 0, 1])


def test_ndcg_at_discounts_by_place_and_compares_with_the_ideal_list() -> None:
    second, third = 1 / np.log2(3), 1 / np.log2(4)
    ideal = 1 + second + third

    npt.assert_allclose(ndcg_at(HITS, WANTED, 3), [(second + third) / ideal, 0, 1])


def test_ndcg_at_is_ideal_for_one_who_wanted_one_thing_and_saw_it_first() -> None:
    assert ndcg_at(np.array([[True, False]]), np.array([1]), 3) == [1.0]


def test_reciprocal_rank_at_is_that_of_the_first_hit() -> None:
    npt.assert_allclose(reciprocal_rank_at(HITS, 3), [1 / 2, 0, 1])


def test_reciprocal_rank_at_of_nothing_shown_is_zero() -> None:
    npt.assert_array_equal(reciprocal_rank_at(np.zeros((2, 0), dtype=bool), 3), [0, 0])


def test_average_precision_at_is_the_mean_precision_at_each_hit() -> None:
    npt.assert_allclose(
        average_precision_at(HITS, WANTED, 12), [(1 / 2 + 2 / 3 + 3 / 4) / 5, 1 / 4, 1]
    )


def test_average_precision_at_divides_by_no_more_than_the_places() -> None:
    npt.assert_allclose(average_precision_at(np.array([[True, True]]), np.array([9]), 2), [1])


def test_coverage_counts_each_candidate_once() -> None:
    assert coverage(np.array([[0, 1], [1, -1]]), 4) == 0.5
    assert coverage(np.zeros((0, 3), dtype=int), 0) == 0.0


def test_novelty_is_the_mean_information_in_bits() -> None:
    share = np.array([0.5, 0.125])

    assert novelty(np.array([[0, 1, -1]]), share) == 2.0
    assert novelty(np.array([[-1, -1]]), share) == 0.0


@pytest.mark.parametrize(
    ("columns", "owned", "count"),
    [
        ([[0, 1, 2]], [[False, False, False]], 0),
        ([[0, 1, 2]], [[False, True, False]], 1),  # owned
        ([[0, -2, 2]], [[False, False, False]], 1),  # no candidate
        ([[2, 1, 2]], [[False, False, False]], 1),  # twice
        ([[0, -1, -1]], [[False, False, False]], 0),  # two empty places are none twice
    ],
)
def test_violations_counts_what_must_never_be_shown(
    columns: list[list[int]], owned: list[list[bool]], count: int
) -> None:
    assert violations(np.array(columns), np.array(owned)) == count


def world() -> Trial:
    """Customers 0 and 1 and items 0 to 3, of which 1, 2 and 3 are new; customer 0 owns item 1.

    Customer 0 then bought 3, customer 1 bought 1 and 2.
    """
    facts = Facts(
        interactions=Interactions([0, 0, 1], [0, 1, 0], [9, 5, 3], [1, 1, 1]),
        items=Items(np.full(4, 10), np.full(4, 20), Tokens.build([["word=a"]] * 4)),
        people=People.unknown(2),
        candidates=np.array([1, 2, 3], dtype=np.int32),
    )
    return Trial(
        facts=facts,
        asked=np.array([0, 1], dtype=np.int32),
        owned=csr_array(np.array([[1, 0, 0], [0, 0, 0]], dtype=np.float32)),
        bought=csr_array(np.array([[0, 0, 1], [1, 1, 0]], dtype=np.float32)),
        lapsed=np.array([True, False]),
    )


def test_measure_gives_the_figures_of_a_world_worked_out_by_hand() -> None:
    figures = measure(world(), np.array([[2, 3, -1], [3, 1, 2]], dtype=np.int32))

    npt.assert_array_equal(figures.hit, [1, 1])
    npt.assert_array_equal(figures.recall, [1, 1])
    npt.assert_array_equal(figures.reciprocal_rank, [1 / 2, 1 / 2])
    npt.assert_allclose(figures.average_precision, [1 / 2, (1 / 2 + 2 / 3) / 2])
    assert figures.coverage == 1.0
    assert figures.novelty == pytest.approx(1.0)  # each candidate counts one buyer of two
    assert figures.violations == 0


def test_measure_sees_what_is_owned_what_is_not_new_and_what_is_shown_twice() -> None:
    figures = measure(world(), np.array([[1, 0, 3], [2, 2, -1]], dtype=np.int32))

    assert figures.violations == 3
    npt.assert_array_equal(figures.hit, [1, 1])


def test_measure_scores_a_customer_without_a_recommendation_zero() -> None:
    figures = measure(world(), np.full((2, 3), -1, dtype=np.int32))

    npt.assert_array_equal(figures.hit, [0, 0])
    npt.assert_array_equal(figures.average_precision, [0, 0])
    assert (figures.coverage, figures.novelty, figures.violations) == (0.0, 0.0, 0)


def test_interval_of_one_value_for_all_has_no_width() -> None:
    assert interval(np.full(40, 0.25)) == Interval(0.25, 0.25, 0.25)


def test_interval_is_that_of_the_normal_distribution_for_many_customers() -> None:
    values = np.repeat([0.0, 1.0], 5_000)

    found = interval(values)

    error = 1.96 * 0.5 / np.sqrt(10_000)
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.5 - error, abs=0.002)
    assert found.high == pytest.approx(0.5 + error, abs=0.002)


def test_interval_is_the_same_for_the_same_seed() -> None:
    values = np.random.default_rng(5).random(200)

    assert interval(values) == interval(values)
    assert interval(values) != interval(values, seed=1)


def test_interval_draws_customers_not_rows() -> None:
    values = np.repeat(np.random.default_rng(6).integers(0, 2, 100), 4).astype(float)
    customers = np.repeat(np.arange(100), 4)

    by_row, by_customer = interval(values), interval(values, customers=customers)

    assert by_customer.mean == by_row.mean
    assert by_customer.high - by_customer.low > 1.6 * (by_row.high - by_row.low)


def test_interval_of_nobody_is_zero() -> None:
    assert interval(np.zeros(0)) == Interval(0, 0, 0)


def test_intervals_takes_each_column_by_itself() -> None:
    values = np.random.default_rng(7).random((50, 2))

    both = intervals(values)

    assert [each.mean for each in both] == pytest.approx(values.mean(axis=0).tolist())
    assert astuple(both[1]) == pytest.approx(astuple(interval(values[:, 1])))


def test_paired_is_narrow_where_two_methods_find_the_same_customers() -> None:
    theirs = np.repeat([0.0, 1.0], 500)
    ours = theirs.copy()
    ours[:30] = 1

    found = paired(ours, theirs)

    assert found.mean == pytest.approx(0.03)
    assert found.is_above
    assert not paired(theirs, theirs).is_above
    assert paired(theirs, ours).is_below
