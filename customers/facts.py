"""The facts that the rules of `appropriateness` ask for, loaded in bulk.

Each loader asks a constant number of questions however many rows are wanted, and the purchase
lines are never read without saying whose. Everything is as of `now`: a line, a complaint or a
solution recorded later does not exist yet. Stock and prices have no date: they are as they stand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    Exists,
    JSONField,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, JSONObject

from catalog.models import Product, SetAside, StockLevel, Variant
from clienteling.defaults import NEW_ARRIVAL_DAYS
from clienteling.folding import fold
from clienteling.models import Store
from customers.appropriateness import MOST_TWINS, ClientFacts, ItemFacts, gender_of
from customers.feedback import Word, feedback_column, words_of
from customers.models import Customer, LineItem, ServiceCase


@dataclass(frozen=True)
class Arrivals:
    """How long an item counts as new, and the first day it was seen where no launch is known."""

    within: int = NEW_ARRIVAL_DAYS
    first_seen: Mapping[int, date] = field(default_factory=dict)


class Line(NamedTuple):
    """A purchase line as the rules and the cards read it; a negative quantity came back."""

    product: int
    quantity: int
    size: str
    name: str
    brand: str
    category: str
    gender: str
    purchased_at: datetime
    line: int


@dataclass(frozen=True)
class Complaints:
    """What the service desk knows of a client; products by number, brands by name."""

    is_open: bool = False
    last_closed_at: datetime | None = None
    products: frozenset[int] = frozenset()
    brands: frozenset[str] = frozenset()


NO_COMPLAINTS = Complaints()


class Told(NamedTuple):
    """What a client told us, beside what she bought."""

    complaints: Complaints = NO_COMPLAINTS
    words: tuple[Word, ...] = ()


NOTHING_TOLD = Told()


@dataclass
class _Gathered:
    """One client's purchases while they are being put together."""

    net: dict[int, int] = field(default_factory=dict)
    twins: dict[int, str] = field(default_factory=dict)
    returned: set[int] = field(default_factory=set)
    sizes: dict[str, str] = field(default_factory=dict)
    genders: set[str] = field(default_factory=set)


def client_facts(
    customers: Iterable[Customer],
    *,
    now: datetime,
    lines: Mapping[int, Sequence[Line]] | None = None,
    told: Mapping[int, Told] | None = None,
) -> dict[int, ClientFacts]:
    """The facts of these clients by primary key: two queries. Everybody asked for is in it.

    A query less for each of `lines` and `told` that the caller has loaded, as of `now`.
    """
    numbers = [customer.pk for customer in customers]
    lines = lines_of(numbers, now=now) if lines is None else lines
    told = _told(numbers, now) if told is None else told
    return {number: _client(number, lines[number], told[number]) for number in numbers}


def lines_of(customer_ids: Collection[int], *, now: datetime) -> dict[int, list[Line]]:
    """What each of them bought and sent back up to `now`, newest first: one query.

    Of two lines of the same moment the one with the higher variant number comes first.
    """
    found: dict[int, list[Line]] = {number: [] for number in customer_ids}
    rows = (
        LineItem.objects.filter(customer__in=list(found), purchased_at__lte=now)
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
            "purchased_at",
            "line",
        )
    )
    for row in rows:
        found[row[0]].append(Line._make(row[1:]))
    return found


def _client(number: int, lines: Iterable[Line], told: Told) -> ClientFacts:
    facts = _gathered(lines)
    owned = frozenset(product for product, net in facts.net.items() if net > 0)
    return replace(
        only_complaints(number, told.complaints),
        owned_products=owned,
        owned_twins=frozenset(facts.twins[product] for product in owned),
        returned_products=frozenset(facts.returned),
        not_for_her=frozenset(word.product_id for word in told.words if word.turns_down),
        sizes=facts.sizes,
        genders=frozenset(facts.genders - {""}),
    )


def _gathered(lines: Iterable[Line]) -> _Gathered:
    """The lines come newest first, so the first size seen in a category is the last one bought."""
    facts = _Gathered()
    for each in lines:
        facts.net[each.product] = facts.net.get(each.product, 0) + each.quantity
        if each.product not in facts.twins:
            facts.twins[each.product] = twin_key(each.brand or "", each.name)
        if each.quantity < 0:
            facts.returned.add(each.product)
            continue
        if each.size and each.category:
            facts.sizes.setdefault(each.category, each.size)
        facts.genders.add(gender_of(each.gender))
    return facts


def only_complaints(number: int, complaints: Complaints) -> ClientFacts:
    """A client of whom nothing but her complaints is known: enough for `selling_blockers`."""
    return ClientFacts(
        customer_id=number,
        trouble_products=complaints.products,
        trouble_brands=complaints.brands,
        open_case=complaints.is_open,
        last_case_closed_at=complaints.last_closed_at,
    )


def complaints_column(now: datetime) -> ArraySubquery:
    """Her service cases up to `now`, as a column of a query over customers: for `complaints_of`."""
    cases = ServiceCase.objects.filter(customer=OuterRef("pk"), opened_at__lte=now)
    row = JSONObject(product="product_id", brand="product__brand__name", closed_at="closed_at")
    return ArraySubquery(cases.order_by().values(row=row))


