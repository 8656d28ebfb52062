from dataclasses import replace
from decimal import Decimal

import pytest

from outreach.day.ranking import (
    Standing,
    open_to_a_note,
    overdue,
    parts_of,
    why_here,
    worth_now,
)

USUAL = Standing(
    days_away=100,
    usual_gap_days=40,
    visit_count=6,
    net_spend=Decimal("900.00"),
    notes_sent=2,
    notes_answered=1,
    newest_days=7,
    will_buy=0.4,
)


@pytest.mark.parametrize(
    ("ratio", "share"),
    [(0.5, 0.0), (1.0, 0.0), (1.5, 0.5), (2.0, 1.0), (3.0, 1.0), (6.0, 0.5), (30.0, 0.1)],
)
def test_overdue_peaks_between_two_and_three_times_her_rhythm(ratio: float, share: float) -> None:
    assert overdue(ratio) == pytest.approx(share)


@pytest.mark.parametrize(
    "better",
    [
        replace(USUAL, visit_count=12),
        replace(USUAL, net_spend=Decimal("4000.00")),
        replace(USUAL, notes_answered=2),
        replace(USUAL, newest_days=3, days_away=100, visit_count=7),
        replace(USUAL, will_buy=0.5),
    ],
)
def test_worth_rises_with_each_reason(better: Standing) -> None:
    assert worth_now(better) > worth_now(USUAL)


@pytest.mark.parametrize(
    "worse",
    [
        replace(USUAL, days_away=800),
        replace(USUAL, usual_gap_days=95),
        replace(USUAL, usual_gap_days=None),
        replace(USUAL, newest_days=60),
        replace(USUAL, newest_days=None),
        replace(USUAL, notes_answered=0),
        replace(USUAL, will_buy=0.95),  # comes anyway
        replace(USUAL, will_buy=0.05),  # gone for good
    ],
)
def test_worth_falls_with_each_reason_missing(worse: Standing) -> None:
    assert worth_now(worse) < worth_now(USUAL)


@pytest.mark.parametrize(
    ("will_buy", "share"), [(0.0, 0.0), (0.1, 0.36), (0.5, 1.0), (0.9, 0.36), (1.0, 0.0)]
)
def test_open_to_a_note_is_most_where_it_is_even(will_buy: float, share: float) -> None:
    assert open_to_a_note(will_buy) == pytest.approx(share)


def test_worth_of_a_client_without_an_outlook_goes_by_her_rhythm() -> None:
    parts = {part.name: part for part in parts_of(replace(USUAL, will_buy=None))}

    assert parts["outlook"].sentence == "no outlook yet"
    assert (parts["outlook"].points, parts["timing"].points) == (4.0, 2.0)


def test_worth_of_an_unwritten_client_is_that_of_one_who_answers_half() -> None:
    unwritten = replace(USUAL, notes_sent=0, notes_answered=0)

    points = {part.name: part.points for part in parts_of(unwritten)}

    assert points["answers"] == pytest.approx(0.75)


def test_worth_counts_money_by_its_order_of_magnitude() -> None:
    def spend(amount: str) -> float:
        parts = parts_of(replace(USUAL, net_spend=Decimal(amount)))
        return next(part.points for part in parts if part.name == "spend")

    assert spend("1000") < 2 * spend("100")
    assert spend("100000") == spend("5000")
    assert spend("-50") == 0


def test_worth_explains_itself() -> None:
    sentences = [part.sentence for part in parts_of(USUAL)]

    assert sentences == [
        "may or may not come back",
        "2.5 times her usual gap",
        "6 visits",
        "what she bought so far",
        "answered 1 of 2",
        "newest item arrived 7 days ago",
    ]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "nothing new picked"),
        (0, "newest item arrived today"),
        (1, "newest item arrived 1 day ago"),
    ],
)
def test_worth_says_when_the_newest_item_arrived(days: int | None, words: str) -> None:
    assert parts_of(replace(USUAL, newest_days=days))[-1].sentence == words


def test_worth_is_the_sum_of_its_parts() -> None:
    assert worth_now(USUAL) == pytest.approx(sum(part.points for part in parts_of(USUAL)))


def test_worth_of_three_who_differ_in_their_outlook_alone() -> None:
    sure, open_, gone = (worth_now(replace(USUAL, will_buy=each)) for each in (0.97, 0.45, 0.02))

    assert open_ > sure > gone


def test_why_here_names_the_strongest_first_and_no_money() -> None:
    faithful = Standing(
        days_away=103,
        usual_gap_days=41,
        visit_count=20,
        net_spend=Decimal(9000),
        notes_sent=5,
        notes_answered=4,
        newest_days=3,
        will_buy=0.5,
    )

    words = why_here(faithful)

    assert words == (
        "Counts most: may or may not come back. Then: 2.5 times her usual gap, 20 visits, "
        "what she bought so far, answered 4 of 5, newest item arrived 3 days ago."
    )


def test_why_here_is_silent_about_an_outlook_that_is_not_there() -> None:
    assert why_here(Standing(days_away=103, usual_gap_days=41)) == (
        "Counts most: 2.5 times her usual gap. Then: not written to before."
    )
