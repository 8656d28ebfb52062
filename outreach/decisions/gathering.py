"""The inputs of every client of a book, in chunks of one query each: a chain fits in any memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Max, OuterRef, Subquery

from clienteling.models import Store, User
from customers.models import Customer, CustomerQuerySet, LineItem
from customers.rhythm import Rhythm
from outreach.day import candidates, ranking
from outreach.decisions.rules import Inputs, Verdict, verdict
from outreach.messages import contact_record
from outreach.messages.contact_facts import contact_facts, notes_counted
from outreach.messages.contact_policy import ContactFacts

CHUNK = 2_000  # clients of one query
LEAST_LAPSE_DAYS = 30  # nobody is weighed who was here in these days, whatever a store chooses
TENTHS = 10
STILL_TONIGHT = timedelta(days=1)  # an older moment is a past night: what came later is left out

COLUMNS = (
    "pk",
    "store_id",
    "associate_id",
    "city",
    "preferred_channel",
    "leave_until",
    "last_purchase_at",
    "visit_count",
    "usual_gap_days",
    "net_spend",
)


@dataclass(frozen=True)
class Decided:
    """One client's night. `worth` is what a note is worth, in tenths of a point; None for whom no
    note is thinkable: who cannot be reached, or was here just now."""

    customer_id: int
    store: Store | None
    inputs: Inputs
    verdict: Verdict
    worth: int | None


def of_books() -> CustomerQuerySet:
    """Every client who is in somebody's book, or in a store's."""
    return Customer.objects.filter(erased_at=None).exclude(store=None, associate=None)


def decided(people: CustomerQuerySet, *, as_of: datetime, now: datetime) -> Iterator[list[Decided]]:
    """Verdicts as of a moment, chunk by chunk in the order of primary keys: a query each.

    For a moment of a past night purchases, notes, answers and complaints that came later are left
    out; consent, addresses, the outlook and the items are those of today.
    """
    stores = {store.pk: store for store in Store.objects.all()}
    is_past = now - as_of >= STILL_TONIGHT
    last = 0
    while chunk := list(_known(people, as_of, is_past=is_past).filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        yield _chunk(chunk, stores, as_of, is_past=is_past)


def _known(people: CustomerQuerySet, as_of: datetime, *, is_past: bool) -> CustomerQuerySet:
    known = candidates.with_standing(people.only(*COLUMNS))
    known = candidates.with_has_items(known)
    if is_past:
        known = known.annotate(bought_by_then=_bought_by(as_of))
    return contact_record.with_records(known.order_by("pk"), associate=None, now=as_of)


def _bought_by(as_of: datetime) -> Subquery:
    lines = LineItem.objects.filter(
        customer=OuterRef("pk"), purchased_at__lte=as_of, quantity__gt=0
    ).order_by()
    return Subquery(lines.values("customer").annotate(last=Max("purchased_at")).values("last"))


def _chunk(
    customers: Sequence[Customer], stores: Mapping[int, Store], as_of: datetime, *, is_past: bool
) -> list[Decided]:
    records = {each.pk: _record(each, as_of, is_past=is_past) for each in customers}
    homes = _homes(customers)
    contacts = _contacts(customers, records, homes, as_of)
    return [
        _decided(each, records[each.pk], contacts[each.pk], _store(each, stores, homes), as_of)
        for each in customers
    ]


def _record(customer: Customer, as_of: datetime, *, is_past: bool) -> contact_record.Record:
    """Her record; of a past night without the notes that came later, and with the visits of then.

    `customer.last_purchase_at` is set back, too: the rules read it there.
    """
    record: contact_record.Record = customer.contact_record  # type: ignore[attr-defined]
    if not is_past:
        return record
    customer.last_purchase_at = customer.bought_by_then  # type: ignore[attr-defined]
    made = [each for each in record["offers"] if datetime.fromisoformat(each["made_at"]) <= as_of]
    return {**record, "offers": made}


def _homes(customers: Iterable[Customer]) -> dict[int, User]:
    """The associates of clients without a store: such a client lives where her associate works."""
    wanted = {each.associate_id or 0 for each in customers if each.store_id is None}
    people = User.objects.filter(pk__in=wanted).select_related("store") if wanted else ()
    return {each.pk: each for each in people}


def _store(
    customer: Customer, stores: Mapping[int, Store], homes: Mapping[int, User]
) -> Store | None:
    if customer.store_id is not None:
        return stores.get(customer.store_id)
    return homes[customer.associate_id].store if customer.associate_id else None


def _contacts(
    customers: Iterable[Customer],
    records: Mapping[int, contact_record.Record],
    homes: Mapping[int, User],
    as_of: datetime,
) -> dict[int, ContactFacts]:
    """The facts as nobody in particular finds them; without a store, as her own associate does."""
    found: dict[int, ContactFacts] = {}

    def home_of(customer: Customer) -> int:
        return 0 if customer.store_id is not None else customer.associate_id or 0

    for home, some in groupby(sorted(customers, key=home_of), key=home_of):
        found |= contact_facts(some, associate=homes.get(home), now=as_of, records=records)
    return found


def _decided(
    customer: Customer,
    record: contact_record.Record,
    contact: ContactFacts,
    store: Store | None,
    as_of: datetime,
) -> Decided:
    known: Any = customer  # annotated by _known
    inputs = Inputs(
        contact=contact,
        rhythm=Rhythm(customer.last_purchase_at, customer.visit_count, customer.usual_gap_days),
        lapse_days=(store or Store()).lapse_days,
        will_buy=known.will_buy,
        has_items=known.has_items,
    )
    found = verdict(inputs, now=as_of)
    has_no_hours = any(each.code == "no-open-hours" for each in found.blockers)
    inputs = replace(inputs, has_open_hours=not has_no_hours)
    return Decided(
        customer.pk, store, inputs, found, _worth(customer, record, inputs, found, as_of)
    )


def _worth(
    customer: Customer,
    record: contact_record.Record,
    inputs: Inputs,
    found: Verdict,
    as_of: datetime,
) -> int | None:
    """What the day's own order makes of her, where a note is thinkable at all."""
    last = customer.last_purchase_at
    if last is None or as_of - last < timedelta(days=LEAST_LAPSE_DAYS):
        return None
    if not found.is_due and found.next_on is None:
        return None
    standing = candidates.standing(
        customer,
        notes_counted(record),
        newest_arrival=customer.newest_arrival,  # type: ignore[attr-defined]  # by _known
        will_buy=inputs.will_buy,
        today=inputs.contact.today(as_of),
        now=as_of,
    )
    return round(TENTHS * ranking.worth_now(standing))
