from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.appropriateness import Blocker
from customers.rhythm import Rhythm
from outreach.decisions import rules
from outreach.decisions.rules import Inputs, asked, verdict
from outreach.decisions.verdicts import COUNTED, NUMBERS
from outreach.messages.contact_policy import (
    ChannelFacts,
    Contact,
    ContactFacts,
    Limits,
    QuietDays,
)

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)
TODAY = date(2026, 6, 15)
ALLOWED = ChannelFacts(address="an address", consent="opted_in")
NEVER_ASKED = replace(ALLOWED, consent="")
ASKED_IN_ORDER = [
    ("never-bought", ""),
    ("bought-lately", ""),
    ("suppressed", "sms"),
    ("opted-out", "sms"),
    ("no-address", "sms"),
    ("no-consent", "sms"),
    ("suppressed", "email"),
    ("opted-out", "email"),
    ("no-address", "email"),
    ("no-consent", "email"),
    ("claimed-by-colleague", ""),
    ("may-have-asked-to-stop", ""),
    ("message-on-its-way", ""),
    ("hold-out", ""),
    ("asked-for-peace", ""),
    ("put-off", ""),
    ("do-not-disturb", ""),
    ("contacted-recently", ""),
    ("resting", ""),
    ("open-complaint", ""),
    ("recent-complaint", ""),
    ("no-open-hours", ""),
    ("nothing-to-show", ""),
]


def inputs(
    *,
    days_away: float | None = 103,
    usual: int | None = None,
    sms: ChannelFacts = ALLOWED,
    email: ChannelFacts = ALLOWED,
    will_buy: float | None = None,
    has_items: bool = True,
    **contact,
) -> Inputs:
    last = NOON - timedelta(days=days_away) if days_away is not None else None
    return Inputs(
        ContactFacts(1, CHICAGO, {"sms": sms, "email": email}, **contact),
        Rhythm(last, 3 if usual else 1, usual),
        lapse_days=90,
        will_buy=will_buy,
        has_items=has_items,
    )


def wrote(*days_ago: int) -> tuple[Contact, ...]:
    return tuple(Contact(TODAY - timedelta(days=days), "Maya") for days in days_ago)


# --- Due ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days_away", "code", "next_on"),
    [
        (90, "due", None),
        (91, "due", None),
        (89.9, "bought-lately", date(2026, 6, 15)),
        (80, "bought-lately", date(2026, 6, 25)),
        (None, "never-bought", None),
    ],
)
def test_verdict_is_due_from_the_last_of_the_lapse_days(
    days_away: float | None, code: str, next_on: date | None
) -> None:
    found = verdict(inputs(days_away=days_away), now=NOON)

    assert (found.code, found.next_on) == (code, next_on)


@pytest.mark.parametrize(
    ("days_away", "will_buy", "code", "next_on"),
    [
        (60, None, "due-early", None),
        (60, 0.5, "due-early", None),
        (60, 0.75, "bought-lately", date(2026, 7, 15)),
        (59, None, "bought-lately", date(2026, 6, 16)),
    ],
)
def test_verdict_is_due_early_when_late_by_her_own_rhythm(
    days_away: float, will_buy: float | None, code: str, next_on: date | None
) -> None:
    found = verdict(inputs(days_away=days_away, usual=40, will_buy=will_buy), now=NOON)

    assert (found.code, found.next_on) == (code, next_on)


# --- The next date --------------------------------------------------------------------------------
def test_next_date_is_that_of_the_rule_that_holds_longest() -> None:
    known = inputs(contacts=wrote(5), leave_until=date(2026, 6, 20))

    found = verdict(known, now=NOON)

    assert [each.code for each in found.blockers] == ["asked-for-peace", "contacted-recently"]
    assert (found.code, found.next_on) == ("asked-for-peace", date(2026, 6, 24))


