"""The whole shop as arrays, as of a moment: what the engine and the screen are fed from.

Nothing dated after the moment is read: later lines, complaints, launches and customers who joined
later do not exist yet. Prices and stock carry no date in our records; they are as they stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from django.db.models import BigIntegerField, Func, Value

from catalog.models import Product, Variant
from clienteling import clock
from clienteling.defaults import LAPSE_DAYS
from clienteling.models import Store
from customers.facts import has_prices, list_prices
from customers.lines import SECONDS_A_DAY, Known, Lines, Numbers, Places, Visits, read_lines
from customers.models import Customer
from customers.packed import Column, read_packed
from customers.recommender.arrays import Integers
from customers.recommender.facts import UNKNOWN, People
from customers.recommender.tokens import ItemDescription

__all__ = ["SECONDS_A_DAY", "Lines", "Shop", "Visits", "places_of", "read_lines", "read_shop"]

Days = npt.NDArray[np.float64]
MOST_SIZES = np.iinfo(np.int16).max
_NO_DATE = -(2**31)
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, eq=False)
class Roster:
    """All customers, by ascending primary key; `store` and `city` are places in the names.

    `usual_gap_days` is 0 where she has no rhythm; like all standing it is as of today.
    """

    numbers: Numbers
    people: People
    lapse_days: Integers
    usual_gap_days: Integers
    store_numbers: tuple[int, ...]
    store_names: tuple[str, ...]
    city_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Assortment:
    """All products in the order of their styles; `launched` is a date's ordinal, NaN unknown."""

    numbers: Numbers
    styles: Sequence[str]
    descriptions: Sequence[ItemDescription]
    launched: npt.NDArray[np.float64]
    price: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sizes:
    """All variants by ascending primary key: product place, and size as a place in `names`.

    Place 0 of `names` is the blank size.
    """

    numbers: Numbers
    product: Integers
    size: Integers
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Shop:
    """The shop as of a moment. `arrived` is an ordinal by product, NaN when unknown."""

    as_of: datetime
    on: date
    roster: Roster
    assortment: Assortment
    sizes: Sizes
    lines: Lines
    visits: Visits
    arrived: Days
    is_priced: bool
    has_launches: bool


def read_shop(*, as_of: datetime, on: date) -> Shop:
    """Everything, as of a moment that lies in the shop's day `on`.

    Where no product has a launch date the first sale counts as the arrival.
    """
    roster, assortment = read_roster(on=on), read_assortment()
    sizes = read_sizes(assortment)
    known = Known(roster.numbers, assortment.numbers, sizes.numbers, sizes.size)
    lines, visits = read_lines(known, as_of=as_of, since_midnight=_seconds_of_day(as_of))
    has_launches = bool(np.isfinite(assortment.launched).any())
    assortment, sizes, lines = existing(assortment, sizes, lines, on=on)
    arrived = assortment.launched
    if not has_launches:
        arrived = first_seen(lines, len(assortment.numbers), as_of_ordinal=on.toordinal())
    return Shop(
        as_of=as_of,
        on=on,
        roster=roster,
        assortment=assortment,
        sizes=sizes,
        lines=lines,
        visits=visits,
        arrived=arrived,
        is_priced=has_prices(),
        has_launches=has_launches,
    )


def _seconds_of_day(moment: datetime) -> int:
    """How many seconds of the shop's day had passed."""
    local = moment.astimezone(clock.shop_zone())
    return (local.hour * 60 + local.minute) * 60 + local.second


def read_roster(*, on: date) -> Roster:
    """Everybody on record on that day: who joined later is left out."""
    columns = (
        Column("number", "id", "int8"),
        Column("store", "coalesce(store_id, -1)", "int8"),
        Column("city", "hashtextextended(city, 0)", "int8"),
        Column("born", "coalesce(birth_year, 0)", "int4"),
        Column("usual_gap", "coalesce(usual_gap_days, 0)", "int4"),
        Column("joined", f"coalesce(joined_on - DATE '1970-01-01', {_NO_DATE})", "int4"),
    )
    rows = _all_rows(Customer._meta.db_table, columns)
    rows = rows[rows["joined"] <= on.toordinal() - _EPOCH]
    rows = rows[np.argsort(rows["number"])]
    stores = list(Store.objects.order_by("pk"))
    store = places_of(rows["store"].astype(np.int64), np.array([s.pk for s in stores], np.int64))
    city, city_names = _cities(rows["city"].astype(np.int64))
    lapse_days = np.array([*(s.lapse_days for s in stores), LAPSE_DAYS], dtype=np.int32)
    bands = np.array([age_band(year, on=on) for year in range(on.year + 1)], dtype=np.int32)
    return Roster(
        numbers=rows["number"].astype(np.int64),
        people=People(city=city, store=store, age_band=bands[np.clip(rows["born"], 0, on.year)]),
        lapse_days=lapse_days[store],
        usual_gap_days=rows["usual_gap"].astype(np.int32),
        store_numbers=tuple(s.pk for s in stores),
        store_names=tuple(s.name for s in stores),
        city_names=city_names,
    )


