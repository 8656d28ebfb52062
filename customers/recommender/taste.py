"""How near a candidate is, in words, to what she owns: its attributes and the words of its name.

Cosine similarity in one TF-IDF space (Salton & Buckley 1988; as a recommender: Lops, de Gemmis &
Semeraro 2011). Two views of it: the single nearest item she owns, and her profile, the weighted
sum of all of hers less a little of what she returned (Rocchio 1971).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from customers.recommender.arrays import (
    Columns,
    Floats,
    Integers,
    Sparse,
    dense,
    entry_rows,
    largest,
    unit_rows,
)
from customers.recommender.demand import demand_share
from customers.recommender.histories import customer_pairs
from customers.recommender.knowledge import Knowledge

ITEMS_AT_ONCE = 2_048


@dataclass(frozen=True, eq=False)
class Taste:
    """`near` [n_items, candidates] similarity of any touched item to its nearest candidates."""

    knowledge: Knowledge
    candidates: Integers
    candidate_space: Sparse
    near: Sparse
    demand: Floats

    @classmethod
    def fit(cls, knowledge: Knowledge, candidates: Integers) -> "Taste":
        """Compares every item that was ever bought with the candidates, in blocks."""
        space = knowledge.space[candidates]
        transposed = csr_array(space.T)
        demand = np.sqrt(demand_share(knowledge, candidates))
        return cls(knowledge, candidates, transposed, _near(knowledge, transposed), demand)

    def scores(self, customers: Integers) -> Iterator[tuple[str, Floats]]:
        """Nearest owned item, profile, and profile x square root of the demand."""
        yield "nearest_owned", self.nearest_owned(customers)
        profile = self.profile(customers)
        yield "profile", profile
        yield "taste_and_demand", np.maximum(profile, 0) * self.demand[np.newaxis, :]

    def nearest_owned(self, customers: Integers) -> Floats:
        """Largest similarity to an item she kept, less some of that to one she returned."""
        histories = self.knowledge.histories
        kept = self._largest(histories.kept, customers)
        returned = self._largest(histories.returned, customers)
        return kept - np.float32(self.knowledge.config.returned_weight) * returned

    def profile(self, customers: Integers) -> Floats:
        """Cosine of her profile with each candidate."""
        histories, space = self.knowledge.histories, self.knowledge.space
        liked = histories.kept[customers] @ space
        disliked = histories.returned[customers] @ space
        taste = csr_array(liked - self.knowledge.config.returned_weight * disliked)
        return dense(unit_rows(taste) @ self.candidate_space)

    def nearest_item(self, customers: Integers, columns: Columns) -> Integers:
        """The item she kept that is nearest to each candidate `columns` [b, n]; -1 for none.

        Compared exactly; among equals the one that weighs most with her, then the lowest number.
        """
        width = columns.shape[1]
        rows, owned, weight = customer_pairs(
            self.knowledge.histories.kept, np.repeat(customers, width)
        )
        wanted = self.candidates[columns.ravel()][rows]
        similarity = row_products(self.knowledge.space, owned, wanted)
        order = np.lexsort((owned, -weight, -similarity.round(6), rows))
        pairs, first = np.unique(rows[order], return_index=True)
        best = order[first]
        nearest = np.full(columns.size, -1, dtype=np.int32)
        nearest[pairs] = np.where(similarity[best] > 0, owned[best], -1)
        return nearest.reshape(columns.shape)

    def _largest(self, histories: Sparse, customers: Integers) -> Floats:
        """Largest stored similarity of any of her items to each candidate [b, candidates]."""
        found = np.zeros((len(customers), len(self.candidates)), dtype=np.float32)
        rows, items, _ = customer_pairs(histories, customers)
        close = self.near[items]
        row = np.repeat(rows, np.diff(close.indptr))
        np.maximum.at(found, (row, close.indices), close.data)
        return found


def row_products(
    space: Sparse, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]
) -> Floats:
    """The similarity of each pair of items [len(left)]."""
    if not len(left):
        return np.zeros(0, dtype=np.float32)
    products = space[left].multiply(space[right])
    return np.asarray(products.sum(axis=1), dtype=np.float32).reshape(-1)


def _near(knowledge: Knowledge, candidate_space: Sparse) -> Sparse:
    """For each item ever bought, its `near_items_kept` most similar candidates."""
    shape = (knowledge.items.n_items, candidate_space.shape[1])
    touched = np.unique(knowledge.histories.touched.indices)
    rows, columns, values = [], [], []
    for start in range(0, len(touched), ITEMS_AT_ONCE):
        block = touched[start : start + ITEMS_AT_ONCE]
        kept = strongest(knowledge.space[block] @ candidate_space, knowledge.config.near_items_kept)
        rows.append(block[entry_rows(kept)])
        columns.append(kept.indices)
        values.append(kept.data)
    if not rows:
        return csr_array(shape, dtype=np.float32)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return csr_array(entries, shape=shape)


def strongest(matrix: Sparse, keep: int) -> Sparse:
    """The `keep` largest entries above 0 of each row."""
    values = dense(matrix)
    columns = largest(values, keep)
    rows = np.repeat(np.arange(len(values), dtype=np.int32), columns.shape[1])
    entries = (np.take_along_axis(values, columns, axis=1).ravel(), (rows, columns.ravel()))
    kept = csr_array(entries, shape=values.shape)
    kept.eliminate_zeros()
    return kept
