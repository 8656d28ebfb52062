"""The numbers and the plain rules are two spellings of one thing; here they are held together."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Brand, Category, Product, SetAside, StockLevel, Variant
from clienteling.folding import fold
from clienteling.models import Store
from customers.appropriateness import ITEM_RULES, OBJECTIONS, item_blockers
from customers.facts import Arrivals, client_facts, item_facts
from customers.models import (
    ClientNote,
    Customer,
    Feedback,
    LineItem,
    Purchase,
    ServiceCase,
    StatedSize,
)
from customers.screening import screen_of
from customers.shopfacts import read_shop
from tests.factories import (
    NOON,
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    StockLevelFactory,
    StoreFactory,
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
    SetAside.objects.bulk_create(
        SetAside(
            variant=level.variant,
            store=level.store,
            until=NOON + timedelta(days=chance.choice((-1, 0, 2))),
        )
        for level in StockLevel.objects.filter(quantity__gt=0)
        for _ in range(chance.randint(0, level.quantity))
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
    Feedback.objects.bulk_create(
        Feedback(
            customer=chance.choice(customers),
            product=product,
            kind=chance.choice(Feedback.Kind.values),
            said_at=NOON + timedelta(days=chance.choice((-3, 0, 1))),
        )
        for product in products
    )
    ClientNote.objects.bulk_create(make_rule(chance, customers) for _ in range(6))
    StatedSize.objects.bulk_create(
        [
            StatedSize(
                customer=customer,
                category=chance.choice(categories),
                size=chance.choice(("37", "38", "a size of old")),
                stated_at=NOON + timedelta(days=chance.choice((-3, 0, 1))),
            )
            for customer in customers[:3]
        ]
    )


def make_rule(chance: random.Random, customers: list[Customer]) -> ClientNote:
    kind, value, price = chance.choice(
        (
            ("brand", "BRAND 1", None),
            ("category", "Kind 0", None),
            ("subcategory", "loafers", None),
            ("color", "red", None),
            ("material", "Suede", None),
            ("price_above", "", Decimal(100)),
            ("price_above", "", Decimal("99.99")),
        )
    )
    retired_at = chance.choice((None, None, NOON, NOON + timedelta(days=1)))
    written_at = NOON + timedelta(days=chance.choice((-3, 0, 1)))
    return ClientNote(
        customer=chance.choice(customers),
        rule=kind,
        value=value,
        price=price,
        written_at=written_at,
        retired_at=max(retired_at, written_at) if retired_at else None,
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
        subcategory=chance.choice(("Loafers", "")),
        color=chance.choice(("Dark red", "Red", "Reddish", "")),
        attributes=chance.choice(({}, {"material": "Suède"}, {"Fabric": ["wool", "brown suede"]})),
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


def by_screen(*, with_stock: bool) -> dict[tuple[int, int], int]:
    """The first objection to every product that exists, by primary keys; 0 for none."""
    shop = read_shop(as_of=NOON, on=ON)
    candidates = np.arange(len(shop.assortment.numbers), dtype=np.int32)
    screen = screen_of(shop, candidates, with_stock=with_stock, new_within=NEW_WITHIN)
    everybody = np.arange(len(shop.roster.numbers), dtype=np.int32)
    columns = np.broadcast_to(candidates, (len(everybody), len(candidates)))
    found = screen.verdicts(everybody, columns)
    return {
        (customer, product): int(found[row, column])
        for row, customer in enumerate(shop.roster.numbers.tolist())
        for column, product in enumerate(shop.assortment.numbers.tolist())
    }


def by_rules(*, with_stock: bool) -> dict[tuple[int, int], int]:
    """The same, asked one by one."""
    customers = list(Customer.objects.select_related("store"))
    clients = client_facts(customers, now=NOON)
    existing = Q(launched_on__lte=ON) | Q(lines__purchased_at__lte=NOON)
    products = set(Product.objects.filter(existing).values_list("pk", flat=True))
    refused = set(
        Feedback.objects.filter(
            kind__in=("not_for_me", "tried_not_right"), said_at__lte=NOON
        ).values_list("customer_id", "product_id")
    )
    found = {}
    for customer in customers:
        items = item_facts(
            products,
            customer.store,
            now=NOON,
            on=ON,
            arrivals=Arrivals(NEW_WITHIN),
            with_stock=with_stock,
        )
        for product, item in items.items():
            codes = [blocker.code for blocker in item_blockers(item, clients[customer.pk])]
            if (customer.pk, product) in refused and "not-for-me" not in codes:
                codes.append("not-for-me")
            found[customer.pk, product] = OBJECTIONS[codes[0]] if codes else 0
    return found


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**6), with_stock=st.booleans())
def test_the_screen_objects_as_the_rules_object(seed: int, with_stock: bool) -> None:
    with transaction.atomic():
        make_world(random.Random(seed))
        expected = by_rules(with_stock=with_stock)

        found = by_screen(with_stock=with_stock)

        transaction.set_rollback(True)
    assert found == expected


def test_the_numbers_follow_the_order_of_the_rules() -> None:
    codes = [rule.__name__.replace("_", "-") for rule in ITEM_RULES]

    assert list(OBJECTIONS)[: len(codes)] == codes
    assert list(OBJECTIONS.values()) == list(range(1, len(OBJECTIONS) + 1))


def test_a_shelf_label_is_no_twin_for_the_screen_either(now: datetime) -> None:
    customer = CustomerFactory(store=None)
    yogurts = ProductFactory.create_batch(7, name="Yogurt, 6 oz")
    twins = ProductFactory.create_batch(2, name="Marlow loafer")
    for owned in (yogurts[0], twins[0]):
        order = PurchaseFactory(customer=customer)
        LineItemFactory(purchase=order, variant=VariantFactory(product=owned))

    found = by_screen(with_stock=True)

    objections = {product: found[customer.pk, product.pk] for product in (*yogurts, *twins)}
    assert list(objections.values()) == [1, 0, 0, 0, 0, 0, 0, 1, 2]
    assert found == by_rules(with_stock=True)


def test_verdicts_answer_for_the_columns_asked_and_0_for_none(now: datetime) -> None:
    owner, other = CustomerFactory(store=None), CustomerFactory(store=None)
    products = [ProductFactory(style=style) for style in ("a", "b", "c")]
    LineItemFactory(
        purchase=PurchaseFactory(customer=owner), variant=VariantFactory(product=products[2])
    )
    shop = read_shop(as_of=NOON, on=ON)
    screen = screen_of(shop, np.array([1, 2], dtype=np.int32), with_stock=True)
    columns = np.array([[0, 1, -1], [1, -1, -1], [-1, 1, 1]], dtype=np.int32)
    asked = np.array([0, 1, 0], dtype=np.int32)

    found = screen.verdicts(asked, columns)

    assert shop.roster.numbers[asked].tolist() == [owner.pk, other.pk, owner.pk]
    assert found.dtype == np.int16
    assert found.tolist() == [[0, 1, 0], [0, 0, 0], [0, 1, 1]]


def test_gone_is_what_a_store_says_it_has_nothing_left_of(now: datetime) -> None:
    store = StoreFactory()
    CustomerFactory(store=store)
    left, sold_out, untold = (
        VariantFactory(product=ProductFactory(style=style)) for style in ("a", "b", "c")
    )
    StockLevelFactory(store=store, variant=left, quantity=2)
    StockLevelFactory(store=store, variant=sold_out, quantity=0)
    shop = read_shop(as_of=NOON, on=ON)

    screen = screen_of(shop, np.arange(3, dtype=np.int32), with_stock=True)

    assert screen.gone.tolist() == [[False, True, False]]
    assert untold.product.style == "c"
