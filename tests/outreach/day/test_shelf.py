from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from clienteling.models import User
from outreach.day import shelf
from outreach.day.shelf import Shelf
from outreach.day.wording import Size
from tests.factories import (
    ManagerFactory,
    ProductFactory,
    StockLevelFactory,
    SuggestionFactory,
    UserFactory,
    VariantFactory,
)
from tests.outreach.scenes import lapsed_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def associate() -> User:
    return UserFactory()


def seen_by(user: User, now: datetime, **asked: Any) -> Shelf:
    assert user.store is not None
    return shelf.for_user(user, user.store, now=now, **asked)


def styles(shown: Shelf) -> list[str]:
    return [arrival.style for arrival in shown.arrivals]


def picked_for(associate: User, product: Product, *, rank: int = 1, **client: Any) -> None:
    customer = lapsed_client(associate, items=0, **client)
    SuggestionFactory(customer=customer, product=product, rank=rank)


def stocked(product: Product, associate: User, **sizes: int) -> None:
    for size, quantity in sizes.items():
        variant = VariantFactory(product=product, size=size.removeprefix("size_"))
        StockLevelFactory(variant=variant, store=associate.store, quantity=quantity)


def test_for_user_shows_first_what_suits_most_of_her_clients(
    associate: User, now: datetime
) -> None:
    one, two, nobody = (ProductFactory(style=style) for style in ("one", "two", "nobody"))
    picked_for(associate, one)
    picked_for(associate, two)
    picked_for(associate, two)

    hers, everything = seen_by(associate, now), seen_by(associate, now, show_all=True)

    assert styles(hers) == ["two", "one"]
    assert [arrival.fits for arrival in hers.arrivals] == ["2 would like it", "1 would like it"]
    assert styles(everything) == ["two", "one", nobody.style]
    assert everything.arrivals[2].fits == ""
    assert [(tab.label, tab.count) for tab in hers.tabs] == [("For my clients", 2), ("All", 3)]
    assert [(tab.count, tab.is_current) for tab in everything.tabs] == [(2, False), (3, True)]


def test_for_user_shows_all_where_nothing_suits_anybody(associate: User, now: datetime) -> None:
    ProductFactory(style="lonely")

    shown = seen_by(associate, now)

    assert styles(shown) == ["lonely"]
    assert shown.tabs[1].is_current


@pytest.mark.parametrize(
    ("launched_on", "expected"),
    [
        (date(2026, 6, 16), []),
        (date(2026, 6, 15), ["piece"]),
        (date(2026, 4, 16), ["piece"]),
        (date(2026, 4, 15), []),
    ],
)
def test_for_user_shows_sixty_days_of_arrivals(
    associate: User, now: datetime, launched_on: date, expected: list[str]
) -> None:
    ProductFactory(style="piece", launched_on=launched_on)

    assert styles(seen_by(associate, now)) == expected


def test_for_user_says_so_when_nothing_arrived(associate: User, now: datetime) -> None:
    shown = seen_by(associate, now)

    assert (shown.line, shown.item) == ("0 arrivals in the last 60 days", None)
    assert shown.empty == "Nothing has arrived in the last 60 days."


@pytest.mark.parametrize(("rank", "fits"), [(3, "1 would like it"), (4, "")])
def test_for_user_counts_the_three_shown_and_no_understudy(
    associate: User, now: datetime, rank: int, fits: str
) -> None:
    picked_for(associate, ProductFactory(), rank=rank)

    [arrival] = seen_by(associate, now).arrivals

    assert arrival.fits == fits


@pytest.mark.parametrize(("days", "fits"), [(90, "1 would like it"), (89, "")])
def test_for_user_counts_lapsed_clients_only(
    associate: User, now: datetime, days: int, fits: str
) -> None:
    picked_for(associate, ProductFactory(), days=days)

    [arrival] = seen_by(associate, now).arrivals

    assert arrival.fits == fits


def test_for_user_counts_her_own_book_and_a_managers_whole_store(
    associate: User, now: datetime
) -> None:
    product = ProductFactory()
    colleague = UserFactory(store=associate.store)
    picked_for(associate, product, customer_id="hers")
    picked_for(colleague, product, customer_id="a-colleagues")
    picked_for(UserFactory(), product, customer_id="elsewhere")

    hers = seen_by(associate, now).item
    managers = seen_by(ManagerFactory(store=associate.store), now).item

    assert hers is not None
    assert managers is not None
    assert [card.customer_id for card in hers.cards] == ["hers"]
    assert (hers.people, managers.cards) == ((), ())
    assert {fan.customer_id for fan in managers.people} == {"hers", "a-colleagues"}


