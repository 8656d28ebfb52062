"""Where one customer is worked out: the numbers of every candidate, a row each.

Most features are zero, or the same, for most candidates. The desk therefore keeps those that are
hers alone side by side in one short row a candidate, and a list of the candidates whose row is
not empty: whatever reads or clears them goes along that list, one line of memory each.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np

from customers.recommender.arrays import Booleans, Floats, Integers
from customers.recommender.compiled import inlined
from customers.recommender.features import LARGEST_DEVIATION, NAMES, PLACE
from customers.recommender.tables import Tables

Number: TypeAlias = float | np.floating[Any]

# The first places of a row of `Desk.raw` are the first features, in their order.
FRESH, FORTNIGHT, MONTH, TOGETHER, SURELY = range(5)
NEAREST, LATELY, PROFILE, NEAREST_WANTED, PROFILE_WANTED = range(5, 10)
N_RAW = 10
# Behind them stands what is no feature.
OPINION, BUYERS = 10, 11
ROW_WIDTH = 16
"""64 bytes: a line of memory as processors fetch it."""

LATENT, HABITS, PRICE, LOCAL, SHARED = (
    PLACE[name] for name in ("latent", "subcategory", "price_fit", "city", "buyers_week")
)
"""Where these features begin: `HABITS` are two for each of `Tables.habits`, `LOCAL` one for each
of `Tables.local`, and from `SHARED` on they are the same for everybody."""
N_FEATURES = len(NAMES)
LIMIT = np.float32(LARGEST_DEVIATION)
TINY = np.float32(1e-6)


class Desk(NamedTuple):
    """Used again from customer to customer.

    `raw` [C, ROW_WIDTH]; `reached` lists the `n[0]` candidates at which it may be other than zero.
    `latent` and `price` [C] are raw values too. `mean` and `scale` [K] make raw values z-scores.
    `habit` [habits, labels] is her share of a label. `likeness` [pool] to each possible neighbour;
    `met` lists the `n[1]` of them above zero. Both lists have
    room for one that is written down and not counted. `high` is where the best are picked from.
    """

    raw: Floats
    is_reached: Booleans
    reached: Integers
    nearest_item: Integers
    latent: Floats
    price: Floats
    habit: Floats
    likeness: Floats
    met: Integers
    mean: Floats
    scale: Floats
    total: Floats
    high: Integers
    n: Integers


def desk(tables: Tables) -> Desk:
    """A clean desk for these tables."""
    width, pool = len(tables.candidates), len(tables.neighbours.start) - 1
    widest = max(len(each.borne) for each in tables.habits)
    return Desk(
        raw=np.zeros((width, ROW_WIDTH), dtype=np.float32),
        is_reached=np.zeros(width, dtype=np.bool_),
        reached=np.zeros(width + 1, dtype=np.int32),
        nearest_item=np.full(width, -1, dtype=np.int32),
        latent=np.zeros(width, dtype=np.float32),
        price=np.zeros(width, dtype=np.float32),
        habit=np.zeros((len(tables.habits), widest), dtype=np.float32),
        likeness=np.zeros(pool, dtype=np.float32),
        met=np.zeros(pool + 1, dtype=np.int32),
        mean=np.zeros(N_FEATURES, dtype=np.float32),
        scale=np.zeros(N_FEATURES, dtype=np.float32),
        total=np.zeros(width, dtype=np.float32),
        high=np.zeros(width, dtype=np.int32),
        n=np.zeros(2, dtype=np.int32),
    )


@inlined
def z_score(value: Number, mean: float, scale: float) -> np.float32:
    """Cut at +-`LARGEST_DEVIATION`."""
    score = np.float32((value - mean) * scale)
    return min(max(score, -LIMIT), LIMIT)


@inlined
def set_scale(feature: int, mean: float, mean_square: float, at: Desk) -> None:
    """From the mean of the values and of their squares; 0 where all are alike."""
    spread = np.sqrt(max(mean_square - mean * mean, 0.0))
    at.mean[feature] = mean
    at.scale[feature] = 1.0 / spread if spread > TINY * max(abs(mean), 1e-3) else 0.0


@inlined
def clear(at: Desk) -> None:
    """Ready for the next customer."""
    raw, is_reached, nearest_item = at.raw, at.is_reached, at.nearest_item
    for column in at.reached[: at.n[0]]:
        is_reached[column] = False
        nearest_item[column] = -1
        for place in range(ROW_WIDTH):
            raw[column, place] = 0.0
    at.n[0] = at.n[1] = 0
