"""From evidence to words: why an item was proposed, for the associate who reads the card.

Every sentence is made from the stored evidence alone and says no more than it holds. A reason is
said only where what stands behind it raised the score; of those, the one that raised it most comes
first. What lacks a name is passed over rather than guessed at.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from customers.recommender.signals import (
    BEST_SELLER_RANK,
    SELLING_DAYS,
    SIGNALS,
    SIMILAR_DAYS,
    Trait,
)

ARRIVED = "Newly arrived"
NOTHING_SHARED = Trait(0)


@dataclass(frozen=True)
class Evidence:
    """What is known about one suggestion, with the names its sentences need; blank is unknown.

    Ranks are among the new arrivals, 0 for none. `similar_days` and `selling_days` are the
    windows in which similar customers' purchases and units sold were counted.
    """

    contributions: tuple[float, ...] = ()
    similar_customers: int = 0
    nearest: str = ""
    shared: Trait = NOTHING_SHARED
    city_units: int = 0
    city_rank: int = 0
    city: str = ""
    store_units: int = 0
    store_rank: int = 0
    store: str = ""
    units: int = 0
    units_rank: int = 0
    brand_items: int = 0
    brand: str = ""
    category_items: int = 0
    category: str = ""
    subcategory: str = ""
    days_new: int = -1
    similar_days: int = SIMILAR_DAYS
    selling_days: int = SELLING_DAYS

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `Suggestion.objects.values(*COLUMNS)`; the joins are in that query."""
        names = {name: row[column] or "" for name, column in NAME_OF.items()}
        return cls.of(row, contributions=tuple(row["contributions"]), **names)

    @classmethod
    def of(
        cls, counts: Mapping[str, int], *, contributions: tuple[float, ...], **names: str
    ) -> Self:
        """From the small numbers as the table calls them, and the names beside them."""
        known: dict[str, Any] = {column: counts[column] for column in COUNTS}
        known |= {name: _plain(written) for name, written in names.items()}
        return cls(contributions=contributions, shared=Trait(counts["shared_traits"]), **known)

    @property
    def brought(self) -> Mapping[str, float]:
        """What each signal added to the score; nothing if another version had other signals."""
        if len(self.contributions) != len(SIGNALS):
            return {}
        return dict(zip(SIGNALS, self.contributions, strict=True))


COUNTS = (
    "similar_customers",
    "city_units",
    "city_rank",
    "store_units",
    "store_rank",
    "units",
    "units_rank",
    "brand_items",
    "category_items",
    "days_new",
)
NAME_OF: Mapping[str, str] = {
    "nearest": "nearest__name",
    "city": "customer__city",
    "store": "customer__store__name",
    "brand": "product__brand__name",
    "category": "product__category__name",
    "subcategory": "product__subcategory",
}
COLUMNS = ("contributions", "shared_traits", *COUNTS, *NAME_OF.values())


@dataclass(frozen=True)
class Share:
    """How much one kind of reason weighs in a score, of 1; below 0 it spoke against the item."""

    words: str
    share: float


@dataclass(frozen=True)
class Reason:
    """A sentence, and the signals that must have raised the score for it to be said."""

    signals: tuple[str, ...]
    sentence: Callable[[Evidence], str]


@lru_cache(maxsize=20_000)
def because(evidence: Evidence) -> str:
    """The strongest reason that can be said, in a few words without a full stop."""
    return reasons(evidence)[0]


def reasons(evidence: Evidence) -> list[str]:
    """Every reason that can be said, strongest first; where there is none, since when it is new."""
    return list(dict.fromkeys(_said(evidence))) or [_new(evidence)]


def shares(evidence: Evidence) -> list[Share]:
    """What the score is made of, in words, the weightiest first; the shares' sizes add up to 1."""
    by_words: dict[str, float] = {}
    for signal, value in evidence.brought.items():
        words = SIGNAL_WORDS.get(signal, signal.replace("_", " "))
        by_words[words] = by_words.get(words, 0.0) + value
    total = sum(map(abs, by_words.values()))
    found = [Share(words, value / total) for words, value in by_words.items() if value]
    return sorted(found, key=lambda each: -abs(each.share))


