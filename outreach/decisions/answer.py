"""Why was she not contacted on 3 May? The record of one night about one client, put into words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Q, QuerySet
from django.urls import reverse

from clienteling import clock
from customers.models import Customer
from outreach.day import wording
from outreach.decisions import packing, rules, verdicts
from outreach.decisions.rules import Inputs, Verdict
from outreach.decisions.statements import Statement, statement
from outreach.messages.contact_policy import Limits
from outreach.models import Decision, DecisionNight, DecisionRules, MarketingSend, Message
from outreach.models.message import COUNTS_AS_CONTACT, FIRST_MOVES

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    """The page. `sentence` is the answer in words; `statements` are empty where nothing was
    written down, and `missing` then says why."""

    customer_id: str
    name: str
    called: str
    client_url: str
    on: str
    on_words: str
    sentence: str = ""
    next_words: str = ""
    since_words: str = ""
    as_of_words: str = ""
    missing: str = ""
    statements: tuple[Statement, ...] = ()
    earlier_url: str = ""
    later_url: str = ""


@dataclass(frozen=True)
class _Night:
    """A client's night, read back."""

    decision: Decision
    inputs: Inputs
    verdict: Verdict
    cards: int


def latest_night() -> date | None:
    """The newest night that is written down."""
    return DecisionNight.objects.values_list("night", flat=True).first()


def of_night(customer: Customer, on: date | None, *, now: datetime) -> Answer:
    """The answer for a client and a day, by default the newest night; eight queries at most.

    The caller has found the client among those the person asking may see.
    """
    zone = _zone(customer)
    today = now.astimezone(zone).date()
    asked_on = on or latest_night() or today
    night = DecisionNight.objects.filter(night=asked_on).first()
    decision = covering(Decision.objects.filter(customer=customer), asked_on).first()
    if night is None or decision is None:
        why = _why_nothing(asked_on, today) if night is None else "In nobody’s book that night."
        return _page(customer, asked_on, today, missing=why)
    found = _read(decision, customer, zone, night)
    asked = rules.asked(found.inputs, now=night.as_of)
    objections = {each.code for each in found.verdict.blockers}
    return _page(
        customer,
        asked_on,
        today,
        sentence=_sentence(found, customer, asked_on, zone),
        next_words=_next_words(found.verdict, asked_on, today),
        since_words=_since_words(decision, asked_on, today),
        as_of_words=wording.moment_words(night.as_of, zone, now=now),
        statements=tuple(
            replace(line, objects=not line.holds and line.code in objections)
            for line in (statement(each, found.inputs, now=night.as_of) for each in asked)
        ),
    )


def covering(decisions: QuerySet[Decision], night: date) -> QuerySet[Decision]:
    """Of these stretches the ones a night lies in: at most one for each client."""
    return decisions.filter(Q(last_night=None) | Q(last_night__gte=night), first_night__lte=night)


def url_of(customer: Customer, on: date | None = None) -> str:
    """Where the answer for a client and a day is."""
    url = reverse("client-decision", args=[customer.customer_id])
    return f"{url}?{urlencode({'on': on.isoformat()})}" if on else url


def _zone(customer: Customer) -> ZoneInfo:
    return customer.store.zone if customer.store else clock.shop_zone()


def _page(
    customer: Customer,
    on: date,
    today: date,
    *,
    sentence: str = "",
    next_words: str = "",
    since_words: str = "",
    as_of_words: str = "",
    missing: str = "",
    statements: tuple[Statement, ...] = (),
) -> Answer:
    nights = DecisionNight.objects.aggregate(
        earlier=Max("night", filter=Q(night__lt=on)), later=Min("night", filter=Q(night__gt=on))
    )
    earlier, later = nights["earlier"], nights["later"]
    return Answer(
        customer_id=customer.customer_id,
        name=str(customer),
        called=customer.called,
        client_url=reverse("client", args=[customer.customer_id]),
        on=on.isoformat(),
        on_words=wording.full_day(on, on=today),
        sentence=sentence,
        next_words=next_words,
        since_words=since_words,
        as_of_words=as_of_words,
        missing=missing,
        statements=statements,
        earlier_url=url_of(customer, earlier) if earlier else "",
        later_url=url_of(customer, later) if later else "",
    )


def _why_nothing(on: date, today: date) -> str:
    """A night nobody wrote down is said to be one: nothing is guessed."""
    if on > today:
        return "That day has not come yet."
    first = DecisionNight.objects.order_by("night").values_list("night", flat=True).first()
    if first is None:
        return "No night has been written down yet. The record begins with the next one."
    if on < first:
        return (
            f"The record goes back to {wording.full_day(first, on=today)}. "
            "What was decided before is not known."
        )
    return "Nothing was written down that night: the record has a gap there."


