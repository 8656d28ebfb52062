"""What the engine is told: plain numbered facts as of one moment, and its settings.

Customers and items are numbered from 0 by the caller. Days are counted back from the moment
the facts are known as of: 0 is that day, 30 is thirty days earlier. Nothing here may know what
happened later, so a negative day is refused instead of being used by accident.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Floats, Integers, Sparse, integers
from customers.recommender.tokens import Tokens

UNKNOWN = -1

Whole: TypeAlias = npt.NDArray[np.integer[Any]]
"""Whole numbers of any width."""


@dataclass(frozen=True, eq=False)
class Interactions:
    """Lines of sales and returns, as four parallel integer arrays [lines], in any order.

    Lines that come customer by customer save a sort; `customer` and `item` become int32.

    `day` is days before the moment (0 or more); `quantity` is in units, negative for a return.
    Raises ValueError when the arrays differ in length or a line lies in the future.
    """

    customer: Integers
    item: Integers
    day: Whole
    quantity: Whole

    def __post_init__(self) -> None:
        for name in ("customer", "item"):
            object.__setattr__(self, name, integers(getattr(self, name)))
        for name in ("day", "quantity"):
            object.__setattr__(self, name, np.asarray(getattr(self, name)).reshape(-1))
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

    def as_of(self, days: int) -> "Interactions":
        """The lines as they were known `days` days earlier, counted from that day."""
        known = self.day >= days
        return Interactions(
            self.customer[known], self.item[known], self.day[known] - days, self.quantity[known]
        )

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

    @cached_property
    def space(self) -> Sparse:
        """Items as unit vectors of weighted TF-IDF [n_items, n_tokens]."""
        return self.tokens.space()

    def as_of(self, days: int) -> "Items":
        """The same catalog as it was known `days` days earlier: launches counted from then."""
        earlier = replace(self, launched=self.launched - np.float32(days))
        earlier.__dict__["space"] = self.space
        return earlier


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


@dataclass(frozen=True, eq=False)
class Opinions:
    """What customers said of items, as parallel arrays [opinions]; the caller weighs the words.

    `weight` is added to the score of the item itself, and times their likeness to that of items
    like it, in units of log odds.
    """

    customer: Integers
    item: Integers
    weight: Floats

    def __post_init__(self) -> None:
        for name in ("customer", "item"):
            object.__setattr__(self, name, integers(getattr(self, name)))
        object.__setattr__(self, "weight", np.asarray(self.weight, dtype=np.float32).reshape(-1))

    def check_bounds(self, *, n_customers: int, n_items: int) -> None:
        """Raises ValueError naming the first index that is not a known customer or item."""
        check_indices(self.customer, below=n_customers, what="opinions: customer")
        check_indices(self.item, below=n_items, what="opinions: item")

    @classmethod
    def none(cls) -> "Opinions":
        """Nobody said anything."""
        return cls(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))


@dataclass(frozen=True)
class Config:
    """Settings of one run. Windows and half-lives are in days.

    `least_exposure` is the share of an equal share of the first places that every candidate is
    owed (see `exposure`).
    """

    neighbours: int = 200
    neighbour_pool: int = 20_000
    neighbour_half_life: float = 7.0
    history_half_life: float = 180.0
    max_items_per_customer: int = 300
    local_prior: float = 20.0
    pool: int = 64
    category_penalty: float = 0.1
    least_exposure: float = 0.15
    seed: int = 20_250_101

    def __post_init__(self) -> None:
        for name in ("neighbours", "neighbour_pool", "max_items_per_customer", "pool"):
            if getattr(self, name) < 1:
                raise ValueError(f"config: {name} must be at least 1")
        for name in ("neighbour_half_life", "history_half_life", "local_prior"):
            if getattr(self, name) <= 0:
                raise ValueError(f"config: {name} must be more than 0")
        if not 0 <= self.least_exposure <= 1:
            raise ValueError("config: least_exposure must be from 0 to 1")


def check_indices(values: Integers, *, below: int, what: str) -> None:
    """Raises ValueError naming the first value that is not in 0..below-1."""
    wrong = np.flatnonzero((values < 0) | (values >= below))
    if len(wrong):
        raise ValueError(f"{what} {values[wrong[0]]} is not one of the {below} known")
