"""Small shops worked out by hand, in the engine's numbers, and shops by chance."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from customers.recommender.blend import Blend
from customers.recommender.engine import Model, fit
from customers.recommender.evidence import Ranking
from customers.recommender.facts import Config, Interactions, Items, Opinions, People
from customers.recommender.features import NAMES
from customers.recommender.histories import Histories, read_histories
from customers.recommender.tables import Tables, lay_out
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


def histories_of(*rows: Line, n_customers: int, n_items: int, **settings: float) -> Histories:
    """What is read from these lines."""
    return read_histories(
        lines(*rows), n_customers=n_customers, n_items=n_items, config=Config(**settings)
    )


def weights(**chosen: float) -> Blend:
    """A blend in which only these features count."""
    return Blend(np.asarray([chosen.get(name, 0) for name in NAMES], dtype=np.float32))


def ranked(model: Model, customers: npt.ArrayLike, candidates: npt.ArrayLike, **asked) -> Ranking:
    """All blocks as one ranking; there must be one at least."""
    return Ranking.joined(list(model.rank(customers, candidates, **asked)))


def objecting(numbers: npt.ArrayLike) -> Callable[..., npt.NDArray[np.int16]]:
    """Verdicts read off a table [n_customers, candidates as given]."""
    table = np.asarray(numbers, dtype=np.int16)

    def verdicts(customers, columns):
        return np.where(columns >= 0, table[customers[:, np.newaxis], columns], 0)

    return verdicts


def tables_of(model: Model, candidates: Iterable[int]) -> Tables:
    """Everything laid out for these candidates, which ascend."""
    return lay_out(
        model.histories,
        model.items,
        model.people,
        model.opinions,
        np.asarray(list(candidates), dtype=np.int32),
        model.config,
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


def two_kinds(*more: Line, people: People | None = None, blend: Blend | None = None) -> Model:
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
    return fit(interactions, TWO_KINDS, people or People.unknown(5), config=Config(), blend=blend)


def random_shop(
    *,
    seed: int = 3,
    n_customers: int = 60,
    n_items: int = 40,
    n_lines: int = 500,
    config: Config | None = None,
) -> Model:
    """A shop by chance: returns, opinions, unknown prices, cities and labels, wordless items.

    The last tenth of the customers never bought; the blend is one by chance too.
    """
    chance = np.random.default_rng(seed)
    interactions = Interactions(
        customer=chance.integers(0, max(1, n_customers * 9 // 10), n_lines),
        item=chance.integers(0, n_items, n_lines),
        day=chance.integers(0, 200, n_lines),
        quantity=chance.choice([1, 1, 1, 2, -1], n_lines),
    )
    n_opinions = n_customers // 2
    return fit(
        interactions,
        _random_items(n_items, chance),
        People(*(chance.integers(-1, count, n_customers) for count in (3, 2, 4))),
        config=config or Config(),
        blend=Blend(chance.normal(size=len(NAMES)).astype(np.float32)),
        opinions=Opinions(
            chance.integers(0, n_customers, n_opinions),
            chance.integers(0, n_items, n_opinions),
            chance.normal(size=n_opinions),
        ),
    )


def _random_items(n_items: int, chance: np.random.Generator) -> Items:
    drawn = [
        [
            f"brand={chance.integers(4)}",
            f"category={chance.integers(5)}",
            f"color={chance.integers(6)}",
            f"group={each // 3}",
        ]
        for each in range(n_items)
    ]
    known = [[token for token in tokens if chance.random() < 0.8] for tokens in drawn]
    price = np.where(chance.random(n_items) < 0.2, np.nan, chance.uniform(5, 90, n_items))
    launched = chance.integers(0, 90, n_items).astype(float)
    return items(known, launched=list(launched), price=list(price))
