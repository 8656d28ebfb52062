"""How likely each customer is to come back, worked out each night for the whole shop.

The model (`customers.bgnbd`) is fitted on the shop's own customers, and the answers are written
beside the table that readers use, to be swapped in together with the suggestions. A shop in which
too few came back has no outlook: the table is empty, and everything else works without.
"""

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import transaction

from clienteling.defaults import ABOUT_TO_LAPSE_FACTOR, LAPSE_DAYS, VISITS_FOR_A_RHYTHM
from customers import bgnbd
from customers.models import Outlook
from customers.recommender.arrays import Booleans, Floats, Integers
from customers.rhythm import LIKELY
from customers.suggestion_table import begin, complete, copy

TABLE = Outlook._meta.db_table
COLUMNS = ("customer_id", "alive", "will_buy")
HORIZON_DAYS = LAPSE_DAYS

ROW = np.dtype(
    [
        ("columns", ">i2"),
        ("customer_bytes", ">i4"),
        ("customer", ">i8"),
        ("alive_bytes", ">i4"),
        ("alive", ">f4"),
        ("will_buy_bytes", ">i4"),
        ("will_buy", ">f4"),
    ]
)
"""A row of COPY's binary form: the number of columns, then each with its length before it."""

Numbers = npt.NDArray[np.int64]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Foreseen:
    """For every customer [n]; NaN for one who never bought."""

    alive: Floats
    will_buy: Floats


def foresee(visits: Integers, first_days: Integers, last_days: Integers) -> Foreseen | None:
    """What to expect of every customer [n] within the next 90 days; None if too few came back.

    `visits` counts the days on which she bought, returns apart; `first_days` and `last_days` are
    how many full days before the moment the first and the last of them lie (any number where
    `visits` is 0). A till account counts once a day like everybody, so it cannot tip the scale.
    """
    has_bought = visits > 0
    frequency = visits[has_bought] - 1
    age = first_days[has_bought].astype(np.float64)
    # Two moments of one day may lie on both sides of a full day: no repeat visit, no recency.
    recency = np.where(frequency > 0, age - last_days[has_bought], 0.0)
    try:
        parameters = bgnbd.fit(frequency, recency, age)
    except bgnbd.TooFewCustomers as reason:
        logger.info("No outlook: %s", reason)
        return None
    past = (frequency, recency, age)
    return Foreseen(
        _spread(bgnbd.alive(parameters, *past), has_bought),
        _spread(bgnbd.will_buy(parameters, *past, within=HORIZON_DAYS), has_bought),
    )


def about_to_lapse(
    visits: Integers,
    last_days: Integers,
    usual_gap_days: Integers,
    lapse_days: Integers,
    will_buy: Floats | None,
) -> Booleans:
    """`customers.rhythm.is_about_to_lapse` for all customers [n] at once.

    `last_days` are the full days since the last purchase (any number where `visits` is 0) and
    `usual_gap_days` the median between visits, 0 where unknown. `will_buy` is NaN for a customer
    without an outlook and None for a shop without any.
    """
    has_habit = (visits >= VISITS_FOR_A_RHYTHM) & (usual_gap_days > 0)
    is_late = (last_days >= ABOUT_TO_LAPSE_FACTOR * usual_gap_days) & (last_days < lapse_days)
    comes_anyway = np.False_ if will_buy is None else will_buy >= LIKELY
    return np.asarray(has_habit & is_late & ~comes_anyway)


def write_next(numbers: Numbers, alive: Floats, will_buy: Floats) -> int:
    """Fill the table that is to take the place of today's, and answer its rows.

    `numbers` are primary keys [n], each once; a customer whose chances are NaN gets no row, and
    empty arrays give an empty table. Readers see nothing of it before `suggestion_table` swaps it
    in, which has to be told of `TABLE`.
    """
    known = np.isfinite(alive) & np.isfinite(will_buy)
    rows = _packed(numbers[known], alive[known], will_buy[known])
    with transaction.atomic():
        begin(TABLE)
        copy(TABLE, COLUMNS, memoryview(rows.tobytes()))
        complete(TABLE)
    return len(rows)


def _spread(chances: bgnbd.Reals, has_bought: Booleans) -> Floats:
    everybody = np.full(len(has_bought), np.nan, dtype=np.float32)
    everybody[has_bought] = chances
    return everybody


def _packed(numbers: Numbers, alive: Floats, will_buy: Floats) -> npt.NDArray[np.void]:
    rows = np.zeros(len(numbers), dtype=ROW)
    rows["columns"] = len(COLUMNS)
    rows["customer_bytes"], rows["customer"] = 8, numbers
    rows["alive_bytes"], rows["alive"] = 4, alive
    rows["will_buy_bytes"], rows["will_buy"] = 4, will_buy
    return rows
