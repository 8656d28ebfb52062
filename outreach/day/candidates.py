"""Who is weighed for a day, the lapsed or those about to lapse, and what the policy says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

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
from customers.models import Consent, ConsentState, Customer, CustomerQuerySet, Suggestion
from customers.rhythm import days_since
from outreach.day import ranking
from outreach.messages import contact_record
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactDecision, ContactFacts, decide
from outreach.models.message import COUNTS_AS_CONTACT, FIRST_MOVES, Message

Who = Literal["lapsed", "about-to-lapse", "came-back"]

LOOKED_AT = 300
"""Of a longer book only these are weighed, so that a store with thousands of clients who are
nobody's yet has a day as quick as any other. Those who may not be written to now come last."""


@dataclass(frozen=True)
class Candidate:
    """A client who may be due, and what the policy says. `has_items`: the night found some."""

    customer: Customer
    contact: ContactFacts
    decision: ContactDecision
    has_items: bool = True


def of_day(
    associate: User, store: Store, who: Who, *, now: datetime
) -> tuple[list[Candidate], int]:
    """Her clients who may be due, and how many there are in all: one query.

    A lapsed client without anything to show is left out; one about to lapse is not, for a call
    needs no items.
    """
    book = Customer.objects.in_book_of(associate)
    if who == "lapsed":
        people = _with_items(book.lapsed(at=now, days=store.lapse_days))
    else:
        late = book.about_to_lapse(at=now, days=store.lapse_days)
        people = with_has_items(late)
    known = (
        with_standing(people)
        .annotate(in_all=Window(Count("pk")))
        .order_by(*_likely_first(store, now), "pk")
    )
    customers = list(contact_record.with_records(known, associate=associate, now=now)[:LOOKED_AT])
    records = {each.pk: each.contact_record for each in customers}  # type: ignore[attr-defined]
    contacts = contact_facts(customers, associate=associate, now=now, records=records)
    found = [_candidate(each, contacts[each.pk], now) for each in customers]
    return found, customers[0].in_all if customers else 0  # type: ignore[attr-defined]


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
    newest = customer.newest_arrival  # type: ignore[attr-defined]  # annotated by of_day
    return ranking.Standing(
        days_away=days_since(customer.last_purchase_at or now, now),
        usual_gap_days=customer.usual_gap_days,
        visit_count=customer.visit_count,
        net_spend=customer.net_spend,
        notes_sent=sum(known.sent for known in channels),
        notes_answered=sum(known.answered for known in channels),
        newest_days=(candidate.contact.today(now) - newest).days if newest else None,
        will_buy=customer.will_buy,  # type: ignore[attr-defined]
    )


def _candidate(customer: Customer, contact: ContactFacts, now: datetime) -> Candidate:
    has_items = customer.has_items  # type: ignore[attr-defined]
    return Candidate(customer, contact, decide(contact, now=now), has_items)


def _suggestions() -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(customer=OuterRef("pk"))


def _with_items(people: CustomerQuerySet) -> CustomerQuerySet:
    return people.filter(Exists(_suggestions())).annotate(has_items=Value(True))


def _newest_arrival() -> Subquery:
    own = _suggestions().filter(rank__lte=SUGGESTIONS_SHOWN)
    dates = own.order_by().values("customer").annotate(newest=Max("product__launched_on"))
    return Subquery(dates.values("newest"))


def _likely_first(store: Store, now: datetime) -> tuple[OrderBy, ...]:
    """An order the database can make, close enough to `ranking` to cut a very long book by."""
    agreed = Consent.objects.filter(customer=OuterRef("pk"), state=ConsentState.OPTED_IN)
    lately = Message.objects.filter(
        customer=OuterRef("pk"),
        step__in=FIRST_MOVES,
        state__in=COUNTS_AS_CONTACT,
        queued_at__gt=now - timedelta(days=store.cap_days),
    )
    open_to_a_note = F("outlook__will_buy") * (1 - F("outlook__will_buy"))
    return (
        Exists(agreed).desc(),
        Exists(lately).asc(),
        open_to_a_note.desc(nulls_last=True),
        F("visit_count").desc(),
        F("net_spend").desc(),
    )
