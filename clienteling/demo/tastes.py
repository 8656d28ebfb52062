"""What people like: a handful of kinds of taste, and each client's own shade of one.

The recommender has something true to find only because the same tastes choose old and new things.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log
from random import Random

import numpy as np

from clienteling.demo.assortment import SUBCATEGORIES, Assortment, Floats
from clienteling.demo.wares import BRANDS, COLORS

INDIFFERENT = 0.04  # how readily something outside her taste is bought
PRICE_TOLERANCE = 0.55  # on a logarithmic scale: half to double is within reach


@dataclass(frozen=True)
class Kind:
    """A kind of taste, favourites first."""

    subcategories: tuple[str, ...]
    colors: tuple[str, ...]
    brands: tuple[str, ...]
    price: int
    for_women: bool
    share: int


@dataclass(frozen=True)
class Taste:
    """One client's liking for each subcategory, colour and brand, and the price she is used to."""

    subcategories: Floats
    colors: Floats
    brands: Floats
    log_price: float
    is_woman: bool

    def liking(self, assortment: Assortment) -> Floats:
        """Weights [products], whatever the day."""
        price = np.exp(-(((np.log(assortment.price) - self.log_price) / PRICE_TOLERANCE) ** 2))
        suits = assortment.for_women if self.is_woman else assortment.for_men
        return (
            self.subcategories[assortment.subcategory]
            * self.colors[assortment.color]
            * self.brands[assortment.brand]
            * price
            * assortment.appeal
            * suits
        )


KINDS = (
    Kind(
        ("Loafers", "Boots", "Coats", "Totes"),
        ("cognac", "chocolate", "bordeaux", "black"),
        ("Fenn & Alder", "Halden Row", "Sabine Cortes"),
        300,
        for_women=True,
        share=14,
    ),
    Kind(
        ("Heels", "Dresses", "Crossbody bags"),
        ("black", "bordeaux", "ink", "blush"),
        ("Sabine Cortes", "Maren Holt", "Corvane", "Quillon"),
        430,
        for_women=True,
        share=13,
    ),
    Kind(
        ("Sneakers", "Knitwear", "Totes"),
        ("ivory", "sand", "grey", "navy"),
        ("Pell & Wren", "Oake", "Linnea Skog"),
        180,
        for_women=True,
        share=13,
    ),
    Kind(
        ("Sandals", "Dresses", "Flats"),
        ("ivory", "blush", "sage", "mustard"),
        ("Pell & Wren", "Tamsin Rook", "Oake"),
        185,
        for_women=True,
        share=11,
    ),
    Kind(
        ("Totes", "Crossbody bags", "Scarves"),
        ("cognac", "forest", "black", "sand"),
        ("Quillon", "Fenn & Alder", "Maren Holt"),
        480,
        for_women=True,
        share=9,
    ),
    Kind(
        ("Flats", "Loafers", "Knitwear", "Scarves"),
        ("navy", "slate", "ivory", "sage"),
        ("Linnea Skog", "Halden Row", "Fenn & Alder"),
        230,
        for_women=True,
        share=10,
    ),
    Kind(
        ("Loafers", "Boots", "Coats"),
        ("chocolate", "black", "cognac", "ink"),
        ("Bruno Valdi", "Halden Row", "Ardmore Mill"),
        420,
        for_women=False,
        share=14,
    ),
    Kind(
        ("Sneakers", "Knitwear", "Scarves"),
        ("navy", "grey", "forest", "ivory"),
        ("Oake", "Halden Row", "Pell & Wren", "Ardmore Mill"),
        190,
        for_women=False,
        share=16,
    ),
)


def kinds_for(*, women: bool) -> Sequence[Kind]:
    """The kinds a woman's or a man's taste is drawn from."""
    return [kind for kind in KINDS if kind.for_women is women]


def draw(*, is_woman: bool, random: Random) -> Taste:
    """A taste of her own: two or three of her kind's favourites and one surprise."""
    kinds = kinds_for(women=is_woman)
    kind = random.choices(kinds, [kind.share for kind in kinds])[0]
    return taste(
        subcategories=[*_some(kind.subcategories, random), random.choice(SUBCATEGORIES)],
        colors=[*_some(kind.colors, random), random.choice(COLORS)],
        brands=[*_some(kind.brands, random), random.choice(BRANDS)],
        price=round(kind.price * exp(random.gauss(0, 0.25))),
        is_woman=is_woman,
    )


def taste(
    *,
    subcategories: Iterable[str],
    colors: Iterable[str],
    brands: Iterable[str],
    price: int,
    is_woman: bool,
) -> Taste:
    """A taste from its favourites, the dearest first."""
    return Taste(
        subcategories=_likings(SUBCATEGORIES, subcategories),
        colors=_likings(COLORS, colors),
        brands=_likings(BRANDS, brands),
        log_price=log(price),
        is_woman=is_woman,
    )


def _some(favourites: Sequence[str], random: Random) -> list[str]:
    return random.sample(favourites, min(len(favourites), random.choice((2, 3))))


def _likings(everything: Sequence[str], favourites: Iterable[str]) -> Floats:
    likings = np.full(len(everything), INDIFFERENT)
    for place, favourite in enumerate(favourites):
        number = everything.index(favourite)
        likings[number] = max(likings[number], 1.0 / (1 + place))
    return likings
