from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.messages.opening_hours import hours_of, next_morning, open_time
from outreach.messages.windows import Span, Window
from tests.factories import StoreFactory

CHICAGO = ZoneInfo("America/Chicago")
TEN_TO_SEVEN = Window(CHICAGO, (Span(time(10), time(19)),) * 7)
NOT_ON_SUNDAYS = Window(CHICAGO, (Span(time(10), time(19)),) * 6 + (None,))


def local(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    """June 2026: the 15th is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("since", "until", "waited"),
    [
        (local(15, 11), local(15, 13, 10), timedelta(hours=2, minutes=10)),
        (local(15, 8), local(15, 10), timedelta(0)),
        (local(15, 8), local(15, 10, 1), timedelta(minutes=1)),
        (local(15, 18, 30), local(16, 10, 30), timedelta(hours=1)),
        (local(15, 19), local(16, 10), timedelta(0)),
        (local(15, 12), local(18, 12), timedelta(hours=27)),
        (local(15, 13), local(15, 12), timedelta(0)),
    ],
    ids=["open", "before", "boundary", "over night", "closed", "days", "backwards"],
)
def test_open_time_counts_only_while_the_door_is_open(
    since: datetime, until: datetime, waited: timedelta
) -> None:
    assert open_time(TEN_TO_SEVEN, since=since, until=until) == waited


def test_open_time_does_not_count_a_closed_sunday() -> None:
    saturday_evening, monday_morning = local(20, 18), local(22, 11)

    waited = open_time(NOT_ON_SUNDAYS, since=saturday_evening, until=monday_morning)

    assert waited == timedelta(hours=2)


@pytest.mark.parametrize("day", [8, 1], ids=["spring forward", "fall back"])
def test_open_time_costs_nobody_an_hour_when_clocks_change(day: int) -> None:
    month = 3 if day == 8 else 11
    before = datetime(2026, month, day, 18, tzinfo=CHICAGO) - timedelta(days=1)
    after = datetime(2026, month, day, 11, tzinfo=CHICAGO)

    assert open_time(TEN_TO_SEVEN, since=before, until=after) == timedelta(hours=2)


def test_open_time_counts_a_night_of_changing_clocks_by_real_hours() -> None:
    all_day = Window(CHICAGO, (Span(time(0), time(23)),) * 7)
    midnight, noon = (datetime(2026, 3, 8, hour, tzinfo=CHICAGO) for hour in (0, 12))

    assert open_time(all_day, since=midnight, until=noon) == timedelta(hours=11)


def test_hours_of_are_the_stores_own() -> None:
    store = StoreFactory.build(opens=time(9), closes=time(21), is_closed_on_sundays=True)

    hours = hours_of(store)

    assert hours.week == (Span(time(9), time(21)),) * 6 + (None,)
    assert hours.zone == CHICAGO


def test_next_morning_is_the_first_open_day_after_today() -> None:
    assert next_morning(TEN_TO_SEVEN, local(15, 8)) == local(16, 10).astimezone(UTC)
    assert next_morning(NOT_ON_SUNDAYS, local(20, 18)) == local(22, 10).astimezone(UTC)
    assert next_morning(Window(CHICAGO, (None,) * 7), local(15, 8)) is None
