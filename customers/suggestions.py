"""Who gets which new arrivals proposed, and why: the whole shop, recomputed as of a moment.

A thin adapter: facts are read as arrays, the engine scores, the screen drops what is not
appropriate *before* the best are taken, and the new list takes the place of the old one whole.
Nothing dated after the moment is used. Stock has no past in our records: it counts only when the
moment is now, give or take a day.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
from django.db import connection

from clienteling import clock
from clienteling.defaults import NEW_ARRIVAL_DAYS, SUGGESTIONS_KEPT, SUGGESTIONS_SHOWN
from customers.models import SuggestionRun
from customers.recommender.arrays import Booleans, Integers
from customers.recommender.engine import Model, fit
from customers.recommender.evidence import Ranking
from customers.recommender.facts import Config, Interactions, Items
from customers.recommender.tokens import describe_items
from customers.screening import Screen, screen_of
from customers.second_look import SecondLook
from customers.shopfacts import SECONDS_A_DAY, Shop, last_bought, read_shop
from customers.suggestion_export import exporting
from customers.suggestion_rows import Keys, encoded
from customers.suggestion_table import replace_all

Clients = Literal["lapsed", "all"]
Progress = Callable[[str], None]

STOCK_IS_CURRENT_FOR = timedelta(days=1)
RUN_LOCK = 7_310_548_210
"""Any number, as long as nothing else in the database locks by the same one."""


class RefreshRunning(Exception):  # noqa: N818
    """Another run is under way; the sentence is for a person."""


@dataclass(frozen=True)
class RefreshReport:
    """What one run did. `with_fewer` are the clients with fewer than are shown on a card.

    `coverage` is the share of the new arrivals that anybody is shown; `lines` were read.
    """

    as_of: datetime
    on: date
    clients: Clients
    customers: int
    candidates: int
    suggestions: int
    served: int
    with_fewer: int
    coverage: float
    lines: int
    seconds: float
    warnings: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What happened, in one true sentence."""
        kind = "lapsed clients" if self.clients == "lapsed" else "clients"
        return (
            f"Suggestions for {self.served:,} of {self.customers:,} {kind} among "
            f"{self.candidates:,} new arrivals, as of {self.on}, in {self.seconds:.1f} s; "
            f"{self.with_fewer:,} have fewer than {SUGGESTIONS_SHOWN}."
        )


@dataclass
class _Tally:
    """Counted while the rankings pass by; `shown` are the products on anybody's card."""

    served: int = 0
    enough: int = 0
    shown: set[int] = field(default_factory=set)


def refresh(
    *,
    as_of: datetime,
    now: datetime,
    new_within: int = NEW_ARRIVAL_DAYS,
    top: int = SUGGESTIONS_SHOWN,
    clients: Clients = "lapsed",
    export: Path | None = None,
    progress: Progress | None = None,
) -> RefreshReport:
    """Replace all suggestions by those known as of a moment, also of one long past.

    For each client `top`, but at least three and their understudies, are kept. `export` receives
    the first `top` as CSV. A client may get fewer, or none: nothing is made up. Raises
    ``RefreshRunning`` when another run is under way; after any error yesterday's list stands.
    """
    started = time.monotonic()
    with _only_run():
        _give_up_unfinished()
        run = SuggestionRun.objects.create(as_of=as_of, new_within=new_within, started_at=now)
        try:
            refreshing = _Refreshing(as_of, now, new_within, top, clients, progress or _silent)
            report = refreshing.run(export)
        except BaseException:
            _finish(run, SuggestionRun.State.FAILED, time.monotonic() - started)
            raise
        report = replace(report, seconds=time.monotonic() - started)
        _finish(
            run,
            SuggestionRun.State.DONE,
            report.seconds,
            customers=report.customers,
            candidates=report.candidates,
            suggestions=report.suggestions,
            with_fewer=report.with_fewer,
            coverage=report.coverage,
            lines=report.lines,
            warnings=list(report.warnings),
        )
    return report


def _silent(words: str) -> None:
    """Progress nobody asked for."""


