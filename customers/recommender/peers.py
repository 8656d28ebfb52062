"""The classic recommenders that ours has to beat, over the same facts.

A peer is fitted to the facts of a moment and then scores every candidate for a block of customers.
None knows more than the engine does, and all leave out what the customer had before. Those that
need more memory or a library that is not there say so with `Unavailable`.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, csr_matrix, diags_array
from threadpoolctl import threadpool_limits

from customers.recommender.arrays import (
    Floats,
    Integers,
    Sparse,
    dense,
    entry_rows,
    unit_rows,
)
from customers.recommender.trials import Facts

Score: TypeAlias = Callable[[Integers], Floats]
"""Customers [b] to the scores of the candidates [b, candidates]; only their order matters."""

Peer: TypeAlias = Callable[[Facts], Score]

SEED = 20_250_101
BLOCK_SIZE = 512
NEIGHBOURS = 200
NEIGHBOUR_WINDOW = 14
NEIGHBOUR_HALF_LIFE = 7.0
HISTORY_HALF_LIFE = 180.0
MOST_ITEMS_FOR_EASE = 6_000
EASE_PENALTY = 200.0
BM25_K1, BM25_B = 1.2, 0.75
FACTORS = 64


class Unavailable(Exception):  # noqa: N818
    """This peer cannot take part here; the sentence says why."""


def recommended(peer: Peer, facts: Facts, asked: Integers, *, n: int) -> Integers:
    """The `n` best items by a peer that each customer has not had [len(asked), n], -1 for none.

    Equals are taken by chance: a peer that knows nothing of a customer guesses, as it must.
    """
    score, bought = peer(facts), facts.bought()
    chance = np.random.default_rng(SEED)
    found = np.full((len(asked), n), -1, dtype=np.int32)
    for start in range(0, len(asked), BLOCK_SIZE):
        block = asked[start : start + BLOCK_SIZE]
        owned = dense(bought[block][:, facts.candidates]) > 0
        scores = np.where(owned, -np.inf, score(block))
        best = _first(scores.astype(np.float64), min(n, len(facts.candidates)), chance)
        chosen = facts.candidates[np.maximum(best, 0)] if len(facts.candidates) else best
        found[start : start + len(block), : best.shape[1]] = np.where(best >= 0, chosen, -1)
    return found


def _first(
    scores: npt.NDArray[np.float64], keep: int, chance: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Columns of the `keep` largest scores of each row, best first, -1 for one of -inf.

    The columns are shuffled, and each row starts at another, before the largest are picked.
    """
    rows, columns = scores.shape
    if not keep:
        return np.zeros((rows, 0), dtype=np.intp)
    start = chance.integers(0, columns, (rows, 1))
    shuffled = chance.permutation(columns)[(np.arange(columns) + start) % columns]
    values = np.take_along_axis(scores, shuffled, axis=1)
    if keep < columns:
        kept = np.argpartition(-values, keep - 1, axis=1)[:, :keep]
        values = np.take_along_axis(values, kept, axis=1)
        shuffled = np.take_along_axis(shuffled, kept, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    best = np.take_along_axis(values, order, axis=1) > -np.inf
    return np.where(best, np.take_along_axis(shuffled, order, axis=1), -1)


def random_order(facts: Facts) -> Score:
    """Chance."""
    chance = np.random.default_rng(SEED)
    return lambda customers: chance.random(
        (len(customers), len(facts.candidates)), dtype=np.float32
    )


def best_sellers(days: float) -> Peer:
    """The same for all: lines sold in the last `days`, infinite for ever."""

    def fit(facts: Facts) -> Score:
        values = sold(facts, days)
        return lambda customers: np.broadcast_to(values, (len(customers), len(values)))

    return fit


def own_categories(facts: Facts) -> Score:
    """The share of a candidate's category in her past times its sales in 30 days."""
    labels, names = facts.items.tokens.labels("category", "subcategory")
    lines = facts.interactions
    shape = (facts.people.n_customers, len(names) + 1)  # the last is for items without a category
    ones = np.ones(len(lines), dtype=np.float32)
    counts = csr_array((ones, (lines.customer, labels[lines.item] % shape[1])), shape=shape)
    demand, label = sold(facts, 30) + np.float32(0.1), labels[facts.candidates]

    def score(customers: Integers) -> Floats:
        hers = dense(counts[customers]) + np.float32(0.01)
        share = hers / hers.sum(axis=1, keepdims=True)
        return np.asarray(share[:, label] * demand, dtype=np.float32)

    return score


def attribute_profile(facts: Facts) -> Score:
    """Cosine of a candidate with all she bought, in TF-IDF of words and attributes.

    Content-based filtering: Pazzani & Billsus 2007; Lops, de Gemmis & Semeraro 2011.
    """
    bought, space = facts.bought(), facts.items.tokens.space()
    candidates = csr_array(space[facts.candidates].T)
    return lambda customers: dense(unit_rows(csr_array(bought[customers] @ space)) @ candidates)


def content_and_sales(facts: Facts) -> Score:
    """The attribute profile times the square root of the sales in 30 days."""
    content, demand = attribute_profile(facts), np.sqrt(sold(facts, 30) + 0.1)
    return lambda customers: np.asarray(content(customers) * demand, dtype=np.float32)


def item_item_cosine(facts: Facts) -> Score:
    """Sum over her items of the cosine between their buyers and the candidate's.

    Sarwar, Karypis, Konstan & Riedl 2001, for purchases without ratings.
    """
    bought = facts.bought()
    buyers = np.maximum(np.bincount(bought.indices, minlength=bought.shape[1]), 1)
    return _item_item(bought, _columns_scaled(bought, 1 / np.sqrt(buyers)), facts.candidates)


def bm25_item_item(facts: Facts) -> Score:
    """The same with BM25 weights: an item is a document, its buyers the words (Robertson 1994)."""
    bought = facts.bought()
    length = np.bincount(bought.indices, minlength=bought.shape[1])
    norm = (1.0 - BM25_B) + BM25_B * length / max(float(length[length > 0].mean()), 1.0)
    weight = (BM25_K1 + 1) / (BM25_K1 * norm + 1)
    breadth = np.diff(bought.indptr)
    rarity = np.maximum(np.log(max(int((length > 0).sum()), 1)) - np.log1p(breadth), 0)
    weighted = _columns_scaled(bought, weight)
    weighted.data *= rarity[entry_rows(weighted)].astype(np.float32)
    return _item_item(bought, weighted, facts.candidates)


def _item_item(bought: Sparse, weighted: Sparse, candidates: Integers) -> Score:
    """Her items x (weighted' weighted): what is alike is what the same customers bought."""
    alike = csr_array(csr_array(weighted.T) @ csr_array(weighted[:, candidates]))
    return lambda customers: dense(bought[customers] @ alike)


def als(facts: Facts) -> Score:
    """Alternating least squares on implicit feedback (Hu, Koren & Volinsky 2008)."""
    return _factorised(
        "als.AlternatingLeastSquares", facts, factors=FACTORS, regularization=0.05, alpha=10.0
    )


def bpr(facts: Facts) -> Score:
    """Bayesian personalised ranking (Rendle, Freudenthaler, Gantner & Schmidt-Thieme 2009)."""
    return _factorised(
        "bpr.BayesianPersonalizedRanking",
        facts,
        factors=FACTORS,
        learning_rate=0.05,
        num_threads=1,  # more of them overwrite each other's steps, never twice alike
    )


def _factorised(name: str, facts: Facts, **settings: Any) -> Score:
    """Fits a model of the package implicit: the product of customer and item factors.

    The BLAS is held to one thread, or the library warns, with reason, that its threads and those
    of the BLAS get into each other's way.
    """
    bought = csr_matrix(facts.bought())
    kind = _of_implicit(name)  # first of all: it brings a BLAS of its own, to be held as well
    with threadpool_limits(1, "blas"):
        model = kind(random_state=SEED, **settings)
        model.fit(bought, show_progress=False)
    of_customer = np.asarray(model.user_factors, dtype=np.float32)
    of_candidate = np.asarray(model.item_factors, dtype=np.float32)[facts.candidates].T
    return lambda customers: np.asarray(of_customer[customers] @ of_candidate)


def _of_implicit(name: str) -> Any:
    """A model of the package, which is loaded only when it is wanted.

    Its compiled part needs an OpenMP runtime, which not every machine has.
    """
    module, _, model = name.partition(".")
    try:
        return getattr(importlib.import_module(f"implicit.{module}"), model)
    except (ImportError, OSError) as error:
        raise Unavailable(
            f"{model} takes no part: the library implicit, which needs an OpenMP runtime, cannot "
            f"be loaded here ({error})"
        ) from None


def ease(facts: Facts) -> Score:
    """The shallow linear autoencoder with a zero diagonal, in closed form (Steck 2019).

    B = I - P / diag(P) with P = (X'X + penalty I)^-1. Dense in the items, so that at most
    `MOST_ITEMS_FOR_EASE` take part: the candidates, and of the others those most bought.
    """
    bought = facts.bought()
    held = _most_bought(bought, facts.candidates)
    rows = csr_array(bought[:, held])
    gram = np.asarray((rows.T @ rows).toarray(), dtype=np.float64)
    inverse = np.linalg.inv(gram + EASE_PENALTY * np.eye(len(held)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    place = np.full(facts.items.n_items, -1)
    place[held] = np.arange(len(held))
    column = place[facts.candidates]
    wanted = np.where(column >= 0, weights[:, column], 0).astype(np.float32)
    return lambda customers: np.asarray(rows[customers] @ wanted, dtype=np.float32)


def _most_bought(bought: Sparse, candidates: Integers) -> npt.NDArray[np.intp]:
    """The items that EASE takes, ascending; none that nobody bought."""
    buyers = np.bincount(bought.indices, minlength=bought.shape[1])
    if np.count_nonzero(buyers[candidates]) > MOST_ITEMS_FOR_EASE:
        raise Unavailable(
            f"EASE takes no part: it is dense in the items, and {len(candidates):,} are new"
        )
    first = buyers.astype(np.int64)
    first[candidates] += (buyers[candidates] > 0) * (1 + buyers.max(initial=0))
    order = np.argsort(-first, kind="stable")[:MOST_ITEMS_FOR_EASE]
    return np.sort(order[first[order] > 0])


def similar_customers(facts: Facts) -> Score:
    """What the 200 customers nearest to her bought in the last 14 days, the latest most.

    Histories weighted by inverse frequency and freshness, cosine similarity (Breese, Heckerman &
    Kadie 1998). Only who bought a candidate in those days is compared with.
    """
    history = _histories(facts)
    recent = _recent(facts)
    pool = np.flatnonzero(np.diff(recent.indptr))
    votes, vectors = csr_array(recent[pool]), csr_array(history[pool].T)

    def score(customers: Integers) -> Floats:
        likeness = csr_array(history[customers] @ vectors)
        likeness.data[pool[likeness.indices] == customers[entry_rows(likeness)]] = 0
        return dense(_nearest(likeness) @ votes)

    return score


def _histories(facts: Facts) -> Sparse:
    """Unit rows of log(customers / buyers) x 2^(-age / half-life of the last line)."""
    lines, bought = facts.interactions, facts.bought()
    buyers = np.maximum(np.bincount(bought.indices, minlength=bought.shape[1]), 1)
    rarity = np.log1p(np.count_nonzero(np.diff(bought.indptr)) / buyers)
    fresh = _freshest(facts, lines.day >= 0, HISTORY_HALF_LIFE)
    return unit_rows(_columns_scaled(fresh, rarity))


def _recent(facts: Facts) -> Sparse:
    """Freshness of what was bought of the candidates within the window [customers, candidates]."""
    lines = facts.interactions
    chosen = (lines.day < NEIGHBOUR_WINDOW) & (lines.quantity > 0)
    return csr_array(_freshest(facts, chosen, NEIGHBOUR_HALF_LIFE)[:, facts.candidates])


def _freshest(facts: Facts, chosen: npt.NDArray[np.bool_], half_life: float) -> Sparse:
    """2^(-days / half-life) of the latest chosen line of each pair [customers, items]."""
    lines, n_items = facts.interactions, facts.items.n_items
    keys = lines.customer[chosen].astype(np.int64) * max(n_items, 1) + lines.item[chosen]
    pairs, place = np.unique(keys, return_inverse=True)
    latest = np.full(len(pairs), np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(latest, place, lines.day[chosen])
    weight = np.exp2(-latest / half_life).astype(np.float32)
    shape = (facts.people.n_customers, n_items)
    return csr_array((weight, (pairs // max(n_items, 1), pairs % max(n_items, 1))), shape=shape)


def _nearest(likeness: Sparse) -> Sparse:
    """The `NEIGHBOURS` largest entries of each row, the others 0."""
    kept = csr_array(likeness, copy=True)
    for start, end in zip(kept.indptr[:-1].tolist(), kept.indptr[1:].tolist(), strict=True):
        if end - start > NEIGHBOURS:
            values = kept.data[start:end]
            values[np.argpartition(values, -NEIGHBOURS)[:-NEIGHBOURS]] = 0
    return kept


def sold(facts: Facts, days: float) -> Floats:
    """Lines sold of each candidate in the last `days` [candidates]; returns are not sales."""
    lines = facts.interactions
    recent = (lines.day < days) & (lines.quantity > 0)
    counts = np.bincount(lines.item[recent], minlength=facts.items.n_items)
    return counts[facts.candidates].astype(np.float32)


def _columns_scaled(matrix: Sparse, factors: npt.NDArray[np.floating]) -> Sparse:
    return csr_array(matrix @ diags_array(factors.astype(np.float32)))


PEERS: Mapping[str, Peer] = {
    "random": random_order,
    "best sellers of 7 days": best_sellers(7),
    "best sellers of 14 days": best_sellers(14),
    "best sellers of 30 days": best_sellers(30),
    "best sellers ever": best_sellers(np.inf),
    "own categories x sales": own_categories,
    "attribute profile": attribute_profile,
    "content x sqrt(sales)": content_and_sales,
    "item-item cosine": item_item_cosine,
    "item-item BM25": bm25_item_item,
    "ALS": als,
    "BPR": bpr,
    "EASE": ease,
    "similar customers, 14 days": similar_customers,
}
