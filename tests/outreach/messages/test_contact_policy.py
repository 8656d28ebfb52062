from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.appropriateness import Blocker
from outreach.messages.channel_choice import Answered, Habit
from outreach.messages.contact_policy import (
    ChannelFacts,
    Contact,
    ContactFacts,
    PutOffUntil,
    QuietDays,
    decide,
    may_answer,
)
from outreach.messages.windows import Span, Window
from outreach.models import PutOff
from outreach.models.message import FIRST_MOVES, Step

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)
NINE_TO_EIGHT = Window(CHICAGO, (Span(time(9), time(20)),) * 7)
ALLOWED = ChannelFacts(address="an address", consent="opted_in", window=NINE_TO_EIGHT)
NEVER_ASKED = replace(ALLOWED, consent="")
OPTED_OUT = replace(ALLOWED, consent="opted_out")
SUPPRESSED = replace(ALLOWED, is_suppressed=True)
SELDOM_ANSWERED = replace(ALLOWED, habit=Habit(own=Answered(sent=5, answered=1)))
OFTEN_ANSWERED = replace(ALLOWED, habit=Habit(own=Answered(sent=4, answered=3)))
NO_ADDRESS = ChannelFacts(consent="opted_in", window=NINE_TO_EIGHT)


def facts(sms: ChannelFacts = ALLOWED, email: ChannelFacts = ALLOWED, **more) -> ContactFacts:
    return ContactFacts(1, CHICAGO, {"sms": sms, "email": email}, **more)


def codes(known: ContactFacts, **options) -> list[str]:
    return [blocker.code for blocker in decide(known, now=NOON, **options).blockers]


# --- Channels ------------------------------------------------------------------------------------
def test_decide_takes_the_channel_she_prefers() -> None:
    decision = decide(facts(preferred_channel="email"), now=NOON)

    assert (decision.channel, decision.because) == ("email", "Prefers email")
    assert [choice.channel for choice in decision.alternatives] == ["sms"]
    assert decision.channels == ("email", "sms")


def test_decide_takes_the_channel_she_answers_on() -> None:
    decision = decide(facts(sms=SELDOM_ANSWERED, email=OFTEN_ANSWERED), now=NOON)

    assert (decision.channel, decision.because) == ("email", "She answers emails: 3 of 4")
    assert [each.because for each in decision.alternatives] == ["Answered 1 of 5 texts"]


def test_decide_takes_what_she_states_before_what_was_learned() -> None:
    known = facts(sms=SELDOM_ANSWERED, email=OFTEN_ANSWERED, preferred_channel="sms")

    decision = decide(known, now=NOON)

    assert (decision.channel, decision.because) == ("sms", "Prefers texts")


@pytest.mark.parametrize("closed", [NEVER_ASKED, OPTED_OUT, SUPPRESSED, NO_ADDRESS])
def test_decide_never_learns_a_channel_she_did_not_agree_to(closed: ChannelFacts) -> None:
    better_but_closed = replace(closed, habit=OFTEN_ANSWERED.habit)

    decision = decide(facts(sms=SELDOM_ANSWERED, email=better_but_closed), now=NOON)

    assert (decision.channel, decision.because) == ("sms", "Answered 1 of 5 texts")
    assert decision.alternatives == ()


@pytest.mark.parametrize("default", ["sms", "email"])
def test_decide_falls_back_on_the_stores_default(default: str) -> None:
    decision = decide(facts(default_channel=default), now=NOON)

    assert (decision.channel, decision.because) == (default, "The store’s usual way")


@pytest.mark.parametrize("sms", [NEVER_ASKED, OPTED_OUT, SUPPRESSED, NO_ADDRESS])
def test_decide_never_takes_a_channel_that_is_closed(sms: ChannelFacts) -> None:
    decision = decide(facts(sms=sms, preferred_channel="sms"), now=NOON)

    assert (decision.channel, decision.because) == ("email", "Only agreed to email")
    assert decision.alternatives == ()


@pytest.mark.parametrize(
    ("closed", "code"),
    [
        (NEVER_ASKED, "no-consent"),
        (OPTED_OUT, "opted-out"),
        (SUPPRESSED, "suppressed"),
        (NO_ADDRESS, "no-address"),
    ],
)
def test_decide_says_why_no_channel_is_open(closed: ChannelFacts, code: str) -> None:
    assert codes(facts(sms=closed, email=closed)) == [code]
    assert codes(facts(sms=closed), channel="sms") == [code]
    assert codes(facts(sms=closed), channel="email") == []


