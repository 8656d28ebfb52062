"""A turn for every arrival: who is lifted, how far, to whom, and where nobody is."""

from dataclasses import replace

import numpy as np
import pytest

from customers.recommender.desk import desk
from customers.recommender.engine import Model, fit
from customers.recommender.exposure import LARGEST_LIFT, OVERSHOOT, STEP, lifts, settled
from customers.recommender.facts import Config, Interactions, People
from customers.recommender.scoring import totals
from customers.recommender.signals import SIGNALS
from customers.recommender.variety import FIRST_PLACES
from tests.customers.recommender.worlds import items, random_shop, ranked, tables_of, weights

TURN = SIGNALS.index("seldom_shown")
N_CUSTOMERS, N_NEW = 300, 60


def table(*rows):
    """Scores [candidates, customers], a row for each candidate."""
    return np.asarray(rows, dtype=np.float32)


def shown(scores, lift):
    """How many customers see each candidate among their first three."""
    lifted = scores + lift[:, np.newaxis]
    first = np.argsort(-lifted, axis=0, kind="stable")[:FIRST_PLACES]
    seen = np.isfinite(np.take_along_axis(lifted, first, axis=0))
    return np.bincount(first[seen], minlength=len(scores)).tolist()


BEST_SELLERS = ([5.0] * 4, [4.0] * 4, [3.0] * 4)
"""Three that all of four customers are shown."""


def test_what_everybody_is_shown_already_is_not_lifted():
    scores = table(*BEST_SELLERS)

    assert settled(scores, owed=2, places=12).tolist() == [0, 0, 0]


def test_what_nobody_is_shown_goes_to_whom_it_takes_least():
    scores = table(*BEST_SELLERS, [1.0, 2.5, 2.0, 1.2])

    lift = settled(scores, owed=2, places=12)

    assert lift == pytest.approx([0, 0, 0, 1.0 + STEP])
    assert shown(scores, lift) == [4, 4, 2, 2]


def test_what_is_shown_as_often_as_it_is_owed_stays_where_it_is():
    scores = table(*BEST_SELLERS, [3.5, 3.5, 2.9, 2.9])

    assert settled(scores, owed=2, places=12).tolist() == [0, 0, 0, 0]
    assert settled(scores, owed=3, places=12)[3] > 0


def test_two_that_want_one_place_bid_until_both_have_one():
    scores = table(*BEST_SELLERS, [2.9, 2.8955, 1.0, 1.0], [2.8, 1.9, 1.0, 1.0])

    lift = settled(scores, owed=1, places=12)

    assert shown(scores, lift)[3:] == [1, 1]
    assert 0.1045 < lift[3] < lift[4] < 0.25


@pytest.mark.parametrize(("behind", "is_lifted"), [(LARGEST_LIFT - 0.01, True), (2.01, False)])
def test_what_is_too_far_behind_for_everybody_is_left(behind, is_lifted):
    scores = table(*BEST_SELLERS, [3.0 - behind, 0.0, 0.0, 0.0])

    assert bool(settled(scores, owed=1, places=12)[3]) is is_lifted


def test_no_more_places_are_given_away_than_there_are_to_give():
    scores = table(*BEST_SELLERS, [2.5, 0, 0, 0], [0, 2.6, 0, 0], [0, 0, 2.7, 0])

    lift = settled(scores, owed=1, places=2)

    assert (lift > 0).tolist() == [False, False, False, False, True, True]


@pytest.mark.parametrize(("alike", "is_lifted"), [(OVERSHOOT, True), (OVERSHOOT + 1, False)])
def test_customers_too_much_alike_to_choose_among_leave_it_unseen(alike, is_lifted):
    scores = table([5.0] * 9, [4.0] * 9, [3.0] * 9, [2.5] * alike + [0.0] * (9 - alike))

    assert bool(settled(scores, owed=1, places=27)[3]) is is_lifted


def test_what_she_had_is_no_place_for_it():
    scores = table(*BEST_SELLERS, [-np.inf, 2.0, 1.9, 1.8])

    lift = settled(scores, owed=4, places=12)

    assert not lift[3]
    assert settled(scores, owed=3, places=12)[3] == pytest.approx(1.2 + STEP)


def test_a_free_place_counts_as_one():
    """Who had nearly everything sees the rest without its being lifted."""
    scores = table(*BEST_SELLERS, [2.0, 1.0, 1.0, 1.0])
    scores[:3, 0] = -np.inf

    assert settled(scores, owed=1, places=12).tolist() == [0, 0, 0, 0]


