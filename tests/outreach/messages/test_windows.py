from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from outreach.messages.whereabouts import Place
from outreach.messages.windows import EVERYWHERE, Hours, Span, Window, email_hours, text_hours

STORE_HOURS = Span(time(9), time(20))
LONG_HOURS = Span(time(7), time(22))
NEVER_CLOSED = Span(time(0), time(0))


def daily(opens: int, closes: int) -> tuple[Span, ...]:
    return (Span(time(opens), time(closes)),) * 7


def week(weekdays: Span, saturday: Span, sunday: Span) -> tuple[Span, ...]:
    return (*(weekdays,) * 5, saturday, sunday)


NINE_TO_NINE, NOON_TO_NINE = Span(time(9), time(21)), Span(time(12), time(21))
TEN_TO_FIVE = Span(time(10), time(17))
LAWS = {
    "FL": (daily(8, 20),),
    "CT": (daily(9, 20),),
    "TX": (week(NINE_TO_NINE, NINE_TO_NINE, NOON_TO_NINE),),
    "RI": (week(Span(time(9), time(18)), TEN_TO_FIVE, TEN_TO_FIVE),),
}


def texts(*places: tuple[str, str], hours: Span = LONG_HOURS) -> Hours:
    return text_hours(hours, places=[Place(zone, region) for region, zone in places], laws=LAWS)


def opening(hours: Hours | Window, zone: str, *wall: int, fold: int = 0) -> str | None:
    """The next opening on the wall clock of `zone`, asked at a time of that clock."""
    moment = datetime(*wall, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[arg-type,misc]
    found = hours.next_opening(moment)
    return found.astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M") if found else None


@pytest.mark.parametrize(
    ("region", "zone", "wall", "expected"),
    [
        # Monday 15 June 2026 and the Sunday before it
        ("IL", "America/Chicago", (2026, 6, 15, 12, 0), "Mon 15 12:00"),
        ("IL", "America/Chicago", (2026, 6, 15, 7, 59), "Mon 15 08:00"),
        ("IL", "America/Chicago", (2026, 6, 15, 20, 59), "Mon 15 20:59"),
        ("IL", "America/Chicago", (2026, 6, 15, 21, 0), "Tue 16 08:00"),
        ("FL", "America/New_York", (2026, 6, 15, 19, 59), "Mon 15 19:59"),
        ("FL", "America/New_York", (2026, 6, 15, 20, 0), "Tue 16 08:00"),
        ("CT", "America/New_York", (2026, 6, 15, 8, 30), "Mon 15 09:00"),
        ("TX", "America/Chicago", (2026, 6, 14, 11, 59), "Sun 14 12:00"),
        ("TX", "America/Chicago", (2026, 6, 14, 12, 0), "Sun 14 12:00"),
        ("TX", "America/Chicago", (2026, 6, 13, 21, 0), "Sun 14 12:00"),
        ("TX", "America/Chicago", (2026, 6, 15, 9, 0), "Mon 15 09:00"),
        ("RI", "America/New_York", (2026, 6, 15, 18, 0), "Tue 16 09:00"),
        ("RI", "America/New_York", (2026, 6, 13, 17, 0), "Sun 14 10:00"),
        ("", "America/Phoenix", (2026, 6, 15, 5, 0), "Mon 15 08:00"),
    ],
)
def test_text_hours_open_by_the_law_of_the_state(
    region: str, zone: str, wall: tuple[int, ...], expected: str
) -> None:
    assert opening(texts((region, zone)), zone, *wall) == expected


def test_text_hours_are_cut_down_by_the_stores_own() -> None:
    hours = texts(("TX", "America/Chicago"), hours=STORE_HOURS)

    assert opening(hours, "America/Chicago", 2026, 6, 14, 20, 0) == "Mon 15 09:00"


@pytest.mark.parametrize(
    ("wall", "expected_utc"),
    [
        # 8 March 2026: clocks jump at 2:00, so 9:00 in Chicago is 14:00 UTC instead of 15:00
        ((2026, 3, 7, 21, 0), datetime(2026, 3, 8, 14, 0, tzinfo=UTC)),
        ((2026, 3, 6, 21, 0), datetime(2026, 3, 7, 15, 0, tzinfo=UTC)),
        # 1 November 2026: clocks fall back, so 9:00 is 15:00 UTC again
        ((2026, 10, 31, 21, 0), datetime(2026, 11, 1, 15, 0, tzinfo=UTC)),
        ((2026, 10, 30, 21, 0), datetime(2026, 10, 31, 14, 0, tzinfo=UTC)),
    ],
)
def test_next_opening_keeps_the_wall_clock_over_a_change_of_clocks(
    wall: tuple[int, ...], expected_utc: datetime
) -> None:
    hours = texts(("IL", "America/Chicago"), hours=STORE_HOURS)

    found = hours.next_opening(datetime(*wall, tzinfo=ZoneInfo("America/Chicago")))  # type: ignore[arg-type,misc]

    assert found == expected_utc


@pytest.mark.parametrize(
    ("month", "expected_utc"),
    [(1, 15), (3, 15), (7, 15), (11, 15)],  # 8:00 in Phoenix
)
def test_next_opening_in_arizona_knows_no_change_of_clocks(month: int, expected_utc: int) -> None:
    hours = texts(("AZ", "America/Phoenix"))
    midnight = datetime(2026, month, 10, tzinfo=ZoneInfo("America/Phoenix"))

    assert hours.next_opening(midnight) == datetime(2026, month, 10, expected_utc, tzinfo=UTC)


def test_next_opening_is_right_in_the_hour_that_happens_twice() -> None:
    always = email_hours(NEVER_CLOSED, places=[Place("America/Chicago")])

    assert opening(always, "America/Chicago", 2026, 11, 1, 1, 30, fold=1) == "Sun 01 01:30"


def test_next_opening_moves_on_when_it_falls_into_the_hour_that_does_not_happen() -> None:
    early = Window(ZoneInfo("America/Chicago"), (Span(time(2, 30), time(5)),) * 7)

    assert opening(early, "America/Chicago", 2026, 3, 8, 0, 0) == "Sun 08 03:30"


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ((2026, 6, 15, 19, 59), "Mon 15 20:00"),
        ((2026, 6, 15, 23, 30), "Mon 15 23:30"),
        ((2026, 6, 16, 1, 59), "Tue 16 01:59"),
        ((2026, 6, 16, 2, 0), "Tue 16 20:00"),
        ((2026, 6, 13, 0, 30), "Sat 13 00:30"),  # Friday's evening
        ((2026, 6, 14, 1, 0), "Mon 15 20:00"),  # Saturday was closed, and so is Sunday
    ],
)
def test_window_may_close_after_midnight(wall: tuple[int, ...], expected: str) -> None:
    evening = Span(time(20), time(2))
    window = Window(ZoneInfo("America/Chicago"), (*(evening,) * 5, None, None))

    assert opening(window, "America/Chicago", *wall) == expected


