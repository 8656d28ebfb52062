"""R57, the rate limit: over so many sends an hour or a day by one associate, refused."""

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from clienteling.models import Store, User
from outreach.messages.outbox import NotSendable
from outreach.models import Message
from outreach.models.message import State
from tests.factories import MessageFactory, UserFactory
from tests.outreach.messages.worlds import client_of, offer, picks_in_stock, tap


def associate_limited_to(*, an_hour: int, a_day: int) -> User:
    associate = UserFactory()
    Store.objects.update(sends_per_hour=an_hour, sends_per_day=a_day)
    associate.store.refresh_from_db()
    return associate


def wrote(associate: User, at: datetime, state: str = "queued") -> Message:
    return MessageFactory(sender=associate, queued_at=at, state=state)


def refused(associate: User, now: datetime) -> str:
    """The sentence with which one more tap is refused; blank when it is taken."""
    amanda = client_of(associate)
    try:
        tap(associate, amanda, offer(picks_in_stock(amanda)), now=now)
    except NotSendable as refusal:
        return refusal.sentence
    return ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes_ago", "sentence"),
    [
        ((30, 20), "2 notes in an hour is the most; the next may go at 12:30."),
        ((60, 20), ""),
        ((59, 20), "2 notes in an hour is the most; the next may go at 12:01."),
        ((30,), ""),
        ((700, 600, 500), "3 notes in 24 hours is the most; the next may go at 00:20."),
        ((24 * 60, 600, 500), ""),
    ],
)
def test_click_over_the_limit_is_refused_with_the_hour_of_the_next(
    minutes_ago: tuple[int, ...], sentence: str, now: datetime
) -> None:
    associate = associate_limited_to(an_hour=2, a_day=3)
    for minutes in minutes_ago:
        wrote(associate, now - timedelta(minutes=minutes))

    assert refused(associate, now) == sentence


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "counts"), [(State.CANCELED, False), (State.NEEDS_ATTENTION, True)]
)
def test_what_never_left_does_not_count(state: State, counts: bool, now: datetime) -> None:
    associate = associate_limited_to(an_hour=1, a_day=9)
    wrote(associate, now - timedelta(minutes=1), state)

    assert bool(refused(associate, now)) == counts


@pytest.mark.django_db
def test_a_colleagues_notes_do_not_count(now: datetime) -> None:
    associate = associate_limited_to(an_hour=1, a_day=1)
    wrote(UserFactory(store=associate.store), now)

    assert refused(associate, now) == ""


@pytest.mark.django_db(transaction=True)
def test_taps_at_once_on_several_tablets_are_counted_one_after_another(now: datetime) -> None:
    associate = associate_limited_to(an_hour=2, a_day=9)
    clients = [
        client_of(associate, phone=f"+1312555019{each}", mailbox=f"c{each}@example.com")
        for each in range(4)
    ]
    notes = [offer(picks_in_stock(each)) for each in clients]
    together = Barrier(len(clients))

    def one_tap(place: int) -> None:
        together.wait()
        try:
            tap(associate, clients[place], notes[place], now=now)
        except NotSendable:
            pass
        finally:
            connection.close()

    threads = [Thread(target=one_tap, args=(place,)) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Message.objects.count() == 2
