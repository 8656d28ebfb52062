from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from customers.appropriateness import Blocker
from customers.facts import CaseFacts
from outreach.day.next_step import ImportantDay, Kind, OwnedTip, StepFacts, choose
from outreach.messages.contact_policy import ContactDecision, Deed

TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
MAY = ContactDecision("sms", "Prefers texts", NOON)
FREE = StepFacts(today=TODAY, decision=MAY)
TREES = OwnedTip(7, "Linden flat", "Let them rest on shoe trees.")
BROKEN = CaseFacts(1, NOON - timedelta(days=5), None, "A heel broke", "Linden flat")
MENDED = BROKEN._replace(closed_at=NOON - timedelta(days=3))


def blocked(*codes: str) -> ContactDecision:
    return ContactDecision(blockers=tuple(Blocker(code, f"Because of {code}.") for code in codes))


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def deed(kind: str, days: int, tip: int | None = None) -> Deed:
    return Deed(kind, NOON - timedelta(days=days), tip)


def kind_of(facts: StepFacts) -> Kind:
    return choose(facts).kind


# --- An offer -------------------------------------------------------------------------------------
def test_choose_offers_where_something_suits_and_a_note_may_go() -> None:
    step = choose(replace(FREE, has_items=True))

    assert (step.kind, step.is_written) == (Kind.OFFER, True)
    assert step.reason == "Something new suits, and a note may go."


@pytest.mark.parametrize(
    "code", ["hold-out", "open-complaint", "contacted-recently", "no-consent", "put-off"]
)
def test_choose_never_offers_to_whom_the_policy_blocks(code: str) -> None:
    facts = replace(FREE, has_items=True, decision=blocked(code), visit_count=9, tips=(TREES,))

    assert kind_of(facts) not in {Kind.OFFER, Kind.TIP, Kind.GREETING}


def test_choose_gives_the_policys_reason_for_silence() -> None:
    step = choose(replace(FREE, decision=blocked("contacted-recently"), has_items=True))

    assert (step.kind, step.reason) == (Kind.SILENCE, "Because of contacted-recently.")


def test_choose_is_silent_where_there_is_nothing_to_say() -> None:
    step = choose(FREE)

    assert step.kind == Kind.SILENCE
    assert step.reason == "Nothing new suits, and all has been said."


# --- A case ---------------------------------------------------------------------------------------
def test_choose_follows_up_an_open_case_before_anything_pleasant() -> None:
    facts = replace(
        FREE,
        case=BROKEN,
        decision=blocked("open-complaint"),
        has_items=True,
        last_visit_on=days_ago(2),
        days=(ImportantDay("birthday", TODAY),),
        tips=(TREES,),
    )

    step = choose(facts)

    assert (step.kind, step.is_written) == (Kind.SERVICE, False)
    assert step.reason == "The case about the Linden flat (A heel broke) has been open for 5 days."


def test_choose_follows_up_a_case_of_somebody_held_out() -> None:
    assert kind_of(replace(FREE, case=BROKEN, decision=blocked("hold-out"))) == Kind.SERVICE


def test_choose_reads_her_words_before_it_follows_up() -> None:
    facts = replace(FREE, case=BROKEN, decision=blocked("may-have-asked-to-stop"))

    assert choose(facts).reason == "Because of may-have-asked-to-stop."


@pytest.mark.parametrize(("days", "kind"), [(13, Kind.SERVICE), (14, Kind.SILENCE)])
def test_choose_asks_after_a_case_solved_lately(days: int, kind: Kind) -> None:
    solved = BROKEN._replace(
        opened_at=NOON - timedelta(days=30), closed_at=NOON - timedelta(days=days)
    )

    assert kind_of(replace(FREE, case=solved)) == kind


@pytest.mark.parametrize(("days", "kind"), [(3, Kind.SILENCE), (4, Kind.SERVICE)])
def test_choose_asks_after_a_solved_case_once(days: int, kind: Kind) -> None:
    asked = replace(
        FREE,
        case=MENDED,
        decision=blocked("recent-complaint"),
        deeds=(deed("follow_up", days),),
    )

    assert kind_of(asked) == kind


