from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from catalog.models import Product
from customers import backtest
from customers.backtest import (
    Plan,
    TooLittleToEvaluate,
    evaluate,
    plan_of,
    sampled,
    shop_as_of,
    suggested,
    trial_at,
)
from customers.comparison import OURS
from customers.models import Customer, LineItem
from customers.recommender.peers import PEERS, recommended
from customers.recommender.proposals import learned_before
from customers.shopfacts import Shop, read_shop
from tests.factories import (
    NOON,
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    StoreFactory,
)

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/Chicago")
TODAY = NOON.astimezone(ZONE).date()


def buys(customer: Customer, product: Product, *, days_ago: float, quantity: int = 1) -> None:
    order = PurchaseFactory(customer=customer, purchased_at=NOON - timedelta(days=days_ago))
    LineItemFactory(purchase=order, variant__product=product, quantity=quantity)


def arrival(*, days_ago: int, **traits: Any) -> Product:
    return ProductFactory(launched_on=TODAY - timedelta(days=days_ago), **traits)


def shop() -> Shop:
    return read_shop(as_of=NOON, on=TODAY)


def days_before(days: int) -> date:
    return TODAY - timedelta(days=days)


def history(*, oldest: float, newest: float = 0) -> Shop:
    client, product = CustomerFactory(), arrival(days_ago=900)
    buys(client, product, days_ago=oldest)
    buys(client, product, days_ago=newest)
    return shop()


def test_plan_ends_a_horizon_before_the_newest_purchase_and_goes_back_by_weeks() -> None:
    plan = plan_of(history(oldest=400, newest=10), weeks=3)

    assert plan == Plan((days_before(84), days_before(77), days_before(70)), 60, 3)


@pytest.mark.parametrize(
    ("oldest", "dates", "horizon"),
    [(120, 1, 60), (126, 1, 60), (127, 2, 60), (400, 8, 60), (119, 5, 30), (90, 1, 30)],
)
def test_plan_takes_what_the_past_bears(oldest: float, dates: int, horizon: int) -> None:
    plan = plan_of(history(oldest=oldest))

    assert (len(plan.dates), plan.horizon) == (dates, horizon)
    assert (plan.dates[0] - days_before(int(oldest))).days >= 60
    assert (TODAY - plan.dates[-1]).days == horizon


def test_plan_of_too_short_a_past_says_how_much_is_wanted() -> None:
    with pytest.raises(TooLittleToEvaluate) as refusal:
        plan_of(history(oldest=89))

    assert str(refusal.value) == (
        "Too little to go by: the purchases on record span 89 days, and 90 are needed: 60 to learn "
        "from and 30 to see what came true."
    )


def test_plan_of_a_shop_without_purchases_says_so() -> None:
    CustomerFactory()

    with pytest.raises(TooLittleToEvaluate, match="there are no purchases on record"):
        plan_of(shop())


def test_shop_as_of_is_what_reading_it_then_would_have_given() -> None:
    client, other = CustomerFactory(), CustomerFactory()
    known, later = arrival(days_ago=200), arrival(days_ago=20)
    buys(client, known, days_ago=100)
    buys(client, later, days_ago=10)
    buys(other, known, days_ago=15)
    on = days_before(50)

    cut, read = shop_as_of(shop(), on), read_shop(as_of=NOON - timedelta(days=50), on=on)

    assert (cut.as_of, cut.on) == (read.as_of, read.on)
    assert cut.assortment.styles == read.assortment.styles == [known.style]
    np.testing.assert_array_equal(cut.arrived, read.arrived)
    for name in ("start", "customer", "product", "day", "quantity", "size"):
        np.testing.assert_array_equal(getattr(cut.lines, name), getattr(read.lines, name))
    for name in ("days", "first", "last", "seconds"):
        np.testing.assert_array_equal(getattr(cut.visits, name), getattr(read.visits, name))


def test_shop_as_of_without_launches_counts_first_sales() -> None:
    client, product = CustomerFactory(), ProductFactory(launched_on=None)
    buys(client, product, days_ago=70)
    buys(client, product, days_ago=5)

    cut = shop_as_of(shop(), days_before(60))

    assert cut.arrived.tolist() == [days_before(70).toordinal()]


def test_trial_counts_what_was_bought_within_the_horizon_and_not_before() -> None:
    in_time, too_late, owner, returning = CustomerFactory.create_batch(4)
    old, new = arrival(days_ago=500), arrival(days_ago=70)
    for client in (in_time, too_late, owner, returning):
        buys(client, old, days_ago=90)
    buys(owner, new, days_ago=65)
    for client, days_ago in ((in_time, 59), (too_late, 29), (owner, 50)):
        buys(client, new, days_ago=days_ago)
    buys(returning, new, days_ago=45, quantity=-1)
    whole = shop()

    past = shop_as_of(whole, days_before(60))
    trial = trial_at(whole, past, horizon=30, new_within=60)

    assert whole.roster.numbers[trial.asked].tolist() == [in_time.pk]
    assert [past.assortment.numbers[place] for place in trial.facts.candidates] == [new.pk]
    assert trial.bought.toarray().tolist() == [[1]]


