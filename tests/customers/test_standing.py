from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from customers import standing
from customers.models import Customer
from tests.factories import CustomerFactory, LineItemFactory, PurchaseFactory, StoreFactory

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 1, 10, 18, 0, tzinfo=UTC)


def buy(customer: Customer, at: datetime, **line: object) -> None:
    purchase = PurchaseFactory(customer=customer, purchased_at=at)
    LineItemFactory(purchase=purchase, **line)


def test_recompute_keeps_visits_rhythm_and_spend() -> None:
    customer = CustomerFactory()
    for days in (0, 10, 40, 60):
        buy(customer, FIRST + timedelta(days=days), quantity=2, unit_price=Decimal("10.50"))

    assert standing.recompute(customers="all") == 1

    customer.refresh_from_db()
    assert customer.first_purchase_at == FIRST
    assert customer.last_purchase_at == FIRST + timedelta(days=60)
    assert customer.visit_count == 4
    assert customer.usual_gap_days == 20
    assert customer.net_spend == Decimal("84.00")


@pytest.mark.parametrize(("visits", "usual"), [(1, None), (2, None), (3, 7)])
def test_recompute_knows_a_rhythm_from_three_visits_on(visits: int, usual: int | None) -> None:
    customer = CustomerFactory()
    for visit in range(visits):
        buy(customer, FIRST + timedelta(days=7 * visit))

    standing.recompute(customers="all")

    customer.refresh_from_db()
    assert (customer.visit_count, customer.usual_gap_days) == (visits, usual)


def test_recompute_rounds_a_half_day_up() -> None:
    customer = CustomerFactory()
    for days in (0, 2, 5):  # gaps of two and three
        buy(customer, FIRST + timedelta(days=days))

    standing.recompute(customers="all")

    customer.refresh_from_db()
    assert customer.usual_gap_days == 3


def test_recompute_counts_a_return_as_money_and_not_as_a_visit() -> None:
    customer = CustomerFactory()
    buy(customer, FIRST, unit_price=Decimal("100"))
    buy(customer, FIRST + timedelta(days=9), quantity=-1, unit_price=Decimal("60"))

    standing.recompute(customers="all")

    customer.refresh_from_db()
    assert customer.last_purchase_at == FIRST
    assert customer.visit_count == 1
    assert customer.net_spend == Decimal("40.00")


def test_recompute_takes_days_from_the_calendar_of_the_store() -> None:
    chicago = CustomerFactory(store=StoreFactory(timezone="America/Chicago"))
    nowhere = CustomerFactory(store=None)
    for customer in (chicago, nowhere):
        # Ten in the evening and half past midnight in Chicago; the same day in UTC.
        buy(customer, datetime(2026, 1, 11, 4, 0, tzinfo=UTC))
        buy(customer, datetime(2026, 1, 11, 6, 30, tzinfo=UTC))

    standing.recompute(customers="all")

    chicago.refresh_from_db()
    nowhere.refresh_from_db()
    assert (chicago.visit_count, nowhere.visit_count) == (2, 1)


def test_recompute_writes_only_what_differs() -> None:
    buy(CustomerFactory(), FIRST)
    CustomerFactory()

    assert standing.recompute(customers="all") == 1
    assert standing.recompute(customers="all") == 0


def test_recompute_leaves_other_customers_alone() -> None:
    asked, other = CustomerFactory(), CustomerFactory()
    buy(asked, FIRST)
    buy(other, FIRST)

    assert standing.recompute(customers=[asked.pk]) == 1

    other.refresh_from_db()
    assert other.visit_count == 0


def test_recompute_clears_a_customer_whose_purchases_are_gone() -> None:
    customer = CustomerFactory(visit_count=3, usual_gap_days=9, net_spend=Decimal("5"))

    standing.recompute(customers="all")

    customer.refresh_from_db()
    assert (customer.visit_count, customer.usual_gap_days, customer.net_spend) == (0, None, 0)


def test_recompute_counts_a_line_without_price_as_a_visit() -> None:
    customer = CustomerFactory()
    buy(customer, FIRST, unit_price=None)

    standing.recompute(customers="all")

    customer.refresh_from_db()
    assert (customer.visit_count, customer.net_spend) == (1, 0)
