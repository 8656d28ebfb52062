"""Lines and visits as arrays, held to what the database says row by row."""

import random
from datetime import datetime, timedelta

import numpy as np
import pytest
from psycopg.errors import DivisionByZero

from catalog.models import Product, Variant
from customers import packed
from customers.lines import LONG_AGO, Lines, Places, Visits, newest_first
from customers.models import Customer, LineItem
from customers.shopfacts import Shop, read_shop
from tests.factories import (
    NOON,
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    StoreFactory,
    VariantFactory,
)

ON = NOON.date()
NEVER = (0, -1, -1, LONG_AGO)
HOUR = 3_600
DAY = 24 * HOUR


def sold(customer: Customer, variant: Variant, at: datetime, *, quantity: int = 1) -> LineItem:
    order = PurchaseFactory(customer=customer, purchased_at=at)
    return LineItemFactory(purchase=order, variant=variant, quantity=quantity)


def read() -> Shop:
    return read_shop(as_of=NOON, on=ON)


def lines_by_key(lines: Lines, shop: Shop) -> list[tuple[int, int, int, int, str]]:
    """In the order of the arrays: customer, product, day, quantity and size, keys and words."""
    return [
        (
            int(shop.roster.numbers[lines.customer[line]]),
            int(shop.assortment.numbers[lines.product[line]]),
            int(lines.day[line]),
            int(lines.quantity[line]),
            shop.sizes.names[lines.size[line]],
        )
        for line in range(len(lines))
    ]


def lines_by_orm() -> list[tuple[int, int, int, int, str]]:
    rows = (
        LineItem.objects.filter(purchased_at__lte=NOON)
        .select_related("variant")
        .order_by("customer_id", "-purchased_at", "-variant_id")
    )
    return [
        (
            row.customer_id,
            row.product_id,
            (NOON - row.purchased_at).days,
            row.quantity,
            row.variant.size,
        )
        for row in rows
    ]


def visits_of(shop: Shop, customer: Customer) -> tuple[int, int, int, int]:
    place = shop.roster.numbers.tolist().index(customer.pk)
    visits: Visits = shop.visits
    return (
        int(visits.days[place]),
        int(visits.first[place]),
        int(visits.last[place]),
        int(visits.seconds[place]),
    )


def make_lines(chance: random.Random, *, count: int) -> None:
    customers = CustomerFactory.create_batch(5)
    variants = [VariantFactory(size=size) for size in ("", "37", "38", "39")]
    for _ in range(count):
        at = NOON - timedelta(seconds=chance.randint(-2 * DAY, 400 * DAY))
        quantity = chance.choice((1, 1, 3, -1))
        sold(chance.choice(customers), chance.choice(variants), at, quantity=quantity)


@pytest.mark.django_db
def test_lines_lie_by_customer_newest_first_and_none_is_dated_later() -> None:
    make_lines(random.Random(7), count=60)

    shop = read()

    expected = lines_by_orm()
    assert lines_by_key(shop.lines, shop) == expected
    assert 40 < len(expected) < LineItem.objects.count() == 60
    starts = np.searchsorted(shop.lines.customer, np.arange(len(shop.roster.numbers) + 1))
    assert shop.lines.start.tolist() == starts.tolist()


@pytest.mark.django_db(transaction=True)
def test_two_connections_read_the_same_lines_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "PAGES_AT_ONCE", 1)
    make_lines(random.Random(11), count=200)
    pages = packed.pages_of("customers_lineitem")

    shop = read()

    assert pages > 1
    assert lines_by_key(shop.lines, shop) == lines_by_orm()


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_in_a_reader_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "PAGES_AT_ONCE", 1)
    make_lines(random.Random(11), count=200)
    column = packed.Column("number", "id / (id - id)", "int8")

    with pytest.raises(DivisionByZero):
        packed.each_packed("customers_lineitem", [column], print, pages=4)


@pytest.mark.django_db
def test_lines_are_of_narrow_types() -> None:
    make_lines(random.Random(3), count=3)

    lines = read().lines

    assert [lines.customer.dtype, lines.product.dtype] == [np.int32, np.int32]
    assert [lines.day.dtype, lines.quantity.dtype, lines.size.dtype] == [np.int16] * 3


