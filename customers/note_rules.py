"""What a client never wants, as it was noted: a rule about items. Pure.

Names are compared as a person would: upper and lower case and accents do not matter. A color or a
material is ruled out by each of its words, so that "suede" speaks against "Brown suede", too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from clienteling.folding import fold
from clienteling.money import money

MATERIAL_KEYS = ("material", "materials", "fabric")
"""Under which of its attributes a product says what it is made of."""


class RuleKind(StrEnum):
    """What of an item is looked at."""

    BRAND = "brand"
    CATEGORY = "category"
    SUBCATEGORY = "subcategory"
    COLOR = "color"
    MATERIAL = "material"
    PRICE_ABOVE = "price_above"


RULE_LABELS = {
    RuleKind.BRAND: "Never this brand",
    RuleKind.CATEGORY: "Never this category",
    RuleKind.SUBCATEGORY: "Never this kind",
    RuleKind.COLOR: "Never this color",
    RuleKind.MATERIAL: "Never this material",
    RuleKind.PRICE_ABOVE: "Nothing above this price",
}


class Described(Protocol):
    """What a rule asks of an item; a blank is unknown and ruled out by nothing."""

    @property
    def brand(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def subcategory(self) -> str: ...
    @property
    def color(self) -> str: ...
    @property
    def materials(self) -> Collection[str]: ...
    @property
    def price(self) -> Decimal | None: ...


@dataclass(frozen=True)
class NoteRule:
    """A rule noted by an associate; `noted` says by whom and when: "noted by Maya on 3 May"."""

    kind: RuleKind
    value: str = ""
    price: Decimal | None = None
    noted: str = ""

    @property
    def says(self) -> str:
        """`Never Marlow`, `Nothing above $300`."""
        if self.kind == RuleKind.PRICE_ABOVE:
            return f"Nothing above {money(self.price)}"
        return f"Never {self.value}"

    @property
    def sentence(self) -> str:
        """`Never Marlow: noted by Maya on 3 May.`"""
        return f"{self.says}: {self.noted}." if self.noted else f"{self.says}."

    def speaks_against(self, item: Described) -> bool:
        """Whether this item is one she never wants."""
        if self.kind == RuleKind.PRICE_ABOVE:
            return is_above(item.price, self.price)
        if self.kind == RuleKind.MATERIAL:
            return any(has_words(material, self.value) for material in item.materials)
        if self.kind == RuleKind.COLOR:
            return has_words(item.color, self.value)
        return is_same(getattr(item, self.kind.value), self.value)


def is_above(price: Decimal | None, limit: Decimal | None) -> bool:
    """A price at the limit is still welcome; an unknown one is another rule's."""
    return price is not None and limit is not None and price > limit


def is_same(name: str, wanted: str) -> bool:
    return bool(name) and fold(name) == fold(wanted)


def has_words(text: str, wanted: str) -> bool:
    """Whether the wanted words stand in the text one after another, as whole words."""
    words = fold(wanted)
    return bool(words) and f" {words} " in f" {fold(text)} "


def materials_of(attributes: Any) -> tuple[str, ...]:
    """What a product is made of, by its attributes; nothing where they do not say."""
    if not isinstance(attributes, dict):
        return ()
    found: list[str] = []
    for key, value in attributes.items():
        if fold(str(key)) in MATERIAL_KEYS:
            found += value if isinstance(value, list) else [value]
    return tuple(str(each) for each in found if each)
