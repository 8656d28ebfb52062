import pytest

from outreach.messages.channel_choice import (
    UNKNOWN,
    Answered,
    Habit,
    Learned,
    learned,
    likelihoods,
)


def hers(sent: int, answered: int) -> Habit:
    return Habit(own=Answered(sent, answered))


def others(sent: int, answered: int) -> Habit:
    return Habit(alike=Answered(sent, answered))


def test_learned_takes_what_she_answers() -> None:
    found = learned({"sms": hers(5, 4), "email": hers(2, 0)})

    assert found == Learned("sms", "She answers texts: 4 of 5")


def test_learned_hears_her_silence_on_the_other_channel() -> None:
    found = learned({"sms": hers(4, 0), "email": UNKNOWN})

    assert found == Learned("email", "Answered 0 of 4 texts")


def test_learned_asks_those_who_buy_like_her_where_she_is_unknown() -> None:
    found = learned({"sms": others(40, 4), "email": others(30, 12)})

    assert found == Learned("email", "Clients like her answer emails: 12 of 30")


@pytest.mark.parametrize(
    "habits",
    [
        {"sms": UNKNOWN, "email": UNKNOWN},
        {"sms": hers(2, 2), "email": UNKNOWN},
        {"sms": others(29, 0), "email": others(400, 200)},
    ],
    ids=["nothing known", "two notes are no habit", "too few of the others by text"],
)
def test_learned_is_silent_without_enough_evidence(habits: dict[str, Habit]) -> None:
    assert learned(habits) is None


def test_learned_begins_at_three_notes_to_her() -> None:
    assert learned({"sms": hers(3, 3), "email": UNKNOWN}) == Learned(
        "sms", "She answers texts: 3 of 3"
    )


def test_learned_is_silent_about_a_small_lead() -> None:
    assert learned({"sms": others(1000, 240), "email": others(1000, 200)}) is None
    assert learned({"sms": others(1000, 260), "email": others(1000, 200)}) is not None


def test_learned_needs_a_choice() -> None:
    assert learned({"sms": hers(9, 9)}) is None


def test_likelihoods_are_the_same_where_nothing_is_known() -> None:
    assert likelihoods({"sms": UNKNOWN, "email": UNKNOWN}) == {"sms": 0.2, "email": 0.2}


def test_likelihoods_draw_each_share_towards_the_one_behind_it() -> None:
    """By hand: store (50 * .2 + 0) / 50 = .2; alike (20 * .2 + 10) / 40 = .35;
    hers (4 * .35 + 0) / (4 + 4) = .175."""
    habit = Habit(own=Answered(4, 0), alike=Answered(20, 10))

    assert likelihoods({"sms": habit, "email": UNKNOWN}) == {
        "sms": pytest.approx(0.175),
        "email": pytest.approx(0.2),
    }


def test_likelihoods_trust_her_own_answers_more_the_more_there_are() -> None:
    few, many = (
        likelihoods({"sms": Habit(Answered(n, n), Answered(50, 5)), "email": UNKNOWN})["sms"]
        for n in (1, 12)
    )

    assert 0.1 < few < many < 1
