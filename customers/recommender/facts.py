"""What the engine is told: plain numbered facts as of one moment, and its settings.

Customers and items are numbered from 0 by the caller. Days are counted back from the moment
the facts are known as of: 0 is that day, 30 is thirty days earlier. Nothing here may know what
happened later, so a negative day is refused instead of being used by accident.
"""

from dataclasses import dataclass, field

import numpy as np

from customers.recommender.arrays import Floats, Integers, integers
from customers.recommender.signals import BEST_SELLER_RANK, SELLING_DAYS, SIMILAR_DAYS
from customers.recommender.tokens import Tokens

UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class Interactions:
    """Lines of sales and returns, as four parallel int32 arrays [lines], in any order.

    `day` is days before the moment (0 or more); `quantity` is in units, negative for a return.
    Raises ValueError when the arrays differ in length or a line lies in the future.
    """

    customer: Integers
    item: Integers
    day: Integers
    quantity: Integers

    def __post_init__(self) -> None:
        for name in ("customer", "item", "day", "quantity"):
            object.__setattr__(self, name, integers(getattr(self, name)))
        lengths = {len(self.customer), len(self.item), len(self.day), len(self.quantity)}
        if len(lengths) > 1:
            raise ValueError(f"interactions: arrays of different lengths {sorted(lengths)}")
        future = np.flatnonzero(self.day < 0)
        if len(future):
            line = int(future[0])
            raise ValueError(
                f"interactions: day {self.day[line]} of line {line} (customer "
                f"{self.customer[line]}, item {self.item[line]}) lies after the moment as of which "
                "the facts are known"
            )

    def __len__(self) -> int:
        return len(self.customer)

    def check_bounds(self, *, n_customers: int, n_items: int) -> None:
        """Raises ValueError naming the first index that is not a known customer or item."""
        check_indices(self.customer, below=n_customers, what="interactions: customer")
        check_indices(self.item, below=n_items, what="interactions: item")


@dataclass(frozen=True, eq=False)
class Items:
    """The catalog, one entry per style.

    `launched`: days before the moment [n_items], NaN when unknown. `price`: in the shop's
    currency [n_items], NaN when unknown. `tokens`: what each item is, in words (see `tokens`).
    """

    launched: Floats
    price: Floats
    tokens: Tokens

    def __post_init__(self) -> None:
        for name in ("launched", "price"):
            values = np.asarray(getattr(self, name), dtype=np.float32).reshape(-1)
            object.__setattr__(self, name, values)
            if len(values) != self.n_items:
                raise ValueError(f"items: {len(values)} values of {name} for {self.n_items} items")

    @property
    def n_items(self) -> int:
        return self.tokens.n_items


@dataclass(frozen=True, eq=False)
class People:
    """The customers: parallel int32 arrays [n_customers], -1 where unknown.

    Cities, stores and age bands are numbered by the caller; the engine only compares them.
    """

    city: Integers
    store: Integers
    age_band: Integers

    def __post_init__(self) -> None:
        for name in ("city", "store", "age_band"):
            object.__setattr__(self, name, integers(getattr(self, name)))
            if len(getattr(self, name)) != self.n_customers:
                raise ValueError(f"people: {name} is not as long as city ({self.n_customers})")

    @property
    def n_customers(self) -> int:
        return len(self.city)

    @classmethod
    def unknown(cls, n_customers: int) -> "People":
        """That many customers of whom nothing but their purchases is known."""
        nobody = np.full(n_customers, UNKNOWN, dtype=np.int32)
        return cls(city=nobody, store=nobody, age_band=nobody)


@dataclass(frozen=True)
class Weights:
    """How much each signal counts, per standard deviation within one customer's candidates.

    A weight of 0 switches its signal off and saves its time. The values are a compromise between
    kinds of shop rather than the best for any one: see `bench/recommender_quality.py`.
    """

    similar_customers: float = 0.5
    nearest_owned: float = 0.4
    profile: float = 0.35
    taste_and_demand: float = 0.5
    popularity: float = 0.5
    city: float = 0.15
    store: float = 0.15
    age_band: float = 0.1
    category: float = 0.25
    brand: float = 0.2
    price: float = 0.15


@dataclass(frozen=True)
class Config:
    """Settings of one run. Windows and half-lives are in days."""

    weights: Weights = field(default_factory=Weights)
    neighbours: int = 200
    neighbour_pool: int = 20_000
    neighbour_window: int = SIMILAR_DAYS
    neighbour_half_life: float = 7.0
    history_half_life: float = 180.0
    max_items_per_customer: int = 300
    returned_weight: float = 0.3
    demand_window: int = 30
    best_seller_window: int = SELLING_DAYS
    best_seller_rank: int = BEST_SELLER_RANK
    local_prior: float = 20.0
    near_items_kept: int = 50
    largest_deviation: float = 12.0
    rerank_pool: int = 30
    category_penalty: float = 0.1
    seed: int = 20_250_101

    def __post_init__(self) -> None:
        for name in ("neighbours", "neighbour_pool", "max_items_per_customer", "rerank_pool"):
            if getattr(self, name) < 1:
                raise ValueError(f"config: {name} must be at least 1")
        for name in ("neighbour_half_life", "history_half_life"):
            if getattr(self, name) <= 0:
                raise ValueError(f"config: {name} must be more than 0 days")


def check_indices(values: Integers, *, below: int, what: str) -> None:
    """Raises ValueError naming the first value that is not in 0..below-1."""
    wrong = np.flatnonzero((values < 0) | (values >= below))
    if len(wrong):
        raise ValueError(f"{what} {values[wrong[0]]} is not one of the {below} known")