def complaints_of(cases: Iterable[Mapping[str, Any]], *, now: datetime) -> Complaints:
    """What the rows of `complaints_column` come to; one solved after `now` is still open."""
    if not cases:
        return NO_COMPLAINTS
    closed = [datetime.fromisoformat(at) if (at := case["closed_at"]) else None for case in cases]
    return Complaints(
        is_open=any(at is None or at > now for at in closed),
        last_closed_at=max((at for at in closed if at and at <= now), default=None),
        products=frozenset(filter(None, (case["product"] for case in cases))),
        brands=frozenset(filter(None, (case["brand"] for case in cases))),
    )


def _told(numbers: Collection[int], now: datetime) -> dict[int, Told]:
    columns = JSONObject(cases=complaints_column(now), words=feedback_column(now))
    rows = Customer.objects.filter(pk__in=numbers).order_by().annotate(told=columns)
    return {
        number: Told(complaints_of(told["cases"], now=now), words_of(told["words"]))
        for number, told in rows.values_list("pk", "told")
    }


def item_facts(
    product_ids: Collection[int],
    store: Store | None,
    *,
    now: datetime,
    on: date | None = None,
    arrivals: Arrivals | None = None,
    with_stock: bool = True,
) -> dict[int, ItemFacts]:
    """The facts of these products in this store, by primary key: one query.

    Products that do not exist are left out. Without a store, or when it told us nothing about a
    product, stock is None. With `arrivals` the items are asked to be new as well. Age is counted
    to `on`, by default the store's day.
    """
    today = on or (store.local(now) if store else now).date()
    products = _products(product_ids, store if with_stock else None, today, now)
    return {product["pk"]: _item(product, on=today, arrivals=arrivals) for product in products}


def _item(product: Mapping[str, Any], *, on: date, arrivals: Arrivals | None) -> ItemFacts:
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
        stock=_stock_by_size(product["levels"]["here"]),
        age_days=(on - launched_on).days if launched_on else None,
        twin_key="" if product["namesakes"] > MOST_TWINS else twin_key(brand, product["name"]),
        must_be_new=arrivals is not None,
        must_be_priced=product["must_be_priced"],
        new_within=arrivals.within if arrivals else NEW_ARRIVAL_DAYS,
    )


def _products(
    product_ids: Collection[int], store: Store | None, today: date, now: datetime
) -> Iterable[Mapping[str, Any]]:
    variants = Variant.objects.filter(product=OuterRef("pk")).order_by().values("product")
    least = Subquery(variants.annotate(least=Min("price")).values("least")[:1])
    return (
        Product.objects.filter(pk__in=product_ids)
        .order_by()
        .annotate(
            asked=Coalesce("price", least),
            namesakes=Coalesce(_namesakes(today), 0),
            must_be_priced=_must_be_priced(),
            levels=JSONObject(here=_levels(store, now)),
        )
        .values(
            "pk",
            "name",
            "gender",
            "launched_on",
            "brand__name",
            "category__name",
            "asked",
            "namesakes",
            "must_be_priced",
            "levels",
        )
    )


def _namesakes(today: date) -> Subquery:
    """How many products of its brand have its name."""
    alike = Product.objects.filter(brand=OuterRef("brand"), search_name=OuterRef("search_name"))
    counted = alike.exclude(launched_on__gt=today).order_by().values("brand")
    return Subquery(counted.annotate(count=Count("pk")).values("count")[:1])


def _must_be_priced() -> Case:
    """False only in a shop without any price; looked up only where one is missing."""
    products, variants = _priced()
    return Case(
        When(asked__isnull=False, then=Value(True)),
        When(Exists(products), then=Value(True)),
        When(Exists(variants), then=Value(True)),
        default=Value(False),
    )


def _levels(store: Store | None, now: datetime) -> Value | ArraySubquery:
    """What the store told us about a product; an empty list where it told us nothing.

    Pieces it keeps back for somebody are not there for anybody else.
    """
    if store is None:
        return Value([], JSONField())
    levels = StockLevel.objects.filter(store=store, variant__product=OuterRef("pk")).order_by()
    row = JSONObject(size="variant__size", pieces="quantity", kept=_set_aside(now))
    return ArraySubquery(levels.values(row=row))


def _set_aside(now: datetime) -> Subquery:
    """Pieces of a stock level that are kept back; null for none."""
    kept = SetAside.objects.at(now).filter(
        variant=OuterRef("variant_id"), store=OuterRef("store_id")
    )
    return Subquery(kept.order_by().values("variant").annotate(count=Count("pk")).values("count"))


def _stock_by_size(levels: Iterable[Mapping[str, Any]]) -> dict[str, int] | None:
    """Pieces by size; None when nobody told us about any."""
    found: dict[str, int] = {}
    for level in levels:
        left = max(level["pieces"] - (level["kept"] or 0), 0)
        found[level["size"]] = found.get(level["size"], 0) + left
    return found or None


def twin_key(brand: str, name: str) -> str:
    """The same for one model of a brand in several colors; "" without a brand to go by."""
    return f"{fold(brand)}|{fold(name)}" if brand else ""


def has_prices() -> bool:
    """Whether the shop gave us any price at all; where it did, a missing one is suspicious."""
    return any(rows.exists() for rows in _priced())


def _priced() -> tuple[QuerySet[Product], QuerySet[Variant]]:
    return (
        Product.objects.filter(price__isnull=False).order_by(),
        Variant.objects.filter(price__isnull=False).order_by(),
    )


def list_prices() -> dict[int, Decimal]:
    """The lowest price among a product's variants, for products that have one there."""
    priced = Variant.objects.filter(price__isnull=False).order_by()
    return dict(
        priced.values("product_id").annotate(least=Min("price")).values_list("product_id", "least")
    )
