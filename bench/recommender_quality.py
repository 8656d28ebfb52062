"""How good the suggestions are: past dates, and what customers really bought afterwards.

    python -m bench.recommender_quality [FOLDER] [--cut 2017-06-30 --cut ...] [--owed 0.1 ...]

FOLDER (or the variable BENCH_DATA) holds products.csv and purchases.csv as for `import_data`, plain
or .gz; without it three made-up shops are used. At each cut, only what happened up to that day is
known. New items are those first sold in the 90 days before with at least 3 buyers. A suggestion is
a hit when the customer buys the item, for the first time, in the 60 days after. `--owed` adds
ours with another share of an equal share of the places as what every new item is owed.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from bench.made_up_shops import clothing_shop, gift_shop, tiny_shop
from bench.shop_files import NoPurchases, Shop, read_shop
from bench.tables import print_table
from customers.recommender.blend import Blend
from customers.recommender.facts import Config, Interactions, Items, People
from customers.recommender.measures import DEPTH, Interval, Measured, interval, mean_of, paired
from customers.recommender.measures import measure as measure_items
from customers.recommender.peers import PEERS, Unavailable, recommended
from customers.recommender.proposals import learned_before, proposed_by_engine
from customers.recommender.tokens import Tokens, describe_items
from customers.recommender.trials import Facts, Trial, trial_of

NEW_WITHIN, HORIZON, LEAST_BUYERS, LAPSED_AFTER = 90, 60, 3, 90
OURS, UNLEARNED = "ours", "ours, unlearned"
NOT_SPREAD, NO_TURNS = "ours, not spread", "ours, no turns"
"""As it is; with the weights a shop without a past begins with; without any rule of variety;
without a turn for every arrival."""


@dataclass(frozen=True, eq=False)
class Result:
    """One method in one trial, and how long it took."""

    measured: Measured
    seconds: float


def trial_at(shop: Shop, cut: int) -> Trial:
    """The facts as of the end of the day `cut`, and what was bought within the horizon after."""
    n_items = len(shop.descriptions)
    before = shop.ordinal <= cut
    lines = Interactions(
        shop.customer[before], shop.item[before], cut - shop.ordinal[before], shop.quantity[before]
    )
    first_sold = np.full(n_items, np.nan)
    np.fmax.at(first_sold, lines.item, lines.day)
    price = median_paid(lines.item, shop.paid[before], n_items)
    described = (
        replace(each, price=float(paid) if paid > 0 else None)
        for each, paid in zip(shop.descriptions, price, strict=True)
    )
    facts = Facts(
        interactions=lines,
        items=Items(launched=first_sold, price=price, tokens=describe_items(described)),
        people=People(city=shop.city, store=shop.store, age_band=np.full(shop.n_customers, -1)),
        candidates=np.zeros(0, dtype=np.int32),
    )
    buyers = np.diff(facts.bought().T.tocsr().indptr)
    new = (first_sold < NEW_WITHIN) & (buyers >= LEAST_BUYERS)
    after = (shop.ordinal > cut) & (shop.ordinal <= cut + HORIZON) & (shop.quantity > 0)
    return trial_of(
        replace(facts, candidates=np.flatnonzero(new).astype(np.int32)),
        shop.customer[after],
        shop.item[after],
        lapse=LAPSED_AFTER,
    )


def median_paid(item: np.ndarray, paid: np.ndarray, n_items: int) -> np.ndarray:
    """The median price paid for each item so far, NaN for one never priced."""
    order = np.lexsort((paid, item))
    order = order[~np.isnan(paid[order])]
    found, start, count = np.unique(item[order], return_index=True, return_counts=True)
    price = np.full(n_items, np.nan)
    price[found] = paid[order][start + count // 2]
    return price


Method = Callable[[Trial], np.ndarray]


def methods(
    names: Sequence[str] = tuple(PEERS), owed: Sequence[float] = ()
) -> Mapping[str, Method]:
    """What takes part, by name: the peers, then ours as it is and without this or that.

    `owed` are shares of an equal share of the places, each another variant of ours.
    """
    peers = {
        name: lambda trial, peer=PEERS[name]: recommended(peer, trial.facts, trial.asked, n=DEPTH)
        for name in names
    }
    ours = _Ours()
    return {
        **peers,
        OURS: ours.proposed,
        UNLEARNED: lambda trial: _proposed(trial, Blend.unlearned()),
        NOT_SPREAD: ours.not_spread,
        NO_TURNS: ours.owing(0.0),
        **{f"ours, owed {share:g}": ours.owing(share) for share in owed},
    }


class _Ours:
    """The engine, learning once for each trial: neither variety nor turns change what it learns."""

    def __init__(self) -> None:
        self._blends: dict[Trial, Blend] = {}

    def proposed(self, trial: Trial) -> np.ndarray:
        return _proposed(trial, self._blend(trial))

    def not_spread(self, trial: Trial) -> np.ndarray:
        return _proposed(_without_groups(trial), self._blend(trial), Config(category_penalty=0))

    def owing(self, share: float) -> Method:
        config = Config(least_exposure=share)
        return lambda trial: _proposed(trial, self._blend(trial), config)

    def _blend(self, trial: Trial) -> Blend:
        if trial not in self._blends:
            self._blends[trial] = learned_before(trial, new_within=NEW_WITHIN)
        return self._blends[trial]


def _proposed(trial: Trial, blend: Blend, config: Config | None = None) -> np.ndarray:
    return proposed_by_engine(trial, n=DEPTH, config=config or Config(), blend=blend)


def _without_groups(trial: Trial) -> Trial:
    """The same for an engine that cannot tell that two items are one thing in two colors.

    Tokens of the kind `group` weigh nothing where items are compared, so no score changes.
    """
    tokens = trial.facts.items.tokens
    kept = [place for place, kind in enumerate(tokens.kinds) if kind != "group"]
    fewer = Tokens(csr_array(tokens.matrix[:, kept]), tuple(tokens.names[at] for at in kept))
    items = replace(trial.facts.items, tokens=fewer)
    return replace(trial, facts=replace(trial.facts, items=items))


def measured(trial: Trial, method: Method) -> Result | None:
    """One method's figures; None when it cannot take part, and says why."""
    started = time.perf_counter()
    try:
        items = method(trial)
    except Unavailable as reason:
        print(f"left out: {reason}")
        return None
    return Result(measure_items(trial, items), time.perf_counter() - started)


