"""What the first associate has promised, done and put off, so that his day begins with it.

Chosen by place in the book and not by chance: nothing else in the shop changes by it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from clienteling.defaults import LAPSE_DAYS
from clienteling.demo.clients import Client
from clienteling.models import User
from customers.models import Channel, ImportantDate
from outreach.models import Gesture, Promise, PutOff

# Words, days from today, and the hour where one was named.
PROMISES = (
    ("Ask the workshop about the new heel tips", -1, None),
    ("Call when the navy pair is back in 38", 0, time(15)),
    ("Send the address of the tailor", 0, None),
    ("Put the catalogue of the autumn coats aside", 2, None),
)
DEEDS = (
    (Gesture.Kind.KINDNESS, "New laces, for nothing", 6),
    (Gesture.Kind.CALL, "", 3),
)


def promises(book: Sequence[Client], associate: User, *, now: datetime) -> Iterator[Promise]:
    """Promises to clients of his who came lately: one is late, two are for today."""
    lately = _of(book, associate, lapsed=False)
    today = _today(associate, now)
    for client, (words, days, hour) in zip(lately, PROMISES, strict=False):
        yield Promise(
            customer=client.customer,
            falls_to=associate,
            words=words,
            due_on=today + timedelta(days=days),
            due_time=hour,
            made_at=now - timedelta(days=4),
            made_by=associate,
        )


def deeds(book: Sequence[Client], associate: User, *, now: datetime) -> Iterator[Gesture]:
    """What he did for some of them beside writing."""
    lately = _of(book, associate, lapsed=False)[len(PROMISES) :]
    for client, (kind, words, days) in zip(lately, DEEDS, strict=False):
        yield Gesture(
            customer=client.customer,
            kind=kind,
            words=words,
            made_at=now - timedelta(days=days),
            made_by=associate,
        )


def put_offs(book: Sequence[Client], associate: User, *, now: datetime) -> Iterator[PutOff]:
    """One lapsed client whom he spoke to lately; never the first, whose story the demo tells."""
    today = _today(associate, now)
    for client in _of(book[1:], associate, lapsed=True)[-1:]:
        yield PutOff(
            customer=client.customer,
            reason=PutOff.Reason.AWAY,
            back_on=today + timedelta(days=12),
            put_off_on=today - timedelta(days=2),
            put_off_at=now - timedelta(days=2),
            put_off_by=associate,
        )


def birthdays(book: Sequence[Client], associate: User, *, now: datetime) -> Iterator[ImportantDate]:
    """Two lapsed clients of his have their birthday this week, and two who came lately: one agreed
    to texts, so that her wish can be sent, the other did not."""
    today = _today(associate, now)
    others = _of(book, associate, lapsed=False)[len(PROMISES) + len(DEEDS) :]
    agreed = [client for client in others if client.may_receive(Channel.SMS)]
    silent = [client for client in others if client not in agreed]
    lately = [*agreed[:1], *silent[:1]]
    for place, client in enumerate([*_of(book[1:], associate, lapsed=True)[:2], *lately]):
        on = today + timedelta(days=2 + 2 * (place % 2))
        yield ImportantDate(
            customer=client.customer,
            kind=ImportantDate.Kind.BIRTHDAY,
            month=on.month,
            day=on.day,
            noted_by=associate,
            noted_at=now - timedelta(days=200),
        )


def _of(book: Sequence[Client], associate: User, *, lapsed: bool) -> list[Client]:
    return [
        client
        for client in book
        if client.associate is associate
        and client.visits
        and (client.visits[-1] > LAPSE_DAYS) is lapsed
    ]


def _today(associate: User, now: datetime) -> date:
    assert associate.store is not None  # every demo associate has one
    return associate.store.local(now).date()
