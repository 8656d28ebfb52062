"""A client's inputs of one night as one narrow row, and back again. Pure.

What is stored are the facts that the rules ask for, never their words: those are made again from
the same rules when somebody reads. Names, addresses and reasons in free words are left out; so a
row says nothing about a person that could not be read off the verdict.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from clienteling.defaults import VISITS_FOR_A_RHYTHM
from customers.appropriateness import selling_blockers
from customers.consent import Permission
from customers.facts import Complaints, only_complaints
from customers.models import Channel, ConsentState
from customers.rhythm import LIKELY, Rhythm
from outreach.decisions.rules import Inputs, Verdict
from outreach.decisions.verdicts import CODES, NUMBERS
from outreach.messages.contact_policy import (
    ChannelFacts,
    Contact,
    ContactFacts,
    Limits,
    PutOffUntil,
    QuietDays,
)
from outreach.models import PutOff

ADDRESS, UNUSABLE, SUPPRESSED, OPTED_IN, OPTED_OUT = (1 << place for place in range(5))
"""One channel's facts; those of email lie `EMAIL_PLACES` further up."""
EMAIL_PLACES = 5
(
    HELD_OUT,
    ON_ITS_WAY,
    MAY_HAVE_ASKED_TO_STOP,
    OPEN_CASE,
    HAS_ITEMS,
    IS_LIKELY,
    NO_OPEN_HOURS,
) = (1 << place for place in range(2 * EMAIL_PLACES, 2 * EMAIL_PLACES + 7))

REASON_PLACES = 2 * EMAIL_PLACES + 7
"""From here on lies why she was put off, as a number of `REASONS`; 0 where she was not."""
REASONS: tuple[PutOff.Reason | None, ...] = (
    None,
    PutOff.Reason.TOO_SOON,
    PutOff.Reason.WRONG_ITEMS,
    PutOff.Reason.AWAY,
    PutOff.Reason.SPOKE,
    PutOff.Reason.OTHER,
)

PLACES = {Channel.SMS.value: 0, Channel.EMAIL.value: EMAIL_PLACES}
SOMEBODY = "Somebody"
NONE_ON_RECORD = Permission(channel="").unusable_because
MOST_GAP_DAYS = 32_767


class Row(NamedTuple):
    """The columns of `Decision` beside its client and its nights, in the table's order."""

    last_purchase_at: datetime | None
    case_closed_at: datetime | None
    next_on: date | None
    facts: int
    last_note_on: date | None
    leave_until: date | None
    quiet_until: date | None
    pause_until: date | None
    put_off_until: date | None
    verdict: int
    rules: int
    usual_gap_days: int | None
    silent_notes: int
    worth: int | None
    contacted_on: list[date] | None


class Stored(Protocol):
    """What `unpacked` reads: a `Decision`, or a `Row`."""

    @property
    def last_purchase_at(self) -> datetime | None: ...
    @property
    def case_closed_at(self) -> datetime | None: ...
    @property
    def facts(self) -> int: ...
    @property
    def last_note_on(self) -> date | None: ...
    @property
    def leave_until(self) -> date | None: ...
    @property
    def quiet_until(self) -> date | None: ...
    @property
    def pause_until(self) -> date | None: ...
    @property
    def put_off_until(self) -> date | None: ...
    @property
    def usual_gap_days(self) -> int | None: ...
    @property
    def silent_notes(self) -> int: ...
    @property
    def contacted_on(self) -> list[date] | None: ...


def packed(
    inputs: Inputs, verdict: Verdict, *, rules: int, worth: int | None, now: datetime
) -> Row:
    """One night's row. `rules` is the number of its `DecisionRules`, `worth` in tenths."""
    contact = inputs.contact
    silent = contact.silent_notes
    return Row(
        last_purchase_at=inputs.rhythm.last_purchase_at,
        case_closed_at=_case_closed_at(contact),
        next_on=verdict.next_on,
        facts=_bits(inputs),
        last_note_on=contact.last_note_on if silent else None,
        leave_until=_if_ahead(contact.leave_until, contact.today(now)),
        quiet_until=_quiet_until(contact, now),
        pause_until=_pause_until(contact),
        put_off_until=_put_off_until(contact, now),
        verdict=NUMBERS[verdict.code],
        rules=rules,
        usual_gap_days=_usual_gap(inputs.rhythm),
        silent_notes=silent,
        worth=worth,
        contacted_on=[each.on for each in contact.contacts] or None,
    )


def code_of(number: int) -> str:
    """A stored verdict's code."""
    return CODES[number]


# --- To bits and dates ----------------------------------------------------------------------------
def _bits(inputs: Inputs) -> int:
    contact = inputs.contact
    bits = sum(_channel_bits(contact.channels[name]) << place for name, place in PLACES.items())
    flags = {
        HELD_OUT: contact.is_held_out,
        ON_ITS_WAY: contact.is_on_its_way,
        MAY_HAVE_ASKED_TO_STOP: contact.may_have_asked_to_stop,
        OPEN_CASE: contact.told.complaints.is_open,
        HAS_ITEMS: inputs.has_items,
        IS_LIKELY: inputs.will_buy is not None and inputs.will_buy >= LIKELY,
        NO_OPEN_HOURS: not inputs.has_open_hours,
    }
    reason = REASONS.index(contact.put_off.reason if contact.put_off else None)
    return bits + sum(bit for bit, is_so in flags.items() if is_so) + (reason << REASON_PLACES)


