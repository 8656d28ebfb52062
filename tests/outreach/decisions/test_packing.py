from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from customers.appropriateness import Blocker
from customers.facts import Complaints, Told
from outreach.decisions.packing import packed, unpacked
from outreach.decisions.rules import Inputs, asked, verdict
from outreach.messages.contact_policy import USUAL_LIMITS, PutOffUntil, QuietDays
from outreach.models import PutOff
from tests.outreach.decisions.test_rules import (
    ALLOWED,
    CHICAGO,
    NEVER_ASKED,
    NOON,
    TODAY,
    inputs,
    wrote,
)

CLOSED_AT = NOON - timedelta(days=3)
OPEN = Blocker("open-complaint", "A complaint is still open: no selling today.")
SOLVED = Blocker(
    "recent-complaint",
    "A complaint was solved less than 14 days ago.",
    CLOSED_AT + timedelta(days=14),
)
PAUSED = replace(
    ALLOWED,
    unusable_because="the last mails came back, next try from 30 June",
    unusable_until=datetime(2026, 6, 30, 5, tzinfo=UTC),
)


def round_trip(known: Inputs) -> Inputs:
    row = packed(known, verdict(known, now=NOON), rules=1, worth=None, now=NOON)
    return unpacked(
        row,
        customer_id=1,
        zone=CHICAGO,
        lapse_days=known.lapse_days,
        limits=USUAL_LIMITS,
        now=NOON,
        by={TODAY - timedelta(days=5): "Maya"},
    )


@pytest.mark.parametrize(
    "known",
    [
        inputs(),
        inputs(days_away=None),
        inputs(days_away=20),
        inputs(days_away=60, usual=40),
        inputs(days_away=60, usual=40, will_buy=0.9),
        inputs(has_items=False),
        inputs(sms=NEVER_ASKED, email=replace(ALLOWED, consent="opted_out")),
        inputs(sms=replace(ALLOWED, is_suppressed=True), email=replace(ALLOWED, address="")),
        inputs(sms=NEVER_ASKED, email=PAUSED),
        inputs(contacts=wrote(5, 30)),
        inputs(contacts=wrote(5), is_on_its_way=True),
        inputs(silent_notes=3, last_note_on=TODAY - timedelta(days=50)),
        inputs(leave_until=date(2026, 7, 1)),
        inputs(quiet_days=(QuietDays(TODAY, TODAY + timedelta(days=4), "a birth"),)),
        inputs(put_off=PutOffUntil(TODAY + timedelta(days=4), PutOff.Reason.AWAY)),
        inputs(is_held_out=True),
        inputs(may_have_asked_to_stop=True),
        inputs(told=Told(Complaints(is_open=True)), selling_blockers=(OPEN,)),
        inputs(told=Told(Complaints(last_closed_at=CLOSED_AT)), selling_blockers=(SOLVED,)),
        replace(inputs(), has_open_hours=False),
    ],
)
def test_unpacked_inputs_give_the_same_answers(known: Inputs) -> None:
    again = round_trip(known)

    was, now_is = asked(known, now=NOON), asked(again, now=NOON)
    assert [(each.code, each.channel, bool(each.blocker)) for each in now_is] == [
        (each.code, each.channel, bool(each.blocker)) for each in was
    ]
    assert verdict(again, now=NOON).next_on == verdict(known, now=NOON).next_on


def test_packed_row_holds_no_words_and_no_address() -> None:
    known = inputs(contacts=wrote(5), quiet_days=(QuietDays(TODAY, TODAY, "mourning"),), sms=PAUSED)

    row = packed(known, verdict(known, now=NOON), rules=1, worth=31, now=NOON)

    assert not [value for value in row if isinstance(value, str)]


def test_packed_row_names_who_wrote_only_when_it_is_told() -> None:
    again = round_trip(inputs(contacts=wrote(5, 30)))

    assert [each.by for each in again.contact.contacts] == ["Maya", "Somebody"]


def test_packed_row_forgets_what_no_longer_counts() -> None:
    old = inputs(
        leave_until=TODAY,
        quiet_days=(QuietDays(date(2026, 6, 1), TODAY - timedelta(days=1)),),
        told=Told(Complaints(last_closed_at=NOON - timedelta(days=200))),
    )

    row = packed(old, verdict(old, now=NOON), rules=1, worth=None, now=NOON)

    assert (row.leave_until, row.quiet_until, row.case_closed_at) == (None, None, None)