@pytest.mark.django_db
def test_lines_of_a_customer_who_joins_later_are_left_out() -> None:
    early = CustomerFactory(joined_on=ON)
    late = CustomerFactory(joined_on=ON + timedelta(days=1))
    variant = VariantFactory()
    for customer in (early, late):
        sold(customer, variant, NOON - timedelta(days=3))

    shop = read()

    assert [key[0] for key in lines_by_key(shop.lines, shop)] == [early.pk]


@pytest.mark.django_db
def test_a_shop_without_lines_has_nobody_who_bought() -> None:
    customer = CustomerFactory()

    shop = read()

    assert len(shop.lines) == 0
    assert visits_of(shop, customer) == NEVER


@pytest.mark.django_db
def test_lines_of_a_product_that_does_not_exist_yet_do_not_shift_the_others() -> None:
    ProductFactory(style="a", launched_on=ON + timedelta(days=1))
    variant = VariantFactory(product=ProductFactory(style="b"))
    sold(CustomerFactory(), variant, NOON)

    shop = read()

    assert [key[1] for key in lines_by_key(shop.lines, shop)] == [variant.product_id]
    assert not Product.objects.filter(pk__in=shop.assortment.numbers, style="a").exists()


@pytest.mark.django_db
def test_visits_count_days_of_the_shops_calendar() -> None:
    """Seen from noon of 15 June: 10:30; the 13th at 23:30, 23:00 and 10:30; the 12th at 23:30."""
    StoreFactory(timezone="America/Chicago")
    customer, variant = CustomerFactory(), VariantFactory()
    for hours_ago in (1.5, 36.5, 37, 49.5, 60.5):
        sold(customer, variant, NOON - timedelta(hours=hours_ago))

    shop = read()

    assert visits_of(shop, customer) == (3, 3, 0, 1.5 * HOUR)


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "days"), [(12 * HOUR, 0), (12 * HOUR + 1, 1)])
def test_midnight_belongs_to_the_day_that_begins(seconds: int, days: int) -> None:
    StoreFactory(timezone="America/Chicago")
    customer = CustomerFactory()
    sold(customer, VariantFactory(), NOON - timedelta(seconds=seconds))

    shop = read()

    assert visits_of(shop, customer) == (1, days, days, seconds)


@pytest.mark.django_db
def test_returns_are_no_visits() -> None:
    only_returns, bought_once = CustomerFactory(), CustomerFactory()
    variant = VariantFactory()
    sold(only_returns, variant, NOON - timedelta(days=2), quantity=-1)
    sold(bought_once, variant, NOON - timedelta(days=9))
    sold(bought_once, variant, NOON - timedelta(days=2), quantity=-1)

    shop = read()

    assert visits_of(shop, only_returns) == NEVER
    assert visits_of(shop, bought_once) == (1, 9, 9, 9 * DAY)


@pytest.mark.parametrize("count", [0, 1, 2, 19, 3_000])
def test_newest_first_sorts_one_customer_with_nearly_everything(count: int) -> None:
    """A till account: half of all purchases, or more, in any order."""
    chance = np.random.default_rng(count)
    customer = np.where(chance.random(count) < 0.9, 1, chance.integers(0, 4, count)).astype("i4")
    age = chance.integers(0, 50, count).astype(np.int32)
    variant = chance.integers(-1, 5, count).astype(np.int32)
    start = np.concatenate(([0], np.cumsum(np.bincount(customer, minlength=4)))).astype(np.int64)

    order = newest_first(start, customer, age, variant)

    expected = np.lexsort((-variant, age, customer))
    assert sorted(order.tolist()) == list(range(count))
    for values in (customer, age, variant):
        np.testing.assert_array_equal(values[order], values[expected])


@pytest.mark.parametrize("known", [[], [5], [7, 3, 4], [10, 10**12, 20]])
def test_places_are_minus_one_for_numbers_that_are_not_known(known: list[int]) -> None:
    asked = [*known, 0, 2, 6, 10**9, -(10**9), 10**12 + 1]

    found = Places(np.array(known, dtype=np.int64)).of(np.array(asked, dtype=np.int64))

    assert found.dtype == np.int32
    assert found.tolist() == [known.index(each) if each in known else -1 for each in asked]
