"""How good the suggestions would have been: the shop's own past, week by week.

At each past date only what was known then is handed to the recommenders; what clients bought in
the weeks after says who was right. A past date is the moment so many times 24 hours ago, for lines
are known to the day, counted back from now. Prices carry no date in our records and stand as they
are now, and stock, which has no past, is no reason to drop anything. What clients said of items
takes no part either (see `recommender.proposals`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from threadpoolctl import threadpool_limits

from clienteling.defaults import NEW_ARRIVAL_DAYS
from customers.comparison import (
    LEAST_ASKED,
    OURS,
    Attempt,
    Clients,
    Group,
    ShownMost,
    compare,
    shown_most,
)
from customers.lines import LONG_AGO, Numbers
from customers.recommender.arrays import Booleans, Integers, integers
from customers.recommender.blend import Blend
from customers.recommender.facts import UNKNOWN, Config, Interactions, Items, People
from customers.recommender.measures import DEPTH
from customers.recommender.peers import PEERS, Unavailable, recommended
from customers.recommender.proposals import learned_before, proposed_by_engine
from customers.recommender.tokens import describe_items
from customers.recommender.trials import Facts, Trial, trial_of
from customers.screening import screen_of
from customers.shopfacts import (
    SECONDS_A_DAY,
    Lines,
    Roster,
    Shop,
    Visits,
    existing,
    first_seen,
    places_of,
    read_shop,
)
from customers.suggestions import ONE_BLAS_THREAD, newly_arrived

Progress = Callable[[str], None]

HORIZONS = (60, 30)
"""Days after a date in which a purchase counts; the shorter for a shop with a short history."""

LEAST_PAST = 60
"""Days of purchases before a date without which nothing can be learned."""

WEEKS = 8
LEARNED_EVERY = 4
"""Dates that share one blend, learned at the oldest of them: a shop learns its own more often."""

MOST_CUSTOMERS = 20_000
SEED = 20_250_101


class TooLittleToEvaluate(Exception):  # noqa: N818
    """The shop's past is too short or too thin; the sentence is for a person."""


@dataclass(frozen=True)
class Plan:
    """Which dates are tried, oldest first, and how many days after each are looked at.

    `wanted` is how many dates were asked for.
    """

    dates: tuple[date, ...]
    horizon: int
    wanted: int


@dataclass(frozen=True)
class Evaluation:
    """What came out, for the clients asked for.

    `customers` are the buyers that took part, of `customers_in_all`; `left_out` says why a method
    took no part.
    """

    plan: Plan
    new_within: int
    groups: tuple[Group, ...]
    shown_most: tuple[ShownMost, ...]
    customers: int
    customers_in_all: int
    left_out: tuple[str, ...]

    @property
    def is_short(self) -> bool:
        """Whether the shop's past bore less than was wanted."""
        return len(self.plan.dates) < self.plan.wanted or self.plan.horizon < HORIZONS[0]


@threadpool_limits.wrap(**ONE_BLAS_THREAD)
def evaluate(
    *,
    now: datetime,
    zone: ZoneInfo,
    weeks: int | None = None,
    clients: Clients = "all",
    new_within: int = NEW_ARRIVAL_DAYS,
    progress: Progress | None = None,
) -> Evaluation:
    """Backtests the suggestions on the shop's own past as of `now`.

    `weeks` dates a week apart are tried, eight when left out, fewer where the past does not reach.
    Raises ``TooLittleToEvaluate`` when there is nothing to go by.
    """
    say = progress or _silent
    say("Reading customers, products and purchases...")
    whole = read_shop(as_of=now, on=now.astimezone(zone).date())
    shop = sampled(whole, most=MOST_CUSTOMERS)
    plan = plan_of(shop, weeks=weeks)
    absent: dict[str, str] = {}
    attempts = list(_attempts(shop, plan, new_within, say, absent))
    say("Comparing...")
    wanted: tuple[Clients, ...] = ("all", "lapsed") if clients == "all" else ("lapsed",)
    groups = tuple(compare(attempts, clients=each) for each in wanted)
    if groups[0].asked < LEAST_ASKED:
        raise TooLittleToEvaluate(_too_few(groups[0], plan))
    return Evaluation(
        plan=plan,
        new_within=new_within,
        groups=groups,
        shown_most=shown_most(attempts[-1]),
        customers=len(np.unique(shop.lines.customer)),
        customers_in_all=len(np.unique(whole.lines.customer)),
        left_out=tuple(absent.values()),
    )


