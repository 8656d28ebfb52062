"""What waits for an associate: clients who wrote, or asked to have something kept, promises whose
day has come, and days that matter to clients soon. One query."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    DateTimeField,
    F,
    JSONField,
    Q,
    QuerySet,
    TimeField,
    Value,
)
from django.db.models.functions import Cast, JSONObject, Left
from django.urls import reverse

from clienteling.models import Store, User
from clienteling.prepared import GivenMoment, Prepared
from customers.models import Customer
from outreach.day import days_soon, holds, promises, wording
from outreach.day.days_soon import DayRow, DaySoon
from outreach.day.holds import HeldItem
from outreach.day.promises import PromiseLine
from outreach.messages import conversations
from outreach.models import Message, Promise
from outreach.models.message import FIRST_MOVES, State

FIRST_WORDS = 200
SHOWN_AT_MOST = 5
DAYS_LOOKED_AT = 100  # those of the most faithful; a store's clients who are nobody's have many
REPLY, HOLD, PROMISE, NOTE, DAY = "reply", "hold", "promise", "note", "day"
TROUBLE_DAYS = 7
NEVER_LEFT = (State.DRAFT, State.CANCELED)
MOMENTS = ("queued_at", "send_after", "sent_at", "delivered_at", "settled_at")
OF_A_NOTE = (
    "channel",
    "step",
    "state",
    "reason",
    "attempts",
    "receipt_asks",
    "is_stopped",
    *MOMENTS,
)


class _Row(NamedTuple):
    """A reply or a hold (`since`), or a promise (`due_day`, perhaps `due_hour`), and whose it is.

    `what_else` is the size of a hold, the kind of a day, or the id of a note that she sent; `more`
    describes that, or is the month and day of a day.
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
    more: dict[str, Any] | None


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
    for a yes, and every promise due. `notes` are those she sent, one for a client, newest first;
    of the `days` that come soon the first few are on the page at once."""

    count: int
    replies: tuple[ReplyLine, ...]
    holds: tuple[HeldItem, ...]
    promises: tuple[PromiseLine, ...]
    notes: tuple[Message, ...]
    days: tuple[DaySoon, ...] = ()

    @property
    def next_days(self) -> tuple[DaySoon, ...]:
        return self.days[:SHOWN_AT_MOST]

    @property
    def later_days(self) -> tuple[DaySoon, ...]:
        return self.days[SHOWN_AT_MOST:]

    @property
    def more(self) -> int:
        """How many more wait in the inbox."""
        return self.count - len(self.replies)

    @property
    def in_inbox(self) -> int:
        """The number beside the inbox: clients who wrote, and holds to confirm."""
        return self.count + len(self.holds)


def for_associate(associate: User, store: Store, *, now: datetime) -> Waiting:
    """Her replies and holds to confirm, the longest waiting first, and promises due by today."""
    desk = _Desk(
        associate.pk,
        associate.role,
        associate.store_id,
        store.pk,
        store.timezone,
        store.lapse_days,
        store.local(now).date(),
    )
    rows = [_Row._make(each) for each in _question(desk).rows(now=now)]
    written = _first_words(_of(rows, REPLY))
    held = sorted(_of(rows, HOLD), key=_longest_first)
    promised = sorted(_of(rows, PROMISE), key=_due_first)
    return Waiting(
        count=len(written),
        replies=tuple(_reply(each, store, now) for each in written[:SHOWN_AT_MOST]),
        holds=tuple(_hold(each, store, now) for each in held),
        promises=tuple(_promise(each, store, now) for each in promised),
        notes=tuple(_newest(map(_note, _of(rows, NOTE)))),
        days=tuple(days_soon.drawn(map(_day, _of(rows, DAY)), store, now=now)),
    )


def _of(rows: Iterable[_Row], what: str) -> list[_Row]:
    return [each for each in rows if each.what == what]


class _Desk(NamedTuple):
    """Everything but the moment that the question depends on."""

    associate: int
    role: str
    home: int | None
    store: int
    timezone: str
    lapse_days: int
    today: date


@lru_cache(maxsize=1_000)
def _question(desk: _Desk) -> Prepared:
    """What waits, with its SQL made once a day for each associate."""
    return Prepared(lambda: _all_that_waits(desk))


def _all_that_waits(desk: _Desk) -> QuerySet[Any]:
    associate = User(pk=desk.associate, role=desk.role, store_id=desk.home)
    store = Store(pk=desk.store, timezone=desk.timezone, lapse_days=desk.lapse_days)
    now, midnight = GivenMoment(), _midnight(desk.today, store)
    due = Promise.objects.due(on=desk.today).falling_to(associate)
    soon = days_soon.of_associate(associate, store, today=desk.today, now=now)
    return _reply_rows(conversations.waiting_replies(associate, now=now)).union(
        _hold_rows(holds.asked_of(associate, now=now)),
        _promise_rows(due),
        _note_rows(_sent(associate, midnight)),
        _day_rows(soon),
        all=True,
    )


def _sent(associate: User, midnight: datetime) -> QuerySet[Message]:
    """The notes she tapped Send on since then.

    One that needs her is among them for a week: it may have come to that at night, or while she
    was off.
    """
    since = midnight - timedelta(days=TROUBLE_DAYS)
    needs_her = Q(state=State.NEEDS_ATTENTION, settled_at__gte=since)
    hers = Message.objects.filter(
        needs_her | Q(queued_at__gte=midnight), sender=associate, step__in=FIRST_MOVES
    )
    return hers.exclude(state__in=NEVER_LEFT).with_stops()


def midnight(store: Store, now: datetime) -> datetime:
    """When the store's day began."""
    return _midnight(store.local(now).date(), store)


