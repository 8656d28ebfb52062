"""Small shops worked out by hand, in the engine's numbers."""

from collections.abc import Sequence

import numpy as np

from customers.recommender.engine import Model, fit
from customers.recommender.facts import Config, Interactions, Items, People
from customers.recommender.tokens import Tokens

Line = tuple[int, int, int, int]
"""Customer, item, days ago, quantity."""


def lines(*rows: Line) -> Interactions:
    """Interactions of these rows."""
    columns = np.asarray(rows, dtype=np.int32).reshape(-1, 4).T
    return Interactions(*columns)


def items(
    token_lists: Sequence[Sequence[str]],
    *,
    launched: Sequence[float] | None = None,
    price: Sequence[float] | None = None,
) -> Items:
    """A catalog; launch days and prices unknown unless given."""
    unknown = [np.nan] * len(token_lists)
    return Items(
        launched=np.asarray(unknown if launched is None else launched, dtype=np.float32),
        price=np.asarray(unknown if price is None else price, dtype=np.float32),
        tokens=Tokens.build(token_lists),
    )


BOOT, DRESS, NEW_BOOT, NEW_DRESS, OTHER_BOOT, OTHER_DRESS = range(6)
TWO_KINDS = items(
    [
        ["brand=Alpine", "category=Boots", "word=hiking"],
        ["brand=Bloom", "category=Dresses", "word=summer"],
        ["brand=Alpine", "category=Boots", "word=winter"],
        ["brand=Bloom", "category=Dresses", "word=winter"],
        ["brand=Alpine", "category=Boots", "word=rain"],
        ["brand=Bloom", "category=Dresses", "word=evening"],
    ],
    launched=[300, 300, 10, 10, 300, 300],
    price=[120, 80, 130, 90, 110, 100],
)
NEW = [NEW_BOOT, NEW_DRESS]

HIKER, DANCER, HIKING_FRIEND, DANCING_FRIEND, STRANGER = range(5)


def two_kinds(*more: Line, people: People | None = None, config: Config | None = None) -> Model:
    """Hikers buy boots, dancers dresses; each friend bought the new item of their kind.

    The hiker and the dancer have bought nothing for 200 days; the stranger never bought.
    """
    interactions = lines(
        (HIKER, BOOT, 200, 1),
        (DANCER, DRESS, 200, 1),
        (HIKING_FRIEND, BOOT, 150, 1),
        (HIKING_FRIEND, NEW_BOOT, 3, 1),
        (DANCING_FRIEND, DRESS, 150, 1),
        (DANCING_FRIEND, NEW_DRESS, 3, 1),
        *more,
    )
    return fit(interactions, TWO_KINDS, people or People.unknown(5), config=config or Config())


def random_shop(*, seed: int = 3, n_customers: int = 60, n_items: int = 40) -> Model:
    """A shop by chance, with returns, unknown prices, cities and variants of one design."""
    chance = np.random.default_rng(seed)
    n_lines = 500
    interactions = Interactions(
        customer=chance.integers(0, n_customers, n_lines),
        item=chance.integers(0, n_items, n_lines),
        day=chance.integers(0, 200, n_lines),
        quantity=chance.choice([1, 1, 1, 2, -1], n_lines),
    )
    catalog = items(
        [
            [
                f"brand={chance.integers(4)}",
                f"category={chance.integers(5)}",
                f"color={chance.integers(6)}",
                f"group={each // 3}",
            ]
            for each in range(n_items)
        ],
        launched=list(chance.integers(0, 90, n_items).astype(float)),
        price=list(np.where(chance.random(n_items) < 0.2, np.nan, chance.uniform(5, 90, n_items))),
    )
    people = People(
        city=chance.integers(-1, 3, n_customers),
        store=chance.integers(-1, 2, n_customers),
        age_band=chance.integers(-1, 4, n_customers),
    )
    return fit(interactions, catalog, people, config=Config())
