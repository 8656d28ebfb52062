"""Keeping a piece back in a store, so that the last one is promised once.

The row of the stock level is the lock: of two who want the last piece, one waits, and then finds
none left. A piece comes back by itself when its time is over.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.models import Product, SetAside, StockLevel
from clienteling.models import Store


class NoneLeft(Exception):  # noqa: N818
    """No piece of it is available in the store."""


def set_aside(
    product: Product, size: str, store: Store, *, until: datetime, now: datetime
) -> SetAside | None:
    """Keep back one piece of this size; raises ``NoneLeft``.

    None where the store told us nothing about the product: then nothing can be counted, and a
    person has to look.
    """
    with transaction.atomic():
        level = _with_a_piece(_locked(product, size, store), now)
        if level:
            return SetAside.objects.create(variant_id=level.variant_id, store=store, until=until)
        if StockLevel.objects.filter(store=store, variant__product=product).exists():
            raise NoneLeft
    return None


def clear(*, now: datetime) -> int:
    """Drop the rows whose time is over; they count for nothing already."""
    deleted, _ = SetAside.objects.filter(until__lte=now).delete()
    return deleted


def _locked(product: Product, size: str, store: Store) -> list[StockLevel]:
    levels = StockLevel.objects.filter(store=store, variant__product=product, variant__size=size)
    return list(levels.select_for_update(of=("self",)).order_by("pk"))


def _with_a_piece(levels: Sequence[StockLevel], now: datetime) -> StockLevel | None:
    variants = [level.variant_id for level in levels]
    store = levels[0].store_id if levels else None
    kept = SetAside.objects.at(now).filter(variant__in=variants, store=store)
    taken = Counter(kept.values_list("variant_id", flat=True))
    left = (level for level in levels if level.quantity > taken[level.variant_id])
    return next(left, None)
