"""The item rules of `appropriateness` for a whole shop at once, as numbers of the rules.

Half a million customers times thousands of new items cannot be asked one by one. This computes the
same answers in blocks, by one walk over each customer's lines; `customers.second_look` asks the
plain rules again about what was kept, so that the two cannot drift apart unnoticed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet

from customers.appropriateness import GENDERS, MOST_TWINS, gender_of
from customers.facts import twin_key
from customers.feedback import TURNED_DOWN
from customers.lines import Numbers, Short
from customers.models import Feedback, ServiceCase
from customers.noted_arrays import ruled_of, stated_of
from customers.recommender.arrays import Booleans, Integers
from customers.recommender.facts import UNKNOWN
from customers.shelves import shelves_of
from customers.shopfacts import Roster, Shop, places_of
from customers.verdicts import (
    AGE,
    ANY_LEFT,
    BRAND,
    NOT_FOR_HER,
    PRICE,
    TOLD,
    TROUBLE,
    Bought,
    Ruled,
    Said,
    Shelves,
    Stated,
    Traits,
    verdicts,
)


@dataclass(frozen=True, eq=False)
class Screen:
    """What may be shown to whom, for one list of candidates (places in the assortment)."""

    candidates: Integers
    bought: Bought
    traits: Traits
    of_products: Said
    of_brands: Said
    ruled: Ruled
    stated: Stated
    shelves: Shelves

    def verdicts(self, customers: Integers, columns: Integers) -> Short:
        """The number of the first item rule that objects, 0 where none does [customers, m].

        `columns` [customers, m] are places among the candidates; -1 asks for none and gets 0.
        May be asked from several threads at once. Memory: the answer, and a few numbers a product.
        """
        asked = np.ascontiguousarray(customers, dtype=np.int32)
        return verdicts(
            asked,
            # Store by store, so that its shelves stay near the processor: half the time.
            np.argsort(self.shelves.store[asked], kind="stable"),
            np.ascontiguousarray(columns, dtype=np.int32),
            self.candidates,
            self.bought,
            self.traits,
            self.of_products,
            self.of_brands,
            self.ruled,
            self.stated,
            self.shelves,
        )

    @property
    def gone(self) -> Booleans:
        """What a store told us it has nothing left of [stores, candidates]."""
        told = self.shelves.told.reshape(-1, len(self.candidates))
        return np.asarray((told & (TOLD | ANY_LEFT)) == TOLD)


def screen_of(
    shop: Shop, candidates: Integers, *, with_stock: bool, new_within: int | None = None
) -> Screen:
    """The screen for these candidates of a shop, as of the shop's moment.

    With `new_within` the candidates are asked to have arrived in that many days.
    """
    lines = shop.lines
    return Screen(
        candidates=candidates,
        bought=Bought(lines.start, lines.product, lines.quantity, lines.size),
        traits=_traits(shop, candidates, new_within),
        of_products=_said_of_products(shop),
        of_brands=_said_of_brands(shop),
        ruled=ruled_of(shop, candidates),
        stated=stated_of(shop, _names([item.category for item in shop.assortment.descriptions])),
        shelves=shelves_of(shop, candidates, is_current=with_stock),
    )


def _traits(shop: Shop, candidates: Integers, new_within: int | None) -> Traits:
    items = shop.assortment.descriptions
    return Traits(
        twin=_twins(shop, candidates),
        brand=_numbered([item.brand for item in items]),
        category=_numbered([item.category for item in items]),
        gender=_numbered([gender_of(item.gender) for item in items], GENDERS),
        objection=_for_everybody(shop, new_within),
    )


def _twins(shop: Shop, candidates: Integers) -> Integers:
    """A number for each model that a candidate is a color of."""
    keys = [twin_key(item.brand, item.name) for item in shop.assortment.descriptions]
    counts = Counter(keys)
    of_candidates = dict.fromkeys(keys[place] for place in candidates.tolist())
    return _numbered(keys, [key for key in of_candidates if key and counts[key] <= MOST_TWINS])


def _for_everybody(shop: Shop, new_within: int | None) -> Integers:
    """Whether its price or its age speaks against a product, whoever asks."""
    objection = np.zeros(len(shop.assortment.numbers), dtype=np.int32)
    if new_within is not None:
        age = shop.on.toordinal() - shop.arrived
        objection[~((age >= 0) & (age <= new_within))] = AGE
    if shop.is_priced:
        objection[np.isnan(shop.assortment.price)] = PRICE
    return objection


def _said_of_products(shop: Shop) -> Said:
    """Complaints about a product, and what she does not want."""
    cases = _cases(shop).filter(product__isnull=False)
    unwanted = Feedback.objects.filter(kind__in=TURNED_DOWN, said_at__lte=shop.as_of)
    found = [(*case, TROUBLE) for case in cases.values_list("customer_id", "product_id")]
    found += [(*each, NOT_FOR_HER) for each in unwanted.values_list("customer_id", "product_id")]
    customer, product, objection = np.array(found, dtype=np.int64).reshape(-1, 3).T
    place = places_of(product, shop.assortment.numbers)
    return _said(shop.roster, customer, place, objection.astype(np.int32))


def _said_of_brands(shop: Shop) -> Said:
    """Complaints about a product speak against its brand as well."""
    cases = _cases(shop).filter(product__brand__isnull=False)
    found = list(cases.values_list("customer_id", "product__brand__name"))
    names = _names([item.brand for item in shop.assortment.descriptions])
    brand = _numbered([name for _, name in found], names)
    customer = np.array([number for number, _ in found], dtype=np.int64)
    return _said(shop.roster, customer, brand, np.full(len(found), BRAND, dtype=np.int32))


def _cases(shop: Shop) -> QuerySet[ServiceCase]:
    return ServiceCase.objects.filter(opened_at__lte=shop.as_of).order_by()


def _said(roster: Roster, number: Numbers, place: Integers, objection: Integers) -> Said:
    customer = places_of(number, roster.numbers)
    known = np.flatnonzero((customer != UNKNOWN) & (place != UNKNOWN))
    order = known[np.lexsort((objection[known], customer[known]))]
    counts = np.bincount(customer[order], minlength=len(roster.numbers))
    return Said(
        start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        place=place[order],
        objection=objection[order],
    )


def _names(words: Sequence[str]) -> list[str]:
    """The different words in the order of their first use, without the blank one."""
    return [word for word in dict.fromkeys(words) if word]


def _numbered(words: Sequence[str], names: Sequence[str] | None = None) -> Integers:
    """Each word's place in the names, -1 for one that is not among them.

    Without names they are the different words themselves, but for the blank one.
    """
    place = {name: number for number, name in enumerate(_names(words) if names is None else names)}
    return np.array([place.get(word, UNKNOWN) for word in words], dtype=np.int32)
