from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from outreach.day import wording
from outreach.day.wording import Size, StockWords

CHICAGO = ZoneInfo("America/Chicago")
MONDAY = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Decimal("265.00"), "$265"),
        (Decimal("265.50"), "$265.50"),
        (Decimal(1265), "$1,265"),
        (Decimal("-89.90"), "−$89.90"),
        (Decimal(0), "$0"),
        (None, "price unknown"),
    ],
)
def test_money_leaves_out_empty_cents(amount: Decimal | None, words: str) -> None:
    assert wording.money(amount) == words


def test_money_names_a_currency_without_a_sign_of_its_own(settings) -> None:  # type: ignore[no-untyped-def]
    settings.CURRENCY = "CHF"

    assert wording.money(Decimal(-265)) == "−265 CHF"


@pytest.mark.parametrize(
    ("stock", "size", "said"),
    [
        (None, "38", StockWords("stock unknown")),
        ({"38": 3}, "38", StockWords("3 left in 38")),
        ({"38": 2}, "38", StockWords("2 left in 38")),
        ({"38": 1}, "38", StockWords("last one in 38", is_low=True)),
        ({"38": 0, "39": 4}, "38", StockWords("none left in 38", is_low=True)),
        ({"39": 4}, "38", StockWords("none left in 38", is_low=True)),
        ({"38": 2, "39": 4}, "", StockWords("in store")),
        ({"One size": 2}, "38", StockWords("in store")),
        ({"One size": 1}, "", StockWords("last one here", is_low=True)),
        ({"One size": 0}, "", StockWords("sold out here", is_low=True)),
        ({}, "", StockWords("sold out here", is_low=True)),
    ],
)
def test_stock_words_speak_of_her_size_where_there_are_sizes(
    stock: dict[str, int] | None, size: str, said: StockWords
) -> None:
    assert wording.stock_words(stock, size) == said


def test_sizes_here_stand_in_their_natural_order() -> None:
    numbers = wording.sizes_here({"10": 1, "9½": 1, "9": 0, "One size": 5})
    letters = wording.sizes_here({"XL": 1, "S": 1, "M": 1, "Tall": 1})

    assert numbers == (Size("9", is_gone=True), Size("9½", is_gone=False), Size("10", False))
    assert [size.label for size in letters] == ["S", "M", "XL", "Tall"]
    assert wording.sizes_here(None) == ()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (MONDAY, "today"),
        (date(2026, 6, 14), "yesterday"),
        (date(2026, 6, 13), "Saturday"),
        (date(2026, 6, 9), "Tuesday"),
        (date(2026, 6, 8), "8 June"),
        (date(2025, 6, 15), "15 June 2025"),
        (date(2026, 6, 16), "16 June"),
    ],
)
def test_day_words_name_the_weekday_for_less_than_a_week(day: date, words: str) -> None:
    assert wording.day_words(day, on=MONDAY) == words


def test_short_day_says_the_year_instead_of_the_day_in_another_year() -> None:
    assert wording.short_day(date(2026, 1, 3), on=MONDAY) == "3 Jan"
    assert wording.short_day(date(2025, 12, 31), on=MONDAY) == "Dec 2025"


def test_date_line_is_a_whole_date() -> None:
    assert wording.date_line(MONDAY) == "Monday 15 June"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 6, 15, 14, 5, tzinfo=UTC), "9:05"),
        (datetime(2026, 6, 16, 4, 59, tzinfo=UTC), "23:59"),
        (datetime(2026, 6, 16, 5, 0, tzinfo=UTC), "tomorrow 0:00"),
        (datetime(2026, 6, 17, 14, 0, tzinfo=UTC), "Wednesday 9:00"),
        (datetime(2026, 6, 21, 14, 0, tzinfo=UTC), "Sunday 9:00"),
        (datetime(2026, 6, 22, 14, 0, tzinfo=UTC), "22 June 9:00"),
    ],
)
def test_when_words_count_the_days_of_the_store(
    now: datetime, moment: datetime, words: str
) -> None:
    assert wording.when_words(moment, CHICAGO, now=now) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 6, 15, 5, 0, tzinfo=UTC), "0:00"),
        (datetime(2026, 6, 15, 4, 59, tzinfo=UTC), "yesterday, 23:59"),
        (datetime(2026, 6, 12, 15, 41, tzinfo=UTC), "Friday, 10:41"),
        (datetime(2025, 7, 26, 15, 41, tzinfo=UTC), "26 July 2025, 10:41"),
    ],
)
def test_moment_words_leave_out_the_day_only_today(
    now: datetime, moment: datetime, words: str
) -> None:
    assert wording.moment_words(moment, CHICAGO, now=now) == words


@pytest.mark.parametrize(
    ("hour", "minute", "part"),
    [
        (11, 59, "morning"),
        (12, 0, "afternoon"),
        (16, 59, "afternoon"),
        (17, 0, "evening"),
    ],
)
def test_greeting_follows_the_hour(hour: int, minute: int, part: str) -> None:
    local = datetime(2026, 6, 15, hour, minute, tzinfo=CHICAGO)

    assert wording.greeting("Maya", local) == f"Good {part}, Maya"


def test_counted_knows_the_plural() -> None:
    assert wording.counted(1, "reply", "replies") == "1 reply"
    assert wording.counted(2, "reply", "replies") == "2 replies"
    assert wording.counted(0, "client") == "0 clients"


def test_capital_leaves_the_rest_as_it_is() -> None:
    assert wording.capital("yesterday, at Oak Street") == "Yesterday, at Oak Street"
    assert wording.capital("") == ""


def test_shortened_is_one_line_of_at_most_that_length() -> None:
    assert wording.shortened("one\n two", 7) == "one two"
    assert wording.shortened("one\n two", 6) == "one t…"
    assert wording.shortened("one two", 5) == "one…"
