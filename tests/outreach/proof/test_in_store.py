"""An associate's tap and the till's line, joined."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clienteling.models import Store
from outreach.models import Showing
from outreach.proof import in_store
from outreach.proof.in_store import AFTER, BEFORE, InStore
from tests.factories import (
    LineItemFactory,
    LookbookFactory,
    ProductFactory,
    PurchaseFactory,
    StoreFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

PRICE = Decimal("265.00")


@pytest.fixture
def store() -> Store:
    return StoreFactory()


def showing(store: Store, at: datetime, *, outcome: str = "bought", **values: Any) -> Showing:
    associate = UserFactory(store=store)
    book = LookbookFactory(
        associate=associate, **({"customer": values["customer"]} if "customer" in values else {})
    )
    return Showing.objects.create(
        lookbook=book,
        customer=book.customer,
        store=store,
        product=values.get("product") or ProductFactory(),
        outcome=outcome,
        noted_by=associate,
        noted_at=at,
    )


def rung_up(shown: Showing, at: datetime, *, quantity: int = 1) -> None:
    purchase = PurchaseFactory(customer=shown.customer, purchased_at=at)
    variant = VariantFactory(product=shown.product)
    LineItemFactory(purchase=purchase, variant=variant, quantity=quantity, unit_price=PRICE)


def counted(store: Store, now: datetime) -> InStore:
    return in_store.shown([store], since=now - timedelta(days=30), until=now)


def test_shown_counts_what_became_of_the_items(store: Store, now: datetime) -> None:
    yesterday = now - timedelta(days=1)
    rung_up(showing(store, yesterday), yesterday)
    showing(store, yesterday)
    showing(store, yesterday, outcome="tried")
    showing(store, yesterday, outcome="not_shown")
    showing(StoreFactory(), yesterday)

    assert counted(store, now) == InStore(bought=2, tried=1, not_shown=1, in_till=1, revenue=PRICE)


@pytest.mark.parametrize(
    ("line_after", "in_till"),
    [
        (-BEFORE, 1),
        (-BEFORE - timedelta(seconds=1), 0),
        (AFTER, 1),
        (AFTER + timedelta(seconds=1), 0),
    ],
)
def test_line_of_the_till_may_be_some_days_from_the_tap(
    store: Store, now: datetime, line_after: timedelta, in_till: int
) -> None:
    tapped_at = now - timedelta(days=10)
    rung_up(showing(store, tapped_at), tapped_at + line_after)

    assert counted(store, now).in_till == in_till


def test_line_is_claimed_once_however_many_pages_showed_it(store: Store, now: datetime) -> None:
    first = showing(store, now - timedelta(days=2))
    showing(
        store, now - timedelta(days=2, hours=-1), customer=first.customer, product=first.product
    )
    rung_up(first, now - timedelta(days=2))

    assert (counted(store, now).bought, counted(store, now).in_till) == (2, 1)
    assert counted(store, now).revenue == PRICE


def test_what_came_back_is_taken_off(store: Store, now: datetime) -> None:
    kept, returned = (showing(store, now - timedelta(days=9)) for _ in range(2))
    for each in (kept, returned):
        rung_up(each, now - timedelta(days=9))
    rung_up(returned, now - timedelta(days=4), quantity=-1)

    assert counted(store, now).revenue == PRICE


def test_tried_is_no_sale_whatever_the_till_says(store: Store, now: datetime) -> None:
    rung_up(showing(store, now - timedelta(days=1), outcome="tried"), now - timedelta(days=1))

    assert counted(store, now).in_till == 0


def test_shown_takes_one_query(store: Store, now: datetime, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert counted(store, now).shown == 0
