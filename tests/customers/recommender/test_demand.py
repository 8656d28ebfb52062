"""What sells, and to whom."""

import numpy as np
import pytest

from customers.recommender.arrays import integers
from customers.recommender.demand import at, buyers, demand, local_demand, units_sold
from customers.recommender.features import standardised
from tests.customers.recommender.worlds import histories_of, items, lines

CHICAGO, BOSTON = 0, 1
CITY = integers([CHICAGO, CHICAGO, BOSTON, -1])
EVERYTHING = integers([0, 1, 2])


def read(*rows):
    return histories_of(*rows, n_customers=4, n_items=3)


def test_buyers_count_people_and_not_units_and_no_returns():
    histories = read((0, 0, 1, 50), (0, 0, 2, 1), (1, 0, 1, 1), (1, 1, 7, 1), (2, 2, 1, -1))

    assert buyers(histories, within=7, n_items=3).tolist() == [2, 0, 0]
    assert buyers(histories, within=8, n_items=3).tolist() == [2, 1, 0]


def test_demand_is_the_windows_the_pace_the_trend_the_price_and_the_age():
    histories = read((0, 0, 1, 1), (1, 0, 10, 1), (2, 0, 20, 1), (2, 1, 40, 1))
    catalog = items([["a"], ["b"], ["c"]], launched=[33, 43, np.nan])

    told = demand(histories, catalog, EVERYTHING, np.array([0.5, np.nan, -1], np.float32))

    wanted = [
        np.log([2, 1, 1]),
        np.log([3, 1, 1]),
        np.log([4, 1, 1]),
        np.log([4, 2, 1]),
        np.log1p([3 / 40, 1 / 50, 0]),
        np.log([2 / 1.7, 1, 1]),
        [0.5, 0, -1],
        [33, 43, 0],
    ]
    assert told.shared == pytest.approx(standardised(np.array(wanted)), abs=1e-5)
    assert told.root == pytest.approx([2, 1, 1])


def test_local_demand_leans_to_her_city():
    histories = read((0, 0, 1, 1), (1, 0, 1, 1), (2, 1, 29, 1), (3, 2, 1, 1), (0, 2, 30, 1))

    told = local_demand(CITY, histories, EVERYTHING, n_items=3, prior=20)

    share = np.array([3, 2, 2]) / 7
    chicago = np.log((np.array([2, 0, 0]) + 20 * share) / 22 / share)
    chicago = (chicago - chicago.mean()) / chicago.std()
    assert told.rows.start.tolist() == [0, 1, 2]
    assert told.rows.place.tolist() == [0, 1]
    assert told.rows.value[0] == pytest.approx(chicago[0], rel=1e-5)
    assert told.silent[CHICAGO] == pytest.approx(chicago[1], rel=1e-5)
    assert told.group.tolist() == CITY.tolist()


def test_local_demand_cuts_what_stands_alone_on_either_side():
    n_items = 400
    histories = histories_of(
        *((0, item, 1, 1) for item in range(1, n_items)), n_customers=1, n_items=n_items
    )

    told = local_demand(
        integers([0]), histories, integers(range(n_items)), n_items=n_items, prior=20
    )

    assert told.silent.tolist() == [-12]


@pytest.mark.parametrize("city", [[-1] * 4, [0] * 4])
def test_local_demand_of_people_without_purchases_or_cities(city):
    told = local_demand(integers(city), read(), EVERYTHING, n_items=3, prior=20)

    assert told.silent.tolist() == [0] * (max(city) + 1)
    assert len(told.rows.value) == 0


def test_units_sold_are_less_what_came_back_with_equals_sharing_the_better_rank():
    told = lines(
        (0, 0, 1, 3), (1, 0, 2, -1), (1, 2, 3, 5), (0, 1, 3, 2), (2, 1, 0, 7), (0, 2, 14, 90)
    )
    sold = units_sold(CITY, told, EVERYTHING, within=14, n_items=3)

    units, ranks = at(sold, integers([0, 2, 3]), np.tile(np.array([0, 1, 2, -1], np.int32), (3, 1)))

    assert units.tolist() == [[2, 2, 5, 0], [0, 7, 0, 0], [0, 0, 0, 0]]
    assert ranks.tolist() == [[2, 2, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_units_of_which_more_came_back_than_were_sold_are_none():
    sold = units_sold(CITY, lines((0, 0, 1, 1), (0, 0, 1, -2)), EVERYTHING, within=14, n_items=3)

    assert at(sold, integers([0]), np.array([[0]], np.int32))[1].tolist() == [[0]]


def test_units_sold_where_nobody_has_a_city():
    sold = units_sold(integers([-1] * 4), lines((0, 0, 1, 1)), EVERYTHING, within=14, n_items=3)

    assert at(sold, integers([0]), np.array([[0]], np.int32))[0].tolist() == [[0]]
