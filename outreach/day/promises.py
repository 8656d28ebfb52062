"""What was promised to a client: given, put off to another day, kept; and how it is shown."""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from clienteling.models import Store, User
from customers.models import Customer
from outreach.day import wording
from outreach.models import Promise

logger = logging.getLogger(__name__)

LONGEST = timedelta(days=365)
Due = tuple[date, time | None]  # the store's day, and the hour where one was named
SNOOZES = ((1, "Tomorrow"), (7, "In a week"))  # days, and what the button says


class BadPromise(ValueError):  # noqa: N818
    """It cannot be promised like that; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class PromiseLine:
    """A promise as it is drawn. The addresses are blank for whoever may not keep it, and `name`
    on her own page. `said` is what has just become of it."""

    number: int
    words: str
    due: str
    is_late: bool
    keep_url: str = ""
    snooze_url: str = ""
    undo_url: str = ""
    name: str = ""
    client_url: str = ""
    said: str = ""
    snoozes: tuple[tuple[int, str], ...] = SNOOZES


def make(
    customer: Customer, *, words: str, due_on: date, due_time: time | None, by: User, now: datetime
) -> Promise:
    """Write down what was promised; it falls to her associate, or to who gave it.

    Raises ``BadPromise`` for a day that is over or absurdly far, by the store's calendar.
    """
    today = _today(customer, by, now)
    if due_on < today:
        raise BadPromise("That day is over.")
    if due_on - today > LONGEST:
        raise BadPromise("A year is the most that can be promised ahead.")
    promise = Promise.objects.create(
        customer=customer,
        falls_to_id=customer.associate_id or by.pk,
        words=" ".join(words.split()),
        due_on=due_on,
        due_time=due_time,
        made_by=by,
        made_at=now,
    )
    logger.info("Promise %s to client %s by user %s", promise.pk, customer.pk, by.pk)
    return promise


def keepable_by(user: User) -> QuerySet[Promise]:
    """The promises this associate may keep: those that fall to her, and those of her book."""
    hers = Customer.objects.in_book_of(user).values("pk")
    return Promise.objects.filter(Q(falls_to=user) | Q(customer__in=hers))


def keep(promise: Promise, *, by: User, now: datetime) -> bool:
    """She did it; False when somebody had said so already."""
    return bool(
        Promise.objects.open().filter(pk=promise.pk).update(kept_at=now, kept_by=by)  # one winner
    )


def take_up_again(promise: Promise, *, by: User) -> bool:
    """It was not kept after all; only who said so may take it back."""
    kept = Promise.objects.filter(pk=promise.pk, kept_by=by)
    return bool(kept.update(kept_at=None, kept_by=None))


def snooze(promise: Promise, *, days: int, by: User, now: datetime) -> bool:
    """Due in so many days, counted from today, at whatever hour; False when it is kept."""
    to = _today(promise.customer, by, now) + timedelta(days=days)
    return bool(
        Promise.objects.open()
        .filter(pk=promise.pk)
        .update(due_on=to, due_time=None, times_snoozed=F("times_snoozed") + 1)
    )


def of_client(customer: Customer, user: User, store: Store, *, now: datetime) -> list[PromiseLine]:
    """Her open promises, the next one first: one query. An associate of her book may keep them."""
    is_hers = user.role == User.Role.ASSOCIATE and customer.associate_id in (None, user.pk)
    promises = Promise.objects.open().filter(customer=customer)
    found = (line(each.pk, each.words, _due(each), store, now=now) for each in promises)
    return [each if is_hers else replace(each, keep_url="", snooze_url="") for each in found]


def drawn(promise: Promise, store: Store, *, now: datetime, names_her: bool) -> PromiseLine:
    """One promise, as the day (which names the client) or her own page shows it."""
    shown = line(promise.pk, promise.words, _due(promise), store, now=now)
    if not names_her:
        return shown
    customer = promise.customer
    url = reverse("client", args=[customer.customer_id])
    return replace(shown, name=str(customer), client_url=url)


def after(shown: PromiseLine, said: str, may_undo: bool) -> PromiseLine:
    """The same line once it is kept: nothing left to do but to take it back."""
    undo_url = reverse("take-up-promise", args=[shown.number]) if may_undo else ""
    return replace(shown, said=said, keep_url="", snooze_url="", undo_url=undo_url)


def line(number: int, words: str, due: Due, store: Store, *, now: datetime) -> PromiseLine:
    """One promise as it is drawn, from its bare columns."""
    local = store.local(now)
    return PromiseLine(
        number=number,
        words=words,
        due=due_words(*due, on=local.date()),
        is_late=is_late(*due, local=local),
        keep_url=reverse("keep-promise", args=[number]),
        snooze_url=reverse("snooze-promise", args=[number]),
    )


def _due(promise: Promise) -> Due:
    return promise.due_on, promise.due_time


def due_words(due_on: date, due_time: time | None, *, on: date) -> str:
    """`today at 15:00`, `tomorrow`, `since Friday`, `26 July`."""
    if due_on < on:
        return f"since {wording.day_words(due_on, on=on)}"
    at = f" at {due_time.hour}:{due_time:%M}" if due_time else ""
    if due_on - on <= timedelta(days=1):
        return f"{'today' if due_on == on else 'tomorrow'}{at}"
    return f"{wording.full_day(due_on, on=on)}{at}"


def is_late(due_on: date, due_time: time | None, *, local: datetime) -> bool:
    """Whether its day, or its hour on that day, is over on the store's clock."""
    if due_on != local.date():
        return due_on < local.date()
    return due_time is not None and due_time < local.time()


def _today(customer: Customer, by: User, now: datetime) -> date:
    store = customer.store or by.store
    return (store.local(now) if store else now).date()
