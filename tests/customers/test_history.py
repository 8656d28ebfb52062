from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from customers.history import (
    BoughtItem,
    Event,
    EventLine,
    events,
    last_purchases,
    record,
)
from customers.models import Customer
from tests.factories import (
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    ServiceCaseFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def timeline(customer: Customer, *, as_of: datetime) -> list[Event]:
    return events(record(customer, as_of=as_of))


def test_timeline_tells_of_till_web_and_service_desk_newest_first(now: datetime) -> None:
    customer = CustomerFactory(store__name="Oak Street")
    loafer = VariantFactory(product__name="Marlow loafer")
    at_the_till = PurchaseFactory(customer=customer, purchased_at=now - timedelta(days=40))
    LineItemFactory(purchase=at_the_till, variant=loafer, quantity=2)
    online = PurchaseFactory(
        customer=customer, purchased_at=now - timedelta(days=30), channel="online"
    )
    LineItemFactory(purchase=online, variant=loafer, quantity=-1)
    ServiceCaseFactory(
        customer=customer,
        product=loafer.product,
        opened_at=now - timedelta(days=35),
        closed_at=now - timedelta(days=20),
    )

    found = timeline(customer, as_of=now)

    assert [(event.kind, event.title, event.amount, event.where) for event in found] == [
        ("service-closed", "Solved: Marlow loafer", None, ""),
        ("sent-back", "Sent back Marlow loafer", Decimal("240.00"), "Online"),
        ("service-opened", "Service case: Marlow loafer", None, ""),
        ("bought", "Bought Marlow loafer", Decimal("480.00"), "Oak Street"),
    ]
    assert found[3].details == (
        EventLine(loafer.product_id, "Marlow loafer", "38", 2, Decimal("240.00")),
    )


def test_timeline_splits_an_exchange_into_two_events(now: datetime) -> None:
    order = PurchaseFactory(purchased_at=now - timedelta(days=3))
    LineItemFactory(purchase=order, quantity=1)
    LineItemFactory(purchase=order, quantity=2)
    LineItemFactory(purchase=order, quantity=-1, unit_price=None)

    found = timeline(order.customer, as_of=now)

    assert {(event.kind, event.amount) for event in found} == {
        ("bought", Decimal("720.00")),
        ("sent-back", None),
    }
    assert "Bought 3 items" in {event.title for event in found}


def test_timeline_does_not_know_the_future(now: datetime) -> None:
    customer = CustomerFactory()
    tomorrow = now + timedelta(days=1)
    LineItemFactory(purchase=PurchaseFactory(customer=customer, purchased_at=tomorrow))
    ServiceCaseFactory(customer=customer, opened_at=now, closed_at=tomorrow)

    found = timeline(customer, as_of=now)

    assert [event.kind for event in found] == ["service-opened"]


def test_timeline_has_the_newest_first(now: datetime) -> None:
    customer = CustomerFactory()
    for days in (2, 3, 1):
        at = now - timedelta(days=days)
        LineItemFactory(purchase=PurchaseFactory(customer=customer, purchased_at=at))

    assert [event.at for event in timeline(customer, as_of=now)] == [
        now - timedelta(days=days) for days in (1, 2, 3)
    ]


def test_orders_of_one_moment_stay_two(now: datetime) -> None:
    customer = CustomerFactory()
    for _ in range(2):
        order = PurchaseFactory(customer=customer, purchased_at=now)
        LineItemFactory(purchase=order)
        LineItemFactory(purchase=order)

    assert [event.title for event in timeline(customer, as_of=now)] == ["Bought 2 items"] * 2


@pytest.mark.parametrize("count", [1, 3])
def test_timeline_costs_two_queries(
    now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    customer = CustomerFactory()
    for _ in range(count):
        LineItemFactory(purchase=PurchaseFactory(customer=customer))
        ServiceCaseFactory(customer=customer, product=ProductFactory())

    with django_assert_num_queries(2):
        found = timeline(customer, as_of=now)

    assert len(found) == 2 * count


def test_last_purchases_show_each_product_once_with_what_became_of_it(
    now: datetime, django_assert_num_queries: Any
) -> None:
    customer = CustomerFactory()
    kept, sent_back, oldest = VariantFactory.create_batch(3)
    for variant, days_ago, quantity in (
        (oldest, 90, 1),
        (kept, 60, 1),
        (kept, 30, 2),
        (sent_back, 20, 1),
        (sent_back, 10, -1),
    ):
        at = now - timedelta(days=days_ago)
        order = PurchaseFactory(customer=customer, purchased_at=at)
        LineItemFactory(purchase=order, variant=variant, quantity=quantity)

    with django_assert_num_queries(2):
        found = last_purchases(record(customer, as_of=now), 2)

    price = Decimal("240.00")
    assert found == [
        BoughtItem(sent_back.product, "38", 1, price, now - timedelta(days=20), True),
        BoughtItem(kept.product, "38", 2, price, now - timedelta(days=30), False),
    ]
