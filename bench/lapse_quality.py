"""Who will not buy in the next 90 days: the shop's rule, her rhythm, and the BG/NBD model.

    python -m bench.lapse_quality [FOLDER] [--cut 2017-07-31]

FOLDER (or the variable BENCH_DATA) holds purchases.csv as for `import_data`, plain or .gz; without
it customers are made up who live by the published parameters of CDNOW. At each cut only what
happened up to that day is known. The figure is the AUC: how often a customer who stayed away is
ranked above one who came back (0.5 is chance), with its 95 % interval over that of the rule, paired
by customer. The second table says how often each of the words on the client's page came true.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from bench.shop_files import rows_of
from bench.tables import print_table
from customers import bgnbd
from customers.rhythm import LIKELY, UNLIKELY, outlook_words

HORIZON, RULE_DAYS = 90, 90
RESAMPLES = 200
CDNOW = bgnbd.Parameters(r=0.243, alpha=4.414 * 7, a=0.793, b=2.426)  # in days
CDNOW_CUSTOMERS, CDNOW_STARTS, CDNOW_CUT = 23_570, 84, 273  # twelve weeks of starts, 39 in all


@dataclass(frozen=True, eq=False)
class Visits:
    """Every day on which somebody bought, once: parallel arrays, days as ordinals."""

    customer: np.ndarray
    day: np.ndarray
    n_customers: int


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of each customer at a cut [n], in days, and whether she `stayed_away` after."""

    visits: np.ndarray
    since_first: np.ndarray
    since_last: np.ndarray
    stayed_away: np.ndarray

    @property
    def past(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Frequency, recency and age."""
        return self.visits - 1, self.since_first - self.since_last, self.since_first

    @property
    def cadence(self) -> np.ndarray:
        """Mean days between her visits; for one who came once the median over the others."""
        frequency, recency, _ = self.past
        gap = np.divide(recency, frequency, out=np.full(len(recency), np.nan), where=frequency > 0)
        return np.maximum(np.where(frequency > 0, gap, np.nanmedian(gap)), 1)


Scorer = Callable[[Known, bgnbd.Parameters], np.ndarray]
METHODS: dict[str, Scorer] = {
    "the 90-day rule": lambda known, _: (known.since_last >= RULE_DAYS).astype(float),
    "days since the last purchase": lambda known, _: known.since_last.astype(float),
    "since / own cadence": lambda known, _: known.since_last / known.cadence,
    "1 - P(alive)": lambda known, model: 1 - bgnbd.alive(model, *known.past),
    "1 - P(a purchase in 90 days)": lambda known, model: 1 - will_buy(known, model),
}


def will_buy(known: Known, model: bgnbd.Parameters) -> np.ndarray:
    return bgnbd.will_buy(model, *known.past, within=HORIZON)


def read_visits(folder: Path) -> Visits:
    """The visits of a folder in the import format; returns are none."""
    customers: dict[str, int] = {}
    days: dict[str, int] = {}
    pairs = set()
    for row in rows_of(folder, "purchases.csv"):
        if float(row["quantity"]) > 0:
            text = row["purchased_at"][:10]
            day = days.get(text) or days.setdefault(text, date.fromisoformat(text).toordinal())
            pairs.add((customers.setdefault(row["customer_id"], len(customers)), day))
    if not pairs:
        raise SystemExit(f"{folder} holds no purchases to measure on.")
    customer, day = np.array(sorted(pairs)).T
    return Visits(customer, day, len(customers))


def made_up_visits(*, seed: int = 11, customers: int = CDNOW_CUSTOMERS) -> tuple[Visits, int]:
    """Customers who live by the published parameters of CDNOW, and the day of the cut."""
    chance = np.random.default_rng(seed)
    begins = date(2025, 1, 1).toordinal()
    start = chance.integers(0, CDNOW_STARTS, customers)
    rate = chance.gamma(CDNOW.r, 1 / CDNOW.alpha, customers)
    leaving = chance.beta(CDNOW.a, CDNOW.b, customers)
    here = np.arange(customers)
    moment = start.astype(float)
    seen = [np.stack([here, start])]
    while len(here):
        moment = moment + chance.exponential(1 / rate[here])
        is_seen = moment <= CDNOW_CUT + HORIZON
        here, moment = here[is_seen], moment[is_seen]
        seen.append(np.stack([here, moment.astype(int)]))
        stays = chance.random(len(here)) >= leaving[here]
        here, moment = here[stays], moment[stays]
    customer, day = np.unique(np.concatenate(seen, axis=1), axis=1)
    return Visits(customer, day + begins, customers), begins + CDNOW_CUT


def known_at(visits: Visits, cut: int) -> Known:
    """The facts as of the end of the day `cut`; customers who had not bought yet are left out."""
    before = visits.day <= cut
    after = ~before & (visits.day <= cut + HORIZON)
    count = np.bincount(visits.customer[before], minlength=visits.n_customers)
    first = np.full(visits.n_customers, cut)
    last = np.zeros(visits.n_customers, dtype=int)
    np.minimum.at(first, visits.customer[before], visits.day[before])
    np.maximum.at(last, visits.customer[before], visits.day[before])
    came = np.bincount(visits.customer[after], minlength=visits.n_customers) > 0
    some = count > 0
    return Known(count[some], cut - first[some], cut - last[some], ~came[some])


def area_under_curve(score: np.ndarray, truth: np.ndarray) -> float:
    """By ranks (Mann & Whitney 1947); equal scores count half, NaN where all are alike."""
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    above = rankdata(score)[truth].sum() - positive * (positive + 1) / 2
    return float(above / (positive * negative))


def over_the_rule(score: np.ndarray, rule: np.ndarray, truth: np.ndarray) -> str:
    """The 95 % interval of the difference of two AUCs, by bootstrap over customers."""
    chance = np.random.default_rng(3)
    gains = []
    for _ in range(RESAMPLES):
        some = chance.integers(0, len(truth), len(truth))
        gains.append(
            area_under_curve(score[some], truth[some]) - area_under_curve(rule[some], truth[some])
        )
    low, high = np.nanquantile(gains, [0.025, 0.975])
    return f"[{low:+.3f}, {high:+.3f}]"


def report(known: Known, title: str) -> dict[str, float]:
    """Prints both tables of one cut and answers the AUC of each method."""
    started = time.perf_counter()
    model = bgnbd.fit(*known.past)
    seconds = time.perf_counter() - started
    print(
        f"\n{title}: {len(known.visits):,} customers, {known.stayed_away.mean():.0%} stay away;\n"
        f"r {model.r:.3f}, alpha {model.alpha:.1f} days, a {model.a:.3f}, b {model.b:.3f} "
        f"fitted in {seconds:.1f} s\n"
    )
    scores = {name: scorer(known, model) for name, scorer in METHODS.items()}
    rule = scores["the 90-day rule"]
    found = {name: area_under_curve(score, known.stayed_away) for name, score in scores.items()}
    print_table(
        ("will not buy in the next 90 days", "AUC", "over the rule"),
        [
            (name, f"{found[name]:.3f}", over_the_rule(score, rule, known.stayed_away))
            for name, score in scores.items()
        ],
    )
    print()
    print_table(("words", "customers", "foretold", "came"), came_true(known, model))
    return found


def came_true(known: Known, model: bgnbd.Parameters) -> list[tuple[object, ...]]:
    """For each of the words: how many, the mean probability, and the share who did buy."""
    chance = will_buy(known, model)
    bands = ((LIKELY, 1.01), (UNLIKELY, LIKELY), (0.0, UNLIKELY))
    rows: list[tuple[object, ...]] = []
    for low, high in bands:
        some = (chance >= low) & (chance < high)
        shares = (None, None)
        if some.any():
            shares = (f"{chance[some].mean():.0%}", f"{1 - known.stayed_away[some].mean():.0%}")
        rows.append((outlook_words(low), int(some.sum()), *shares))
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures every cut; without one the day 90 days before the last purchase."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--cut", action="append", type=date.fromisoformat, default=[])
    options = parser.parse_args(arguments)
    if options.folder:
        visits, title = read_visits(Path(options.folder)), Path(options.folder).name
        usual_cut = int(visits.day.max()) - HORIZON
    else:
        (visits, usual_cut), title = made_up_visits(), "customers like CDNOW's, made up"
    for cut in [cut.toordinal() for cut in options.cut] or [usual_cut]:
        day = date.min + timedelta(days=cut - 1)
        report(known_at(visits, cut), f"{title}, as of {day}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
