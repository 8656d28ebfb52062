"""The item rules of `appropriateness` for a whole shop at once, as masks of numpy.

Half a million customers times thousands of new items cannot be asked one by one. This computes the
same answers in blocks; `customers.suggestions` asks the plain rules again about what was kept, so
that the two cannot drift apart unnoticed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from catalog.models import StockLevel
from customers.appropriateness import GENDERS, MOST_TWINS, gender_of
from customers.facts import twin_key
from customers.models import ServiceCase
from customers.packed import Column, read_packed
from customers.recommender.arrays import Booleans, Integers, Sparse, with_ones
from customers.recommender.facts import UNKNOWN
from customers.shopfacts import Lines, Numbers, Roster, Shop, Sizes, places_of


@dataclass(frozen=True, eq=False)
class Screen:
    """What may be shown to whom, for one list of candidates (places in the assortment).

    `denied` [customers, candidates] is above 0 for what she owns, its twins, what she returned
    and what she had trouble with. `gender` [candidates] is a place in `GENDERS`, -1 for anybody.
    """

    denied: Sparse
    genders_bought: Booleans
    gender: Integers
    shelf: "Shelf | None"

    def allowed(self, customers: Integers, candidates: Integers) -> Booleans:
        """[customers, candidates], True where no rule objects."""
        allowed: Booleans = self.denied[customers].toarray() == 0
        if (self.gender != UNKNOWN).any():
            bought = self.genders_bought[customers]
            never = bought.any(axis=1, keepdims=True) & ~bought
            anybody = np.zeros((len(customers), 1), dtype=bool)
            allowed &= ~np.hstack([never, anybody])[:, self.gender]
        if self.shelf:
            allowed &= self.shelf.holds(customers)
        return allowed


@dataclass(frozen=True, eq=False)
class Shelf:
    """Stock in the stores. `holds_size` is [stores + 1, candidates, sizes + 2].

    The last store is none; size 0 is unknown, the last one a size in which nothing is here.
    """

    store: Integers
    wanted: Sparse
    category: Integers
    holds_size: Booleans

    def holds(self, customers: Integers) -> Booleans:
        """Whether her store has it in her size, or told us nothing about it."""
        sizes = self.wanted[customers].toarray().astype(np.intp)
        blank = np.zeros((len(customers), 1), dtype=np.intp)
        wanted = np.hstack([sizes, blank])[:, self.category]  # -1 takes the blank
        columns = np.arange(len(self.category))
        store = self.store[customers][:, np.newaxis]
        held: Booleans = self.holds_size[store, columns[np.newaxis, :], wanted]
        return held


def screen_of(shop: Shop, candidates: Integers, *, with_stock: bool) -> Screen:
    """The screen for these candidates of a shop, as of the shop's moment."""
    n_customers = len(shop.roster.numbers)
    pairs = _net_quantities(shop.lines, n_customers, len(shop.assortment.numbers))
    touched = with_ones(csr_array(pairs[:, candidates]))
    trouble = csr_array(_trouble(shop)[:, candidates])
    genders = _numbered([gender_of(each.gender) for each in shop.assortment.descriptions], GENDERS)
    return Screen(
        denied=csr_array(touched + trouble + _twins_owned(shop, pairs, candidates)),
        genders_bought=_bought_genders(shop.lines, genders, n_customers),
        gender=genders[candidates],
        shelf=_shelf(shop, candidates) if with_stock else None,
    )


def _net_quantities(lines: Lines, n_customers: int, n_products: int) -> Sparse:
    """Units bought less returned; a pair that nets to zero stays a stored zero."""
    entries = (lines.quantity.astype(np.float32), (lines.customer, lines.product))
    pairs = csr_array(entries, shape=(n_customers, n_products))
    pairs.sum_duplicates()
    return pairs


def _trouble(shop: Shop) -> Sparse:
    """Above 0 where she had trouble with the product, or with another one of its brand."""
    roster, assortment = shop.roster, shop.assortment
    known = ServiceCase.objects.filter(opened_at__lte=shop.as_of, product__isnull=False)
    cases = known.values_list("customer_id", "product_id", "product__brand__name")
    found = list(cases)
    customer = places_of(_integers([case[0] for case in found]), roster.numbers)
    product = places_of(_integers([case[1] for case in found]), assortment.numbers)
    brands = [each.brand for each in assortment.descriptions]
    names = tuple(dict.fromkeys(brand for brand in brands if brand))
    brand = _numbered([case[2] or "" for case in found], names)
    everything = np.arange(len(brands), dtype=np.int32)
    n_customers = len(roster.numbers)
    of_product = _pairs(customer, product, (n_customers, len(brands)))
    of_brand = _pairs(customer, brand, (n_customers, len(names)))
    branded = _pairs(_numbered(brands, names), everything, (len(names), len(brands)))
    return csr_array(of_product + of_brand @ branded)


def _pairs(rows: Integers, columns: Integers, shape: tuple[int, int]) -> Sparse:
    known = (rows != UNKNOWN) & (columns != UNKNOWN)
    ones = np.ones(int(known.sum()), dtype=np.float32)
    return csr_array((ones, (rows[known], columns[known])), shape=shape)


