"""How good the suggestions are: past dates, and what customers really bought afterwards.

    python bench/recommender_quality.py [FOLDER] [--cut 2017-06-30 --cut 2017-07-31]

FOLDER (or the variable BENCH_DATA) holds products.csv and purchases.csv as for `import_data`, plain
or .gz; without it a made-up clothing shop is used. At each cut, only what happened up to that day
is known. New items are those first sold in the 90 days before with at least 3 buyers. A
suggestion is a hit when the customer buys the item, for the first time, in the 60 days after.
"""

import argparse
import csv
import gzip
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import IO

import numpy as np
from scipy.sparse import csr_array

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from customers.recommender.engine import fit
from customers.recommender.facts import Config, Interactions, Items, People, Weights
from customers.recommender.tokens import ItemDescription, describe_items

NEW_WITHIN, HORIZON, LEAST_BUYERS, SHOWN, LAPSED_AFTER = 90, 60, 3, 3, 90
RESAMPLES = 1_000


@dataclass(frozen=True, eq=False)
class Shop:
    """All purchases, before and after any cut: parallel arrays, days as date ordinals."""

    customer: np.ndarray
    item: np.ndarray
    ordinal: np.ndarray
    quantity: np.ndarray
    paid: np.ndarray
    n_customers: int
    city: np.ndarray
    store: np.ndarray
    descriptions: tuple[ItemDescription, ...]


@dataclass(frozen=True, eq=False)
class Trial:
    """One cut: what was known then, and `bought` [asked, candidates] what came true."""

    interactions: Interactions
    items: Items
    people: People
    candidates: np.ndarray
    asked: np.ndarray
    bought: np.ndarray
    owned: np.ndarray
    lapsed: np.ndarray


@dataclass(frozen=True)
class Result:
    """Figures per asked customer [asked], and how much of the candidates was ever shown."""

    hit: np.ndarray
    recall: np.ndarray
    gain: np.ndarray
    coverage: float
    violations: int
    seconds: float


def read_shop(folder: Path) -> Shop:
    """The shop of a folder in the import format; sizes of one style are one item."""
    style_of: dict[str, str] = {}
    described: dict[str, ItemDescription] = {}
    for row in rows_of(folder, "products.csv"):
        style = row.get("style") or row["sku"]
        style_of[row["sku"]] = style
        described.setdefault(style, description(row))
    people = {row["customer_id"]: row for row in rows_of(folder, "customers.csv")}
    customers, items, cities, stores = ({} for _ in range(4))
    days: dict[str, int] = {}
    lines = []
    for row in rows_of(folder, "purchases.csv"):
        day = row["purchased_at"][:10]
        lines.append(
            (
                number(customers, row["customer_id"]),
                number(items, style_of.get(row["sku"], row["sku"])),
                days.setdefault(day, date.fromisoformat(day).toordinal()),
                int(float(row["quantity"])),
                float(row.get("unit_price") or "nan"),
            )
        )
    if not lines:
        sys.exit(f"{folder} holds no purchases to measure on.")
    known = [people.get(customer, {}) for customer in customers]
    columns = [np.asarray(column) for column in zip(*lines, strict=True)]
    return Shop(
        *columns,
        n_customers=len(customers),
        city=np.asarray([numbered(cities, person.get("city")) for person in known]),
        store=np.asarray([numbered(stores, person.get("store_code")) for person in known]),
        descriptions=tuple(described.get(item, ItemDescription()) for item in items),
    )


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a file, plain or .gz; none when there is no such file."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            with opened(path) as lines:
                yield from csv.DictReader(lines)
            return


