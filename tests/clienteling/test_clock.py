from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError

from clienteling import clock
from clienteling.models import ShopClock
from tests.factories import StoreFactory

pytestmark = pytest.mark.django_db

CHICAGO = ZoneInfo("America/Chicago")
HALF_PAST_TEN = time(10, 30)
NIGHT = datetime(2026, 6, 15, 7, 0, tzinfo=UTC)  # Monday, 2:00 in Chicago
Real = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _demo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMO_CLOCK = HALF_PAST_TEN
    monkeypatch.setattr(clock, "_seen", None)
    monkeypatch.setattr(clock, "_compared", None)


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Real:
    """Let real time stand at a moment, for this machine and for the database's."""
    monkeypatch.setattr(clock, "_measured", lambda known: timedelta(0))

    def stand(moment: datetime) -> None:
        monkeypatch.setattr(clock.timezone, "now", lambda: moment)

    return stand


def start() -> datetime:
    return clock.start_demo_day(zone=CHICAGO, starts_at=HALF_PAST_TEN)


def chicago(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=CHICAGO)


@pytest.mark.parametrize("hours", [0, 7, 12, 17])
def test_first_session_starts_at_the_given_time_at_any_hour(real: Real, hours: int) -> None:
    real(NIGHT + timedelta(hours=hours))

    assert start() == chicago(15, 10, 30)
    assert clock.now() == chicago(15, 10, 30)


def test_clock_runs_as_fast_as_real_time(real: Real) -> None:
    real(NIGHT)
    start()

    real(NIGHT + timedelta(minutes=95))

    assert clock.now() == chicago(15, 12, 5)


@pytest.mark.parametrize(
    ("pause", "shown"),
    [
        (timedelta(hours=1), chicago(15, 11, 30)),  # goes on
        (timedelta(hours=6, minutes=29), chicago(15, 16, 59)),
        (timedelta(hours=6, minutes=30), chicago(16, 10, 30)),  # 17:00: the next morning
        (timedelta(hours=20), chicago(16, 10, 30)),  # 6:30: the day has not begun
        (timedelta(hours=24), chicago(16, 10, 30)),
        (timedelta(days=30, hours=1), chicago(15, 11, 30) + timedelta(days=30)),
    ],
)
def test_second_session_goes_on_or_starts_the_next_morning(
    real: Real, pause: timedelta, shown: datetime
) -> None:
    real(NIGHT)
    start()

    real(NIGHT + pause)

    assert start() == shown
    assert clock.now() == shown


@pytest.mark.parametrize("hours", range(0, 49, 3))
def test_clock_never_runs_backwards(real: Real, hours: int) -> None:
    real(NIGHT)
    start()
    real(NIGHT + timedelta(hours=hours))
    before = clock.now()

    start()

    assert clock.now() >= before


def test_wind_on_moves_the_clock_for_everybody(real: Real) -> None:
    real(NIGHT)
    start()

    assert clock.wind_on(timedelta(days=1)) == chicago(16, 10, 30)
    assert ShopClock.objects.get().offset == timedelta(hours=8, minutes=30, days=1)


def test_wind_on_starts_from_real_time_where_no_session_was(real: Real) -> None:
    real(NIGHT)

    assert clock.wind_on(timedelta(hours=1)) == NIGHT + timedelta(hours=1)


def test_wind_on_refuses_a_step_back(real: Real) -> None:
    real(NIGHT)
    start()

    with pytest.raises(ValueError, match=r"The demo clock never runs backwards\."):
        clock.wind_on(timedelta(microseconds=-1))

    assert clock.wind_on(timedelta(0)) == chicago(15, 10, 30)


def test_another_process_hears_of_it_within_a_second(
    real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    real(NIGHT)
    start()
    monotonic = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: monotonic)
    assert clock.now() == chicago(15, 10, 30)
    ShopClock.objects.update(offset=timedelta(0))

    monkeypatch.setattr(clock, "monotonic", lambda: monotonic + 1.0)
    assert clock.now() == chicago(15, 10, 30)
    monkeypatch.setattr(clock, "monotonic", lambda: monotonic + 1.1)
    assert clock.now() == NIGHT


def test_now_is_real_time_without_a_demo_clock(
    real: Real, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.DEMO_CLOCK = None
    ShopClock.objects.create(offset=timedelta(days=5))
    real(NIGHT)

    with django_assert_num_queries(0):
        shown = clock.now()

    assert (shown, clock.is_shifted()) == (NIGHT, False)


def test_demo_data_is_known_by_the_row_its_loading_leaves(settings: Any) -> None:
    assert not clock.is_demo_data()

    ShopClock.objects.create(offset=timedelta(0))

    assert clock.is_demo_data()


def test_shop_zone_is_the_first_stores() -> None:
    assert clock.shop_zone() == ZoneInfo("UTC")

    StoreFactory(timezone="America/New_York")
    StoreFactory(timezone="America/Chicago")

    assert clock.shop_zone() == ZoneInfo("America/New_York")


@pytest.mark.parametrize("minutes", [-5, 5])
def test_now_goes_by_the_databases_clock_where_this_machines_is_wrong(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
    minutes: int,
) -> None:
    settings.DEMO_CLOCK = None
    right = clock.timezone.now
    monkeypatch.setattr(clock.timezone, "now", lambda: right() + timedelta(minutes=minutes))

    with django_assert_num_queries(0):
        shown = clock.now()

    assert abs(shown - right()) < timedelta(seconds=1)


def test_now_leaves_a_tolerable_difference_alone(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO_CLOCK = None
    ahead = clock.timezone.now() + timedelta(seconds=0.4)
    monkeypatch.setattr(clock.timezone, "now", lambda: ahead)

    assert clock.now() == ahead


def test_now_keeps_the_difference_it_knew_while_the_database_is_away(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO_CLOCK = None
    right = clock.timezone.now
    monkeypatch.setattr(clock.timezone, "now", lambda: right() + timedelta(minutes=5))
    clock.now()
    monkeypatch.setattr(clock, "COMPARE_SECONDS", -1.0)
    monkeypatch.setattr(clock.connection, "ensure_connection", _refuse)

    assert abs(clock.now() - right()) < timedelta(seconds=1)


def _refuse() -> None:
    raise OperationalError("the database is away")
