"""The item rules as compiled code: one walk over her lines, then a few looks for each item.

Compiled code knows no dataclasses, so the arrays come in named tuples. The compiler keeps what it
made until this file changes: nothing from other files may be used here that ever could.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from customers.appropriateness import OBJECTIONS
from customers.recommender.arrays import Booleans, Integers
from customers.recommender.compiled import compiled, inlined

Numbers = npt.NDArray[np.int64]
Short = npt.NDArray[np.int16]

OWNED = OBJECTIONS["already-owned"]
TWIN = OBJECTIONS["already-owned-twin"]
RETURNED = OBJECTIONS["returned"]
TROUBLE = OBJECTIONS["trouble-product"]
BRAND = OBJECTIONS["trouble-brand"]
GENDER = OBJECTIONS["other-gender"]
STOCK = OBJECTIONS["out-of-stock"]
PRICE = OBJECTIONS["price-unknown"]
AGE = OBJECTIONS["no-longer-new"]
NOT_FOR_HER = OBJECTIONS["not-for-me"]
RULED_OUT = OBJECTIONS["ruled-out"]

TOLD, SIZED, ANY_LEFT = 1, 2, 4
"""What a store said of an item: anything at all; by size; that some are there."""


class Bought(NamedTuple):
    """Lines by customer, newest first: see `lines.Lines`."""

    start: Numbers
    product: Integers
    quantity: Short
    size: Short


class Traits(NamedTuple):
    """What the rules ask of each product, as int32 numbers [products], -1 for none.

    `twin` is the same for one model in several colors; `gender` a place in `GENDERS`; `objection`
    the rule that objects to it for everybody, 0 where none does. Twins, brands and categories
    are numbered from 0 and there are no more of them than products.
    """

    twin: Integers
    brand: Integers
    category: Integers
    gender: Integers
    objection: Integers


class Said(NamedTuple):
    """What customers told us of products or brands, which are places.

    Hers are those from `start[customer]` to before `start[customer + 1]`; `objection` is the rule,
    smaller numbers first.
    """

    start: Numbers
    place: Integers
    objection: Integers


class Ruled(NamedTuple):
    """What is never to be shown to whom, as associates noted it.

    Hers are the rules from `start[customer]` to before `start[customer + 1]`; `against` says of
    each different rule whether it speaks against a candidate [rules, candidates].
    """

    start: Numbers
    rule: Integers
    against: Booleans


class Stated(NamedTuple):
    """Sizes that customers stated, by category: they count before the ones last bought."""

    start: Numbers
    category: Integers
    size: Short


class Shelves(NamedTuple):
    """Stock in the stores, by `store * candidates + column`.

    `store` is each customer's, -1 for none. `told` is a sum of `TOLD`, `SIZED`, `ANY_LEFT`. The
    sizes that are left lie from `start[place]` to before `start[place + 1]`.
    """

    store: Integers
    told: npt.NDArray[np.uint8]
    start: Numbers
    size: Short


class _Known(NamedTuple):
    """What is known of one customer, by product, twin, brand or category.

    The last three are one longer than needed: the place that -1 leads to, where nothing is known.
    """

    net: Numbers
    came_back: Booleans
    said: Integers
    twin: Booleans
    brand: Booleans
    size: Short


@compiled
def verdicts(
    customers: Integers,
    rows: npt.NDArray[np.intp],
    columns: Integers,
    candidates: Integers,
    bought: Bought,
    traits: Traits,
    of_products: Said,
    of_brands: Said,
    ruled: Ruled,
    stated: Stated,
    shelves: Shelves,
) -> Short:
    """See `screening.Screen.verdicts`. `rows` is the order in which the customers are served.

    A customer costs what she has bought, not what the shop sells: what is known of her is wiped
    away by a second walk over the same lines.
    """
    known = _nothing(len(traits.twin))
    answer = np.zeros(columns.shape, dtype=np.int16)
    for row in rows:
        customer = customers[row]
        _take_measure(known, customer, stated)
        genders = _gather(known, customer, bought, traits)
        _listen(known, customer, of_products, of_brands)
        store = shelves.store[customer]
        for place in range(columns.shape[1]):
            column = columns[row, place]
            if column >= 0:
                item = candidates[column]
                found = _about_her(item, known, traits, genders)
                if found == 0 and store >= 0:
                    wanted = known.size[traits.category[item]]
                    found = _about_stock(store * len(candidates) + column, wanted, shelves)
                if found == 0:
                    found = _about_it(item, known, traits)
                if found == 0 and _is_ruled_out(customer, column, ruled):
                    found = RULED_OUT
                answer[row, place] = found
        _forget(known, customer, bought, traits)
        _forget_measure(known, customer, stated)
        _forget_words(known, customer, of_products, of_brands)
    return answer


@inlined
def _nothing(n_products: int) -> _Known:
    return _Known(
        np.zeros(n_products, dtype=np.int64),
        np.zeros(n_products, dtype=np.bool_),
        np.zeros(n_products, dtype=np.int32),
        np.zeros(n_products + 1, dtype=np.bool_),
        np.zeros(n_products + 1, dtype=np.bool_),
        np.zeros(n_products + 1, dtype=np.int16),
    )


@inlined
def _gather(known: _Known, customer: int, bought: Bought, traits: Traits) -> int:
    """Notes what she bought and sent back; answers with whom she bought for, a bit a gender."""
    genders = 0
    hers = range(bought.start[customer], bought.start[customer + 1])
    for line in hers:
        item = bought.product[line]
        known.net[item] += bought.quantity[line]
        if bought.quantity[line] < 0:
            known.came_back[item] = True
            continue
        category = traits.category[item]
        if category >= 0 and known.size[category] == 0:
            known.size[category] = bought.size[line]
        if traits.gender[item] >= 0:
            genders |= 1 << traits.gender[item]
    for line in hers:
        item = bought.product[line]
        if known.net[item] > 0 and traits.twin[item] >= 0:
            known.twin[traits.twin[item]] = True
    return genders


@inlined
def _take_measure(known: _Known, customer: int, stated: Stated) -> None:
    """Notes the sizes she stated, before the lines are asked: those fill only what is missing."""
    for each in range(stated.start[customer], stated.start[customer + 1]):
        known.size[stated.category[each]] = stated.size[each]


@inlined
def _forget_measure(known: _Known, customer: int, stated: Stated) -> None:
    for each in range(stated.start[customer], stated.start[customer + 1]):
        known.size[stated.category[each]] = 0


@inlined
def _is_ruled_out(customer: int, column: int, ruled: Ruled) -> bool:
    """Whether one of her notes says that she never wants such a thing."""
    for each in range(ruled.start[customer], ruled.start[customer + 1]):
        if ruled.against[ruled.rule[each], column]:
            return True
    return False


@inlined
def _listen(known: _Known, customer: int, of_products: Said, of_brands: Said) -> None:
    """Notes what she said; of two objections to one product the first rule stands."""
    for each in range(of_products.start[customer], of_products.start[customer + 1]):
        item = of_products.place[each]
        if known.said[item] == 0:
            known.said[item] = of_products.objection[each]
    for each in range(of_brands.start[customer], of_brands.start[customer + 1]):
        known.brand[of_brands.place[each]] = True


@inlined
def _forget(known: _Known, customer: int, bought: Bought, traits: Traits) -> None:
    for line in range(bought.start[customer], bought.start[customer + 1]):
        item = bought.product[line]
        known.net[item] = 0
        known.came_back[item] = False
        known.twin[traits.twin[item]] = False
        known.size[traits.category[item]] = 0


@inlined
def _forget_words(known: _Known, customer: int, of_products: Said, of_brands: Said) -> None:
    for each in range(of_products.start[customer], of_products.start[customer + 1]):
        known.said[of_products.place[each]] = 0
    for each in range(of_brands.start[customer], of_brands.start[customer + 1]):
        known.brand[of_brands.place[each]] = False


@inlined
def _about_her(item: int, known: _Known, traits: Traits, genders: int) -> int:
    """The rules up to other-gender, in their order."""
    if known.net[item] > 0:
        return OWNED
    if known.twin[traits.twin[item]]:
        return TWIN
    if known.came_back[item]:
        return RETURNED
    if known.said[item] == TROUBLE:
        return TROUBLE
    if known.brand[traits.brand[item]]:
        return BRAND
    gender = traits.gender[item]
    if genders and gender >= 0 and not (genders >> gender) & 1:
        return GENDER
    return 0


@inlined
def _about_stock(place: int, wanted: int, shelves: Shelves) -> int:
    """None here in the wanted size; where it has no sizes, or hers is unknown, none at all."""
    told = shelves.told[place]
    if told & SIZED and wanted > 0:
        for each in range(shelves.start[place], shelves.start[place + 1]):
            if shelves.size[each] == wanted:
                return 0
        return STOCK
    return STOCK if told & TOLD and not told & ANY_LEFT else 0


@inlined
def _about_it(item: int, known: _Known, traits: Traits) -> int:
    """The rules from price-unknown to not-for-me."""
    if traits.objection[item]:
        return traits.objection[item]
    return NOT_FOR_HER if known.said[item] == NOT_FOR_HER else 0