def test_next_date_is_unknown_where_only_she_can_change_the_verdict() -> None:
    known = inputs(sms=NEVER_ASKED, email=NEVER_ASKED, leave_until=date(2026, 6, 20))

    found = verdict(known, now=NOON)

    assert (found.code, found.next_on) == ("no-consent", None)


def test_next_date_is_that_of_the_channel_that_opens_first() -> None:
    resting = replace(
        ALLOWED,
        unusable_because="the last mails came back",
        unusable_until=datetime(2026, 6, 30, 5, tzinfo=UTC),
    )

    found = verdict(inputs(sms=NEVER_ASKED, email=resting), now=NOON)

    assert (found.code, found.next_on) == ("no-address", date(2026, 6, 30))


def test_next_date_does_not_wait_for_a_note_that_is_on_its_way() -> None:
    found = verdict(inputs(contacts=wrote(0), is_on_its_way=True), now=NOON)

    assert (found.code, found.next_on) == ("message-on-its-way", date(2026, 6, 29))


@pytest.mark.parametrize(
    ("contact", "code", "next_on"),
    [
        ({"contacts": wrote(13)}, "contacted-recently", date(2026, 6, 16)),
        ({"contacts": wrote(14)}, "due", None),
        ({"contacts": wrote(20, 44)}, "contacted-recently", date(2026, 6, 16)),
        ({"contacts": wrote(20, 45)}, "due", None),
        (
            {"silent_notes": 3, "last_note_on": TODAY - timedelta(days=89)},
            "resting",
            date(2026, 6, 16),
        ),
        ({"silent_notes": 3, "last_note_on": TODAY - timedelta(days=90)}, "due", None),
        ({"quiet_days": (QuietDays(TODAY, TODAY),)}, "do-not-disturb", date(2026, 6, 16)),
        ({"is_held_out": True}, "hold-out", None),
        ({"claimed_by": "Ben"}, "claimed-by-colleague", None),
    ],
)
def test_verdict_is_the_contact_policys(contact: dict, code: str, next_on: date | None) -> None:
    found = verdict(inputs(**contact), now=NOON)

    assert (found.code, found.next_on) == (code, next_on)


@pytest.mark.parametrize(("days", "code"), [(21, "contacted-recently"), (20, "due")])
def test_verdict_follows_the_stores_own_caps(days: int, code: str) -> None:
    known = inputs(contacts=wrote(20))

    found = verdict(
        rules.with_rules(known, lapse_days=90, limits=Limits(((1, days), (2, 45)))), now=NOON
    )

    assert found.code == code


def test_verdict_names_what_asks_for_a_person_before_what_asks_for_patience() -> None:
    complaint = Blocker("open-complaint", "A complaint is still open: no selling today.")

    found = verdict(inputs(contacts=wrote(5), selling_blockers=(complaint,)), now=NOON)

    assert found.code == "open-complaint"
    assert found.next_on is None


def test_verdict_of_a_client_for_whom_nothing_was_found() -> None:
    found = verdict(inputs(has_items=False), now=NOON)

    assert (found.code, found.next_on) == ("nothing-to-show", None)


# --- The rules asked ------------------------------------------------------------------------------
def test_asked_names_every_rule_in_its_order() -> None:
    found = asked(inputs(), now=NOON)

    assert [(each.code, each.channel) for each in found] == ASKED_IN_ORDER
    assert {each.blocker for each in found} == {None}


def test_asked_says_which_rule_objected() -> None:
    found = asked(inputs(sms=NEVER_ASKED, contacts=wrote(5)), now=NOON)

    assert [each.blocker for each in found if each.blocker] == [
        Blocker("no-consent", "Has not agreed to texts."),
        Blocker("contacted-recently", "Maya wrote on 10 June; next from 24 June."),
    ]


def test_verdict_knows_every_code_that_a_rule_may_give() -> None:
    codes = {code for code, _ in ASKED_IN_ORDER} | {"due", "due-early"}

    assert set(NUMBERS) == codes
    assert set(COUNTED) == codes
    assert len(set(NUMBERS.values())) == len(NUMBERS)
