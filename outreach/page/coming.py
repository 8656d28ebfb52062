"""When she comes by: three times she may choose from, and telling her associate which it is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from outreach.messages import notices, opening_hours
from outreach.messages.windows import A_DAY, Span, Window
from outreach.models import Coming, Lookbook, OffShift, Promise

OFFERED = 3
DAYS_AHEAD = 8
AROUND = (time(12), time(17))  # around noon, and after work
AT_LEAST_AHEAD = timedelta(hours=1)
BEFORE_CLOSING = timedelta(hours=1)
TO_DO = "Comes by: have what is on her page ready"


class NoSuchTime(Exception):  # noqa: N818
    """It is none of the times that are offered, or no longer."""


@dataclass(frozen=True)
class Absence:
    """A time in which her associate is not there; without an end until she is back."""

    since: datetime
    until: datetime | None

    def covers(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


def times(
    hours: Window, *, absences: Sequence[Absence] = (), now: datetime
) -> tuple[datetime, ...]:
    """The next three times the door is open and her associate is there, an hour ahead at least.

    While the associate is away all week, the next times of the store: a colleague has it ready.
    """
    ahead = [moment for moment in _open_times(hours, now) if moment >= now + AT_LEAST_AHEAD]
    with_her = [moment for moment in ahead if not any(each.covers(moment) for each in absences)]
    return tuple((with_her if len(with_her) >= OFFERED else ahead)[:OFFERED])


def offered(book: Lookbook, *, now: datetime) -> tuple[datetime, ...]:
    """The times of this page's store and associate; none without a store. One query."""
    if book.store is None:
        return ()
    away = OffShift.objects.filter(Q(until=None) | Q(until__gt=now), associate=book.associate_id)
    absences = [Absence(each.since, each.until) for each in away.filter(ended_at=None)]
    return times(opening_hours.hours_of(book.store), absences=absences, now=now)


def say(book: Lookbook, at: datetime, *, now: datetime) -> Coming:
    """She comes at this time; her latest word stands. Raises ``NoSuchTime``."""
    if at == expected(book, now=now):
        return Coming.objects.get(lookbook=book)  # the same tap twice
    if book.store is None or at not in offered(book, now=now):
        raise NoSuchTime
    with transaction.atomic():
        _drop_promise(book)
        coming, _ = Coming.objects.update_or_create(
            lookbook=book,
            defaults={
                "customer_id": book.customer_id,
                "store": book.store,
                "at": at,
                "said_at": now,
                "withdrawn_at": None,
                "promise": _promise(book, at, now),
            },
        )
    key = f"coming:{book.pk}:{now.isoformat()}"
    _tell(book, f"comes by on {_words(book, at)}", key=key, now=now)
    return coming


def withdraw(book: Lookbook, *, now: datetime) -> bool:
    """She does not come after all; False when nobody expected her."""
    mine = Coming.objects.filter(lookbook=book, withdrawn_at=None, at__gt=now)
    announced = mine.first()
    if announced is None or not mine.update(withdrawn_at=now):
        return False
    _drop_promise(book)
    key = f"not-coming:{book.pk}:{now.isoformat()}"
    _tell(book, f"does not come on {_words(book, announced.at)} after all", key=key, now=now)
    return True


def expected(book: Lookbook, *, now: datetime) -> datetime | None:
    """When she said she comes, while that lies ahead: one query."""
    mine = Coming.objects.filter(lookbook=book, withdrawn_at=None, at__gt=now)
    return mine.values_list("at", flat=True).first()


def _open_times(hours: Window, now: datetime) -> Iterator[datetime]:
    today = now.astimezone(hours.zone).date()
    for day in (today + ahead * A_DAY for ahead in range(DAYS_AHEAD)):
        span = hours.week[day.weekday()]
        if span:
            yield from _on(day, span, hours)


def _on(day: date, span: Span, hours: Window) -> Iterable[datetime]:
    """Noon and after work of one day, moved into the time the door is open."""

    def moment(clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=hours.zone)

    opens, last = moment(span.opens), moment(span.closes) - BEFORE_CLOSING
    around = {min(max(moment(clock), opens), max(last, opens)) for clock in AROUND}
    return [each.astimezone(UTC) for each in sorted(around)]


def _promise(book: Lookbook, at: datetime, now: datetime) -> Promise:
    """It stands among what her associate has promised, on the day itself."""
    local = book.store.local(at) if book.store else at
    return Promise.objects.create(
        customer_id=book.customer_id,
        falls_to_id=book.customer.associate_id or book.associate_id,
        words=TO_DO,
        due_on=local.date(),
        due_time=local.time(),
        made_at=now,
        made_by=book.associate,
    )


def _drop_promise(book: Lookbook) -> None:
    """What was promised for another time, unless it was kept already."""
    Promise.objects.open().filter(
        pk__in=Coming.objects.filter(lookbook=book).values("promise")
    ).delete()


def _tell(book: Lookbook, what: str, *, key: str, now: datetime) -> None:
    notices.tell(book.associate, book.customer, f"{book.customer} {what}.", key=key, at=now)


def _words(book: Lookbook, at: datetime) -> str:
    local = book.store.local(at) if book.store else at
    return f"{local:%A} {local.day} {local:%B} at {local.hour}:{local:%M}"
