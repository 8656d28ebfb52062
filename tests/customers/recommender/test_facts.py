"""What the engine accepts as facts, and what it refuses by name."""

import numpy as np
import pytest

from customers.recommender.engine import fit
from customers.recommender.facts import Config, Interactions, Items, Opinions, People
from customers.recommender.tokens import Tokens
from tests.customers.recommender.worlds import items, lines


def test_interactions_refuse_a_day_in_the_future_and_name_it():
    with pytest.raises(ValueError, match=r"day -3 of line 1 \(customer 4, item 7\) lies after"):
        lines((4, 6, 0, 1), (4, 7, -3, 1))


def test_interactions_accept_the_day_itself():
    assert lines((0, 0, 0, 1)).day.tolist() == [0]


def test_interactions_refuse_arrays_of_different_lengths():
    with pytest.raises(ValueError, match=r"different lengths \[1, 2\]"):
        Interactions(np.array([0, 1]), np.array([0]), np.array([0]), np.array([1]))


def test_items_refuse_a_price_list_of_another_length():
    with pytest.raises(ValueError, match="1 values of price for 2 items"):
        Items(launched=np.zeros(2), price=np.zeros(1), tokens=Tokens.build([["a"], ["b"]]))


def test_people_refuse_stores_of_another_length():
    with pytest.raises(ValueError, match="store is not as long as city"):
        People(city=np.array([0, 1]), store=np.array([0]), age_band=np.array([0, 1]))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ((3, 0, 1, 1), "customer 3 is not one of the 3 known"),
        ((0, 2, 1, 1), "item 2 is not one of the 2 known"),
        ((-1, 0, 1, 1), "customer -1 is not one of the 3 known"),
    ],
)
def test_fit_refuses_a_line_of_somebody_or_something_unknown(line, message):
    with pytest.raises(ValueError, match=message):
        fit(lines(line), items([["a"], ["b"]]), People.unknown(3), config=Config())


@pytest.mark.parametrize(
    ("customer", "item", "message"),
    [(3, 0, "opinions: customer 3 is not one of the 3"), (0, -1, "opinions: item -1 is not one")],
)
def test_fit_refuses_an_opinion_of_somebody_or_something_unknown(customer, item, message):
    opinions = Opinions(np.array([customer]), np.array([item]), np.array([1.0]))

    with pytest.raises(ValueError, match=message):
        fit(lines(), items([["a"]]), People.unknown(3), config=Config(), opinions=opinions)


def test_as_of_forgets_what_came_later_and_counts_from_then():
    told = lines((0, 0, 9, 1), (1, 1, 10, 2), (2, 2, 30, -1)).as_of(10)

    assert told.customer.tolist() == [1, 2]
    assert told.item.tolist() == [1, 2]
    assert told.day.tolist() == [0, 20]
    assert told.quantity.tolist() == [2, -1]


def test_items_as_of_were_launched_less_long_ago():
    assert items([["a"], ["b"]], launched=[30, 5]).as_of(10).launched.tolist() == [20, -5]


@pytest.mark.parametrize("name", ["neighbours", "neighbour_pool", "pool", "max_items_per_customer"])
def test_config_refuses_nothing_to_look_at(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1"):
        Config(**{name: 0})


def test_config_refuses_a_half_life_of_no_days():
    with pytest.raises(ValueError, match="history_half_life must be more than 0"):
        Config(history_half_life=0)
