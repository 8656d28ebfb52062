from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from outreach.day import promises
from outreach.day.promises import BadPromise
from outreach.models import Promise
from tests.factories import (
    NOON,
    CustomerFactory,
    ManagerFactory,
    PromiseFactory,
    StoreFactory,
    UserFactory,
)

TODAY = NOON.date()  # a Monday
CHICAGO = ZoneInfo("America/Chicago")
pytestmark = pytest.mark.django_db


def test_make_writes_down_who_promised_what() -> None:
    associate = UserFactory()
    client = CustomerFactory(store=associate.store)

    promise = promises.make(
        client, words=" Call  her ", due_on=TODAY, due_time=time(15), by=associate, now=NOON
    )

    assert (promise.words, promise.due_on, promise.due_time) == ("Call her", TODAY, time(15))
    assert (promise.falls_to, promise.made_by, promise.kept_at) == (associate, associate, None)


def test_make_lets_it_fall_to_the_clients_own_associate() -> None:
    associate = UserFactory()
    colleague = UserFactory(store=associate.store)
    client = CustomerFactory(store=associate.store, associate=associate)

    promise = promises.make(
        client, words="Call her", due_on=TODAY, due_time=None, by=colleague, now=NOON
    )

    assert (promise.falls_to, promise.made_by) == (associate, colleague)


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1, "That day is over."), (366, "A year is the most that can be promised ahead.")],
)
def test_make_refuses_an_odd_day(days: int, words: str) -> None:
    associate = UserFactory()
    client = CustomerFactory(store=associate.store)

    with pytest.raises(BadPromise) as refusal:
        promises.make(
            client,
            words="Call her",
            due_on=TODAY + timedelta(days=days),
            due_time=None,
            by=associate,
            now=NOON,
        )

    assert refusal.value.sentence == words
    assert not Promise.objects.exists()


def test_make_counts_the_days_of_her_store() -> None:
    tokyo = StoreFactory(timezone="Asia/Tokyo")  # where it is the 16th already
    client = CustomerFactory(store=tokyo)

    with pytest.raises(BadPromise):
        promises.make(
            client, words="Call", due_on=TODAY, due_time=None, by=UserFactory(store=tokyo), now=NOON
        )


def test_keep_has_one_winner() -> None:
    promise = PromiseFactory()
    colleague = UserFactory(store=promise.customer.store)

    answers = [
        promises.keep(promise, by=promise.falls_to, now=NOON),
        promises.keep(promise, by=colleague, now=NOON),
    ]

    promise.refresh_from_db()
    assert answers == [True, False]
    assert (promise.kept_by, promise.kept_at) == (promise.falls_to, NOON)


def test_only_who_kept_it_takes_it_up_again() -> None:
    promise = PromiseFactory()
    promises.keep(promise, by=promise.falls_to, now=NOON)

    assert not promises.take_up_again(promise, by=UserFactory())
    assert promises.take_up_again(promise, by=promise.falls_to)
    assert Promise.objects.open().get() == promise


def test_snooze_counts_from_today_and_forgets_the_hour() -> None:
    promise = PromiseFactory(due_on=TODAY - timedelta(days=4), due_time=time(9))

    assert promises.snooze(promise, days=7, by=promise.falls_to, now=NOON)

    promise.refresh_from_db()
    assert (promise.due_on, promise.due_time) == (TODAY + timedelta(days=7), None)
    assert promise.times_snoozed == 1


def test_snooze_leaves_a_kept_promise_alone() -> None:
    promise = PromiseFactory()
    promises.keep(promise, by=promise.falls_to, now=NOON)

    assert not promises.snooze(promise, days=1, by=promise.falls_to, now=NOON)


def test_due_are_those_of_today_and_before() -> None:
    late = PromiseFactory(due_on=TODAY - timedelta(days=1))
    today = PromiseFactory(due_on=TODAY)
    PromiseFactory(due_on=TODAY + timedelta(days=1))
    PromiseFactory(kept_at=NOON, kept_by=late.falls_to)

    assert list(Promise.objects.due(on=TODAY)) == [late, today]


def test_keepable_are_her_own_and_those_of_her_book() -> None:
    associate = UserFactory()
    hers = PromiseFactory(falls_to=associate)
    of_her_book = PromiseFactory(customer__associate=associate, customer__store=associate.store)
    PromiseFactory()

    assert set(promises.keepable_by(associate)) == {hers, of_her_book}


def test_of_client_draws_the_open_ones_the_next_first() -> None:
    associate = UserFactory()
    client = CustomerFactory(store=associate.store, associate=associate)
    PromiseFactory(customer=client, words="Later", due_on=TODAY + timedelta(days=9))
    first = PromiseFactory(customer=client, words="First", due_on=TODAY - timedelta(days=3))
    PromiseFactory(customer=client, kept_at=NOON, kept_by=associate)

    drawn = promises.of_client(client, associate, associate.store, now=NOON)

    assert [(each.words, each.due, each.is_late) for each in drawn] == [
        ("First", "since Friday", True),
        ("Later", "24 June", False),
    ]
    assert drawn[0].keep_url == f"/promises/{first.pk}/keep/"


def test_of_client_gives_nobody_else_a_way_to_keep_it() -> None:
    promise = PromiseFactory(customer__associate=UserFactory())
    store = promise.customer.store

    [drawn] = promises.of_client(promise.customer, ManagerFactory(store=store), store, now=NOON)

    assert (drawn.keep_url, drawn.snooze_url) == ("", "")


@pytest.mark.parametrize(
    ("due_on", "due_time", "words"),
    [
        (TODAY, None, "today"),
        (TODAY, time(15, 5), "today at 15:05"),
        (TODAY + timedelta(days=1), time(9), "tomorrow at 9:00"),
        (TODAY + timedelta(days=2), time(9), "17 June at 9:00"),
        (TODAY - timedelta(days=1), time(9), "since yesterday"),
        (TODAY - timedelta(days=30), None, "since 16 May"),
    ],
)
def test_due_words(due_on: date, due_time: time | None, words: str) -> None:
    assert promises.due_words(due_on, due_time, on=TODAY) == words


@pytest.mark.parametrize(
    ("due_on", "due_time", "late"),
    [
        (TODAY, None, False),
        (TODAY, time(12, 0), False),
        (TODAY, time(11, 59), True),
        (TODAY - timedelta(days=1), None, True),
        (TODAY + timedelta(days=1), time(9), False),
    ],
)
def test_is_late_once_its_hour_is_over(due_on: date, due_time: time | None, late: bool) -> None:
    noon_there = datetime(2026, 6, 15, 12, 0, tzinfo=CHICAGO)

    assert promises.is_late(due_on, due_time, local=noon_there) is late


@pytest.mark.parametrize("wrong", [{"words": ""}, {"kept_at": NOON}])
def test_database_refuses_half_a_promise(wrong: dict) -> None:
    with pytest.raises(IntegrityError):
        PromiseFactory(**wrong)
