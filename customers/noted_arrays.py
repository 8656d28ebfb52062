"""What associates noted, as arrays for the night: rules about items, and sizes stated.

Many clients share one rule ("never Marlow"), so each different rule is held against the candidates
once; a client has only the numbers of hers.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from clienteling.folding import fold
from customers.models import StatedSize
from customers.note_rules import RuleKind, has_words, materials_of
from customers.notebook import standing_rules
from customers.recommender.arrays import Booleans, Integers
from customers.recommender.facts import UNKNOWN
from customers.recommender.tokens import ItemDescription
from customers.shopfacts import Shop, places_of
from customers.verdicts import Ruled, Stated

Texts = Callable[[ItemDescription], Sequence[str]]


class _Rule(NamedTuple):
    kind: str
    value: str
    price: Decimal | None


def ruled_of(shop: Shop, candidates: Integers) -> Ruled:
    """The standing rules of everybody as of the shop's moment, and which candidates they rule out.

    Memory: a byte for each different rule and candidate.
    """
    rows = standing_rules(shop.as_of).values_list("customer_id", "rule", "value", "price")
    found = [(number, _Rule(kind, fold(value), price)) for number, kind, value, price in rows]
    numbers = {rule: place for place, rule in enumerate(dict.fromkeys(rule for _, rule in found))}
    customer = np.array([number for number, _ in found], dtype=np.int64)
    rule = np.array([numbers[rule] for _, rule in found], dtype=np.int32)
    start, order = _by_customer(shop, customer)
    return Ruled(start, rule[order], _against(list(numbers), shop, candidates))


def _against(rules: Sequence[_Rule], shop: Shop, candidates: Integers) -> Booleans:
    """Whether a rule speaks against a candidate [rules, candidates]."""
    items = [shop.assortment.descriptions[place] for place in candidates.tolist()]
    prices = shop.assortment.price[candidates]
    against = np.zeros((max(len(rules), 1), len(candidates)), dtype=np.bool_)
    columns_of = {kind: _columns(items, texts) for kind, texts in _TEXTS.items()}
    for place, rule in enumerate(rules):
        if rule.price is not None:
            against[place] = prices > float(rule.price)  # never true of an unknown one
            continue
        for text, columns in columns_of[rule.kind].items():
            if _rules_out(rule, text):
                against[place, columns] = True
    return against


def _rules_out(rule: _Rule, text: str) -> bool:
    is_about_words = rule.kind in (RuleKind.COLOR, RuleKind.MATERIAL)
    return has_words(text, rule.value) if is_about_words else text == rule.value


def _columns(items: Sequence[ItemDescription], texts: Texts) -> dict[str, list[int]]:
    """The candidates by each different text, folded."""
    found: dict[str, list[int]] = {}
    for column, item in enumerate(items):
        for text in texts(item):
            if text:
                found.setdefault(fold(text), []).append(column)
    return found


_TEXTS: dict[str, Texts] = {
    RuleKind.BRAND: lambda item: (item.brand,),
    RuleKind.CATEGORY: lambda item: (item.category,),
    RuleKind.SUBCATEGORY: lambda item: (item.subcategory,),
    RuleKind.COLOR: lambda item: (item.color,),
    RuleKind.MATERIAL: lambda item: materials_of(item.attributes),
}


def stated_of(shop: Shop, categories: Sequence[str]) -> Stated:
    """The sizes stated up to the shop's moment; `categories` are named by their places."""
    rows = StatedSize.objects.filter(stated_at__lte=shop.as_of).order_by()
    found = list(rows.values_list("customer_id", "category__name", "size"))
    category_of = {name: place for place, name in enumerate(categories)}
    size_of = {name: place for place, name in enumerate(shop.sizes.names)}
    known = [
        (number, category_of[category], size_of.get(size, _NO_SUCH_SIZE))
        for number, category, size in found
        if category in category_of
    ]
    customer, category, size = np.array(known, dtype=np.int64).reshape(-1, 3).T
    start, order = _by_customer(shop, customer)
    return Stated(start, category[order].astype(np.int32), size[order].astype(np.int16))


_NO_SUCH_SIZE = np.iinfo(np.int16).max
"""A size that no variant has any more: nothing is left in it anywhere."""


def _by_customer(
    shop: Shop, number: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Where each customer's rows start, and the order in which they lie; others are left out."""
    customer = places_of(number, shop.roster.numbers)
    known = np.flatnonzero(customer != UNKNOWN)
    order = known[np.argsort(customer[known], kind="stable")]
    counts = np.bincount(customer[order], minlength=len(shop.roster.numbers))
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), order
