from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.rhythm import (
    Rhythm,
    calendar_days,
    days_since,
    is_about_to_lapse,
    is_lapsed,
    outlook_words,
    rhythm_words,
)

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("away", "days"),
    [
        (timedelta(0), 0),
        (timedelta(days=1) - timedelta(microseconds=1), 0),
        (timedelta(days=1), 1),
        (timedelta(days=3), 3),
        (-timedelta(seconds=1), -1),
    ],
)
def test_days_since_counts_full_days(now: datetime, away: timedelta, days: int) -> None:
    assert days_since(now - away, now) == days


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (timedelta(days=90) - timedelta(seconds=1), False),
        (timedelta(days=90), True),
        (timedelta(days=400), True),
    ],
)
def test_is_lapsed_from_the_last_full_day_on(
    now: datetime, since: timedelta, expected: bool
) -> None:
    rhythm = Rhythm(last_purchase_at=now - since)

    assert is_lapsed(rhythm, now=now, lapse_days=90) is expected


def test_is_lapsed_follows_the_stores_number(now: datetime) -> None:
    rhythm = Rhythm(last_purchase_at=now - timedelta(days=50))

    assert is_lapsed(rhythm, now=now, lapse_days=45) is True
    assert is_lapsed(rhythm, now=now, lapse_days=90) is False


def test_is_lapsed_needs_a_purchase(now: datetime) -> None:
    assert is_lapsed(Rhythm(last_purchase_at=None), now=now, lapse_days=90) is False


@pytest.mark.parametrize(("days", "expected"), [(59, False), (60, True), (89, True), (90, False)])
def test_is_about_to_lapse_between_her_measure_and_the_shops(
    now: datetime, days: int, expected: bool
) -> None:
    rhythm = Rhythm(now - timedelta(days=days), visit_count=3, usual_gap_days=40)

    assert is_about_to_lapse(rhythm, now=now, lapse_days=90) is expected


def test_is_about_to_lapse_needs_three_visits(now: datetime) -> None:
    last = now - timedelta(days=70)

    assert is_about_to_lapse(Rhythm(last, 2, 40), now=now, lapse_days=90) is False
    assert is_about_to_lapse(Rhythm(last, 3, None), now=now, lapse_days=90) is False
    assert is_about_to_lapse(Rhythm(None, 3, 40), now=now, lapse_days=90) is False


def test_rhythm_words_set_her_habit_beside_the_days(now: datetime) -> None:
    rhythm = Rhythm(now - timedelta(days=103), visit_count=5, usual_gap_days=41)

    assert rhythm_words(rhythm, now=now, zone=CHICAGO) == "103 days · usually every 41"


def test_rhythm_words_leave_out_an_unknown_habit(now: datetime) -> None:
    rhythm = Rhythm(now - timedelta(days=1), visit_count=2, usual_gap_days=41)

    assert rhythm_words(rhythm, now=now, zone=CHICAGO) == "1 day"


def test_rhythm_words_of_a_client_who_never_bought(now: datetime) -> None:
    never = Rhythm(last_purchase_at=None)

    assert rhythm_words(never, now=now, zone=CHICAGO) == ""


@pytest.mark.parametrize(
    ("last", "days"),
    [
        ("2026-06-15 00:00", 0),
        ("2026-06-14 23:59", 1),  # a few hours ago, and yet yesterday
        ("2026-06-07 19:00", 8),  # seven full days and some hours
        ("2026-03-07 20:00", 100),  # the clocks have changed since
    ],
)
def test_calendar_days_are_those_of_the_stores_calendar(
    now: datetime, last: str, days: int
) -> None:
    moment = datetime.fromisoformat(last).replace(tzinfo=CHICAGO)

    assert calendar_days(moment, now, zone=CHICAGO) == days


def test_rhythm_words_of_one_who_was_here_today(now: datetime) -> None:
    assert rhythm_words(Rhythm(now), now=now, zone=CHICAGO) == "Today"


def test_calendar_days_turn_at_the_stores_midnight_and_not_at_that_of_utc() -> None:
    last = datetime(2026, 6, 14, 20, 0, tzinfo=CHICAGO)  # the 15th in UTC

    before = datetime(2026, 6, 14, 23, 59, tzinfo=CHICAGO)

    assert calendar_days(last, before, zone=CHICAGO) == 0
    assert calendar_days(last, before + timedelta(minutes=1), zone=CHICAGO) == 1


@pytest.mark.parametrize(("will_buy", "expected"), [(0.74, True), (0.75, False), (None, True)])
def test_is_about_to_lapse_spares_one_who_is_likely_to_come_anyway(
    now: datetime, will_buy: float | None, expected: bool
) -> None:
    rhythm = Rhythm(now - timedelta(days=70), visit_count=3, usual_gap_days=40)

    said = is_about_to_lapse(rhythm, now=now, lapse_days=90, will_buy=will_buy)

    assert said is expected


@pytest.mark.parametrize(
    ("will_buy", "words"),
    [
        (1.0, "Likely to come back on their own"),
        (0.75, "Likely to come back on their own"),
        (0.74, "May or may not come back"),
        (0.25, "May or may not come back"),
        (0.24, "May be slipping away"),
        (None, ""),
    ],
)
def test_outlook_words_say_no_number(will_buy: float | None, words: str) -> None:
    assert outlook_words(will_buy) == words
