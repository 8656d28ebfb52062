"""What if? The recorded nights gone through again, with other numbers in the same rules. Pure.

Every recorded stretch keeps its inputs, but the notes are those of the replay: each card of a day
is taken for sent, and counts against the caps from then on. What she would have done then nobody
knows; her recorded purchases and answers stand.
"""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import nsmallest

from outreach.decisions import rules
from outreach.decisions.rules import Inputs
from outreach.messages.contact_policy import Contact, Limits

BY_REPLAY, BY_OTHERS = "The replay", "Marketing"
CAPS = ("contacted-recently", "resting")
"""The rules that hold a client back for what was written to her before."""

NOBODYS = 0


@dataclass(frozen=True)
class Numbers:
    """What a manager may change: the rules' own numbers, and how many cards a day has."""

    lapse_days: int
    cards_per_day: int
    limits: Limits


@dataclass(frozen=True)
class Night:
    """A recorded night, and the moment as of which it was decided."""

    on: date
    as_of: datetime


@dataclass(frozen=True)
class Stretch:
    """Nights on which a client's inputs were the same; without a `last` it goes on.

    `was_away` is False where she was here lately by the rules of then: nothing new was looked for
    at all, so under other rules something is taken to have been found.
    """

    first: date
    last: date | None
    inputs: Inputs
    worth: int
    was_away: bool = True

    def covers(self, on: date) -> bool:
        return self.first <= on and (self.last is None or on <= self.last)


@dataclass(frozen=True)
class Trail:
    """One client through the nights. `book` is her associate's number, or `NOBODYS`.

    `mailings` are the days on which other systems wrote to her, whatever our rules are.
    """

    customer_id: int
    book: int
    stretches: tuple[Stretch, ...]
    mailings: tuple[date, ...] = ()


@dataclass(frozen=True)
class Replayed:
    """The notes of the replay by client, oldest first; and those that `present` would forbid."""

    notes: Mapping[int, tuple[date, ...]]
    disturbing: Mapping[int, tuple[date, ...]]


@dataclass
class _State:
    """A client in the middle of the nights."""

    trail: Trail
    contacts: list[date] = field(default_factory=list)
    silent_notes: int = 0
    last_note_on: date | None = None
    stretch: Stretch | None = None
    free_at: datetime | None = None
    is_asked: bool = False
    is_due: bool = False
    place: int = 0
    mailing: int = 0


def replay(
    trails: Iterable[Trail],
    nights: Sequence[Night],
    numbers: Numbers,
    *,
    present: Numbers,
    books: Iterable[int],
) -> Replayed:
    """The notes that these numbers would have allowed, had every card been sent.

    `books` are the associates who work: each has `cards_per_day` cards, first for her own clients
    and those of nobody, the most worthwhile first. `present` judges what would have disturbed.
    """
    states = [_State(trail) for trail in trails]
    everybody = sorted({*books, *(each.trail.book for each in states)} - {NOBODYS}) or [NOBODYS]
    notes: dict[int, list[date]] = {}
    disturbing: dict[int, list[date]] = {}
    for night in nights:
        due = [each for each in states if _is_due(each, night, numbers)]
        for state in _chosen(due, everybody, numbers.cards_per_day):
            if _would_disturb(state, night, present):
                disturbing.setdefault(state.trail.customer_id, []).append(night.on)
            notes.setdefault(state.trail.customer_id, []).append(night.on)
            _write(state, night)
    return Replayed(
        {key: tuple(days) for key, days in notes.items()},
        {key: tuple(days) for key, days in disturbing.items()},
    )


# --- One client -----------------------------------------------------------------------------------
def _is_due(state: _State, night: Night, numbers: Numbers) -> bool:
    """Whether she may have a card this night. The rules are only asked where the answer may have
    changed: with a new stretch, a mailing, or the date that the rules themselves have named."""
    _advance(state, night)
    if state.stretch is None:
        return False
    has_come = state.free_at is not None and state.free_at <= night.as_of
    if not state.is_asked or (not state.is_due and has_come):
        _ask(state, night, numbers)
    return state.is_due


def _ask(state: _State, night: Night, numbers: Numbers) -> None:
    inputs = _inputs(state, numbers)
    blockers = rules.against(inputs, now=night.as_of)
    state.is_asked, state.is_due = True, not blockers
    state.free_at = rules.free_at(inputs, blockers, now=night.as_of) if blockers else None


def _inputs(state: _State, numbers: Numbers) -> Inputs:
    """The recorded inputs with the replay's own notes, under these numbers."""
    assert state.stretch is not None
    recorded = rules.with_rules(
        state.stretch.inputs, lapse_days=numbers.lapse_days, limits=numbers.limits
    )
    contacts = tuple(Contact(on, BY_REPLAY) for on in reversed(state.contacts))
    contact = replace(
        recorded.contact,
        contacts=contacts,
        is_on_its_way=False,
        silent_notes=state.silent_notes,
        last_note_on=state.last_note_on,
    )
    has_items = recorded.has_items or not state.stretch.was_away
    return replace(recorded, contact=contact, has_items=has_items)