def _cities(hashes: Numbers) -> tuple[Integers, tuple[str, ...]]:
    """Each customer's city as a place in the names, -1 where it is blank."""
    number = Func("city", Value(0), function="hashtextextended", output_field=BigIntegerField())
    named = Customer.objects.exclude(city="").order_by().annotate(number=number)
    names = dict(named.values_list("number", "city").distinct())
    known = np.array(sorted(names), dtype=np.int64)
    return places_of(hashes, known), tuple(names[number] for number in known.tolist())


def read_assortment() -> Assortment:
    """Every product; those that do not exist yet are left out by `existing`."""
    rows = Product.objects.order_by("pk").values_list(
        "pk",
        "style",
        "name",
        "brand__name",
        "category__name",
        "subcategory",
        "color",
        "gender",
        "price",
        "launched_on",
        "attributes",
    )
    of_variants = list_prices()
    ordered = sorted(rows.iterator(chunk_size=5_000), key=lambda row: row[1])
    prices = [row[8] if row[8] is not None else of_variants.get(row[0]) for row in ordered]
    return Assortment(
        numbers=np.array([row[0] for row in ordered], dtype=np.int64),
        styles=[row[1] for row in ordered],
        descriptions=[
            ItemDescription(
                name=row[2],
                brand=row[3] or "",
                category=row[4] or "",
                subcategory=row[5],
                color=row[6],
                gender=row[7],
                price=None if price is None else float(price),
                attributes=row[10] or {},
            )
            for row, price in zip(ordered, prices, strict=True)
        ],
        launched=np.array(
            [row[9].toordinal() if row[9] else np.nan for row in ordered], dtype=np.float64
        ),
        price=np.array(
            [np.nan if price is None else float(price) for price in prices], dtype=np.float64
        ),
    )


def read_sizes(assortment: Assortment) -> Sizes:
    """Every variant, of products of this assortment; sizes past `MOST_SIZES` count as unknown."""
    rows = list(Variant.objects.order_by("pk").values_list("pk", "product_id", "size"))
    names = ("", *sorted({size for _, _, size in rows} - {""})[:MOST_SIZES])
    place = {name: number for number, name in enumerate(names)}
    product = np.array([row[1] for row in rows], dtype=np.int64)
    return Sizes(
        numbers=np.array([row[0] for row in rows], dtype=np.int64),
        product=places_of(product, assortment.numbers),
        size=np.array([place.get(row[2], 0) for row in rows], dtype=np.int32),
        names=names,
    )


def existing(
    assortment: Assortment, sizes: Sizes, lines: Lines, *, on: date
) -> tuple[Assortment, Sizes, Lines]:
    """The same without the products that did not exist on that day.

    A product exists from its launch, or from its first sale if that came earlier or no launch is
    known. The engine must not even count the others.
    """
    exists = assortment.launched <= on.toordinal()
    exists[lines.product] = True
    places = np.flatnonzero(exists)
    moved = np.where(exists, np.cumsum(exists) - 1, UNKNOWN).astype(np.int32)
    moved = np.append(moved, np.int32(UNKNOWN))  # the last is for a product that is unknown
    kept = Assortment(
        numbers=assortment.numbers[places],
        styles=[assortment.styles[place] for place in places.tolist()],
        descriptions=[assortment.descriptions[place] for place in places.tolist()],
        launched=assortment.launched[places],
        price=assortment.price[places],
    )
    return (
        kept,
        Sizes(sizes.numbers, moved[sizes.product], sizes.size, sizes.names),
        lines if exists.all() else lines.moved(moved),
    )


def first_seen(lines: Lines, n_products: int, *, as_of_ordinal: int) -> Days:
    """The day of each product's first sale, as an ordinal; NaN for one never sold."""
    oldest = np.full(n_products, UNKNOWN, dtype=np.int16)
    np.maximum.at(oldest, lines.product, lines.day)
    return np.where(oldest == UNKNOWN, np.nan, as_of_ordinal - oldest.astype(np.float64))


def places_of(values: Numbers, known: Numbers) -> Integers:
    """Where each value stands in `known` (unique numbers in any order); -1 for one not there."""
    return Places(known).of(values)


def _all_rows(table: str, columns: Sequence[Column]) -> npt.NDArray[np.void]:
    parts = list(read_packed(table, columns))
    if parts:
        return np.concatenate(parts)
    return np.zeros(0, dtype=[(column.name, f">i{column.kind[-1]}") for column in columns])


def age_band(birth_year: int | None, *, on: date) -> int:
    """Ten-year band of an age, -1 when the birth year is unknown or absurd."""
    age = on.year - birth_year if birth_year else -1
    return age // 10 if 0 <= age < 120 else -1
