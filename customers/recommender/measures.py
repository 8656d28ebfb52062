"""How good a list of recommendations was, and how sure that is.

Figures are per customer, so that they can be averaged, resampled and paired. A customer without a
recommendation scores 0. Everywhere `hits` is [m, n], whether the item in that place was bought,
best place first, and `wanted` [m] how many different candidates she bought, at least 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Booleans, Floats, Integers, Sparse, values_at
from customers.recommender.trials import NOT_A_CANDIDATE, Trial

SHOWN = 3
DEPTH = 12
RESAMPLES = 1_000
RESAMPLES_AT_ONCE = 50
NUMBERS = ("hit", "recall", "ndcg", "reciprocal_rank", "average_precision")

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """The figures of one method in one trial; arrays are [m], in the order of the customers.

    hit, recall, ndcg and reciprocal_rank look at the first three places, average_precision at
    twelve. `coverage` is the share of the candidates that stood in anybody's first three,
    `novelty` the mean self-information of those in bits, and `violations` counts what must never
    be shown: owned, not a candidate, or twice for one customer.
    """

    customers: Integers
    lapsed: Booleans
    hit: Values
    recall: Values
    ndcg: Values
    reciprocal_rank: Values
    average_precision: Values
    coverage: float
    novelty: float
    violations: int


@dataclass(frozen=True)
class Interval:
    """A mean with the 95 % interval about it."""

    mean: float
    low: float
    high: float

    @property
    def is_above(self) -> bool:
        """Whether chance alone does not explain that it is above zero."""
        return self.low > 0

    @property
    def is_below(self) -> bool:
        """Whether chance alone does not explain that it is below zero."""
        return self.high < 0


def measure(trial: Trial, items: Integers) -> Measured:
    """The figures of these items [len(trial.asked), n], best first, -1 where there is none."""
    columns = trial.columns_of(items)
    hits = _marked(trial.bought, columns)
    wanted = np.diff(trial.bought.indptr)
    first = columns[:, :SHOWN]
    return Measured(
        customers=trial.asked,
        lapsed=trial.lapsed,
        hit=hit_at(hits, SHOWN),
        recall=recall_at(hits, wanted, SHOWN),
        ndcg=ndcg_at(hits, wanted, SHOWN),
        reciprocal_rank=reciprocal_rank_at(hits, SHOWN),
        average_precision=average_precision_at(hits, wanted, DEPTH),
        coverage=coverage(first, len(trial.facts.candidates)),
        novelty=novelty(first, share_of_buyers(trial)),
        violations=violations(columns, _marked(trial.owned, columns)),
    )


def hit_at(hits: Booleans, k: int) -> Values:
    """1 for a customer who bought any of the first k, else 0 [m]."""
    return np.asarray(hits[:, :k].any(axis=1), dtype=np.float64)


def recall_at(hits: Booleans, wanted: Integers, k: int) -> Values:
    """The share of what she bought that stood in the first k [m]."""
    return np.asarray(hits[:, :k].sum(axis=1) / wanted, dtype=np.float64)


def ndcg_at(hits: Booleans, wanted: Integers, k: int) -> Values:
    """Normalised discounted cumulative gain at k [m] (Järvelin & Kekäläinen 2002).

    A hit in place r gains 1 / log2(1 + r); the ideal list begins with all that she bought.
    """
    discount = 1 / np.log2(np.arange(2, k + 2))
    gained = hits[:, :k] @ discount[: hits.shape[1]]
    ideal = np.cumsum(discount)[np.minimum(wanted, k) - 1]
    return np.asarray(gained / ideal, dtype=np.float64)


def reciprocal_rank_at(hits: Booleans, k: int) -> Values:
    """1 / the place of the first hit, 0 when none is in the first k [m] (Voorhees 1999).

    Its mean over customers is MRR@k.
    """
    within = hits[:, :k]
    if not within.shape[1]:
        return np.zeros(len(hits))
    place = 1.0 + within.argmax(axis=1)
    return np.asarray(within.any(axis=1) / place, dtype=np.float64)


def average_precision_at(hits: Booleans, wanted: Integers, k: int) -> Values:
    """The mean of the precision at each hit [m], divided by min(wanted, k).

    Its mean over customers is MAP@k, as defined for Kaggle's H&M contest (2022).
    """
    within = hits[:, :k]
    precision = np.cumsum(within, axis=1) / np.arange(1, within.shape[1] + 1)
    return np.asarray((precision * within).sum(axis=1) / np.minimum(wanted, k), dtype=np.float64)


def coverage(columns: Integers, n_candidates: int) -> float:
    """The share of the candidates that anybody is shown, from 0 to 1."""
    return len(np.unique(columns[columns >= 0])) / max(n_candidates, 1)


def novelty(columns: Integers, share: Values) -> float:
    """Mean self-information -log2(share of buyers) of what is shown, in bits (Zhou et al. 2010).

    `share` is [candidates], above 0. The more of it, the less of what everybody buys anyway.
    """
    shown = columns[columns >= 0]
    return float(-np.log2(share[shown]).mean()) if len(shown) else 0.0


def violations(columns: Integers, owned: Booleans) -> int:
    """Places [m, n] with what she owned, with no candidate, or with what stood there before."""
    ordered = np.sort(columns, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    return int(owned.sum() + (columns == NOT_A_CANDIDATE).sum() + twice.sum())


def share_of_buyers(trial: Trial) -> Values:
    """The share of all customers who had each candidate at the moment; at least one of them."""
    bought = trial.facts.bought()
    buyers = np.bincount(bought.indices, minlength=bought.shape[1])[trial.facts.candidates]
    active = max(int(np.count_nonzero(np.diff(bought.indptr))), 1)
    return np.asarray(np.maximum(buyers, 1) / active, dtype=np.float64)


def _marked(matrix: Sparse, columns: Integers) -> Booleans:
    """Whether the matrix [m, candidates] has an entry at each of these columns [m, n]."""
    rows = np.arange(len(columns), dtype=np.int32)
    found = values_at(matrix, rows, np.maximum(columns, 0).astype(np.intp))
    return np.asarray((found > 0) & (columns >= 0), dtype=bool)


def interval(
    values: Values, *, customers: Integers | None = None, seed: int = 20_250_101
) -> Interval:
    """The mean of `values` [rows] with its 95 % percentile interval (Efron & Tibshirani 1993).

    The bootstrap draws customers, not rows: one who is asked at several dates stays together, as
    her rows are not independent. `customers` [rows]; each row its own when left out.
    """
    return intervals(values[:, np.newaxis], customers=customers, seed=seed)[0]


def paired(
    ours: Values, theirs: Values, *, customers: Integers | None = None, seed: int = 20_250_101
) -> Interval:
    """The mean difference of two methods asked about the same customers at the same moments.

    Far narrower than two intervals side by side: what makes a customer easy makes her easy to both.
    """
    return interval(ours - theirs, customers=customers, seed=seed)


def intervals(
    values: Values, *, customers: Integers | None = None, seed: int = 20_250_101
) -> list[Interval]:
    """One interval for each column of `values` [rows, columns], from the same resamples."""
    if not len(values):
        return [Interval(0.0, 0.0, 0.0)] * values.shape[1]
    group = np.arange(len(values)) if customers is None else customers
    different, place = np.unique(group, return_inverse=True)
    rows = np.bincount(place, minlength=len(different)).astype(np.float64)
    sums = np.zeros((len(different), values.shape[1]))
    np.add.at(sums, place, values)
    means = np.concatenate(list(_resampled(sums, rows, seed)))
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return [
        Interval(float(mean), float(least), float(most))
        for mean, least, most in zip(values.mean(axis=0), low, high, strict=True)
    ]


def _resampled(sums: Values, rows: Values, seed: int) -> Iterator[Values]:
    """Means of resamples [RESAMPLES_AT_ONCE, columns], until there are `RESAMPLES`."""
    chance = np.random.default_rng(seed)
    n = len(rows)
    for _ in range(RESAMPLES // RESAMPLES_AT_ONCE):
        drawn = chance.integers(0, n, (RESAMPLES_AT_ONCE, n))
        drawn += np.arange(RESAMPLES_AT_ONCE)[:, np.newaxis] * n
        times = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
        yield (times @ sums) / (times @ rows)[:, np.newaxis]


def mean_of(values: Floats | Values) -> float:
    """The mean, 0 for nobody."""
    return float(values.mean()) if len(values) else 0.0
