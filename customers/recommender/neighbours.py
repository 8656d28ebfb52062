"""What the customers most like her have bought lately.

User-based nearest neighbours (Herlocker, Konstan, Borchers & Riedl 1999): histories as vectors
weighted by freshness and rarity, cosine similarity, the 200 nearest. Only customers who bought one
of the candidates within the window can say anything, so only they are compared with, and at most
`neighbour_pool` of them, drawn by the seed: the work grows with the customers, not their square.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array

from customers.recommender.arrays import (
    Columns,
    Floats,
    Integers,
    Sparse,
    dense,
    entry_rows,
    unit_rows,
    values_at,
    with_ones,
)
from customers.recommender.histories import rarity
from customers.recommender.knowledge import Knowledge


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The neighbours of a block of customers: `nearest` is similarity [b, p]."""

    nearest: Sparse
    votes: Sparse
    bought: Sparse

    def scores(self) -> Floats:
        """Sum over her neighbours of similarity x freshness of their purchase [b, candidates]."""
        return dense(self.nearest @ self.votes)

    def buyers(self, columns: Columns) -> Integers:
        """How many different neighbours bought each of the candidate `columns` [b, n]."""
        present = with_ones(self.nearest)
        everyone = np.arange(self.nearest.shape[0], dtype=np.int32)
        return values_at(csr_array(present @ self.bought), everyone, columns).astype(np.int32)


@dataclass(frozen=True, eq=False)
class SimilarCustomers:
    """`vectors` [n_customers, n_items]; `pool` [p] customers; `votes`, `bought` [p, candidates]."""

    vectors: Sparse
    pool: Integers
    pool_vectors: Sparse
    votes: Sparse
    bought: Sparse
    neighbours: int

    @classmethod
    def fit(cls, knowledge: Knowledge, candidates: Integers) -> "SimilarCustomers":
        """Prepares the pool for these candidates."""
        config = knowledge.config
        kept = knowledge.histories.kept
        vectors = unit_rows(csr_array(kept @ diags_array(rarity(kept))))
        recent = knowledge.buyers(
            within=config.neighbour_window, half_life=config.neighbour_half_life
        )[:, candidates]
        pool = _draw(np.flatnonzero(np.diff(recent.indptr)), config.neighbour_pool, config.seed)
        votes = recent[pool]
        pool_vectors = csr_array(vectors[pool].T)
        return cls(vectors, pool, pool_vectors, votes, with_ones(votes), config.neighbours)

    def around(self, customers: Integers) -> "Neighbourhood":
        """The nearest of the pool to each of these customers."""
        return Neighbourhood(self.nearest(customers), self.votes, self.bought)

    def nearest(self, customers: Integers) -> Sparse:
        """Similarity to the nearest of the pool, herself left out [len(customers), p]."""
        similarity = csr_array(self.vectors[customers] @ self.pool_vectors)
        herself = self.pool[similarity.indices] == customers[entry_rows(similarity)]
        similarity.data[herself] = 0
        similarity.eliminate_zeros()
        return _strongest(similarity, self.neighbours)


def _strongest(similarity: Sparse, keep: int) -> Sparse:
    """The `keep` largest entries of each row; among equals the lowest columns.

    Entries lie between 0 and a little over 1, so one number orders by row and then by size.
    """
    similarity.sort_indices()
    rows = entry_rows(similarity)
    order = np.argsort(2.0 * rows - similarity.data.astype(np.float64), kind="stable")
    place = np.arange(len(order)) - np.asarray(similarity.indptr)[rows]
    chosen = order[place < keep]
    entries = (similarity.data[chosen], (rows[chosen], similarity.indices[chosen]))
    return csr_array(entries, shape=similarity.shape)


def _draw(customers: npt.NDArray[np.intp], keep: int, seed: int) -> Integers:
    """At most `keep` of these customers, by chance but the same for the same seed; ascending."""
    if len(customers) > keep:
        customers = np.random.default_rng(seed).choice(customers, size=keep, replace=False)
    return np.sort(customers).astype(np.int32)
