"""Ready words for the screens: money, stock, days and hours, as a person would say them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clienteling.money import money as money
from clienteling.wall_clock import clock_words as clock_words
from customers.feedback import Kind

LOW_STOCK = 1
ONE_SIZE = frozenset({"one size", "one-size", "onesize", "os", "uni"})
NOON, EVENING = time(12), time(17)


@dataclass(frozen=True)
class StockWords:
    """`3 left in 38`, and whether it should be said with a raised finger."""

    words: str
    is_low: bool = False


@dataclass(frozen=True)
class Size:
    """A size of an item here; `is_gone` when none is left."""

    label: str
    is_gone: bool


def word_label(kind: str, called: str) -> str:
    """What she makes of an item, beside its name."""
    labels = {
        Kind.LOVE_IT: "Loves it",
        Kind.NOT_FOR_ME: f"Not for {called}",
        Kind.TRIED_NOT_RIGHT: "Tried, not right",
    }
    return labels[Kind(kind)]


def noted_words(kind: str, name: str, called: str) -> str:
    """What an associate has just written down about an item, in a sentence."""
    said = {
        Kind.LOVE_IT: f"{called} loves the {name}.",
        Kind.NOT_FOR_ME: f"the {name} is not for {called}.",
        Kind.TRIED_NOT_RIGHT: f"{called} tried the {name}, and it was not right.",
    }
    return f"Noted: {said[Kind(kind)]}"


def is_size(label: str) -> bool:
    """Whether the label tells one piece from another; `One size` does not."""
    return bool(label) and label.casefold() not in ONE_SIZE


def capital(words: str) -> str:
    """With a capital first letter, and the rest as it is."""
    return words[:1].upper() + words[1:]


def uncapital(words: str) -> str:
    """With a small first letter, to go on with a sentence."""
    return words[:1].lower() + words[1:]


def stock_words(stock: Mapping[str, int] | None, size: str) -> StockWords:
    """What is here, in her size where it is known. No record is unknown, not sold out."""
    if stock is None:
        return StockWords("stock unknown")
    if not is_size(size) or not any(map(is_size, stock)):
        return _pieces_here(sum(stock.values()))
    left = stock.get(size, 0)
    if left == LOW_STOCK:
        return StockWords(f"last one in {size}", is_low=True)
    return StockWords(f"{left} left in {size}" if left else f"none left in {size}", is_low=not left)


def _pieces_here(left: int) -> StockWords:
    if left == LOW_STOCK:
        return StockWords("last one here", is_low=True)
    return StockWords("in store" if left else "sold out here", is_low=not left)


def sizes_here(stock: Mapping[str, int] | None) -> tuple[Size, ...]:
    """The sizes of an item in their natural order; empty where it has none or nobody told us."""
    named = [(size, left) for size, left in (stock or {}).items() if is_size(size)]
    return tuple(
        Size(size, is_gone=not left)
        for size, left in sorted(named, key=lambda pair: size_order(pair[0]))
    )


LETTER_SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")


def size_order(size: str) -> tuple[int, float, str]:
    """Numbers by value, letters by size, everything else by name."""
    try:
        return 0, float(size.replace("½", ".5").replace(",", ".")), size
    except ValueError:
        letters = size.upper()
        at = LETTER_SIZES.index(letters) if letters in LETTER_SIZES else len(LETTER_SIZES)
        return 1, at, size


def day_words(day: date, *, on: date) -> str:
    """`today`, `yesterday`, `Friday` within the week, then `26 July`, with its year if another."""
    days = (on - day).days
    if days in (0, 1):
        return ("today", "yesterday")[days]
    if 1 < days < 7:
        return f"{day:%A}"
    return full_day(day, on=on)


def full_day(day: date, *, on: date) -> str:
    """`26 July`, and `26 July 2025` in another year."""
    return f"{day.day} {day:%B}" if day.year == on.year else f"{day.day} {day:%B %Y}"


def short_day(day: date, *, on: date) -> str:
    """`26 Jul`, and `Jul 2025` in another year."""
    return f"{day.day} {day:%b}" if day.year == on.year else f"{day:%b %Y}"


def date_line(day: date) -> str:
    """`Monday 15 June`."""
    return f"{day:%A} {day.day} {day:%B}"


def when_words(moment: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """`9:00` today, `tomorrow 9:00`, `Wednesday 9:00`, else `26 July 9:00`. For what lies ahead."""
    day, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    clock = clock_words(moment, zone)
    if day == today:
        return clock
    if day == today + timedelta(days=1):
        return f"tomorrow {clock}"
    if today < day < today + timedelta(days=7):
        return f"{day:%A} {clock}"
    return f"{full_day(day, on=today)} {clock}"


def moment_words(moment: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """`10:41` today, `Friday, 10:41` within the week, else `26 July, 10:41`. For what has been."""
    day, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    clock = clock_words(moment, zone)
    return clock if day == today else f"{day_words(day, on=today)}, {clock}"


def greeting(name: str, local: datetime) -> str:
    """`Good morning, Maya`."""
    hour = local.time()
    part = "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"
    return f"Good {part}, {name}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 reply`, `2 replies`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def shortened(words: str, length: int = 90) -> str:
    """One line of at most `length` characters."""
    line = " ".join(words.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def time_words(length: timedelta) -> str:
    """`under a minute`, `45 min`, `2 h 10 min`, `12 h`."""
    minutes = int(length.total_seconds()) // 60
    if not minutes:
        return "under a minute"
    hours, rest = divmod(minutes, 60)
    parts = (f"{hours:,} h" if hours else "", f"{rest} min" if rest else "")
    return " ".join(part for part in parts if part)
