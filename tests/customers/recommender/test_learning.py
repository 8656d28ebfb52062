"""Weights from the shop's own past, and nothing from its future."""

from dataclasses import replace

import numpy as np
import pytest

from customers.recommender.blend import Blend, Choices
from customers.recommender.facts import Config, Interactions, Items, People
from customers.recommender.features import PLACE
from customers.recommender.learning import (
    CHOSEN_AT_MOST,
    DATES_BACK,
    HISTORY_NEEDED,
    NOT_CHOSEN,
    _Past,
    learn,
)
from tests.customers.recommender.worlds import items, lines

BRANDS, WAVES, PER_BRAND = 8, 12, 4
N_CUSTOMERS = 240


def waves_of_brands() -> Items:
    """Every 30 days four new items of each of eight brands; days since the launch."""
    launched = np.repeat(30 * np.arange(WAVES), BRANDS * PER_BRAND)
    brand = np.tile(np.repeat(np.arange(BRANDS), PER_BRAND), WAVES)
    return items([[f"brand={each}"] for each in brand], launched=list(launched.astype(float)))


CATALOG = waves_of_brands()
PEOPLE = People.unknown(N_CUSTOMERS)


def bought(pick, *, seed=0) -> Interactions:
    """Every customer takes one of the 64 newest items every ten days, as `pick` says."""
    chance = np.random.default_rng(seed)
    rows = []
    for day in range(5, 10 * 28, 10):
        new = np.flatnonzero((CATALOG.launched >= day) & (CATALOG.launched < day + 60))
        everybody = range(N_CUSTOMERS)
        rows += [(customer, pick(customer, new, chance), day, 1) for customer in everybody]
    return lines(*rows)


