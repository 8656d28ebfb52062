"""Short answers ready to be tapped into the field, from what she wrote and the pinned items. Pure.

A tap fills the field and sends nothing. Nothing is promised that the stock of this moment does not
hold: "I put the 38 aside" is offered only while one is here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clienteling.folding import fold
from outreach.day import wording

SHOWN = 3
ORDINALS = {"first": 1, "second": 2, "third": 3}

ASKS_TO_KEEP = re.compile(r"\b(?:hold|keep|reserve|save|set aside|put aside|put back|i'?ll take)\b")
ASKS_WHAT_IS_HERE = re.compile(
    r"\b(?:do you (?:still )?have|(?<!much )is (?:it|there|the)|are (?:they|there)|in stock"
    r"|available|any left|left in|come in|size)\b"
)
ASKS_THE_PRICE = re.compile(r"\b(?:how much|price|cost)\b|\$")
COMES_BY = re.compile(
    r"\b(?:come|stop|drop|swing|pop) (?:by|in|over)\b|\b(?:visit|see you)\b"
    r"|\bi'?ll be (?:in|there)\b"
)
THANKS = re.compile(
    r"\b(?:thank|thanks|thx|lovely|love (?:it|them|the)|beautiful|gorgeous|great)\b"
)
SAYS_NO = re.compile(r"\b(?:not for me|no thank|no thanks|not my (?:style|thing|taste))\b")
SIZE = re.compile(r"\b(\d{1,2}(?:[.,]5)?|xxs|xs|s|m|l|xl|xxl)\b")


@dataclass(frozen=True)
class Piece:
    """One of the items last sent: `stock` by size here and now, None where nobody told us.

    `size` is hers in such things, for a question that names none; "" where it is not known.
    """

    name: str
    price: Decimal | None
    stock: Mapping[str, int] | None
    size: str = ""


def quick_answers(said: str, pieces: Sequence[Piece], *, holding: str) -> tuple[str, ...]:
    """At most three answers to her last words, the most to the point first.

    `holding` is the one that always fits: that somebody will look and write back.
    """
    words = fold(_halves(said.replace("’", "'")))
    found = [*_about_pieces(words, pieces), *_about_her(words)]
    return tuple(dict.fromkeys([*found[: SHOWN - 1], holding]))


def _about_pieces(words: str, pieces: Sequence[Piece]) -> Iterable[str]:
    piece = meant(words, pieces)
    if piece is None or SAYS_NO.search(words):
        return
    if ASKS_THE_PRICE.search(words) and piece.price is not None:
        yield f"The {piece.name} is {wording.money(piece.price)}."
    if ASKS_TO_KEEP.search(words) or ASKS_WHAT_IS_HERE.search(words):
        yield _about_stock(words, piece)


def _about_stock(words: str, piece: Piece) -> str:
    """Yes only to what lies here; unknown is neither yes nor no."""
    if piece.stock is None:
        return f"Let me look for the {piece.name} and write back in a moment."
    size = _size_meant(words, piece.stock, piece.size)
    what = f"the {piece.name} in {size}" if size else f"the {piece.name}"
    here = piece.stock.get(size, 0) if size else sum(piece.stock.values())
    if not here:
        return f"I am sorry, {what} has just gone. Shall I look for one elsewhere?"
    if not size and any(map(wording.is_size, piece.stock)):
        return f"Yes, {what} is here. Which size shall I keep for you?"
    if ASKS_TO_KEEP.search(words):
        return f"Yes, I put {what} aside for you."
    return f"Yes, {what} is here. Shall I keep it for you?"


def _about_her(words: str) -> Iterable[str]:
    if COMES_BY.search(words):
        yield "Lovely, see you then."
    if SAYS_NO.search(words):
        yield "Thank you for telling me, I will keep it in mind."
    elif THANKS.search(words):
        yield "With pleasure."


def meant(words: str, pieces: Sequence[Piece]) -> Piece | None:
    """Which of the items her folded words are about; None when that is anybody's guess."""
    if len(pieces) == 1:
        return pieces[0]
    for ordinal, number in ORDINALS.items():
        if re.search(rf"\b{ordinal}\b|\bnumber {number}\b", words) and number <= len(pieces):
            return pieces[number - 1]
    named = [piece for piece in pieces if _names(words, piece.name)]
    if len(named) == 1:
        return named[0]
    return _only_one_in_that_size(words, pieces) if not named else None


def _names(words: str, name: str) -> bool:
    """Whether one of the longer words of the name is said: "the loafers", "your Marlow"."""
    said = set(re.findall(r"[a-z]+", words))
    parts = [part for part in re.findall(r"[a-z]+", fold(name)) if len(part) > 3]
    return any(part in said or f"{part}s" in said for part in parts)


def _only_one_in_that_size(words: str, pieces: Sequence[Piece]) -> Piece | None:
    """ "Could you keep the 38?": the one of three that comes in it."""
    fitting = [piece for piece in pieces if _size_said(words, piece.stock or {})]
    return fitting[0] if len(fitting) == 1 else None


def _size_meant(words: str, stock: Mapping[str, int], hers: str) -> str:
    has_hers = hers in stock and wording.is_size(hers)
    return _size_said(words, stock) or (hers if has_hers else "")


def _size_said(words: str, stock: Mapping[str, int]) -> str:
    """A size of this item that stands in her words; letters alone only after "size" or "the"."""
    by_folded = {_plain(size): size for size in stock if wording.is_size(size)}
    for found in SIZE.finditer(words):
        size = by_folded.get(_plain(found[1]))
        before = words[: found.start()].rstrip()
        if size and (found[1][0].isdigit() or before.endswith(("size", "the", "an", "a", "in"))):
            return size
    return ""


def _plain(size: str) -> str:
    return fold(_halves(size)).replace(",", ".")


def _halves(words: str) -> str:
    """Before folding, which would make 381/2 of 38½."""
    return words.replace("½", ".5")
