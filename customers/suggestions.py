"""Who gets which new arrivals proposed, and why: the whole shop, recomputed as of a moment.

A thin adapter: facts are read as arrays, the engine scores with the blend learned from the shop's
own past, the screen drops what is not appropriate *before* the best are taken, and the new list
takes the place of the old one whole, together with the outlook of every customer.
Nothing dated after the moment is used. Stock has no past in our records: it counts only when the
moment is now, give or take a day.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from clienteling import clock
from clienteling.defaults import NEW_ARRIVAL_DAYS, SUGGESTIONS_KEPT, SUGGESTIONS_SHOWN
from clienteling.locks import DatabaseLock, alone_in
from customers import learned_blends, outlook
from customers.feedback import KIND_NUMBERS, read_feedback
from customers.models import LearnedBlend, SuggestionRun
from customers.outlook import Foreseen
from customers.recommender.arrays import Booleans, Integers
from customers.recommender.blend import Blend
from customers.recommender.engine import fit
from customers.recommender.evidence import Ranking
from customers.recommender.facts import Config, Interactions, Items, Opinions, People
from customers.recommender.opinions import weigh
from customers.recommender.tokens import describe_items
from customers.screening import Screen, screen_of
from customers.second_look import SecondLook
from customers.shopfacts import SECONDS_A_DAY, Shop, places_of, read_shop
from customers.suggestion_export import exporting
from customers.suggestion_rows import Keys, encoded
from customers.suggestion_table import replace_all

Clients = Literal["lapsed", "all"]
Progress = Callable[[str], None]

STOCK_IS_CURRENT_FOR = timedelta(days=1)
ONE_BLAS_THREAD = {"limits": 1, "user_api": "blas"}
"""The engine has threads of its own, which others' would only disturb: a third of the time of
fitting. And sums come out the same on any number of processors."""


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
    blend: LearnedBlend | None
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


@dataclass(frozen=True, eq=False)
class _Asked:
    """For whom something is looked for, as places; only those of `counted` [n] are reported on.

    Beside the lapsed, those about to lapse have a tab of their own on the associate's day.
    """

    customers: Integers
    counted: Booleans

    def __len__(self) -> int:
        return int(self.counted[self.customers].sum())


@dataclass
class _Tally:
    """Counted while the rankings pass by; `shown` are the products on anybody's card."""

    counted: Booleans
    served: int = 0
    enough: int = 0
    shown: set[int] = field(default_factory=set)


@threadpool_limits.wrap(**ONE_BLAS_THREAD)
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
    with alone_in(DatabaseLock.SUGGESTIONS) as is_ours:
        if not is_ours:
            raise RefreshRunning("Suggestions are being computed already; try again later.")
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
            blend=report.blend,
            warnings=list(report.warnings),
        )
    return report


def _silent(words: str) -> None:
    """Progress nobody asked for."""


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
        """Read, foresee, score, screen, write, check, swap."""
        shop = self._read()
        foreseen = self._foresee(shop)
        candidates = newly_arrived(shop, new_within=self.new_within)
        asked = self._asked(shop, foreseen)
        tally = _Tally(asked.counted)
        second_look = SecondLook(shop, self.new_within, self.with_stock, asked.customers)
        keys = Keys(shop.roster.numbers, shop.assortment.numbers)
        blend = None
        with exporting(export, shop, top=self.top, only=asked.counted) as exported:
            rankings: Iterable[Ranking] = ()
            if len(asked.customers) and len(candidates):
                blend, rankings = self._rankings(shop, asked.customers, candidates)
            counted = _counted(exported(second_look.watch(rankings)), tally)
            written = replace_all(
                encoded(counted, keys),
                check=partial(self._check, second_look),
                also=(outlook.TABLE,),
            )
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
            blend=blend,
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

    def _check(self, second_look: SecondLook) -> None:
        self.say("Checking and swapping them in...")
        second_look.ask_the_rules()

    def _foresee(self, shop: Shop) -> Foreseen | None:
        """How likely everybody is to come back, written beside today's outlook."""
        visits = shop.visits
        foreseen = outlook.foresee(visits.days, visits.first, visits.last)
        numbers = shop.roster.numbers
        if foreseen:
            outlook.write_next(numbers, foreseen.alive, foreseen.will_buy)
        else:
            nothing = np.zeros(0, dtype=np.float32)
            outlook.write_next(numbers[:0], nothing, nothing)
        return foreseen

    def _asked(self, shop: Shop, foreseen: Foreseen | None) -> _Asked:
        """Everybody, or those who have bought, and not within their store's number of days.

        As of now also those about to lapse: no screen shows who was about to, once.
        """
        everybody = np.arange(len(shop.roster.numbers), dtype=np.int32)
        if self.clients == "all":
            return _Asked(everybody, np.ones(len(everybody), dtype=bool))
        visits, roster = shop.visits, shop.roster
        lapsed = visits.seconds >= roster.lapse_days.astype(np.int64) * SECONDS_A_DAY
        lapsed &= visits.days > 0
        if not self.with_stock:
            return _Asked(everybody[lapsed], lapsed)
        soon = outlook.about_to_lapse(
            visits.days,
            visits.seconds // SECONDS_A_DAY,
            roster.usual_gap_days,
            roster.lapse_days,
            foreseen.will_buy if foreseen else None,
        )
        return _Asked(everybody[lapsed | soon], lapsed)

    def _rankings(
        self, shop: Shop, customers: Integers, candidates: Integers
    ) -> tuple[LearnedBlend, Iterator[Ranking]]:
        """The blend, and the rankings it gives, worked out block by block as they are drawn."""
        facts = facts_of(shop)
        row, blend = self._blend(*facts)
        self.say(f"Scoring {len(candidates):,} new arrivals for {len(customers):,} clients...")
        screen = screen_of(shop, candidates, with_stock=self.with_stock, new_within=self.new_within)
        model = fit(*facts, config=Config(), blend=blend, opinions=opinions_of(shop))
        rankings = model.rank(
            customers,
            candidates,
            n=max(self.top, SUGGESTIONS_KEPT),
            verdicts=_Announced(screen, len(customers), self.say).verdicts,
            gone=screen.gone,
        )
        return row, rankings

    def _blend(
        self, interactions: Interactions, items: Items, people: People
    ) -> tuple[LearnedBlend, Blend]:
        found = learned_blends.usable(as_of=self.as_of, new_within=self.new_within)
        if found:
            return found
        self.say("Learning from the shop's own past...")
        return learned_blends.learn_anew(
            interactions,
            items,
            people,
            as_of=self.as_of,
            now=self.now,
            new_within=self.new_within,
            config=Config(),
            progress=self.say,
        )