def _silent(words: str) -> None:
    """Progress nobody asked for."""


def _too_few(group: Group, plan: Plan) -> str:
    kind = "lapsed clients" if group.clients == "lapsed" else "clients"
    return (
        f"Too little to go by: {group.asked:,} times did {kind} buy something new to them within "
        f"{plan.horizon} days of a date tried; {LEAST_ASKED} are needed to tell skill from chance."
    )


def plan_of(shop: Shop, *, weeks: int | None = None) -> Plan:
    """Dates a week apart, the last one so early that its outcome is on record.

    The record ends with the newest purchase, whenever that was. Where 60 days of outcome and 60 of
    past do not fit, 30 of outcome must do. Raises ``TooLittleToEvaluate`` when no date fits.
    """
    if not len(shop.lines):
        raise TooLittleToEvaluate("Too little to go by: there are no purchases on record.")
    oldest, newest = (
        shop.on - timedelta(days=int(back)) for back in (shop.lines.day.max(), shop.lines.day.min())
    )
    for horizon in HORIZONS:
        room = (newest - oldest).days - horizon - LEAST_PAST
        if room >= 0:
            count = min(weeks or WEEKS, 1 + room // 7)
            last = newest - timedelta(days=horizon)
            dates = (last - timedelta(weeks=back) for back in reversed(range(count)))
            return Plan(tuple(dates), horizon, weeks or WEEKS)
    raise TooLittleToEvaluate(
        f"Too little to go by: the purchases on record span {(newest - oldest).days} days, and "
        f"{LEAST_PAST + HORIZONS[-1]} are needed: {LEAST_PAST} to learn from and "
        f"{HORIZONS[-1]} to see what came true."
    )


def sampled(shop: Shop, *, most: int) -> Shop:
    """The same shop with at most so many of its buyers, drawn by the seed, and all they bought.

    Every method learns from the same sample, so the comparison is fair; in a chain each of them
    would do a little better with everybody.
    """
    buyers = np.unique(shop.lines.customer)
    if len(buyers) <= most:
        return shop
    chosen = np.sort(np.random.default_rng(SEED).choice(buyers, size=most, replace=False))
    place = np.full(len(shop.roster.numbers), -1, dtype=np.int32)
    place[chosen] = np.arange(most)
    theirs = _lines_where(shop.lines, place[shop.lines.customer] >= 0)
    return replace(
        shop,
        roster=_roster_of(shop.roster, chosen),
        lines=replace(
            theirs, start=_starts(np.diff(theirs.start)[chosen]), customer=place[theirs.customer]
        ),
        visits=Visits(*(getattr(shop.visits, each.name)[chosen] for each in fields(Visits))),
    )


def _roster_of(roster: Roster, chosen: Integers) -> Roster:
    people = roster.people
    return replace(
        roster,
        numbers=roster.numbers[chosen],
        lapse_days=roster.lapse_days[chosen],
        people=People(people.city[chosen], people.store[chosen], people.age_band[chosen]),
    )


def shop_as_of(shop: Shop, on: date) -> Shop:
    """The same shop at the same time of an earlier day: nothing that came later exists.

    Its visits are told in times of 24 hours, as whole days are all that lines tell.
    """
    back = (shop.on - on).days
    known = _lines_where(shop.lines, shop.lines.day >= back)
    known = replace(known, day=(known.day - back).astype(np.int16))
    assortment, sizes, known = existing(shop.assortment, shop.sizes, known, on=on)
    arrived = assortment.launched
    if not shop.has_launches:
        arrived = first_seen(known, len(assortment.numbers), as_of_ordinal=on.toordinal())
    return replace(
        shop,
        as_of=shop.as_of - timedelta(days=back),
        on=on,
        assortment=assortment,
        sizes=sizes,
        lines=known,
        visits=_visits_of(known),
        arrived=arrived,
    )


def _lines_where(lines: Lines, chosen: Booleans) -> Lines:
    """Some of the lines, in the same order, of the same customers."""
    before = np.concatenate(([0], np.cumsum(chosen)))
    return Lines(
        start=before[lines.start],
        customer=lines.customer[chosen],
        product=lines.product[chosen],
        day=lines.day[chosen],
        quantity=lines.quantity[chosen],
        size=lines.size[chosen],
    )


def _starts(lengths: Numbers) -> Numbers:
    return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)


