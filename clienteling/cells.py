"""What one cell of an imported file may say: clean text for the database out, or a sentence.

A reader is handed a cell that is neither blank nor padded. It answers the text that PostgreSQL is
to receive (``None``: nothing), raises ``Refused`` when the row cannot be loaded with this cell, and
``Doubted`` when the row is fine without it. Sentences do not repeat the column's name.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

Reader = Callable[[str], str | None]

LONGEST_CODE = 64
LONGEST_JSON = 20_000
LARGEST_NUMBER = 2_147_483_647
CENT = Decimal("0.01")
LARGEST_MONEY = Decimal("9999999999.99")
EARLIEST_YEAR = 1900  # older moments are typing mistakes, and would not survive a change of zone

CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r" ?(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)


class Refused(Exception):  # noqa: N818 -- what became of the cell, not a fault of ours
    """The row cannot be loaded; the text is the reason."""


class Doubted(Exception):  # noqa: N818
    """The row is loaded with `kept` in this cell; the text is the warning."""

    def __init__(self, reason: str, *, kept: str | None = None) -> None:
        super().__init__(reason)
        self.kept = kept


def code(longest: int = LONGEST_CODE) -> Callable[[str], str]:
    """A key of the source's own, kept to the letter: leading zeros are part of it."""

    def read(text: str) -> str:
        if CONTROL_CHARACTER.search(text):
            raise Refused("Holds a line break or another control character.")
        return _fitting(text, longest)

    return read


def words(longest: int) -> Callable[[str], str]:
    """Names and sentences; line breaks and runs of blanks become one blank."""

    def read(text: str) -> str:
        flat = " ".join(text.split())
        if CONTROL_CHARACTER.search(flat):
            raise Refused("Holds a control character.")
        return _fitting(flat, longest)

    return read


def lower_words(longest: int) -> Reader:
    """As ``words``, in lower case."""
    read_words = words(longest)
    return lambda text: read_words(text.lower())


def one_of(*choices: str) -> Reader:
    """One of a few words, in any case."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise Refused(f"Must be {' or '.join(choices)}.")
        return text.lower()

    return read


def whole_number(*, least: int = -LARGEST_NUMBER, nonzero: bool = False) -> Reader:
    """An integer that fits the database's."""

    def read(text: str) -> str:
        if not WHOLE_NUMBER.fullmatch(text):
            raise Refused("Must be a whole number.")
        number = int(text)
        if number < least:
            raise Refused(f"Must be {least} or more.")
        if abs(number) > LARGEST_NUMBER:
            raise Refused("Is too large.")
        if nonzero and number == 0:
            raise Refused("Must not be 0.")
        return str(number)

    return read


def money(text: str) -> str:
    """An amount of zero or more, rounded to the cent; the only mark in it is a decimal point."""
    if not DECIMAL_NUMBER.fullmatch(text):
        raise Refused("Must be an amount such as 1234.50: no thousands mark, no currency sign.")
    amount = Decimal(text)
    if amount < 0:
        raise Refused("Must not be negative.")
    if amount > LARGEST_MONEY:
        raise Refused("Is too large.")
    return str(amount.quantize(CENT, rounding=ROUND_HALF_UP))


def day(text: str) -> str:
    """A date such as 2026-06-15; of a date with a time, the date as written."""
    return _moment(text).date().isoformat()


def moment(text: str) -> str:
    """A date with a time. One with an offset comes out in UTC, ending in Z.

    One without comes out without: its caller knows the wall clock it was read from.
    """
    found = _moment(text)
    if found.tzinfo is None:
        return found.isoformat()
    return found.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def birth_year(latest: int) -> Reader:
    """A year from 1900 to `latest`; another one is dropped, not the person."""

    def read(text: str) -> str:
        if not re.fullmatch(r"[0-9]{4}", text) or not EARLIEST_YEAR <= int(text) <= latest:
            raise Doubted(f"Is not a year from {EARLIEST_YEAR} to {latest}: left blank.")
        return text

    return read


def json_object(text: str) -> str:
    """A JSON object, written again so that PostgreSQL surely reads it."""
    try:
        found = json.loads(text)
        written = json.dumps(found, ensure_ascii=False, allow_nan=False)
        written.encode()
    except (ValueError, RecursionError):
        raise Refused('Must be a JSON object such as {"heel": "flat"}.') from None
    if not isinstance(found, dict) or "\\u0000" in written:
        raise Refused('Must be a JSON object such as {"heel": "flat"}.')
    return _fitting(written, LONGEST_JSON)


def picture_path(text: str) -> str:
    """A path below the pictures' folder; one that leads elsewhere is dropped."""
    if "\\" in text or ":" in text or text.startswith("/") or ".." in text.split("/"):
        raise Doubted("Must be a path inside the pictures' folder: left blank.")
    return words(300)(text)


def _moment(text: str) -> datetime:
    found = MOMENT.fullmatch(text)
    if found is None:
        raise Refused("Must be a date such as 2026-06-15, or with a time 2026-06-15T14:30.")
    try:
        date.fromisoformat(found["day"])
        parsed = datetime.fromisoformat(
            f"{found['day']}T{found['time'] or '00:00'}{(found['zone'] or '').upper()}"
        )
    except ValueError:
        raise Refused("There is no such day or time.") from None
    if not EARLIEST_YEAR <= parsed.year < 9999:
        raise Refused(f"Is before the year {EARLIEST_YEAR} or out of all bounds.")
    return parsed


def _fitting(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Refused(f"Is longer than {longest} characters.")
    return text