def test_of_very_many_those_who_lapsed_last_are_counted_and_the_page_says_so(
    associate: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    product, manager = ProductFactory(), ManagerFactory(store=associate.store)
    for days in (120, 110, 100):
        picked_for(associate, product, days=days, customer_id=f"{days}-days-away")

    monkeypatch.setattr(shelf, "LOOKED_AT", 3)
    everybody = seen_by(manager, now)
    monkeypatch.setattr(shelf, "LOOKED_AT", 2)
    some = seen_by(manager, now)

    assert everybody.line == "1 arrival in the last 60 days"
    assert some.line == (
        "1 arrival in the last 60 days; counted is the taste of the 2 who lapsed last"
    )
    assert [shown.arrivals[0].fits for shown in (everybody, some)] == [
        "3 would like it",
        "2 would like it",
    ]
    assert some.item is not None
    assert {fan.customer_id for fan in some.item.people} == {"110-days-away", "100-days-away"}


def test_manager_without_a_store_counts_nobody(associate: User, now: datetime) -> None:
    picked_for(associate, ProductFactory(), store=None)
    manager = ManagerFactory(store=None)

    shown = shelf.for_user(manager, associate.store, now=now)

    assert [arrival.fits for arrival in shown.arrivals] == [""]


def test_item_names_a_dozen_people_and_counts_the_others(associate: User, now: datetime) -> None:
    product = ProductFactory()
    for _ in range(13):
        picked_for(associate, product)

    item = seen_by(ManagerFactory(store=associate.store), now).item

    assert item is not None
    assert (len(item.people), item.others) == (12, "And 1 other.")


def test_item_is_the_one_asked_for_or_the_first(associate: User, now: datetime) -> None:
    first = ProductFactory(style="first", name="Abel loafer", color="Navy")
    stocked(first, associate, size_38=0, size_39=2)
    ProductFactory(style="second", name="Bruno boot")

    asked = seen_by(associate, now, style="second").item
    unasked = seen_by(associate, now, style="nonsense").item

    assert asked is not None
    assert unasked is not None
    assert asked.name == "Bruno boot"
    assert (unasked.alt, unasked.since) == ("Abel loafer in navy", "$265 · in since 5 June")
    assert unasked.sizes == (Size("38", is_gone=True), Size("39", is_gone=False))


@pytest.mark.parametrize(
    ("sizes", "line"),
    [
        ({"size_37": 1, "size_38": 1, "size_40": 2}, "$265 · 37 to 40"),
        ({"S": 1, "M": 2, "L": 0}, "$265 · S, M"),
        ({"size_38": 0}, "$265 · sold out here"),
        ({"uni": 4}, "$265 · 4 here"),
        ({}, "$265 · stock unknown"),
    ],
)
def test_arrival_says_what_is_here(
    associate: User, now: datetime, sizes: dict[str, int], line: str
) -> None:
    stocked(ProductFactory(), associate, **sizes)

    [arrival] = seen_by(associate, now).arrivals

    assert arrival.line == line


@pytest.mark.parametrize(("number", "has_more"), [(48, False), (49, True)])
def test_for_user_shows_forty_eight_at_first(
    associate: User, now: datetime, number: int, has_more: bool
) -> None:
    ProductFactory.create_batch(number)

    some, everything = seen_by(associate, now), seen_by(associate, now, show_more=True)

    assert (len(some.arrivals), bool(some.more_url)) == (48, has_more)
    assert (len(everything.arrivals), everything.more_url) == (number, "")


def test_for_user_asks_as_often_for_one_client_as_for_three(associate: User, now: datetime) -> None:
    product = ProductFactory(launched_on=(now - timedelta(days=1)).date())
    stocked(product, associate, size_38=2)
    picked_for(associate, product)
    seen_by(associate, now)
    with CaptureQueriesContext(connection) as one:
        seen_by(associate, now)
    for _ in range(2):
        picked_for(associate, product)
        picked_for(associate, ProductFactory())

    with CaptureQueriesContext(connection) as many:
        seen_by(associate, now)

    assert len(many) == len(one)
