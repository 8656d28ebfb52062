"""How many parts a text is cut into: pure counting, the same for the card and for the bill.

A text of GSM-7 characters alone holds 160, or 153 a part; any other character turns the whole text
into UCS-2, which holds 70, or 67 a part (3GPP TS 23.038; the rest of a part joins them together).
"""

from dataclasses import dataclass
from enum import StrEnum

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is sent as an escape and a letter, so it takes the room of two.
EXTENDED = frozenset("^{}\\[~]|€\f")

KNOWN = BASIC | EXTENDED

PLAIN_FORMS = {
    "‘": "'",
    "’": "'",
    "‚": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "•": "-",
    "\u00a0": " ",
    "\u2009": " ",
    "\u202f": " ",
    "\u200b": "",
    "\t": " ",
    "`": "'",
    "´": "'",
}


class Encoding(StrEnum):
    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
JOINED = {Encoding.GSM7: 153, Encoding.UCS2: 67}


@dataclass(frozen=True)
class Segments:
    """What a text costs. `units` are septets or UTF-16 units; `remaining` still fit the last part.

    `odd_characters` are those that forced UCS-2, each once, in order of appearance.
    """

    encoding: Encoding
    units: int
    count: int
    remaining: int
    odd_characters: tuple[str, ...]


def count(text: str) -> Segments:
    """Count the parts of a text; an empty one has none."""
    if BASIC.issuperset(text):  # almost every note: each character takes the room of one
        return _of_even_width(len(text))
    odd = tuple(dict.fromkeys(letter for letter in text if letter not in KNOWN))
    encoding = Encoding.UCS2 if odd else Encoding.GSM7
    widths = [_width(letter, encoding) for letter in text]
    units = sum(widths)
    if units <= ALONE[encoding]:
        return Segments(encoding, units, int(units > 0), ALONE[encoding] - units, odd)
    parts, used = _fill_parts(widths, JOINED[encoding])
    return Segments(encoding, units, parts, JOINED[encoding] - used, odd)


def _of_even_width(units: int) -> Segments:
    """A GSM-7 text whose characters all take the room of one."""
    alone, joined = ALONE[Encoding.GSM7], JOINED[Encoding.GSM7]
    if units <= alone:
        return Segments(Encoding.GSM7, units, int(units > 0), alone - units, ())
    parts = -(-units // joined)
    return Segments(Encoding.GSM7, units, parts, parts * joined - units, ())


def in_plain_characters(text: str) -> str:
    """The same words with plain twins for curly quotes, long dashes and odd blanks."""
    return "".join(PLAIN_FORMS.get(letter, letter) for letter in text)


def _width(letter: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if letter in EXTENDED else 1
    return 2 if ord(letter) > 0xFFFF else 1


def _fill_parts(widths: list[int], room: int) -> tuple[int, int]:
    """Parts needed and units used in the last one; a pair of units is never torn apart."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts, used