def _channel_bits(known: ChannelFacts) -> int:
    flags = {
        ADDRESS: bool(known.address),
        UNUSABLE: bool(known.unusable_because) and known.unusable_because != NONE_ON_RECORD,
        SUPPRESSED: known.is_suppressed,
        OPTED_IN: known.consent == ConsentState.OPTED_IN,
        OPTED_OUT: known.consent == ConsentState.OPTED_OUT,
    }
    return sum(bit for bit, is_so in flags.items() if is_so)


def _case_closed_at(contact: ContactFacts) -> datetime | None:
    """Only while it counts: an old complaint would make a new row of every other change."""
    is_recent = any(each.code == "recent-complaint" for each in contact.selling_blockers)
    return contact.told.complaints.last_closed_at if is_recent else None


def _usual_gap(rhythm: Rhythm) -> int | None:
    return min(rhythm.usual_gap_days or 0, MOST_GAP_DAYS) if rhythm.is_known else None


def _if_ahead(until: date | None, today: date) -> date | None:
    return until if until and until > today else None


def _quiet_until(contact: ContactFacts, now: datetime) -> date | None:
    today = contact.today(now)
    return max(
        (each.ends_on for each in contact.quiet_days if each.starts_on <= today <= each.ends_on),
        default=None,
    )


def _put_off_until(contact: ContactFacts, now: datetime) -> date | None:
    return _if_ahead(contact.put_off.back_on if contact.put_off else None, contact.today(now))


def _pause_until(contact: ContactFacts) -> date | None:
    until = contact.channels[Channel.EMAIL].unusable_until
    return until.astimezone(contact.zone).date() if until else None


# --- And back again -------------------------------------------------------------------------------
def unpacked(
    row: Stored,
    *,
    customer_id: int,
    zone: ZoneInfo,
    lapse_days: int,
    limits: Limits,
    now: datetime,
    by: Mapping[date, str] | None = None,
) -> Inputs:
    """The inputs again, as of `now`: the same rules give the same verdict.

    `by` names who made the first moves, by day; the row does not know.
    """
    closed_at, is_open = row.case_closed_at, bool(row.facts & OPEN_CASE)
    client = only_complaints(customer_id, Complaints(is_open, closed_at))
    return Inputs(
        contact=ContactFacts(
            customer_id=customer_id,
            zone=zone,
            channels=dict(_channels(row, zone)),
            leave_until=row.leave_until,
            quiet_days=tuple(_quiet_days(row)),
            put_off=_put_off(row),
            is_held_out=bool(row.facts & HELD_OUT),
            silent_notes=row.silent_notes,
            last_note_on=row.last_note_on,
            contacts=tuple(_contacts(row, by or {})),
            is_on_its_way=bool(row.facts & ON_ITS_WAY),
            may_have_asked_to_stop=bool(row.facts & MAY_HAVE_ASKED_TO_STOP),
            selling_blockers=tuple(selling_blockers(client, now=now)),
            limits=limits,
        ),
        rhythm=_rhythm(row),
        lapse_days=lapse_days,
        will_buy=LIKELY if row.facts & IS_LIKELY else None,
        has_items=bool(row.facts & HAS_ITEMS),
        has_open_hours=not row.facts & NO_OPEN_HOURS,
    )


def _channels(row: Stored, zone: ZoneInfo) -> Iterable[tuple[str, ChannelFacts]]:
    """Addresses are not kept: what stands for one is that there was one."""
    for name, place in PLACES.items():
        bits = row.facts >> place
        pause = row.pause_until if name == Channel.EMAIL else None
        yield (
            name,
            ChannelFacts(
                address="on record" if bits & ADDRESS else "",
                unusable_because=_unusable_because(bool(bits & UNUSABLE), pause),
                unusable_until=datetime.combine(pause, time(0), tzinfo=zone) if pause else None,
                consent=_consent(bits),
                is_suppressed=bool(bits & SUPPRESSED),
            ),
        )


def _unusable_because(is_unusable: bool, pause_until: date | None) -> str:
    if not is_unusable:
        return ""
    return "the last mails came back" if pause_until else "the one on record does not work"


def _consent(bits: int) -> str:
    if bits & OPTED_OUT:
        return ConsentState.OPTED_OUT.value
    return ConsentState.OPTED_IN.value if bits & OPTED_IN else ""


def _quiet_days(row: Stored) -> Iterable[QuietDays]:
    """From when they were is not kept; they had begun."""
    if row.quiet_until:
        yield QuietDays(row.quiet_until - timedelta(days=366), row.quiet_until)


def _put_off(row: Stored) -> PutOffUntil | None:
    reason = REASONS[row.facts >> REASON_PLACES]
    return PutOffUntil(row.put_off_until, reason) if row.put_off_until and reason else None


def _contacts(row: Stored, by: Mapping[date, str]) -> Iterable[Contact]:
    return (Contact(on, by.get(on, SOMEBODY)) for on in row.contacted_on or ())


def _rhythm(row: Stored) -> Rhythm:
    """A usual gap is only kept where she came often enough for one."""
    visits = VISITS_FOR_A_RHYTHM if row.usual_gap_days else 1
    return Rhythm(row.last_purchase_at, visits, row.usual_gap_days)
