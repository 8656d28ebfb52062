"""Everything the scoring reads, laid out for one set of candidates, as of one moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from customers.recommender.arrays import Integers
from customers.recommender.demand import Demand, LocalDemand, demand, local_demand
from customers.recommender.facts import Config, Items, Opinions, People
from customers.recommender.habits import (
    BRAND_KINDS,
    CATEGORY_KINDS,
    SUBCATEGORY_KINDS,
    Labels,
    Prices,
    labels,
    prices,
)
from customers.recommender.histories import Histories
from customers.recommender.rows import Rows, Starts, rows_from
from customers.recommender.taste import near_candidates
from customers.recommender.together import (
    Latent,
    Neighbours,
    Together,
    bought_together,
    latent,
    neighbours,
)

SUBCATEGORY, CATEGORY, BRAND = range(3)
CITY, STORE, AGE_BAND = range(3)


class Tables(NamedTuple):
    """What the kernels read. `column` [n_items] is the place of an item among the candidates,
    -1 for others. `touched` holds for each customer the items of any line, `kept` their weights.
    `habits` and `local` stand in the order of the names above.
    `opinions` [n_customers]: items she was asked about and what her answer weighs."""

    candidates: Integers
    column: Integers
    touched_start: Starts
    touched: Integers
    kept: Rows
    neighbours: Neighbours
    together: Together
    latent: Latent
    near: Rows
    habits: tuple[Labels, Labels, Labels]
    prices: Prices
    local: tuple[LocalDemand, LocalDemand, LocalDemand]
    demand: Demand
    opinions: Rows


def lay_out(
    histories: Histories,
    items: Items,
    people: People,
    opinions: Opinions,
    candidates: Integers,
    config: Config,
) -> Tables:
    """`candidates` are item numbers, ascending, each once."""
    n_items = items.n_items
    spoken_of = np.append(histories.kept.place, opinions.item)
    spoken_of = np.flatnonzero(np.bincount(spoken_of, minlength=n_items)).astype(np.int32)
    column = np.full(n_items, -1, dtype=np.int32)
    column[candidates] = np.arange(len(candidates), dtype=np.int32)
    with ThreadPoolExecutor(1) as beside:  # half of the work is in this
        alike = beside.submit(near_candidates, items.space, spoken_of, candidates)
        near = neighbours(histories, candidates, n_items=n_items, config=config)
        together = bought_together(histories, candidates, n_items)
        low_rank = latent(histories, candidates, near=near, n_items=n_items)
        cost = prices(items.price, items.tokens, candidates)
        subcategory, category, brand = (
            labels(items.tokens, kinds, histories.kept.place, candidates)
            for kinds in (SUBCATEGORY_KINDS, CATEGORY_KINDS, BRAND_KINDS)
        )
        city, store, age_band = (
            local_demand(group, histories, candidates, n_items=n_items, prior=config.local_prior)
            for group in (people.city, people.store, people.age_band)
        )
        in_demand = demand(histories, items, candidates, cost.level)
    return Tables(
        candidates=candidates,
        column=column,
        touched_start=histories.start,
        touched=histories.touched,
        kept=histories.kept,
        neighbours=near,
        together=together,
        latent=low_rank,
        near=alike.result(),
        habits=(subcategory, category, brand),
        prices=cost,
        local=(city, store, age_band),
        demand=in_demand,
        opinions=_opinion_rows(opinions, people.n_customers),
    )


def _opinion_rows(opinions: Opinions, n_customers: int) -> Rows:
    return rows_from(opinions.customer, opinions.item, opinions.weight, n_rows=n_customers)
