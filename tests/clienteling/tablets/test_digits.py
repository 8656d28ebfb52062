from datetime import timedelta

import pytest

from clienteling.tablets import digits


@pytest.mark.parametrize("typed", ["4826", "9057", "3141", "6074"])
def test_weakness_lets_ordinary_digits_pass(typed: str) -> None:
    assert digits.weakness(typed) == ""


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "four digits"),
        ("123", "four digits"),
        ("48261", "four digits"),
        ("48a6", "four digits"),
        ("٤٨٢٦", "four digits"),
        ("1234", "in a row"),
        ("7890", "in a row"),
        ("4321", "in a row"),
        ("0000", "twice"),
        ("9999", "twice"),
        ("1212", "twice"),
        ("1987", "year"),
        ("2010", "year"),
        ("2580", "Too many people"),
    ],
)
def test_weakness_says_what_is_wrong(typed: str, word: str) -> None:
    assert word in digits.weakness(typed)


@pytest.mark.parametrize(
    ("wrong", "minutes"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 720), (200, 720)],
)
def test_delay_after_grows_from_the_fifth_on_and_ends_at_half_a_day(
    wrong: int, minutes: int
) -> None:
    assert digits.delay_after(wrong) == timedelta(minutes=minutes)


def test_delay_after_counts_from_the_number_it_is_given() -> None:
    assert digits.delay_after(14, most=15) == timedelta(0)
    assert digits.delay_after(15, most=15) == timedelta(minutes=1)