def opened(path: Path) -> IO[str]:
    """The file as text."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def description(row: dict[str, str]) -> ItemDescription:
    """A product row without its price, which may date from after the cut."""
    names = ("name", "brand", "category", "subcategory", "color", "gender")
    attributes = json.loads(row.get("attributes") or "{}")
    return ItemDescription(**{name: row.get(name) or "" for name in names}, attributes=attributes)


def number(numbers: dict[str, int], key: str) -> int:
    """The number of a key, the next one for a new key."""
    return numbers.setdefault(key, len(numbers))


def numbered(numbers: dict[str, int], key: str | None) -> int:
    """The number of a key, -1 for a blank."""
    return number(numbers, key) if key else -1


def made_up_shop(
    *, seed: int = 7, appeal_weight: float = 0.8, n_customers: int = 3_000, n_items: int = 1_500
) -> Shop:
    """A clothing shop: tastes in kind, brand and color, arrivals all year, many who drift away."""
    chance = np.random.default_rng(seed)
    sizes = {"category": 10, "brand": 14, "color": 10}
    traits = {name: chance.integers(0, size, n_items) for name, size in sizes.items()}
    price_level = chance.normal(size=n_items)
    appeal = chance.gumbel(size=n_items)
    first_day = date(2023, 1, 1).toordinal()
    launched = np.sort(chance.integers(-60, 365, n_items))
    lines = []
    for customer in range(n_customers):
        liking = (
            sum(
                chance.choice([0.0, 2.0], p=[0.75, 0.25], size=size)[traits[name]]
                for name, size in sizes.items()
            )
            - 0.5 * (price_level - chance.normal()) ** 2
        )
        ends = chance.integers(60, 420)
        days = np.sort(chance.integers(0, 365, 1 + chance.poisson(5)))
        for day in days[days < ends]:
            on_sale = np.flatnonzero((launched <= day) & (launched > day - 150))
            keenness = liking[on_sale] + appeal_weight * appeal[on_sale]
            odds = np.exp(keenness - keenness.max())
            item = on_sale[chance.choice(len(on_sale), p=odds / odds.sum())]
            lines.append((customer, item, first_day + day, 1))
            if chance.random() < 0.1:
                lines.append((customer, item, first_day + day + 7, -1))
    customer, item, ordinal, quantity = (np.asarray(c) for c in zip(*lines, strict=True))
    return Shop(
        customer=customer,
        item=item,
        ordinal=ordinal,
        quantity=quantity,
        paid=np.exp(3.5 + 0.5 * price_level)[item],
        n_customers=n_customers,
        city=chance.integers(0, 5, n_customers),
        store=np.full(n_customers, -1),
        descriptions=tuple(
            ItemDescription(
                **{name: f"{name} {traits[name][each]}" for name in sizes},
                name=f"style {each}",
            )
            for each in range(n_items)
        ),
    )


def trial_at(shop: Shop, cut: int) -> Trial:
    """The facts as of the end of the day `cut`, and what was bought within the horizon after."""
    n_items, n_customers = len(shop.descriptions), shop.n_customers
    before = shop.ordinal <= cut
    lines = Interactions(
        shop.customer[before], shop.item[before], cut - shop.ordinal[before], shop.quantity[before]
    )
    first_sold = np.full(n_items, np.nan)
    np.fmax.at(first_sold, lines.item, lines.day)
    pairs = csr_array(
        (np.ones(len(lines)), (lines.customer, lines.item)), shape=(n_customers, n_items)
    )
    pairs.sum_duplicates()
    buyers = np.bincount(pairs.indices, minlength=n_items)
    candidates = np.flatnonzero((first_sold < NEW_WITHIN) & (buyers >= LEAST_BUYERS))
    after = (shop.ordinal > cut) & (shop.ordinal <= cut + HORIZON) & (shop.quantity > 0)
    later = csr_array(
        (np.ones(after.sum()), (shop.customer[after], shop.item[after])), shape=pairs.shape
    )
    owned = pairs[:, candidates].toarray() > 0
    bought = (later[:, candidates].toarray() > 0) & ~owned
    known = np.diff(pairs.indptr) > 0
    asked = np.flatnonzero(bought.any(axis=1) & known)
    last = np.full(n_customers, 10**6)
    np.minimum.at(last, lines.customer, lines.day)
    price = median_paid(lines.item, shop.paid[before], n_items)
    descriptions = (
        replace(each, price=float(paid) if paid > 0 else None)
        for each, paid in zip(shop.descriptions, price, strict=True)
    )
    nobody = np.full(n_customers, -1)
    return Trial(
        interactions=lines,
        items=Items(launched=first_sold, price=price, tokens=describe_items(descriptions)),
        people=People(city=shop.city, store=shop.store, age_band=nobody),
        candidates=candidates,
        asked=asked,
        bought=bought[asked],
        owned=owned[asked],
        lapsed=last[asked] >= LAPSED_AFTER,
    )


def median_paid(item: np.ndarray, paid: np.ndarray, n_items: int) -> np.ndarray:
    """The median price paid for each item so far, NaN for one never priced."""
    order = np.lexsort((paid, item))
    order = order[~np.isnan(paid[order])]
    found, start, count = np.unique(item[order], return_index=True, return_counts=True)
    price = np.full(n_items, np.nan)
    price[found] = paid[order][start + count // 2]
    return price


Scorer = Callable[[Trial], np.ndarray]


def random_order(trial: Trial) -> np.ndarray:
    """Chance."""
    return np.random.default_rng(1).random(trial.bought.shape)


def best_sellers(days: int) -> Scorer:
    """The same for all: lines sold in the last days."""

    def score(trial: Trial) -> np.ndarray:
        return np.tile(sold(trial, days)[trial.candidates], (len(trial.asked), 1))

    return score


def own_categories(trial: Trial) -> np.ndarray:
    """30-day sales x the share of the item's category in her past."""
    labels, names = trial.items.tokens.labels("category", "subcategory")
    lines = trial.interactions
    shape = (trial.people.n_customers, len(names) + 1)
    counts = csr_array((np.ones(len(lines)), (lines.customer, labels[lines.item])), shape=shape)
    counts = counts[trial.asked].toarray() + 0.01
    share = counts / counts.sum(axis=1, keepdims=True)
    return share[:, labels[trial.candidates]] * (sold(trial, 30)[trial.candidates] + 0.1)