def test_trial_takes_the_stores_own_number_of_days_for_lapsed() -> None:
    patient = CustomerFactory(store=StoreFactory(lapse_days=90))
    impatient = CustomerFactory(store=StoreFactory(lapse_days=30))
    old, new = arrival(days_ago=500), arrival(days_ago=70)
    for client in (patient, impatient):
        buys(client, old, days_ago=110)
        buys(client, new, days_ago=20)
    whole = shop()

    past = shop_as_of(whole, days_before(60))
    trial = trial_at(whole, past, horizon=60, new_within=60)

    assert dict(zip(whole.roster.numbers[trial.asked].tolist(), trial.lapsed, strict=True)) == {
        patient.pk: False,
        impatient.pk: True,
    }


def busy_shop(*, clients: int = 40, arrivals: int = 6) -> list[Product]:
    """Two kinds of clients: the even ones buy the first half of the arrivals, the others not."""
    kinds = ("Knitwear", "Shoes")
    old = [arrival(days_ago=700, category__name=kind, name=f"Old {kind}") for kind in kinds]
    new = [
        arrival(
            days_ago=90, category__name=kinds[place % 2], name=f"New {kinds[place % 2]} {place}"
        )
        for place in range(arrivals)
    ]
    buys(CustomerFactory(), old[0], days_ago=0)  # the record goes on until today
    for number in range(clients):
        client = CustomerFactory()
        kind = number % 2
        buys(client, old[kind], days_ago=150 + number)
        buys(client, new[kind], days_ago=64)
        buys(client, new[2 + kind], days_ago=50 - number % 7)
    return new


def test_evaluate_compares_ours_with_every_peer_and_breaks_no_rule() -> None:
    busy_shop()
    said: list[str] = []

    found = evaluate(now=NOON, zone=ZONE, weeks=1, progress=said.append)

    everybody, lapsed = found.groups
    assert (everybody.asked, everybody.customers) == (40, 40)
    assert {each.name for each in everybody.performances} == {OURS, *PEERS}
    assert [each.violations for each in everybody.performances] == [0] * (1 + len(PEERS))
    assert everybody.performances[0].name == OURS
    assert lapsed.asked == 0
    assert said[0] == "Reading customers, products and purchases..."
    assert said[-1] == "Comparing..."
    assert found.is_short is False


def test_evaluate_does_not_let_the_future_change_what_is_recommended() -> None:
    new = busy_shop()
    on = days_before(60)
    before = shop_as_of(shop(), on)
    asked = trial_at(shop(), before, horizon=60, new_within=60)
    was = everybodys(before, asked)

    late = arrival(days_ago=30)
    for client in Customer.objects.all():
        buys(client, new[5], days_ago=59)
        buys(client, late, days_ago=10)
    whole = shop()
    after = shop_as_of(whole, on)
    trial = trial_at(whole, after, horizon=60, new_within=60)

    assert len(trial.asked) == len(asked.asked) == 40
    for name, items in everybodys(after, trial).items():
        np.testing.assert_array_equal(items, was[name], err_msg=name)


def everybodys(past: Shop, trial: Any) -> dict[str, Any]:
    peers: dict[str, Any] = {
        name: recommended(peer, trial.facts, trial.asked, n=3) for name, peer in PEERS.items()
    }
    return {**peers, OURS: suggested(past, trial, learned_before(trial, new_within=60))}


def test_evaluate_refuses_when_too_few_bought_anything_new() -> None:
    busy_shop(clients=10)

    with pytest.raises(TooLittleToEvaluate) as refusal:
        evaluate(now=NOON, zone=ZONE, weeks=1)

    assert str(refusal.value) == (
        "Too little to go by: 10 times did clients buy something new to them within 60 days of a "
        "date tried; 30 are needed to tell skill from chance."
    )


def test_evaluate_without_new_arrivals_says_so() -> None:
    history(oldest=300, newest=1)

    with pytest.raises(TooLittleToEvaluate, match="0 times did clients buy something new"):
        evaluate(now=NOON, zone=ZONE, weeks=2)


def test_evaluate_says_which_method_takes_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    busy_shop()

    def absent(facts: Any) -> Any:
        raise backtest.Unavailable("ALS takes no part: no library")

    monkeypatch.setattr(backtest, "PEERS", {**PEERS, "ALS": absent})

    found = evaluate(now=NOON, zone=ZONE, weeks=1)

    assert found.left_out == ("ALS takes no part: no library",)
    assert "ALS" not in {each.name for each in found.groups[0].performances}


def test_sampled_keeps_all_purchases_of_those_it_draws() -> None:
    busy_shop(clients=12)
    whole = shop()

    some = sampled(whole, most=5)

    drawn = some.roster.numbers.tolist()
    assert len(drawn) == 5
    assert len(some.lines) == LineItem.objects.filter(customer__in=drawn).count() < len(whole.lines)
    assert set(some.roster.numbers[some.lines.customer].tolist()) == set(drawn)
    assert len(some.roster.people.city) == len(some.roster.lapse_days) == 5
    assert sampled(some, most=5) is some
