"""The day's page and its neighbours in a large shop: processor time, SQL and queries.

BENCH_CUSTOMERS="10000,1000000" chooses the sizes of the made-up chains. Each is measured against
two floors of the same run: an answer that only passes the middleware, and a bare page of 24 cards.
Read the ratios; the milliseconds are those of one machine on one day.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from bench.databases import settle, temporary_database
from bench.generated import Size, generate
from bench.measuring import ROUNDS, Cost, cost_of
from bench.tables import print_table
from clienteling import clock, jinja
from clienteling.models import User
from customers.models import Customer
from outreach.day import book, candidates, cards

USUAL_SIZES = "2000,20000"
HELLO, BARE, DAY = "hello (floor)", "bare cards (floor)", "the day"
FACTS, FIRST = "the day, no page", "the day, nothing kept"
NAMES, DIGITS = "search by name, no page", "search by digits, no page"
LETTER = "clients, a letter typed"
# An inbox reads seven tables: who waits, holds, promises, notices, both sides of what was said
# last, and her shift; with the session and the person they are nine.
MOST_QUERIES: Mapping[str, int] = {
    DAY: 8,
    "client": 12,
    "clients": 4,
    LETTER: 3,
    "clients, numbers": 3,
    "inbox": 9,
}
KEPT = (candidates._prospect, candidates._candidate, cards._drawn, jinja._drawn)
MOST_SQL_MS: Mapping[str, float] = {NAMES: 5.0, DIGITS: 5.0}  # at any size
TIMES_BARE = 1.5  # of processor time; above it the day's page has grown too dear


@dataclass(frozen=True)
class Measured:
    """One page of one chain."""

    page: str
    cost: Cost
    kilobytes: float | None


@dataclass(frozen=True)
class Staff:
    """Who looks at the pages: people of the first store, and the admin."""

    associate: User
    manager: User
    admin: User


def main() -> None:
    """Measure every size in a database of its own, then how the pages grow from first to last."""
    sizes = sizes_of(os.environ.get("BENCH_CUSTOMERS", USUAL_SIZES))
    by_size = {}
    for customers in sizes:
        with temporary_database("day_page"):
            generate(Size(customers), now=clock.now())
            settle()
            by_size[customers] = measure()
        print_size(customers, by_size[customers])
    if len(sizes) > 1:
        print_growth(by_size[sizes[0]], by_size[sizes[-1]], sizes[-1] / sizes[0])


def sizes_of(words: str) -> list[int]:
    """`"10000, 1000000"` as numbers of customers, the smallest first."""
    return sorted(int(word) for word in words.split(","))


def measure(*, rounds: int = ROUNDS) -> list[Measured]:
    """Every page, in the database as it is: it must hold a generated shop."""
    staff = Staff(
        User.objects.filter(role=User.Role.ASSOCIATE).select_related("store").earliest("pk"),
        User.objects.filter(role=User.Role.MANAGER).earliest("pk"),
        User.objects.filter(role=User.Role.ADMIN).earliest("pk"),
    )
    with override_settings(
        ROOT_URLCONF="bench.floors", STORAGES=_plain_static_files(), STATIC_ROOT=None
    ):
        return [
            measured(HELLO, _opened(None, "/hello/"), rounds),
            measured(
                BARE, _opened(staff.associate, f"/bare/?associate={staff.associate.pk}"), rounds
            ),
            Measured(FACTS, cost_of(_facts_of_the_day(staff.associate), rounds=rounds), None),
            measured(FIRST, _opened_first(staff.associate, reverse("day")), rounds),
            *(
                Measured(name, cost_of(_search(staff.associate, query), rounds=rounds), None)
                for name, query in ((NAMES, "smi"), (DIGITS, "0042"))
            ),
            *(
                measured(page, _opened(user, address), rounds)
                for page, user, address in pages_of(staff)
            ),
            measured(
                LETTER,
                _opened(
                    staff.associate, reverse("clients") + "?q=smi&whose=store", HX_Request="true"
                ),
                rounds,
            ),
        ]


def pages_of(staff: Staff) -> list[tuple[str, User, str]]:
    """What is measured beside the floors: its name, who looks, and its address."""
    client = Customer.objects.in_book_of(staff.associate).exclude(suggestions=None).earliest("pk")
    product, stock, customer = (
        reverse(f"admin:{model}_changelist")
        for model in ("catalog_product", "catalog_stocklevel", "customers_customer")
    )
    return [
        (DAY, staff.associate, reverse("day")),
        ("client", staff.associate, reverse("client", args=[client.customer_id])),
        ("clients", staff.associate, reverse("clients")),
        ("clients, search", staff.associate, reverse("clients") + "?q=smi&whose=store"),
        ("clients, last digits", staff.associate, reverse("clients") + "?q=0042&whose=store"),
        ("clients, numbers", staff.associate, reverse("book-counts")),
        ("clients, numbers of a store", staff.associate, reverse("book-counts") + "?whose=store"),
        ("inbox", staff.associate, reverse("inbox")),
        ("new in", staff.associate, reverse("new-in")),
        ("results", staff.manager, reverse("reports")),
        ("admin: products", staff.admin, product),
        ("admin: products, search", staff.admin, f"{product}?q=marlow+7"),
        ("admin: stock", staff.admin, stock),
        ("admin: stock, search", staff.admin, f"{stock}?q=style-7"),
        ("admin: customers", staff.admin, customer),
        ("admin: customers, search", staff.admin, f"{customer}?q=smi"),
    ]


def measured(page: str, opened: Callable[[], Any], rounds: int) -> Measured:
    """The cost of one page, which must be there: a redirect or an error is no measurement."""
    answer = opened()
    if answer.status_code != 200:
        raise RuntimeError(f"{page} answered {answer.status_code}.")
    return Measured(page, cost_of(opened, rounds=rounds), len(answer.content) / 1000)


def print_size(customers: int, pages: Sequence[Measured]) -> None:
    """One chain's table, and what of it is over its limit."""
    cost = {each.page: each.cost.cpu_ms for each in pages}
    print(f"\n{customers:,} customers\n")
    print_table(
        ("page", "CPU ms", "x hello", "x bare", "SQL ms", "queries", "kB"),
        [
            (
                each.page,
                each.cost.cpu_ms,
                each.cost.cpu_ms / cost[HELLO],
                each.cost.cpu_ms / cost[BARE],
                each.cost.sql_ms,
                each.cost.queries,
                each.kilobytes,
            )
            for each in pages
        ],
    )
    for sentence in over_the_limits(pages):
        print(f"over the limit: {sentence}")