def test_decide_gives_the_reason_an_address_does_not_work() -> None:
    broken = replace(NO_ADDRESS, unusable_because="too few digits")

    decision = decide(facts(sms=broken), now=NOON, channel="sms")

    assert decision.blockers == (
        Blocker("no-address", "No working mobile number: too few digits."),
    )


# --- The person ----------------------------------------------------------------------------------
def test_decide_counts_first_moves_by_anybody_in_the_stores_days() -> None:
    known = facts(contacts=(Contact(date(2026, 6, 9), "Daniel"),))
    last_day = datetime(2026, 6, 22, 17, 0, tzinfo=UTC)

    decision = decide(known, now=last_day)

    assert decision.blockers == (
        Blocker("contacted-recently", "Daniel wrote on 9 June; next from 23 June."),
    )
    assert decide(known, now=last_day + timedelta(days=1)).may_send


def test_decide_allows_two_first_moves_in_forty_five_days() -> None:
    earlier, later = Contact(date(2026, 5, 1), "You"), Contact(date(2026, 5, 20), "Daniel")
    known = facts(contacts=(later, earlier))

    decision = decide(known, now=NOON - timedelta(days=1))

    assert decision.blockers == (
        Blocker("contacted-recently", "Daniel wrote on 20 May; next from 15 June."),
    )
    assert decide(known, now=NOON).may_send


def test_decide_leaves_her_in_peace_until_the_day_she_named() -> None:
    assert codes(facts(leave_until=date(2026, 6, 16))) == ["asked-for-peace"]
    assert codes(facts(leave_until=date(2026, 6, 15))) == []


def test_decide_does_not_disturb_her_on_her_quiet_days() -> None:
    travels = QuietDays(date(2026, 6, 15), date(2026, 6, 20), "Travelling.")

    first = decide(facts(quiet_days=(travels,)), now=NOON)

    assert first.blockers == (
        Blocker("do-not-disturb", "Do not disturb up to 20 June: Travelling."),
    )
    assert codes(facts(quiet_days=(replace(travels, ends_on=date(2026, 6, 15)),))) == [
        "do-not-disturb"
    ]
    assert decide(facts(quiet_days=(travels,)), now=NOON - timedelta(days=1)).may_send
    assert decide(facts(quiet_days=(travels,)), now=NOON + timedelta(days=6)).may_send


def test_decide_sends_nothing_that_would_leave_on_a_quiet_day() -> None:
    late = datetime(2026, 6, 15, 3, 0, tzinfo=UTC)  # 22:00 on the 14th: it would leave on the 15th
    monday = QuietDays(date(2026, 6, 15), date(2026, 6, 15))

    decision = decide(facts(quiet_days=(monday,)), now=late)

    assert decision.blockers == (Blocker("do-not-disturb", "Do not disturb up to 15 June."),)
    assert decide(
        facts(
            quiet_days=(replace(monday, ends_on=date(2026, 6, 14), starts_on=date(2026, 6, 13)),)
        ),
        now=NOON,
    ).may_send


def test_decide_lets_her_rest_after_three_notes_without_an_answer() -> None:
    silent = facts(silent_notes=3, last_note_on=date(2026, 3, 18))
    last_day = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)

    decision = decide(silent, now=last_day)

    assert decision.blockers == (
        Blocker("resting", "Did not answer the last 3 notes; rests until 16 June."),
    )
    assert decide(silent, now=last_day + timedelta(days=1)).may_send
    assert codes(facts(silent_notes=2, last_note_on=date(2026, 3, 18))) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"is_held_out": True}, "hold-out"),
        ({"claimed_by": "Daniel"}, "claimed-by-colleague"),
        ({"is_on_its_way": True}, "message-on-its-way"),
        ({"may_have_asked_to_stop": True}, "may-have-asked-to-stop"),
        ({"selling_blockers": (Blocker("open-complaint", "Open."),)}, "open-complaint"),
    ],
)
def test_decide_asks_every_person_rule(more: dict, code: str) -> None:
    assert codes(facts(**more)) == [code]


# --- The moment ----------------------------------------------------------------------------------
def test_decide_says_from_when() -> None:
    early = datetime(2026, 6, 15, 13, 59, tzinfo=UTC)

    assert decide(facts(), now=early).not_before == datetime(2026, 6, 15, 14, 0, tzinfo=UTC)
    assert decide(facts(), now=NOON).not_before == NOON


