"""The what-if desk: a store's recorded nights replayed under other numbers, before they are saved.

Nothing is written here but by `save`, which changes the store in one transaction and leaves an
entry in the admin's log, as every change of a store's settings does.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from clienteling.models import Store, User
from customers.models import Channel, Customer
from outreach.decisions import answer, chart, packing, verdicts
from outreach.decisions.recording import KEPT_NIGHTS
from outreach.decisions.replay import (
    NOBODYS,
    Change,
    Comparison,
    Night,
    Numbers,
    Replayed,
    Stretch,
    Trail,
    compared,
    replay,
)
from outreach.messages import contact_record
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactFacts, Limits
from outreach.models import Decision, DecisionNight, DecisionRules, MarketingSend, Message
from outreach.models.message import COUNTS_AS_CONTACT, FIRST_MOVES

NAMED_AT_MOST = 25
NOTES_LOOKED_AT = 2_000

RULES = (
    "lapse_days",
    "cards_per_day",
    "cap_messages",
    "cap_days",
    "long_cap_messages",
    "long_cap_days",
)
HOURS = contact_record.HOURS
CHANGEABLE = (*RULES, *HOURS)
NAMES: Mapping[str, str] = {
    "lapse_days": "Days until lapsed",
    "cards_per_day": "Cards a day",
    "cap_messages": "Most notes",
    "cap_days": "within days",
    "long_cap_messages": "and at most",
    "long_cap_days": "within longer days",
    "text_opens": "Texts from",
    "text_closes": "Texts until",
    "email_opens": "Email from",
    "email_closes": "Email until",
}


@dataclass(frozen=True)
class Named:
    """A client of whom the replay says something."""

    customer_id: str
    name: str
    url: str
    before: int
    after: int


@dataclass(frozen=True)
class Group:
    """Clients for whom the numbers make a difference; `beyond` are counted and not named."""

    heading: str
    meaning: str
    people: tuple[Named, ...]
    total: int

    @property
    def beyond(self) -> int:
        return self.total - len(self.people)


@dataclass(frozen=True)
class Waits:
    """Of the notes really sent, those that had to wait for the hours to open."""

    notes: int
    before: int
    after: int


@dataclass(frozen=True)
class Outcome:
    """What the changed numbers would have meant. `is_changed` is False for the present ones."""

    first: date
    last: date
    nights: int
    comparison: Comparison
    chart: chart.PairChart
    groups: tuple[Group, ...]
    waits: Waits
    really_sent: int
    is_changed: bool


def outcome(present: Store, changed: Store, *, now: datetime) -> Outcome | None:
    """The recorded nights under both; None before a night was written down. Nine queries.

    `changed` is the same store with other numbers, not saved.
    """
    nights = list(DecisionNight.objects.order_by("night"))[-KEPT_NIGHTS:]
    if not nights:
        return None
    begins_at = datetime.combine(nights[0].night, time(0), tzinfo=present.zone)
    trails = _trails(present, nights, begins_at)
    found = _compared(present, changed, trails, nights)
    notes = _notes(present, begins_at)
    return Outcome(
        first=nights[0].night,
        last=nights[-1].night,
        nights=len(nights),
        comparison=found,
        chart=chart.notes_by_week(found.weeks),
        groups=_groups(found),
        waits=_waits(notes, present, changed, now),
        really_sent=len(notes),
        is_changed=any(getattr(present, name) != getattr(changed, name) for name in CHANGEABLE),
    )


def numbers_of(store: Store) -> Numbers:
    """A store's numbers as the replay takes them."""
    return Numbers(store.lapse_days, store.cards_per_day, Limits(store.contact_caps))


