"""Who waits for an associate: clients who wrote, or asked to have something kept, and promises
whose day has come. One query."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, DateTimeField, F, QuerySet, TimeField, Value
from django.db.models.functions import Cast, Left
from django.urls import reverse

from clienteling.models import Store, User
from customers.models import Customer
from outreach.day import holds, promises, wording
from outreach.day.holds import HeldItem
from outreach.day.promises import PromiseLine
from outreach.messages import conversations
from outreach.models import Promise

FIRST_WORDS = 200
SHOWN_AT_MOST = 5
REPLY, HOLD, PROMISE = "reply", "hold", "promise"


class _Row(NamedTuple):
    """A reply or a hold (`since`), or a promise (`due_day`, perhaps `due_hour`), and whose it is.

    `what_else` is the size of a hold.
    """

    what: str
    number: int
    client: int
    client_key: str
    given: str
    family: str
    said: str
    what_else: str
    since: datetime | None
    due_day: date | None
    due_hour: time | None


@dataclass(frozen=True)
class ReplyLine:
    """A client who wrote and has no answer yet: the first of her words, and since when."""

    pk: int
    customer_id: str
    name: str
    words: str
    since: str
    thread_url: str


@dataclass(frozen=True)
class Waiting:
    """`count` clients wait for words, of whom the longest waiting are named; every hold that waits
    for a yes, and every promise due."""

    count: int
    replies: tuple[ReplyLine, ...]
    holds: tuple[HeldItem, ...]
    promises: tuple[PromiseLine, ...]

    @property
    def more(self) -> int:
        """How many more wait in the inbox."""
        return self.count - len(self.replies)


def for_associate(associate: User, store: Store, *, now: datetime) -> Waiting:
    """Her replies and holds to confirm, the longest waiting first, and promises due by today."""
    due = Promise.objects.due(on=store.local(now).date()).falling_to(associate)
    replies = conversations.waiting_replies(associate, now=now)
    asked = holds.asked_of(associate, now=now)
    found = _reply_rows(replies).union(_hold_rows(asked), _promise_rows(due), all=True)
    rows = [_Row._make(each) for each in found]
    written = _first_words(each for each in rows if each.what == REPLY)
    held = sorted((each for each in rows if each.what == HOLD), key=_longest_first)
    promised = sorted((each for each in rows if each.what == PROMISE), key=_due_first)
    return Waiting(
        count=len(written),
        replies=tuple(_reply(each, store, now) for each in written[:SHOWN_AT_MOST]),
        holds=tuple(_hold(each, store, now) for each in held),
        promises=tuple(_promise(each, store, now) for each in promised),
    )


def _first_words(rows: Iterable[_Row]) -> list[_Row]:
    """One row for each client: what she said first, of those who wrote several times."""
    earliest: dict[int, _Row] = {}
    for row in sorted(rows, key=_longest_first):
        earliest.setdefault(row.client, row)
    return list(earliest.values())


def _longest_first(row: _Row) -> tuple[object, ...]:
    return row.since, row.number


def _due_first(row: _Row) -> tuple[object, ...]:
    return row.due_day, row.due_hour is None, row.due_hour or time(0), row.number


def _reply(row: _Row, store: Store, now: datetime) -> ReplyLine:
    return ReplyLine(
        pk=row.client,
        customer_id=row.client_key,
        name=_name(row),
        words=wording.shortened(row.said) or "Sent a picture.",
        since=wording.moment_words(row.since or now, store.zone, now=now),
        thread_url=reverse("thread", args=[row.client_key]),
    )


def _hold(row: _Row, store: Store, now: datetime) -> HeldItem:
    asked = wording.moment_words(row.since or now, store.zone, now=now)
    return HeldItem(
        number=row.number,
        customer_id=row.client_key,
        client=_name(row),
        client_url=reverse("client", args=[row.client_key]),
        name=f"{row.said}, {row.what_else}" if wording.is_size(row.what_else) else row.said,
        picture_url="",
        words=f"Asked {asked}",
        is_asked=True,
        is_standing=True,
        outcome="",
        url=reverse("hold", args=[row.number]),
    )


def _promise(row: _Row, store: Store, now: datetime) -> PromiseLine:
    assert row.due_day is not None  # every promise has its day
    drawn = promises.line(row.number, row.said, (row.due_day, row.due_hour), store, now=now)
    url = reverse("client", args=[row.client_key])
    return replace(drawn, name=_name(row), client_url=url)


def _name(row: _Row) -> str:
    return str(Customer(customer_id=row.client_key, first_name=row.given, last_name=row.family))


def _reply_rows(replies: QuerySet[Any]) -> QuerySet[Any]:
    return _rows(
        replies,
        what=Value(REPLY),
        said=Cast(Left("body", FIRST_WORDS), CharField()),
        what_else=Value(""),
        since=F("received_at"),
        due_day=Cast(Value(None), DateField()),
        due_hour=Cast(Value(None), TimeField()),
    )


def _hold_rows(asked: QuerySet[Any]) -> QuerySet[Any]:
    return _rows(
        asked,
        what=Value(HOLD),
        said=Cast("product__name", CharField()),
        what_else=Cast("size", CharField()),
        since=F("asked_at"),
        due_day=Cast(Value(None), DateField()),
        due_hour=Cast(Value(None), TimeField()),
    )


def _promise_rows(due: QuerySet[Any]) -> QuerySet[Any]:
    return _rows(
        due,
        what=Value(PROMISE),
        said=Cast("words", CharField()),
        what_else=Value(""),
        since=Cast(Value(None), DateTimeField()),
        due_day=F("due_on"),
        due_hour=F("due_time"),
    )


def _rows(found: QuerySet[Any], **columns: Any) -> QuerySet[Any]:
    """The columns of `_Row`, in its order: both halves of a union must agree."""
    return (
        found.order_by()
        .annotate(
            number=F("pk"),
            client=F("customer__pk"),
            client_key=F("customer__customer_id"),
            given=F("customer__first_name"),
            family=F("customer__last_name"),
            **columns,
        )
        .values_list(*_Row._fields)
    )
