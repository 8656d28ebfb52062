"""How near a candidate is, in words, to what she owns: its attributes and the words of its name.

Cosine similarity in one TF-IDF space (Salton & Buckley 1988; as a recommender: Lops, de Gemmis &
Semeraro 2011). For every item that somebody kept or spoke of, the candidates nearest to it are
written down once; a customer's taste is read from the lists of the items she kept.
"""

import numpy as np

from customers.recommender.arrays import Integers, Sparse
from customers.recommender.rows import Rows, rows_of, top_products, transposed

MOST_ENTRIES = 2_500_000
"""Of all lists together; a list is never shorter than `NEAR_KEPT`."""
NEAR_KEPT = 50


def near_candidates(space: Sparse, numbers: Integers, candidates: Integers) -> Rows:
    """For each item of `numbers` the candidates most like it [n_items, candidates].

    `space` is items x tokens, rows of length 1. The other items' rows are empty.
    """
    of_candidates = transposed(rows_of(space[candidates]), n_places=space.shape[1])
    found = top_products(
        rows_of(space[numbers]),
        of_candidates,
        n_columns=len(candidates),
        keep=max(NEAR_KEPT, MOST_ENTRIES // max(len(numbers), 1)),
    )
    return spread(found, numbers, n_rows=space.shape[0])


def spread(rows: Rows, numbers: Integers, *, n_rows: int) -> Rows:
    """The same rows under other numbers (ascending), with empty ones between."""
    counts = np.zeros(n_rows, dtype=np.int64)
    counts[numbers] = np.diff(rows.start)
    start = np.zeros(n_rows + 1, dtype=np.int64)
    np.cumsum(counts, out=start[1:])
    return Rows(start, rows.place, rows.value)
