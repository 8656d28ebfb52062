"""The features: every number by which one new item may be preferred to another.

A feature is a number for each customer and candidate. It counts as a z-score over the candidates
of one customer (Montague & Aslam 2001), because within a customer the scale of a feature carries
over from one date to the next, and between customers it does not. Each belongs to one signal: the
kind of reason that a person is told, whose contribution is the sum of its features'.
"""

from dataclasses import dataclass

import numpy as np

from customers.recommender.arrays import Floats
from customers.recommender.signals import SIGNALS

LARGEST_DEVIATION = 12.0
"""Z-scores are cut here: a feature that is nearly always silent cannot outvote all others."""


@dataclass(frozen=True)
class Feature:
    """A feature by name, the signal it belongs to, and its weight before anything was learned.

    The weight is per standard deviation within a customer, in units of log odds.
    """

    name: str
    signal: str
    weight: float = 0.0


FEATURES = (
    Feature("neighbours_fresh", "similar_customers", 0.25),
    Feature("neighbours_fortnight", "similar_customers", 0.35),
    Feature("neighbours_month", "similar_customers", 0.25),
    Feature("bought_together", "similar_customers", 0.15),
    Feature("bought_together_surely", "similar_customers"),
    Feature("nearest", "taste", 0.2),
    Feature("nearest_lately", "taste"),
    Feature("profile", "taste", 0.3),
    Feature("nearest_in_demand", "taste", 0.1),
    Feature("profile_in_demand", "taste", 0.1),
    Feature("latent", "similar_customers", 0.2),
    Feature("subcategory", "category", 0.1),
    Feature("subcategory_lift", "category"),
    Feature("category", "category", 0.05),
    Feature("category_lift", "category"),
    Feature("brand", "brand", 0.1),
    Feature("brand_lift", "brand"),
    Feature("price_fit", "price", 0.2),
    Feature("city", "city", 0.05),
    Feature("store", "store", 0.05),
    Feature("age_band", "age_band", 0.05),
    Feature("buyers_week", "demand", 0.3),
    Feature("buyers_fortnight", "demand", 0.2),
    Feature("buyers_month", "demand", 0.1),
    Feature("buyers_ever", "demand"),
    Feature("pace", "demand", 0.1),
    Feature("trend", "demand", 0.1),
    Feature("price_level", "price"),
    Feature("age", "freshness", -0.05),
)

NAMES = tuple(each.name for each in FEATURES)
PLACE = {name: place for place, name in enumerate(NAMES)}
"""Where a feature stands in every array of features."""

UNLEARNED = np.array([each.weight for each in FEATURES], dtype=np.float32)
SIGNAL_OF = np.array([SIGNALS.index(each.signal) for each in FEATURES], dtype=np.intp)


def standardised(values: Floats) -> Floats:
    """Z-scores over the last axis, cut at +-`LARGEST_DEVIATION`; zeros where all are alike."""
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True))
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-6)
    cut = np.clip(centred * scale, -LARGEST_DEVIATION, LARGEST_DEVIATION)
    return np.asarray(cut, dtype=np.float32)