@contextlib.contextmanager
def _only_run() -> Iterator[None]:
    """One run at a time in the whole database, also after a crash: the lock dies with us."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (RUN_LOCK,))
        if not cursor.fetchone()[0]:
            raise RefreshRunning("Suggestions are being computed already; try again later.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (RUN_LOCK,))


def _give_up_unfinished() -> None:
    """We hold the lock, so whatever still says that it runs was cut off."""
    unfinished = SuggestionRun.objects.filter(state=SuggestionRun.State.RUNNING)
    unfinished.update(state=SuggestionRun.State.FAILED)


def _finish(run: SuggestionRun, state: str, seconds: float, **summary: object) -> None:
    finished_at = run.started_at + timedelta(seconds=seconds)
    SuggestionRun.objects.filter(pk=run.pk).update(
        state=state, seconds=seconds, finished_at=finished_at, **summary
    )


@dataclass(frozen=True)
class _Refreshing:
    """One run, with what was asked of it."""

    as_of: datetime
    now: datetime
    new_within: int
    top: int
    clients: Clients
    say: Progress

    def run(self, export: Path | None) -> RefreshReport:
        """Read, score, screen, write, check, swap."""
        shop = self._read()
        candidates = newly_arrived(shop, new_within=self.new_within)
        asked = self._asked(shop)
        tally = _Tally()
        second_look = SecondLook(shop, self.new_within, self.with_stock, asked)
        with exporting(export, shop, top=self.top) as exported:
            rankings = self._rankings(shop, asked, candidates)
            counted = _counted(exported(second_look.watch(rankings)), tally)
            keys = Keys(shop.roster.numbers, shop.assortment.numbers)
            written = replace_all(encoded(counted, keys), check=second_look.ask_the_rules)
        return RefreshReport(
            as_of=self.as_of,
            on=shop.on,
            clients=self.clients,
            customers=len(asked),
            candidates=len(candidates),
            suggestions=written,
            served=tally.served,
            with_fewer=len(asked) - tally.enough,
            coverage=len(tally.shown) / max(len(candidates), 1),
            lines=len(shop.lines),
            seconds=0.0,
            warnings=_warnings(shop, candidates, self.new_within),
        )

    @property
    def with_stock(self) -> bool:
        """Whether today's stock says anything about the moment."""
        return abs(self.now - self.as_of) <= STOCK_IS_CURRENT_FOR

    def _read(self) -> Shop:
        self.say("Reading customers, products and purchases...")
        shop = read_shop(as_of=self.as_of, on=self.as_of.astimezone(clock.shop_zone()).date())
        self.say(f"{len(shop.lines):,} lines of {len(shop.roster.numbers):,} customers read.")
        return shop

    def _asked(self, shop: Shop) -> Integers:
        """Everybody, or those who have bought, and not within their store's number of days."""
        everybody = np.arange(len(shop.roster.numbers), dtype=np.int32)
        if self.clients == "all":
            return everybody
        newest = last_bought(shop.lines, len(everybody))
        lapsed = newest >= shop.roster.lapse_days.astype(np.int64) * SECONDS_A_DAY
        return everybody[lapsed & (newest < np.iinfo(np.int32).max)]

    def _rankings(self, shop: Shop, asked: Integers, candidates: Integers) -> Iterable[Ranking]:
        """Everything is ranked here; the rows are made later, a block at a time."""
        if not len(asked) or not len(candidates):
            return ()
        screen = screen_of(shop, candidates, with_stock=self.with_stock)
        self.say(f"Learning from {len(shop.lines):,} lines...")
        model = _learn(shop)
        ranking = model.rank(
            asked,
            candidates,
            n=max(self.top, SUGGESTIONS_KEPT),
            allowed=_Announced(screen, len(asked), self.say).allowed,
        )
        self.say("Writing the suggestions...")
        return (ranking,)


def newly_arrived(shop: Shop, *, new_within: int) -> Integers:
    """The products, as places, that arrived in these days and may be named with a price."""
    age = shop.on.toordinal() - shop.arrived
    shown = (age >= 0) & (age <= new_within)
    if shop.is_priced:
        shown &= np.isfinite(shop.assortment.price)
    return np.flatnonzero(shown).astype(np.int32)


@dataclass
class _Announced:
    """The screen, telling how far the engine has come each time it asks for a block."""

    screen: Screen
    total: int
    say: Progress
    done: int = 0

    def allowed(self, customers: Integers, candidates: Integers) -> Booleans:
        tenths_before = 10 * self.done // self.total
        self.done += len(customers)
        if 10 * self.done // self.total > tenths_before:
            self.say(f"Scored {self.done:,} of {self.total:,} clients.")
        return self.screen.allowed(customers, candidates)


def _learn(shop: Shop) -> Model:
    assortment, lines = shop.assortment, shop.lines
    return fit(
        Interactions(lines.customer, lines.product, lines.day, lines.quantity),
        Items(
            launched=(shop.on.toordinal() - shop.arrived).astype(np.float32),
            price=assortment.price.astype(np.float32),
            tokens=describe_items(assortment.descriptions),
        ),
        shop.roster.people,
        config=Config(),
    )


def _counted(rankings: Iterable[Ranking], tally: _Tally) -> Iterator[Ranking]:
    for ranking in rankings:
        of_each = (ranking.items >= 0).sum(axis=1)
        tally.served += int((of_each > 0).sum())
        tally.enough += int((of_each >= SUGGESTIONS_SHOWN).sum())
        on_cards = ranking.items[:, :SUGGESTIONS_SHOWN]
        tally.shown.update(np.unique(on_cards[on_cards >= 0]).tolist())
        yield ranking


def _warnings(shop: Shop, candidates: Integers, new_within: int) -> tuple[str, ...]:
    said = []
    if not shop.has_launches:
        said.append("No product has a launch date: its first sale counts as its arrival.")
    if not shop.is_priced:
        said.append("No product has a price: none was left out for want of one.")
    if not len(candidates):
        said.append(f"Nothing arrived in the {new_within} days up to {shop.on}.")
    return tuple(said)
