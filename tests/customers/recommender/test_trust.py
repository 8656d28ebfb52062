"""How far learned weights are believed: on dates from which nothing of them was learned."""

import numpy as np
import pytest

from customers.recommender.arrays import integers
from customers.recommender.desk import N_FEATURES
from customers.recommender.engine import fit
from customers.recommender.facts import Config, People
from customers.recommender.features import PLACE, UNLEARNED
from customers.recommender.trust import SHARES, Sitting, Trust, trust
from tests.customers.recommender.worlds import items, lines, tables_of

N_CUSTOMERS, N_NEW = 60, 30
BRANDS = [f"brand={number % 6}" for number in range(N_NEW)]


def weights(**changes):
    """Nothing counts but what is named."""
    found = np.zeros(N_FEATURES, dtype=np.float32)
    for name, value in changes.items():
        found[PLACE[name]] = value
    return found


def sitting(*, buys):
    """Everybody owns something of her brand; items 0 to 5 of the new ones sold lately."""
    owned = [(customer, N_NEW + customer % 6, 40, 1) for customer in range(N_CUSTOMERS)]
    lately = [(N_CUSTOMERS + item, item, 2, 1) for item in range(3)] * 3
    catalog = items([[each] for each in BRANDS] + [[f"brand={number}"] for number in range(6)])
    people = People.unknown(N_CUSTOMERS + 3)
    tables = tables_of(fit(lines(*owned, *lately), catalog, people, config=Config()), range(N_NEW))
    asked = np.arange(N_CUSTOMERS, dtype=np.int32)
    return Sitting(tables, asked, [integers(buys(customer)) for customer in asked])


def of_her_brand(customer):
    return [item for item in range(3, N_NEW) if item % 6 == customer % 6]


def a_best_seller(customer):
    return [customer % 3]


def test_hits_say_who_bought_one_of_her_three_best():
    place = sitting(buys=of_her_brand)

    by_brand, by_demand = place.hits(np.stack([weights(brand=1), weights(buyers_week=1)]))

    assert by_brand.all()
    assert not by_demand.any()


def test_what_was_learned_is_believed_where_it_hits():
    learned = weights(brand=3)

    found = trust(learned, [sitting(buys=of_her_brand)])

    assert (found.share, found.added.any()) == (1.0, False)
    assert found.applied(learned) == pytest.approx(learned)


def test_what_was_learned_and_misleads_is_not_believed():
    """The unlearned weights go by what sells among others; these run away from it."""
    learned = UNLEARNED - weights(buyers_week=9, buyers_fortnight=9, buyers_month=9, pace=9)

    found = trust(learned, [sitting(buys=a_best_seller)])

    assert found.share == min(SHARES)


def test_what_best_sellers_go_by_is_added_where_they_hit():
    learned = weights(brand=0.8, brand_lift=0.8, nearest=0.8)

    found = trust(learned, [sitting(buys=a_best_seller), sitting(buys=a_best_seller)])

    assert found.added[PLACE["buyers_week"]] > 0 or found.share < 1
    assert sitting(buys=a_best_seller).hits(found.applied(learned)[np.newaxis]).mean() > 0.9


def test_without_a_date_to_try_it_on_all_is_believed():
    found = trust(weights(brand=3), [])

    assert (found.share, found.added.any()) == (1.0, False)


def test_a_gain_within_chance_changes_nothing():
    """One customer of sixty would be hit by the week's best sellers."""
    place = sitting(buys=lambda customer: of_her_brand(customer) if customer else [0])

    found = trust(weights(brand=3), [place])

    assert (found.share, found.added.any()) == (1.0, False)


def test_applied_lies_between_unlearned_and_learned():
    learned = weights(brand=3)

    applied = Trust(0.25, weights(buyers_week=2)).applied(learned)

    assert applied == pytest.approx(0.75 * UNLEARNED + 0.25 * learned + weights(buyers_week=2))