# --- Reading back ---------------------------------------------------------------------------------
def _read(decision: Decision, customer: Customer, zone: ZoneInfo, night: DecisionNight) -> _Night:
    numbers = DecisionRules.objects.get(pk=decision.rules)
    inputs = packing.unpacked(
        decision,
        customer_id=customer.pk,
        zone=zone,
        lapse_days=numbers.lapse_days,
        limits=limits_of(numbers),
        now=night.as_of,
        by=_who_wrote(customer, zone, decision.contacted_on or ()),
    )
    found = rules.verdict(inputs, now=night.as_of)
    return _Night(decision, inputs, found, numbers.cards_per_day)


def limits_of(numbers: DecisionRules) -> Limits:
    """The caps as the contact policy takes them."""
    return Limits(
        caps=(
            (numbers.cap_messages, numbers.cap_days),
            (numbers.long_cap_messages, numbers.long_cap_days),
        ),
        silent_notes=numbers.silent_notes,
        rest_days=numbers.rest_days,
    )


def _who_wrote(customer: Customer, zone: ZoneInfo, days: Iterable[date]) -> dict[date, str]:
    """Who made the first moves of these days, as the tables still know it."""
    wanted = list(days)
    if not wanted:
        return {}
    since = datetime.combine(min(wanted), time(0), tzinfo=zone)
    mailings = MarketingSend.objects.filter(customer=customer, sent_at__gte=since)
    found = {
        sent_at.astimezone(zone).date(): f"Marketing ({campaign})" if campaign else "Marketing"
        for sent_at, campaign in mailings.values_list("sent_at", "campaign")
    }
    for note in _notes(customer, since):
        made_at = note.sent_at or note.queued_at
        if made_at:
            found[made_at.astimezone(zone).date()] = note.sender.signature
    return found


def _notes(customer: Customer, since: datetime) -> QuerySet[Message]:
    return (
        Message.objects.filter(customer=customer, step__in=FIRST_MOVES, state__in=COUNTS_AS_CONTACT)
        .filter(queued_at__gte=since - A_DAY)
        .select_related("sender")
        .order_by("queued_at")
    )


# --- Words ----------------------------------------------------------------------------------------
def _sentence(found: _Night, customer: Customer, on: date, zone: ZoneInfo) -> str:
    """What was decided, and what came of it on the same day."""
    wrote = _wrote_on(customer, on, zone)
    if found.verdict.is_due:
        return wrote or _why_another_day(found, customer, on)
    blocker = next(each for each in found.verdict.blockers if each.code == found.verdict.code)
    return f"{blocker.sentence} {wrote}".strip()


def _wrote_on(customer: Customer, on: date, zone: ZoneInfo) -> str:
    begins_at = datetime.combine(on, time(0), tzinfo=zone)
    for note in _notes(customer, begins_at):
        if note.queued_at and note.queued_at.astimezone(zone).date() == on:
            at = wording.clock_words(note.queued_at, zone)
            return f"{note.sender.signature} wrote that day, at {at}."
    return ""


def _why_another_day(found: _Night, customer: Customer, on: date) -> str:
    """She was due: were there better ones for all the cards, or was her card not sent?"""
    before = _came_first(found.decision, customer, on)
    if before >= found.cards:
        return (
            f"Could have been written to, but {before:,} others of the book came first, "
            f"and the day has {found.cards} cards."
        )
    return "Was among the clients of the day, and no note was sent."


def _came_first(decision: Decision, customer: Customer, on: date) -> int:
    """How many of the same book were due that night and worth more, as far as the worth was kept:
    a change of less than a point was not."""
    book = Q(customer__associate=customer.associate_id)
    if customer.associate_id is None:
        book = Q(customer__associate=None, customer__store=customer.store_id)
    due = [verdicts.NUMBERS[code] for code in verdicts.MAY_BE_WRITTEN_TO]
    others = covering(Decision.objects.filter(book, verdict__in=due), on)
    return others.filter(worth__gt=decision.worth or 0).count()


def _next_words(verdict: Verdict, on: date, today: date) -> str:
    if verdict.is_due:
        return ""
    if verdict.next_on is None:
        return "No date by itself: something has to happen first."
    words = wording.full_day(max(verdict.next_on, on), on=today)
    return f"Free again from {words}, if nothing else happened."


def _since_words(decision: Decision, on: date, today: date) -> str:
    """How long the verdict had stood, and stood on."""
    first = wording.full_day(decision.first_night, on=today)
    if decision.last_night is None:
        return f"The same since {first}, and still."
    if decision.first_night == decision.last_night:
        return "That night only."
    return f"The same from {first} to {wording.full_day(decision.last_night, on=today)}."
