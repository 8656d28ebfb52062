"""From evidence to words: why an item was proposed, for the associate who reads the card.

Every sentence is made from evidence alone and says no more than it holds. Evidence of a kind that
is not known here, or that lacks what its sentence needs, is passed over rather than guessed at.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Evidence = Mapping[str, Any]

ARRIVED = "Newly arrived"
FORTNIGHT = 14
_SHARED_WORDS = {
    "brand": "brand",
    "color": "color",
    "subcategory": "kind",
    "category": "category",
}


def because(evidence: Sequence[Evidence]) -> str:
    """The strongest reason that can be said, in a few words without a full stop."""
    return next(iter(reasons(evidence)), ARRIVED)


def reasons(evidence: Sequence[Evidence]) -> list[str]:
    """Every reason that can be said, strongest first."""
    said = (SENTENCES[each["kind"]](each) for each in evidence if each.get("kind") in SENTENCES)
    return list(dict.fromkeys(sentence for sentence in said if sentence))


def _similar_customers(evidence: Evidence) -> str:
    count = evidence.get("count") or 0
    if count < 1:
        return ""
    if count == 1:
        return "A client with similar taste bought it"
    return f"{count} clients with similar taste bought it"


def _bought_like_it(evidence: Evidence) -> str:
    name = evidence.get("name")
    if not name:
        return ""
    kinds = {str(token).partition("=")[0] for token in evidence.get("shared") or ()}
    if "subcategory" in kinds:
        kinds.discard("category")  # the finer one says it all
    words = [word for kind, word in _SHARED_WORDS.items() if kind in kinds]
    return f"Same {' and '.join(words[:2])} as the {name}" if words else f"Close to the {name}"


def _city_best_seller(evidence: Evidence) -> str:
    return _best_seller(evidence, place=evidence.get("place") or "")


def _store_best_seller(evidence: Evidence) -> str:
    return _best_seller(evidence, place=evidence.get("place") or "this store")


def _best_seller_anywhere(evidence: Evidence) -> str:
    return _best_seller(evidence, place="all stores")


def _best_seller(evidence: Evidence, *, place: str) -> str:
    """The rank is among the new arrivals. The first sells best; the next ones sell well."""
    count, rank = evidence.get("count") or 0, evidence.get("rank") or 0
    if not place or count < 1 or rank < 1:
        return ""
    when = _lately(evidence.get("days"))
    if rank == 1:
        return f"Best-selling arrival in {place}{when}"
    return f"Sells well in {place}{when}"


def _lately(days: int | None) -> str:
    if not days:
        return ""
    return " this fortnight" if days == FORTNIGHT else f" in {days} days"


def _brand(evidence: Evidence) -> str:
    count, value = evidence.get("count") or 0, evidence.get("value")
    if not value or count < 1:
        return ""
    return f"Already has {_things(count)} by {value}"


def _category(evidence: Evidence) -> str:
    count, value = evidence.get("count") or 0, evidence.get("value")
    if not value or count < 1:
        return ""
    return f"Already has {_things(count)} from {value}"


def _new(evidence: Evidence) -> str:
    days = evidence.get("days")
    if days is None:
        return ARRIVED
    if days == 0:
        return "Arrived today"
    return "Arrived yesterday" if days == 1 else f"Arrived {days} days ago"


def _things(count: int) -> str:
    return "one thing" if count == 1 else f"{count} things"


SENTENCES: Mapping[str, Callable[[Evidence], str]] = {
    "similar-customers": _similar_customers,
    "bought-like-it": _bought_like_it,
    "city-best-seller": _city_best_seller,
    "store-best-seller": _store_best_seller,
    "best-seller": _best_seller_anywhere,
    "brand": _brand,
    "category": _category,
    "new": _new,
}
