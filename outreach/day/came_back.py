"""Who came back: bought lately, after a note of ours or after having lapsed. Thanks come next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from clienteling.defaults import ATTRIBUTION_DAYS
from clienteling.models import Store, User
from customers.facts import Line, lines_of
from customers.models import Customer, LineItem
from customers.rhythm import calendar_days
from outreach.day import card, care, next_step, steps, wording
from outreach.day.next_step import FRESH_VISIT, Kind, NextStep, OwnedTip
from outreach.messages import contact_record
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactFacts, decide
from outreach.models import Message
from outreach.models.message import FIRST_MOVES, HANDED_OVER

LOOKED_AT = 60
NAMED_AT_MOST = 2
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Returned:
    """A client who came back: how, with what, and the next step for her."""

    pk: int
    customer_id: str
    name: str
    called: str
    url: str
    how: str
    bought: str
    step: str
    step_kind: str
    is_written: bool
    tip: OwnedTip | None
    gesture_url: str
    steps_url: str
    call_url: str

    @property
    def is_thanked(self) -> bool:
        return self.step_kind != Kind.THANKS


def for_associate(associate: User, store: Store, *, now: datetime) -> tuple[Returned, ...]:
    """Those of her book who bought within the last days, the latest first: four queries."""
    book = Customer.objects.in_book_of(associate)
    found = book.filter(came_back(at=now, days=store.lapse_days))
    found = found.annotate(note_at=_note_before(), visit_before=_visit_before())
    known = contact_record.with_records(found, associate=associate, now=now)
    people = list(known.order_by("-last_purchase_at", "pk")[:LOOKED_AT])
    records = {each.pk: each.contact_record for each in people}  # type: ignore[attr-defined]
    contacts = contact_facts(people, associate=associate, now=now, records=records)
    lines = lines_of(list(contacts), now=now)
    tips = care.tips_for(lines)
    return tuple(
        _line(each, contacts[each.pk], lines[each.pk], tips, store, now) for each in people
    )


def came_back(*, at: datetime, days: int) -> Q:
    """Who came back, as a question to the database that combines with others.

    Bought lately; and either a note had reached her shortly before, or she had lapsed by then:
    not bought within the `days` before.
    """
    lately = Q(last_purchase_at__gt=at - FRESH_VISIT, last_purchase_at__lte=at)
    had_lapsed = Q(first_purchase_at__lte=F("last_purchase_at") - timedelta(days=days))
    in_between = _bought_before().filter(
        purchased_at__gt=OuterRef("last_purchase_at") - timedelta(days=days)
    )
    return lately & (Q(Exists(_notes_before())) | had_lapsed & ~Q(Exists(in_between)))


def _notes_before() -> QuerySet[Message]:
    """The notes that may have brought her in."""
    return Message.objects.filter(
        customer=OuterRef("pk"),
        step__in=FIRST_MOVES,
        state__in=HANDED_OVER,
        sent_at__lt=OuterRef("last_purchase_at"),
        sent_at__gte=OuterRef("last_purchase_at") - timedelta(days=ATTRIBUTION_DAYS),
    )


def _bought_before() -> QuerySet[LineItem]:
    """What she had bought before; two tills on one day are one visit."""
    return LineItem.objects.filter(
        customer=OuterRef("pk"),
        quantity__gt=0,
        purchased_at__lt=OuterRef("last_purchase_at") - ONE_DAY,
    )


def _note_before() -> Subquery:
    """When the last of those notes reached her."""
    return Subquery(_notes_before().order_by("-sent_at").values("sent_at")[:1])


def _visit_before() -> Subquery:
    return Subquery(_bought_before().order_by("-purchased_at").values("purchased_at")[:1])


def _line(
    customer: Customer,
    contact: ContactFacts,
    lines: Sequence[Line],
    tips: Mapping[int, tuple[OwnedTip, ...]],
    store: Store,
    now: datetime,
) -> Returned:
    decision = decide(contact, now=now)
    choice = steps.facts_of(customer, contact, decision, now=now, tips=tips[customer.pk])
    step = next_step.choose(choice)
    client, gesture, more = (
        reverse(name, args=[customer.customer_id]) for name in ("client", "gesture", "steps")
    )
    return Returned(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        called=customer.called,
        url=client,
        how=_how(customer, store, now),
        bought=_bought(lines, customer),
        step=step.reason,
        step_kind=step.kind,
        is_written=step.is_written,
        tip=_tip(step),
        gesture_url=gesture,
        steps_url=more,
        call_url=card.call_url(contact),
    )


def _how(customer: Customer, store: Store, now: datetime) -> str:
    """`Came back on Friday, 4 days after your note`, `… today, after 120 days away`."""
    came_at = customer.last_purchase_at
    assert came_at is not None  # the query asks for a purchase
    day = wording.day_words(store.local(came_at).date(), on=store.local(now).date())
    when = day if day in ("today", "yesterday") else f"on {day}"
    note_at = customer.note_at  # type: ignore[attr-defined]
    before = customer.visit_before or customer.first_purchase_at or came_at  # type: ignore[attr-defined]
    if note_at:
        days = calendar_days(note_at, came_at, zone=store.zone)
        after = f"{wording.counted(days, 'day')} after" if days else "the very day of"
        return f"Came back {when}, {after} your note."
    away = calendar_days(before, came_at, zone=store.zone)
    return f"Came back {when}, after {wording.counted(away, 'day')} away."


def _bought(lines: Sequence[Line], customer: Customer) -> str:
    """`Marlow loafer, Alder tote and 2 more`: what she took that day."""
    names = [
        each.name
        for each in lines
        if each.quantity > 0 and each.purchased_at == customer.last_purchase_at
    ]
    more = len(names) - NAMED_AT_MOST
    named = ", ".join(names[:NAMED_AT_MOST])
    return f"{named} and {more} more" if more > 0 else named


def _tip(step: NextStep) -> OwnedTip | None:
    return step.tip if step.kind == Kind.TIP else None
