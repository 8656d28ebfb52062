"""What a word about an item weighs, in units of log odds: stated, not learned.

There are too few words in any shop to learn from, and somebody who says "not for me" must see that
it counts. What she bought counts through the histories, and what she returned not at all.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from customers.recommender.arrays import Floats, Integers
from customers.recommender.histories import freshness

WEIGHTS: Mapping[str, float] = {
    "love_it": 1.0,
    "not_for_me": -1.0,
    "tried_not_right": -0.25,
    "ignored": -0.15,
}
"""One is about what a whole standard deviation of everything else together moves. *Tried, not
right* is about size and fit, so things like it lose little; silence may mean anything."""

HALF_LIFE = 180.0
"""Days after which a word counts half: tastes change."""


def weigh(kinds: Sequence[str], days: Integers) -> Floats:
    """The weight of each word, said so many days before the moment [opinions]."""
    weights = np.array([WEIGHTS[kind] for kind in kinds], dtype=np.float32)
    return np.asarray(weights * freshness(days, HALF_LIFE), dtype=np.float32)