def _would_disturb(state: _State, night: Night, present: Numbers) -> bool:
    blockers = rules.against(_inputs(state, present), now=night.as_of)
    return any(each.code in CAPS for each in blockers)


def _write(state: _State, night: Night) -> None:
    insort(state.contacts, night.on)
    state.silent_notes += 1
    state.last_note_on = night.on
    state.is_asked = state.is_due = False


def _advance(state: _State, night: Night) -> None:
    """Go on to this night's stretch, and take in the mailings up to it."""
    mailings = state.trail.mailings
    while state.mailing < len(mailings) and mailings[state.mailing] <= night.on:
        insort(state.contacts, mailings[state.mailing])
        state.mailing += 1
        state.is_asked = False
    stretches = state.trail.stretches
    while state.place < len(stretches) - 1 and stretches[state.place + 1].first <= night.on:
        state.place += 1
    found = stretches[state.place] if stretches else None
    found = found if found and found.covers(night.on) else None
    if found is not None and found is not state.stretch:
        _enter(state, found)
    if found is None:
        state.stretch, state.is_asked = None, False


def _enter(state: _State, stretch: Stretch) -> None:
    """A new stretch: what she did, or what was written to her before the nights began."""
    before, recorded = state.stretch or _last_of(state), stretch.inputs
    if before is None:
        state.contacts = sorted({*state.contacts, *(each.on for each in recorded.contact.contacts)})
        state.silent_notes = recorded.contact.silent_notes
        state.last_note_on = recorded.contact.last_note_on
    elif _has_come_or_answered(before.inputs, recorded):
        state.silent_notes = 0
    state.stretch, state.is_asked, state.is_due = stretch, False, False


def _last_of(state: _State) -> Stretch | None:
    """The stretch before a gap in the nights."""
    return state.trail.stretches[state.place - 1] if state.place else None


def _has_come_or_answered(before: Inputs, now: Inputs) -> bool:
    """A visit or an answer ends the silence; an answer shows in the recorded count going down."""
    has_come = now.rhythm.last_purchase_at != before.rhythm.last_purchase_at
    return has_come or now.contact.silent_notes < before.contact.silent_notes


# --- A day's cards --------------------------------------------------------------------------------
def _chosen(due: Sequence[_State], books: Sequence[int], cards: int) -> list[_State]:
    """The cards of every associate: her own and nobody's clients, the most worthwhile first."""
    own: dict[int, list[_State]] = {}
    for state in due:
        own.setdefault(state.trail.book, []).append(state)
    nobodys = own.pop(NOBODYS, [])
    chosen: list[_State] = []
    for book in books:
        taken = nsmallest(cards, (*own.get(book, ()), *nobodys), key=_order)
        chosen += taken
        gone = {each.trail.customer_id for each in taken}
        nobodys = [each for each in nobodys if each.trail.customer_id not in gone]
    return chosen


def _order(state: _State) -> tuple[int, int]:
    assert state.stretch is not None
    return -state.stretch.worth, state.trail.customer_id


# --- Two replays, side by side --------------------------------------------------------------------
@dataclass(frozen=True)
class Week:
    """The notes of seven nights from `begins_on`."""

    begins_on: date
    before: int
    after: int


@dataclass(frozen=True)
class Change:
    """One client whose number of notes would change."""

    customer_id: int
    before: int
    after: int


@dataclass(frozen=True)
class Comparison:
    """What the changed numbers would have done, against the present ones."""

    notes: tuple[int, int]
    clients: tuple[int, int]
    weeks: tuple[Week, ...]
    newly: tuple[Change, ...]
    no_longer: tuple[Change, ...]
    more_often: tuple[Change, ...]
    disturbed: int
    disturbing_notes: int


def compared(before: Replayed, after: Replayed, nights: Sequence[Night]) -> Comparison:
    """Two replays of the same nights; the clients with the largest change first."""
    keys = sorted({*before.notes, *after.notes})
    changes = [
        Change(key, len(before.notes.get(key, ())), len(after.notes.get(key, ()))) for key in keys
    ]
    changes.sort(key=lambda each: (each.before - each.after, each.customer_id))
    return Comparison(
        notes=(sum(each.before for each in changes), sum(each.after for each in changes)),
        clients=(len(before.notes), len(after.notes)),
        weeks=tuple(_weeks(before, after, nights)),
        newly=tuple(each for each in changes if not each.before),
        no_longer=tuple(each for each in changes if not each.after),
        more_often=tuple(each for each in changes if each.after > each.before > 0),
        disturbed=len(after.disturbing),
        disturbing_notes=sum(map(len, after.disturbing.values())),
    )


def _weeks(before: Replayed, after: Replayed, nights: Sequence[Night]) -> Iterable[Week]:
    if not nights:
        return
    first = nights[0].on
    counts = [
        Counter((on - first).days // 7 for days in each.notes.values() for on in days)
        for each in (before, after)
    ]
    for week in range((nights[-1].on - first).days // 7 + 1):
        yield Week(first + timedelta(days=7 * week), counts[0][week], counts[1][week])
