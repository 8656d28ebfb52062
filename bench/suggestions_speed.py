"""The nightly suggestions in a large shop: seconds of each step, lines a second, memory.

BENCH_CUSTOMERS="10000,100000" chooses the sizes of the made-up chains. The floor is one pass of
the server over the lines with nothing handed out; read the ratios, not the seconds.
"""

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from bench.databases import settle, temporary_database
from bench.generated import Size, generate
from bench.tables import print_table
from clienteling import clock
from customers import suggestion_table
from customers.models import LineItem
from customers.shopfacts import read_assortment, read_lines, read_roster, read_sizes
from customers.suggestions import refresh

USUAL_SIZES = "2000,20000"
SWAP_LIMIT_SECONDS = 0.1


@dataclass
class Stopwatch:
    """Seconds from one word of progress to the next."""

    started: float = field(default_factory=time.perf_counter)
    steps: list[tuple[str, float]] = field(default_factory=list)

    def note(self, words: str) -> None:
        """The step named by `words` begins, and the one before it has ended."""
        self.steps.append((words.partition(" ")[0].rstrip("."), time.perf_counter()))

    def seconds(self) -> dict[str, float]:
        """Seconds by the first word of each step; steps of one name are added up."""
        ends = [moment for _, moment in self.steps[1:]] + [time.perf_counter()]
        found: dict[str, float] = {}
        for (name, began), ended in zip(self.steps, ends, strict=True):
            found[name] = found.get(name, 0) + ended - began
        return found


def main() -> None:
    """Measure every size in a database of its own."""
    for words in os.environ.get("BENCH_CUSTOMERS", USUAL_SIZES).split(","):
        customers = int(words)
        with temporary_database("suggestions"):
            generate(Size(customers, products=2_000, new_products=300), now=clock.now())
            settle()
            print_size(customers)


def print_size(customers: int) -> None:
    """One chain's table; the database must hold a generated shop."""
    lines = LineItem.objects.count()
    floor, packed = seconds_of(scan_lines), seconds_of(read_packed_lines)
    stopwatch = Stopwatch()
    now = clock.now()
    report = refresh(as_of=now, now=now, progress=stopwatch.note)
    steps = stopwatch.seconds()
    swap = seconds_of(swap_the_same)
    print(f"\n{customers:,} customers, {lines:,} lines, {report.customers:,} lapsed\n")
    print_table(
        ("step", "seconds", "x floor", "lines/s"),
        [
            ("one pass of the server (floor)", floor, 1.0, int(lines / floor)),
            ("packed read of the lines", packed, packed / floor, int(lines / packed)),
            *((f"refresh: {name}", each, each / floor, None) for name, each in steps.items()),
            ("refresh, all of it", report.seconds, report.seconds / floor, None),
            ("the swap, which readers wait for", swap, swap / floor, None),
        ],
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{report.sentence} Peak memory of the process so far: {peak:,.0f} MB.")
    if swap > SWAP_LIMIT_SECONDS:
        print(f"OVER: the swap took {swap:.3f} s, more than {SWAP_LIMIT_SECONDS} s.")


def seconds_of(call: Callable[[], object]) -> float:
    """The better of two calls, so that the first touch of the pages is not counted."""
    taken = []
    for _ in range(2):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return min(taken)


def scan_lines() -> None:
    """Every line once, with the arithmetic but without the packing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(customer_id + product_id + quantity + date_part('epoch', purchased_at)) "
            "FROM customers_lineitem"
        )


def read_packed_lines() -> None:
    """What `refresh` does first."""
    now = clock.now()
    roster, assortment = read_roster(on=now.date()), read_assortment()
    sizes = read_sizes(assortment)
    read_lines(as_of=now, roster=roster, assortment=assortment, sizes=sizes)


def swap_the_same() -> None:
    """Put a copy of the suggestions in their place: only the moment of the swap is of interest."""
    suggestion_table.begin(suggestion_table.TABLE)
    suggestion_table.complete(suggestion_table.TABLE)
    suggestion_table.swap([suggestion_table.TABLE])


if __name__ == "__main__":
    main()
