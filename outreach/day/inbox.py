"""Who waits for an answer, the longest first, and who was spoken with lately."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import QuerySet
from django.urls import reverse

from clienteling.models import Store, User
from customers.models import Channel, Customer
from outreach.day import holds, promises, wording
from outreach.day.holds import HeldItem
from outreach.day.promises import PromiseLine
from outreach.messages import conversations, notices, opening_hours, shifts
from outreach.models import Notice, OffShift, Promise
from outreach.models.message import Message, Reply, State

A_MINUTE = timedelta(minutes=1)
RECENT_SHOWN = 12
RECENT_READ = 60  # newest messages and replies; several may be of one client


@dataclass(frozen=True)
class Waiting:
    """A client who wrote and has no answer yet."""

    customer_id: str
    name: str
    words: str
    small: str
    thread_url: str
    handled_url: str


@dataclass(frozen=True)
class Group:
    """Those who wait for her, or for a colleague she covers, the longest first."""

    heading: str
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True)
class Told:
    """Something she has to know, until she says that she does."""

    words: str
    thread_url: str
    url: str
    link: str = "Conversation"


@dataclass(frozen=True)
class Shift:
    """Whether an associate is off shift: the words, and the tap that changes it."""

    is_off: bool
    words: str


@dataclass(frozen=True)
class Talk:
    """A conversation by its last words, ours or hers."""

    name: str
    thread_url: str
    words: str
    at: str
    iso: str


@dataclass(frozen=True)
class _Said:
    customer: Customer
    at: datetime
    words: str


@dataclass(frozen=True)
class Inbox:
    """`shift` is None for a manager, who answers nobody."""

    line: str
    groups: tuple[Group, ...]
    told: tuple[Told, ...]
    recent: tuple[Talk, ...]
    shift: Shift | None = None
    say: str = ""
    to_confirm: tuple[HeldItem, ...] = ()
    promises: tuple[PromiseLine, ...] = ()
    kept: tuple[HeldItem, ...] = ()

    @property
    def count(self) -> int:
        """The number beside the inbox: clients who wrote, and holds to confirm."""
        return sum(len(group.waiting) for group in self.groups) + len(self.to_confirm)


def for_user(user: User, store: Store, *, now: datetime, say: str = "") -> Inbox:
    """The inbox of an associate's book, or of a manager's stores. A constant number of queries."""
    rows = conversations.waiting(user, now=now)
    is_associate = user.role == User.Role.ASSOCIATE
    held = holds.for_associate(user, now=now)
    to_confirm = tuple(each for each in held if each.is_asked)
    due = tuple(_promises(user, store, now)) if is_associate else ()
    return Inbox(
        line=_line(len(rows), len(to_confirm), len(due)),
        groups=tuple(_groups(rows, store, now, may_handle=is_associate)),
        told=tuple(_told(notice) for notice in notices.unread(user)) if is_associate else (),
        recent=tuple(_recent(user, {row.customer.pk for row in rows}, store, now)),
        shift=shift_of(shifts.standing(user, now=now), store, now) if is_associate else None,
        say=say,
        to_confirm=to_confirm,
        promises=due,
        kept=tuple(each for each in held if not each.is_asked),
    )


def shift_of(off: OffShift | None, store: Store, now: datetime) -> Shift:
    """An associate's own line: at work, or away and until when."""
    if off is None:
        return Shift(is_off=False, words="On shift: your clients’ answers come to you.")
    until = wording.when_words(off.until, store.zone, now=now) if off.until else "you are back"
    return Shift(is_off=True, words=f"Off shift until {until}: colleagues answer your clients.")


def _line(waiting: int, to_confirm: int, due: int) -> str:
    """`2 clients wait for you, 1 hold to confirm, 3 promises due`."""
    verb = "waits" if waiting == 1 else "wait"
    parts = (
        f"{wording.counted(waiting, 'client')} {verb} for you"
        if waiting
        else "Nobody waits for an answer",
        f"{wording.counted(to_confirm, 'hold')} to confirm" if to_confirm else "",
        f"{wording.counted(due, 'promise')} due" if due else "",
    )
    return ", ".join(part for part in parts if part)


def _promises(user: User, store: Store, now: datetime) -> Iterable[PromiseLine]:
    """What falls to her today, and what she is late with."""
    due = Promise.objects.due(on=store.local(now).date()).falling_to(user)
    for promise in due.select_related("customer"):
        yield promises.drawn(promise, store, now=now, names_her=True)


