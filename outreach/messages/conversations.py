"""Both sides of a conversation: the thread, the inbox, and whether she waits for an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from clienteling.defaults import REPLY_WINDOW_DAYS
from clienteling.models import User
from clienteling.prepared import Moment
from customers.models import Customer, CustomerQuerySet
from outreach.messages import keywords, shifts, whose
from outreach.models import Message, Reply, ReplyPicture
from outreach.models.message import ReplyQuerySet, State

STATE_WORDS = {
    State.QUEUED: "On its way",
    State.SENDING: "Sending",
    State.UNCONFIRMED: "Not confirmed yet",
    State.SENT: "Sent",
    State.DELIVERED: "Delivered",
    State.FAILED: "Not delivered",
    State.CANCELED: "Not sent",
    State.NEEDS_ATTENTION: "Needs attention",
}


HELD = "Held: sending is stopped"
NO_RECEIPT = "Sent, no receipt"
WAITING_SHOWN = 50
"""So many who wait are shown at a time; whoever has more reads "50+"."""
ON_HER_PAGE = "page"  # the provider of words that came by the form on the client's page


@dataclass(frozen=True)
class Bubble:
    """One message of a thread, ours or hers. `status` and `reason` are words for the associate.

    `is_pending` while its status may still change, `has_trouble` when somebody should look.
    """

    at: datetime
    is_ours: bool
    channel: str
    body: str
    author: str = ""
    subject: str = ""
    status: str = ""
    reason: str = ""
    state: str = ""
    message_id: UUID | None = None
    reply_id: int | None = None
    is_pending: bool = False
    has_trouble: bool = False
    is_waiting: bool = False
    covering_for: str = ""
    pictures: tuple[ReplyPicture, ...] = ()


class Place(NamedTuple):
    """Where somebody stands among those who wait: her own clients before those she covers, and
    then by the time and the number of the first words that wait."""

    is_covered: bool
    since: datetime
    number: int


@dataclass(frozen=True)
class InboxRow:
    """A client who waits for an answer: her newest words, since when she waits, how many came.

    `first` is the number of the first of them. `covering_for` names her own associate where she is
    answered for one who is off shift.
    """

    customer: Customer
    channel: str
    body: str
    last_at: datetime
    since: datetime
    count: int
    may_ask_to_stop: bool
    first: int
    pictures: int = 0
    covering_for: str = ""

    @property
    def place(self) -> Place:
        return Place(bool(self.covering_for), self.since, self.first)


def thread(customer: Customer, *, now: datetime) -> list[Bubble]:
    """Everything said both ways, oldest first: two queries, and one for pictures where some came.

    Drafts are nobody's words yet.
    """
    sent = Message.objects.filter(customer=customer).exclude(state=State.DRAFT)
    said = list(Reply.objects.filter(customer=customer).annotate(picture_count=Count("pictures")))
    pictures = pictures_of(said)
    people = ("sender", "covering_for")
    bubbles = [_ours(message, now) for message in sent.with_stops().select_related(*people)]
    bubbles += [_hers(reply, customer, pictures.get(reply.pk, ())) for reply in said]
    return sorted(bubbles, key=lambda bubble: (bubble.at, bubble.is_ours))


def waiting(
    user: User, *, now: datetime, after: Place | None = None, most: int = WAITING_SHOWN
) -> list[InboxRow]:
    """The clients who wait for this person, the longest first: one query, one row per client.

    An associate has her own book's and then those she covers, a manager the whole store's. At most
    so many, the next ones behind a place.
    """
    longest = _first_words(user, now, after, most)
    replies = (
        Reply.objects.waiting()
        .filter(customer__in=longest.values("customer"))
        .select_related("customer__store", "customer__associate")
        .annotate(picture_count=Count("pictures"))
    )
    by_client: dict[int, list[Reply]] = {}
    for reply in replies.order_by("received_at", "pk"):
        by_client.setdefault(reply.customer_id or 0, []).append(reply)
    return sorted((_row(said, user) for said in by_client.values()), key=lambda row: row.place)


def waiting_replies(user: User, *, now: Moment) -> ReplyQuerySet:
    """Unanswered replies this person should see to; for a manager, unknown senders' too."""
    some = [
        Reply.objects.waiting().filter(each).order_by().values("pk")
        for each in (*_whose(user, now), *_strangers(user))
    ]
    if not some:
        return Reply.objects.none()
    return Reply.objects.filter(pk__in=some[0].union(*some[1:], all=True))


