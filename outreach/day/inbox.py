"""Who waits for an answer, the longest first, and who was spoken with lately."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from clienteling.models import Store, User
from customers.models import Channel, Customer
from outreach.day import wording
from outreach.messages import conversations
from outreach.models.message import Message, Reply, State

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
    line: str
    waiting: tuple[Waiting, ...]
    recent: tuple[Talk, ...]
    say: str = ""


def for_user(user: User, store: Store, *, now: datetime, say: str = "") -> Inbox:
    """The inbox of an associate's book, or of a manager's stores. A constant number of queries."""
    rows = conversations.waiting(user)
    may_handle = user.role == User.Role.ASSOCIATE
    return Inbox(
        line=_line(len(rows)),
        waiting=tuple(_waiting(row, store, now, may_handle=may_handle) for row in rows),
        recent=tuple(_recent(user, {row.customer.pk for row in rows}, store, now)),
        say=say,
    )


def _line(waiting: int) -> str:
    if not waiting:
        return "Nobody waits for an answer"
    return f"{wording.counted(waiting, 'client')} {'waits' if waiting == 1 else 'wait'} for you"


def _waiting(
    row: conversations.InboxRow, store: Store, now: datetime, *, may_handle: bool
) -> Waiting:
    customer_id = row.customer.customer_id
    since = wording.moment_words(row.since, store.zone, now=now)
    more = f" · {row.count} messages" if row.count > 1 else ""
    stop = " · may be asking us to stop" if row.may_ask_to_stop else ""
    return Waiting(
        customer_id=customer_id,
        name=str(row.customer),
        words=wording.shortened(row.body, 180) or "(no words)",
        small=f"By {Channel(row.channel).label.lower()}, waiting since {since}{more}{stop}",
        thread_url=reverse("thread", args=[customer_id]),
        handled_url=reverse("handled", args=[customer_id])
        if may_handle and not row.may_ask_to_stop  # what she meant is decided in the conversation
        else "",
    )


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
        .select_related("customer")
        .order_by("-queued_at")
    )
    return [
        _Said(message.customer, message.queued_at, f"You: {message.body}")
        for message in messages[:RECENT_READ]
        if message.queued_at
    ]


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
