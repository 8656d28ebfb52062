from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from outreach.messages.windows import Span, Window, email_window, text_window

STORE_HOURS = Span(time(9), time(20))
LONG_HOURS = Span(time(7), time(22))


def opening(window: Window, *wall: int, fold: int = 0) -> str | None:
    moment = datetime(*wall, tzinfo=window.zone, fold=fold)  # type: ignore[arg-type,misc]
    found = window.next_opening(moment)
    return found.astimezone(window.zone).strftime("%a %d %H:%M") if found else None


def texts(region: str, zone: str, hours: Span = LONG_HOURS) -> Window:
    return text_window(hours, region=region, zone=ZoneInfo(zone))


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
        ("tx ", "America/Chicago", (2026, 6, 14, 8, 0), "Sun 14 12:00"),
        ("", "America/Phoenix", (2026, 6, 15, 5, 0), "Mon 15 08:00"),
    ],
)
def test_text_window_opens_by_the_law_of_the_state(
    region: str, zone: str, wall: tuple[int, ...], expected: str
) -> None:
    assert opening(texts(region, zone), *wall) == expected


def test_text_window_is_cut_down_by_the_stores_own_hours() -> None:
    assert (
        opening(texts("TX", "America/Chicago", STORE_HOURS), 2026, 6, 14, 20, 0) == "Mon 15 09:00"
    )


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
    window = texts("IL", "America/Chicago", STORE_HOURS)

    found = window.next_opening(datetime(*wall, tzinfo=window.zone))  # type: ignore[arg-type,misc]

    assert found == expected_utc


def test_next_opening_is_right_in_the_hour_that_happens_twice() -> None:
    always = email_window(Span(time(0), time(23, 59)), zone=ZoneInfo("America/Chicago"))

    assert opening(always, 2026, 11, 1, 1, 30, fold=1) == "Sun 01 01:30"


def test_next_opening_has_no_answer_when_the_hours_never_meet() -> None:
    night = Span(time(22), time(23))

    assert opening(texts("IL", "America/Chicago", night), 2026, 6, 15, 12, 0) is None


def test_email_window_knows_no_stricter_states() -> None:
    window = email_window(Span(time(8), time(21)), zone=ZoneInfo("America/New_York"))

    assert opening(window, 2026, 6, 15, 20, 30) == "Mon 15 20:30"
