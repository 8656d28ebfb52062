"""The blend of a shop: learned from its own past once a week, and looked up every night.

A blend learned later than a moment knows what came after it, so it is never used for that moment.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from customers.models import LearnedBlend
from customers.recommender.blend import Blend
from customers.recommender.facts import Config, Interactions, Items, People
from customers.recommender.features import NAMES
from customers.recommender.learning import Learned, learn

BLEND_LASTS = timedelta(days=14)
"""A blend is learned every week; one week may fail before a night has to learn by itself."""
KEPT = 30
"""Blends kept for the record, the newest ones."""

Progress = Callable[[str], None]


def usable(*, as_of: datetime, new_within: int) -> tuple[LearnedBlend, Blend] | None:
    """The newest blend that a run as of this moment may use, if there is one."""
    rows = LearnedBlend.objects.filter(as_of__lte=as_of, as_of__gt=as_of - BLEND_LASTS)
    for row in rows.order_by("-as_of", "-learned_at")[:KEPT]:
        if row.parameters.get("new_within") == new_within:
            try:
                return row, _read(row.parameters)
            except ValueError:  # learned by a version with other features
                continue
    return None


def learn_anew(
    interactions: Interactions,
    items: Items,
    people: People,
    *,
    as_of: datetime,
    now: datetime,
    new_within: int,
    config: Config,
    progress: Progress,
) -> tuple[LearnedBlend, Blend]:
    """Learn from the past of these facts, which are as of the moment, and keep what came out."""
    started = time.monotonic()
    learned = learn(
        interactions, items, people, new_within=new_within, config=config, progress=progress
    )
    row = LearnedBlend.objects.create(
        as_of=as_of,
        learned_at=now,
        seconds=time.monotonic() - started,
        parameters=_written(learned.blend, new_within),
        summary=_summary(learned),
    )
    outdated = LearnedBlend.objects.order_by("-learned_at").values("pk")[KEPT:]
    LearnedBlend.objects.filter(pk__in=list(outdated.values_list("pk", flat=True))).delete()
    return row, learned.blend


def _written(blend: Blend, new_within: int) -> dict[str, Any]:
    return {
        "new_within": new_within,
        "choices": blend.choices,
        "weights": {name: round(weight, 6) for name, weight in blend.as_numbers().items()},
    }


def _read(parameters: dict[str, Any]) -> Blend:
    return Blend.of_numbers(parameters["weights"], choices=parameters["choices"])


def _summary(learned: Learned) -> dict[str, Any]:
    return {
        "learned": learned.blend.is_learned,
        "customers": learned.blend.choices,
        "believed": {
            "share": learned.trust.share,
            "added": {
                name: float(weight)
                for name, weight in zip(NAMES, learned.trust.added, strict=True)
                if weight
            },
        },
        "past dates": [
            {
                "days back": lesson.days_back,
                "customers": lesson.customers,
                "new arrivals": lesson.candidates,
            }
            for lesson in learned.lessons
        ],
    }
