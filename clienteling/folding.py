"""Words as they are searched: lower case, no accents, single spaces. Folded in Python, so that any
PostgreSQL will do (no unaccent, no pg_trgm), and compared byte by byte (collation C)."""

import unicodedata

LETTERS_WITHOUT_ACCENT = str.maketrans(
    {"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"}
)


def fold(words: str) -> str:
    """`"  Élodie  O'Brien "` → `"elodie o'brien"`."""
    if words.isascii():  # most are, and a page folds some hundred names
        return " ".join(words.lower().split())
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.translate(LETTERS_WITHOUT_ACCENT).split())
