"""Both sides of a conversation: the thread, the inbox, and whether she waits for an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clienteling.defaults import REPLY_WINDOW_DAYS
from clienteling.models import User
from customers.models import Customer
from outreach.messages import keywords
from outreach.models import Message, Reply
from outreach.models.message import State

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


@dataclass(frozen=True)
class InboxRow:
    """A client who waits for an answer: her newest words, since when she waits, how many came."""

    customer: Customer
    channel: str
    body: str
    last_at: datetime
    since: datetime
    count: int
    may_ask_to_stop: bool


def thread(customer: Customer) -> list[Bubble]:
    """Everything said both ways, oldest first: two queries. Drafts are nobody's words yet."""
    sent = Message.objects.filter(customer=customer).exclude(state=State.DRAFT)
    said = Reply.objects.filter(customer=customer)
    bubbles = [_ours(message) for message in sent.with_stops().select_related("sender")]
    bubbles += [_hers(reply, customer) for reply in said]
    return sorted(bubbles, key=lambda bubble: (bubble.at, bubble.is_ours))


def waiting(user: User) -> list[InboxRow]:
    """The inbox of this person, the longest waiting first: one query, one row per client.

    An associate has her own book's, a manager the whole store's.
    """
    replies = Reply.objects.visible_to(user).waiting().select_related("customer__store")
    if user.role == User.Role.ASSOCIATE:
        book = Customer.objects.in_book_of(user)
        replies = replies.filter(customer__in=book.order_by().values("pk"))
    by_client: dict[int, list[Reply]] = {}
    for reply in replies.order_by("received_at", "pk"):
        by_client.setdefault(reply.customer_id or 0, []).append(reply)
    return [_row(said) for said in by_client.values()]


def may_answer(customer: Customer, *, now: datetime) -> bool:
    """Whether her own last words still hold the conversation open."""
    since = now - timedelta(days=REPLY_WINDOW_DAYS)
    return Reply.objects.filter(
        customer=customer, kind=Reply.Kind.WORDS, received_at__range=(since, now)
    ).exists()


def mark_handled(customer: Customer, *, now: datetime) -> int:
    """Somebody answered, or put it away: she is not waiting any more."""
    return Reply.objects.waiting().filter(customer=customer).update(handled_at=now)


def reopen(customer: Customer, *, handled_at: datetime) -> int:
    """The answer was taken back: what it had settled at that moment waits again."""
    return Reply.objects.filter(customer=customer, handled_at=handled_at).update(handled_at=None)


def _ours(message: Message) -> Bubble:
    state = State(message.state)
    status = HELD if message.is_stopped else STATE_WORDS[state]  # type: ignore[attr-defined]
    return Bubble(
        at=message.sent_at or message.queued_at or message.created_at,
        is_ours=True,
        channel=message.channel,
        body=message.body,
        author=message.sender.signature,
        subject=message.subject,
        status="Taken back" if message.reason == "Taken back" else status,
        reason="" if message.reason == "Taken back" else message.reason,
        state=message.state,
        message_id=message.pk,
        is_pending=state in {State.QUEUED, State.SENDING, State.UNCONFIRMED, State.SENT},
        has_trouble=state in {State.FAILED, State.NEEDS_ATTENTION},
    )


def _hers(reply: Reply, customer: Customer) -> Bubble:
    return Bubble(
        at=reply.received_at,
        is_ours=False,
        channel=reply.channel,
        body=reply.body,
        author=customer.called,
        reply_id=reply.pk,
        is_waiting=reply.kind == Reply.Kind.WORDS and reply.handled_at is None,
    )


def _row(said: list[Reply]) -> InboxRow:
    newest = said[-1]
    assert newest.customer is not None  # the query starts from clients
    return InboxRow(
        customer=newest.customer,
        channel=newest.channel,
        body=newest.body,
        last_at=newest.received_at,
        since=said[0].received_at,
        count=len(said),
        may_ask_to_stop=_any_asks_to_stop(said),
    )


def _any_asks_to_stop(said: Iterable[Reply]) -> bool:
    return any(not reply.read_as and keywords.may_ask_to_stop(reply.body) for reply in said)
