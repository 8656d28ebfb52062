"""All purchase lines as arrays, as of a moment: each customer's in a row, the newest first.

Twenty million lines are 14 bytes each. Sorted once, every question about one customer is a walk
over a few neighboring places, and no other step need sort or search them again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from customers.models import LineItem
from customers.packed import MOMENT_EPOCH, MOST_ROWS_A_PAGE, Column, Rows, each_packed, pages_of
from customers.recommender.arrays import Integers
from customers.recommender.compiled import compiled, inlined
from customers.recommender.facts import UNKNOWN

Numbers = npt.NDArray[np.int64]
Short = npt.NDArray[np.int16]
SECONDS_A_DAY = 86_400
LONG_AGO = np.iinfo(np.int32).max
"""Seconds: 68 years, the age of anything older and of what never was."""

MOST_UNITS = np.iinfo(np.int16).max
"""Of one line; more are counted as so many."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Purchase lines as places, parallel arrays [lines]; negative quantities came back.

    They lie by customer, and hers newest first; of one moment the higher variant comes first.
    Hers are those from `start[customer]` to before `start[customer + 1]`. `day` is whole days
    before the moment. `size` is a place in the names of the sizes, 0 unknown.
    """

    start: Numbers
    customer: Integers
    product: Integers
    day: Short
    quantity: Short
    size: Short

    def __len__(self) -> int:
        return len(self.customer)

    def moved(self, places: Integers) -> "Lines":
        """The same with `places[product]` for each product."""
        return replace(self, product=places[self.product])


@dataclass(frozen=True, eq=False)
class Visits:
    """Each customer's sales in short, returns left out: parallel int32 arrays [customers].

    `days` counts the different days of the shop's calendar with a sale; `first` and `last` are
    the first and the last of them, in days before the day of the moment (0 is that day), -1 for
    one who never bought. `seconds` is the exact age of her last purchase, `LONG_AGO` for none.
    """

    days: Integers
    first: Integers
    last: Integers
    seconds: Integers


class Places:
    """Where numbers stand in a list of different numbers, -1 for those that are not in it.

    Primary keys lie close together: then a table answers, else a search.
    """

    def __init__(self, known: Numbers) -> None:
        low, high = (int(known.min()), int(known.max())) if len(known) else (0, 0)
        self._is_dense = high - low <= 8 * len(known) + 1_000
        self._low = low
        if self._is_dense:
            # One place more at each end stands for all numbers beyond it.
            self._table = np.full(high - low + 3, UNKNOWN, dtype=np.int32)
            self._table[known - low + 1] = np.arange(len(known), dtype=np.int32)
        else:
            self._order = np.argsort(known, kind="stable").astype(np.int32)
            self._known = known[self._order]

    def of(self, numbers: Numbers) -> Integers:
        """Int32, as many as `numbers`."""
        if self._is_dense:
            return self._table.take(numbers - (self._low - 1), mode="clip")
        place = np.minimum(np.searchsorted(self._known, numbers), len(self._known) - 1)
        return np.where(self._known[place] == numbers, self._order[place], np.int32(UNKNOWN))


@dataclass(frozen=True, eq=False)
class Known:
    """Whose and which lines are wanted: primary keys, and the size of each variant as a place."""

    customers: Numbers
    products: Numbers
    variants: Numbers
    sizes: Integers


def read_lines(known: Known, *, as_of: datetime, since_midnight: int) -> tuple[Lines, Visits]:
    """Every line up to `as_of` of these customers and products; lines of others are left out.

    `since_midnight` is how many seconds of the shop's day had passed at the moment.
    """
    columns = (
        Column("customer", "customer_id", "int8"),
        Column("product", "product_id", "int8"),
        Column("variant", "variant_id", "int8"),
        Column("moment", "purchased_at", "timestamptz"),
        Column("quantity", "quantity", "int4"),
    )
    table = LineItem._meta.db_table
    pages = pages_of(table)
    gathered = _Gathered(known, int(as_of.timestamp()), pages * MOST_ROWS_A_PAGE)
    each_packed(
        table, columns, gathered.take, pages=pages, where="purchased_at <= %s", params=(as_of,)
    )
    return _sorted(gathered, known, since_midnight)


class _Gathered:
    """The lines read so far, in any order: places, ages in seconds, units.

    Room is asked for as many as there could be; what is never written to takes no memory.
    """

    def __init__(self, known: Known, moment: int, room: int) -> None:
        self._places = Places(known.customers), Places(known.products), Places(known.variants)
        self._moment = moment - MOMENT_EPOCH
        self._count = 0
        self._counting = Lock()
        self._columns = [np.empty(room, dtype) for dtype in ("i4", "i4", "i4", "i4", "i2")]

    def take(self, rows: Rows) -> None:
        """Adds the rows of known customers and products; several threads may call it."""
        names = ("customer", "product", "variant")
        placed = [each.of(rows[name]) for each, name in zip(self._places, names, strict=True)]
        age = np.clip(self._moment - rows["moment"] // 1_000_000, 0, LONG_AGO)
        wanted = (placed[0] != UNKNOWN) & (placed[1] != UNKNOWN)
        room = self._room_for(int(wanted.sum()))
        units = np.clip(rows["quantity"], -MOST_UNITS, MOST_UNITS)
        for column, values in zip(self._columns, (*placed, age, units), strict=True):
            column[room] = values[wanted]

    def _room_for(self, lines: int) -> slice:
        with self._counting:
            self._count += lines
            return slice(self._count - lines, self._count)

    def let_go(self) -> npt.NDArray[Any]:
        """Hands over the next column and forgets it: customer, product, variant, age, units."""
        return self._columns.pop(0)[: self._count]


def _sorted(gathered: _Gathered, known: Known, since_midnight: int) -> tuple[Lines, Visits]:
    """Sorts column by column; each is let go as soon as its sorted copy is there."""
    customer, product, variant = (gathered.let_go() for _ in range(3))
    units = np.bincount(customer, minlength=len(known.customers))
    start = np.concatenate(([0], np.cumsum(units))).astype(np.int64)
    age = gathered.let_go()
    order = newest_first(start, customer, age, variant)
    del customer
    product = product[order]
    age = age[order]
    # The last size is for a variant that is unknown.
    size = np.append(known.sizes, 0).astype(np.int16)[variant][order]
    del variant
    quantity = gathered.let_go()[order]
    del order
    visits = Visits(*_visits(start, age, quantity, since_midnight))
    lines = Lines(
        start=start,
        customer=np.repeat(np.arange(len(units), dtype=np.int32), units),
        product=product,
        day=(age // np.int32(SECONDS_A_DAY)).astype(np.int16),
        quantity=quantity,
        size=size,
    )
    return lines, visits


@compiled
def newest_first(start: Numbers, customer: Integers, age: Integers, variant: Integers) -> Integers:
    """The order of the lines by customer, age and falling variant, as line numbers (int32)."""
    order = np.empty(len(customer), dtype=np.int32)
    free = start[:-1].copy()
    for line in range(len(customer)):
        order[free[customer[line]]] = line
        free[customer[line]] += 1
    for each in range(len(start) - 1):
        _sort(order[start[each] : start[each + 1]], age, variant)
    return order


@inlined
def _sort(hers: Integers, age: Integers, variant: Integers) -> None:
    """Shell's sort, with the gaps of Gonnet and Baeza-Yates (1991): few lines or millions."""
    gap = len(hers)
    while gap > 1:
        gap = max(1, gap * 5 // 11)
        for place in range(gap, len(hers)):
            line, free = hers[place], place
            while free >= gap:
                before = hers[free - gap]
                is_older = age[before] > age[line]
                if not is_older and (age[before] < age[line] or variant[before] >= variant[line]):
                    break
                hers[free] = before
                free -= gap
            hers[free] = line


@compiled
def _visits(
    start: Numbers, age: Integers, quantity: Short, since_midnight: int
) -> tuple[Integers, Integers, Integers, Integers]:
    """The four arrays of `Visits`, from lines that lie newest first."""
    n_customers = len(start) - 1
    days = np.zeros(n_customers, dtype=np.int32)
    first = np.full(n_customers, -1, dtype=np.int32)
    last = np.full(n_customers, -1, dtype=np.int32)
    seconds = np.full(n_customers, LONG_AGO, dtype=np.int32)
    for customer in range(n_customers):
        for line in range(start[customer], start[customer + 1]):
            if quantity[line] <= 0:
                continue
            day = (np.int64(age[line]) + SECONDS_A_DAY - 1 - since_midnight) // SECONDS_A_DAY
            if days[customer] == 0:
                last[customer] = day
                seconds[customer] = age[line]
            if day != first[customer]:
                days[customer] += 1
                first[customer] = day
    return days, first, last, seconds
