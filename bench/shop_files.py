"""A shop as plain arrays, read from files in the import format (see docs/importing.md)."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

import numpy as np

from customers.recommender.tokens import ItemDescription


class NoPurchases(Exception):  # noqa: N818
    """The folder holds nothing to measure on; the sentence is for a person."""


@dataclass(frozen=True, eq=False)
class Shop:
    """All purchases, before and after any cut: parallel arrays, days as date ordinals.

    `paid` is the price of one unit, NaN unknown; `city` and `store` [n_customers], -1 unknown.
    """

    customer: np.ndarray
    item: np.ndarray
    ordinal: np.ndarray
    quantity: np.ndarray
    paid: np.ndarray
    n_customers: int
    city: np.ndarray
    store: np.ndarray
    descriptions: tuple[ItemDescription, ...]


def read_shop(folder: Path) -> Shop:
    """The shop of a folder in the import format; sizes of one style are one item.

    Raises ``NoPurchases`` for a folder without a line.
    """
    style_of, described = _products(folder)
    people = {row["customer_id"]: row for row in rows_of(folder, "customers.csv")}
    customers: dict[str, int] = {}
    items: dict[str, int] = {}
    days: dict[str, int] = {}
    lines = []
    for row in rows_of(folder, "purchases.csv"):
        day = row["purchased_at"][:10]
        lines.append(
            (
                _number(customers, row["customer_id"]),
                _number(items, style_of.get(row["sku"], row["sku"])),
                days.setdefault(day, date.fromisoformat(day).toordinal()),
                int(float(row["quantity"])),
                float(row.get("unit_price") or "nan"),
            )
        )
    if not lines:
        raise NoPurchases(f"{folder} holds no purchases to measure on.")
    known = [people.get(customer, {}) for customer in customers]
    return Shop(
        *(np.asarray(column) for column in zip(*lines, strict=True)),
        n_customers=len(customers),
        city=_numbered([person.get("city") for person in known]),
        store=_numbered([person.get("store_code") for person in known]),
        descriptions=tuple(described.get(item, ItemDescription()) for item in items),
    )


def _products(folder: Path) -> tuple[dict[str, str], dict[str, ItemDescription]]:
    """The style of each SKU, and what each style is."""
    style_of: dict[str, str] = {}
    described: dict[str, ItemDescription] = {}
    for row in rows_of(folder, "products.csv"):
        style = row.get("style") or row["sku"]
        style_of[row["sku"]] = style
        described.setdefault(style, _description(row))
    return style_of, described


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a file, plain or .gz; none when there is no such file."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            with _opened(path) as lines:
                yield from csv.DictReader(lines)
            return


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _description(row: dict[str, str]) -> ItemDescription:
    """A product row without its price, which may date from after the cut."""
    names = ("name", "brand", "category", "subcategory", "color", "gender")
    attributes = json.loads(row.get("attributes") or "{}")
    return ItemDescription(**{name: row.get(name) or "" for name in names}, attributes=attributes)


def _number(numbers: dict[str, int], key: str) -> int:
    """The number of a key, the next one for a new key."""
    return numbers.setdefault(key, len(numbers))


def _numbered(keys: list[str | None]) -> np.ndarray:
    """The number of each key, -1 for a blank."""
    numbers: dict[str, int] = {}
    return np.asarray([_number(numbers, key) if key else -1 for key in keys])
