"""A turn for every arrival: what hardly anybody would be shown is lifted until a few are.

The three best of each customer leave most arrivals of a thin shop unseen, and what nobody is shown
nobody buys, so that nothing ever speaks for it. Every arrival is therefore owed a part of an equal
share of the places, `Config.least_exposure` (Patro et al. 2020, FairRec; Singh & Joachims 2018).
One that falls short gets one number, added to its score for everybody, just large enough that it
comes to the front for those for whom it nearly did: they bid for places until all are settled, as
in an auction (Bertsekas 1988). So it goes to whom it costs least, and the order of all other
arrivals stays as it was.
"""

import numpy as np

from customers.recommender.arrays import Floats, Integers
from customers.recommender.compiled import compiled, inlined
from customers.recommender.desk import desk
from customers.recommender.facts import Config
from customers.recommender.rows import Starts, kth_largest
from customers.recommender.scoring import totals
from customers.recommender.tables import Tables
from customers.recommender.variety import FIRST_PLACES

ASKED_AT_MOST = 4_000
"""Customers whose scores are looked at, drawn by the seed."""
SCORES_AT_MOST = 10_000_000
"""Of these customers together: 40 MB, and a second of a chain's night."""
LARGEST_LIFT = 2.0
"""In log odds. What is further behind for everybody is shown to nobody."""
OVERSHOOT = 3
"""Where customers are so alike that this many times as many would be shown it, nobody is."""
ROUNDS = 8
"""After so many, who still outbids whom is too nearly the same to matter."""
STEP, LEVEL = np.float32(1e-3), np.float32(-5e-4)
"""By how much a lifted arrival passes what stood in its place, and what still is its place."""
NOBODYS = np.float32(-1e30)
"""The score of a place that nothing can take."""


def lifts(tables: Tables, weights: Floats, base: Floats, config: Config) -> Floats:
    """What is added to each candidate's score for everybody [C], from 0 to `LARGEST_LIFT`.

    Depends on the shop and not on who is asked for, so that a customer's answer does not either.
    """
    asked = _asked(tables.kept.start, len(base), config.seed)
    places = int(config.least_exposure * FIRST_PLACES * len(asked))
    if not places or len(base) <= FIRST_PLACES:
        return np.zeros(len(base), dtype=np.float32)
    scores = np.empty((len(base), len(asked)), dtype=np.float32)
    totals(tables, weights, base, asked, desk(tables), scores)
    return settled(scores, owed=max(1, places // len(base)), places=places)


def _asked(start: Starts, n_candidates: int, seed: int) -> Integers:
    """Some of those who ever kept something: the others are too much alike to choose among."""
    known = np.flatnonzero(np.diff(start) > 0).astype(np.int32)
    most = min(ASKED_AT_MOST, SCORES_AT_MOST // n_candidates)
    if len(known) <= most:
        return known
    return np.sort(np.random.default_rng(seed).choice(known, most, replace=False))


def settled(scores: Floats, *, owed: int, places: int) -> Floats:
    """The lifts [C] with which each of `scores` [C, customers] is `owed` so many first places.

    No more than `places` are given away, to those first to whom it takes the smallest lift. What
    is minus infinity is never shown.
    """
    lift = np.zeros(len(scores), dtype=np.float32)
    best = np.empty((scores.shape[1], FIRST_PLACES), dtype=np.float32)
    holder = np.empty(best.shape, dtype=np.int32)
    _take_places(scores, best, holder)
    shown, wanted = _needs(scores, best, lift, owed)
    short = np.flatnonzero((shown < owed) & (wanted <= LARGEST_LIFT))
    short = short[np.argsort(wanted[short], kind="stable")]
    missing = np.cumsum(owed - shown[short])
    chosen = short[missing <= places].astype(np.int32)
    _bid(scores, chosen, owed, best, holder, lift)
    return lift


@compiled
def _take_places(scores: Floats, best: Floats, holder: Integers) -> None:
    """The highest scores of each customer and whose they are, highest first; -1 for nobody's."""
    best[:], holder[:] = NOBODYS, -1
    for column in range(len(scores)):
        for customer in range(len(best)):
            if scores[column, customer] > best[customer, FIRST_PLACES - 1]:
                _enter(best[customer], holder[customer], column, scores[column, customer])


@inlined
def _enter(best: Floats, holder: Integers, column: int, score: float) -> None:
    """Puts a score where it belongs; one that has a place already moves up."""
    place = FIRST_PLACES - 1
    for mine in range(FIRST_PLACES):
        if holder[mine] == column:
            place = mine
    while place > 0 and best[place - 1] < score:
        best[place], holder[place] = best[place - 1], holder[place - 1]
        place -= 1
    best[place], holder[place] = score, column


@compiled
def _needs(scores: Floats, best: Floats, lift: Floats, owed: int) -> tuple[Integers, Floats]:
    """How many are shown each candidate, and the lift with which so many as it is `owed` are."""
    shown, wanted = np.zeros(len(scores), np.int32), np.zeros(len(scores), np.float32)
    for column in range(len(scores)):
        ahead = scores[column] - best[:, FIRST_PLACES - 1]
        shown[column] = (ahead + lift[column] >= LEVEL).sum()
        wanted[column] = _lift_for(ahead, owed)
    return shown, wanted


@inlined
def _lift_for(ahead: Floats, owed: int) -> np.float32:
    """So much that `owed` are passed; infinite where that many more would be as well."""
    if owed > len(ahead):
        return np.float32(np.inf)
    lift = STEP - kth_largest(ahead, owed) if owed < len(ahead) else STEP - ahead.min()
    passed = (ahead + lift >= LEVEL).sum()
    return np.float32(np.inf) if passed > OVERSHOOT * owed else np.float32(lift)


@compiled
def _bid(
    scores: Floats, chosen: Integers, owed: int, best: Floats, holder: Integers, lift: Floats
) -> None:
    """One after the other bids what its places cost now, until nobody is outbid any more."""
    for _ in range(ROUNDS):
        rest = True
        for column in chosen:
            ahead = scores[column] - best[:, FIRST_PLACES - 1]
            if (ahead + lift[column] >= LEVEL).sum() >= owed:
                continue
            bid = _lift_for(ahead, owed)
            if bid > LARGEST_LIFT:
                continue
            rest, lift[column] = False, bid
            for customer in np.flatnonzero(ahead + bid >= LEVEL):
                score = scores[column, customer] + bid
                _enter(best[customer], holder[customer], column, score)
        if rest:
            break