def by_brand(customer, new, chance):
    """Her brand, and of that any."""
    hers = new[(new // PER_BRAND) % BRANDS == customer % BRANDS]
    return int(chance.choice(hers))


APPEAL = 2 * np.random.default_rng(9).normal(size=CATALOG.n_items)


def by_demand(customer, new, chance):
    """Now and then what everybody likes, whatever its brand; else something old."""
    if chance.random() < 0.8:
        return CATALOG.n_items - 1 - customer % PER_BRAND
    return int(new[np.argmax(APPEAL[new] + chance.gumbel(size=len(new)))])


def taught(interactions, **changes):
    known = {"items": CATALOG, "people": PEOPLE, "new_within": 59, "config": Config(), **changes}
    return learn(interactions, known.pop("items"), known.pop("people"), **known)


def summed(blend, *names):
    return float(sum(blend.weights[PLACE[name]] for name in names))


def test_learn_tells_customers_who_go_by_brand_from_those_who_go_by_best_sellers():
    brand_shop, demand_shop = (taught(bought(pick)).blend for pick in (by_brand, by_demand))

    taste = ("brand", "brand_lift", "nearest", "nearest_lately", "profile")
    demand = ("buyers_week", "buyers_fortnight", "buyers_month", "buyers_ever", "pace")
    assert brand_shop.is_learned
    assert demand_shop.is_learned
    assert summed(brand_shop, *taste) > summed(Blend.unlearned(), *taste) + 0.5
    assert summed(brand_shop, *taste) > summed(brand_shop, *demand) + 0.5
    assert summed(demand_shop, *demand) > summed(demand_shop, *taste) + 0.2


def test_learn_is_the_same_each_time():
    sales = bought(by_brand)

    first, again = (taught(sales).blend.weights for _ in range(2))

    assert np.array_equal(first, again)


def test_learn_says_what_each_date_taught():
    said = []

    learned = taught(bought(by_brand), progress=said.append)

    assert [each.days_back for each in learned.lessons] == list(DATES_BACK)
    assert learned.blend.choices == sum(each.customers for each in learned.lessons)
    assert len(said) == len(DATES_BACK)
    assert {each.candidates for each in learned.lessons} == {64}


@pytest.mark.parametrize(
    ("oldest", "dates"), [(DATES_BACK[0] + HISTORY_NEEDED - 1, 0), (75, 1), (90, 2)]
)
def test_learn_looks_back_no_further_than_there_is_a_history(oldest, dates):
    sales = bought(by_brand)
    young = sales.day <= oldest - 1
    some = Interactions(
        np.append(sales.customer[young], 0),
        np.append(sales.item[young], 0),
        np.append(sales.day[young], oldest),
        np.append(sales.quantity[young], 1),
    )

    assert len(taught(some).lessons) == dates


@pytest.mark.parametrize(("oldest", "dates"), [(30 + HISTORY_NEEDED + 59 - 1, 0), (134, 1)])
def test_learn_from_first_sales_needs_a_history_before_the_arrivals_too(oldest, dates):
    """When no arrival is older than the record, its beginning makes everything look new."""
    sales = bought(by_brand)
    young = sales.day <= oldest
    some = Interactions(
        np.append(sales.customer[young], 0),
        np.append(sales.item[young], 0),
        np.append(sales.day[young], oldest),
        np.append(sales.quantity[young], 1),
    )
    first_sold = replace(CATALOG, launched=np.minimum(CATALOG.launched, oldest))

    assert len(taught(some, items=first_sold).lessons) == dates


def test_learn_believes_half_of_what_it_cannot_try():
    """With 100 days on record no answers ended before the dates on which it would be tried."""
    sales = bought(by_brand)
    young = sales.day <= 100
    some = Interactions(
        sales.customer[young], sales.item[young], sales.day[young], sales.quantity[young]
    )

    learned = taught(some)

    assert learned.blend.is_learned
    assert (learned.trust.share, learned.trust.added.any()) == (0.5, False)


@pytest.mark.parametrize("sales", [lines(), lines((0, 0, 500, 1))])
def test_learn_of_too_little_leaves_the_blend_unlearned(sales):
    learned = taught(sales)

    assert not learned.blend.is_learned
    assert learned.lessons == ()


def test_learn_without_launch_dates_leaves_the_blend_unlearned():
    timeless = items([["a"]] * CATALOG.n_items)

    assert not taught(bought(by_brand), items=timeless).blend.is_learned


def past(sales, days_back=60):
    return _Past(sales, CATALOG, PEOPLE, days_back, 59, Config())


def choices_of(known: _Past) -> Choices:
    return known.choices(known.sitting())


def test_a_past_date_knows_nothing_that_came_after_it():
    """Later lines that change nobody's answer change nothing of what was known."""
    sales = bought(by_brand)
    later = np.flatnonzero(sales.day < 60)
    again = np.concatenate([np.arange(len(sales)), later, later, later])
    louder = Interactions(
        sales.customer[again], sales.item[again], sales.day[again], sales.quantity[again]
    )

    plain, other = choices_of(past(sales)), choices_of(past(louder))

    assert np.array_equal(plain.values, other.values)
    assert np.array_equal(plain.chosen, other.chosen)


def test_a_past_date_is_not_told_of_sales_to_those_who_were_unknown_then():
    sales = bought(by_brand)
    rows = [(240 + each, int(each % 64), 3, 5) for each in range(60)]
    extra = np.asarray(rows).T
    more = Interactions(
        *(
            np.append(told, added)
            for told, added in zip(
                (sales.customer, sales.item, sales.day, sales.quantity), extra, strict=True
            )
        )
    )

    plain = choices_of(past(sales))
    other = choices_of(_Past(more, CATALOG, People.unknown(300), 60, 59, Config()))

    assert np.array_equal(plain.values, other.values)


def test_answers_are_first_purchases_within_sixty_days_after_the_date():
    rows = [(0, 300, 250, 1), (1, 300, 250, 1), (2, 300, 250, 1), (3, 300, 250, 1)]
    new = int(np.flatnonzero(CATALOG.launched == 90)[0])
    rows += [
        (0, new, 89, 1),  # the first day after the date
        (1, new, 90, 1),  # the date itself: known, so no answer
        (2, new, 30, 1),  # the last day that counts
        (3, new, 29, 1),  # too late
        (4, new, 60, 1),  # of whom nothing was known
        (0, new + 1, 40, -1),  # a return
    ]

    choices = choices_of(past(lines(*rows), days_back=90))

    assert choices.chosen.sum(axis=1).tolist() == [1, 1]


def test_nobody_answering_is_no_lesson():
    assert past(lines((0, 300, 250, 1)), days_back=90).sitting() is None


def test_offers_not_taken_are_drawn_and_weigh_for_all_of_them():
    """Of 400 candidates she had one before, took 30 of the others, and left 369."""
    catalog = items([["a"]] * 401, launched=[40.0] * 401)
    owned = [(0, 0, 40, 1)]
    taken = [(0, item, 10, 1) for item in range(1, 31)]
    sales = lines(*owned, *taken, (1, 400, 40, 1))

    choices = choices_of(_Past(sales, catalog, People.unknown(2), 30, 60, Config()))

    assert choices.chosen.sum() == CHOSEN_AT_MOST
    assert choices.offered.sum() == CHOSEN_AT_MOST + NOT_CHOSEN
    assert (choices.log_odds[choices.chosen] == 0).all()
    others = choices.log_odds[choices.offered & ~choices.chosen]
    assert others == pytest.approx(np.log((401 - 31) / NOT_CHOSEN), rel=1e-6)
