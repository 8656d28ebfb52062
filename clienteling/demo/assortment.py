"""Six hundred styles launched over three years, in sizes, stocked in three stores."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import numpy as np
from numpy.typing import NDArray

from catalog.models import Brand, Category, Product, StockLevel, Variant
from clienteling.defaults import NEW_ARRIVAL_DAYS
from clienteling.demo import copying
from clienteling.demo.factories import (
    BrandFactory,
    CategoryFactory,
    ProductFactory,
    VariantFactory,
)
from clienteling.demo.wares import (
    BRANDS,
    CLOTHING_SIZES,
    COLORS,
    MEN_SHOE_SIZES,
    NEW_NAMES,
    ONE_SIZE,
    SILHOUETTES,
    WOMEN_HALF_SIZES,
    WOMEN_SHOE_SIZES,
    Model,
    Season,
    Silhouette,
    models_of,
)
from clienteling.models import Store

DAYS = 1095  # three years
MODELS_PER_SILHOUETTE = 24
STYLES_PER_SILHOUETTE = 50
ARRIVALS_ALL_YEAR, ARRIVALS_IN_SEASON, ARRIVALS_OFF_SEASON = 7, 6, 2
OFF_SEASON_SHARE = 0.15
UNISEX_SHARE = 0.4
FRESH_DAYS = 110  # the pull of a new thing fades at this pace
SELLS_FOR_DAYS = 480
# This week's deliveries, by silhouette: its first model, the color and the days since. They have
# come in full and sell well.
DELIVERIES = {"loafer": ("cognac", 9), "heel": ("bordeaux", 6), "boot": ("chocolate", 12)}
DELIVERY_APPEAL, APPEAL_SPREAD = 2.0, 0.35
SUBCATEGORIES = [silhouette.subcategory for silhouette in SILHOUETTES]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Design:
    """A model in one colour, before it has a date."""

    silhouette: Silhouette
    model: Model
    color: str
    number: int
    is_new: bool

    @property
    def is_delivery(self) -> bool:
        """Whether it is one of this week's."""
        first = models_of(self.silhouette)[0].name
        return self.silhouette.name in DELIVERIES and self.is_new and self.model.name == first


@dataclass(frozen=True)
class Assortment:
    """The products, and the same facts as arrays [products] for choosing among them quickly."""

    products: list[Product]
    variants: list[list[Variant]]
    model: Integers
    subcategory: Integers
    color: Integers
    brand: Integers
    price: Floats
    launched: Integers  # days before the demo's today
    appeal: Floats
    for_women: Floats
    for_men: Floats
    _pull_on: dict[int, Floats] = field(default_factory=dict)

    def pull(self, days_ago: int) -> Floats:
        """How strongly each product sells on that day; 0 before its launch and after its time."""
        if days_ago not in self._pull_on:
            age = self.launched - days_ago
            fresh = np.exp(-age / FRESH_DAYS) + 0.03
            self._pull_on[days_ago] = np.where((age >= 0) & (age < SELLS_FOR_DAYS), fresh, 0.0)
        return self._pull_on[days_ago]

    def is_new(self, days_ago: int) -> Floats:
        """1 for what was a new arrival on that day, else 0."""
        age = self.launched - days_ago
        return ((age >= 0) & (age <= NEW_ARRIVAL_DAYS)).astype(np.float64)


def choose(weights: Floats, random: Random) -> int | None:
    """An index drawn by weight; None when nothing has any."""
    steps = np.cumsum(weights)
    if not steps[-1] > 0:
        return None
    return int(np.searchsorted(steps, random.random() * steps[-1], side="right"))


def stock_the_shelves(stores: Iterable[Store], *, today: date, random: Random) -> Assortment:
    """Store brands, categories, products, variants and stock levels."""
    designs = list(_designs(random, month=today.month))
    ages = [_age(design, today=today, random=random) for design in designs]
    brands = {name: BrandFactory.build(name=name) for name in BRANDS}
    categories = {
        name: CategoryFactory.build(name=name)
        for name in sorted({silhouette.category for silhouette in SILHOUETTES})
    }
    copying.store(brands.values())
    copying.store(categories.values())
    products = [
        _product(design, brands, categories, launched_on=today - timedelta(days=age))
        for design, age in zip(designs, ages, strict=True)
    ]
    copying.store(products)
    variants = [
        _variants(product, design, random)
        for product, design in zip(products, designs, strict=True)
    ]
    copying.store(variant for sizes in variants for variant in sizes)
    copying.store_plain(
        StockLevel,
        ("variant_id", "store_id", "quantity"),
        _stock(designs, variants, ages, list(stores), random),
    )
    return _assortment(designs, products, variants, ages, random)


def _designs(random: Random, *, month: int) -> Iterable[Design]:
    number = 1000
    for silhouette in SILHOUETTES:
        arrivals = _arrivals(silhouette.season, month)
        for model, color, is_new in _palette(silhouette, arrivals, random):
            number += 1
            yield Design(silhouette, model, color, number, is_new)


def _arrivals(season: Season, month: int) -> int:
    if season is Season.ALL_YEAR:
        return ARRIVALS_ALL_YEAR
    return ARRIVALS_IN_SEASON if month in season.value else ARRIVALS_OFF_SEASON