def _visits_of(lines: Lines) -> Visits:
    """Who came when, in times of 24 hours before the moment."""
    n_customers = len(lines.start) - 1
    sold = lines.quantity > 0
    customer, day = np.unique(np.stack([lines.customer[sold], lines.day[sold]]), axis=1)
    first, last = (np.full(n_customers, UNKNOWN, dtype=np.int32) for _ in range(2))
    first[customer] = day  # of her days, which ascend, the last to be written stays
    last[customer[::-1]] = day[::-1]
    seconds = np.where(last == UNKNOWN, LONG_AGO, last.astype(np.int64) * SECONDS_A_DAY)
    return Visits(
        days=np.bincount(customer, minlength=n_customers).astype(np.int32),
        first=first,
        last=last,
        seconds=seconds.astype(np.int32),
    )


def trial_at(shop: Shop, past: Shop, *, horizon: int, new_within: int) -> Trial:
    """The facts of the `past` shop, and what the whole `shop` says came true in `horizon` days."""
    since, lines = (shop.on - past.on).days, shop.lines
    after = (lines.day < since) & (lines.day >= since - horizon)
    later = _lines_where(lines, after & (lines.quantity > 0))
    product = places_of(shop.assortment.numbers[later.product], past.assortment.numbers)
    existed = product >= 0
    trial = trial_of(
        facts_of(past, new_within=new_within),
        later.customer[existed],
        product[existed],
        lapse=0,
    )
    lapse = past.roster.lapse_days[trial.asked].astype(np.int64) * SECONDS_A_DAY
    return replace(trial, lapsed=past.visits.seconds[trial.asked] >= lapse)


def facts_of(shop: Shop, *, new_within: int) -> Facts:
    """A shop in the engine's terms, with its new arrivals as candidates."""
    lines, assortment = shop.lines, shop.assortment
    return Facts(
        interactions=_interactions(lines),
        items=Items(
            launched=(shop.on.toordinal() - shop.arrived).astype(np.float32),
            price=assortment.price.astype(np.float32),
            tokens=describe_items(assortment.descriptions),
        ),
        people=shop.roster.people,
        candidates=newly_arrived(shop, new_within=new_within),
    )


def _interactions(lines: Lines) -> Interactions:
    return Interactions(
        lines.customer, lines.product, integers(lines.day), integers(lines.quantity)
    )


def suggested(past: Shop, trial: Trial, blend: Blend) -> Integers:
    """The product's own suggestions as of that moment, screened as in a night, best first."""
    screen = screen_of(past, trial.facts.candidates, with_stock=False)
    return proposed_by_engine(
        trial, n=DEPTH, config=Config(), blend=blend, verdicts=screen.verdicts
    )


def _attempts(
    shop: Shop, plan: Plan, new_within: int, say: Progress, absent: dict[str, str]
) -> Iterator[Attempt]:
    """Every date in turn; `absent` collects why a method takes no part."""
    blend = Blend.unlearned()
    for number, on in enumerate(plan.dates):
        past = shop_as_of(shop, on)
        trial = trial_at(shop, past, horizon=plan.horizon, new_within=new_within)
        say(
            f"{number + 1} of {len(plan.dates)}, as of {on}: {len(trial.asked):,} clients bought "
            f"one of {len(trial.facts.candidates):,} new arrivals."
        )
        if number % LEARNED_EVERY == 0:
            blend = learned_before(trial, new_within=new_within, progress=say)
        names = [each.name for each in past.assortment.descriptions]
        yield Attempt(on, trial, names, _everybodys_items(past, trial, blend, absent))


def _everybodys_items(
    past: Shop, trial: Trial, blend: Blend, absent: dict[str, str]
) -> dict[str, Integers]:
    if not len(trial.asked):
        return {}
    found = {OURS: suggested(past, trial, blend)}
    for name, peer in PEERS.items():
        try:
            found[name] = recommended(peer, trial.facts, trial.asked, n=DEPTH)
        except Unavailable as reason:
            absent[name] = str(reason)
    return found
