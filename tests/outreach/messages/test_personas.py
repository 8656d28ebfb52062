from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.messages.providers.personas import CAST, Said, other_address, persona_of

CHICAGO = ZoneInfo("America/Chicago")
PHONES = [f"+1312555{number:04d}" for number in range(100, 1_100)]


def chicago(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=CHICAGO)


def test_persona_of_an_address_is_the_same_for_the_same_seed() -> None:
    first = [persona_of(phone, seed=1).name for phone in PHONES]

    assert first == [persona_of(phone, seed=1).name for phone in PHONES]
    assert first != [persona_of(phone, seed=2).name for phone in PHONES]


def test_everybody_of_the_cast_comes_on_about_as_often_as_her_shares_say() -> None:
    drawn = [persona_of(phone, seed=1).name for phone in PHONES]

    expected = {each.name: 1_000 * each.shares / 23 for each in CAST}
    assert sum(each.shares for each in CAST) == 23
    assert {
        name: abs(drawn.count(name) - most) < 0.6 * most for name, most in expected.items()
    } == dict.fromkeys(expected, True)


def test_answers_are_those_to_the_note_of_that_turn() -> None:
    [loves_it] = [each for each in CAST if each.name == "loves it"]

    assert [len(loves_it.answers(turn)) for turn in range(3)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("since", "due"),
    [
        (chicago(15, 12), chicago(16, 2, 40)),
        (chicago(15, 2, 39), chicago(15, 2, 40)),
        (chicago(15, 2, 40), chicago(16, 2, 40)),
    ],
)
def test_due_at_night_is_the_next_one(since: datetime, due: datetime) -> None:
    assert Said("Hm.", is_at_night=True).due_at(since, zone=CHICAGO) == due


def test_due_at_counts_from_what_came_before() -> None:
    noon = chicago(15, 12)

    assert Said("Hm.", timedelta(minutes=5)).due_at(noon, zone=CHICAGO) == chicago(15, 12, 5)


def test_other_address_is_one_that_nobody_has() -> None:
    assert other_address("+13125550142", seed=1) == other_address("+13125550142", seed=1)
    assert other_address("+13125550142", seed=1).startswith("+120155501")
    assert len(other_address("+13125550142", seed=1)) == len("+13125550142")
    assert other_address("a@example.com", seed=1) == "private.a@example.com"