def test_hours_over_midnight_end_where_the_law_does() -> None:
    evening = texts(("IL", "America/Chicago"), hours=Span(time(19), time(2)))

    assert opening(evening, "America/Chicago", 2026, 6, 15, 20, 59) == "Mon 15 20:59"
    assert opening(evening, "America/Chicago", 2026, 6, 15, 21, 0) == "Tue 16 19:00"


def test_next_opening_has_no_answer_when_the_hours_never_meet() -> None:
    night = texts(("IL", "America/Chicago"), hours=Span(time(22), time(23)))

    assert opening(night, "America/Chicago", 2026, 6, 15, 12, 0) is None


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        # On the clock of Chicago: New York allows 8 to 19, Los Angeles 11 to 22
        ((2026, 6, 15, 9, 0), "Mon 15 11:00"),
        ((2026, 6, 15, 11, 0), "Mon 15 11:00"),
        ((2026, 6, 15, 18, 59), "Mon 15 18:59"),
        ((2026, 6, 15, 19, 0), "Tue 16 11:00"),
    ],
)
def test_text_hours_of_an_unknown_zone_are_those_all_plausible_ones_allow(
    wall: tuple[int, ...], expected: str
) -> None:
    hours = texts(("NY", "America/New_York"), ("CA", "America/Los_Angeles"), hours=STORE_HOURS)

    assert opening(hours, "America/Chicago", *wall) == expected


def test_text_hours_heed_the_strictest_state_she_may_be_in() -> None:
    hours = texts(("NY", "America/New_York"), ("FL", "America/New_York"))

    assert opening(hours, "America/New_York", 2026, 6, 15, 20, 0) == "Tue 16 08:00"


def test_text_hours_never_go_beyond_the_federal_ones() -> None:
    always = text_hours(NEVER_CLOSED, places=[Place("America/Chicago", "IL")], laws={})

    assert Window(ZoneInfo("America/Chicago"), EVERYWHERE) in always.windows


def test_email_hours_know_no_stricter_states() -> None:
    hours = email_hours(Span(time(8), time(21)), places=[Place("America/New_York", "FL")])

    assert opening(hours, "America/New_York", 2026, 6, 15, 20, 30) == "Mon 15 20:30"