def crowded_shop(**settings) -> Model:
    """Everybody bought something of a brand of her own taste; three of the new ones sell."""
    chance = np.random.default_rng(5)
    everybody = np.arange(N_CUSTOMERS)
    owned = N_NEW + chance.integers(0, N_NEW, (2, N_CUSTOMERS))
    hits = chance.choice(everybody, 60)
    told = Interactions(
        customer=np.concatenate([everybody, everybody, hits]),
        item=np.concatenate([*owned, np.arange(60) % 3]),
        day=np.concatenate([chance.integers(30, 200, 2 * N_CUSTOMERS), chance.integers(0, 14, 60)]),
        quantity=np.ones(2 * N_CUSTOMERS + 60, dtype=np.int32),
    )
    drawn = [[f"brand={chance.integers(9)}", f"word={chance.integers(12)}"] for _ in range(120)]
    price = list(chance.uniform(5, 90, 120))
    return fit(
        told,
        items(drawn, launched=[10.0] * N_NEW + [300.0] * N_NEW, price=price),
        People.unknown(N_CUSTOMERS),
        config=Config(**settings),
        blend=weights(buyers_week=2.0, profile=0.4, price_fit=0.2),
    )


def seen_in(ranking):
    return len(np.unique(ranking.items[:, :FIRST_PLACES]))


def test_more_arrivals_are_seen_and_few_places_change():
    everybody, new = np.arange(N_CUSTOMERS), np.arange(N_NEW)
    plain = ranked(crowded_shop(least_exposure=0.0), everybody, new, n=3)

    turned = ranked(crowded_shop(), everybody, new, n=3)

    changed = sum(
        len(set(one) - set(other))
        for one, other in zip(plain.items.tolist(), turned.items.tolist(), strict=True)
    )
    assert seen_in(turned) > 1.3 * seen_in(plain)
    assert 0 < changed <= OVERSHOOT * Config().least_exposure * plain.items.size


def test_the_lift_is_a_signal_of_its_own_in_the_score():
    ranking = ranked(crowded_shop(), np.arange(N_CUSTOMERS), np.arange(N_NEW), n=8)

    brought = ranking.contributions
    assert (brought[:, :, TURN] >= 0).all()
    assert brought[:, :, TURN].max() > 0
    assert brought.sum(axis=2) == pytest.approx(ranking.scores, abs=1e-5)


def test_the_answer_does_not_depend_on_who_else_is_asked():
    model, new = crowded_shop(), np.arange(N_NEW)

    together = ranked(model, np.arange(N_CUSTOMERS), new, n=3)
    alone = ranked(model, [7], new, n=3)

    assert alone.items.tolist() == together.items[7:8].tolist()
    assert alone.scores == pytest.approx(together.scores[7:8], abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_without_the_wish_nothing_is_lifted(seed):
    model = random_shop(seed=seed, config=Config(least_exposure=0.0))

    ranking = ranked(model, np.arange(60), np.arange(5, 35), n=3)

    assert not ranking.contributions[:, :, TURN].any()


def test_where_all_are_shown_nothing_is_lifted():
    model = random_shop()
    tables = tables_of(model, range(FIRST_PLACES))
    base = np.zeros(FIRST_PLACES, dtype=np.float32)

    assert lifts(tables, model.blend.weights, base, Config()).tolist() == [0.0] * FIRST_PLACES


def test_a_shop_whose_customers_kept_nothing_lifts_nothing():
    model = crowded_shop()
    nobody = fit(
        replace(model.interactions, quantity=-model.interactions.quantity),
        model.items,
        model.people,
        config=model.config,
    )
    tables = tables_of(nobody, range(N_NEW))
    base = np.zeros(N_NEW, dtype=np.float32)

    assert not lifts(tables, nobody.blend.weights, base, Config()).any()


def test_totals_are_what_candidates_are_ranked_by():
    model = random_shop(config=Config(category_penalty=0.0, least_exposure=0.0))
    tables = tables_of(model, range(5, 35))
    base = (model.blend.weights[-len(tables.demand.shared) :] @ tables.demand.shared).astype("f4")
    asked = np.arange(60, dtype=np.int32)
    scores = np.empty((30, 60), dtype=np.float32)

    totals(tables, model.blend.weights, base, asked, desk(tables), scores)

    ranking = ranked(model, asked, np.arange(5, 35), n=1)
    assert scores.max(axis=0) == pytest.approx(ranking.scores[:, 0], abs=1e-4)