def test_decide_blocks_where_hours_leave_no_moment() -> None:
    never = replace(ALLOWED, window=Window(CHICAGO, (None,) * 7))

    assert codes(facts(sms=never, email=never)) == ["no-open-hours"]


# --- Answers -------------------------------------------------------------------------------------
def test_decide_lets_an_answer_pass_caps_hours_opt_in_and_complaints() -> None:
    night = datetime(2026, 6, 15, 5, 0, tzinfo=UTC)
    known = facts(
        sms=NEVER_ASKED,
        contacts=(Contact(date(2026, 6, 14), "You"),),
        leave_until=date(2026, 7, 1),
        quiet_days=(QuietDays(date(2026, 6, 1), date(2026, 7, 1)),),
        is_held_out=True,
        silent_notes=5,
        last_note_on=date(2026, 6, 14),
        selling_blockers=(Blocker("open-complaint", "Open."),),
        last_words_at=night - timedelta(hours=1),
        last_words_channel="sms",
    )

    decision = decide(known, now=night, step=Step.ANSWER)

    assert (decision.channel, decision.not_before, decision.blockers) == ("sms", night, ())


def test_decide_lets_a_colleague_answer_only_while_she_covers() -> None:
    written = {"claimed_by": "Maya", "last_words_at": NOON, "last_words_channel": "sms"}

    assert codes(facts(**written), step=Step.ANSWER) == ["claimed-by-colleague"]
    assert codes(facts(**written, is_covered=True), step=Step.ANSWER) == []
    assert codes(facts(**written, is_covered=True)) == ["claimed-by-colleague"]


@pytest.mark.parametrize(
    ("closed", "code"),
    [(OPTED_OUT, "opted-out"), (SUPPRESSED, "suppressed"), (NO_ADDRESS, "no-address")],
)
def test_decide_never_answers_against_her_will(closed: ChannelFacts, code: str) -> None:
    known = facts(sms=closed, last_words_at=NOON, last_words_channel="sms")

    assert codes(known, step=Step.ANSWER) == [code]


def test_decide_answers_only_while_the_conversation_is_open() -> None:
    seven_days = timedelta(days=7)
    open_still = facts(last_words_at=NOON - seven_days)
    closed = facts(last_words_at=NOON - seven_days - timedelta(seconds=1))

    assert may_answer(open_still, now=NOON)
    assert codes(open_still, step=Step.ANSWER) == []
    assert codes(closed, step=Step.ANSWER) == ["no-conversation"]
    assert codes(facts(), step=Step.ANSWER) == ["no-conversation"]


# --- Every first move ----------------------------------------------------------------------------
@pytest.mark.parametrize("step", FIRST_MOVES)
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"sms": NEVER_ASKED, "email": NEVER_ASKED}, "no-consent"),
        ({"contacts": (Contact(date(2026, 6, 9), "You"),)}, "contacted-recently"),
        ({"is_held_out": True}, "hold-out"),
        ({"selling_blockers": (Blocker("open-complaint", "Open."),)}, "open-complaint"),
        ({"put_off": PutOffUntil(date(2026, 6, 16), PutOff.Reason.AWAY)}, "put-off"),
    ],
)
def test_decide_asks_thanks_tips_and_greetings_what_it_asks_an_offer(
    step: Step, more: dict, code: str
) -> None:
    assert codes(facts(**more), step=step) == [code]


@pytest.mark.parametrize("step", FIRST_MOVES)
def test_every_first_text_says_how_to_stop(step: Step) -> None:
    assert facts().needs_stop_words("sms", step)
    assert not facts(sms=replace(ALLOWED, sent=1)).needs_stop_words("sms", step)
    assert not facts().needs_stop_words("sms", Step.ANSWER)


def test_decide_puts_her_off_until_the_day_that_was_named() -> None:
    until_today = PutOffUntil(date(2026, 6, 15), PutOff.Reason.AWAY)
    until_tomorrow = PutOffUntil(date(2026, 6, 16), PutOff.Reason.WRONG_ITEMS)

    assert codes(facts(put_off=until_today)) == []
    [blocker] = decide(facts(put_off=until_tomorrow), now=NOON).blockers
    assert blocker.sentence == "Put off until 16 June: wrong items."
