"""Learning the blend on the shop's own past: what was known then, what was bought afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Integers, integers
from customers.recommender.blend import Blend, Choices, learned
from customers.recommender.desk import desk
from customers.recommender.facts import Config, Interactions, Items, Opinions, People
from customers.recommender.histories import Histories, read_histories
from customers.recommender.scoring import features_at, room_for_told
from customers.recommender.tables import Tables, lay_out
from customers.recommender.trust import Sitting, Trust, trust

DATES_BACK = (30, 45, 60, 90, 120, 150, 180)
"""Days before the moment at which the past is looked at. Recent ones lie closer together."""
LONGEST_HORIZON = 60
"""Days after a date in which a purchase counts as an answer; fewer where it is not yet over."""
KEPT_APART = (30, 60)
"""The dates on which what the older ones taught is tried."""
HISTORY_NEEDED = 45
"""Days of history before a date, without which nobody's taste is known yet.

Before its arrivals as well, where these are known from first sales only: when a record begins, all
that is sold for the first time looks new, and how old things sell would be taken for arrivals.
"""
LEARNED_FROM, CUSTOMERS_A_DATE = 100_000, 2_000
"""Customers whose past is looked at, all they bought included, and how many of them answer."""
CHOSEN_AT_MOST, NOT_CHOSEN = 20, 200
"""Items of one customer that count as chosen, and how many others are drawn uniformly."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Lesson:
    """What one past date taught: customers who answered, and candidates they had."""

    days_back: int
    customers: int
    candidates: int


@dataclass(frozen=True, eq=False)
class Learned:
    """The blend, how far what was learned is believed in it, and the lessons it comes from."""

    blend: Blend
    trust: Trust
    lessons: tuple[Lesson, ...]


def learn(
    interactions: Interactions,
    items: Items,
    people: People,
    *,
    new_within: int,
    config: Config,
    progress: Progress | None = None,
) -> Learned:
    """The blend for items new within so many days; the unlearned one for a shop without a past.

    Nothing after the moment of the facts is used, and at each date nothing after that date.
    """
    interactions, people = _sampled(interactions, people, config)
    earliest = _earliest(interactions, items, new_within)
    lessons, examples, kept_apart = [], {}, []
    for days_back in DATES_BACK:
        if days_back > earliest:
            break
        past = _Past(interactions, items, people, days_back, new_within, config)
        sitting = past.sitting()
        if sitting is None:
            continue
        choices = past.choices(sitting)
        if progress:
            progress(f"Learned from {days_back} days ago: {len(choices):,} customers.")
        lessons.append(Lesson(days_back, len(choices), len(past.candidates)))
        examples[days_back] = choices
        if days_back in KEPT_APART:
            kept_apart.append(sitting)
    believed = _believed(examples, kept_apart)
    return Learned(_applied(believed, learned(list(examples.values()))), believed, tuple(lessons))


def _earliest(interactions: Interactions, items: Items, new_within: int) -> int:
    """So many days back lies the first date that can teach.

    An arrival before the first line was told by the shop, and not taken from its sales.
    """
    oldest = int(interactions.day.max(initial=0))
    tells_arrivals = bool((items.launched > oldest).any())
    return oldest - HISTORY_NEEDED - (0 if tells_arrivals else new_within)


def _believed(examples: Mapping[int, Choices], kept_apart: Sequence[Sitting]) -> Trust:
    """Tried on the latest dates, as learned from those whose answers ended before."""
    ended = max(KEPT_APART) + LONGEST_HORIZON
    blend = learned([each for days_back, each in examples.items() if days_back >= ended])
    return trust(blend.weights, kept_apart) if blend.is_learned else Trust.untried()


def _applied(believed: Trust, blend: Blend) -> Blend:
    return replace(blend, weights=believed.applied(blend.weights)) if blend.is_learned else blend


def _sampled(
    interactions: Interactions, people: People, config: Config
) -> tuple[Interactions, People]:
    """A chain's habits are in a tenth of its customers: drawn by the seed, renumbered."""
    n_customers = people.n_customers
    if n_customers <= LEARNED_FROM:
        return interactions, people
    chance = np.random.default_rng(config.seed)
    drawn = np.sort(chance.choice(n_customers, LEARNED_FROM, replace=False))
    place = np.full(n_customers, -1, dtype=np.int32)
    place[drawn] = np.arange(LEARNED_FROM, dtype=np.int32)
    customer = place[interactions.customer]
    lines = np.flatnonzero(customer >= 0)
    return (
        Interactions(
            customer[lines],
            interactions.item[lines],
            interactions.day[lines],
            interactions.quantity[lines],
        ),
        People(people.city[drawn], people.store[drawn], people.age_band[drawn]),
    )


