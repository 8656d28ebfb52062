"""How much each feature counts."""

import numpy as np
import pytest

from customers.recommender.blend import FEWEST_CHOICES, Blend, Choices, _cost, learned
from customers.recommender.features import NAMES, PLACE, UNLEARNED

K = len(NAMES)


def choices(customers, *, seed=0, offers=12, by=None, sharpness=4.0):
    """Offers by chance; each customer takes what is best by one feature, give or take."""
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(customers, offers, K)).astype(np.float32)
    offered = np.ones((customers, offers), dtype=bool)
    offered[::3, -2:] = False
    utility = chance.gumbel(size=(customers, offers))
    if by:
        utility += sharpness * values[:, :, PLACE[by]]
    best = np.argmax(np.where(offered, utility, -np.inf), axis=1)
    chosen = np.arange(offers) == best[:, np.newaxis]
    return Choices(values, chosen, offered, np.zeros((customers, offers), np.float32))


def test_learned_of_too_few_customers_is_the_unlearned_blend():
    blend = learned([choices(FEWEST_CHOICES - 1, by="brand")])

    assert (blend.is_learned, blend.choices) == (False, 0)
    assert np.array_equal(blend.weights, UNLEARNED)


def test_learned_counts_the_customers_of_all_dates():
    blend = learned([choices(60, seed=1), choices(40, seed=2)])

    assert (blend.is_learned, blend.choices) == (True, 100)


@pytest.mark.parametrize("feature", ["brand", "buyers_week"])
def test_learned_finds_what_customers_go_by(feature):
    blend = learned([choices(3_000, by=feature)])

    away = blend.weights - UNLEARNED
    assert np.argmax(np.abs(away)) == PLACE[feature]
    assert blend.weights[PLACE[feature]] > 1


def test_learned_stays_nearer_to_the_unlearned_with_fewer_customers():
    away = [
        np.abs(learned([choices(customers, by="brand")]).weights - UNLEARNED)[PLACE["brand"]]
        for customers in (100, 400, 2_000)
    ]

    assert away == sorted(away)
    assert 0 < away[0] < away[2] / 2


def test_learned_is_the_same_each_time():
    examples = [choices(300, by="city")]

    assert np.array_equal(learned(examples).weights, learned(examples).weights)


def test_learned_does_not_look_at_what_was_not_offered():
    example = choices(400, by="price_fit")
    strange = example.values.copy()
    strange[~example.offered] = 1e3

    other = Choices(strange, example.chosen, example.offered, example.log_odds)

    assert learned([other]).weights == pytest.approx(learned([example]).weights, abs=1e-3)


def test_slope_is_that_of_the_cost():
    chance = np.random.default_rng(5)
    example = choices(40, by="brand")
    example.log_odds[:, 3:] = 0.7
    example.chosen[::4, 0] = True
    weights = UNLEARNED + chance.normal(size=K) * 0.3

    _, slope = _cost(weights, [example], 40, 0.1)

    for feature in range(K):
        step = np.zeros(K)
        step[feature] = 0.02
        above, below = (_cost(weights + sign * step, [example], 40, 0.1)[0] for sign in (1, -1))
        assert slope[feature] == pytest.approx((above - below) / 0.04, abs=2e-3)


def test_cost_of_one_choice_is_minus_the_log_of_its_chance():
    values = np.zeros((1, 3, K), dtype=np.float32)
    values[0, 0, 0] = 2
    log_odds = np.array([[0, np.log(5), 99]], dtype=np.float32)
    mask = np.array([[True, True, False]])
    example = Choices(values, np.array([[True, False, False]]), mask, log_odds)

    cost, _ = _cost(UNLEARNED.astype(np.float64), [example], 1, 0.0)

    odds = np.exp(2 * UNLEARNED[0])
    assert cost == pytest.approx(-np.log(odds / (odds + 5)), rel=1e-5)


def test_blend_goes_through_numbers_and_back():
    blend = Blend(np.linspace(-1, 1, K).astype(np.float32), choices=7)

    back = Blend.of_numbers(blend.as_numbers(), choices=7)

    assert np.array_equal(back.weights, blend.weights)
    assert (back.choices, list(blend.as_numbers())) == (7, list(NAMES))


@pytest.mark.parametrize("change", [{"brand": None}, {"moon": 1.0}])
def test_blend_of_other_features_is_refused(change):
    numbers = {**Blend.unlearned().as_numbers(), **change}
    numbers = {name: weight for name, weight in numbers.items() if weight is not None}

    with pytest.raises(ValueError, match="learned for other features; learn it anew"):
        Blend.of_numbers(numbers, choices=200)