def _said(evidence: Evidence) -> Iterator[str]:
    brought = evidence.brought
    weighed = [
        (sum(brought.get(signal, 0.0) for signal in reason.signals), reason) for reason in REASONS
    ]
    for weight, reason in sorted(weighed, key=lambda each: -each[0]):
        sentence = reason.sentence(evidence) if weight > 0 else ""
        if sentence:
            yield sentence


def _similar_customers(evidence: Evidence) -> str:
    count = evidence.similar_customers
    if count < 1:
        return ""
    clients = "A client" if count == 1 else f"{count:,} clients"
    return f"{clients} of similar taste bought it{_within(evidence.similar_days)}"


def _bought_like_it(evidence: Evidence) -> str:
    if not evidence.nearest:
        return ""
    traits = evidence.shared
    if Trait.SUBCATEGORY in traits:
        traits &= ~Trait.CATEGORY  # the finer one says it all
    words = [word for trait, word in _SHARED_WORDS.items() if trait in traits]
    if words:
        return f"Same {' and '.join(words[:2])} as the {evidence.nearest}"
    return f"Close to the {evidence.nearest}" if traits & _ALIKE else ""


def _city_best_seller(evidence: Evidence) -> str:
    return _best_seller(evidence, evidence.city_units, evidence.city_rank, evidence.city)


def _store_best_seller(evidence: Evidence) -> str:
    place = evidence.store or "this store"
    return _best_seller(evidence, evidence.store_units, evidence.store_rank, place)


def _best_seller_anywhere(evidence: Evidence) -> str:
    return _best_seller(evidence, evidence.units, evidence.units_rank, "all stores")


def _best_seller(evidence: Evidence, units: int, rank: int, place: str) -> str:
    """The rank is among the new arrivals. The first sells best; the next ones sell well."""
    if not place or units < 1 or not 1 <= rank <= BEST_SELLER_RANK:
        return ""
    days = evidence.selling_days
    when = " this fortnight" if days == _FORTNIGHT else f" in {days} days"
    return f"{'Best-selling arrival' if rank == 1 else 'Sells well'} in {place}{when}"


def _brand(evidence: Evidence) -> str:
    return _has_already(evidence.brand_items, f"by {evidence.brand}" if evidence.brand else "")


def _category(evidence: Evidence) -> str:
    kind = evidence.subcategory or evidence.category
    return _has_already(evidence.category_items, f"from {kind}" if kind else "")


def _has_already(count: int, whose: str) -> str:
    if count < 1 or not whose:
        return ""
    return f"Already has {'one thing' if count == 1 else f'{count:,} things'} {whose}"


def _new(evidence: Evidence) -> str:
    days = evidence.days_new
    if days < 0:
        return ARRIVED
    if days == 0:
        return "Arrived today"
    return "Arrived yesterday" if days == 1 else f"Arrived {days} days ago"


def _within(days: int) -> str:
    return " in two weeks" if days == _FORTNIGHT else f" in {days} days"


def _plain(name: str) -> str:
    """A name on one line, without marks that cannot be seen or that turn the text around."""
    if not name.isprintable():
        name = "".join(each if each.isprintable() else " " for each in name)
    return " ".join(name.split())


_FORTNIGHT = 14
_SHARED_WORDS: Mapping[Trait, str] = {
    Trait.BRAND: "brand",
    Trait.COLOR: "color",
    Trait.SUBCATEGORY: "kind",
    Trait.CATEGORY: "category",
}
_ALIKE = Trait.NAME | Trait.ATTRIBUTE
"""Enough to call two things close; the same gender or price alone is not."""

REASONS = (
    Reason(("similar_customers",), _similar_customers),
    Reason(("taste",), _bought_like_it),
    Reason(("city",), _city_best_seller),
    Reason(("store",), _store_best_seller),
    Reason(("demand",), _best_seller_anywhere),
    Reason(("brand",), _brand),
    Reason(("category",), _category),
)
SIGNAL_WORDS: Mapping[str, str] = {
    "similar_customers": "clients of similar taste",
    "taste": "like what was bought before",
    "category": "a kind bought before",
    "brand": "a brand bought before",
    "price": "a usual price",
    "city": "sells well in this city",
    "store": "sells well in this store",
    "age_band": "sells well at this age",
    "demand": "sells well everywhere",
    "freshness": "how long it has been here",
    "feedback": "what was said of it or of things like it",
    "seldom_shown": "hardly shown to anybody else",
}
