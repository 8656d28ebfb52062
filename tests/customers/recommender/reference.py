"""Every feature as it is defined, written out plainly and slowly: what the kernels must agree with.

One customer at a time, in float64, dense over the candidates. Nothing is shared with the engine but
its facts, the price levels, the likeness of items in words, and the low-rank picture of the table.
"""

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from customers.recommender.engine import Model
from customers.recommender.features import LARGEST_DEVIATION, NAMES
from customers.recommender.habits import price_levels
from customers.recommender.tables import Tables

Values = npt.NDArray[np.float64]


def z(values: Values) -> Values:
    """Z-scores over the candidates, cut; zeros where all are alike."""
    spread = values.std()
    if spread <= 1e-6 * max(abs(values.mean()), 1e-3):
        return np.zeros(len(values))
    return np.clip((values - values.mean()) / spread, -LARGEST_DEVIATION, LARGEST_DEVIATION)


class Reference:
    """The features of a shop for some candidates."""

    def __init__(self, model: Model, candidates: list[int], tables: Tables) -> None:
        self.model, self.candidates, self.latent = model, candidates, tables.latent
        self.days = self._days_of_sales()
        self.kept = self._kept()
        self.likeness = model.items.space.toarray().astype(float)
        self.likeness = self.likeness @ self.likeness[candidates].T
        labels = model.items.tokens.labels
        self.subcategory, self.category, self.brand = (
            labels(*kinds)[0] for kinds in (("subcategory", "category"), ("category",), ("brand",))
        )
        self.level = price_levels(model.items.price, self.subcategory)

    def _days_of_sales(self) -> dict[tuple[int, int], int]:
        """The newest sale of each pair."""
        newest: dict[tuple[int, int], int] = {}
        for customer, item, day, quantity in self._lines():
            if quantity > 0:
                newest[customer, item] = min(day, newest.get((customer, item), day))
        return newest

    def _lines(self):
        told = self.model.interactions
        columns = (told.customer, told.item, told.day, told.quantity)
        return zip(*(column.tolist() for column in columns), strict=True)

    def _kept(self) -> dict[int, dict[int, float]]:
        net: dict[tuple[int, int], int] = defaultdict(int)
        count: dict[tuple[int, int], int] = defaultdict(int)
        for customer, item, _, quantity in self._lines():
            net[customer, item] += quantity
            count[customer, item] += 1
        kept: dict[int, dict[int, float]] = defaultdict(dict)
        for (customer, item), units in net.items():
            if units > 0:
                fresh = 0.5 ** (self.days[customer, item] / self.model.config.history_half_life)
                kept[customer][item] = fresh * (1 + np.log(count[customer, item]))
        return kept

    def vector(self, customer: int) -> Values:
        """Her kept items, weighted by rarity, as a vector of length 1."""
        holders = np.zeros(self.model.items.n_items)
        for hers in self.kept.values():
            holders[list(hers)] += 1
        vector = np.zeros(self.model.items.n_items)
        for item, weight in self.kept.get(customer, {}).items():
            vector[item] = weight * np.log1p(len(self.kept) / holders[item])
        return vector / max(float(np.linalg.norm(vector)), 1e-12)

    def neighbours(self, customer: int) -> dict[int, float]:
        """Who is like her among those who bought a candidate in 60 days, and how much."""
        bought = {who for (who, item), day in self.days.items() if day < 60 and self.holds(item)}
        mine = self.vector(customer)
        likeness = {who: float(mine @ self.vector(who)) for who in bought - {customer}}
        met = {who: value for who, value in likeness.items() if value > 1e-6}
        ordered = sorted(met.values(), reverse=True)
        count = self.model.config.neighbours
        threshold = ordered[count - 1] if len(ordered) > count else 0.0
        return {who: value for who, value in met.items() if value >= threshold}

    def holds(self, item: int) -> bool:
        return item in self.candidates

    def features(self, customer: int) -> Values:
        """Z-scores [candidates, K] of one customer, in the order of the features."""
        raw = {
            **self._similar(customer),
            **self._together(customer),
            **self._taste(customer),
            **self._habits(customer),
            **self._local(customer),
            **self._everywhere(),
        }
        scores = {name: z(np.asarray(values, dtype=float)) for name, values in raw.items()}
        scores["price_fit"] = self._price_fit(customer)
        return np.stack([scores[name] for name in NAMES], axis=1)

    def _similar(self, customer: int) -> dict[str, Values]:
        fresh, fortnight, month = (np.zeros(len(self.candidates)) for _ in range(3))
        for who, likeness in self.neighbours(customer).items():
            for column, item in enumerate(self.candidates):
                day = self.days.get((who, item), 1_000)
                half_life = self.model.config.neighbour_half_life
                fresh[column] += (day < 60) * likeness * 0.5 ** (day / half_life)
                fortnight[column] += (day < 14) * likeness
                month[column] += (day < 30) * likeness
        return {
            "neighbours_fresh": fresh,
            "neighbours_fortnight": fortnight,
            "neighbours_month": month,
            "latent": self.latent.of_candidate.T.astype(float)
            @ (self.vector(customer) @ self.latent.of_item.astype(float)),
        }

    def similar_customers(self, customer: int) -> list[int]:
        """Her neighbours who bought each candidate within fourteen days."""
        near = self.neighbours(customer)
        return [
            sum(self.days.get((who, item), 1_000) < 14 for who in near) for item in self.candidates
        ]

    def _together(self, customer: int) -> dict[str, Values]:
        plain, sure = np.zeros(len(self.candidates)), np.zeros(len(self.candidates))
        owners: dict[int, set[int]] = defaultdict(set)
        for who, hers in self.kept.items():
            for item in hers:
                owners[item].add(who)
        for item, weight in self.kept.get(customer, {}).items():
            for column, other in enumerate(self.candidates):
                both = len(owners[item] & owners[other])
                if both:
                    cosine = both / np.sqrt(len(owners[item]) * len(owners[other]))
                    plain[column] += weight * cosine
                    sure[column] += weight * cosine * both / (both + 3)
        return {"bought_together": plain, "bought_together_surely": sure}

    def _taste(self, customer: int) -> dict[str, Values]:
        hers = self.kept.get(customer, {})
        nothing = np.zeros((1, len(self.candidates)))
        alike = np.concatenate([nothing, self.likeness[list(hers)]])
        weighted = np.concatenate([nothing, alike[1:] * np.array([*hers.values()])[:, np.newaxis]])
        nearest, profile = alike.max(axis=0), weighted.sum(axis=0) / (sum(hers.values()) or 1.0)
        root = np.sqrt(1 + self.buyers(30))
        return {
            "nearest": nearest,
            "nearest_lately": weighted.max(axis=0),
            "profile": profile,
            "nearest_in_demand": nearest * root,
            "profile_in_demand": profile * root,
        }

    def nearest_items(self, customer: int) -> list[set[int]]:
        """Which of hers are most like each candidate; none where nothing has a word in common."""
        hers = self.kept.get(customer, {})
        found = []
        for column in range(len(self.candidates)):
            best = max((self.likeness[item, column] for item in hers), default=0.0)
            alike = {item for item in hers if self.likeness[item, column] > best - 1e-6}
            found.append(alike if best > 0 else {-1})
        return found

    def _habits(self, customer: int) -> dict[str, Values]:
        values = {}
        for name in ("subcategory", "category", "brand"):
            label = getattr(self, name)
            of_all, hers = np.zeros((2, label.max() + 2))  # the last stands for no label
            for each in self.kept.values():
                np.add.at(of_all, label[list(each)], 1)
            of_all[-1] = 0
            of_all /= max(of_all.sum(), 1)
            for item, weight in self.kept.get(customer, {}).items():
                hers[label[item]] += weight
            hers[-1] = 0
            share = (hers + of_all) / (hers.sum() + 1)
            borne = label[self.candidates]
            values[name] = np.sqrt(share)[borne]
            values[f"{name}_lift"] = np.log((share + 1e-4) / (of_all + 1e-4))[borne]
        return values

    def _price_fit(self, customer: int) -> Values:
        levels = self.level[list(self.kept.get(customer, {}))].astype(float)
        fit, known = np.zeros(len(self.candidates)), np.isfinite(self.level[self.candidates])
        if np.isfinite(levels).any() and known.any():
            usual = levels[np.isfinite(levels)].mean()
            fit[known] = z(-np.abs(self.level[self.candidates][known] - usual))
        return fit

    def buyers(self, within: int) -> Values:
        """Different customers who bought each candidate in the last days."""
        counted = np.zeros(self.model.items.n_items)
        for (_, item), day in self.days.items():
            counted[item] += day < within
        return counted[self.candidates]

    def _local(self, customer: int) -> dict[str, Values]:
        people, values = self.model.people, {}
        overall = self.buyers(30) + 1
        overall = overall / overall.sum()
        for name in ("city", "store", "age_band"):
            group, hers = getattr(people, name), np.zeros(len(self.candidates))
            if group[customer] >= 0:
                for (who, item), day in self.days.items():
                    if day < 30 and group[who] == group[customer] and self.holds(item):
                        hers[self.candidates.index(item)] += 1
                prior = self.model.config.local_prior
                hers = (hers + prior * overall) / (hers.sum() + prior) / overall
                hers = np.log(hers)
            values[name] = hers
        return values

    def _everywhere(self) -> dict[str, Values]:
        week, fortnight, month, ever = (self.buyers(days) for days in (7, 14, 30, 1_000_000))
        age = np.nan_to_num(self.model.items.launched[self.candidates])
        return {
            "buyers_week": np.log1p(week),
            "buyers_fortnight": np.log1p(fortnight),
            "buyers_month": np.log1p(month),
            "buyers_ever": np.log1p(ever),
            "pace": np.log1p(ever / (age + 7)),
            "trend": np.log((week + 1) / (month * 7 / 30 + 1)),
            "price_level": np.nan_to_num(self.level[self.candidates]),
            "age": age,
        }

    def opinion(self, customer: int) -> Values:
        """What she said of each candidate, or of items like it."""
        said, heard = self.model.opinions, np.zeros(len(self.candidates))
        for who, item, weight in zip(said.customer, said.item, said.weight, strict=True):
            if who == customer:
                alike = self.likeness[item].copy()
                if self.holds(item):
                    alike[self.candidates.index(item)] = 1
                heard += weight * alike
        return heard
