"""The night's count against figures worked out by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from clienteling import clock
from clienteling.models import Store
from customers.models import Customer
from outreach import tasks
from outreach.messages import answer_counts
from outreach.models import AnsweringPeers
from tests.factories import (
    CategoryFactory,
    ConsentFactory,
    CustomerFactory,
    LineItemFactory,
    MessageFactory,
    ProductFactory,
    PurchaseFactory,
    ReplyFactory,
    StoreFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def shopper(store: Store, *, buys: str = "Shoes", **values: Any) -> Customer:
    """Reachable by both channels, forty-something, who bought one thing of a kind."""
    customer = CustomerFactory(**{"store": store, "birth_year": 1981, **values})
    for channel in ("sms", "email"):
        ConsentFactory(customer=customer, channel=channel)
    product = ProductFactory(category=CategoryFactory(name=buys))
    LineItemFactory(
        purchase=PurchaseFactory(customer=customer), variant=VariantFactory(product=product)
    )
    return customer


def written(
    customer: Customer, channel: str, at: datetime, *, answered: bool, **changes: Any
) -> None:
    message = MessageFactory(
        customer=customer, **{"channel": channel, "state": "sent", "sent_at": at, **changes}
    )
    if answered:
        ReplyFactory(customer=customer, message=message, channel=channel, received_at=at)


def counted(customer: Customer) -> dict[str, tuple[int, int]]:
    row = AnsweringPeers.objects.get(customer=customer)
    return {
        f"{who} {channel}": (
            getattr(row, f"{who}_{channel}_sent"),
            getattr(row, f"{who}_{channel}_answered"),
        )
        for who in ("alike", "store")
        for channel in ("sms", "email")
    }


def test_refresh_counts_the_others_by_likeness_and_by_store(now: datetime) -> None:
    store, long_ago = StoreFactory(), now - timedelta(days=60)
    amanda, alike = shopper(store), shopper(store, birth_year=1985)
    older, bags = shopper(store, birth_year=1970), shopper(store, buys="Bags")
    elsewhere = shopper(StoreFactory())
    written(amanda, "sms", long_ago, answered=True)
    written(alike, "sms", long_ago, answered=False)
    written(alike, "email", long_ago, answered=True)
    written(older, "sms", long_ago, answered=True)
    written(bags, "email", long_ago, answered=False)
    written(elsewhere, "sms", long_ago, answered=True)

    answer_counts.refresh(now=now)

    assert counted(amanda) == {
        "alike sms": (1, 0),
        "alike email": (1, 1),
        "store sms": (2, 1),
        "store email": (2, 1),
    }


def test_refresh_counts_only_offers_that_had_time_to_be_answered(now: datetime) -> None:
    store = StoreFactory()
    amanda, other = shopper(store), shopper(store)
    week = timedelta(days=7)
    written(other, "sms", now - week, answered=False)
    written(other, "sms", now - week + timedelta(seconds=1), answered=False)
    written(other, "sms", now - timedelta(hours=1), answered=True)
    written(other, "sms", now + timedelta(hours=1), answered=True)
    written(other, "sms", now - timedelta(days=731), answered=True)
    written(other, "sms", now - week, answered=False, step="answer")
    written(other, "sms", now - week, answered=False, state="failed")

    answer_counts.refresh(now=now)

    assert counted(amanda)["alike sms"] == (2, 1)


def test_refresh_leaves_out_who_can_be_written_to_by_one_channel_only(now: datetime) -> None:
    store = StoreFactory()
    amanda, other = shopper(store), shopper(store)
    written(other, "sms", now - timedelta(days=60), answered=True)
    other.consents.filter(channel="email").update(state="opted_out")

    answer_counts.refresh(now=now)

    assert list(AnsweringPeers.objects.values_list("customer", flat=True)) == [amanda.pk]


def test_task_counts_as_of_the_shops_clock(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    store = StoreFactory()
    amanda, other = shopper(store), shopper(store)
    written(other, "sms", now + timedelta(days=1), answered=True)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1))

    tasks.count_answers()

    assert counted(amanda)["alike sms"] == (1, 1)


def test_refresh_replaces_last_nights_counts(now: datetime) -> None:
    store = StoreFactory()
    amanda, other = shopper(store), shopper(store)
    written(other, "sms", now - timedelta(days=60), answered=True)

    first = answer_counts.refresh(now=now)
    written(other, "sms", now - timedelta(days=50), answered=False)
    second = answer_counts.refresh(now=now)

    assert (first, second) == (2, 2)
    assert counted(amanda)["alike sms"] == (2, 1)
