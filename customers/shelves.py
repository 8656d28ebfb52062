"""What each store holds of the candidates, by size: from the stock levels to arrays."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from catalog.models import SetAside, StockLevel
from customers.packed import Column, Rows, read_packed
from customers.recommender.arrays import Integers
from customers.recommender.facts import UNKNOWN
from customers.shopfacts import Places, Shop
from customers.verdicts import ANY_LEFT, SIZED, TOLD, Shelves

_COLUMNS = (
    Column("store", "store_id", "int8"),
    Column("variant", "variant_id", "int8"),
    Column("quantity", "quantity", "int4"),
)
_KEPT_COLUMNS = (*_COLUMNS[:2], Column("quantity", "-1", "int4"))


def shelves_of(shop: Shop, candidates: Integers, *, is_current: bool) -> Shelves:
    """The stock of these candidates; empty shelves that object to nothing if it is not current."""
    n_stores = len(shop.roster.store_numbers)
    place, size, quantity = _levels(shop, candidates) if is_current else _no_levels()
    cells = n_stores * len(candidates)
    told = np.zeros(cells, dtype=np.uint8)
    told[place] |= TOLD
    told[place[size > 0]] |= SIZED
    told[np.bincount(place, weights=quantity, minlength=cells) > 0] |= ANY_LEFT
    left, size_left = _left(place, size, quantity, len(shop.sizes.names))
    start = np.concatenate(([0], np.cumsum(np.bincount(left, minlength=cells))))
    store = shop.roster.people.store
    return Shelves(store, told, start, size_left)


def _left(
    place: Integers, size: Integers, quantity: Integers, n_sizes: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int16]]:
    """The places and sizes of which there is something, by place."""
    keys, cell = np.unique(place.astype(np.int64) * n_sizes + size, return_inverse=True)
    left = keys[np.bincount(cell, weights=quantity, minlength=len(keys)) > 0]
    return left // n_sizes, (left % n_sizes).astype(np.int16)


def _levels(shop: Shop, candidates: Integers) -> tuple[Integers, Integers, Integers]:
    """Place (store times candidates plus column), size and pieces of each level of a candidate."""
    column_of = np.full(len(shop.assortment.numbers) + 1, UNKNOWN, dtype=np.int32)
    column_of[candidates] = np.arange(len(candidates), dtype=np.int32)
    stores = Places(np.array(shop.roster.store_numbers, dtype=np.int64))
    variants = Places(shop.sizes.numbers)

    def placed(rows: Rows) -> tuple[Integers, Integers, Integers]:
        variant, store = variants.of(rows["variant"]), stores.of(rows["store"])
        # An unknown variant, or one of an unknown product, is no candidate's.
        product = np.where(variant == UNKNOWN, UNKNOWN, shop.sizes.product[variant])
        column = column_of[product]
        kept = (column != UNKNOWN) & (store != UNKNOWN)
        place = store[kept] * np.int32(len(candidates)) + column[kept]
        return place, shop.sizes.size[variant[kept]], rows["quantity"][kept].astype(np.int32)

    parts = [placed(rows) for rows in _told_and_kept(shop)]
    if not parts:
        return _no_levels()
    place, size, quantity = (np.concatenate(each) for each in zip(*parts, strict=True))
    return place, size, quantity


def _told_and_kept(shop: Shop) -> Iterator[Rows]:
    """The pieces stores told us of, and as many less as they keep back for somebody."""
    yield from read_packed(StockLevel._meta.db_table, _COLUMNS)
    yield from read_packed(
        SetAside._meta.db_table, _KEPT_COLUMNS, where="until > %s", params=(shop.as_of,)
    )


def _no_levels() -> tuple[Integers, Integers, Integers]:
    nothing = np.zeros(0, dtype=np.int32)
    return nothing, nothing, nothing
