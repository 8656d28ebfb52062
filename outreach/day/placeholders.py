"""The places in a template that are filled for each client, and nothing else is. Pure.

A template is never a program: its words are searched for the listed names in single braces, and
each is replaced by plain text. `{{ client }}`, `{% load %}` and `{0.__class__}` are refused with a
sentence, and a value that looks like a placeholder stays the text it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from outreach.models.message import Step

TEMPLATE_LANGUAGE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\{\{|\{%|\$\{", re.DOTALL)
BRACED = re.compile(r"\{([^{}]*)\}")
NAMED = re.compile(r"\{([a-z_]+)\}")
SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
LEAST_LETTERS = 4
LONGEST_VALUE = 120


@dataclass(frozen=True)
class Placeholder:
    """A place in a template; `steps` are those that can fill it."""

    name: str
    meaning: str
    steps: frozenset[Step]


@dataclass(frozen=True)
class Part:
    """Some words of a note, and whether they are a fact about its client."""

    words: str
    is_fact: bool


EVERY_STEP = frozenset(Step)
OFFERS_ONLY = frozenset({Step.OFFER})
LISTED = (
    Placeholder("first_name", "her first name", EVERY_STEP),
    Placeholder("associate", "who writes", EVERY_STEP),
    Placeholder("store", "your store’s name", EVERY_STEP),
    Placeholder("purchase", "what she last kept", frozenset({Step.OFFER, Step.THANKS})),
    Placeholder("month", "the month she chose it in", frozenset({Step.OFFER, Step.THANKS})),
    Placeholder("items", "the items, “the Marlow loafer and two more”", OFFERS_ONLY),
    Placeholder("item", "the first of the items", OFFERS_ONLY),
    Placeholder("owned", "a piece of hers that it goes with", OFFERS_ONLY),
    Placeholder("piece", "the piece it is about", frozenset({Step.TIP, Step.SERVICE})),
    Placeholder("occasion", "the day, such as “birthday”", frozenset({Step.GREETING})),
    Placeholder("tip", "the tip from the catalog", frozenset({Step.TIP})),
)


def listed(step: Step) -> tuple[Placeholder, ...]:
    """The places a template of this step may have."""
    return tuple(place for place in LISTED if step in place.steps)


def refusals(words: str, step: Step) -> list[str]:
    """Why these words cannot be a template, in sentences; empty where they can."""
    if found := TEMPLATE_LANGUAGE.search(words):
        return [f"“{_shown(found.group())}” is program text: only the listed places are filled."]
    allowed = {place.name for place in listed(step)}
    odd = [each for each in BRACED.findall(words) if each not in allowed]
    if odd:
        names = ", ".join(f"{{{name}}}" for name in sorted(allowed))
        return [f"“{{{_shown(odd[0])}}}” is not a place that is filled here. There are: {names}."]
    if re.search(r"[{}]", BRACED.sub("", words)):
        return ["A brace stands alone: a place is written with one on each side, as {first_name}."]
    return []


def places_in(words: str) -> frozenset[str]:
    """The names of the places in a template."""
    return frozenset(NAMED.findall(words))


def fill(words: str, values: Mapping[str, str]) -> str | None:
    """The words with every place filled; None where a value is missing. Values are only text."""
    if not all(values.get(name) for name in places_in(words)):
        return None
    return NAMED.sub(lambda place: values[place.group(1)], words)


def parts(words: str) -> tuple[Part, ...]:
    """The words to be looked at, each place by its name in plain letters."""
    cut = enumerate(NAMED.split(words))
    return tuple(
        Part(piece.replace("_", " ") if place % 2 else piece, is_fact=place % 2 == 1)
        for place, piece in cut
        if piece
    )


def was_said(words: str, said: str, *, least: int = LEAST_LETTERS) -> bool:
    """Whether a sentence of these words, whatever fills its places, stands in what was said.

    Sentences with fewer than `least` letters of their own, such as a greeting, may come again.
    """
    if not said:
        return False
    spoken = " ".join(said.split()).casefold()
    return any(
        _stands_in(literals, spoken)
        for literals in _sentences(words)
        if sum(map(str.isalpha, "".join(literals))) >= least
    )


@lru_cache(maxsize=1_024)
def _sentences(words: str) -> tuple[tuple[str, ...], ...]:
    """Of each sentence its own words, cut where a place is."""
    return tuple(
        tuple(filter(None, (" ".join(part.split()).casefold() for part in NAMED.split(each)[::2])))
        for each in SENTENCE_END.split(words)
    )


def _stands_in(literals: tuple[str, ...], spoken: str) -> bool:
    """Whether they follow each other there, each within a value's length of the one before.

    Plain searching instead of a pattern: a template with fifty places costs no more than one.
    """
    start = spoken.find(literals[0]) if literals else -1
    while start >= 0:
        if _follow(literals[1:], spoken, start + len(literals[0])):
            return True
        start = spoken.find(literals[0], start + 1)
    return False


def _follow(literals: tuple[str, ...], spoken: str, end: int) -> bool:
    for literal in literals:
        place = spoken.find(literal, end, end + LONGEST_VALUE + len(literal))
        if place < 0:
            return False
        end = place + len(literal)
    return True


def _shown(words: str) -> str:
    """A few of the writer's own letters, to be named in a sentence."""
    flat = re.sub(r"[\r\n]+", " ", words)
    return flat if len(flat) <= 40 else f"{flat[:39]}…"
