"""Her habits: which categories and brands she buys, and at what price."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from customers.recommender.arrays import Floats, Integers
from customers.recommender.compiled import compiled
from customers.recommender.rows import Rows
from customers.recommender.tokens import Tokens

SUBCATEGORY_KINDS = ("subcategory", "category")
CATEGORY_KINDS = ("category",)
BRAND_KINDS = ("brand",)


class Labels(NamedTuple):
    """One label of each item [n_items], -1 for none, and of each candidate, the last for none.

    `borne` [labels + 1] is by how many candidates a label is borne, `share` [labels + 1] its share
    of everything kept; the last stands for none.
    """

    of_item: Integers
    of_candidate: npt.NDArray[np.uint32]
    borne: Floats
    share: Floats


class Prices(NamedTuple):
    """`level` [n_items] is log price less the median of its category's, NaN when unknown."""

    level: Floats
    of_candidate: Floats


def labels(
    tokens: Tokens, kinds: tuple[str, ...], kept_items: Integers, candidates: Integers
) -> Labels:
    """`kinds` are the kinds of token that make the label, the finest first.

    `kept_items` holds an item once for every customer who kept it.
    """
    of_item, names = tokens.labels(*kinds)
    kept = of_item[kept_items]
    totals = np.bincount(kept[kept >= 0], minlength=len(names)).astype(np.float32)
    of_candidate = np.where(of_item[candidates] >= 0, of_item[candidates], len(names))
    return Labels(
        of_item,
        of_candidate.astype(np.uint32),
        np.bincount(of_candidate, minlength=len(names) + 1).astype(np.float32),
        np.append(totals / max(float(totals.sum()), 1.0), 0).astype(np.float32),
    )


def prices(price: Floats, tokens: Tokens, candidates: Integers) -> Prices:
    """Prices are compared within a category: dear socks are cheaper than a cheap coat."""
    level = price_levels(price, tokens.labels(*SUBCATEGORY_KINDS)[0])
    return Prices(level, level[candidates])


def price_levels(price: Floats, labels: Integers) -> Floats:
    """log price less the median log price of the item's label [n_items]; NaN when unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(price > 0, np.log(price), np.nan).astype(np.float32)
    priced = np.flatnonzero(np.isfinite(logs))
    order = priced[np.lexsort((logs[priced], labels[priced]))]
    _, start, count = np.unique(labels[order], return_index=True, return_counts=True)
    middle = (logs[order][start + (count - 1) // 2] + logs[order][start + count // 2]) / 2
    level = np.full(len(price), np.nan, dtype=np.float32)
    level[order] = logs[order] - np.repeat(middle, count)
    return level


def kept_of(kept: Rows, labels: Labels, customers: Integers, columns: Integers) -> Integers:
    """How many of the items she kept have the candidate's label [b, n]."""
    count = np.zeros(columns.shape, dtype=np.int32)
    _count_kept(kept, labels, customers, columns, count)
    return count


@compiled
def _count_kept(
    kept: Rows, labels: Labels, customers: Integers, columns: Integers, count: Integers
) -> None:
    start, items, of_item, of_candidate = (
        kept.start,
        kept.place,
        labels.of_item,
        labels.of_candidate,
    )
    for row in range(len(customers)):
        begin, end = start[customers[row]], start[customers[row] + 1]
        for place in range(columns.shape[1]):
            column = columns[row, place]
            if column >= 0:
                for entry in range(begin, end):
                    count[row, place] += of_item[items[entry]] == of_candidate[column]