# --- Thanks ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("days", "kind"), [(0, Kind.THANKS), (13, Kind.THANKS), (14, Kind.OFFER)])
def test_choose_thanks_after_a_visit(days: int, kind: Kind) -> None:
    assert kind_of(replace(FREE, has_items=True, last_visit_on=days_ago(days))) == kind


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "Was here today, and nobody has said thanks yet."),
        (1, "Was here 1 day ago, and nobody has said thanks yet."),
    ],
)
def test_choose_says_when_she_was_here(days: int, words: str) -> None:
    assert choose(replace(FREE, last_visit_on=days_ago(days))).reason == words


@pytest.mark.parametrize(("days", "chosen"), [(4, Kind.SILENCE), (5, Kind.THANKS)])
def test_choose_thanks_once_a_visit(days: int, chosen: Kind) -> None:
    facts = replace(FREE, last_visit_on=days_ago(4), deeds=(deed("thanks", days),))

    assert kind_of(facts) == chosen


def test_choose_writes_no_thanks_to_whom_no_note_may_go() -> None:
    step = choose(replace(FREE, last_visit_on=days_ago(2), decision=blocked("contacted-recently")))

    assert (step.kind, step.is_written) == (Kind.THANKS, False)


def test_choose_leaves_the_held_out_alone_after_a_visit() -> None:
    facts = replace(FREE, last_visit_on=days_ago(2), decision=blocked("hold-out"))

    assert kind_of(facts) == Kind.SILENCE


# --- An important day -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "kind"), [(-1, Kind.OFFER), (0, Kind.GREETING), (7, Kind.GREETING), (8, Kind.OFFER)]
)
def test_choose_greets_her_in_the_week_before(days: int, kind: Kind) -> None:
    birthday = ImportantDay("birthday", TODAY + timedelta(days=days))

    assert kind_of(replace(FREE, has_items=True, days=(birthday,))) == kind


def test_choose_names_the_nearest_day() -> None:
    wedding = ImportantDay("wedding day", TODAY + timedelta(days=6))
    birthday = ImportantDay("birthday", TODAY + timedelta(days=1))

    assert choose(replace(FREE, days=(wedding, birthday))).reason == "Birthday in 1 day."


def test_choose_greets_once_a_season() -> None:
    birthday = ImportantDay("birthday", TODAY)

    assert kind_of(replace(FREE, days=(birthday,), deeds=(deed("greeting", 90),))) == Kind.SILENCE
    assert kind_of(replace(FREE, days=(birthday,), deeds=(deed("greeting", 91),))) == Kind.GREETING


# --- A tip, a kindness ----------------------------------------------------------------------------
def test_choose_gives_a_tip_where_nothing_new_suits() -> None:
    step = choose(replace(FREE, tips=(TREES,)))

    assert (step.kind, step.tip, step.is_written) == (Kind.TIP, TREES, True)
    assert step.reason == "Nothing new suits today. About the Linden flat:"


def test_choose_never_gives_the_same_tip_twice() -> None:
    brush = OwnedTip(8, "Linden flat", "Brush suede when it is dry.")
    told_long_ago = (deed("tip", 170, tip=7),)

    step = choose(replace(FREE, tips=(TREES, brush), deeds=told_long_ago))

    assert step.tip == brush


@pytest.mark.parametrize(("days", "kind"), [(90, Kind.SILENCE), (91, Kind.TIP)])
def test_choose_gives_a_tip_once_a_season(days: int, kind: Kind) -> None:
    assert kind_of(replace(FREE, tips=(TREES,), deeds=(deed("tip", days, tip=9),))) == kind


@pytest.mark.parametrize(("visits", "kind"), [(2, Kind.SILENCE), (3, Kind.KINDNESS)])
def test_choose_is_kind_to_a_faithful_client_who_never_agreed_to_notes(
    visits: int, kind: Kind
) -> None:
    facts = replace(FREE, decision=blocked("no-consent"), visit_count=visits, has_items=True)

    assert kind_of(facts) == kind


def test_choose_is_kind_where_nothing_new_suits_and_nothing_is_to_be_told() -> None:
    step = choose(replace(FREE, visit_count=3))

    assert step.kind == Kind.KINDNESS
    assert (
        step.reason == "Nothing new suits today; a small kindness would please a faithful client."
    )


@pytest.mark.parametrize(
    "code", ["opted-out", "suppressed", "asked-for-peace", "put-off", "do-not-disturb", "resting"]
)
def test_choose_lets_rest_who_asked_for_it(code: str) -> None:
    facts = replace(FREE, decision=blocked("no-address", code), visit_count=9, tips=(TREES,))

    assert kind_of(facts) == Kind.SILENCE
