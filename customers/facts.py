"""The facts that the rules of `appropriateness` ask for, loaded in bulk.

Each loader asks a constant number of questions however many rows are wanted, and the purchase
lines are never read without saying whose. Everything is as of `now`: a line, a complaint or a
solution recorded later does not exist yet. Stock and prices have no date: they are as they stand.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce

from catalog.models import Product, StockLevel, Variant
from clienteling.defaults import NEW_ARRIVAL_DAYS
from clienteling.folding import fold
from clienteling.models import Store
from customers.appropriateness import MOST_TWINS, ClientFacts, ItemFacts, gender_of
from customers.models import Customer, LineItem, ServiceCase


@dataclass(frozen=True)
class Arrivals:
    """How long an item counts as new, and the first day it was seen where no launch is known."""

    within: int = NEW_ARRIVAL_DAYS
    first_seen: Mapping[int, date] = field(default_factory=dict)


@dataclass
class _Gathered:
    """One client's facts while they are being put together."""

    net: dict[int, int] = field(default_factory=dict)
    twins: dict[int, str] = field(default_factory=dict)
    returned: set[int] = field(default_factory=set)
    sizes: dict[str, str] = field(default_factory=dict)
    genders: set[str] = field(default_factory=set)
    trouble_products: set[int] = field(default_factory=set)
    trouble_brands: set[str] = field(default_factory=set)
    open_case: bool = False
    last_case_closed_at: datetime | None = None


def client_facts(customers: Iterable[Customer], *, now: datetime) -> dict[int, ClientFacts]:
    """The facts of these clients by primary key: two queries. Everybody asked for is in it."""
    gathered = {customer.pk: _Gathered() for customer in customers}
    _gather_lines(gathered, now)
    _gather_cases(gathered, now)
    return {number: _client(number, facts) for number, facts in gathered.items()}


def _gather_lines(gathered: Mapping[int, _Gathered], now: datetime) -> None:
    """Newest first, so that the first size seen in a category is the last one bought.

    Of two sizes bought at the same moment the one with the higher variant number stands.
    """
    lines = (
        LineItem.objects.filter(customer__in=list(gathered), purchased_at__lte=now)
        .order_by("-purchased_at", "-variant_id")
        .values_list(
            "customer_id",
            "product_id",
            "quantity",
            "variant__size",
            "product__name",
            "product__brand__name",
            "product__category__name",
            "product__gender",
        )
    )
    for customer, product, quantity, size, name, brand, category, gender in lines:
        facts = gathered[customer]
        facts.net[product] = facts.net.get(product, 0) + quantity
        facts.twins.setdefault(product, twin_key(brand or "", name))
        if quantity < 0:
            facts.returned.add(product)
            continue
        if size and category:
            facts.sizes.setdefault(category, size)
        facts.genders.add(gender_of(gender))


def _gather_cases(gathered: Mapping[int, _Gathered], now: datetime) -> None:
    cases = ServiceCase.objects.filter(customer__in=list(gathered), opened_at__lte=now).values_list(
        "customer_id", "product_id", "product__brand__name", "closed_at"
    )
    for customer, product, brand, closed_at in cases:
        facts = gathered[customer]
        if closed_at is None or closed_at > now:
            facts.open_case = True
        elif facts.last_case_closed_at is None or closed_at > facts.last_case_closed_at:
            facts.last_case_closed_at = closed_at
        if product:
            facts.trouble_products.add(product)
        if brand:
            facts.trouble_brands.add(brand)


def _client(number: int, facts: _Gathered) -> ClientFacts:
    owned = frozenset(product for product, net in facts.net.items() if net > 0)
    return ClientFacts(
        customer_id=number,
        owned_products=owned,
        owned_twins=frozenset(facts.twins[product] for product in owned),
        returned_products=frozenset(facts.returned),
        trouble_products=frozenset(facts.trouble_products),
        trouble_brands=frozenset(facts.trouble_brands),
        sizes=facts.sizes,
        genders=frozenset(facts.genders - {""}),
        open_case=facts.open_case,
        last_case_closed_at=facts.last_case_closed_at,
    )