def over_the_limits(pages: Sequence[Measured]) -> list[str]:
    """A sentence for each limit that was passed; none is good news."""
    cost = {each.page: each.cost for each in pages}
    said = [
        f"{page} asked {cost[page].queries} queries, at most {most} are wanted"
        for page, most in MOST_QUERIES.items()
        if cost[page].queries > most
    ]
    said += [
        f"{page} took {cost[page].sql_ms:.1f} ms of SQL, at most {most:g} are wanted"
        for page, most in MOST_SQL_MS.items()
        if cost[page].sql_ms > most
    ]
    times = cost[DAY].cpu_ms / cost[BARE].cpu_ms
    if times > TIMES_BARE:
        said.append(f"{DAY} costs {times:.1f} times bare cards, at most {TIMES_BARE} are wanted")
    return said


def print_growth(small: Sequence[Measured], large: Sequence[Measured], times: float) -> None:
    """How much dearer each page is in the larger chain; a page of one person should not grow."""
    print(f"\n{times:g} times as many customers\n")
    print_table(
        ("page", "x CPU", "x SQL", "more queries"),
        [
            (
                after.page,
                after.cost.cpu_ms / before.cost.cpu_ms,
                after.cost.sql_ms / before.cost.sql_ms if before.cost.sql_ms else None,
                after.cost.queries - before.cost.queries,
            )
            for before, after in zip(small, large, strict=True)
        ],
    )


def _opened(user: User | None, address: str, **headers: str) -> Callable[[], Any]:
    """Opens the page as this person, or as a stranger, through the whole middleware."""
    client = Client(SERVER_NAME="localhost")
    if user:
        client.force_login(user)
    return lambda: client.get(address, headers=headers)


def _opened_first(user: User, address: str) -> Callable[[], Any]:
    """The same in a process that has drawn no card yet, as after a start, or for the first time in
    a quarter of an hour."""
    opened = _opened(user, address)

    def forgetful() -> Any:
        for each in KEPT:
            each.cache_clear()
        return opened()

    return forgetful


def _facts_of_the_day(associate: User) -> Callable[[], object]:
    store = associate.store
    assert store is not None  # every generated associate has one
    return lambda: cards.for_associate(associate, store, now=clock.now())


def _search(associate: User, query: str) -> Callable[[], object]:
    """What a letter typed asks of the whole store, without its session and its page."""
    store = associate.store
    assert store is not None  # every generated associate has one
    wanted = book.Wanted(query=query, whose="store")
    return lambda: book.names(wanted, associate, store, now=clock.now())


def _plain_static_files() -> dict[str, dict[str, str]]:
    """Addresses of files need no collected copies here."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return {**settings.STORAGES, "staticfiles": plain}
