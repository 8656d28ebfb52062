"""What the choice of the next step is made from, for clients whose contact facts are loaded."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from customers.facts import CaseFacts
from customers.models import Customer, ImportantDate
from outreach.day.next_step import ImportantDay, OwnedTip, StepFacts
from outreach.messages.contact_policy import ContactDecision, ContactFacts


def facts_of(
    customer: Customer,
    contact: ContactFacts,
    decision: ContactDecision,
    *,
    now: datetime,
    has_items: bool = False,
    tips: Iterable[OwnedTip] = (),
) -> StepFacts:
    """What the choice is made from; every moment is put on her store's clock first."""
    zone, last = contact.zone, customer.last_purchase_at
    return StepFacts(
        today=contact.today(now),
        decision=decision,
        case=_case(contact.told.complaints.latest, zone),
        last_visit_on=last.astimezone(zone).date() if last else None,
        visit_count=customer.visit_count,
        has_items=has_items,
        days=tuple(important_days(contact, now=now)),
        tips=tuple(tips),
        deeds=tuple(replace(each, at=each.at.astimezone(zone)) for each in contact.deeds),
    )


def important_days(contact: ContactFacts, *, now: datetime) -> Iterable[ImportantDay]:
    """Her days with the date on which each comes next, on her store's calendar."""
    today = contact.today(now)
    for words, month, day in contact.dates:
        yield ImportantDay(words, ImportantDate(month=month, day=day).next_on(today))


def _case(case: CaseFacts | None, zone: ZoneInfo) -> CaseFacts | None:
    if case is None:
        return None
    closed_at = case.closed_at.astimezone(zone) if case.closed_at else None
    return case._replace(opened_at=case.opened_at.astimezone(zone), closed_at=closed_at)
