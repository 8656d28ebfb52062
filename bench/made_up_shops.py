"""Three made-up shops with the structure of real ones, to learn on what no file shows.

How a shop comes about, in this order:

1. Items carry labels (kind, motif, brand, color ...). Each label has a place in a hidden space of
   `DIMENSIONS` styles; an item stands near the mean of its labels' places, with a noise of its own.
   So words and attributes tell part of an item's style, and only who buys it tells the rest.
2. Customers belong to `SEGMENTS` kinds of people, each with a center in the same space; every one
   has a taste of her own around it, a few labels she loves, a price she is used to, a rate of
   orders, a basket size, and a day from which she does not come back.
3. Time passes in weeks. Fashions move: the taste of each segment drifts, each label and each item
   has a wave of its own (first-order autoregressions), labels have seasons, and an item is wanted
   most in the weeks after its launch.
4. In each order the customer takes the items of largest utility among those on sale:

       keenness x <taste + drift, style> + loved labels - (price - her price)^2 x thrift
       + appeal + waves + season + burst after launch + what she owns + Gumbel noise

   which is choice by a multinomial logit without replacement (McFadden 1974; Gumbel top-k).
5. Some lines come back some days later as returns.

Everything follows from the seed; the three shops differ in the figures of `Nature` and in what the
descriptions disclose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from bench.shop_files import Shop
from customers.recommender.tokens import ItemDescription

DIMENSIONS, SEGMENTS = 8, 9
FIRST_DAY = date(2022, 1, 3).toordinal()
A_WEEK = 7
CROSSES_OVER = -5.0
"""What is added for the other department's clothes: now and then a present."""


@dataclass(frozen=True)
class Nature:
    """The figures that make a shop what it is. Utilities are in units of the choice noise.

    Memories are the share of a wave that is left after a week. `repeats` is added for an item she
    owns: above 0 where things are used up, below where one is enough.
    """

    weeks: int = 78
    keenness: float = 1.5
    own_taste: float = 0.7
    private_style: float = 0.5
    love: float = 1.5
    thrift: float = 0.5
    appeal: float = 1.0
    label_wave: float = 0.5
    item_wave: float = 0.7
    drift: float = 0.4
    memory: float = 0.8
    burst: float = 1.0
    burst_weeks: float = 4.0
    repeats: float = -3.0
    orders_a_year: float = 6.0
    stays_weeks: float = 60.0
    basket: float = 2.0
    wholesalers: float = 0.0
    returned: float = 0.05


@dataclass(frozen=True, eq=False)
class Range:
    """What is on offer: labels [items] by kind, days as weeks since the records begin.

    `season` [kind of label][label, 52] is added to the utility in that week of the year. Each
    customer belongs to one label of the kind `divided_by` and hardly ever buys of the others.
    """

    labels: Mapping[str, np.ndarray]
    launched: np.ndarray
    withdrawn: np.ndarray
    log_price: np.ndarray
    descriptions: tuple[ItemDescription, ...]
    season: Mapping[str, np.ndarray] = field(default_factory=dict)
    divided_by: str = ""

    def __len__(self) -> int:
        return len(self.launched)


@dataclass(frozen=True, eq=False)
class Crowd:
    """The customers: arrays [customers]; taste [.., DIMENSIONS], loves by kind [.., labels]."""

    segment: np.ndarray
    taste: np.ndarray
    loves: Mapping[str, np.ndarray]
    log_price: np.ndarray
    rate: np.ndarray
    basket: np.ndarray
    joined: np.ndarray
    leaves: np.ndarray
    wholesale: np.ndarray

    def __len__(self) -> int:
        return len(self.segment)


@dataclass(frozen=True, eq=False)
class Currents:
    """What moves with time: drift [weeks, SEGMENTS, DIMENSIONS], waves [weeks, items]."""

    drift: np.ndarray
    waves: np.ndarray


def gift_shop(*, seed: int = 11, n_customers: int = 6_000, n_items: int = 4_000) -> Shop:
    """Names, few categories and prices; thin customers and wholesalers; Christmas and gardens.

    Six in ten of those who ever bought are lapsed at any time, one line in ten comes back.
    """
    nature = Nature(
        weeks=104,
        basket=8.0,
        repeats=1.5,
        orders_a_year=4.5,
        stays_weeks=65.0,
        wholesalers=0.06,
        returned=0.1,
        keenness=1.8,
        love=1.2,
        appeal=0.7,
        label_wave=0.25,
        item_wave=0.5,
        drift=0.6,
        memory=0.92,
        burst=0.6,
    )
    chance = np.random.default_rng(seed)
    return open_shop(_gifts(n_items, nature, chance), n_customers, nature, chance)


