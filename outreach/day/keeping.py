"""A note that worked, made into a phrase that may be used again: nothing of its client stays. Pure.

What names her, her purchase, the items, the writer and the store becomes a place. A sentence in
which anything personal may be left (a number, a name in capitals, a word of a product she owns) is
left out whole: better a shorter phrase than one client's life in another one's note.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from outreach.day import notes
from outreach.day.notes import Piece
from outreach.day.placeholders import NAMED, places_in, refusals
from outreach.messages import linter
from outreach.models.message import Step

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# After a preposition only: "May I" and "we march" are no months.
MONTH = re.compile(rf"\b((?:in|from|of|since|last)\s+)(?:{MONTHS})(?:\s+\d{{4}})?\b")
SENTENCE = re.compile(r".+?(?:[.!?;]+(?=\s|$)|(?=\n|$))[^\S\n]*|\n+")
INNER_CAPITAL = re.compile(r"(?<=[^\W_])[^\S\n]+[^\w\s{]*(?!I\b|I['’])[A-ZÀ-ÖØ-Þ]\w*")
PERSONAL = re.compile(r"\d|@|https?:|www\.", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")
LEAST_LETTERS = 25
LEAST_TELLING = 4  # letters of a word that may point to a piece: "flat", not "a"


@dataclass(frozen=True)
class Named:
    """Everything about one note and its client that must not stay in it."""

    first_name: str
    last_name: str
    city: str
    associate: str
    store: str
    purchases: tuple[str, ...]
    items: tuple[Piece, ...]


def generalised(body: str, named: Named, step: Step) -> str:
    """The note as a phrase with places; blank where too little is left to be worth keeping."""
    with_places = _with_places(body, named)
    telling = _telling_words(named)
    kept = "".join(
        sentence
        for sentence in SENTENCE.findall(with_places)
        if not sentence.strip() or _may_stay(sentence, telling)
    )
    words = re.sub(r"\n{3,}", "\n\n", kept).strip()
    is_sound = not refusals(words, step) and not linter.faults(NAMED.sub("it", words))
    return words if is_sound and _own_letters(words) >= LEAST_LETTERS else ""


def _with_places(body: str, named: Named) -> str:
    words = body
    for said in sorted(_items_said(named.items), key=len, reverse=True):
        words = _put(words, said, "{items}")
    for piece in named.items:
        article = r"(?P<article>the\s+|your\s+)?"
        color = rf"(?:\s+in\s+{re.escape(piece.color)})?" if piece.color else ""
        if piece.name.strip():
            pattern = rf"{article}\b{re.escape(piece.name)}\b{color}"
            words = re.sub(pattern, r"\g<article>{item}", words, flags=re.IGNORECASE)
    for purchase in sorted(named.purchases, key=len, reverse=True):
        words = _put(words, purchase, "{purchase}")
    words = MONTH.sub(r"\1{month}", words)
    words = _put(words, named.store, "{store}")
    words = _put(words, named.first_name, "{first_name}")
    return _put(words, named.associate, "{associate}")


def _items_said(items: Sequence[Piece]) -> Iterator[str]:
    """The ways in which a draft says the items, more than one at a time."""
    plain_items = [
        Piece(notes.plain(each.name) or "", notes.plain(each.color) or "") for each in items
    ]
    for some in (list(items), plain_items):
        if some:
            yield notes.listed(some)
            yield notes.counted(len(some))


def _put(words: str, said: str, place: str) -> str:
    said = " ".join(said.split())
    if not said:
        return words
    return re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", place, words, flags=re.IGNORECASE)


def _telling_words(named: Named) -> Collection[str]:
    """Words that would point to her or to a piece of hers, if they were still there."""
    pieces = [*named.purchases, *(f"{each.name} {each.color}" for each in named.items)]
    people = f"{named.first_name} {named.last_name} {named.city}"
    long_ones = {word for word in WORD.findall(" ".join(pieces)) if len(word) >= LEAST_TELLING}
    return {word.casefold() for word in long_ones | set(WORD.findall(people))}


def _may_stay(sentence: str, telling: Collection[str]) -> bool:
    own = NAMED.sub(" ", sentence)
    if PERSONAL.search(own) or INNER_CAPITAL.search(own):
        return False
    words = [word.casefold() for word in WORD.findall(own)]
    if any(word in telling or word.removesuffix("s") in telling for word in words):
        return False
    places = [place.group(1) for place in NAMED.finditer(sentence)]
    is_repeated = len(places) != len(places_in(sentence))
    return not is_repeated and ("month" not in places or "purchase" in places)


def _own_letters(words: str) -> int:
    return sum(map(str.isalpha, NAMED.sub("", words)))
