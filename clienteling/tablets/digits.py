"""Which four digits are too easily guessed, and how long to wait after wrong ones. Pure."""

import re
from datetime import timedelta

LENGTH = 4
MOST_WRONG = 5  # of one person's, wherever they were typed
MOST_WRONG_HERE = 15  # on one tablet, whoever's: guessing one or two of each face is guessing, too
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=12)

RUNS = "01234567890 09876543210"
POPULAR = frozenset({"1004", "1122", "1123", "2580", "0852", "1379", "5683", "0007"})
YEAR = re.compile("19[0-9][0-9]|20[0-4][0-9]")


def weakness(digits: str) -> str:
    """Why nobody should have this PIN, in a sentence; blank for a good one."""
    if not is_whole(digits):
        return "A PIN has four digits."
    if digits in RUNS:
        return "Digits in a row are guessed first. Choose others."
    if digits[:2] == digits[2:]:
        return "The same digits twice are guessed first. Choose others."
    if YEAR.fullmatch(digits):
        return "A year is guessed first. Choose others."
    if digits in POPULAR:
        return "Too many people have chosen this one. Choose another."
    return ""


def is_whole(digits: str) -> bool:
    """Whether these are four digits, and plain ones."""
    return len(digits) == LENGTH and digits.isascii() and digits.isdigit()


def delay_after(wrong: int, *, most: int = MOST_WRONG) -> timedelta:
    """How long nothing is accepted after so many wrong ones in a row: nothing below `most`.

    Then a minute, and twice as long after each further one, up to twelve hours: all 10,000 would
    take thirteen years.
    """
    if wrong < most:
        return timedelta(0)
    doublings = min(wrong - most, 20)
    return min(FIRST_DELAY * 2**doublings, LONGEST_DELAY)
