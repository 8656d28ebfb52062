"""The conversations spoken in last: clients by their newest words, ours or hers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from clienteling.arrays import Unnest
from clienteling.models import Store, User
from customers.models import Customer
from outreach.day import wording
from outreach.messages import whose
from outreach.models import Message, Reply

SHOWN = 12
READ = 60  # newest messages and replies; several may be of one client
LOOKED_AT = 60  # newest messages of each store; a few are of clients who wait, or have moved
REPLIES_LOOKED_AT = 1_000  # newest replies of the chain: a store's own are in no index


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


def recent(user: User, store: Store, *, now: datetime) -> Iterable[Talk]:
    """The clients of her book written to or heard from last, without who waits: two queries."""
    newest: dict[int, _Said] = {}
    for said in sorted([*_sent(user), *_received(user)], key=lambda said: said.at, reverse=True):
        newest.setdefault(said.customer.pk, said)
    for said in list(newest.values())[:SHOWN]:
        yield _talk(said, store, now)


def _sent(user: User) -> list[_Said]:
    written = Message.objects.written()
    newest = written.filter(store=OuterRef("pk")).order_by("-queued_at").values("pk")
    stores = Store.objects.filter(pk__in=Store.objects.visible_to(user).values("pk")).order_by()
    lately = stores.values_list(Unnest(ArraySubquery(newest[:LOOKED_AT])))
    messages = _hers(written, lately, user, "-queued_at").select_related("customer", "sender")
    return [
        _Said(message.customer, message.queued_at, f"{_writer(message, user)}: {message.body}")
        for message in messages
        if message.queued_at
    ]


def _writer(message: Message, user: User) -> str:
    return "You" if message.sender_id == user.pk else message.sender.signature


def _received(user: User) -> list[_Said]:
    known = Reply.objects.of_clients()
    lately = known.order_by("-received_at").values("pk")[:REPLIES_LOOKED_AT]
    replies = _hers(known, lately, user, "-received_at").select_related("customer")
    return [
        _Said(reply.customer, reply.received_at, reply.body) for reply in replies if reply.customer
    ]


def _hers(
    said: QuerySet[Any, Any], lately: QuerySet[Any, Any], user: User, moment: str
) -> QuerySet[Any, Any]:
    """The newest to and from her book: whatever her own few clients have, and of those of a store,
    who may be many, what is among the newest of all.

    Without that end a store that never wrote would be looked for in all that the chain has written.
    """
    waits = Reply.objects.waiting().filter(customer=OuterRef("customer"))
    of_book = reduce(or_, whose.of_book(user), Q(pk__in=()))
    ways = [Q(pk__in=lately) & of_book]
    if user.role == User.Role.ASSOCIATE:
        ways.append(Q(customer__associate=user.pk, customer__erased_at=None))
    some = [said.filter(~Exists(waits), way).order_by(moment).values("pk")[:READ] for way in ways]
    return said.filter(pk__in=some[0].union(*some[1:])).order_by(moment)[:READ]


def _talk(said: _Said, store: Store, now: datetime) -> Talk:
    return Talk(
        name=str(said.customer),
        thread_url=reverse("thread", args=[said.customer.customer_id]),
        words=wording.shortened(said.words),
        at=wording.moment_words(said.at, store.zone, now=now),
        iso=said.at.isoformat(),
    )