def item_item_cosine(trial: Trial) -> np.ndarray:
    """Sum over her items of the cosine between their buyers and the candidate's."""
    lines = trial.interactions
    shape = (trial.people.n_customers, trial.items.n_items)
    pairs = csr_array((np.ones(len(lines)), (lines.customer, lines.item)), shape=shape)
    pairs.sum_duplicates()
    pairs.data[:] = 1
    length = np.sqrt(np.maximum(np.bincount(pairs.indices, minlength=shape[1]), 1))
    unit = csr_array((1 / length[pairs.indices], pairs.indices, pairs.indptr), shape)
    alike = unit.T @ unit[:, trial.candidates]
    return (pairs[trial.asked] @ alike).toarray()


def sold(trial: Trial, days: int) -> np.ndarray:
    """Lines sold of each item in the last days."""
    lines = trial.interactions
    recent = (lines.day < days) & (lines.quantity > 0)
    return np.bincount(lines.item[recent], minlength=trial.items.n_items)


def only(**weights: float) -> Config:
    """The engine with nothing but these signals and no spreading over categories."""
    silent = dict.fromkeys((each.name for each in fields(Weights)), 0.0)
    return Config(weights=Weights(**(silent | weights)), category_penalty=0)


BASELINES: dict[str, Scorer] = {
    "random": random_order,
    "best sellers 7 days": best_sellers(7),
    "best sellers 14 days": best_sellers(14),
    "own categories x sales": own_categories,
    "item-item cosine": item_item_cosine,
}
ENGINES: dict[str, Config] = {
    "similar customers only": only(similar_customers=1),
    "taste x demand only": only(taste_and_demand=1),
    "blend, not spread": Config(category_penalty=0),
    "blend (the product)": Config(),
}


def measure_baseline(trial: Trial, scorer: Scorer) -> Result:
    """The three best not owned by a simple score; equals by chance."""
    started = time.perf_counter()
    scores = scorer(trial) + 1e-9 * np.random.default_rng(2).random(trial.bought.shape)
    order = np.argsort(-np.where(trial.owned, -np.inf, scores), axis=1)[:, :SHOWN]
    return measured(trial, order, time.perf_counter() - started)


