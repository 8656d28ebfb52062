"""Who is weighed for a day, the lapsed or those about to lapse, and what the policy says.

Ranking is cheap and deciding is not: so everybody is ranked, and the policy is asked about the best
until the day is full. Those who may be written to are few in a long book.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    Count,
    Exists,
    F,
    Max,
    OrderBy,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    Window,
)
from django.db.models.functions import Cast

from clienteling.defaults import SUGGESTIONS_SHOWN
from clienteling.prepared import GivenMoment, Moment, Prepared
from customers.models import Consent, ConsentState, Customer, CustomerQuerySet, Suggestion
from customers.rhythm import days_since
from outreach.day import ranking
from outreach.day.next_step import FRESH_VISIT
from outreach.day.viewpoint import Viewpoint
from outreach.messages import contact_record
from outreach.messages.contact_facts import contact_facts, notes_counted
from outreach.messages.contact_policy import ContactDecision, ContactFacts, decide
from outreach.messages.contact_record import Record
from outreach.models.message import COUNTS_AS_CONTACT, FIRST_MOVES, Message

Who = Literal["lapsed", "about-to-lapse", "came-back"]

LOOKED_AT = 300
"""Of a longer book only these are weighed, so that a store with thousands of clients who are
nobody's yet has a day as quick as any other. Those who may not be written to now come last."""

# Whom the policy is asked about in the first look, beside those wanted:
SPARE = 4  # a rule that no glance sees may speak against some
CALLED_AT_MOST = 10
IN_PERSON_AT_MOST = 6
RESTING_NAMED = 12

# Of the clients seen last, for pages that are opened again; some kB each.
PROSPECTS_KEPT, VERDICTS_KEPT = 4_096, 1_024


class Shopper(Protocol):
    """What a place in the order takes from the client's own columns."""

    @property
    def last_purchase_at(self) -> datetime | None: ...
    @property
    def visit_count(self) -> int: ...
    @property
    def usual_gap_days(self) -> int | None: ...
    @property
    def net_spend(self) -> Decimal: ...


class Row(NamedTuple):
    """A row of the query, by the names of its columns.

    First what a card is drawn from, in the model's order, as `from_db` wants it. Moments cost the
    most to read: the others stay where they are. The `record` is her contact record, as text.
    """

    id: int
    customer_id: str
    first_name: str
    last_name: str
    city: str
    store_id: int | None
    associate_id: int | None
    preferred_channel: str
    leave_until: date | None
    last_purchase_at: datetime | None
    visit_count: int
    usual_gap_days: int | None
    net_spend: Decimal
    has_items: bool
    newest_arrival: date | None
    will_buy: float | None
    record: str


HER_COLUMNS = Row._fields[: Row._fields.index("has_items")]


@dataclass(frozen=True, eq=False)
class Prospect:
    """Somebody who may be due, as far as a glance at her row tells; of equal rows the same object.

    `may_be_open`: she agreed to some channel, and no note has gone to her within the store's cap.
    `needs_a_person`: there is a complaint, or words that nobody has read.
    """

    row: Row
    standing: ranking.Standing
    worth: float
    may_be_open: bool
    needs_a_person: bool

    @property
    def pk(self) -> int:
        return self.row.id

    @property
    def has_items(self) -> bool:
        return self.row.has_items


@dataclass(frozen=True, eq=False)
class Candidate:
    """A client who may be due and what the policy says; of one prospect the same object."""

    prospect: Prospect
    customer: Customer
    contact: ContactFacts
    decision: ContactDecision

    @property
    def standing(self) -> ranking.Standing:
        return self.prospect.standing

    @property
    def has_items(self) -> bool:
        """Whether the night found some for her."""
        return self.prospect.has_items


@dataclass(frozen=True)
class Prospects:
    """Those ranked, the most worthwhile first, and how many there are `in_all`."""

    ranked: tuple[Prospect, ...]
    in_all: int


def of_day(seen_from: Viewpoint, who: Who) -> Prospects:
    """Her clients who may be due: one query.

    A lapsed client without anything to show is left out; one about to lapse is not, for a call
    needs no items.
    """
    asker, store = contact_record.asker_of(seen_from.associate), seen_from.store
    rows = _weighed(who, store.lapse_days, store.cap_days, LOOKED_AT).rows(
        number=asker.number, home=asker.home, covers_in=asker.covers_in, now=seen_from.now
    )
    found = [_prospect(Row._make(hers), seen_from) for *hers, _ in rows]
    found.sort(key=lambda each: (-each.worth, each.pk))
    return Prospects(tuple(found), rows[0][-1] if rows else 0)


