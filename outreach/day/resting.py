"""Who has no card today, and why: those a person should see to, and those who rest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from customers.appropriateness import Blocker
from customers.models import Customer
from customers.rhythm import Rhythm, rhythm_words
from outreach.day import next_step, steps, wording
from outreach.day.candidates import CALLED_AT_MOST, RESTING_NAMED, Candidate
from outreach.day.card import Card, call_url
from outreach.day.next_step import Kind, NextStep

HELD_AT_MOST = 3

# Blocked for a reason that asks for a person, not for patience: shown as a line of their own.
ASKS_FOR_A_PERSON = ("open-complaint", "may-have-asked-to-stop", "recent-complaint")

NOTHING_TO_SHOW = Blocker("nothing-to-show", "Nothing new that suits her is here now.")


@dataclass(frozen=True)
class Held:
    """A client who is not sold to now: her reason, and the better step."""

    pk: int
    customer_id: str
    name: str
    url: str
    code: str
    sentence: str
    icon: str
    is_resting: bool
    call_url: str = ""
    call_label: str = "Call first"
    happy_url: str = ""
    called: str = ""
    steps_url: str = ""
    undo_url: str = ""
    say: str = ""


@dataclass(frozen=True)
class Resting:
    """Everybody else who has been away for long: counted, and the most worthwhile named."""

    sentence: str
    named: tuple[Held, ...]


def without_cards(
    candidates: Sequence[Candidate],
    cards: Collection[Card],
    without_items: Sequence[Candidate],
    beyond: int,
    now: datetime,
) -> tuple[tuple[Held, ...], Resting | None]:
    """Who is held back for a reason that asks for a person, and everybody else without a card."""
    shown = {each.pk for each in cards}
    nothing = {each.customer.pk for each in without_items}
    held: list[Held] = []
    resting: list[tuple[Candidate, Blocker]] = []
    for each in candidates:
        if each.customer.pk in shown:
            continue
        reason = _reason(each, has_nothing=each.customer.pk in nothing)
        step = _step_in_person(each, reason, now)
        if step and len(held) < HELD_AT_MOST:
            held.append(_in_person(each, reason, step))
        else:
            resting.append((each, reason))
    return tuple(held), _resting(resting, beyond)


def _step_in_person(candidate: Candidate, reason: Blocker, now: datetime) -> NextStep | None:
    """What only a person can do for her today; None where patience is all that is asked."""
    if reason.code not in ASKS_FOR_A_PERSON:
        return None
    choice = steps.facts_of(candidate.customer, candidate.contact, candidate.decision, now=now)
    step = next_step.choose(choice)
    is_hers_to_read = reason.code == "may-have-asked-to-stop"
    return step if step.kind == Kind.SERVICE or is_hers_to_read else None


def _in_person(candidate: Candidate, reason: Blocker, step: NextStep) -> Held:
    """No items and no Send: a number to call about the case, and a way to say that it is well."""
    held = replace(_held(candidate, reason), sentence=step.reason)
    case = candidate.contact.told.complaints.latest
    if step.kind != Kind.SERVICE or case is None:
        return held
    customer_id = candidate.customer.customer_id
    return replace(
        held,
        icon="repair",
        call_url=call_url(candidate.contact),
        call_label=f"Call about the {case.product}" if case.product else "Call about it",
        called=candidate.customer.called,
        happy_url=reverse("followed-up", args=[customer_id, case.number]),
        steps_url=reverse("steps", args=[customer_id]),
    )


def _reason(candidate: Candidate, *, has_nothing: bool) -> Blocker:
    if candidate.decision.blockers:
        return most_pressing(candidate.decision.blockers)
    if has_nothing:
        return NOTHING_TO_SHOW
    return Blocker("another-day", "Waits for another day: today's cards are full.")


def most_pressing(blockers: Sequence[Blocker]) -> Blocker:
    """The one that asks for a person, if there is one; else the first."""
    urgent = [blocker for blocker in blockers if blocker.code in ASKS_FOR_A_PERSON]
    return (urgent or list(blockers))[0]


def with_nothing_to_show(customer: Customer) -> Held:
    """The line in place of a card whose last item was turned down."""
    return Held(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        url=reverse("client", args=[customer.customer_id]),
        code=NOTHING_TO_SHOW.code,
        sentence=NOTHING_TO_SHOW.sentence,
        icon="rest",
        is_resting=True,
    )


def put_off(customer: Customer, sentence: str, undo_url: str) -> Held:
    """The line in place of the card of a client who was put off, with a way back."""
    return Held(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        url=reverse("client", args=[customer.customer_id]),
        code="put-off",
        sentence=sentence,
        icon="rest",
        is_resting=True,
        undo_url=undo_url,
        say=f"{customer}: {sentence}",
    )


def _held(candidate: Candidate, blocker: Blocker) -> Held:
    customer = candidate.customer
    needs_a_person = blocker.code in ASKS_FOR_A_PERSON
    return Held(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        url=reverse("client", args=[customer.customer_id]),
        code=blocker.code,
        sentence=blocker.sentence,
        icon="alert" if needs_a_person else "rest",
        is_resting=not needs_a_person,
    )


def calls(without_items: Sequence[Candidate], now: datetime) -> tuple[Held, ...]:
    """Who agreed to hear from us and has nothing new to be shown: a number to call."""
    found = (_call(each, now) for each in without_items)
    return tuple(each for each in found if each.call_url)[:CALLED_AT_MOST]


def _call(candidate: Candidate, now: datetime) -> Held:
    customer = candidate.customer
    rhythm = Rhythm(customer.last_purchase_at, customer.visit_count, customer.usual_gap_days)
    away = rhythm_words(rhythm, now=now, zone=candidate.contact.zone)
    blocker = Blocker("nothing-to-show", f"{away}. Nothing new suits yet.")
    held = _held(candidate, blocker)
    url = call_url(candidate.contact)
    more = reverse("steps", args=[customer.customer_id])
    return replace(held, icon="phone", call_url=url, call_label="Call", steps_url=more)


def _resting(resting: Sequence[tuple[Candidate, Blocker]], beyond: int) -> Resting | None:
    """Those `beyond` the clients the policy was asked about are counted, too."""
    in_all = len(resting) + beyond
    if not in_all:
        return None
    verb = "is" if in_all == 1 else "are"
    return Resting(
        sentence=f"{wording.counted(in_all, 'other')} {verb} resting; see why",
        named=tuple(_held(each, reason) for each, reason in resting[:RESTING_NAMED]),
    )