def _groups(
    rows: Sequence[conversations.InboxRow], store: Store, now: datetime, *, may_handle: bool
) -> Iterable[Group]:
    """Her own first, then those of each colleague she covers."""

    def owner(row: conversations.InboxRow) -> str:
        return row.covering_for

    for name, some in groupby(sorted(rows, key=owner), key=owner):
        heading = f"Covering for {name}" if name else "Waiting for you"
        waiting = tuple(_waiting(row, store, now, may_handle=may_handle) for row in some)
        yield Group(heading, waiting)


def _waiting(
    row: conversations.InboxRow, store: Store, now: datetime, *, may_handle: bool
) -> Waiting:
    customer_id = row.customer.customer_id
    return Waiting(
        customer_id=customer_id,
        name=str(row.customer),
        words=wording.shortened(row.body, 180) or _wordless(row.pictures),
        small=" · ".join(_small(row, row.customer.store or store, now)),
        thread_url=reverse("thread", args=[customer_id]),
        handled_url=reverse("handled", args=[customer_id])
        if may_handle and not row.may_ask_to_stop  # what she meant is decided in the conversation
        else "",
    )


def _small(row: conversations.InboxRow, store: Store, now: datetime) -> Iterable[str]:
    since = wording.moment_words(row.since, store.zone, now=now)
    yield f"By {Channel(row.channel).label.lower()}, waiting since {since}"
    waited = opening_hours.open_time(opening_hours.hours_of(store), since=row.since, until=now)
    if waited >= A_MINUTE:
        yield f"{wording.time_words(waited)} of opening hours"
    if row.count > 1:
        yield f"{row.count} messages"
    if row.may_ask_to_stop:
        yield "may be asking us to stop"


def _wordless(pictures: int) -> str:
    return f"({wording.counted(pictures, 'picture')})" if pictures else "(no words)"


def _told(notice: Notice) -> Told:
    url = reverse("notice-read", args=[notice.pk])
    if notice.customer is None:
        return Told(notice.sentence, reverse("evening"), url, link="Your evening")
    return Told(notice.sentence, reverse("thread", args=[notice.customer.customer_id]), url)


def _recent(user: User, waiting: set[int], store: Store, now: datetime) -> Iterable[Talk]:
    """The clients written to or heard from last, without those who wait: two queries."""
    newest: dict[int, _Said] = {}
    for said in sorted([*_sent(user), *_received(user)], key=lambda said: said.at, reverse=True):
        if said.customer.pk not in waiting:
            newest.setdefault(said.customer.pk, said)
    for said in list(newest.values())[:RECENT_SHOWN]:
        yield _talk(said, store, now)


def _book_of(user: User) -> QuerySet[Customer]:
    """Her own book, or all clients of a manager's stores."""
    if user.role == User.Role.ASSOCIATE:
        return Customer.objects.in_book_of(user)
    return Customer.objects.visible_to(user)


def _sent(user: User) -> list[_Said]:
    messages = (
        Message.objects.filter(customer__in=_book_of(user).order_by().values("pk"))
        .filter(queued_at__isnull=False)
        .exclude(state__in=(State.DRAFT, State.CANCELED))
        .select_related("customer", "sender")
        .order_by("-queued_at")
    )
    return [
        _Said(message.customer, message.queued_at, f"{_writer(message, user)}: {message.body}")
        for message in messages[:RECENT_READ]
        if message.queued_at
    ]


def _writer(message: Message, user: User) -> str:
    return "You" if message.sender_id == user.pk else message.sender.signature


def _received(user: User) -> list[_Said]:
    replies = (
        Reply.objects.filter(customer__in=_book_of(user).order_by().values("pk"))
        .select_related("customer")
        .order_by("-received_at")
    )
    return [
        _Said(reply.customer, reply.received_at, reply.body)
        for reply in replies[:RECENT_READ]
        if reply.customer
    ]


def _talk(said: _Said, store: Store, now: datetime) -> Talk:
    return Talk(
        name=str(said.customer),
        thread_url=reverse("thread", args=[said.customer.customer_id]),
        words=wording.shortened(said.words),
        at=wording.moment_words(said.at, store.zone, now=now),
        iso=said.at.isoformat(),
    )
