"""How much each feature counts: weights, learned from what customers chose in the past.

A customer who bought one of the new items chose it from all that were on offer: a conditional
logit (McFadden 1974; as a loss for rankings: Cao et al. 2007, ListNet). The offers not taken are
too many, so some are drawn and count for all (importance sampling, Bengio & Senecal 2003). The
weights are the most probable ones when each is normally distributed around its unlearned value:
a shop with few examples stays near those, one with many finds its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from customers.recommender.arrays import Booleans, Floats
from customers.recommender.features import NAMES, UNLEARNED

FEWEST_CHOICES = 100
"""Of fewer customers nothing is learned."""
PRIOR_STRENGTH, LEAST_SHRINKAGE = 250.0, 0.1
"""How sure the unlearned weights are, in customers, and for ever: shops change."""


@dataclass(frozen=True, eq=False)
class Blend:
    """`weights` float32 [K] in the order of `features.FEATURES`; from `choices` customers."""

    weights: Floats
    choices: int = 0

    @classmethod
    def unlearned(cls) -> "Blend":
        """What a shop without a past begins with."""
        return cls(UNLEARNED)

    @property
    def is_learned(self) -> bool:
        return self.choices > 0

    def as_numbers(self) -> dict[str, float]:
        """By name, to be stored."""
        return {name: float(weight) for name, weight in zip(NAMES, self.weights, strict=True)}

    @classmethod
    def of_numbers(cls, numbers: dict[str, float], *, choices: int) -> "Blend":
        """From `as_numbers`. Raises ValueError when the features were others then."""
        if set(numbers) != set(NAMES):
            raise ValueError("The blend was learned for other features; learn it anew.")
        return cls(np.array([numbers[name] for name in NAMES], dtype=np.float32), choices)


@dataclass(frozen=True, eq=False)
class Choices:
    """What customers chose from what: `values` [b, m, K], `chosen` and `offered` [b, m].

    `log_odds` [b, m] is minus the log of the chance with which an offer was drawn into the sample.
    """

    values: Floats
    chosen: Booleans
    offered: Booleans
    log_odds: Floats

    def __len__(self) -> int:
        return len(self.chosen)


def learned(examples: Sequence[Choices]) -> Blend:
    """The most probable weights; the unlearned ones where there is too little to go by."""
    customers = sum(len(each) for each in examples)
    if customers < FEWEST_CHOICES:
        return Blend.unlearned()
    shrinkage = max(LEAST_SHRINKAGE, PRIOR_STRENGTH / customers)
    found = minimize(
        _cost,
        UNLEARNED.astype(np.float64),
        args=(examples, customers, shrinkage),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 200},
    )
    return Blend(found.x.astype(np.float32), customers)


def _cost(
    weights: npt.NDArray[np.float64],
    examples: Sequence[Choices],
    customers: int,
    shrinkage: float,
) -> tuple[float, npt.NDArray[np.float64]]:
    """Mean negative log likelihood plus the prior's, and its slope."""
    loss, slope = 0.0, np.zeros(len(weights))
    for each in examples:
        surprise, direction = _surprise(weights.astype(np.float32), each)
        loss += surprise
        slope += direction
    away = weights - UNLEARNED
    return (
        loss / customers + shrinkage * float(away @ away) / 2,
        slope / customers + shrinkage * away,
    )


def _surprise(weights: Floats, choices: Choices) -> tuple[float, npt.NDArray[np.float64]]:
    """Minus the log likelihood of the choices, the chosen of one customer sharing one vote."""
    flat = choices.values.reshape(-1, len(weights))
    score = (flat @ weights).reshape(choices.chosen.shape) + choices.log_odds
    score = np.where(choices.offered, score, -np.inf)
    score -= score.max(axis=1, keepdims=True)
    odds = np.exp(score)
    chance = odds / odds.sum(axis=1, keepdims=True)
    vote = choices.chosen / choices.chosen.sum(axis=1, keepdims=True)
    logs = np.log(np.maximum(chance, np.float32(1e-30)))
    direction = flat.T @ (chance - vote).astype(np.float32).ravel()
    return -float((vote * logs).sum()), direction.astype(np.float64)