def clothing_shop(*, seed: int = 12, n_customers: int = 5_000, n_items: int = 3_000) -> Shop:
    """Attributes lead and best sellers say little: brand, kind, color, gender, fit and pattern.

    A style comes in up to four colors; women and men hardly cross over; nobody needs two alike.
    """
    nature = Nature(
        weeks=78,
        keenness=1.2,
        love=2.8,
        private_style=0.1,
        appeal=0.4,
        label_wave=0.3,
        item_wave=0.3,
        drift=0.3,
        burst=0.7,
        thrift=1.0,
        returned=0.18,
        orders_a_year=3.5,
        stays_weeks=70.0,
    )
    chance = np.random.default_rng(seed)
    return open_shop(_clothes(n_items, nature, chance), n_customers, nature, chance)


def tiny_shop(*, seed: int = 13, n_customers: int = 200, n_items: int = 240) -> Shop:
    """Two hundred customers, one category, names that say nothing, no launch dates."""
    nature = Nature(weeks=60, basket=1.6, orders_a_year=9.0, stays_weeks=80.0, label_wave=0.3)
    chance = np.random.default_rng(seed)
    labels = {"scent": chance.integers(0, 8, n_items)}
    goods = Range(
        labels=labels,
        **_on_sale(n_items, nature, chance),
        log_price=3.0 + 0.3 * chance.normal(size=n_items),
        descriptions=tuple(
            ItemDescription(name=f"Candle No. {number}", category="Candles")
            for number in range(n_items)
        ),
    )
    return open_shop(goods, n_customers, nature, chance)


def open_shop(goods: Range, n_customers: int, nature: Nature, chance: np.random.Generator) -> Shop:
    """Lets the weeks pass and answers all that was sold and returned."""
    places = {kind: chance.normal(size=(1 + row.max(), DIMENSIONS)) for kind, row in _rows(goods)}
    style = _styles(goods, places, nature, chance)
    crowd = _crowd(goods, n_customers, nature, chance)
    currents = _currents(goods, nature, chance)
    owned = np.zeros((n_customers, len(goods)), dtype=bool)
    sold = [
        _sold_in(week, goods, style, crowd, currents, owned, nature, chance)
        for week in range(nature.weeks)
    ]
    customer, item, day, quantity = (np.concatenate(each) for each in zip(*sold, strict=True))
    lines = _with_returns(customer, item, day, quantity, nature, chance)
    return _shop(lines, goods, crowd, chance)


def _rows(goods: Range) -> list[tuple[str, np.ndarray]]:
    return list(goods.labels.items())


def _styles(
    goods: Range, places: Mapping[str, np.ndarray], nature: Nature, chance: np.random.Generator
) -> np.ndarray:
    """Each item's style [items, DIMENSIONS], of length about 1."""
    shared = np.mean([places[kind][labels] for kind, labels in _rows(goods)], axis=0)
    shared *= np.sqrt(len(places))
    own = chance.normal(size=shared.shape)
    mixed = np.sqrt(1 - nature.private_style) * shared + np.sqrt(nature.private_style) * own
    return mixed / np.sqrt(DIMENSIONS)


def _crowd(goods: Range, n: int, nature: Nature, chance: np.random.Generator) -> Crowd:
    """Customers with tastes around their segment's; wholesalers buy much, often and broadly."""
    segment = chance.choice(SEGMENTS, n, p=chance.dirichlet(np.full(SEGMENTS, 4.0)))
    centers = chance.normal(size=(SEGMENTS, DIMENSIONS))
    own = chance.normal(size=(n, DIMENSIONS))
    taste = np.sqrt(1 - nature.own_taste) * centers[segment] + np.sqrt(nature.own_taste) * own
    wholesale = chance.random(n) < nature.wholesalers
    joined = chance.integers(-40, nature.weeks - 4, n)
    stays = chance.exponential(nature.stays_weeks, n) * np.where(wholesale, 2, 1)
    rate = nature.orders_a_year / 52 * chance.gamma(1.2, 1 / 1.2, n) * np.where(wholesale, 2.5, 1)
    return Crowd(
        segment=segment,
        taste=taste * np.where(wholesale, 0.5, 1.0)[:, np.newaxis],
        loves=_loves(goods, n, nature, chance),
        log_price=goods.log_price.mean() + goods.log_price.std() * chance.normal(size=n),
        rate=rate,
        basket=1 + nature.basket * chance.gamma(1.5, 1 / 1.5, n) * np.where(wholesale, 6, 1),
        joined=np.maximum(joined, 0),
        leaves=joined + stays,
        wholesale=wholesale,
    )