def report(trial: Trial, title: str, owed: Sequence[float] = ()) -> dict[str, Result]:
    """Prints one table and answers its results."""
    print(
        f"\n{title}: {len(trial.asked):,} customers who bought one of "
        f"{len(trial.facts.candidates):,} new items, {int(trial.lapsed.sum()):,} of them lapsed",
        flush=True,
    )
    results = {
        name: result
        for name, method in methods(owed=owed).items()
        if (result := measured(trial, method)) is not None
    }
    ours = results[OURS].measured
    headings = "method,hit@3 [95 %],lapsed,recall,NDCG,MRR,MAP@12,cover,bits,wrong,s,ours - theirs"
    print_table(
        headings.split(","),
        [_row(name, result, ours) for name, result in results.items()],
    )
    print(standing(results))
    return results


def standing(results: Mapping[str, Result]) -> str:
    """How ours stands to the peers on hit@3, by the paired intervals, in one sentence."""
    ours = results[OURS].measured.hit
    leads = {name: paired(ours, results[name].measured.hit) for name in PEERS if name in results}
    level = [name for name, lead in leads.items() if not (lead.is_above or lead.is_below)]
    ahead = [name for name, lead in leads.items() if lead.is_below]
    if not level + ahead:
        return "ours is clearly above every peer"
    return f"not clearly below ours: {', '.join(level) or '-'}; above it: {', '.join(ahead) or '-'}"


def _row(name: str, result: Result, ours: Measured) -> list[object]:
    figures = result.measured
    means = (figures.recall, figures.ndcg, figures.reciprocal_rank, figures.average_precision)
    return [
        name,
        spelled(interval(figures.hit)),
        f"{mean_of(figures.hit[figures.lapsed]):.3f}",
        *(f"{mean_of(values):.3f}" for values in means),
        f"{figures.coverage:.2f}",
        f"{figures.novelty:.1f}",
        figures.violations,
        f"{result.seconds:.1f}",
        None if figures is ours else spelled(paired(ours.hit, figures.hit), sign="+"),
    ]


def spelled(found: Interval, *, sign: str = "") -> str:
    """A mean and its interval: .326 [.314, .338]."""
    return f"{found.mean:{sign}.3f} [{found.low:{sign}.3f}, {found.high:{sign}.3f}]"


def cuts_of(shop: Shop) -> list[int]:
    """Three cuts a month apart, the last one a horizon before the end."""
    last = int(shop.ordinal.max()) - HORIZON
    return [last - 60, last - 30, last]


def shops_of(folder: str | None) -> dict[str, Shop]:
    """The shop of a folder, or the three made-up ones, by name."""
    if folder:
        return {Path(folder).name: read_shop(Path(folder))}
    return {
        "made-up clothing shop": clothing_shop(),
        "made-up gift shop": gift_shop(),
        "made-up tiny shop": tiny_shop(),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measures every cut of every shop; exit 1 when a suggestion of ours broke a rule."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--cut", action="append", type=date.fromisoformat, default=[])
    parser.add_argument("--owed", action="append", type=float, default=[])
    options = parser.parse_args(arguments)
    try:
        shops = shops_of(options.folder)
    except NoPurchases as nothing:
        sys.exit(str(nothing))
    wrong = 0
    for name, shop in shops.items():
        for cut in [cut.toordinal() for cut in options.cut] or cuts_of(shop):
            title = f"{name}, as of {date.fromordinal(cut)}"
            results = report(trial_at(shop, cut), title, options.owed)
            wrong += results[OURS].measured.violations
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
