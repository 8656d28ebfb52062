"""Days that matter soon to clients who are not lapsed: no card would remind of theirs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from clienteling.models import Store, User
from clienteling.prepared import Moment
from customers.models import Consent, ConsentState, Customer, CustomerQuerySet, ImportantDate
from outreach.day import wording
from outreach.day.next_step import ONCE_A_SEASON, SOON
from outreach.messages.holdout import is_held_out
from outreach.models import Gesture, Message, PutOff, QuietPeriod
from outreach.models.message import COUNTS_AS_CONTACT, Step

LEAP_DAY = (2, 29)


@dataclass(frozen=True)
class DayRow:
    """A day of the year as it was noted, and whose it is."""

    client: Customer
    kind: str
    label: str
    month: int
    day: int

    def next_on(self, today: date) -> date:
        return ImportantDate(month=self.month, day=self.day).next_on(today)


@dataclass(frozen=True)
class DaySoon:
    """`Leila Haddad`, `Birthday in 3 days`, and where her wish is written."""

    customer_id: str
    name: str
    words: str
    url: str


def of_associate(
    associate: User, store: Store, *, today: date, now: Moment
) -> QuerySet[ImportantDate]:
    """The days to think of, of her book; gone once she was wished well, or wants to be left.

    `today` is the store's.
    """
    book = Customer.objects.in_book_of(associate)
    hers = _not_lapsed(book, store, now).filter(
        _is_open_to_a_wish(today), ~_was_wished(store, today)
    )
    return ImportantDate.objects.filter(_comes_soon(today), customer__in=hers.order_by())


def drawn(rows: Iterable[DayRow], store: Store, *, now: datetime) -> Iterator[DaySoon]:
    """One line for each client, the nearest day first; none for the hold-out group."""
    today = store.local(now).date()
    known = [row for row in rows if not is_held_out(row.client.pk, percent=store.holdout_percent)]
    seen: set[int] = set()
    for row in sorted(known, key=lambda row: (row.next_on(today), str(row.client))):
        on = row.next_on(today)
        if row.client.pk in seen or on - today > SOON:
            continue
        seen.add(row.client.pk)
        url = reverse("steps", args=[row.client.customer_id])
        words = wording.capital(row.label or ImportantDate.Kind(row.kind).label)
        yield DaySoon(
            customer_id=row.client.customer_id,
            name=str(row.client),
            words=f"{words} {_when(on, today)}",
            url=f"{url}?write={Step.GREETING.value}",
        )


def _when(on: date, today: date) -> str:
    days = (on - today).days
    return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"


def _comes_soon(today: date) -> Q:
    """Any of the next days by month and day; a leap day may be kept on the 28th."""
    coming = [today + timedelta(days=days) for days in range(SOON.days + 1)]
    wanted = {(each.month, each.day) for each in coming}
    wanted |= {LEAP_DAY} if (2, 28) in wanted else set()
    found = Q()
    for month, day in sorted(wanted):
        found |= Q(month=month, day=day)
    return found


def _not_lapsed(book: CustomerQuerySet, store: Store, now: Moment) -> CustomerQuerySet:
    lately = Q(last_purchase_at__gt=now - timedelta(days=store.lapse_days))
    return book.filter(lately | Q(last_purchase_at=None))


def _is_open_to_a_wish(today: date) -> Q:
    """Asked for no peace of any kind: neither days of it, nor for good."""
    hers = {"customer": OuterRef("pk")}
    put_off = PutOff.objects.filter(**hers, ended_at=None, back_on__gt=today)
    quiet = QuietPeriod.objects.filter(**hers, starts_on__lte=today, ends_on__gte=today)
    said_no = Consent.objects.filter(**hers, state=ConsentState.OPTED_OUT)
    said_yes = Consent.objects.filter(**hers, state=ConsentState.OPTED_IN)
    return (
        (Q(leave_until=None) | Q(leave_until__lte=today))
        & ~Q(Exists(put_off))
        & ~Q(Exists(quiet))
        & ~(Q(Exists(said_no)) & ~Q(Exists(said_yes)))
    )


def _was_wished(store: Store, today: date) -> Q:
    """By anybody this season, in words or by a note that went out or is about to."""
    since = datetime.combine(today - ONCE_A_SEASON, time(0), tzinfo=store.zone)
    said = Gesture.objects.filter(
        customer=OuterRef("pk"), kind=Gesture.Kind.GREETING, made_at__gte=since
    )
    written = Message.objects.filter(
        customer=OuterRef("pk"),
        step=Step.GREETING,
        state__in=COUNTS_AS_CONTACT,
        queued_at__gte=since,
    )
    return Q(Exists(said)) | Q(Exists(written))