def _loves(
    goods: Range, n: int, nature: Nature, chance: np.random.Generator
) -> dict[str, np.ndarray]:
    """What each customer adds for a label, by kind [customers, labels]: she loves about two."""
    added = {}
    for kind, labels in _rows(goods):
        count = 1 + int(labels.max())
        added[kind] = nature.love * (chance.random((n, count)) < min(0.25, 2 / count))
        if kind == goods.divided_by:
            hers = chance.choice(count, n, p=np.bincount(labels) / len(labels))
            added[kind] = np.where(np.arange(count) == hers[:, np.newaxis], 0.0, CROSSES_OVER)
    return added


def _currents(goods: Range, nature: Nature, chance: np.random.Generator) -> Currents:
    """Drifting tastes, waves of labels and of single items, and the seasons."""
    weeks = nature.weeks
    waves = nature.appeal * chance.normal(size=len(goods))
    waves = waves + nature.item_wave * _wandering((weeks, len(goods)), nature.memory, chance)
    for kind, labels in _rows(goods):
        wave = _wandering((weeks, 1 + int(labels.max())), 0.9, chance)
        waves += nature.label_wave * wave[:, labels]
        if kind in goods.season:
            waves += goods.season[kind].T[np.arange(weeks) % 52][:, labels]
    drift = nature.drift * _wandering((weeks, SEGMENTS, DIMENSIONS), nature.memory, chance)
    return Currents(drift, waves)


def _wandering(shape: tuple[int, ...], memory: float, chance: np.random.Generator) -> np.ndarray:
    """A first-order autoregression over the first axis, of standard deviation 1 at all times."""
    values = chance.normal(size=shape)
    for step in range(1, shape[0]):
        values[step] = memory * values[step - 1] + np.sqrt(1 - memory**2) * values[step]
    return values


def _sold_in(
    week: int,
    goods: Range,
    style: np.ndarray,
    crowd: Crowd,
    currents: Currents,
    owned: np.ndarray,
    nature: Nature,
    chance: np.random.Generator,
) -> tuple[np.ndarray, ...]:
    """The sales of a week as customer, item, day, quantity; `owned` takes note of them."""
    on_sale = np.flatnonzero((goods.launched <= week) & (goods.withdrawn > week))
    here = (crowd.joined <= week) & (crowd.leaves > week)
    busy = 1 + (0.8 if goods.season else 0.2) * (week % 52 in range(38, 50))
    comes = (chance.random(len(crowd)) < crowd.rate * busy) & here
    who = np.flatnonzero(comes | (crowd.joined == week))
    taste = crowd.taste[who] + currents.drift[week, crowd.segment[who]]
    utility = nature.keenness * taste @ style[on_sale].T
    for kind, labels in _rows(goods):
        utility += crowd.loves[kind][who][:, labels[on_sale]]
    gap = goods.log_price[on_sale] - crowd.log_price[who, np.newaxis]
    utility -= nature.thrift * (gap / goods.log_price.std()) ** 2
    age = np.maximum(week - goods.launched[on_sale], 0)
    utility += currents.waves[week, on_sale] + nature.burst * np.exp(-age / nature.burst_weeks)
    utility += nature.repeats * owned[np.ix_(who, on_sale)]
    utility += chance.gumbel(size=utility.shape)
    size = np.minimum(1 + chance.poisson(crowd.basket[who] - 1), len(on_sale))
    order = np.argsort(-utility, axis=1)[:, : int(size.max(initial=0))]
    row, place = np.nonzero(np.arange(order.shape[1]) < size[:, np.newaxis])
    customer, item = who[row], on_sale[order[row, place]]
    owned[customer, item] = True
    day = A_WEEK * week + chance.integers(0, A_WEEK, len(who))[row]
    dozens = crowd.wholesale[customer] * chance.poisson(10, len(customer))
    return customer, item, day, 1 + chance.poisson(0.3, len(customer)) + dozens