def waiting_people(user: User, *, now: datetime) -> list[QuerySet[Any, Any]]:
    """Everybody whose replies those are, as (client, "") or (None, address), to be counted.

    In parts, each cut where counting stops: of a large store a few more than that are looked at.
    """
    known = [
        Reply.objects.waiting().filter(each).values_list("customer", Value(""))
        for each in _whose(user, now)
    ]
    unknown = [
        Reply.objects.waiting().filter(each).values_list("customer", "from_address")
        for each in _strangers(user)
    ]
    return [each.order_by().distinct()[: WAITING_SHOWN + 1] for each in (*known, *unknown)]


def waiting_words(number: int) -> str:
    """`18`, `50+`; blank for nobody."""
    if number > WAITING_SHOWN:
        return f"{WAITING_SHOWN}+"
    return str(number or "")


def answerable_by(user: User, *, now: datetime) -> CustomerQuerySet:
    """The clients this associate answers: of her book, and those she covers."""
    covered = Customer.objects.filter(shifts.covered_by(user, now=now))
    return Customer.objects.in_book_of(user) | covered


def may_answer(customer: Customer, *, now: datetime) -> bool:
    """Whether her own last words still hold the conversation open."""
    since = now - timedelta(days=REPLY_WINDOW_DAYS)
    return Reply.objects.filter(
        customer=customer,
        kind=Reply.Kind.WORDS,
        is_verified=True,
        received_at__range=(since, now),
    ).exists()


def mark_handled(customer: Customer, *, now: datetime) -> int:
    """Somebody answered, or put it away: she is not waiting any more."""
    return Reply.objects.waiting().filter(customer=customer).update(handled_at=now)


def reopen(customer: Customer, *, handled_at: datetime) -> int:
    """The answer was taken back: what it had settled at that moment waits again."""
    return Reply.objects.filter(customer=customer, handled_at=handled_at).update(handled_at=None)


def pictures_of(replies: Iterable[Reply]) -> dict[int, tuple[ReplyPicture, ...]]:
    """The pictures of replies that were counted (`picture_count`), by reply, in order.

    One query, none where no picture came.
    """
    with_some = [reply.pk for reply in replies if reply.picture_count]  # type: ignore[attr-defined]
    if not with_some:
        return {}
    found: dict[int, tuple[ReplyPicture, ...]] = {}
    for picture in ReplyPicture.objects.of_replies(with_some):
        found[picture.reply_id] = (*found.get(picture.reply_id, ()), picture)
    return found


def _whose(user: User, now: Moment) -> list[Q]:
    return [*whose.of_book(user), *whose.covered(user, now=now)]


def _strangers(user: User) -> list[Q]:
    return [Q(customer=None)] if user.role == User.Role.MANAGER else []


def _first_words(user: User, now: datetime, after: Place | None, most: int) -> ReplyQuerySet:
    """The words with which each began to wait, of those who wait longest.

    Each part of them is a walk along the index of who waits since when, or along her few clients,
    and ends when a page is full.
    """
    own = [each & _behind(after, is_covered=False) for each in whose.of_book(user)]
    others = [each & _behind(after, is_covered=True) for each in whose.covered(user, now=now)]
    first = Reply.objects.waiting().filter(~Exists(_said_before()))
    walked = first.order_by("received_at", "pk").values("pk")
    numbers = [walked.filter(each)[:most] for each in (*own, *others)]
    if not numbers:
        return Reply.objects.none()
    found = Reply.objects.filter(pk__in=numbers[0].union(*numbers[1:], all=True))
    return found.order_by(*_order(user), "received_at", "pk")[:most]


