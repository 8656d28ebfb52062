"""The nightly suggestions in a large shop: seconds of each step, memory, growth with the shop.

BENCH_CUSTOMERS="10000,100000,1000000" chooses the sizes of the made-up chains. The floor is one
pass of the server over the lines with nothing handed out; read the ratios, not the seconds. The
night runs in a process of its own, so that its memory is its own as well.

`python -m bench.suggestions_speed night` runs it in the database that the settings name.
"""

import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import pairwise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clienteling.settings")

import django

django.setup()

from django.db import connection  # noqa: E402 - Django first

from bench.databases import settle, temporary_database  # noqa: E402
from bench.generated import Size, generate  # noqa: E402
from bench.tables import print_table  # noqa: E402
from clienteling import clock  # noqa: E402
from customers import suggestion_table  # noqa: E402
from customers.models import LineItem  # noqa: E402
from customers.suggestions import refresh  # noqa: E402

USUAL_SIZES = "2000,20000"
SWAP_LIMIT_SECONDS = 0.1
MEMORY_LIMIT_MB = 2_000
MOST_GROWTH = 1.2


@dataclass
class Stopwatch:
    """Seconds from one word of progress to the next."""

    started: float = field(default_factory=time.perf_counter)
    steps: list[tuple[str, float]] = field(default_factory=list)

    def note(self, words: str) -> None:
        """The step named by the first of `words` begins, and the one before it has ended."""
        name = next(word for word in words.split() if word[0].isalpha()).rstrip(".").lower()
        self.steps.append((name, time.perf_counter()))

    def seconds(self) -> dict[str, float]:
        """Seconds by the name of each step; steps of one name are added up."""
        ends = [moment for _, moment in self.steps[1:]] + [time.perf_counter()]
        found: dict[str, float] = {}
        for (name, began), ended in zip(self.steps, ends, strict=True):
            found[name] = found.get(name, 0) + ended - began
        return found


@dataclass(frozen=True)
class Night:
    """What one run took; `peak_mb` is of the whole process, the libraries included."""

    steps: dict[str, float]
    seconds: float
    swap: float
    lapsed: int
    sentence: str
    peak_mb: float


def main() -> None:
    """Measure every size in a database of its own."""
    nights = {}
    for words in os.environ.get("BENCH_CUSTOMERS", USUAL_SIZES).split(","):
        size = Size.of_chain(int(words))
        with temporary_database("suggestions"):
            generate(size, now=clock.now())
            settle()
            nights[size.customers] = measured(size)
    print_growth(nights)


def measured(size: Size) -> Night:
    """One chain's table; the database must hold the generated shop."""
    lines = LineItem.objects.count()
    floor = best_of_two(scan_lines)
    night = night_in_a_process_of_its_own()
    print(f"\n{size.customers:,} customers, {lines:,} lines, {night.lapsed:,} lapsed\n")
    print_table(
        ("step", "seconds", "x floor"),
        [
            ("one pass of the server (floor)", floor, 1.0),
            *((f"night: {name}", each, each / floor) for name, each in night.steps.items()),
            ("night, all of it", night.seconds, night.seconds / floor),
            ("the swap, which readers wait for", night.swap, night.swap / floor),
        ],
    )
    print(f"\n{night.sentence} Peak memory: {night.peak_mb:,.0f} MB.")
    for complaint in over_the_limits(night):
        print(f"OVER: {complaint}")
    return night


def over_the_limits(night: Night) -> list[str]:
    """What a chain of any size should not take."""
    said = []
    if night.swap > SWAP_LIMIT_SECONDS:
        said.append(f"the swap took {night.swap:.3f} s, more than {SWAP_LIMIT_SECONDS} s.")
    if night.peak_mb > MEMORY_LIMIT_MB:
        said.append(f"{night.peak_mb:,.0f} MB of memory, more than {MEMORY_LIMIT_MB:,} MB.")
    return said


def print_growth(nights: dict[int, Night]) -> None:
    """The exponents from each size to the next: 1 is in proportion, 2 is quadratic."""
    sizes = sorted(nights)
    for smaller, larger in pairwise(sizes):
        few, many = nights[smaller], nights[larger]
        rows = [
            (name, growth(few.steps[name], seconds, larger / smaller))
            for name, seconds in many.steps.items()
            if name in few.steps
        ]
        whole = growth(few.seconds, many.seconds, larger / smaller)
        print(f"\nGrowth from {smaller:,} to {larger:,} customers\n")
        print_table(("step", "exponent"), [*rows, ("night, all of it", whole)])
        if whole > MOST_GROWTH:
            print(f"OVER: it grows by {whole:.2f}, more than {MOST_GROWTH}.")


def growth(before: float, after: float, times: float) -> float:
    """By which power of the size the seconds grow."""
    return math.log(after / before) / math.log(times)


def best_of_two(call: Callable[[], object]) -> float:
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


def night_in_a_process_of_its_own() -> Night:
    """The night in the database of our connection, as the last line of another process says."""
    name = str(connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-m", "bench.suggestions_speed", "night", name],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Night(**json.loads(done.stdout.splitlines()[-1]))


def night() -> Night:
    """Run it here and now."""
    stopwatch, swapping = Stopwatch(), _timed_swap()
    now = clock.now()
    report = refresh(as_of=now, now=now, progress=stopwatch.note)
    return Night(
        steps=stopwatch.seconds(),
        seconds=report.seconds,
        swap=sum(swapping),
        lapsed=report.customers,
        sentence=report.sentence,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _timed_swap() -> list[float]:
    """Has the swap timed where the run calls it; the seconds appear in the list."""
    taken: list[float] = []
    swap = suggestion_table.swap

    def timed(*arguments: object) -> None:
        started = time.perf_counter()
        swap(*arguments)
        taken.append(time.perf_counter() - started)

    suggestion_table.swap = timed
    return taken


if __name__ == "__main__":
    if sys.argv[1:2] == ["night"]:
        if sys.argv[2:]:
            connection.settings_dict["NAME"] = sys.argv[2]
        print(json.dumps(asdict(night())))
    else:
        main()
