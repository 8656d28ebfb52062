"""How often a customer buys, and whether she has left for good: the BG/NBD model. Pure.

Fader, Hardie & Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24 (2005) 275-284, cited below by equation. Each customer buys at random at a rate
of her own, Gamma(r, rate alpha) over customers, and after each repeat purchase she leaves for good
with a probability of her own, Beta(a, b). All that is needed of her past is the number of her
repeat purchases x (`frequency`), the time of the last one t_x (`recency`) and the time T (`age`),
both counted from her first purchase in any one unit, which is then that of alpha as well.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

Reals = npt.NDArray[np.float64]
RealsLike = npt.NDArray[np.floating] | npt.NDArray[np.integer]

LEAST_REPEAT_BUYERS = 100
FITTED_ON = 20_000
"""Of more customers so many are taken, evenly spaced in the order given: the parameters are then
known to about two in a hundred, far better than the model is true."""

FURTHEST = 8.0
"""Logarithms are kept within this of the start: where nobody leaves, or all buy alike, the
likelihood rises forever and the answer is the same for any large number."""
STARTS = ((0.5, 1.0, 1.0, 3.0), (1.0, 1.0, 0.3, 3.0), (2.0, 1.0, 1.0, 1.0))
"""r, alpha in units of the mean age, a, b. The best of all is kept: there can be several hills."""


class TooFewCustomers(Exception):  # noqa: N818
    """There is too little to learn from; the sentence is for a person."""


@dataclass(frozen=True)
class Parameters:
    """What was learned of a shop; alpha is in the unit of the ages. `log_likelihood` is that of
    the `customers` it was fitted on."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")
    customers: int = 0


def fit(frequency: RealsLike, recency: RealsLike, age: RealsLike) -> Parameters:
    """The parameters of greatest likelihood for these customers [n], equation 6.

    No penalty and nothing to set. Equal customers are counted once with their number. Raises
    ``TooFewCustomers`` below a hundred who came back, ``ValueError`` for a past that cannot be.
    """
    past = _checked(frequency, recency, age)
    repeat_buyers = int((past[:, 0] > 0).sum())
    if repeat_buyers < LEAST_REPEAT_BUYERS:
        raise TooFewCustomers(
            f"{repeat_buyers} customers came back; at least {LEAST_REPEAT_BUYERS} are needed "
            "to say who will."
        )
    sample = past[_spread(len(past), FITTED_ON)]
    distinct, counts = np.unique(sample, axis=0, return_counts=True)
    likelihood = _Likelihood.of(distinct, counts)
    unit = max(float(np.average(distinct[:, 2], weights=counts)), np.finfo(np.float64).tiny)
    found = [_climb(likelihood, np.log([r, unit * alpha, a, b])) for r, alpha, a, b in STARTS]
    best, height = max(found, key=lambda each: each[1])
    r, alpha, a, b = np.exp(best).tolist()
    return Parameters(r, alpha, a, b, height * len(sample), len(sample))


def alive(
    parameters: Parameters, frequency: RealsLike, recency: RealsLike, age: RealsLike
) -> Reals:
    """The probability that she has not left for good [n].

    P(alive) = 1 / (1 + [x > 0] a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x)), the note of
    Fader, Hardie & Lee, "Computing P(alive) Using the BG/NBD Model" (2008), by logarithms, so that
    no number of purchases is too large. A customer who never came back counts as alive for sure:
    she had no occasion to leave. So never sort by this alone.
    """
    x, t_x, T = _checked(frequency, recency, age).T  # noqa: N806 - the paper's letter
    p = parameters
    odds = np.log(p.a) - np.log(p.b + np.maximum(x, 1) - 1)
    odds = odds + (p.r + x) * np.log((p.alpha + T) / (p.alpha + t_x))
    return np.where(x > 0, expit(-odds), 1.0)


def will_buy(
    parameters: Parameters,
    frequency: RealsLike,
    recency: RealsLike,
    age: RealsLike,
    *,
    within: float,
) -> Reals:
    """The probability [n] of at least one purchase in the time `within` from now on.

    Nobody leaves but right after a purchase, so one who is alive buys next at her rate lambda,
    whatever she does later; and of one who is alive lambda is Gamma(r + x, rate alpha + T): the
    prior times lambda^x e^(-lambda T), the likelihood of being alive. Hence
    P(X(T, T+t) > 0) = P(alive) (1 - E[e^(-lambda t)])
    = P(alive) (1 - ((alpha + T) / (alpha + T + t))^(r + x)).
    """
    x, _, T = _checked(frequency, recency, age).T  # noqa: N806
    p = parameters
    if_alive = -np.expm1(-(p.r + x) * np.log1p(within / (p.alpha + T)))
    return np.asarray(alive(p, frequency, recency, age) * if_alive)