def _twins_owned(shop: Shop, pairs: Sparse, candidates: Integers) -> Sparse:
    """1 or more where she owns a twin of the candidate, or it itself [customers, candidates]."""
    keys = [twin_key(each.brand, each.name) for each in shop.assortment.descriptions]
    counts = Counter(keys)
    distinctive = {key for key in keys if key and counts[key] <= MOST_TWINS}
    of_candidates = {keys[place] for place in candidates.tolist()}
    names = tuple(sorted(distinctive & of_candidates))
    twin = _numbered(keys, names)
    everything = np.arange(len(keys), dtype=np.int32)
    carriers = _pairs(everything, twin, (len(keys), len(names)))
    owned = csr_array(
        ((pairs.data > 0).astype(np.float32), pairs.indices, pairs.indptr), pairs.shape
    )
    return csr_array((owned @ carriers) @ csr_array(carriers.T)[:, candidates])


def _bought_genders(lines: Lines, genders: Integers, n_customers: int) -> Booleans:
    """Whether she ever bought something made for them, returned or not [customers, genders]."""
    bought = np.zeros((n_customers, len(GENDERS)), dtype=bool)
    gender = genders[lines.product]
    told = (lines.quantity > 0) & (gender != UNKNOWN)
    bought[lines.customer[told], gender[told]] = True
    return bought


def _numbered(words: Sequence[str], names: Sequence[str]) -> Integers:
    """Each word's place in the names, -1 for one that is not among them."""
    place = {name: number for number, name in enumerate(names)}
    return np.array([place.get(word, UNKNOWN) for word in words], dtype=np.int32)


def _integers(values: Sequence[int]) -> Numbers:
    return np.array(values, dtype=np.int64)


def _shelf(shop: Shop, candidates: Integers) -> Shelf | None:
    """What the stores hold of the candidates; None when nobody told us anything about them."""
    roster, assortment, sizes = shop.roster, shop.assortment, shop.sizes
    levels = _stock_levels(roster, sizes, candidates, len(assortment.numbers))
    if levels is None:
        return None
    store, column, size, quantity = levels
    used = np.unique(size[size > 0])
    shape = (len(roster.store_numbers) + 1, len(candidates), len(used) + 2)
    place = np.full(len(sizes.names), len(used) + 1)  # a size in which nothing is here
    place[used] = np.arange(1, len(used) + 1)
    place[0] = 0
    categories = [each.category for each in assortment.descriptions]
    names = tuple(dict.fromkeys(categories[candidate] for candidate in candidates.tolist()))
    named = tuple(name for name in names if name)
    category = _numbered(categories, named)
    return Shelf(
        store=roster.people.store,
        wanted=_last_sizes(shop.lines, sizes, category, place, (len(roster.numbers), len(named))),
        category=category[candidates],
        holds_size=_holds_size(shape, store, column, place[size], quantity),
    )


def _stock_levels(
    roster: Roster, sizes: Sizes, candidates: Integers, n_products: int
) -> tuple[Integers, Integers, Integers, Integers] | None:
    """Store, candidate column, size and pieces of each level that concerns a candidate."""
    columns = (
        Column("store", "store_id", "int8"),
        Column("variant", "variant_id", "int8"),
        Column("quantity", "quantity", "int4"),
    )
    column_of = np.full(n_products + 1, UNKNOWN, dtype=np.int32)
    column_of[candidates] = np.arange(len(candidates), dtype=np.int32)
    stores = np.array(roster.store_numbers, dtype=np.int64)
    parts = []
    for rows in read_packed(StockLevel._meta.db_table, columns):
        variant = places_of(rows["variant"].astype(np.int64), sizes.numbers)
        column = np.where(variant == UNKNOWN, UNKNOWN, column_of[sizes.product[variant]])
        kept = column != UNKNOWN
        parts.append(
            (
                places_of(rows["store"].astype(np.int64), stores)[kept],
                column[kept],
                sizes.size[variant[kept]],
                rows["quantity"][kept].astype(np.int32),
            )
        )
    if not any(len(part[0]) for part in parts):
        return None
    store, column, size, quantity = (np.concatenate(each) for each in zip(*parts, strict=True))
    return store, column, size, quantity


def _holds_size(
    shape: tuple[int, int, int],
    store: Integers,
    column: Integers,
    size: npt.NDArray[np.intp],
    quantity: Integers,
) -> Booleans:
    """True where a store holds a candidate in a size, or knows nothing of it.

    Size 0 asks for any size. A candidate that has no sizes in a store fits every size.
    """
    pieces = np.zeros(shape, dtype=np.int32)
    np.add.at(pieces, (store, column, size), quantity)
    told = np.zeros(shape[:2], dtype=bool)
    told[store, column] = True
    sized = np.zeros(shape[:2], dtype=bool)
    sized[store[size > 0], column[size > 0]] = True
    any_left = pieces.sum(axis=2) > 0
    holds = np.where(sized[:, :, np.newaxis], pieces > 0, any_left[:, :, np.newaxis])
    holds[:, :, 0] = any_left
    holds[~told] = True
    return holds


def _last_sizes(
    lines: Lines,
    sizes: Sizes,
    category: Integers,
    place: npt.NDArray[np.intp],
    shape: tuple[int, int],
) -> Sparse:
    """The size she bought last in each category, as its place on the shelf; absent if unknown.

    Of two bought at the same moment the one with the higher variant number stands.
    """
    size = np.where(lines.variant == UNKNOWN, 0, sizes.size[lines.variant])
    kind = category[lines.product]
    told = np.flatnonzero((lines.quantity > 0) & (size > 0) & (kind != UNKNOWN))
    pair = lines.customer[told].astype(np.int64) * shape[1] + kind[told]
    order = np.lexsort((-lines.variant[told], lines.age[told], pair))
    pairs, first = np.unique(pair[order], return_index=True)
    newest = told[order[first]]
    entries = (place[size[newest]].astype(np.float32), np.divmod(pairs, shape[1]))
    return csr_array(entries, shape=shape)