def _midnight(on: date, store: Store) -> datetime:
    return datetime.combine(on, time(0), tzinfo=store.zone)


def _newest(notes: Iterable[Message]) -> Iterable[Message]:
    """The newest of each client, the newest first."""
    found: dict[int, Message] = {}
    for note in sorted(notes, key=lambda each: each.queued_at or each.created_at, reverse=True):
        found.setdefault(note.customer_id, note)
    return found.values()


def _note(row: _Row) -> Message:
    """A message as its strip needs it, with its client."""
    columns = dict(row.more or {})
    is_stopped = columns.pop("is_stopped")
    for name in MOMENTS:
        columns[name] = datetime.fromisoformat(columns[name]) if columns[name] else None
    note = Message(pk=UUID(row.what_else), customer=_client(row), **columns)
    note.is_stopped = is_stopped  # type: ignore[attr-defined]
    return note


def _client(row: _Row) -> Customer:
    return Customer(
        pk=row.client, customer_id=row.client_key, first_name=row.given, last_name=row.family
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


def _day(row: _Row) -> DayRow:
    when = row.more or {}
    return DayRow(_client(row), row.what_else, row.said, when["month"], when["day"])


def _name(row: _Row) -> str:
    return str(_client(row))


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


def _note_rows(sent: QuerySet[Any]) -> QuerySet[Any]:
    return _rows(
        sent,
        what=Value(NOTE),
        number=Value(0, BigIntegerField()),
        said=Value(""),
        what_else=Cast("pk", CharField()),
        since=Cast(Value(None), DateTimeField()),
        due_day=Cast(Value(None), DateField()),
        due_hour=Cast(Value(None), TimeField()),
        more=JSONObject(**{name: name for name in OF_A_NOTE}),
    )


def _day_rows(soon: QuerySet[Any]) -> QuerySet[Any]:
    rows = _rows(
        soon,
        what=Value(DAY),
        said=Cast("label", CharField()),
        what_else=Cast("kind", CharField()),
        since=Cast(Value(None), DateTimeField()),
        due_day=Cast(Value(None), DateField()),
        due_hour=Cast(Value(None), TimeField()),
        more=JSONObject(month="month", day="day"),
    )
    return rows.order_by("-customer__visit_count", "pk")[:DAYS_LOOKED_AT]


def _rows(found: QuerySet[Any], **columns: Any) -> QuerySet[Any]:
    """The columns of `_Row`, in its order: both halves of a union must agree."""
    columns = {"number": F("pk"), "more": Cast(Value(None), JSONField()), **columns}
    return (
        found.order_by()
        .annotate(
            client=F("customer__pk"),
            client_key=F("customer__customer_id"),
            given=F("customer__first_name"),
            family=F("customer__last_name"),
            **columns,
        )
        .values_list(*_Row._fields)
    )
