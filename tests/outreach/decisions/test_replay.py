from dataclasses import replace
from datetime import date, timedelta

import pytest

from customers.rhythm import Rhythm
from outreach.decisions.replay import (
    NOBODYS,
    Change,
    Night,
    Numbers,
    Stretch,
    Trail,
    Week,
    compared,
    replay,
)
from outreach.decisions.rules import Inputs
from outreach.messages.contact_policy import Limits
from tests.outreach.decisions.test_rules import NEVER_ASKED, NOON, TODAY, inputs, wrote

FIRST = TODAY
A_DAY = timedelta(days=1)
NIGHTS = [Night(FIRST + day * A_DAY, NOON + day * A_DAY) for day in range(90)]
PRESENT = Numbers(lapse_days=90, cards_per_day=10, limits=Limits())
MAYA, BEN = 7, 8


def on(*days: int) -> tuple[date, ...]:
    """The dates of these nights, counted from the first."""
    return tuple(FIRST + day * A_DAY for day in days)


def trail(number: int = 1, known: Inputs | None = None, *, book: int = MAYA, **more) -> Trail:
    stretch = Stretch(FIRST, None, known or inputs(), worth=50)
    return Trail(number, book, more.pop("stretches", (stretch,)), **more)


def notes(*trails: Trail, numbers: Numbers = PRESENT, books=(MAYA,)) -> dict:
    return dict(replay(trails, NIGHTS, numbers, present=PRESENT, books=books).notes)


def with_caps(*caps: tuple[int, int]) -> Numbers:
    return replace(PRESENT, limits=Limits(caps))


def test_replay_keeps_both_caps_exactly() -> None:
    assert notes(trail()) == {1: on(0, 14, 45)}  # then three notes without an answer: she rests


@pytest.mark.parametrize(
    ("caps", "days"),
    [
        (((1, 21), (2, 45)), (0, 21, 45)),
        (((1, 14), (1, 45)), (0, 45)),
        (((1, 7), (3, 30)), (0, 7, 14)),
        (((1, 90), (1, 90)), (0,)),
    ],
)
def test_replay_with_other_caps_has_exactly_these_notes(caps, days) -> None:
    assert notes(trail(), numbers=with_caps(*caps)) == {1: on(*days)}


def test_replay_begins_with_what_was_written_before_the_nights() -> None:
    assert notes(trail(1, inputs(contacts=wrote(5)))) == {1: on(9, 40, 54)}


def test_replay_lets_her_rest_after_silent_notes() -> None:
    silent = inputs(contacts=wrote(20), silent_notes=2, last_note_on=TODAY - 20 * A_DAY)

    assert notes(trail(1, silent)) == {1: on(0)}  # the third in vain: 90 days of rest


def test_replay_ends_the_silence_with_a_visit() -> None:
    before = inputs(silent_notes=2, last_note_on=TODAY - 60 * A_DAY)
    visited_at = NOON - 80 * A_DAY
    after = replace(inputs(), rhythm=Rhythm(visited_at, 1))
    stretches = (
        Stretch(FIRST, FIRST + 9 * A_DAY, before, worth=50),
        Stretch(FIRST + 10 * A_DAY, None, after, worth=50),
    )

    assert notes(trail(stretches=stretches)) == {1: on(0, 14, 45, 59)}


def test_replay_counts_other_systems_mailings() -> None:
    assert notes(trail(mailings=on(3, 40))) == {1: on(0, 54, 85)}


def test_replay_writes_when_she_lapses_and_not_before() -> None:
    assert notes(trail(1, inputs(days_away=80))) == {1: on(10, 24, 55)}


def test_replay_with_shorter_lapse_takes_something_new_for_found() -> None:
    here_lately = Stretch(
        FIRST, None, inputs(days_away=50, has_items=False), worth=50, was_away=False
    )

    found = notes(trail(stretches=(here_lately,)), numbers=replace(PRESENT, lapse_days=60))

    assert found == {1: on(10, 24, 55)}


def test_replay_does_not_write_to_whom_nothing_was_found_for() -> None:
    assert notes(trail(1, inputs(has_items=False))) == {}


def test_replay_does_not_write_to_whom_has_not_agreed() -> None:
    assert notes(trail(1, inputs(sms=NEVER_ASKED, email=NEVER_ASKED))) == {}


def test_replay_leaves_the_nights_alone_that_were_not_written_down() -> None:
    stretches = (
        Stretch(FIRST, FIRST, inputs(sms=NEVER_ASKED, email=NEVER_ASKED), worth=50),
        Stretch(FIRST + 20 * A_DAY, FIRST + 21 * A_DAY, inputs(), worth=50),
    )

    assert notes(trail(stretches=stretches)) == {1: on(20)}


def test_replay_gives_each_associate_her_cards_the_best_first() -> None:
    def worth(number: int, points: int, book: int) -> Trail:
        return trail(number, book=book, stretches=(Stretch(FIRST, None, inputs(), points),))

    trails = [worth(1, 10, MAYA), worth(2, 30, MAYA), worth(3, 20, NOBODYS), worth(4, 5, BEN)]
    one_card = replace(with_caps((1, 90), (1, 90)), cards_per_day=1)

    found = notes(*trails, numbers=one_card, books=(MAYA, BEN))

    assert found == {2: on(0), 3: on(0), 1: on(1), 4: on(1)}


def test_replay_tells_whom_the_present_caps_would_have_spared() -> None:
    weekly = with_caps((1, 7), (5, 45))

    found = replay([trail()], NIGHTS, weekly, present=PRESENT, books=[MAYA])

    assert found.notes == {1: on(0, 7, 14)}
    assert found.disturbing == {1: on(7, 14)}


def test_replay_disturbs_nobody_under_the_present_numbers() -> None:
    found = replay([trail(), trail(2)], NIGHTS, PRESENT, present=PRESENT, books=[MAYA])

    assert found.disturbing == {}


def test_compared_names_the_burnt_and_the_newly_reached() -> None:
    trails = [trail(1), trail(2, inputs(days_away=0.5)), trail(3, inputs(is_held_out=True))]
    trails[1] = replace(trails[1], stretches=(replace(trails[1].stretches[0], was_away=False),))
    changed = replace(with_caps((1, 30), (3, 90)), lapse_days=60)
    before = replay(trails, NIGHTS, PRESENT, present=PRESENT, books=[MAYA])
    after = replay(trails, NIGHTS, changed, present=PRESENT, books=[MAYA])

    found = compared(before, after, NIGHTS)

    assert before.notes == {1: on(0, 14, 45)}
    assert after.notes == {1: on(0, 30, 60), 2: on(60)}
    assert found.newly == (Change(2, 0, 1),)
    assert found.more_often == ()
    assert (found.notes, found.clients) == ((3, 4), (1, 2))


def test_compared_counts_by_week() -> None:
    before = replay([trail()], NIGHTS, PRESENT, present=PRESENT, books=[MAYA])
    after = replay([trail()], NIGHTS, with_caps((1, 7), (5, 45)), present=PRESENT, books=[MAYA])

    weeks = compared(before, after, NIGHTS).weeks

    assert len(weeks) == 13
    assert weeks[:3] == (
        Week(FIRST, 1, 1),
        Week(FIRST + 7 * A_DAY, 0, 1),
        Week(FIRST + 14 * A_DAY, 1, 1),
    )


def test_replay_of_an_empty_shop_is_empty() -> None:
    found = replay([], NIGHTS, PRESENT, present=PRESENT, books=[])

    assert compared(found, found, []).weeks == ()
    assert found.notes == {}
