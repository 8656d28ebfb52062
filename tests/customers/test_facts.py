from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.facts import Arrivals, client_facts, item_facts
from tests.factories import (
    NOON,
    BrandFactory,
    CategoryFactory,
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    ServiceCaseFactory,
    StockLevelFactory,
    StoreFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def buys(customer: Any, variant: Any, *, days_ago: int, quantity: int = 1) -> None:
    order = PurchaseFactory(customer=customer, purchased_at=NOON - timedelta(days=days_ago))
    LineItemFactory(purchase=order, variant=variant, quantity=quantity)


def test_client_facts_tell_what_is_owned_and_what_came_back(now: datetime) -> None:
    customer = CustomerFactory()
    kept, sent_back = VariantFactory(), VariantFactory()
    buys(customer, kept, days_ago=20)
    buys(customer, sent_back, days_ago=20)
    buys(customer, sent_back, days_ago=10, quantity=-1)

    facts = client_facts([customer], now=now)[customer.pk]

    assert facts.owned_products == {kept.product_id}
    assert facts.returned_products == {sent_back.product_id}


def test_client_facts_count_two_of_which_one_came_back_as_both(now: datetime) -> None:
    customer, variant = CustomerFactory(), VariantFactory()
    buys(customer, variant, days_ago=20, quantity=2)
    buys(customer, variant, days_ago=10, quantity=-1)

    facts = client_facts([customer], now=now)[customer.pk]

    assert facts.owned_products == {variant.product_id}
    assert facts.returned_products == {variant.product_id}


def test_client_facts_take_the_size_last_bought_in_each_category(now: datetime) -> None:
    customer, boots = CustomerFactory(), CategoryFactory(name="Boots")
    buys(customer, VariantFactory(size="39"), days_ago=10)
    buys(customer, VariantFactory(size="38"), days_ago=30)
    buys(customer, VariantFactory(size="40", product__category=boots), days_ago=50)
    buys(customer, VariantFactory(size="41"), days_ago=5, quantity=-1)
    buys(customer, VariantFactory(size=""), days_ago=1)

    facts = client_facts([customer], now=now)[customer.pk]

    assert facts.sizes == {"Shoes": "39", "Boots": "40"}


def test_client_facts_know_for_whom_she_buys(now: datetime) -> None:
    customer = CustomerFactory()
    buys(customer, VariantFactory(product__gender="Ladies"), days_ago=10)
    buys(customer, VariantFactory(product__gender="unisex"), days_ago=10)

    assert client_facts([customer], now=now)[customer.pk].genders == {"women"}


def test_client_facts_know_of_trouble(now: datetime) -> None:
    customer = CustomerFactory()
    product = ProductFactory(brand=BrandFactory(name="Oddly"))
    ServiceCaseFactory(
        customer=customer,
        product=product,
        opened_at=now - timedelta(days=30),
        closed_at=now - timedelta(days=20),
    )

    facts = client_facts([customer], now=now)[customer.pk]

    assert (facts.trouble_products, facts.trouble_brands) == ({product.pk}, {"Oddly"})
    assert (facts.open_case, facts.last_case_closed_at) == (False, now - timedelta(days=20))


def test_client_facts_do_not_know_the_future(now: datetime) -> None:
    customer, variant = CustomerFactory(), VariantFactory()
    buys(customer, variant, days_ago=5)
    ServiceCaseFactory(
        customer=customer,
        opened_at=now - timedelta(days=30),
        closed_at=now - timedelta(days=5),
    )

    facts = client_facts([customer], now=now - timedelta(days=10))[customer.pk]

    assert facts.owned_products == frozenset()
    assert facts.open_case is True
    assert facts.last_case_closed_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_client_facts_cost_two_queries(
    now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    customers = CustomerFactory.create_batch(count)
    for customer in customers:
        buys(customer, VariantFactory(), days_ago=10)
        ServiceCaseFactory(customer=customer)

    with django_assert_num_queries(2):
        found = client_facts(customers, now=now)

    assert set(found) == {customer.pk for customer in customers}


def test_client_facts_never_read_the_lines_of_others(now: datetime) -> None:
    """The purchase lines are reached by customer, in a table that is worth an index."""
    customer, variant = CustomerFactory(), VariantFactory()
    for buyer in [customer, *CustomerFactory.create_batch(40)]:
        buys(buyer, variant, days_ago=10)

    with CaptureQueriesContext(connection) as queries:
        client_facts([customer], now=now)

    of_lines = [q["sql"] for q in queries if 'FROM "customers_lineitem"' in q["sql"]]
    assert len(of_lines) == 1
    assert '"customers_lineitem"."customer_id" = ANY(' in of_lines[0]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_lineitem")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + of_lines[0])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "line_item_customer" in plan


def test_item_facts_of_a_product(now: datetime) -> None:
    store = StoreFactory()
    product = ProductFactory(gender="Women", price=Decimal("90.00"), launched_on=date(2026, 6, 5))
    for size, quantity in (("37", 0), ("38", 2)):
        variant = VariantFactory(product=product, size=size)
        StockLevelFactory(variant=variant, store=store, quantity=quantity)
        StockLevelFactory(variant=variant, quantity=9)  # in another store

    facts = item_facts([product.pk], store, now=now)[product.pk]

    assert (facts.name, facts.brand, facts.category) == (product.name, "Fenn & Alder", "Shoes")
    assert (facts.gender, facts.price, facts.age_days) == ("women", Decimal("90.00"), 10)
    assert facts.stock == {"37": 0, "38": 2}
    assert facts.must_be_new is False


def test_item_facts_leave_untold_stock_unknown(now: datetime) -> None:
    product = VariantFactory().product

    with_store = item_facts([product.pk], StoreFactory(), now=now)
    without_store = item_facts([product.pk], None, now=now)

    assert with_store[product.pk].stock is None
    assert without_store[product.pk].stock is None


def test_item_facts_take_a_price_from_the_variants(now: datetime) -> None:
    product = ProductFactory(price=None)
    VariantFactory(product=product, price=Decimal("80.00"))
    VariantFactory(product=product, price=Decimal("70.00"))

    assert item_facts([product.pk], None, now=now)[product.pk].price == Decimal("70.00")


def test_item_facts_miss_a_price_only_where_others_have_one(now: datetime) -> None:
    product = ProductFactory(price=None)

    alone = item_facts([product.pk], None, now=now)[product.pk]
    ProductFactory(price=Decimal("10.00"))
    among_priced = item_facts([product.pk], None, now=now)[product.pk]

    assert (alone.price, alone.must_be_priced) == (None, False)
    assert among_priced.must_be_priced is True


def test_item_facts_know_twins_but_not_shelf_labels(now: datetime) -> None:
    twins = ProductFactory.create_batch(6, name="Marlow loafer")
    yogurts = ProductFactory.create_batch(7, name="Yogurt, 6 oz")
    nobodys = ProductFactory(name="Marlow loafer", brand=None)

    facts = item_facts([p.pk for p in (*twins, *yogurts, nobodys)], None, now=now)

    assert {facts[twin.pk].twin_key for twin in twins} == {"fenn & alder|marlow loafer"}
    assert {facts[yogurt.pk].twin_key for yogurt in yogurts} == {""}
    assert facts[nobodys.pk].twin_key == ""


def test_item_facts_asked_to_be_new_use_the_first_day_seen(now: datetime) -> None:
    undated = ProductFactory(launched_on=None)
    arrivals = Arrivals(within=30, first_seen={undated.pk: date(2026, 6, 1)})

    facts = item_facts([undated.pk], None, now=now, arrivals=arrivals)[undated.pk]

    assert (facts.must_be_new, facts.new_within, facts.age_days) == (True, 30, 14)


@pytest.mark.parametrize("count", [1, 3])
def test_item_facts_cost_one_query(
    now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    store = StoreFactory()
    levels = StockLevelFactory.create_batch(count, store=store)
    products = [level.variant.product_id for level in levels]

    with django_assert_num_queries(1):
        facts = item_facts(products, store, now=now)

    assert sorted(facts) == sorted(products)