def _with_returns(
    customer: np.ndarray,
    item: np.ndarray,
    day: np.ndarray,
    quantity: np.ndarray,
    nature: Nature,
    chance: np.random.Generator,
) -> tuple[np.ndarray, ...]:
    """The lines with those that come back: more from some customers than from others."""
    leaning = chance.gamma(0.7, 1 / 0.7, int(customer.max()) + 1)
    back = chance.random(len(customer)) < np.minimum(nature.returned * leaning[customer], 0.6)
    later = day[back] + chance.integers(1, 21, int(back.sum()))
    lines = (
        np.concatenate([customer, customer[back]]),
        np.concatenate([item, item[back]]),
        np.concatenate([day, later]),
        np.concatenate([quantity, -quantity[back]]),
    )
    order = np.argsort(lines[2], kind="stable")
    return tuple(values[order] for values in lines)


def _shop(
    lines: tuple[np.ndarray, ...], goods: Range, crowd: Crowd, chance: np.random.Generator
) -> Shop:
    """City and store follow the segment half of the time."""
    customer, item, day, quantity = lines
    at_random = chance.integers(0, 6, len(crowd))
    city = np.where(chance.random(len(crowd)) < 0.5, crowd.segment % 6, at_random)
    return Shop(
        customer=customer,
        item=item,
        ordinal=FIRST_DAY + day,
        quantity=quantity,
        paid=np.exp(goods.log_price)[item].round(2),
        n_customers=len(crowd),
        city=city,
        store=city % 3,
        descriptions=goods.descriptions,
    )


