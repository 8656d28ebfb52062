"""Rankings made by hand, as the engine would answer them."""

from dataclasses import fields
from typing import Any

import numpy as np

from customers.recommender.arrays import Integers
from customers.recommender.evidence import Findings, NearMisses, Ranking
from customers.recommender.signals import SIGNALS


def ranking(
    customers: list[int],
    items: list[list[int]],
    *,
    misses: list[list[int]] | None = None,
    objections: list[list[int]] | None = None,
    **findings: Any,
) -> Ranking:
    """Places in, -1 for nothing. Scores fall by place; signal 0 brings each whole score."""
    shape = np.shape(items)
    scores = np.broadcast_to(-np.arange(shape[1], dtype=np.float32), shape) + np.float32(10)
    contributions = np.zeros((*shape, len(SIGNALS)), dtype=np.float32)
    contributions[:, :, 0] = scores
    return Ranking(
        customers=places(customers),
        items=places(items),
        scores=scores,
        contributions=contributions,
        findings=_findings(shape, findings),
        near_misses=_misses(len(customers), misses, objections),
    )


def places(values: Any) -> Integers:
    return np.asarray(values, dtype=np.int32)


def _findings(shape: tuple[int, ...], given: dict[str, Any]) -> Findings:
    nothing = {each.name: 0 for each in fields(Findings)} | {"nearest_item": -1, "days_new": -1}
    return Findings(
        **{
            name: np.broadcast_to(places(given.get(name, value)), shape)
            for name, value in nothing.items()
        }
    )


def _misses(
    customers: int, items: list[list[int]] | None, objections: list[list[int]] | None
) -> NearMisses:
    if items is None:
        return NearMisses.none(customers)
    scores = np.broadcast_to(-np.arange(len(items[0]), dtype=np.float32), np.shape(items))
    ruled_out = np.zeros_like(items) if objections is None else objections
    return NearMisses(items=places(items), scores=scores, objections=places(ruled_out))
