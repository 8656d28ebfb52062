"""Three times to come by, and telling her associate."""

from datetime import UTC, datetime, time, timedelta

import pytest

from outreach.messages import opening_hours
from outreach.models import Coming, Lookbook, Notice, OffShift
from outreach.page import coming
from outreach.page.coming import Absence, NoSuchTime
from tests.factories import CustomerFactory, LookbookFactory, StoreFactory, UserFactory


def hours(**store: object):  # type: ignore[no-untyped-def]
    return opening_hours.hours_of(StoreFactory.build(**store))


def named(times: tuple[datetime, ...]) -> list[str]:
    zone = StoreFactory.build().zone
    return [f"{at.astimezone(zone):%a %H:%M}" for at in times]


def test_times_are_noon_and_after_work_of_the_next_days(now: datetime) -> None:
    morning = now - timedelta(hours=3)

    assert named(coming.times(hours(), now=morning)) == ["Mon 12:00", "Mon 17:00", "Tue 12:00"]


def test_times_lie_an_hour_ahead(now: datetime) -> None:
    an_hour_before, later = now - timedelta(hours=1), now - timedelta(minutes=59)

    assert named(coming.times(hours(), now=an_hour_before))[0] == "Mon 12:00"
    assert named(coming.times(hours(), now=later))[0] == "Mon 17:00"


def test_times_keep_to_the_hours_of_the_door(now: datetime) -> None:
    late = hours(opens=time(13), closes=time(17, 30))
    short = hours(opens=time(10), closes=time(10, 30))

    assert named(coming.times(late, now=now)) == ["Mon 13:00", "Mon 16:30", "Tue 13:00"]
    assert named(coming.times(short, now=now)) == ["Tue 10:00", "Wed 10:00", "Thu 10:00"]


def test_times_leave_out_closed_sundays(now: datetime) -> None:
    saturday_evening = now + timedelta(days=5, hours=6)

    open_hours = hours(is_closed_on_sundays=True)

    assert named(coming.times(open_hours, now=saturday_evening))[0] == "Mon 12:00"


def test_times_wait_until_her_associate_is_back(now: datetime) -> None:
    back = now + timedelta(days=2)
    absences = [Absence(now, back)]

    assert named(coming.times(hours(), absences=absences, now=now))[0] == "Wed 12:00"


def test_times_are_the_stores_while_her_associate_is_away_all_week(now: datetime) -> None:
    absences = [Absence(now, None)]

    times = coming.times(hours(), absences=absences, now=now)

    assert named(times) == ["Mon 17:00", "Tue 12:00", "Tue 17:00"]


def test_times_stand_on_the_wall_clock_when_the_clocks_change() -> None:
    before = datetime(2026, 10, 31, 23, tzinfo=UTC)  # in Chicago the night gains an hour

    times = coming.times(hours(), now=before)

    assert named(times) == ["Sun 12:00", "Sun 17:00", "Mon 12:00"]
    assert times[0] == datetime(2026, 11, 1, 18, tzinfo=UTC)


@pytest.fixture
def book(db: None) -> Lookbook:
    maya = UserFactory()
    customer = CustomerFactory(store=maya.store, first_name="Amanda", last_name="Reyes")
    return LookbookFactory(customer=customer, associate=maya)


def told() -> list[str]:
    return list(Notice.objects.values_list("sentence", flat=True))


def test_say_tells_her_associate_once_a_tap(book: Lookbook, now: datetime) -> None:
    at = coming.offered(book, now=now)[1]

    for _ in range(2):
        coming.say(book, at, now=now)

    assert coming.expected(book, now=now) == at
    assert told() == ["Amanda Reyes comes by on Tuesday 16 June at 12:00."]


def test_latest_word_stands(book: Lookbook, now: datetime) -> None:
    first, second, _ = coming.offered(book, now=now)
    coming.say(book, first, now=now)

    coming.say(book, second, now=now + timedelta(minutes=1))

    assert [each.at for each in Coming.objects.all()] == [second]
    assert len(told()) == 2


@pytest.mark.parametrize("moved", [timedelta(minutes=1), timedelta(days=-1), timedelta(days=9)])
def test_say_refuses_what_is_not_offered(book: Lookbook, now: datetime, moved: timedelta) -> None:
    at = coming.offered(book, now=now)[0] + moved

    with pytest.raises(NoSuchTime):
        coming.say(book, at, now=now)

    assert (Coming.objects.count(), told()) == (0, [])


def test_withdraw_tells_her_associate_and_offers_again(book: Lookbook, now: datetime) -> None:
    at = coming.offered(book, now=now)[0]
    coming.say(book, at, now=now)

    assert coming.withdraw(book, now=now)
    assert not coming.withdraw(book, now=now)
    assert coming.expected(book, now=now) is None
    assert told()[1] == "Amanda Reyes does not come on Monday 15 June at 17:00 after all."


def test_nobody_is_expected_once_the_time_has_passed(book: Lookbook, now: datetime) -> None:
    at = coming.offered(book, now=now)[0]
    coming.say(book, at, now=now)

    assert coming.expected(book, now=at) is None


def test_offered_reads_who_is_off_shift(book: Lookbook, now: datetime) -> None:
    maya = book.associate
    OffShift.objects.create(associate=maya, since=now, until=now + timedelta(days=1), said_by=maya)

    assert named(coming.offered(book, now=now))[0] == "Tue 12:00"


def test_page_without_a_store_offers_no_time(now: datetime, db: None) -> None:
    assert coming.offered(LookbookFactory(store=None), now=now) == ()