def log_likelihood(
    parameters: Parameters, frequency: RealsLike, recency: RealsLike, age: RealsLike
) -> float:
    """Of these customers under these parameters, equation 7."""
    past = _checked(frequency, recency, age)
    p = parameters
    height, _ = _Likelihood.of(past, np.ones(len(past)))(np.log([p.r, p.alpha, p.a, p.b]))
    return height * len(past)


@dataclass(frozen=True, eq=False)
class _Likelihood:
    """The mean log-likelihood over customers and its slope. What depends on x alone is asked once
    per distinct x, which spares most of the gamma functions."""

    x: Reals
    t_x: Reals
    T: Reals
    share: Reals
    visits: Reals
    visits_share: Reals

    @classmethod
    def of(cls, distinct: Reals, counts: npt.NDArray[np.generic]) -> "_Likelihood":
        x, t_x, T = distinct.T  # noqa: N806
        share = counts / counts.sum()
        visits, place = np.unique(x, return_inverse=True)
        return cls(x, t_x, T, share, visits, np.bincount(place, weights=share).astype(np.float64))

    def __call__(self, logs: Reals) -> tuple[float, Reals]:
        """Equation 7 as ln A1 + ln A2 + ln(A3 + [x > 0] A4); slopes are by the logarithms."""
        r, alpha, a, b = np.exp(logs)
        x, share = self.x, self.share
        since_start, since_last = np.log(alpha + self.T), np.log(alpha + self.t_x)
        stays = -(r + x) * since_start
        leaves = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * since_last
        leaves = np.where(x > 0, leaves, -np.inf)
        gone = expit(leaves - stays)
        here = 1 - gone
        height = self._of_visits(r, a, b) + r * np.log(alpha) + share @ np.logaddexp(stays, leaves)
        slope_r, slope_a, slope_b = self._slopes_of_visits(r, a, b)
        slope_r += np.log(alpha) - share @ (here * since_start + gone * since_last)
        slope_alpha = r / alpha - share @ (
            (r + x) * (here / (alpha + self.T) + gone / (alpha + self.t_x))
        )
        slope_a += share @ gone / a
        slope_b -= share @ (gone / (b + np.maximum(x, 1) - 1))
        slope = np.array([slope_r, slope_alpha, slope_a, slope_b])
        return float(height), slope * np.exp(logs)

    def _of_visits(self, r: float, a: float, b: float) -> float:
        """ln A1 + ln A2 without r ln alpha."""
        x = self.visits
        of_rate = gammaln(r + x) - gammaln(r)
        of_leaving = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        return float(self.visits_share @ (of_rate + of_leaving))

    def _slopes_of_visits(self, r: float, a: float, b: float) -> tuple[float, float, float]:
        """By r, a and b."""
        x, share = self.visits, self.visits_share
        by_r = share @ (digamma(r + x) - digamma(r))
        by_a = share @ (digamma(a + b) - digamma(a + b + x))
        by_b = by_a + share @ (digamma(b + x) - digamma(b))
        return float(by_r), float(by_a), float(by_b)


def _climb(likelihood: _Likelihood, start: Reals) -> tuple[Reals, float]:
    """The top of the hill above `start`, and its height: L-BFGS-B on the logarithms."""

    def depth(logs: Reals) -> tuple[float, Reals]:
        height, slope = likelihood(logs)
        return -height, -slope

    bounds = [(each - FURTHEST, each + FURTHEST) for each in start]
    found = minimize(
        depth, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12}
    )
    return np.asarray(found.x, dtype=np.float64), -float(found.fun)


def _checked(frequency: RealsLike, recency: RealsLike, age: RealsLike) -> Reals:
    """The three as columns [n, 3]; a past that cannot be is refused."""
    past = np.stack([np.asarray(each, dtype=np.float64) for each in (frequency, recency, age)], 1)
    x, t_x, T = past.T  # noqa: N806
    if not np.isfinite(past).all() or (past < 0).any():
        raise ValueError("Frequency, recency and age are numbers from 0 up.")
    if (t_x > T).any():
        raise ValueError("The last purchase lies after the moment.")
    if (t_x[x == 0] > 0).any():
        raise ValueError("A customer who never came back has no last repeat purchase.")
    return past


def _spread(count: int, at_most: int) -> npt.NDArray[np.intp]:
    """Places, evenly spaced: all of them where they are few enough."""
    return np.linspace(0, count - 1, min(count, at_most)).astype(np.intp)