def _palette(
    silhouette: Silhouette, arrivals: int, random: Random
) -> Iterable[tuple[Model, str, bool]]:
    """Every new arrival is a new model in one color; the others came in several."""
    models = _models(silhouette, random)
    for model in models[:arrivals]:
        delivered = silhouette.name in DELIVERIES and model is models[0]
        yield model, DELIVERIES[silhouette.name][0] if delivered else random.choice(COLORS), True
    earlier = [(model, color) for model in models[arrivals:] for color in COLORS]
    one_each = [(model, random.choice(COLORS)) for model in models[arrivals:]]
    others = [pair for pair in earlier if pair not in one_each]
    more = random.sample(others, STYLES_PER_SILHOUETTE - arrivals - len(one_each))
    for model, color in sorted(one_each + more, key=lambda pair: pair[0].name):
        yield model, color, False


def _models(silhouette: Silhouette, random: Random) -> list[Model]:
    shapes = models_of(silhouette)
    names = random.sample(NEW_NAMES, MODELS_PER_SILHOUETTE - len(shapes))
    others = shapes[1:] + [random.choice(shapes).renamed(name) for name in names]
    random.shuffle(others)
    if silhouette.name in DELIVERIES:
        return [shapes[0], *others]
    return [*others, shapes[0]]


def _age(design: Design, *, today: date, random: Random) -> int:
    """Days since its launch."""
    if design.is_delivery:
        return DELIVERIES[design.silhouette.name][1]
    if design.is_new:
        return random.randint(2, NEW_ARRIVAL_DAYS - 2)
    return _earlier_launch(design.silhouette.season, today=today, random=random)


def _earlier_launch(season: Season, *, today: date, random: Random) -> int:
    while True:
        age = random.randint(NEW_ARRIVAL_DAYS + 1, DAYS - 1)
        in_season = (today - timedelta(days=age)).month in season.value
        if in_season or random.random() < OFF_SEASON_SHARE:
            return age


def _product(
    design: Design,
    brands: dict[str, Brand],
    categories: dict[str, Category],
    *,
    launched_on: date,
) -> Product:
    silhouette, model = design.silhouette, design.model
    return ProductFactory.build(
        style=f"{silhouette.name[:2].upper()}-{design.number}-{design.color[:3].upper()}",
        name=model.name,
        brand=brands[model.brand],
        category=categories[silhouette.category],
        subcategory=silhouette.subcategory,
        color=design.color.capitalize(),
        gender=model.gender,
        price=Decimal(model.price),
        launched_on=launched_on,
        attributes=_attributes(model, launched_on),
        image=f"pictures/{silhouette.name}-{design.color}.svg",
    )


def _attributes(model: Model, launched_on: date) -> dict[str, str | int]:
    part = "Spring/summer" if launched_on.month in range(2, 8) else "Autumn/winter"
    attributes: dict[str, str | int] = {
        "material": model.material,
        "season": f"{part} {launched_on.year}",
    }
    if model.heel_mm is not None:
        attributes["heel_mm"] = model.heel_mm
    return attributes


def _variants(product: Product, design: Design, random: Random) -> list[Variant]:
    sizes = _sizes(design, with_halves=random.random() < 0.4)
    return [VariantFactory.build(product=product, size=size) for size in sizes]


def _sizes(design: Design, *, with_halves: bool) -> tuple[str, ...]:
    if design.silhouette.category == "Clothing":
        return CLOTHING_SIZES
    if design.silhouette.category != "Shoes":
        return (ONE_SIZE,)
    if design.model.gender == "men":
        return MEN_SHOE_SIZES
    halves = WOMEN_HALF_SIZES if with_halves else ()
    return tuple(sorted(WOMEN_SHOE_SIZES + halves, key=float))


def _stock(
    designs: list[Design],
    variants: list[list[Variant]],
    ages: list[int],
    stores: list[Store],
    random: Random,
) -> Iterable[tuple[int, int, int]]:
    """Variant, store and pieces."""
    for design, sizes, age in zip(designs, variants, ages, strict=True):
        for variant in sizes:
            for store in stores:
                pieces = _pieces(age, len(sizes) == 1, random)
                yield variant.pk, store.pk, max(pieces, 1) if design.is_delivery else pieces


def _pieces(age: int, is_one_size: bool, random: Random) -> int:
    """New sizes are mostly there; after two seasons only single pieces are left."""
    if age <= NEW_ARRIVAL_DAYS:
        sold_out, most = 0.14, 4
    elif age <= SELLS_FOR_DAYS:
        sold_out, most = 0.42, 3
    else:
        sold_out, most = 0.9, 1
    if random.random() < sold_out:
        return 0
    return random.randint(1, most * (3 if is_one_size else 1))


def _suits(wanted: str, gender: str) -> float:
    """What is made for everybody is bought by both, and less by each."""
    return 1.0 if gender == wanted else UNISEX_SHARE if gender == "unisex" else 0.0


def _appeal(design: Design, random: Random) -> float:
    """How well it sells to anybody; a few things do much better than most."""
    return DELIVERY_APPEAL if design.is_delivery else random.lognormvariate(0.0, APPEAL_SPREAD)


def _assortment(
    designs: list[Design],
    products: list[Product],
    variants: list[list[Variant]],
    ages: list[int],
    random: Random,
) -> Assortment:
    genders = [design.model.gender for design in designs]
    models = [(design.silhouette.name, design.model.name) for design in designs]
    return Assortment(
        products=products,
        variants=variants,
        model=np.array([models.index(model) for model in models]),
        subcategory=np.array([SILHOUETTES.index(design.silhouette) for design in designs]),
        color=np.array([COLORS.index(design.color) for design in designs]),
        brand=np.array([BRANDS.index(design.model.brand) for design in designs]),
        price=np.array([float(design.model.price) for design in designs]),
        launched=np.array(ages),
        appeal=np.array([_appeal(design, random) for design in designs]),
        for_women=np.array([_suits("women", gender) for gender in genders]),
        for_men=np.array([_suits("men", gender) for gender in genders]),
    )