def _compared(
    present: Store, changed: Store, trails: Sequence[Trail], nights: Sequence[DecisionNight]
) -> Comparison:
    moments = [Night(each.night, each.as_of) for each in nights]
    books = list(
        User.objects.filter(store=present, role=User.Role.ASSOCIATE, is_active=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    now_is, would_be = numbers_of(present), numbers_of(changed)

    def run(numbers: Numbers) -> Replayed:
        return replay(trails, moments, numbers, present=now_is, books=books)

    before = run(now_is)
    return compared(before, before if would_be == now_is else run(would_be), moments)


# --- From the record ------------------------------------------------------------------------------
def _trails(store: Store, nights: Sequence[DecisionNight], begins_at: datetime) -> list[Trail]:
    """Every client of the store who could be thought of in these nights: three queries."""
    clients = Customer.objects.filter(store=store, erased_at=None)
    stretches = (
        Decision.objects.filter(customer__in=clients.values("pk"), worth__isnull=False)
        .filter(Q(last_night=None) | Q(last_night__gte=nights[0].night))
        .order_by("customer_id", "first_night")
    )
    numbers = {each.pk: each for each in DecisionRules.objects.all()}
    as_of = {each.night: each.as_of for each in nights}
    found: dict[int, list[Stretch]] = {}
    for each in stretches:
        moment = as_of.get(max(each.first_night, nights[0].night), nights[0].as_of)
        stretch = _stretch(each, numbers[each.rules], store, moment)
        found.setdefault(each.customer_id, []).append(stretch)
    mailings = _mailings(store, begins_at)
    books = dict(clients.filter(pk__in=list(found)).values_list("pk", "associate_id"))
    return [
        Trail(key, books[key] or NOBODYS, tuple(some), tuple(mailings.get(key, ())))
        for key, some in found.items()
    ]


def _stretch(decision: Decision, numbers: DecisionRules, store: Store, now: datetime) -> Stretch:
    return Stretch(
        first=decision.first_night,
        last=decision.last_night,
        inputs=packing.unpacked(
            decision,
            customer_id=decision.customer_id,
            zone=store.zone,
            lapse_days=numbers.lapse_days,
            limits=answer.limits_of(numbers),
            now=now,
        ),
        worth=decision.worth or 0,
        was_away=packing.code_of(decision.verdict) not in verdicts.NOT_AWAY,
    )


def _mailings(store: Store, since: datetime) -> dict[int, list[date]]:
    rows = MarketingSend.objects.filter(customer__store=store, sent_at__gte=since)
    found: dict[int, list[date]] = {}
    for number, sent_at in rows.order_by("sent_at").values_list("customer_id", "sent_at"):
        found.setdefault(number, []).append(store.local(sent_at).date())
    return found


def _groups(found: Comparison) -> tuple[Group, ...]:
    wanted = (
        (
            "Written to more often",
            "They have notes already, and would have had more: the ones who may burn out.",
            found.more_often,
        ),
        (
            "Newly reached",
            "No note with the present rules, and one or more with these.",
            found.newly,
        ),
        (
            "No longer reached",
            "A note with the present rules, and none with these.",
            found.no_longer,
        ),
    )
    shown = [change.customer_id for _, _, changes in wanted for change in changes[:NAMED_AT_MOST]]
    people = Customer.objects.in_bulk(shown)
    return tuple(
        Group(
            heading,
            meaning,
            tuple(_named(people, changes[:NAMED_AT_MOST])),
            len(changes),
        )
        for heading, meaning, changes in wanted
        if changes
    )


def _named(people: Mapping[int, Customer], changes: Iterable[Change]) -> Iterable[Named]:
    for each in changes:
        customer = people[each.customer_id]
        yield Named(
            customer_id=customer.customer_id,
            name=str(customer),
            url=reverse("client", args=[customer.customer_id]),
            before=each.before,
            after=each.after,
        )


# --- The hours ------------------------------------------------------------------------------------
def _notes(store: Store, since: datetime) -> list[tuple[int, str, datetime]]:
    """The offers really tapped in this time: client, channel, moment."""
    rows = Message.objects.filter(
        customer__store=store,
        step__in=FIRST_MOVES,
        state__in=COUNTS_AS_CONTACT,
        queued_at__gte=since,
    )
    found = rows.order_by("-queued_at").values_list("customer_id", "channel", "queued_at")
    return [(number, channel, at) for number, channel, at in found if at]


def _waits(
    notes: Sequence[tuple[int, str, datetime]], present: Store, changed: Store, now: datetime
) -> Waits:
    """How many of the newest notes had to wait for their hours, and would have had to."""
    looked_at = notes[:NOTES_LOOKED_AT]
    people = list(Customer.objects.filter(pk__in={number for number, _, _ in looked_at}))
    records = contact_record.records_of(people, associate=None, now=now)
    before, after = (
        _waiting(looked_at, _facts(people, records, store, now)) for store in (present, changed)
    )
    return Waits(len(looked_at), before, after)


def _facts(
    people: Sequence[Customer],
    records: Mapping[int, contact_record.Record],
    store: Store,
    now: datetime,
) -> Mapping[int, ContactFacts]:
    """The facts with these hours in the place of the store's."""
    hours = {name: getattr(store, name).isoformat() for name in HOURS}
    others: dict[int, Any] = {
        key: {**record, "store": {**(record["store"] or {}), **hours}}
        for key, record in records.items()
    }
    return contact_facts(people, associate=None, now=now, records=others)


def _waiting(notes: Iterable[tuple[int, str, datetime]], facts: Mapping[int, ContactFacts]) -> int:
    windows = (
        (facts[number].channels[Channel(channel)].window, at) for number, channel, at in notes
    )
    return sum(1 for window, at in windows if window and window.next_opening(at) != at)


# --- Saving ---------------------------------------------------------------------------------------
def save(store: Store, values: Mapping[str, Any], *, by: User) -> list[str]:
    """Give the store these numbers, in one transaction with the log's entry; answers what changed.

    Nothing is written where nothing changes. The caller has checked the values.
    """
    with transaction.atomic():
        kept = Store.objects.select_for_update().get(pk=store.pk)
        changes = [
            f"{NAMES[name]}: {_shown(getattr(kept, name))} → {_shown(values[name])}"
            for name in CHANGEABLE
            if getattr(kept, name) != values[name]
        ]
        if changes:
            for name in CHANGEABLE:
                setattr(kept, name, values[name])
            kept.save(update_fields=CHANGEABLE)
            LogEntry.objects.log_actions(
                by.pk, [kept], CHANGE, change_message=f"What-if desk. {'; '.join(changes)}."
            )
    return changes


def values_of(store: Store) -> dict[str, Any]:
    """What a manager may change, as it stands."""
    return {name: getattr(store, name) for name in CHANGEABLE}


def with_numbers(store: Store, values: Mapping[str, Any]) -> Store:
    """The same store with other numbers, not saved."""
    changed = copy(store)
    for name in CHANGEABLE:
        setattr(changed, name, values[name])
    return changed


def _shown(value: int | time) -> str:
    return f"{value:%H:%M}" if isinstance(value, time) else f"{value}"
