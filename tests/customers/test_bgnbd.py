"""The published sample must give the published parameters; made-up pasts must stay finite."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from customers.bgnbd import (
    LEAST_REPEAT_BUYERS,
    Parameters,
    TooFewCustomers,
    _Likelihood,
    alive,
    fit,
    log_likelihood,
    will_buy,
)

CDNOW = Path(__file__).parent.parent / "data" / "cdnow-sample" / "summary.csv"
PUBLISHED = Parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)


@pytest.fixture(scope="module")
def cdnow() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.genfromtxt(CDNOW, delimiter=",", names=True)
    return table["frequency"], table["recency"], table["T"]


def one(*past: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([each]) for each in past)


def simulated(true: Parameters, customers: int, horizon: float) -> tuple[np.ndarray, ...]:
    """Customers who live by the model, watched for a time of their own; and what came after."""
    chance = np.random.default_rng(7)
    rate = chance.gamma(true.r, 1 / true.alpha, customers)
    leaving = chance.beta(true.a, true.b, customers)
    age = chance.uniform(100, 700, customers)
    rows = np.zeros((4, customers))
    for place in range(customers):
        moment, is_here = 0.0, True
        while is_here:
            moment += chance.exponential(1 / rate[place])
            if moment > age[place] + horizon:
                break
            if moment <= age[place]:
                rows[:2, place] = rows[0, place] + 1, moment
            else:
                rows[3, place] += 1
            is_here = chance.random() >= leaving[place]
    rows[2] = age
    return tuple(rows)


def test_fit_reproduces_the_published_parameters(cdnow: tuple[np.ndarray, ...]) -> None:
    found = fit(*cdnow)

    assert found.r == pytest.approx(0.243, abs=0.0005)
    assert found.alpha == pytest.approx(4.414, abs=0.0005)
    assert found.a == pytest.approx(0.793, abs=0.0005)
    assert found.b == pytest.approx(2.426, abs=0.0005)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert found.customers == 2357


def test_fit_in_days_is_the_fit_in_weeks(cdnow: tuple[np.ndarray, ...]) -> None:
    frequency, recency, age = cdnow

    weeks, days = fit(frequency, recency, age), fit(frequency, 7 * recency, 7 * age)

    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-4)
    assert (days.r, days.a, days.b) == pytest.approx((weeks.r, weeks.a, weeks.b), rel=1e-4)


def test_fit_finds_the_parameters_customers_live_by() -> None:
    true = Parameters(r=0.8, alpha=60.0, a=0.9, b=4.0)
    frequency, recency, age, _ = simulated(true, 6000, horizon=90)

    found = fit(frequency, recency, age)

    assert found.r == pytest.approx(true.r, rel=0.15)
    assert found.alpha == pytest.approx(true.alpha, rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(true.a / (true.a + true.b), rel=0.15)


def test_fit_climbs_by_the_true_slope(cdnow: tuple[np.ndarray, ...]) -> None:
    likelihood = _Likelihood.of(np.stack(cdnow, 1), np.ones(len(cdnow[0])))
    somewhere = np.log([0.5, 9.0, 0.3, 5.0])

    _, slope = likelihood(somewhere)

    by_differences = approx_fprime(somewhere, lambda logs: likelihood(logs)[0], 1e-6)
    np.testing.assert_allclose(slope, by_differences, atol=1e-5)


def test_fit_refuses_too_few_who_came_back() -> None:
    age = np.full(500, 300.0)
    frequency = np.where(np.arange(500) < LEAST_REPEAT_BUYERS - 1, 2.0, 0.0)
    recency = np.where(frequency > 0, 150.0, 0.0)

    with pytest.raises(TooFewCustomers) as refusal:
        fit(frequency, recency, age)

    assert str(refusal.value) == (
        "99 customers came back; at least 100 are needed to say who will."
    )


def test_fit_takes_just_enough_who_came_back() -> None:
    chance = np.random.default_rng(1)
    age = chance.uniform(100, 400, LEAST_REPEAT_BUYERS)
    frequency = chance.poisson(age / 80) + 1

    found = fit(frequency, age * chance.beta(3, 1, LEAST_REPEAT_BUYERS), age)

    assert found.customers == LEAST_REPEAT_BUYERS
    assert np.isfinite([found.r, found.alpha, found.a, found.b]).all()


@pytest.mark.parametrize(
    "past",
    [(-1, 0, 10), (1, 11, 10), (0, 5, 10), (1, np.nan, 10), (np.inf, 1, 10)],
    ids=["negative", "after the moment", "never back, yet later", "unknown", "endless"],
)
def test_fit_refuses_a_past_that_cannot_be(past: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError):
        fit(*one(*past))


def test_fit_survives_a_till_account_and_customers_of_today(
    cdnow: tuple[np.ndarray, ...],
) -> None:
    frequency, recency, age = (
        np.append(column, more)
        for column, more in zip(cdnow, ([100_000, 0], [38.86, 0], [38.86, 0]), strict=True)
    )

    found = fit(frequency, recency, age)
    chances = will_buy(found, frequency, recency, age, within=13)

    assert np.isfinite([found.r, found.alpha, found.a, found.b, found.log_likelihood]).all()
    assert ((chances >= 0) & (chances <= 1)).all()
    assert chances[-2] > 0.99


def test_fit_on_customers_who_never_leave_still_answers() -> None:
    chance = np.random.default_rng(3)
    age = np.full(2000, 400.0)
    frequency = chance.poisson(8, 2000)
    recency = np.where(frequency > 0, 399.0, 0.0)

    found = fit(frequency, recency, age)

    assert alive(found, frequency, recency, age).min() > 0.95


def test_log_likelihood_of_the_published_parameters(cdnow: tuple[np.ndarray, ...]) -> None:
    assert log_likelihood(PUBLISHED, *cdnow) == pytest.approx(-9582.4, abs=0.05)


def test_alive_is_certain_of_one_who_never_came_back() -> None:
    assert alive(PUBLISHED, *one(0, 0, 30)).tolist() == [1.0]


def test_alive_worked_out_by_hand() -> None:
    simple = Parameters(r=1.0, alpha=10.0, a=1.0, b=2.0)

    chances = alive(simple, *one(1, 10, 30))

    assert chances.tolist() == pytest.approx([1 / (1 + 1 / 2 * (40 / 20) ** 2)])


def test_alive_falls_with_every_day_away_and_is_highest_on_the_day() -> None:
    away = np.array([0.0, 5, 20, 80])
    frequency = np.full(4, 6)

    chances = alive(PUBLISHED, frequency, np.full(4, 20.0), 20 + away)

    assert (np.diff(chances) < 0).all()
    assert chances[0] == pytest.approx(1 / (1 + 0.793 / (2.426 + 5)))


def test_will_buy_worked_out_by_hand() -> None:
    simple = Parameters(r=1.0, alpha=10.0, a=1.0, b=2.0)

    chances = will_buy(simple, *one(1, 10, 30), within=40)

    assert chances.tolist() == pytest.approx([1 / 3 * (1 - (40 / 80) ** 2)])


def test_will_buy_comes_true_as_often_as_it_says() -> None:
    true = Parameters(r=0.8, alpha=60.0, a=0.9, b=4.0)
    frequency, recency, age, later = simulated(true, 6000, horizon=90)

    chances = will_buy(true, frequency, recency, age, within=90)

    for low, high in [(0.0, 0.2), (0.2, 0.5), (0.5, 1.0)]:
        some = (chances >= low) & (chances < high)
        assert (later[some] > 0).mean() == pytest.approx(chances[some].mean(), abs=0.04)


@pytest.mark.parametrize(
    "past",
    [(0, 0, 0), (1, 0, 0), (3, 0, 0), (5, 300, 300), (100_000, 700, 700), (100_000, 10, 5_000)],
)
def test_all_answers_are_finite_for_any_past(past: tuple[float, float, float]) -> None:
    is_alive = alive(PUBLISHED, *one(*past))[0]
    buys = will_buy(PUBLISHED, *one(*past), within=13)[0]

    assert 0 <= buys <= is_alive <= 1
