from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from customers.history import BoughtItem, EventLine, last_purchases, purchase_days, record, timeline
from tests.factories import (
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    ServiceCaseFactory,
    StoreFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


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

    events = timeline(customer, as_of=now)

    assert [(event.kind, event.title, event.amount, event.where) for event in events] == [
        ("service-closed", "Solved: Marlow loafer", None, ""),
        ("sent-back", "Sent back Marlow loafer", Decimal("240.00"), "Online"),
        ("service-opened", "Service case: Marlow loafer", None, ""),
        ("bought", "Bought Marlow loafer", Decimal("480.00"), "Oak Street"),
    ]
    assert events[3].details == (
        EventLine(loafer.product_id, "Marlow loafer", "38", 2, Decimal("240.00")),
    )


def test_timeline_splits_an_exchange_into_two_events(now: datetime) -> None:
    order = PurchaseFactory(purchased_at=now - timedelta(days=3))
    LineItemFactory(purchase=order, quantity=1)
    LineItemFactory(purchase=order, quantity=2)
    LineItemFactory(purchase=order, quantity=-1, unit_price=None)

    events = timeline(order.customer, as_of=now)

    assert {(event.kind, event.amount) for event in events} == {
        ("bought", Decimal("720.00")),
        ("sent-back", None),
    }
    assert "Bought 3 items" in {event.title for event in events}


def test_timeline_does_not_know_the_future(now: datetime) -> None:
    customer = CustomerFactory()
    tomorrow = now + timedelta(days=1)
    LineItemFactory(purchase=PurchaseFactory(customer=customer, purchased_at=tomorrow))
    ServiceCaseFactory(customer=customer, opened_at=now, closed_at=tomorrow)

    events = timeline(customer, as_of=now)

    assert [event.kind for event in events] == ["service-opened"]


def test_timeline_keeps_the_newest_when_limited(now: datetime) -> None:
    customer = CustomerFactory()
    for days in (3, 2, 1):
        at = now - timedelta(days=days)
        LineItemFactory(purchase=PurchaseFactory(customer=customer, purchased_at=at))

    events = timeline(customer, as_of=now, limit=2)

    assert [event.at for event in events] == [now - timedelta(days=1), now - timedelta(days=2)]


@pytest.mark.parametrize("count", [1, 3])
def test_timeline_costs_three_queries(
    now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    customer = CustomerFactory()
    for _ in range(count):
        LineItemFactory(purchase=PurchaseFactory(customer=customer))
        ServiceCaseFactory(customer=customer, product=ProductFactory())

    with django_assert_num_queries(3):
        events = timeline(customer, as_of=now)

    assert len(events) == 2 * count


def test_purchase_days_are_the_stores_days(now: datetime) -> None:
    chicago = CustomerFactory(store=StoreFactory(timezone="America/Chicago"))
    tokyo = CustomerFactory(store=StoreFactory(timezone="Asia/Tokyo"))
    late = now.replace(hour=23)  # 18:00 in Chicago, the next morning in Tokyo
    for customer in (chicago, tokyo):
        order = PurchaseFactory(customer=customer, purchased_at=late)
        LineItemFactory(purchase=order)
        LineItemFactory(purchase=order)

    days = purchase_days([chicago.pk, tokyo.pk], as_of=late)

    assert days == {chicago.pk: [date(2026, 6, 15)], tokyo.pk: [date(2026, 6, 16)]}


def test_purchase_days_leave_out_returns_and_the_future(
    now: datetime, django_assert_num_queries: Any
) -> None:
    customer = CustomerFactory()
    for days_ago, quantity in ((9, 1), (5, -1), (-1, 1), (30, 1)):
        at = now - timedelta(days=days_ago)
        order = PurchaseFactory(customer=customer, purchased_at=at)
        LineItemFactory(purchase=order, quantity=quantity)

    with django_assert_num_queries(1):
        days = purchase_days([customer.pk], as_of=now)

    assert days == {customer.pk: [date(2026, 5, 16), date(2026, 6, 6)]}


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

    with django_assert_num_queries(3):
        found = last_purchases(record(customer, as_of=now), 2)

    price = Decimal("240.00")
    assert found == [
        BoughtItem(sent_back.product, "38", 1, price, now - timedelta(days=20), True),
        BoughtItem(kept.product, "38", 2, price, now - timedelta(days=30), False),
    ]
