"""How an associate's day ends: who answered, looked and bought, what waits, what to keep.

Hers are the clients of her book, and whoever she wrote to. What is told in a notice or a mail are
numbers alone: a mail stays in a mailbox for ever, out of reach of an erasure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from clienteling.defaults import ATTRIBUTION_DAYS, EVENING
from clienteling.models import Store, User
from customers.models import Customer, LineItem
from outreach.day import kept_notes, tones, wording
from outreach.day.kept_notes import Offer
from outreach.day.note_facts import KeptPhrase, words_of
from outreach.messages import conversations
from outreach.models import Message, PageGesture, Promise, Reply, WritingStyle
from outreach.models.message import HANDED_OVER, State

NAMED_AT_MOST = 30
PIECES_NAMED = 2
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """A client of the evening, and what she did."""

    customer_id: str
    name: str
    url: str
    words: str
    small: str


@dataclass(frozen=True)
class Counts:
    """The same in numbers of clients; what a notice and a mail say."""

    answered: int
    clicked: int
    bought: int
    waiting: int

    @property
    def is_worth_telling(self) -> bool:
        return any((self.answered, self.clicked, self.bought, self.waiting))

    def sentence(self, on: date) -> str:
        """`Monday: 2 clients answered, 1 looked at what you sent, 1 bought; 3 wait.` By the day's
        name, for it may be read on the next."""
        answered = f"{wording.counted(self.answered, 'client')} answered"
        done = f"{answered}, {self.clicked} looked at what you sent, {self.bought} bought"
        verb = "waits" if self.waiting <= 1 else "wait"
        return f"{on:%A}: {done}; {self.waiting or 'nobody'} {verb} for an answer."


@dataclass(frozen=True)
class Evening:
    """The page."""

    date_line: str
    has_come: bool
    answered: tuple[Line, ...]
    clicked: tuple[Line, ...]
    bought: tuple[Line, ...]
    tomorrow: tuple[str, ...]
    offers: tuple[Offer, ...]
    kept: tuple[KeptPhrase, ...]
    style: WritingStyle

    @property
    def is_quiet(self) -> bool:
        return not (self.answered or self.clicked or self.bought)


def has_come(store: Store, *, now: datetime) -> bool:
    """Whether it is evening by this store's clock."""
    return store.local(now).time() >= EVENING


def for_associate(associate: User, store: Store, *, now: datetime) -> Evening:
    """Her evening as of `now`, whatever the hour. A constant number of queries."""
    since = midnight(store, now)
    return Evening(
        date_line=f"{wording.date_line(store.local(now).date())} · {store.name}",
        has_come=has_come(store, now=now),
        answered=tuple(_answered(associate, store, since, now)),
        clicked=tuple(_clicked(associate, store, since, now)),
        bought=tuple(_bought(associate, store, since, now)),
        tomorrow=tuple(_tomorrow(associate, store, now)),
        offers=tuple(kept_notes.offers(associate, now=now)),
        kept=words_of(associate, store).kept,
        style=tones.style_of(associate),
    )


def counts_of(associates: QuerySet[User], store: Store, *, now: datetime) -> dict[User, Counts]:
    """What the day brought each of these associates of one store: one query."""
    since, her = midnight(store, now), OuterRef("pk")
    rows = associates.annotate(
        answered=_number(replies(her, since, now)),
        clicked=_number(gestures(her, since, now), "lookbook__customer"),
        bought=_number(purchases(her, since, now)),
        waiting=_number(Reply.objects.waiting().filter(customer__associate=her)),
    )
    return {each: Counts(each.answered, each.clicked, each.bought, each.waiting) for each in rows}


def midnight(store: Store, now: datetime) -> datetime:
    """The beginning of the store's day."""
    return datetime.combine(store.local(now).date(), time(0), tzinfo=store.zone)


# --- Whose, and since when -----------------------------------------------------------------------
def replies(associate: Any, since: datetime, now: datetime) -> QuerySet[Reply]:
    """Words of her clients; `associate` may be an outer reference."""
    hers = Q(customer__associate=associate) | Q(message__sender=associate)
    return Reply.objects.filter(
        hers,
        kind=Reply.Kind.WORDS,
        customer__isnull=False,
        received_at__gte=since,
        received_at__lte=now,
    )


def gestures(associate: Any, since: datetime, now: datetime) -> QuerySet[PageGesture]:
    """What a person did on a page of hers; previews and scanners do nothing there."""
    return PageGesture.objects.filter(lookbook__associate=associate, at__gte=since, at__lte=now)


def purchases(associate: Any, since: datetime, now: datetime) -> QuerySet[LineItem]:
    """What her clients bought, and whoever she had written to lately."""
    written_to = Message.objects.filter(
        sender=associate,
        state__in=HANDED_OVER,
        sent_at__gte=since - timedelta(days=ATTRIBUTION_DAYS),
    ).values("customer")
    hers = Q(customer__associate=associate) | Q(customer__in=written_to)
    return LineItem.objects.filter(
        hers, quantity__gt=0, purchased_at__gte=since, purchased_at__lte=now
    )


