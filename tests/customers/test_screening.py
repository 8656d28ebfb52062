"""The masks and the plain rules are two spellings of one thing; here they are held together."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Brand, Category, Product, StockLevel, Variant
from clienteling.folding import fold
from clienteling.models import Store
from customers.appropriateness import item_blockers
from customers.facts import Arrivals, client_facts, item_facts
from customers.models import Customer, LineItem, Purchase, ServiceCase
from customers.screening import screen_of
from customers.shopfacts import read_shop
from customers.suggestions import newly_arrived
from tests.factories import (
    NOON,
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

ON = NOON.date()
NEW_WITHIN = 60
SIZES = ("", "37", "38")


def make_world(chance: random.Random) -> None:
    """A few stores, clients and products with everything that a rule may object to."""
    stores = Store.objects.bulk_create(Store(code=f"s{n}", name=f"S{n}") for n in range(2))
    brands = Brand.objects.bulk_create(Brand(name=f"Brand {n}") for n in range(2))
    categories = Category.objects.bulk_create(Category(name=f"Kind {n}") for n in range(2))
    products = Product.objects.bulk_create(
        make_product(chance, number, brands, categories) for number in range(9)
    )
    variants = Variant.objects.bulk_create(
        Variant(product=product, sku=f"{product.style}-{size}", size=size)
        for product in products
        for size in chance.sample(SIZES, k=chance.randint(1, 3))
    )
    StockLevel.objects.bulk_create(
        StockLevel(variant=variant, store=store, quantity=chance.choice((0, 0, 2)))
        for variant in variants
        for store in stores
        if chance.random() < 0.7
    )
    customers = Customer.objects.bulk_create(
        Customer(customer_id=f"c{n}", store=chance.choice((*stores, None))) for n in range(5)
    )
    for number in range(18):
        make_line(chance, number, customers, variants)
    ServiceCase.objects.bulk_create(
        ServiceCase(
            case_id=f"case-{number}",
            customer=chance.choice(customers),
            product=chance.choice((*products, None)),
            opened_at=NOON + timedelta(days=chance.randint(-50, 10)),
        )
        for number in range(3)
    )


def make_product(
    chance: random.Random, number: int, brands: list[Brand], categories: list[Category]
) -> Product:
    name = chance.choice(("Loafer", "Boot", "Pump"))
    return Product(
        style=f"p{number}",
        name=name,
        search_name=fold(name),
        brand=chance.choice((*brands, None)),
        category=chance.choice((*categories, None)),
        gender=chance.choice(("Women", "men", "unisex", "")),
        price=chance.choice((Decimal(100), Decimal(100), None)),
        launched_on=chance.choice(
            (None, *(ON - timedelta(days=days) for days in (-1, 0, 5, 60, 61)))
        ),
    )


def make_line(
    chance: random.Random, number: int, customers: list[Customer], variants: list[Variant]
) -> None:
    at = NOON + timedelta(days=chance.choice((-200, -100, -100, -30, -1, 5)))
    variant, customer = chance.choice(variants), chance.choice(customers)
    order = Purchase.objects.create(order_id=f"o{number}", customer=customer, purchased_at=at)
    LineItem.objects.create(
        purchase=order,
        line=1,
        customer=customer,
        variant=variant,
        product_id=variant.product_id,
        quantity=chance.choice((1, 1, 2, -1)),
        purchased_at=at,
    )


def allowed_by_screen(*, with_stock: bool) -> set[tuple[int, int]]:
    """Every customer and product, by primary key, that the masks let pass."""
    shop = read_shop(as_of=NOON, on=ON)
    candidates = newly_arrived(shop, new_within=NEW_WITHIN)
    if not len(candidates):
        return set()
    screen = screen_of(shop, candidates, with_stock=with_stock)
    everybody = np.arange(len(shop.roster.numbers), dtype=np.int32)
    rows, columns = np.nonzero(screen.allowed(everybody, candidates))
    customers = shop.roster.numbers[rows].tolist()
    return set(zip(customers, shop.assortment.numbers[candidates[columns]].tolist(), strict=True))


def allowed_by_rules(*, with_stock: bool) -> set[tuple[int, int]]:
    """The same, asked one by one."""
    customers = list(Customer.objects.select_related("store"))
    clients = client_facts(customers, now=NOON)
    products = list(Product.objects.values_list("pk", flat=True))
    arrivals = Arrivals(NEW_WITHIN)
    found = set()
    for customer in customers:
        items = item_facts(
            products, customer.store, now=NOON, on=ON, arrivals=arrivals, with_stock=with_stock
        )
        for product, item in items.items():
            if not item_blockers(item, clients[customer.pk]):
                found.add((customer.pk, product))
    return found


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**6), with_stock=st.booleans())
def test_the_screen_allows_what_the_rules_allow(seed: int, with_stock: bool) -> None:
    with transaction.atomic():
        make_world(random.Random(seed))
        by_rules = allowed_by_rules(with_stock=with_stock)

        by_screen = allowed_by_screen(with_stock=with_stock)

        transaction.set_rollback(True)
    assert by_screen == by_rules


def test_a_shelf_label_is_no_twin_for_the_screen_either(now: datetime) -> None:
    customer = CustomerFactory(store=None)
    yogurts = ProductFactory.create_batch(7, name="Yogurt, 6 oz")
    twins = ProductFactory.create_batch(2, name="Marlow loafer")
    for owned in (yogurts[0], twins[0]):
        order = PurchaseFactory(customer=customer)
        LineItemFactory(purchase=order, variant=VariantFactory(product=owned))

    allowed = allowed_by_screen(with_stock=True)

    assert allowed == {(customer.pk, yogurt.pk) for yogurt in yogurts[1:]}
    assert allowed == allowed_by_rules(with_stock=True)
