"""How fast purchases are imported, against the least that the same file could cost.

The folder named by BENCH_DATA holds products.csv, customers.csv and purchases.csv as for
`import_data`, plain or .gz; without it a made-up shop of 200,000 purchase lines is used. The floor
is PostgreSQL's own COPY of the purchase file into an unlogged table without a single check. All
happens in a database of its own, dropped at the end.
"""

import contextlib
import csv
import gzip
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from django.db import connection

from bench.databases import temporary_database
from catalog.importing import import_products
from clienteling.feeds import Feed, ImportReport
from customers.importing.customers import import_customers
from customers.importing.purchases import import_purchases

MADE_UP_LINES, MADE_UP_CUSTOMERS, MADE_UP_PRODUCTS = 200_000, 5_000, 4_000
NOW = datetime(2030, 1, 1, tzinfo=UTC)  # later than any purchase in the files
BLOCK = 1 << 20


@dataclass(frozen=True)
class Lap:
    """One measured step."""

    name: str
    rows: int
    seconds: float
    changes: int

    def row(self, floor: float) -> str:
        speed = self.rows / self.seconds
        return (
            f"{self.name:<28}{self.rows:>12,}{self.seconds:>10.1f}{speed:>14,.0f}"
            f"{self.seconds / floor:>9.1f}{self.changes:>12,}"
        )


def main() -> None:
    """Print the table; BENCH_DATA may name a folder with real files."""
    with tempfile.TemporaryDirectory() as scratch, temporary_database("import"):
        folder = Path(os.environ.get("BENCH_DATA") or made_up_shop(Path(scratch)))
        laps = measure(folder)
    floor = laps[0].seconds
    print(
        f"{'step':<28}{'rows':>12}{'seconds':>10}{'rows/second':>14}{'x floor':>9}{'written':>12}"
    )
    for lap in laps:
        print(lap.row(floor))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Peak memory of the importing process: {peak} MB")


def measure(folder: Path) -> list[Lap]:
    """The floor, the products and customers that purchases need, the purchases twice."""
    purchases = found(folder, "purchases")
    laps = [raw_copy(purchases)]
    laps.append(imported("products", import_products, found(folder, "products")))
    laps.append(imported("customers", import_customers, found(folder, "customers")))
    laps.append(imported("purchases, first load", import_purchases, purchases))
    laps.append(imported("purchases, same file again", import_purchases, purchases))
    return laps


def raw_copy(path: Path) -> Lap:
    """PostgreSQL's CSV reader and nothing else."""
    with opened(path) as file, connection.cursor() as cursor:
        columns = ", ".join(f"{name} text" for name in Feed(path).header)
        cursor.execute(f"CREATE UNLOGGED TABLE floor ({columns})")
        started = time.perf_counter()
        with cursor.copy("COPY floor FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(BLOCK):
                copy.write(block)
        seconds = time.perf_counter() - started
        rows = cursor.rowcount
        cursor.execute("DROP TABLE floor")
    return Lap("floor: COPY, unchecked", rows, seconds, rows)


def imported(name: str, importer: Callable[..., ImportReport], path: Path) -> Lap:
    started = time.perf_counter()
    report = importer(Feed(path), now=NOW)
    seconds = time.perf_counter() - started
    if report.rejected:
        raise SystemExit(f"{path}: {report.sentence}. A benchmark wants files without mistakes.")
    return Lap(name, report.read, seconds, report.created + report.changed)


def found(folder: Path, kind: str) -> Path:
    plain = folder / f"{kind}.csv"
    return plain if plain.exists() else folder / f"{kind}.csv.gz"


def opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def made_up_shop(folder: Path) -> Path:
    """A shop of plausible proportions, the same at every call."""
    chance = random.Random(20260615)
    with table(folder / "products.csv", "sku", "name", "price") as write:
        for product in range(MADE_UP_PRODUCTS):
            write((f"P{product:05}", f"Product {product}", f"{10 + product % 300}.50"))
    with table(folder / "customers.csv", "customer_id", "first_name") as write:
        for customer in range(MADE_UP_CUSTOMERS):
            write((f"{customer:06}", f"Name {customer}"))
    header = "order_id,line,customer_id,sku,purchased_at,quantity,unit_price,store_code"
    with table(folder / "purchases.csv", *header.split(",")) as write:
        for line in range(MADE_UP_LINES):
            write(made_up_line(line, chance))
    return folder


def made_up_line(line: int, chance: random.Random) -> tuple[object, ...]:
    """Four lines to an order, one in twenty a return."""
    order = line // 4
    customer = order * 7919 % MADE_UP_CUSTOMERS
    product = int(chance.paretovariate(1.1)) * 31 % MADE_UP_PRODUCTS
    at = datetime(2024, 1, 1, 9) + timedelta(minutes=order * 13)  # noqa: DTZ001
    quantity = -1 if chance.random() < 0.05 else chance.randint(1, 3)
    price = f"{10 + product % 300}.50"
    cells = (f"{customer:06}", f"P{product:05}", at.isoformat(), quantity, price, f"S{order % 20}")
    return (f"O{order:07}", line % 4 + 1, *cells)


@contextlib.contextmanager
def table(path: Path, *header: str) -> Iterator[Callable[[tuple[object, ...]], object]]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        yield writer.writerow