class _Past:
    """One past date: what was known, who bought something new afterwards, and from what."""

    def __init__(
        self,
        interactions: Interactions,
        items: Items,
        people: People,
        days_back: int,
        new_within: int,
        config: Config,
    ) -> None:
        self.interactions, self.items, self.people = interactions, items.as_of(days_back), people
        self.days_back, self.config = days_back, config
        self.chance = np.random.default_rng([config.seed, days_back])
        launched = self.items.launched
        self.candidates = integers(np.flatnonzero((launched >= 0) & (launched <= new_within)))

    def sitting(self) -> Sitting | None:
        """Some of those who chose something, and what; None where nobody did."""
        histories = read_histories(
            self.interactions.as_of(self.days_back),
            n_customers=self.people.n_customers,
            n_items=self.items.n_items,
            config=self.config,
        )
        customer, column = self._bought_later(histories)
        if not len(customer):
            return None
        asked, start = np.unique(customer, return_index=True)
        drawn = np.arange(len(asked))
        if len(asked) > CUSTOMERS_A_DATE:
            drawn = np.sort(self.chance.choice(drawn, CUSTOMERS_A_DATE, replace=False))
        bought = np.split(column, start[1:])
        nobody = Opinions.none()
        tables = lay_out(histories, self.items, self.people, nobody, self.candidates, self.config)
        return Sitting(tables, asked[drawn].astype(np.int32), [bought[each] for each in drawn])

    def choices(self, sitting: Sitting) -> Choices:
        """What they chose, and from what."""
        offers = _Offers(sitting.tables, self.chance)
        pairs = zip(sitting.asked, sitting.bought, strict=True)
        rows = [offers.of(int(customer), bought) for customer, bought in pairs]
        return _measured(sitting, rows)

    def _bought_later(self, histories: Histories) -> tuple[Integers, Integers]:
        """Customer and candidate column of what was bought for the first time, in order."""
        lines = self.interactions
        first, last = self.days_back - 1, self.days_back - min(self.days_back, LONGEST_HORIZON)
        column = np.full(self.items.n_items, -1, dtype=np.int32)
        column[self.candidates] = np.arange(len(self.candidates), dtype=np.int32)
        chosen = (lines.day <= first) & (lines.day >= last) & (lines.quantity > 0)
        chosen &= column[lines.item] >= 0
        width = np.int64(max(len(self.candidates), 1))
        pairs = np.unique(
            lines.customer[chosen].astype(np.int64) * width + column[lines.item[chosen]]
        )
        customer, bought = (pairs // width).astype(np.int32), (pairs % width).astype(np.int32)
        known = np.diff(histories.start)[customer] > 0
        fresh = known & ~_has_touched(histories, customer, self.candidates[bought])
        return customer[fresh], bought[fresh]


def _has_touched(histories: Histories, customer: Integers, item: Integers) -> npt.NDArray[np.bool_]:
    """Whether each pair stands in the histories already."""
    width = np.int64(max(int(histories.touched.max(initial=0)), int(item.max(initial=0))) + 1)
    rows = np.repeat(np.arange(histories.n_customers), np.diff(histories.start))
    asked = np.isin(rows, customer)
    keys = rows[asked].astype(np.int64) * width + histories.touched[asked]
    return np.isin(customer.astype(np.int64) * width + item, keys)


class _Offers:
    """Draws what a customer did not choose."""

    def __init__(self, tables: Tables, chance: np.random.Generator) -> None:
        self.tables, self.chance = tables, chance

    def of(self, customer: int, bought: Integers) -> tuple[Integers, int, float]:
        """Columns, the chosen ones first; how many those are; the log odds of being drawn."""
        tables = self.tables
        begin, end = tables.touched_start[customer], tables.touched_start[customer + 1]
        barred = tables.column[tables.touched[begin:end]]
        free = np.ones(len(tables.candidates), dtype=bool)
        free[barred[barred >= 0]] = False
        free[bought] = False
        others = np.flatnonzero(free).astype(np.int32)
        if len(bought) > CHOSEN_AT_MOST:
            bought = self.chance.choice(bought, CHOSEN_AT_MOST, replace=False)
        drawn = self.chance.permutation(others)[:NOT_CHOSEN]
        log_odds = float(np.log(max(len(others), 1) / max(len(drawn), 1)))
        return np.concatenate([bought, drawn]), len(bought), log_odds


def _measured(sitting: Sitting, rows: list[tuple[Integers, int, float]]) -> Choices:
    shape = (len(rows), max(len(columns) for columns, _, _ in rows))
    columns = np.full(shape, -1, dtype=np.int32)
    chosen, log_odds = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.float32)
    for row, (mine, count, odds) in enumerate(rows):
        columns[row, : len(mine)] = mine
        chosen[row, :count] = True
        log_odds[row, count:] = odds
    told, tables = room_for_told(shape), sitting.tables
    features_at(tables, sitting.asked, columns, desk(tables), told)
    return Choices(told[0], chosen, columns >= 0, log_odds)
