"""What may be said: the rules about an item, and about selling to a client at all. Pure.

Each rule is one function that answers with a reason or None. The same functions serve the list,
the card and the last look before sending; `customers.screening` computes them for a whole shop at
once and is held to the same answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from clienteling.defaults import NEW_ARRIVAL_DAYS, QUIET_DAYS_AFTER_COMPLAINT
from customers.note_rules import NoteRule

MOST_TWINS = 6
"""A name that more products of one brand share is a shelf label ("Yogurt, 6 oz"), not a model."""

GENDERS = ("women", "men", "kids")
_SPELLINGS = {
    "women": ("women", "womens", "woman", "female", "f", "w", "ladies", "lady", "damen", "femme"),
    "men": ("men", "mens", "man", "male", "m", "gentlemen", "herren", "homme"),
    "kids": ("kids", "kid", "children", "child", "boys", "girls", "boy", "girl", "baby", "kinder"),
}
_GENDER_OF = {spelling: gender for gender, all_of in _SPELLINGS.items() for spelling in all_of}


@dataclass(frozen=True)
class Blocker:
    """A reason against: a code for counters and a sentence for a person.

    `free_at` is the moment from which it holds no more if nothing else happens, None where only an
    event ends it. It is no part of what is said, so two that say the same are equal.
    """

    code: str
    sentence: str
    free_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ItemFacts:
    """A product as one store knows it at one moment.

    `stock` is pieces by size in that store, None when nobody told us. `age_days` is whole days
    since its launch, None when unknown. `gender` is one of `GENDERS`, or "" for anybody.
    `twin_key` is the same for one model in other colors, "" where the name tells nothing.
    """

    product_id: int
    name: str
    brand: str = ""
    category: str = ""
    subcategory: str = ""
    color: str = ""
    materials: tuple[str, ...] = ()
    gender: str = ""
    price: Decimal | None = None
    launched_on: date | None = None
    stock: Mapping[str, int] | None = field(default=None, hash=False)
    age_days: int | None = None
    twin_key: str = ""
    must_be_new: bool = False
    must_be_priced: bool = True
    new_within: int = NEW_ARRIVAL_DAYS


@dataclass(frozen=True)
class ClientFacts:
    """What counts about a client at one moment; products by number, brands by name.

    `not_for_her` is what she turned down, in words or after trying it on. `sizes` is by category
    the size she stated, else the one last bought. `genders` are those of the items ever bought.
    `rules` are what her associate noted that she never wants.
    """

    customer_id: int
    owned_products: frozenset[int] = frozenset()
    owned_twins: frozenset[str] = frozenset()
    returned_products: frozenset[int] = frozenset()
    trouble_products: frozenset[int] = frozenset()
    trouble_brands: frozenset[str] = frozenset()
    not_for_her: frozenset[int] = frozenset()
    sizes: Mapping[str, str] = field(default_factory=dict)
    genders: frozenset[str] = frozenset()
    rules: tuple[NoteRule, ...] = ()
    open_case: bool = False
    last_case_closed_at: datetime | None = None


@lru_cache(maxsize=1_024)
def gender_of(text: str) -> str:
    """The retailer's word as one of `GENDERS`; "" for unisex and for words we do not know."""
    return _GENDER_OF.get(text.strip().casefold().replace("'", "").replace("’", ""), "")