def item_facts(
    product_ids: Collection[int],
    store: Store | None,
    *,
    now: datetime,
    on: date | None = None,
    arrivals: Arrivals | None = None,
    with_stock: bool = True,
) -> dict[int, ItemFacts]:
    """The facts of these products in this store, by primary key: three queries.

    A fourth is asked only when a price is missing. Products that do not exist are left out.
    Without a store, or when it told us nothing about a product, stock is None. With `arrivals`
    the items are asked to be new as well. Age is counted to `on`, by default the store's day.
    """
    today = on or (store.local(now) if store else now).date()
    products = list(_products(product_ids))
    namesakes = _namesakes({product["search_name"] for product in products}, today)
    stock = stock_by_size(product_ids, store) if store and with_stock else {}
    must_be_priced = all(product["asked"] is not None for product in products) or has_prices()
    return {
        product["pk"]: _item(
            product,
            namesakes=namesakes.get((product["brand_id"], product["search_name"]), 0),
            stock=stock.get(product["pk"]),
            must_be_priced=must_be_priced,
            on=today,
            arrivals=arrivals,
        )
        for product in products
    }


def _item(
    product: Mapping[str, Any],
    *,
    namesakes: int,
    stock: Mapping[str, int] | None,
    must_be_priced: bool,
    on: date,
    arrivals: Arrivals | None,
) -> ItemFacts:
    brand = product["brand__name"] or ""
    first_seen = arrivals.first_seen.get(product["pk"]) if arrivals else None
    launched_on = product["launched_on"] or first_seen
    return ItemFacts(
        product_id=product["pk"],
        name=product["name"],
        brand=brand,
        category=product["category__name"] or "",
        gender=gender_of(product["gender"]),
        price=product["asked"],
        launched_on=launched_on,
        stock=stock,
        age_days=(on - launched_on).days if launched_on else None,
        twin_key="" if namesakes > MOST_TWINS else twin_key(brand, product["name"]),
        must_be_new=arrivals is not None,
        must_be_priced=must_be_priced,
        new_within=arrivals.within if arrivals else NEW_ARRIVAL_DAYS,
    )


def _products(product_ids: Collection[int]) -> Iterable[Mapping[str, Any]]:
    variants = Variant.objects.filter(product=OuterRef("pk")).order_by().values("product")
    least = Subquery(variants.annotate(least=Min("price")).values("least")[:1])
    return (
        Product.objects.filter(pk__in=product_ids)
        .order_by()
        .annotate(asked=Coalesce("price", least))
        .values(
            "pk",
            "name",
            "search_name",
            "gender",
            "launched_on",
            "brand_id",
            "brand__name",
            "category__name",
            "asked",
        )
    )


def _namesakes(names: Collection[str], today: date) -> dict[tuple[int | None, str], int]:
    """How many products of one brand have one of these names, by brand and name."""
    alike = Product.objects.filter(search_name__in=names).exclude(launched_on__gt=today).order_by()
    counted = alike.values("brand_id", "search_name").annotate(count=Count("pk"))
    return {
        (brand, name): count
        for brand, name, count in counted.values_list("brand_id", "search_name", "count")
    }


def twin_key(brand: str, name: str) -> str:
    """The same for one model of a brand in several colors; "" without a brand to go by."""
    return f"{fold(brand)}|{fold(name)}" if brand else ""


def stock_by_size(product_ids: Collection[int], store: Store) -> dict[int, dict[str, int]]:
    """Pieces by size in this store. A product is missing when nobody told us about it."""
    found: dict[int, dict[str, int]] = {}
    levels = StockLevel.objects.filter(store=store, variant__product__in=product_ids).values_list(
        "variant__product_id", "variant__size", "quantity"
    )
    for product, size, quantity in levels.order_by():
        sizes = found.setdefault(product, {})
        sizes[size] = sizes.get(size, 0) + quantity
    return found


def has_prices() -> bool:
    """Whether the shop gave us any price at all; where it did, a missing one is suspicious."""
    return (
        Product.objects.filter(price__isnull=False).order_by().exists()
        or Variant.objects.filter(price__isnull=False).order_by().exists()
    )


def list_prices() -> dict[int, Decimal]:
    """The lowest price among a product's variants, for products that have one there."""
    priced = Variant.objects.filter(price__isnull=False).order_by()
    return dict(
        priced.values("product_id").annotate(least=Min("price")).values_list("product_id", "least")
    )
