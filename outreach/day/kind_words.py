"""Thanks, a good wish or a tip as a note: drafted like an offer, with nothing to buy in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction

from clienteling.models import Store, User
from customers.models import Customer
from outreach.day import drafts, next_step, note_facts, note_form, steps, wording
from outreach.day.addresses import ClientAddresses
from outreach.day.card import Alert
from outreach.day.drafts import Cause
from outreach.day.facts import CardFacts
from outreach.day.next_step import Kind, NextStep, StepFacts
from outreach.day.note_form import Kept, NoteForm
from outreach.messages import clearance, outbox
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactDecision, decide
from outreach.messages.outbox import StaleCard
from outreach.messages.wording import OutgoingNote
from outreach.models import Message
from outreach.models.message import Step

KINDS = (Kind.THANKS, Kind.GREETING, Kind.TIP)
"""What can be written beside an offer; each has the word of its `Step` and of its gesture."""

ALREADY: Mapping[Kind, str] = {
    Kind.THANKS: "{called} has been thanked already.",
    Kind.GREETING: "{called} has had a good wish already.",
    Kind.TIP: "{called} has had a tip already.",
}


@dataclass(frozen=True)
class Begun:
    """A form that came back: what it was about, as it was written, and what is to be said of it."""

    kind: Kind
    kept: Kept | None = None
    alarm: str = ""
    fault: str = ""
    is_doubt: bool = False
    asks_for: str = ""
    say: str = ""


@dataclass(frozen=True)
class Other:
    """Another kind word there is a cause for, and where it is written."""

    label: str
    url: str


@dataclass(frozen=True)
class KindWords:
    """The words to send, or `why_not`. `tip` is the number of the tip they pass on."""

    pk: int
    called: str
    kind: str
    label: str
    reason: str
    gesture_url: str
    note: NoteForm | None = None
    why_not: str = ""
    tip: int | None = None
    alert: Alert | None = None
    others: tuple[Other, ...] = ()

    @property
    def is_said(self) -> bool:
        """Whether it can be said in person in a word; a tip has its own line for that."""
        return self.kind != Kind.TIP


def of_client(
    known: CardFacts,
    decision: ContactDecision,
    choice: StepFacts,
    *,
    user: User,
    store: Store,
    now: datetime,
    begun: Begun | None = None,
) -> KindWords | None:
    """The kind word to write her today: the one `begun`, or else the next best step if it is one.

    None where there is no cause for it. One query where the writer's own words are not known yet.
    """
    step = _step(choice, begun)
    if step is None:
        return None
    customer, addresses = known.customer, ClientAddresses(known.customer.customer_id)
    note = None
    if step.is_written or (begun and begun.kept):
        note = note_form.drawn(
            _with_words(known, user, store),
            decision,
            associate=user,
            store=store,
            now=now,
            addresses=addresses,
            kept=begun.kept if begun else None,
            cause=_cause(step, choice),
        )
    return KindWords(
        pk=customer.pk,
        called=customer.called,
        kind=step.kind,
        label=wording.capital(step.label),
        reason=step.reason,
        gesture_url=addresses.of("gesture"),
        note=_come_back(note, begun) if note and begun else note,
        why_not="" if step.is_written else _why_not(decision),
        tip=step.tip.number if step.tip else None,
        alert=Alert("bad", begun.alarm) if begun and begun.alarm else None,
        others=others(choice, customer, apart_from=step.kind),
    )


def others(choice: StepFacts, customer: Customer, *, apart_from: str = "") -> tuple[Other, ...]:
    """What else may be written her, as links to the same place."""
    url = ClientAddresses(customer.customer_id).of("steps")
    return tuple(
        Other(each.label, f"{url}?{urlencode({'write': each.kind.value})}")
        for each in next_step.words_for(choice)
        if each.is_written and each.kind != apart_from
    )


def send(
    customer: Customer, note: OutgoingNote, *, by: User, form_token: str, seen: str, now: datetime
) -> Message:
    """`outbox.send`, refused as well where somebody has said it to her since it was shown.

    Raises ``NotSendable`` or ``StaleCard``, and then nothing has changed.
    """
    with transaction.atomic():
        locked = clearance.locked_customer(customer.pk)
        is_repeat = Message.objects.filter(dedupe_key=form_token).exists()
        if not is_repeat and _was_done(locked, Kind(note.step), by, now):
            raise StaleCard([ALREADY[Kind(note.step)].format(called=customer.called)])
        return outbox.send(customer, note, by=by, form_token=form_token, seen=seen, now=now)


def _was_done(customer: Customer, kind: Kind, by: User, now: datetime) -> bool:
    contact = contact_facts([customer], associate=by, now=now)[customer.pk]
    choice = steps.facts_of(customer, contact, decide(contact, now=now), now=now)
    return next_step.was_done(choice, kind)


def _step(choice: StepFacts, begun: Begun | None) -> NextStep | None:
    """What is to be written. Words somebody has written stay, whatever became of their cause."""
    wanted = begun.kind if begun else next_step.choose(choice).kind
    causes = next_step.words_for(choice)
    if found := next((each for each in causes if each.kind == wanted), None):
        return found
    is_written = choice.decision.may_send
    return NextStep(wanted, "", is_written) if begun and begun.kept else None


def _why_not(decision: ContactDecision) -> str:
    return decision.blockers[0].sentence if decision.blockers else ""


def _with_words(known: CardFacts, user: User, store: Store) -> CardFacts:
    """The same with what the writer may write with; a client with no items came without."""
    if known.words is not note_facts.UNKNOWN:
        return known
    number = known.customer.pk
    return replace(known, words=note_facts.note_facts([number], user, store)[number])


def _come_back(note: NoteForm, begun: Begun) -> NoteForm:
    """The form with what is to be said of it, now that it is back."""
    return replace(
        note,
        fault=begun.fault,
        asks_for=begun.asks_for,
        meant=drafts.trace_of(note.body) if begun.is_doubt else "",
        say=begun.say,
    )


def _cause(step: NextStep, choice: StepFacts) -> Cause:
    """What the draft speaks of: the tip and its piece, or the nearest of her days."""
    if step.tip:
        return Cause(Step.TIP, piece=step.tip.piece, tip=step.tip.text)
    if step.kind == Kind.GREETING and (day := next_step.nearest_day(choice)):
        return Cause(Step.GREETING, occasion=day.words)
    return Cause(Step(step.kind))