def _on_sale(n: int, nature: Nature, chance: np.random.Generator) -> dict[str, np.ndarray]:
    """A third is there from the start; the others come in monthly waves and stay some months."""
    old = chance.random(n) < 0.3
    month = 4 * chance.integers(0, nature.weeks // 4 + 1, n) + chance.integers(0, 3, n)
    launched = np.where(old, -chance.integers(0, 52, n), month)
    return {"launched": launched, "withdrawn": launched + 12 + chance.exponential(45, n)}


def _skewed(n: int, count: int, chance: np.random.Generator) -> np.ndarray:
    """Labels 0..count-1 for n items, the first far more often than the last (Zipf)."""
    odds = 1 / (2 + np.arange(count))
    return chance.choice(count, n, p=odds / odds.sum())


_MOTIFS = (
    "Retrospot Paisley Gingham Toadstool Strawberry Owl Union-Jack Polkadot Heart Butterfly "
    "Robin Dolly Regency Alphabet Circus Woodland Rose Skull Zinc Enamel Wicker Ivory Lace "
    "Botanical Nautical Star Feather Chalk Cherry Bird Elephant Rocket Crochet Mirror Willow"
)
MOTIFS = _MOTIFS.split()
_OBJECTS = {
    "Kitchen": "mug teapot apron cutlery jar tin plate bowl cakestand coaster tray napkin",
    "Garden": "planter lantern thermometer kneeler bucket trellis birdhouse",
    "Christmas": "bauble garland stocking wreath crackers snowglobe reindeer",
    "Stationery": "notebook card wrap ribbon stickers pencils folder",
    "Lighting": "candle holder t-light lamp string-lights",
    "Bags": "lunchbag shopper jumbo-bag purse backpack",
    "Home": "frame clock cushion doorstop hook drawer-knob sign wall-art box",
    "Toys": "skittles puzzle dollhouse spinning-top bunting playhouse",
}
OBJECTS = {category: things.split() for category, things in _OBJECTS.items()}
_QUALIFIERS = "Vintage Small Large Pink Blue Red Green Set Mini Hanging Antique Folding"
QUALIFIERS = _QUALIFIERS.split()


def _gifts(n: int, nature: Nature, chance: np.random.Generator) -> Range:
    """Names such as "Vintage Retrospot cakestand"; the object alone decides the category."""
    objects = [(thing, category) for category, things in OBJECTS.items() for thing in things]
    shuffled = [objects[place] for place in chance.permutation(len(objects))]
    labels = {
        "object": _skewed(n, len(objects), chance),
        "motif": _skewed(n, len(MOTIFS), chance),
        "qualifier": _skewed(n, len(QUALIFIERS), chance),
    }
    of_object = 1.2 + 0.6 * chance.normal(size=len(objects))
    return Range(
        labels=labels,
        **_on_sale(n, nature, chance),
        log_price=of_object[labels["object"]] + 0.3 * chance.normal(size=n),
        descriptions=tuple(
            _gift(*shuffled[thing], MOTIFS[motif], QUALIFIERS[qualifier])
            for thing, motif, qualifier in zip(*labels.values(), strict=True)
        ),
        season={"object": np.array([_season_of(category) for _, category in shuffled])},
    )


def _gift(thing: str, category: str, motif: str, qualifier: str) -> ItemDescription:
    return ItemDescription(name=f"{qualifier} {motif} {thing}", category=category)


def _season_of(category: str) -> np.ndarray:
    """What is added to the utility in each week of the year [52]."""
    weeks = np.arange(52)
    if category == "Christmas":
        return np.interp(weeks, [32, 40, 49, 51], [-2.5, 0.8, 0.8, -2.5])
    if category == "Garden":
        return 1.2 * np.cos(2 * np.pi * (weeks - 22) / 52)
    return np.zeros(52)


KINDS = {
    "Shirts": ("linen shirt", "oxford shirt", "flannel shirt", "blouse"),
    "Knitwear": ("cardigan", "roll-neck", "jumper", "vest"),
    "Trousers": ("chinos", "jeans", "joggers", "culottes"),
    "Dresses": ("wrap dress", "shirt dress", "slip dress"),
    "Outerwear": ("parka", "trench coat", "blazer", "rain jacket"),
    "Shoes": ("loafer", "trainer", "ankle boot", "sandal"),
    "Accessories": ("scarf", "belt", "beanie", "tote"),
}
_BRANDS = "Marlow Palmer Ashby Lind Okafor Vogel Moreau Castell Hart Sorrel Finch Arden"
BRANDS = _BRANDS.split()
_COLORS = "black navy white beige grey olive burgundy blue green pink mustard rust"
COLORS = _COLORS.split()
PATTERNS = ["plain", "striped", "checked", "floral", "dotted"]
FITS = ["regular", "slim", "relaxed", "oversized"]
_STYLE_NAMES = "Anna Bruno Clara Dario Elsa Felix Greta Hugo Ines Jonas Klara Leo Mira"
STYLE_NAMES = _STYLE_NAMES.split()
GENDERS = ("women", "men")


def _clothes(n: int, nature: Nature, chance: np.random.Generator) -> Range:
    """Styles of one to four colors each; the colors of a style arrive together."""
    style = np.sort(chance.integers(0, n // 2, n))
    kinds = [(kind, category) for category, names in KINDS.items() for kind in names]
    of_style = {
        "kind": _skewed(n, len(kinds), chance),
        "brand": _skewed(n, len(BRANDS), chance),
        "pattern": _skewed(n, len(PATTERNS), chance),
        "fit": _skewed(n, len(FITS), chance),
        "gender": (chance.random(n) < 0.35).astype(int),
    }
    labels = {kind: values[style] for kind, values in of_style.items()}
    labels["color"] = _skewed(n, len(COLORS), chance)
    on_sale = {name: days[style] for name, days in _on_sale(n, nature, chance).items()}
    level = 0.4 * chance.normal(size=len(BRANDS)), 0.4 * chance.normal(size=len(kinds))
    return Range(
        labels=labels,
        **on_sale,
        log_price=4.0 + level[0][labels["brand"]] + level[1][labels["kind"]],
        descriptions=tuple(
            _garment(int(style[place]), kinds, {kind: row[place] for kind, row in labels.items()})
            for place in range(n)
        ),
        divided_by="gender",
    )


def _garment(style: int, kinds: list[tuple[str, str]], label: Mapping[str, int]) -> ItemDescription:
    kind, category = kinds[label["kind"]]
    color = COLORS[label["color"]]
    return ItemDescription(
        name=f"{STYLE_NAMES[style % len(STYLE_NAMES)]} {kind} {color}",
        brand=BRANDS[label["brand"]],
        category=category,
        subcategory=kind,
        color=color,
        gender=GENDERS[label["gender"]],
        attributes={"pattern": PATTERNS[label["pattern"]], "fit": FITS[label["fit"]]},
    )
