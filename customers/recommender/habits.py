"""What she is used to: her categories, her brands, her prices."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from customers.recommender.arrays import (
    Columns,
    Floats,
    Integers,
    Sparse,
    dense,
    entry_rows,
    values_at,
)
from customers.recommender.demand import demand_share
from customers.recommender.knowledge import Knowledge

CATEGORY_KINDS = ("subcategory", "category")
BRAND_KINDS = ("brand",)
PRICE_SPREAD = 0.35
"""Spread of log price added to her own: about a third up or down is within anybody's habit."""


@dataclass(frozen=True, eq=False)
class LabelHabit:
    """Her share of a label (category or brand) times how well the candidate sells.

    `label` [candidates], -1 for none; `items` [n_customers, labels] how many different items of
    each label she kept; `everyone` [labels] the share over all customers.
    """

    name: str
    label: Integers
    names: tuple[str, ...]
    items: Sparse
    everyone: Floats
    demand: Floats

    @classmethod
    def fit(
        cls, name: str, kinds: tuple[str, ...], knowledge: Knowledge, candidates: Integers
    ) -> "LabelHabit":
        """`kinds` are the kinds of token that make the label, the finest first."""
        labels, names = knowledge.items.tokens.labels(*kinds)
        kept = knowledge.histories.kept
        chosen = labels[kept.indices] >= 0
        entries = (
            np.ones(int(chosen.sum()), dtype=np.float32),
            (entry_rows(kept)[chosen], labels[kept.indices[chosen]]),
        )
        items = csr_array(entries, shape=(kept.shape[0], len(names)))
        totals = np.asarray(items.sum(axis=0), dtype=np.float32).reshape(-1)
        everyone = (totals / max(float(totals.sum()), 1.0)).astype(np.float32)
        share = demand_share(knowledge, candidates)
        return cls(name, labels[candidates], names, items, everyone, np.sqrt(share))

    def scores(self, customers: Integers) -> Iterator[tuple[str, Floats]]:
        """Smoothed share of her items x square root of the candidate's demand.

        share = (hers + share over all) / (all hers + 1), one item's worth of the others' habits;
        a candidate without the label has 0.
        """
        counts = dense(self.items[customers])
        share = (counts + self.everyone) / (counts.sum(axis=1, keepdims=True) + 1)
        padded = np.hstack([share, np.zeros((len(customers), 1), dtype=np.float32)])
        yield self.name, np.sqrt(padded[:, self.label]) * self.demand[np.newaxis, :]

    def owned(self, customers: Integers, columns: Columns) -> Integers:
        """How many of the items she kept have the candidate's label [b, n]."""
        label = self.label[columns]
        counts = values_at(self.items, customers, np.maximum(label, 0)) if self.names else 0
        return np.where(label >= 0, counts, 0).astype(np.int32)


@dataclass(frozen=True, eq=False)
class PriceHabit:
    """How usual a candidate's price is for her, within its category.

    `level` [candidates] is log price less the category's median, NaN when unknown; `usual` and
    `spread` [n_customers] are the mean and standard deviation over what she kept.
    """

    level: Floats
    usual: Floats
    spread: Floats

    @classmethod
    def fit(cls, knowledge: Knowledge, candidates: Integers) -> "PriceHabit":
        """Prices are compared within a category: dear socks are cheaper than a cheap coat."""
        labels, _ = knowledge.items.tokens.labels(*CATEGORY_KINDS)
        level = price_levels(knowledge.items.price, labels)
        kept = knowledge.histories.kept
        known = ~np.isnan(level[kept.indices])
        rows, values = entry_rows(kept)[known], level[kept.indices[known]]
        n = kept.shape[0]
        count = np.bincount(rows, minlength=n)
        some = np.maximum(count, 1)
        usual = np.bincount(rows, weights=values, minlength=n) / some
        square = np.bincount(rows, weights=values**2, minlength=n) / some
        usual = np.where(count > 0, usual, np.nan)
        spread = np.sqrt(np.maximum(square - usual**2, 0) + PRICE_SPREAD**2)
        return cls(level[candidates], usual.astype(np.float32), spread.astype(np.float32))

    def scores(self, customers: Integers) -> Iterator[tuple[str, Floats]]:
        """exp(-d^2 / 2), d in her spreads; an unknown price has her mean, an unknown habit 0."""
        usual = self.usual[customers, np.newaxis]
        spread = self.spread[customers, np.newaxis]
        fit = np.exp(-0.5 * ((self.level[np.newaxis, :] - usual) / spread) ** 2)
        known = ~np.isnan(fit)
        some = np.maximum(known.sum(axis=1, keepdims=True), 1)
        mean = np.where(known, fit, 0).sum(axis=1, keepdims=True) / some
        yield "price", np.where(known, fit, mean).astype(np.float32)


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
