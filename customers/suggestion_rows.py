"""From rankings to rows: the bytes PostgreSQL's binary COPY takes, a block of customers at a time.

A row is the number of its fields, then for each its length and its value, highest byte first; a
null has the length -1 and no value. Rows of one length are one numpy array, so nothing is done
row by row. The layout is documented with COPY in PostgreSQL's manual; an array's, which is not,
is what `array_recv` reads: dimensions, null flag, element type, then length and lower bound of
each dimension, then the elements with their lengths.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Booleans, Floats, Integers
from customers.recommender.evidence import NearMisses, Ranking
from customers.recommender.signals import SIGNALS

Numbers: TypeAlias = npt.NDArray[np.int64]
Rows: TypeAlias = npt.NDArray[np.void]
Bytes: TypeAlias = npt.NDArray[np.uint8]

LARGEST_COUNT = 32_767
"""A smallint holds no more; whoever counts that many needs no exact number."""
CUSTOMERS_AT_ONCE = 4_096
"""A block is cut into pieces of so many customers: about 8 MB of rows."""

_NULL = -1
_REAL_OID = 700
_BIGINT, _SMALLINT, _REAL = ">i8", ">i2", ">f4"

FINDING_OF_COLUMN = {
    "similar_customers": "similar_customers",
    "shared_traits": "shared",
    "city_units": "city_units",
    "city_rank": "city_rank",
    "store_units": "store_units",
    "store_rank": "store_rank",
    "units": "units",
    "units_rank": "rank",
    "brand_items": "brand_owned",
    "category_items": "category_owned",
    "days_new": "days_new",
}
"""The small numbers of a row, and what `Findings` calls them."""
SUGGESTION_COLUMNS = (
    "customer_id",
    "rank",
    "product_id",
    "score",
    "contributions",
    *FINDING_OF_COLUMN,
    "nearest_id",  # last, because it may be null and then makes the row shorter
)
NEAR_MISS_COLUMNS = ("customer_id", "place", "product_id", "score", "objection")


@dataclass(frozen=True, eq=False)
class Keys:
    """The primary keys behind the places: of customers in the roster, of products."""

    customers: Numbers
    products: Numbers


@dataclass(frozen=True, eq=False)
class Block:
    """The rows of some customers, ready for COPY; `suggestions` counts theirs."""

    suggestion_rows: memoryview
    near_miss_rows: memoryview
    suggestions: int


def encoded(rankings: Iterable[Ranking], keys: Keys) -> Iterator[Block]:
    """The rows of these rankings, some thousand customers at a time, in the order given."""
    for ranking in rankings:
        for start in range(0, len(ranking.customers), CUSTOMERS_AT_ONCE):
            yield _encoded(ranking, slice(start, start + CUSTOMERS_AT_ONCE), keys)


def _encoded(ranking: Ranking, some: slice, keys: Keys) -> Block:
    customers = keys.customers[ranking.customers[some]]
    filled = ranking.items[some] >= 0
    return Block(
        suggestion_rows=_suggestion_rows(ranking, some, customers, filled, keys.products).data,
        near_miss_rows=_near_miss_rows(ranking.near_misses, some, customers, keys.products).data,
        suggestions=int(filled.sum()),
    )


def _suggestion_rows(
    ranking: Ranking, some: slice, customers: Numbers, filled: Booleans, products: Numbers
) -> Bytes:
    rows = np.zeros(int(filled.sum()), dtype=_SUGGESTION)
    rows["fields"] = len(SUGGESTION_COLUMNS)
    _fill(rows, "customer_id", np.broadcast_to(customers[:, np.newaxis], filled.shape)[filled])
    _fill(rows, "rank", np.cumsum(filled, axis=1)[filled])
    _fill(rows, "product_id", products[ranking.items[some][filled]])
    _fill(rows, "score", ranking.scores[some][filled])
    _fill_contributions(rows["contributions"], ranking.contributions[some][filled])
    for column, finding in FINDING_OF_COLUMN.items():
        found = getattr(ranking.findings, finding)[some][filled]
        _fill(rows, column, np.minimum(found, LARGEST_COUNT))
    return _with_nearest(rows, ranking.findings.nearest_item[some][filled], products)


def _fill_contributions(array: Rows, values: Floats) -> None:
    array["length"] = array.dtype.itemsize - 4
    array["dimensions"] = array["lower_bound"] = 1
    array["element_type"] = _REAL_OID
    array["elements"] = len(SIGNALS)
    _fill(array, "values", values)


def _with_nearest(rows: Rows, nearest: Integers, products: Numbers) -> Bytes:
    """The rows one after another, each with the key of its nearest item, or without: a null.

    A view that begins a row at every byte lets all rows be put at their places at once.
    """
    is_known = nearest >= 0
    rows["nearest_id"] = np.where(is_known, 8, _NULL)
    ends = np.cumsum(rows.dtype.itemsize + 8 * is_known)
    written = np.empty(int(ends[-1]) if len(rows) else 0, dtype=np.uint8)
    if len(rows):
        starts = ends - rows.dtype.itemsize - 8 * is_known
        _at_any_byte(written, rows.dtype.itemsize)[starts] = rows.view(f"V{rows.dtype.itemsize}")
    if is_known.any():
        keys = products[nearest[is_known]].astype(_BIGINT)
        _at_any_byte(written, 8)[ends[is_known] - 8] = keys.view("V8")
    return written


def _at_any_byte(written: Bytes, size: int) -> Rows:
    """A view of the bytes as overlapping pieces of this size, one beginning at each byte."""
    pieces = len(written) - size + 1
    return np.ndarray(shape=(pieces,), dtype=f"V{size}", buffer=written.data, strides=(1,))


def _near_miss_rows(
    misses: NearMisses, some: slice, customers: Numbers, products: Numbers
) -> Bytes:
    filled = misses.items[some] >= 0
    rows = np.zeros(int(filled.sum()), dtype=_NEAR_MISS)
    rows["fields"] = len(NEAR_MISS_COLUMNS)
    _fill(rows, "customer_id", np.broadcast_to(customers[:, np.newaxis], filled.shape)[filled])
    _fill(rows, "place", np.cumsum(filled, axis=1)[filled])
    _fill(rows, "product_id", products[misses.items[some][filled]])
    _fill(rows, "score", misses.scores[some][filled])
    _fill(rows, "objection", misses.objections[some][filled])
    return rows.view(np.uint8)


def _fill(rows: Rows, column: str, values: npt.NDArray[np.generic]) -> None:
    cell = rows[column]
    cell["length"] = cell.dtype["value"].itemsize
    cell["value"] = values


def _cell(kind: str) -> np.dtype[np.void]:
    return np.dtype([("length", ">i4"), ("value", kind)])


_CONTRIBUTIONS = np.dtype(
    [
        ("length", ">i4"),
        ("dimensions", ">i4"),
        ("has_nulls", ">i4"),
        ("element_type", ">i4"),
        ("elements", ">i4"),
        ("lower_bound", ">i4"),
        ("values", _cell(_REAL), (len(SIGNALS),)),
    ]
)
_SUGGESTION = np.dtype(
    [
        ("fields", ">i2"),
        ("customer_id", _cell(_BIGINT)),
        ("rank", _cell(_SMALLINT)),
        ("product_id", _cell(_BIGINT)),
        ("score", _cell(_REAL)),
        ("contributions", _CONTRIBUTIONS),
        *((column, _cell(_SMALLINT)) for column in FINDING_OF_COLUMN),
        ("nearest_id", ">i4"),  # its length alone: the value follows only where there is one
    ]
)
_NEAR_MISS = np.dtype(
    [
        ("fields", ">i2"),
        ("customer_id", _cell(_BIGINT)),
        ("place", _cell(_SMALLINT)),
        ("product_id", _cell(_BIGINT)),
        ("score", _cell(_REAL)),
        ("objection", _cell(_SMALLINT)),
    ]
)