def _order(user: User) -> list[Case]:
    """An associate's own clients first."""
    if user.role != User.Role.ASSOCIATE:
        return []
    own = Q(customer__associate=None) | Q(customer__associate=user.pk)
    return [Case(When(own, then=False), default=True)]


def _said_before() -> ReplyQuerySet:
    """What else she said before, and still waits for."""
    earlier = Q(received_at__lt=OuterRef("received_at"))
    earlier |= Q(received_at=OuterRef("received_at"), pk__lt=OuterRef("pk"))
    return Reply.objects.waiting().filter(earlier, customer=OuterRef("customer"))


def _behind(place: Place | None, *, is_covered: bool) -> Q:
    """Those behind a place; her own come before those she covers."""
    if place is None or is_covered > place.is_covered:
        return Q()
    if is_covered < place.is_covered:
        return Q(pk__in=())
    later = Q(received_at__gt=place.since) | Q(pk__gt=place.number)
    return Q(received_at__gte=place.since) & later


def _ours(message: Message, now: datetime) -> Bubble:
    state = State(message.state)
    return Bubble(
        at=message.sent_at or message.queued_at or message.created_at,
        is_ours=True,
        channel=message.channel,
        body=message.body,
        author=message.sender.signature,
        subject=message.subject,
        status=_status(message, now),
        reason="" if message.reason == "Taken back" else message.reason,
        state=message.state,
        message_id=message.pk,
        is_pending=state in {State.QUEUED, State.SENDING, State.UNCONFIRMED, State.SENT},
        has_trouble=state in {State.FAILED, State.NEEDS_ATTENTION},
        covering_for=message.covering_for.signature if message.covering_for else "",
    )


def _status(message: Message, now: datetime) -> str:
    if message.is_stopped:  # type: ignore[attr-defined]
        return HELD
    if message.reason == "Taken back":
        return "Taken back"
    return NO_RECEIPT if message.has_no_receipt(now=now) else STATE_WORDS[State(message.state)]


def _hers(reply: Reply, customer: Customer, pictures: tuple[ReplyPicture, ...]) -> Bubble:
    return Bubble(
        at=reply.received_at,
        is_ours=False,
        channel=reply.channel,
        body=reply.body,
        author=customer.called,
        reason=", ".join(_remarks(reply)),
        reply_id=reply.pk,
        is_waiting=reply.kind == Reply.Kind.WORDS and reply.handled_at is None,
        pictures=pictures,
    )


def _remarks(reply: Reply) -> Iterable[str]:
    """What to know of her words before trusting or answering them."""
    if reply.kind == Reply.Kind.AUTOMATIC:
        yield "sent by her mailbox, not by her"
    if reply.provider == ON_HER_PAGE:
        yield "written on her page"
    if not reply.is_verified:
        yield "not confirmed to be hers"
    if reply.left_out:
        yield "1 file left out" if reply.left_out == 1 else f"{reply.left_out} files left out"


def _row(said: list[Reply], user: User) -> InboxRow:
    newest = said[-1]
    assert newest.customer is not None  # the query asks for those who are somebody's
    return InboxRow(
        customer=newest.customer,
        channel=newest.channel,
        body=newest.body,
        last_at=newest.received_at,
        since=said[0].received_at,
        count=len(said),
        may_ask_to_stop=_any_asks_to_stop(said),
        first=said[0].pk,
        pictures=newest.picture_count,  # type: ignore[attr-defined]
        covering_for=_covered(newest.customer, user),
    )


def _covered(customer: Customer, user: User) -> str:
    """Whose client an associate finds in her inbox; "" for one of her own book."""
    owner = customer.associate
    if owner is None or owner.pk == user.pk or user.role != User.Role.ASSOCIATE:
        return ""
    return owner.signature


def _any_asks_to_stop(said: Iterable[Reply]) -> bool:
    return any(not reply.read_as and keywords.may_ask_to_stop(reply.body) for reply in said)