def measure_engine(trial: Trial, config: Config) -> Result:
    """The engine's own three."""
    started = time.perf_counter()
    model = fit(trial.interactions, trial.items, trial.people, config=config)
    ranking = model.rank(trial.asked, trial.candidates, n=SHOWN)
    seconds = time.perf_counter() - started
    place = np.full(trial.items.n_items + 1, -1)
    place[trial.candidates] = np.arange(len(trial.candidates))
    return measured(trial, place[ranking.items], seconds)


def measured(trial: Trial, columns: np.ndarray, seconds: float) -> Result:
    """hit@3, recall@3 and NDCG@3 (Järvelin & Kekäläinen 2002) of `columns`, -1 for no item."""
    shown = columns >= 0
    hits = np.take_along_axis(trial.bought, columns, axis=1) & shown
    wanted = trial.bought.sum(axis=1)
    discount = 1 / np.log2(np.arange(2, SHOWN + 2))
    ideal = np.cumsum(discount)[np.minimum(wanted, SHOWN) - 1]
    twice = np.array([len(set(row[row >= 0])) < (row >= 0).sum() for row in columns])
    owned = np.take_along_axis(trial.owned, columns, axis=1) & shown
    return Result(
        hit=hits.any(axis=1).astype(float),
        recall=hits.sum(axis=1) / wanted,
        gain=(hits * discount).sum(axis=1) / ideal,
        coverage=len(np.unique(columns[shown])) / max(len(trial.candidates), 1),
        violations=int(twice.sum() + owned.sum()),
        seconds=seconds,
    )


def interval(values: np.ndarray) -> str:
    """The mean and its 95 % interval, by bootstrap over customers."""
    chance = np.random.default_rng(3)
    means = [values[chance.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{values.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def report(trial: Trial, title: str) -> dict[str, Result]:
    """Prints one table and answers its results."""
    print(
        f"\n{title}: {len(trial.asked):,} customers who bought one of {len(trial.candidates):,} "
        f"new items, {int(trial.lapsed.sum()):,} of them lapsed"
    )
    results = {name: measure_baseline(trial, scorer) for name, scorer in BASELINES.items()}
    results |= {name: measure_engine(trial, config) for name, config in ENGINES.items()}
    reference = results["best sellers 7 days"]
    print(
        f"{'':24}{'hit@3 [95 %]':>26}{'lapsed':>8}{'recall':>8}{'NDCG':>7}{'cover':>7}"
        f"{'wrong':>6}{'s':>6}   paired with best sellers 7 days"
    )
    for name, result in results.items():
        lapsed = result.hit[trial.lapsed].mean() if trial.lapsed.any() else float("nan")
        print(
            f"{name:24}{interval(result.hit):>26}{lapsed:8.3f}{result.recall.mean():8.3f}"
            f"{result.gain.mean():7.3f}{result.coverage:7.2f}{result.violations:6d}"
            f"{result.seconds:6.1f}   {interval(result.hit - reference.hit)}"
        )
    spread, plain = results["blend (the product)"], results["blend, not spread"]
    print(f"cost of spreading over categories, hit@3: {interval(spread.hit - plain.hit)}")
    return results


def cuts_of(shop: Shop) -> list[int]:
    """Three cuts a month apart, the last one a horizon before the end."""
    last = int(shop.ordinal.max()) - HORIZON
    return [last - 60, last - 30, last]


def main(arguments: list[str] | None = None) -> int:
    """Measures every cut; exit 1 when a suggestion broke a rule."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--cut", action="append", type=date.fromisoformat, default=[])
    options = parser.parse_args(arguments)
    shop = read_shop(Path(options.folder)) if options.folder else made_up_shop()
    name = Path(options.folder).name if options.folder else "made-up clothing shop"
    cuts = [cut.toordinal() for cut in options.cut] or cuts_of(shop)
    wrong = 0
    for cut in cuts:
        day = date.min + timedelta(days=cut - 1)
        results = report(trial_at(shop, cut), f"{name}, as of {day}")
        wrong += sum(results[engine].violations for engine in ENGINES)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
