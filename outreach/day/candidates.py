"""Who is weighed for a day, the lapsed or those about to lapse, and what the policy says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from django.db.models import (
    Count,
    Exists,
    F,
    Max,
    OrderBy,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    Window,
)

from clienteling.defaults import SUGGESTIONS_SHOWN
from clienteling.models import Store, User
from clienteling.prepared import GivenMoment, Moment, Prepared
from customers.models import Consent, ConsentState, Customer, CustomerQuerySet, Suggestion
from customers.rhythm import days_since
from outreach.day import ranking
from outreach.messages import contact_record
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactDecision, ContactFacts, decide
from outreach.messages.contact_record import Record
from outreach.models.message import COUNTS_AS_CONTACT, FIRST_MOVES, Message

Who = Literal["lapsed", "about-to-lapse", "came-back"]

LOOKED_AT = 300
"""Of a longer book only these are weighed, so that a store with thousands of clients who are
nobody's yet has a day as quick as any other. Those who may not be written to now come last."""


@dataclass(frozen=True)
class Candidate:
    """A client who may be due, and what the policy says. `has_items`: the night found some, the
    newest of those shown on `newest_arrival`. `will_buy` is None without an outlook."""

    customer: Customer
    contact: ContactFacts
    decision: ContactDecision
    has_items: bool = True
    newest_arrival: date | None = None
    will_buy: float | None = None


class _Weighed(NamedTuple):
    """A row of the query: the columns of `_OWN`, and the client herself."""

    in_all: int
    has_items: bool
    newest_arrival: date | None
    will_buy: float | None
    record: Record
    customer: Customer


_OWN = ("in_all", "has_items", "newest_arrival", "will_buy", "contact_record")
_COLUMNS = [each.attname for each in Customer._meta.concrete_fields]


def of_day(
    associate: User, store: Store, who: Who, *, now: datetime
) -> tuple[list[Candidate], int]:
    """Her clients who may be due, and how many there are in all: one query.

    A lapsed client without anything to show is left out; one about to lapse is not, for a call
    needs no items.
    """
    asker = contact_record.asker_of(associate)
    rows = _weighed(who, store.lapse_days, store.cap_days, LOOKED_AT).rows(
        number=asker.number, home=asker.home, covers_in=asker.covers_in, now=now
    )
    weighed = [_row(each) for each in rows]
    customers = [each.customer for each in weighed]
    records = {each.customer.pk: each.record for each in weighed}
    contacts = contact_facts(customers, associate=associate, now=now, records=records)
    found = [_candidate(each, contacts[each.customer.pk], now) for each in weighed]
    return found, weighed[0].in_all if weighed else 0


def with_standing(people: CustomerQuerySet) -> CustomerQuerySet:
    """The same clients with the columns that `standing` asks for beside the record's."""
    return people.annotate(newest_arrival=_newest_arrival(), will_buy=F("outlook__will_buy"))


def with_has_items(people: CustomerQuerySet) -> CustomerQuerySet:
    """The same clients, each with `has_items`: whether the night found something for her."""
    return people.annotate(has_items=Exists(_suggestions()))


def best(candidates: Iterable[Candidate], now: datetime) -> list[Candidate]:
    """The same, the most worthwhile first."""
    by_key = {each.customer.pk: each for each in candidates}
    order = ranking.in_order((key, standing(each, now)) for key, each in by_key.items())
    return [by_key[key] for key in order]


def standing(candidate: Candidate, now: datetime) -> ranking.Standing:
    """What her place in the order is made from."""
    customer, channels = candidate.customer, candidate.contact.channels.values()
    newest = candidate.newest_arrival
    return ranking.Standing(
        days_away=days_since(customer.last_purchase_at or now, now),
        usual_gap_days=customer.usual_gap_days,
        visit_count=customer.visit_count,
        net_spend=customer.net_spend,
        notes_sent=sum(known.sent for known in channels),
        notes_answered=sum(known.answered for known in channels),
        newest_days=(candidate.contact.today(now) - newest).days if newest else None,
        will_buy=candidate.will_buy,
    )


def _row(values: tuple[Any, ...]) -> _Weighed:
    client = Customer.from_db(None, _COLUMNS, values[len(_OWN) :])
    return _Weighed._make((*values[: len(_OWN)], client))


def _candidate(row: _Weighed, contact: ContactFacts, now: datetime) -> Candidate:
    return Candidate(
        row.customer,
        contact,
        decide(contact, now=now),
        row.has_items,
        row.newest_arrival,
        row.will_buy,
    )


@lru_cache(maxsize=64)
def _weighed(who: Who, lapse_days: int, quiet_days: int, most: int) -> Prepared:
    """The query of a tab; its SQL is made once for all stores with the same rules."""
    columns = (*_OWN, *_COLUMNS)
    return Prepared(lambda: _people(who, lapse_days, quiet_days)[:most].values_list(*columns))


def _people(who: Who, lapse_days: int, quiet_days: int) -> CustomerQuerySet:
    now, asker = GivenMoment(), contact_record.asker_to_be_given()
    book = Customer.objects.in_book(asker.number, asker.home)
    if who == "lapsed":
        people = _with_items(book.lapsed(at=now, days=lapse_days))
    else:
        late = book.about_to_lapse(at=now, days=lapse_days)
        people = with_has_items(late)
    known = (
        with_standing(people)
        .annotate(in_all=Window(Count("pk")))
        .order_by(*_likely_first(now, quiet_days), "pk")
    )
    return contact_record.with_records_for(known, asker, now=now)


def _suggestions() -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(customer=OuterRef("pk"))


def _with_items(people: CustomerQuerySet) -> CustomerQuerySet:
    return people.filter(Exists(_suggestions())).annotate(has_items=Value(True))


def _newest_arrival() -> Subquery:
    own = _suggestions().filter(rank__lte=SUGGESTIONS_SHOWN)
    dates = own.order_by().values("customer").annotate(newest=Max("product__launched_on"))
    return Subquery(dates.values("newest"))


def _likely_first(now: Moment, quiet_days: int) -> tuple[OrderBy, ...]:
    """An order the database can make, close enough to `ranking` to cut a very long book by."""
    agreed = Consent.objects.filter(customer=OuterRef("pk"), state=ConsentState.OPTED_IN)
    lately = Message.objects.filter(
        customer=OuterRef("pk"),
        step__in=FIRST_MOVES,
        state__in=COUNTS_AS_CONTACT,
        queued_at__gt=now - timedelta(days=quiet_days),
    )
    open_to_a_note = F("outlook__will_buy") * (1 - F("outlook__will_buy"))
    return (
        Exists(agreed).desc(),
        Exists(lately).asc(),
        open_to_a_note.desc(nulls_last=True),
        F("visit_count").desc(),
        F("net_spend").desc(),
    )
