"""The facts that the rules of `appropriateness` ask for, loaded in bulk.

Each loader asks a constant number of questions however many rows are wanted, and the purchase
lines are never read without saying whose. Everything is as of `now`: a line, a complaint or a
solution recorded later does not exist yet. Stock and prices have no date: they are as they stand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateField,
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
from clienteling.prepared import Given, GivenAnyOf, GivenMoment, Moment, Prepared
from customers import notebook
from customers.appropriateness import MOST_TWINS, ClientFacts, ItemFacts, gender_of
from customers.feedback import Word, feedback_column, words_of
from customers.models import Customer, LineItem, ServiceCase
from customers.note_rules import NoteRule, materials_of


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


class CaseFacts(NamedTuple):
    """A complaint or repair as it stands; `closed_at` is None while it is open."""

    number: int
    opened_at: datetime
    closed_at: datetime | None
    summary: str = ""
    product: str = ""


@dataclass(frozen=True)
class Complaints:
    """What the service desk knows of a client; products by number, brands by name.

    `latest` is the case to speak with her about: the longest open, else the last to be solved.
    """

    is_open: bool = False
    last_closed_at: datetime | None = None
    products: frozenset[int] = frozenset()
    brands: frozenset[str] = frozenset()
    latest: CaseFacts | None = None


NO_COMPLAINTS = Complaints()


class Told(NamedTuple):
    """What a client told us, beside what she bought; `sizes` by category."""

    complaints: Complaints = NO_COMPLAINTS
    words: tuple[Word, ...] = ()
    rules: tuple[NoteRule, ...] = ()
    sizes: Mapping[str, str] = MappingProxyType({})


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
    for row in _LINES.rows(customers=found, now=now):
        found[row[0]].append(Line._make(row[1:]))
    return found


def _lines() -> "QuerySet[LineItem, Any]":
    given = LineItem.objects.filter(
        customer=GivenAnyOf("customers"), purchased_at__lte=GivenMoment()
    )
    return given.order_by("-purchased_at", "-variant_id").values_list(
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


_LINES = Prepared(_lines)


def _client(number: int, lines: Iterable[Line], told: Told) -> ClientFacts:
    facts = _gathered(lines)
    owned = frozenset(product for product, net in facts.net.items() if net > 0)
    return replace(
        only_complaints(number, told.complaints),
        owned_products=owned,
        owned_twins=frozenset(facts.twins[product] for product in owned),
        returned_products=frozenset(facts.returned),
        not_for_her=frozenset(word.product_id for word in told.words if word.turns_down),
        sizes={**facts.sizes, **told.sizes},
        genders=frozenset(facts.genders - {""}),
        rules=told.rules,
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


def complaints_column(now: Moment) -> ArraySubquery:
    """Her service cases up to `now`, as a column of a query over customers: for `complaints_of`."""
    cases = ServiceCase.objects.filter(customer=OuterRef("pk"), opened_at__lte=now)
    row = JSONObject(
        number="pk",
        product="product_id",
        name="product__name",
        brand="product__brand__name",
        summary="summary",
        opened_at="opened_at",
        closed_at="closed_at",
    )
    return ArraySubquery(cases.order_by().values(row=row))


def complaints_of(cases: Iterable[Mapping[str, Any]], *, now: datetime) -> Complaints:
    """What the rows of `complaints_column` come to; one solved after `now` is still open."""
    if not cases:
        return NO_COMPLAINTS
    known = [_case(each, now) for each in cases]
    open_ones = [case for case in known if case.closed_at is None]
    solved = {case.closed_at: case for case in known if case.closed_at}
    last_closed_at = max(solved, default=None)
    latest = min(open_ones, key=lambda case: (case.opened_at, case.number), default=None)
    return Complaints(
        is_open=bool(open_ones),
        last_closed_at=last_closed_at,
        products=frozenset(filter(None, (case["product"] for case in cases))),
        brands=frozenset(filter(None, (case["brand"] for case in cases))),
        latest=latest or (solved[last_closed_at] if last_closed_at else None),
    )


def _case(row: Mapping[str, Any], now: datetime) -> CaseFacts:
    closed_at = datetime.fromisoformat(row["closed_at"]) if row["closed_at"] else None
    return CaseFacts(
        row["number"],
        datetime.fromisoformat(row["opened_at"]),
        closed_at if closed_at and closed_at <= now else None,
        row["summary"],
        row["name"] or "",
    )


def told_columns(now: Moment) -> dict[str, ArraySubquery]:
    """Whatever she told us, as columns of a query over customers: for `told_of`."""
    return {
        "complaints": complaints_column(now),
        "words": feedback_column(now),
        "rules": notebook.rules_column(now),
        "stated_sizes": notebook.sizes_column(now),
    }


def told_of(row: Mapping[str, Any], *, now: datetime) -> Told:
    """What a row with the `told_columns` comes to."""
    return Told(
        complaints_of(row["complaints"], now=now),
        words_of(row["words"]),
        notebook.rules_of(row["rules"], now=now),
        notebook.sizes_of(row["stated_sizes"]),
    )


def _told(numbers: Collection[int], now: datetime) -> dict[int, Told]:
    rows = Customer.objects.filter(pk__in=numbers).order_by()
    rows = rows.annotate(told=JSONObject(**told_columns(now)))
    return {number: told_of(told, now=now) for number, told in rows.values_list("pk", "told")}


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
        subcategory=product["subcategory"],
        color=product["color"],
        materials=materials_of(product["attributes"]),
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


PRODUCT_COLUMNS = (
    "pk",
    "name",
    "subcategory",
    "color",
    "attributes",
    "gender",
    "launched_on",
    "brand__name",
    "category__name",
    "asked",
    "namesakes",
    "must_be_priced",
    "levels",
)


def _products(
    product_ids: Collection[int], store: Store | None, today: date, now: datetime
) -> Iterable[Mapping[str, Any]]:
    prepared = _PRODUCTS_ANYWHERE if store is None else _PRODUCTS_IN_STORE
    here = store.pk if store else None
    rows = prepared.rows(products=product_ids, today=today, store=here, now=now)
    return (dict(zip(PRODUCT_COLUMNS, row, strict=True)) for row in rows)


def _products_in(levels: Value | ArraySubquery) -> "QuerySet[Product, Any]":
    """The given products as of the given day, with these levels of stock."""
    variants = Variant.objects.filter(product=OuterRef("pk")).order_by().values("product")
    least = Subquery(variants.annotate(least=Min("price")).values("least")[:1])
    return (
        Product.objects.filter(pk=GivenAnyOf("products"))
        .order_by()
        .annotate(
            asked=Coalesce("price", least),
            namesakes=Coalesce(_namesakes(), 0),
            must_be_priced=_must_be_priced(),
            levels=JSONObject(here=levels),
        )
        .values_list(*PRODUCT_COLUMNS)
    )


def _namesakes() -> Subquery:
    """How many products of its brand have its name, of those that are there on the given day."""
    alike = Product.objects.filter(brand=OuterRef("brand"), search_name=OuterRef("search_name"))
    counted = alike.exclude(launched_on__gt=Given("today", DateField())).order_by().values("brand")
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


def _levels() -> ArraySubquery:
    """What the given store told us about a product; an empty list where it told us nothing.

    Pieces it keeps back for somebody are not there for anybody else.
    """
    here = Given("store", BigIntegerField())
    levels = StockLevel.objects.filter(store=here, variant__product=OuterRef("pk")).order_by()
    row = JSONObject(size="variant__size", pieces="quantity", kept=_set_aside())
    return ArraySubquery(levels.values(row=row))


def _set_aside() -> Subquery:
    """Pieces of a stock level that are kept back; null for none."""
    kept = SetAside.objects.at(GivenMoment()).filter(
        variant=OuterRef("variant_id"), store=OuterRef("store_id")
    )
    return Subquery(kept.order_by().values("variant").annotate(count=Count("pk")).values("count"))


_PRODUCTS_IN_STORE = Prepared(lambda: _products_in(_levels()))
_PRODUCTS_ANYWHERE = Prepared(lambda: _products_in(Value([], JSONField())))


def _stock_by_size(levels: Iterable[Mapping[str, Any]]) -> dict[str, int] | None:
    """Pieces by size; None when nobody told us about any."""
    found: dict[str, int] = {}
    for level in levels:
        left = max(level["pieces"] - (level["kept"] or 0), 0)
        found[level["size"]] = found.get(level["size"], 0) + left
    return found or None


@lru_cache(maxsize=16_384)
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