def decided(prospects: Prospects, seen_from: Viewpoint, *, wanted: int) -> list[Candidate]:
    """What the policy says of the best, in order, until so many may be written to and have items.

    Beside them of those who need a person, of those whom only a call may reach, and of the most
    worthwhile who may not be written to: the day names them.
    """
    found: dict[int, Candidate] = {}
    for some in _looks(prospects.ranked, wanted):
        found |= {each.pk: _candidate(each, seen_from) for each in some if each.pk not in found}
        if sum(each.decision.may_send and each.has_items for each in found.values()) >= wanted:
            break
    return [found[each.pk] for each in prospects.ranked if each.pk in found]


def _looks(ranked: Sequence[Prospect], wanted: int) -> Iterator[Sequence[Prospect]]:
    """Whom to ask the policy about: a first look that is mostly enough, then the others."""
    likely = [each for each in ranked if each.may_be_open]
    with_items = [each for each in likely if each.has_items]
    first = wanted + SPARE
    yield [
        *with_items[:first],
        *[each for each in likely if not each.has_items][:CALLED_AT_MOST],
        *[each for each in ranked if each.needs_a_person][:IN_PERSON_AT_MOST],
        *[each for each in ranked if not each.may_be_open][:RESTING_NAMED],
    ]
    for start in range(first, len(with_items), first):
        yield with_items[start : start + first]
    others = [each for each in ranked if not each.may_be_open]
    for start in range(RESTING_NAMED, len(others), first):
        yield others[start : start + first]


def with_standing(people: CustomerQuerySet) -> CustomerQuerySet:
    """The same clients with the columns that `standing` asks for beside the record's."""
    return people.annotate(newest_arrival=_newest_arrival(), will_buy=F("outlook__will_buy"))


def with_has_items(people: CustomerQuerySet) -> CustomerQuerySet:
    """The same clients, each with `has_items`: whether the night found something for her."""
    return people.annotate(has_items=Exists(_suggestions()))


def standing(
    shopper: Shopper,
    notes: tuple[int, int],
    *,
    newest_arrival: date | None,
    will_buy: float | None,
    today: date,
    now: datetime,
) -> ranking.Standing:
    """What her place in the order is made from. `notes` as `notes_counted` counts them;
    `newest_arrival`: when the newest item picked for her went on sale; `today` is her store's."""
    sent, answered = notes
    return ranking.Standing(
        days_away=days_since(shopper.last_purchase_at or now, now),
        usual_gap_days=shopper.usual_gap_days,
        visit_count=shopper.visit_count,
        net_spend=shopper.net_spend,
        notes_sent=sent,
        notes_answered=answered,
        newest_days=(today - newest_arrival).days if newest_arrival else None,
        will_buy=will_buy,
    )


@lru_cache(maxsize=PROSPECTS_KEPT)
def _prospect(row: Row, seen_from: Viewpoint) -> Prospect:
    record: Record = json.loads(row.record)
    lately = seen_from.now - timedelta(days=seen_from.store.cap_days)
    place = standing(
        row,
        notes_counted(record),
        newest_arrival=row.newest_arrival,
        will_buy=row.will_buy,
        today=seen_from.store.local(seen_from.now).date(),
        now=seen_from.now,
    )
    return Prospect(
        row,
        place,
        ranking.worth_now(place),
        may_be_open=_may_be_open(record, lately),
        needs_a_person=_needs_a_person(record, seen_from.now),
    )


def _may_be_open(record: Record, lately: datetime) -> bool:
    agreed = any(
        each["state"] == ConsentState.OPTED_IN for each in record["permissions"]["consents"]
    )
    offers = record["offers"]  # the newest first
    return (
        agreed
        and not record["put_off"]
        and not (offers and datetime.fromisoformat(offers[0]["made_at"]) > lately)
    )


def _needs_a_person(record: Record, now: datetime) -> bool:
    if any(each["unread"] for each in record["replies"]):
        return True
    solved = (each["closed_at"] for each in record["complaints"])
    return any(at is None or datetime.fromisoformat(at) > now - FRESH_VISIT for at in solved)


@lru_cache(maxsize=VERDICTS_KEPT)
def _candidate(prospect: Prospect, seen_from: Viewpoint) -> Candidate:
    """Who she is, and what the policy says of her as she is seen from there."""
    row = prospect.row
    customer = Customer.from_db(DEFAULT_DB_ALIAS, HER_COLUMNS, row[: len(HER_COLUMNS)])
    records = {customer.pk: json.loads(row.record)}
    associate, now = seen_from.associate, seen_from.now
    contacts = contact_facts([customer], associate=associate, now=now, records=records)
    contact = contacts[customer.pk]
    return Candidate(prospect, customer, contact, decide(contact, now=now))


@lru_cache(maxsize=64)
def _weighed(who: Who, lapse_days: int, quiet_days: int, most: int) -> Prepared:
    """The query of a tab; its SQL is made once for all stores with the same rules."""
    return Prepared(
        lambda: _people(who, lapse_days, quiet_days)[:most].values_list(*Row._fields, "in_all")
    )


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
    recorded = contact_record.with_records_for(known, asker, now=now)
    return recorded.annotate(record=Cast("contact_record", TextField()))


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
