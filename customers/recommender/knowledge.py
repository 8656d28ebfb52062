"""What the signals share: the facts, the histories read from them, and the items in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from customers.recommender.arrays import Floats, Integers, Sparse
from customers.recommender.facts import Config, Interactions, Items, People
from customers.recommender.histories import Histories, read_histories, recent_buyers


@dataclass(frozen=True, eq=False)
class Knowledge:
    """All that is known as of one moment. `space` is items x tokens, rows of length 1.

    `lately` [n_customers, n_items] has 1 for who bought what within `demand_window` days.
    """

    interactions: Interactions
    items: Items
    people: People
    config: Config
    histories: Histories
    space: Sparse
    lately: Sparse

    @classmethod
    def of(
        cls, interactions: Interactions, items: Items, people: People, config: Config
    ) -> "Knowledge":
        """Raises ValueError when a line names a customer or an item that is not known."""
        n_customers, n_items = people.n_customers, items.n_items
        interactions.check_bounds(n_customers=n_customers, n_items=n_items)
        histories = read_histories(
            interactions, n_customers=n_customers, n_items=n_items, config=config
        )
        lately = recent_buyers(
            interactions,
            within=config.demand_window,
            half_life=np.inf,
            n_customers=n_customers,
            n_items=n_items,
        )
        space = items.tokens.space()
        return cls(interactions, items, people, config, histories, space, lately)

    def buyers(self, *, within: int, half_life: float = np.inf) -> Sparse:
        """Who bought what in the last `within` days [n_customers, n_items]."""
        return recent_buyers(
            self.interactions,
            within=within,
            half_life=half_life,
            n_customers=self.people.n_customers,
            n_items=self.items.n_items,
        )


class Signal(Protocol):
    """One reason to prefer some candidates to others, for a block of customers."""

    def scores(self, customers: Integers) -> Iterator[tuple[str, Floats]]:
        """Its name (a field of `Weights`) and values [len(customers), n_candidates], each."""
        ...