def already_owned(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    """In any size: a product is a style."""
    if item.product_id in client.owned_products:
        return Blocker("already-owned", "Already has this one.")
    return None


def already_owned_twin(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    """The same model of the same brand, in another color or under another number."""
    is_the_same = item.product_id in client.owned_products
    if item.twin_key and item.twin_key in client.owned_twins and not is_the_same:
        return Blocker("already-owned-twin", "Already has this one in another color.")
    return None


def returned(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    if item.product_id in client.returned_products:
        return Blocker("returned", "Sent this one back.")
    return None


def out_of_stock(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    """None here in her size of that category; in no size at all when her size is unknown.

    Stock nobody told us about is unknown, which is no reason. An item that comes without sizes
    fits everybody.
    """
    if item.stock is None:
        return None
    size = client.sizes.get(item.category, "") if any(item.stock) else ""
    left = item.stock.get(size, 0) if size else sum(item.stock.values())
    if left > 0:
        return None
    return Blocker("out-of-stock", f"None left here in size {size}." if size else "None left here.")


def trouble_product(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    if item.product_id in client.trouble_products:
        return Blocker("trouble-product", "Had trouble with this one.")
    return None


def trouble_brand(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    if item.brand and item.brand in client.trouble_brands:
        return Blocker("trouble-brand", f"Had trouble with {item.brand}.")
    return None


def price_unknown(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    """Not asked in a shop that gave us no prices at all."""
    if item.must_be_priced and item.price is None:
        return Blocker("price-unknown", "Its price is not known.")
    return None


def no_longer_new(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    """Asked of new arrivals only. The last of the days still counts as new."""
    if not item.must_be_new:
        return None
    if item.age_days is None:
        return Blocker("no-longer-new", "Its arrival date is not known.")
    if not 0 <= item.age_days <= item.new_within:
        return Blocker("no-longer-new", f"Arrived more than {item.new_within} days ago.")
    return None


def other_gender(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    """Made for people for whom she never bought, though we know for whom she buys."""
    if item.gender and client.genders and item.gender not in client.genders:
        return Blocker("other-gender", f"Made for {item.gender}; never bought for {item.gender}.")
    return None


def not_for_me(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    """Her word acts at once, and for every size: `customers.feedback` has it."""
    if item.product_id in client.not_for_her:
        return Blocker("not-for-me", "Turned this one down.")
    return None


def ruled_out(item: ItemFacts, client: ClientFacts) -> Blocker | None:
    """A note of her associate says that she never wants such a thing; the oldest such note."""
    for rule in client.rules:
        if rule.speaks_against(item):
            return Blocker("ruled-out", rule.sentence)
    return None


def open_complaint(client: ClientFacts, now: datetime) -> Blocker | None:
    if client.open_case:
        return Blocker("open-complaint", "A complaint is still open: no selling today.")
    return None


def recent_complaint(client: ClientFacts, now: datetime) -> Blocker | None:
    """Quiet for 14 full days after a complaint was solved; the next moment is free again."""
    closed_at, quiet = client.last_case_closed_at, timedelta(days=QUIET_DAYS_AFTER_COMPLAINT)
    if closed_at and now - closed_at < quiet:
        return Blocker(
            "recent-complaint",
            f"A complaint was solved less than {QUIET_DAYS_AFTER_COMPLAINT} days ago.",
            closed_at + quiet,
        )
    return None


OBJECTIONS = {
    "already-owned": 1,
    "already-owned-twin": 2,
    "returned": 3,
    "trouble-product": 4,
    "trouble-brand": 5,
    "other-gender": 6,
    "out-of-stock": 7,
    "price-unknown": 8,
    "no-longer-new": 9,
    "not-for-me": 10,
    "ruled-out": 11,
}
"""The number of each item rule by its code, as it is stored: stable for ever."""

ItemRule = Callable[[ItemFacts, ClientFacts], Blocker | None]
SellingRule = Callable[[ClientFacts, datetime], Blocker | None]

ITEM_RULES: tuple[ItemRule, ...] = (
    already_owned,
    already_owned_twin,
    returned,
    trouble_product,
    trouble_brand,
    other_gender,
    out_of_stock,
    price_unknown,
    no_longer_new,
    not_for_me,
    ruled_out,
)
SELLING_RULES: Mapping[str, SellingRule] = {
    "open-complaint": open_complaint,
    "recent-complaint": recent_complaint,
}


def item_blockers(item: ItemFacts, client: ClientFacts) -> list[Blocker]:
    """Every reason against proposing this item to this client; empty when there is none."""
    return [blocker for rule in ITEM_RULES if (blocker := rule(item, client))]


def selling_blockers(client: ClientFacts, *, now: datetime) -> list[Blocker]:
    """Every reason against selling anything to this client now; empty when there is none."""
    return [blocker for rule in SELLING_RULES.values() if (blocker := rule(client, now))]