@threadpool_limits.wrap(**ONE_BLAS_THREAD)
def learn(
    *, as_of: datetime, now: datetime, new_within: int = NEW_ARRIVAL_DAYS, progress: Progress
) -> LearnedBlend:
    """Learn the blend anew, whether or not there is one: once a week, apart from the nights."""
    shop = read_shop(as_of=as_of, on=as_of.astimezone(clock.shop_zone()).date())
    row, _ = learned_blends.learn_anew(
        *facts_of(shop),
        as_of=as_of,
        now=now,
        new_within=new_within,
        config=Config(),
        progress=progress,
    )
    return row


def facts_of(shop: Shop) -> tuple[Interactions, Items, People]:
    """The shop in the engine's terms."""
    lines, assortment = shop.lines, shop.assortment
    return (
        Interactions(lines.customer, lines.product, lines.day, lines.quantity),
        Items(
            launched=(shop.on.toordinal() - shop.arrived).astype(np.float32),
            price=assortment.price.astype(np.float32),
            tokens=describe_items(assortment.descriptions),
        ),
        shop.roster.people,
    )


def opinions_of(shop: Shop) -> Opinions:
    """What was said of items up to the shop's moment, weighed."""
    said = read_feedback(as_of=shop.as_of)
    customer = places_of(said.customer, shop.roster.numbers)
    product = places_of(said.product, shop.assortment.numbers)
    known = (customer >= 0) & (product >= 0)
    kinds = {number: kind for kind, number in KIND_NUMBERS.items()}
    spoken = [kinds[number] for number in said.kind[known].tolist()]
    return Opinions(customer[known], product[known], weigh(spoken, said.days[known]))


def newly_arrived(shop: Shop, *, new_within: int) -> Integers:
    """The products, as places, that arrived in these days and may be named with a price."""
    age = shop.on.toordinal() - shop.arrived
    shown = (age >= 0) & (age <= new_within)
    if shop.is_priced:
        shown &= np.isfinite(shop.assortment.price)
    return np.flatnonzero(shown).astype(np.int32)


class _Announced:
    """The screen, telling how far the engine has come each time it asks for a block."""

    def __init__(self, screen: Screen, total: int, say: Progress) -> None:
        self.screen, self.total, self.say = screen, total, say
        self.done = 0
        self.lock = Lock()  # the engine asks from several threads

    def verdicts(self, customers: Integers, columns: Integers) -> npt.NDArray[np.int16]:
        with self.lock:
            tenths_before = 10 * self.done // self.total
            self.done = min(self.done + len(customers), self.total)
            if 10 * self.done // self.total > tenths_before:
                self.say(f"Scored {self.done:,} of {self.total:,} clients.")
        return self.screen.verdicts(customers, columns)


def _counted(rankings: Iterable[Ranking], tally: _Tally) -> Iterator[Ranking]:
    for ranking in rankings:
        of_each = (ranking.items >= 0).sum(axis=1)[tally.counted[ranking.customers]]
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
