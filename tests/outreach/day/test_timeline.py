from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from clienteling.models import Store
from customers.models import Customer
from outreach.day import timeline
from outreach.day.conversation import Bubble
from outreach.day.timeline import Entry
from tests.factories import (
    CustomerFactory,
    LineItemFactory,
    PurchaseFactory,
    ServiceCaseFactory,
    StoreFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return StoreFactory(name="Oak Street")


@pytest.fixture
def amanda(store: Store) -> Customer:
    return CustomerFactory(customer_id="C-1", store=store)


def bought(customer: Customer, at: datetime, *names: str, quantity: int = 1) -> None:
    purchase = PurchaseFactory(customer=customer, purchased_at=at)
    for name in names:
        variant = VariantFactory(product__name=name, size="38")
        LineItemFactory(purchase=purchase, variant=variant, quantity=quantity)


def bubble(at: datetime, *, side: str = "out", words: str = "Hi Amanda") -> Bubble:
    return Bubble(side=side, words=words, small="11:00 · text", at=at, day="")


def test_of_client_tells_everything_newest_first(
    amanda: Customer, store: Store, now: datetime
) -> None:
    bought(amanda, now - timedelta(days=100), "Linden flat")
    ServiceCaseFactory(
        customer=amanda, opened_at=now - timedelta(days=50), summary="A heel broke", closed_at=None
    )
    said = [bubble(now - timedelta(days=1)), bubble(now, side="in", words="Yes please")]

    shown = timeline.of_client(amanda, said, store, now=now)

    assert [(entry.kind, entry.day) for entry in shown.entries] == [
        ("messages", "15 June"),
        ("messages", "14 June"),
        ("service", "26 April"),
        ("bought", "7 March"),
    ]
    assert shown.entries[0] == Entry(
        at=now,
        kind="messages",
        day="15 June",
        iso="2026-06-15",
        words="Yes please",
        detail="Answer · 11:00 · text",
    )
    assert shown.entries[1].detail == "Note · 11:00 · text"


def test_of_client_says_the_size_of_one_piece_and_the_names_of_several(
    amanda: Customer, store: Store, now: datetime
) -> None:
    bought(amanda, now - timedelta(days=1), "Linden flat")
    bought(amanda, now - timedelta(days=2), "One", "Two", "Three", "Four", "Five")

    single, several = timeline.of_client(amanda, [], store, now=now).entries

    assert single.detail.split(" · ")[0] == "38"
    assert single.amount == "$240"
    assert several.detail.split(" · ")[0] == "One, Two, Three, Four, 1 more"
    assert several.amount == "$1,200"


def test_of_client_takes_the_money_of_a_return_as_money_back(
    amanda: Customer, store: Store, now: datetime
) -> None:
    bought(amanda, now - timedelta(days=1), "Linden flat", quantity=-1)

    [entry] = timeline.of_client(amanda, [], store, now=now).entries

    assert (entry.kind, entry.amount) == ("bought", "−$240")


def test_of_client_knows_no_amount_where_the_price_is_unknown(
    amanda: Customer, store: Store, now: datetime
) -> None:
    purchase = PurchaseFactory(customer=amanda, purchased_at=now - timedelta(days=1))
    LineItemFactory(purchase=purchase, unit_price=None)
    free = PurchaseFactory(customer=amanda, purchased_at=now - timedelta(days=2))
    LineItemFactory(purchase=free, unit_price=Decimal(0))

    unpriced, given = timeline.of_client(amanda, [], store, now=now).entries

    assert (unpriced.amount, given.amount) == ("", "$0")


def test_of_client_narrows_to_a_kind_and_counts_them_all(
    amanda: Customer, store: Store, now: datetime
) -> None:
    bought(amanda, now - timedelta(days=1), "Linden flat")
    ServiceCaseFactory(customer=amanda, opened_at=now - timedelta(days=2), closed_at=now)
    said = [bubble(now)]

    shown = timeline.of_client(amanda, said, store, now=now, kind="service")

    assert [entry.kind for entry in shown.entries] == ["service", "service"]
    assert [(tab.label, tab.count, tab.is_current) for tab in shown.tabs] == [
        ("All", 4, False),
        ("Bought", 1, False),
        ("Messages", 1, False),
        ("Service", 2, True),
    ]
    assert shown.tabs[3].url == "/clients/C-1/?entries=service#everything"


def test_of_client_takes_an_unknown_kind_for_all(
    amanda: Customer, store: Store, now: datetime
) -> None:
    shown = timeline.of_client(amanda, [bubble(now)], store, now=now, kind="nonsense")

    assert len(shown.entries) == 1
    assert [tab.is_current for tab in shown.tabs] == [True, False, False, False]


@pytest.mark.parametrize(("number", "earlier"), [(25, 0), (26, 1)])
def test_of_client_shows_twenty_five_at_first(
    amanda: Customer, store: Store, now: datetime, number: int, earlier: int
) -> None:
    said = [bubble(now - timedelta(hours=hours)) for hours in range(number)]

    some = timeline.of_client(amanda, said, store, now=now)
    everything = timeline.of_client(amanda, said, store, now=now, show_everything=True)

    assert (len(some.entries), some.earlier) == (25, earlier)
    assert bool(some.earlier_url) == bool(earlier)
    assert (len(everything.entries), everything.earlier) == (number, 0)


def test_of_client_counts_days_as_the_store_does(
    amanda: Customer, store: Store, now: datetime
) -> None:
    late_evening = now.replace(day=15, hour=4, minute=59)  # 23:59 on the 14th in Chicago
    bought(amanda, late_evening, "Linden flat")

    entries = timeline.of_client(amanda, [bubble(late_evening)], store, now=now).entries

    assert [(entry.day, entry.iso) for entry in entries] == [("14 June", "2026-06-14")] * 2
