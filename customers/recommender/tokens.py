"""What an item is, in words: its attributes and the words of its name, as one sparse table.

A token is written `kind=value`, for instance `brand=Acme`, `color=red`, `word=boot`. Two spellings
that differ only in case are one token, shown as first written. Tokens of the kind `group` do not
take part in comparing items; they say which items are the same thing in another colour or size.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from customers.recommender.arrays import Floats, Integers, Sparse, entry_rows, unit_rows

KIND_WEIGHTS: Mapping[str, float] = {
    "brand": 1.0,
    "category": 1.0,
    "subcategory": 1.0,
    "color": 0.8,
    "gender": 0.8,
    "word": 1.0,
    "price": 0.4,
    "group": 0.0,
}
"""How much a kind of token counts when items are compared; a kind not listed is an attribute."""

ATTRIBUTE_WEIGHT = 0.8

_COLORS = (
    "beige black blue bronze brown burgundy coral cream cyan gold golden green grey gray indigo "
    "ivory khaki lilac maroon mint mustard navy olive orange peach pink purple red rose silver tan "
    "taupe teal turquoise violet white yellow"
)
_SIZES = "xs small medium large xl xxl mini size set pack oz lb kg ml cm mm inch ct gal pk"
COLOR_WORDS = frozenset(_COLORS.split())
SIZE_WORDS = frozenset(_SIZES.split())
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, eq=False)
class Tokens:
    """Which item carries which token: `matrix` is 0/1 float32 [n_items, n_tokens]."""

    matrix: Sparse
    names: tuple[str, ...]

    @property
    def n_items(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind of each token [n_tokens]; a token without `=` is a word."""
        return tuple(kind_of(name) for name in self.names)

    def of(self, item: int) -> tuple[str, ...]:
        """The tokens of one item, in the order in which the shop first used them."""
        start, end = self.matrix.indptr[item], self.matrix.indptr[item + 1]
        return tuple(self.names[token] for token in sorted(self.matrix.indices[start:end]))

    def labels(self, *kinds: str) -> tuple[Integers, tuple[str, ...]]:
        """One label per item, from the first of these kinds of which it has a token.

        Answers the label numbers [n_items], -1 for none, and the tokens they stand for.
        """
        found = np.full(self.n_items, -1, dtype=np.int32)
        of_token = np.asarray(self.kinds, dtype=object)
        rows = entry_rows(self.matrix)
        for kind in reversed(kinds):
            mine = of_token[self.matrix.indices] == kind if len(rows) else np.zeros(0, dtype=bool)
            found[rows[mine][::-1]] = self.matrix.indices[mine][::-1]
        used, numbers = np.unique(found, return_inverse=True)
        names = tuple(self.names[token] for token in used if token >= 0)
        return (numbers - int(len(used) > len(names))).astype(np.int32), names

    def space(self) -> Sparse:
        """Items as unit vectors of weighted TF-IDF [n_items, n_tokens].

        idf = log((1 + items) / (0.5 + items with the token)), never below 0 (Spärck Jones 1972;
        weighting and length as in Salton & Buckley 1988), times the weight of the token's kind.
        """
        carriers = np.bincount(self.matrix.indices, minlength=len(self.names))
        rarity = np.maximum(np.log((1.0 + self.n_items) / (0.5 + carriers)), 0.0)
        weights = (rarity * self._kind_weights()).astype(np.float32)
        data = self.matrix.data * weights[self.matrix.indices]
        return unit_rows(
            csr_array((data, self.matrix.indices, self.matrix.indptr), self.matrix.shape)
        )

    def _kind_weights(self) -> Floats:
        weights = [KIND_WEIGHTS.get(kind, ATTRIBUTE_WEIGHT) for kind in self.kinds]
        return np.asarray(weights, dtype=np.float32)

    @classmethod
    def build(cls, token_lists: Iterable[Sequence[str]]) -> "Tokens":
        """The table of these lists of tokens, one list per item; a token said twice counts once."""
        numbers: dict[str, int] = {}
        names: list[str] = []
        columns: list[int] = []
        starts = [0]
        for token_list in token_lists:
            mine: set[int] = set()
            for token in token_list:
                number = numbers.setdefault(token.casefold(), len(names))
                if number == len(names):
                    names.append(token)
                mine.add(number)
            columns.extend(sorted(mine))
            starts.append(len(columns))
        shape = (len(starts) - 1, len(names))
        entries = (np.ones(len(columns), np.float32), np.asarray(columns, np.int32), starts)
        return cls(matrix=csr_array(entries, shape=shape), names=tuple(names))


@dataclass(frozen=True)
class ItemDescription:
    """An item as the shop describes it; a blank says nothing. `price` in the shop's currency."""

    name: str = ""
    brand: str = ""
    category: str = ""
    subcategory: str = ""
    color: str = ""
    gender: str = ""
    price: float | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)


def describe_items(descriptions: Iterable[ItemDescription]) -> Tokens:
    """The token table of a catalog, one row per description, in the order given."""
    return Tokens.build(item_tokens(description) for description in descriptions)


def item_tokens(item: ItemDescription) -> list[str]:
    """The tokens of one item: its fields, attributes, price band, name words and group."""
    fields = ("brand", "category", "subcategory", "color", "gender")
    tokens = [f"{name}={getattr(item, name).strip()}" for name in fields if getattr(item, name)]
    tokens += [
        f"{key}={value}" for key, value in item.attributes.items() if value not in ("", None)
    ]
    if item.price is not None and item.price > 0 and math.isfinite(item.price):
        tokens.append(f"price={price_band(item.price)}")
    tokens += [f"word={word}" for word in name_words(item.name)]
    if item.name.strip():  # nameless things of one kind are not one thing in several colors
        tokens.append(f"group={group_key(item)}")
    return tokens


def name_words(name: str) -> list[str]:
    """The words of a name in small letters, numbers left out, a plural s taken off."""
    return [_singular(word) for word in _WORD.findall(name.casefold())]


def price_band(price: float) -> int:
    """The band of a price above 0: two bands to each doubling (10 to 14.1, 14.1 to 20, ...)."""
    return math.floor(2 * math.log2(price))


def group_key(item: ItemDescription) -> str:
    """The same for one thing in another colour or size: brand, kind and name without those."""
    own_colors = set(name_words(item.color))
    words = [word for word in name_words(item.name) if word not in own_colors]
    stem = [word for word in words if word not in COLOR_WORDS and word not in SIZE_WORDS]
    kind = item.subcategory or item.category
    return "|".join((item.brand, kind, " ".join(sorted(set(stem))))).casefold()


def kind_of(token: str) -> str:
    """The kind of a token: what stands before its first `=`, or `word`."""
    kind, separator, _ = token.partition("=")
    return kind if separator else "word"


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
