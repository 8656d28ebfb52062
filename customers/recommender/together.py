"""What customers leave behind together: items bought by the same people, and people alike.

Three views of the same table of customers and the items they kept. *Bought together*: cosine
between the buyers of two items (Sarwar, Karypis, Konstan & Riedl 2001), once as it is and once
shrunk where few people stand behind it (Bell & Koren 2007). *Neighbours*: the customers most like
her (Herlocker, Konstan, Borchers & Riedl 1999), of whom only recent buyers of a candidate can say
anything. *Latent*: a low-rank picture of the table (PureSVD: Cremonesi, Koren & Turrin 2010).
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from customers.recommender.arrays import Doubles, Floats, Integers, Sparse
from customers.recommender.facts import Config
from customers.recommender.histories import Histories, freshness, rarity
from customers.recommender.rows import (
    Rows,
    Starts,
    mark_strongest,
    rows_from,
    rows_of,
    transposed,
)

HEARD_FOR = 60
"""Days for which a neighbour's purchase of a candidate is heard at all."""
SURE_AFTER = 3.0
"""So many buyers in common count half: similarity x buyers / (buyers + 3)."""
ALIKE_KEPT = 60
"""Candidates remembered for each item it was bought together with."""
LATENT_SIZE, LATENT_SAMPLE = 32, 100_000
"""Dimensions, and customers from whom they are learned: a chain's taste is in a tenth of it."""


class Together(NamedTuple):
    """Candidates bought together with each item [n_items]: cosine and the same shrunk."""

    start: Starts
    place: Integers
    cosine: Floats
    shrunk: Floats


class Neighbours(NamedTuple):
    """The recent buyers of candidates, ready to be compared with.

    `rarity` [n_items] and `length` [n_customers] make a history a vector of length 1: kept weight
    x rarity / length. `holders` [n_items, pool] is the pool's vectors turned around. `of_customer`
    [n_customers] is her own place in the pool, -1 outside it. Row p of `start`, `place`, `day`
    are the candidates that p bought within `HEARD_FOR` days, and `fresh` how fresh that is. The
    `heard` nearest have a say.
    """

    rarity: Floats
    length: Floats
    holders: Rows
    of_customer: Integers
    start: Starts
    place: Integers
    day: Integers
    fresh: Floats
    heard: int


class Latent(NamedTuple):
    """Items and candidates in a low-rank space: [n_items, d] and [d, candidates].

    `mean` [d] and `moments` [d, d] are the candidates' means and mean products.
    """

    of_item: Floats
    of_candidate: Floats
    mean: Doubles
    moments: Doubles


def bought_together(histories: Histories, candidates: Integers, n_items: int) -> Together:
    """Every kept pair counts 1 here: how fresh it is is asked of her, not of the others."""
    kept = histories.kept_matrix(n_items)
    ones = csr_array((np.ones(len(kept.data), np.float32), kept.indices, kept.indptr), kept.shape)
    common = csr_array(ones.T @ ones[:, candidates])
    owners = np.maximum(np.bincount(kept.indices, minlength=n_items), 1).astype(np.float32)
    row = np.repeat(np.arange(n_items), np.diff(common.indptr))
    cosine = common.data / np.sqrt(owners[row] * owners[candidates][common.indices])
    chosen = np.zeros(len(row), dtype=np.bool_)
    mark_strongest(np.asarray(common.indptr, dtype=np.int64), cosine, ALIKE_KEPT, chosen)
    cosine, shared = cosine[chosen], common.data[chosen]
    start = np.searchsorted(row[chosen], np.arange(n_items + 1)).astype(np.int64)
    return Together(
        start,
        common.indices[chosen].astype(np.int32),
        cosine.astype(np.float32),
        (cosine * shared / (shared + SURE_AFTER)).astype(np.float32),
    )


def neighbours(
    histories: Histories, candidates: Integers, *, n_items: int, config: Config
) -> Neighbours:
    """At most `neighbour_pool` recent buyers, drawn by the seed: the work stays linear."""
    weight_of = rarity(histories.kept, n_items)
    kept = histories.kept_matrix(n_items)
    vectors = csr_array(
        (kept.data * weight_of[kept.indices], kept.indices, kept.indptr), shape=kept.shape
    )
    length = np.sqrt(_row_sums(vectors.data**2, histories.kept.start)).astype(np.float32)
    customer, item, day = histories.recent(within=HEARD_FOR)
    column = np.full(n_items, -1, dtype=np.int32)
    column[candidates] = np.arange(len(candidates), dtype=np.int32)
    heard = column[item] >= 0
    pool = _pool(customer[heard], config)
    of_customer = np.full(histories.n_customers, -1, dtype=np.int32)
    of_customer[pool] = np.arange(len(pool), dtype=np.int32)
    heard &= of_customer[customer] >= 0
    said = rows_from(
        of_customer[customer[heard]],
        column[item[heard]],
        day[heard].astype(np.float32),
        n_rows=len(pool),
    )
    return Neighbours(
        weight_of,
        np.maximum(length, np.float32(1e-12)),
        _holders(vectors, length, pool, n_items),
        of_customer,
        said.start,
        said.place,
        said.value.astype(np.int32),
        freshness(said.value, config.neighbour_half_life),
        config.neighbours,
    )


def latent(histories: Histories, candidates: Integers, *, near: Neighbours, n_items: int) -> Latent:
    """The right singular vectors of the customers' vectors; nothing where there is too little.

    A customer is folded in as the sum of her items' vectors, so nobody has to be in the sample.
    """
    kept = histories.kept_matrix(n_items)
    everybody = np.flatnonzero(np.diff(histories.kept.start) > 1)
    step = max(1, len(everybody) // LATENT_SAMPLE)
    sample = kept[everybody[::step]]
    rows = np.repeat(everybody[::step], np.diff(sample.indptr))
    sample.data = sample.data * near.rarity[sample.indices] / near.length[rows]
    size = min(LATENT_SIZE, min(sample.shape) // 4)
    if size < 2:
        return _latent(np.zeros((n_items, 0), dtype=np.float32), candidates)
    start = np.ones(min(sample.shape), dtype=np.float32)
    _, _, turned = svds(sample.astype(np.float32), k=size, v0=start)
    return _latent(np.ascontiguousarray(turned.T, dtype=np.float32), candidates)


def _latent(of_item: Floats, candidates: Integers) -> Latent:
    of_candidate = np.ascontiguousarray(of_item[candidates].T)
    exactly = of_candidate.astype(np.float64)
    return Latent(
        of_item, of_candidate, exactly.mean(axis=1), exactly @ exactly.T / len(candidates)
    )


def _row_sums(values: Floats, start: Starts) -> Floats:
    ends = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(np.maximum(ends[start[1:]] - ends[start[:-1]], 0))


def _pool(customer: Integers, config: Config) -> Integers:
    found = np.unique(customer)
    if len(found) <= config.neighbour_pool:
        return found
    chance = np.random.default_rng(config.seed)
    return np.sort(chance.choice(found, config.neighbour_pool, replace=False))


def _holders(vectors: Sparse, length: Floats, pool: Integers, n_items: int) -> Rows:
    mine = vectors[pool]
    scale = np.repeat(np.maximum(length[pool], 1e-12), np.diff(mine.indptr))
    mine.data = (mine.data / scale).astype(np.float32)
    return transposed(rows_of(mine), n_places=n_items)
