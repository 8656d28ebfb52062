import numpy as np
import numpy.testing as npt

from customers.recommender.facts import Interactions, Items, People
from customers.recommender.tokens import Tokens
from customers.recommender.trials import Facts, days_since_purchase, trial_of


def facts(n_customers: int = 4) -> Facts:
    """0 bought item 0 long ago, 1 returned item 1, 2 bought item 2 lately, 3 never bought."""
    return Facts(
        interactions=Interactions([0, 1, 1, 2], [0, 1, 1, 2], [90, 40, 30, 2], [1, 1, -1, 1]),
        items=Items(np.full(4, 10), np.full(4, 20), Tokens.build([["word=a"]] * 4)),
        people=People.unknown(n_customers),
        candidates=np.array([1, 2, 3], dtype=np.int32),
    )


def test_trial_of_asks_those_known_who_bought_a_candidate_new_to_them() -> None:
    customer = np.array([0, 0, 1, 2, 2, 3])
    item = np.array([0, 3, 1, 2, 1, 1])  # 0 buys what is not new and what is; 1 what she returned

    trial = trial_of(facts(), customer, item, lapse=90)

    npt.assert_array_equal(trial.asked, [0, 2])
    npt.assert_array_equal(trial.bought.toarray(), [[0, 0, 1], [1, 0, 0]])
    npt.assert_array_equal(trial.owned.toarray(), [[0, 0, 0], [0, 1, 0]])


def test_trial_of_counts_as_lapsed_from_the_last_sale_and_the_boundary_day_on() -> None:
    customer, item = np.array([0, 2]), np.array([3, 3])

    assert trial_of(facts(), customer, item, lapse=90).lapsed.tolist() == [True, False]
    assert trial_of(facts(), customer, item, lapse=91).lapsed.tolist() == [False, False]


def test_days_since_purchase_takes_no_return_for_a_purchase() -> None:
    never = np.iinfo(np.int32).max

    npt.assert_array_equal(days_since_purchase(facts()), [90, 40, 2, never])


def test_columns_of_places_items_among_the_candidates() -> None:
    trial = trial_of(facts(), np.array([0]), np.array([3]), lapse=90)

    npt.assert_array_equal(trial.columns_of(np.array([[3, 0, -1, 1]])), [[2, -2, -1, 0]])


def test_of_keeps_the_rows_of_some_of_those_asked() -> None:
    trial = trial_of(facts(), np.array([0, 2]), np.array([3, 1]), lapse=90)

    some = trial.of(np.array([False, True]))

    npt.assert_array_equal(some.asked, [2])
    npt.assert_array_equal(some.bought.toarray(), [[1, 0, 0]])
    npt.assert_array_equal(some.owned.toarray(), [[0, 1, 0]])