def _number(rows: QuerySet[Any], customer: str = "customer") -> Coalesce:
    """How many clients these rows are of."""
    counted = rows.order_by().values(one=Value(1)).annotate(number=Count(customer, distinct=True))
    return Coalesce(Subquery(counted.values("number")), 0)


# --- The lines -----------------------------------------------------------------------------------
def _answered(associate: User, store: Store, since: datetime, now: datetime) -> Iterator[Line]:
    rows = replies(associate, since, now).select_related("customer").order_by("-received_at")
    for reply in _first_of_each(rows[: 4 * NAMED_AT_MOST]):
        at = wording.clock_words(reply.received_at, store.zone)
        state = "answered by you" if reply.handled_at else "waits for an answer"
        yield _line(reply.customer, wording.shortened(reply.body), f"{at}, {state}", "thread")


def _clicked(associate: User, store: Store, since: datetime, now: datetime) -> Iterator[Line]:
    """The strongest thing each did on her page: a word or a wish says more than a look."""
    people = {
        row["lookbook__customer"]: row
        for row in gestures(associate, since, now)
        .values("lookbook__customer")
        .annotate(
            last_at=Max("at"),
            loves=Count("pk", filter=Q(kind=PageGesture.Kind.LOVE_IT)),
            holds=Count("pk", filter=Q(kind=PageGesture.Kind.HOLD)),
            comes=Count("pk", filter=Q(kind=PageGesture.Kind.COMING)),
        )
        .order_by("-last_at")[:NAMED_AT_MOST]
    }
    clients = Customer.objects.in_bulk(people)
    for number, row in people.items():
        small = wording.clock_words(row["last_at"], store.zone)
        yield _line(clients[number], " ".join(_gesture_words(row)), small)


def _gesture_words(row: Mapping[str, Any]) -> Iterator[str]:
    if row["comes"]:
        yield "Says she comes by."
    if row["holds"]:
        yield "Asked to have a piece kept."
    if row["loves"]:
        yield f"Loves {wording.counted(row['loves'], 'piece')}."
    if not (row["comes"] or row["holds"] or row["loves"]):
        yield "Looked at what you sent."


def _bought(associate: User, store: Store, since: datetime, now: datetime) -> Iterator[Line]:
    note = Message.objects.filter(
        customer=OuterRef("customer"),
        sender=associate,
        state__in=HANDED_OVER,
        sent_at__gte=since - timedelta(days=ATTRIBUTION_DAYS),
        sent_at__lte=OuterRef("purchased_at"),
    ).order_by("-sent_at")
    rows = (
        purchases(associate, since, now)
        .annotate(note_at=Subquery(note.values("sent_at")[:1]), piece=F("product__name"))
        .select_related("customer")
        .order_by("-purchased_at", "line")
    )
    by_client: dict[int, list[Any]] = {}
    for row in rows[: 10 * NAMED_AT_MOST]:
        by_client.setdefault(row.customer_id, []).append(row)
    for lines in list(by_client.values())[:NAMED_AT_MOST]:
        yield _line(lines[0].customer, _pieces(lines), _after(lines[0].note_at, store, now))


def _pieces(lines: list[Any]) -> str:
    names = list(dict.fromkeys(each.piece for each in lines))
    more = len(names) - PIECES_NAMED
    return ", ".join(names[:PIECES_NAMED]) + (f" and {more} more" if more > 0 else "")


def _after(note_at: datetime | None, store: Store, now: datetime) -> str:
    if note_at is None:
        return ""
    day = wording.day_words(store.local(note_at).date(), on=store.local(now).date())
    return f"after your note of {day}"


def _tomorrow(associate: User, store: Store, now: datetime) -> Iterator[str]:
    """What waits: clients, promises, notes held until her hours open."""
    waiting = conversations.waiting_replies(associate, now=now)
    if people := waiting.values("customer").distinct().count():
        verb = "waits" if people == 1 else "wait"
        yield f"{wording.counted(people, 'client')} {verb} for an answer."
    day: date = store.local(now).date() + ONE_DAY
    due = Promise.objects.filter(falls_to=associate, kept_at=None, due_on__lte=day).count()
    if due:
        yield f"{wording.counted(due, 'promise')} to keep."
    held = Message.objects.filter(
        sender=associate, state=State.QUEUED, send_after__gte=midnight(store, now) + ONE_DAY
    ).count()
    if held:
        verb = "leaves" if held == 1 else "leave"
        yield f"{wording.counted(held, 'note')} {verb} when their hours open."


def _first_of_each(rows: Iterable[Reply]) -> list[Reply]:
    newest: dict[int | None, Reply] = {}
    for row in rows:
        newest.setdefault(row.customer_id, row)
    return list(newest.values())[:NAMED_AT_MOST]


def _line(customer: Customer | None, words: str, small: str, page: str = "client") -> Line:
    if customer is None:
        raise ValueError("An evening's line is of a client.")
    url = reverse(page, args=[customer.customer_id])
    return Line(customer.customer_id, str(customer), url, words, small)
