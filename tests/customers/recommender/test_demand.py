"""What sells, to whom."""

import numpy as np
import pytest
from customers.recommender.knowledge import Knowledge

from customers.recommender.arrays import integers
from customers.recommender.demand import LocalDemand, UnitsSold, buyers_of, demand_share, pace
from customers.recommender.facts import Config, People
from tests.customers.recommender.worlds import items, lines

CHICAGO, BOSTON = 0, 1
EVERYTHING = integers([0, 1, 2])


def knowledge(*rows, launched=None, city=(CHICAGO, CHICAGO, BOSTON, -1)):
    nobody = np.full(len(city), -1)
    people = People(city=np.asarray(city), store=nobody, age_band=nobody)
    catalog = items([["a"], ["b"], ["c"]], launched=launched)
    return Knowledge.of(lines(*rows), catalog, people, Config())


def test_buyers_of_counts_people_and_not_units():
    facts = knowledge((0, 0, 1, 50), (0, 0, 2, 1), (1, 0, 1, 1), (1, 1, 8, 1))

    assert buyers_of(facts.buyers(within=7), EVERYTHING).tolist() == [2, 0, 0]


def test_demand_share_adds_one_buyer_to_each():
    facts = knowledge((0, 0, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1))

    assert demand_share(facts, EVERYTHING).tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6])


def test_pace_is_buyers_per_day_since_launch_or_since_the_first_sale():
    facts = knowledge((0, 0, 5, 1), (1, 0, 3, 1), (0, 1, 13, 1), launched=[33, np.nan, np.nan])

    assert pace(facts, EVERYTHING).tolist() == pytest.approx([2 / 40, 1 / 20, 0])


def test_local_demand_leans_to_her_city_and_knows_nothing_of_no_city():
    facts = knowledge((0, 0, 1, 1), (1, 0, 1, 1), (2, 1, 1, 1))

    ((name, values),) = LocalDemand.fit("city", facts.people.city, facts, EVERYTHING).scores(
        integers([0, 3])
    )

    assert name == "city"
    share = [3 / 6, 2 / 6, 1 / 6]
    wanted = [(2 + 20 * share[0]) / 22, 20 * share[1] / 22, 20 * share[2] / 22]
    assert values[0] == pytest.approx(np.sqrt(wanted))
    assert values[1].tolist() == [0, 0, 0]


def test_units_sold_are_net_of_returns_ranked_and_by_city():
    facts = knowledge(
        (0, 0, 1, 3), (1, 0, 2, -1), (0, 1, 1, 2), (1, 2, 1, 1), (2, 2, 13, 4), (2, 1, 14, 9)
    )
    sold = UnitsSold.fit(facts.people.city, facts, EVERYTHING)

    units, ranks = sold.at(integers([0, 2, 3]), np.tile([0, 1, 2], (3, 1)))

    assert units.tolist() == [[2, 2, 1], [0, 0, 4], [0, 0, 0]]
    assert ranks.tolist() == [[1, 1, 3], [0, 0, 1], [0, 0, 0]]


def test_units_sold_of_more_returns_than_sales_are_none():
    facts = knowledge((0, 0, 1, -2))

    units, ranks = UnitsSold.fit(facts.people.city, facts, EVERYTHING).at(
        integers([0]), np.asarray([[0]])
    )

    assert (units.tolist(), ranks.tolist()) == ([[0]], [[0]])
