from collections.abc import Mapping
from decimal import Decimal

import pytest

from outreach.day.quick_answers import Piece, meant, quick_answers

HOLDING = "Thank you, Amanda! I will look and write back. Maya"


def piece(name: str = "Marlow loafer", stock: Mapping[str, int] | None = None, **more) -> Piece:
    known = {"37": 0, "38": 2, "38½": 1} if stock is None else stock
    return Piece(**{"name": name, "price": Decimal("265.00"), "stock": known, **more})


UNKNOWN_STOCK = Piece("Marlow loafer", Decimal("265.00"), None)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Could you keep the 38?", "Yes, I put the Marlow loafer in 38 aside for you."),
        ("Please hold the 38½ for me", "Yes, I put the Marlow loafer in 38½ aside for you."),
        (
            "do you have it in 38.5?",
            "Yes, the Marlow loafer in 38½ is here. Shall I keep it for you?",
        ),
        (
            "Can you hold the 37 for me?",
            "I am sorry, the Marlow loafer in 37 has just gone. Shall I look for one elsewhere?",
        ),
        ("Is it in stock?", "Yes, the Marlow loafer is here. Which size shall I keep for you?"),
        ("How much is it?", "The Marlow loafer is $265."),
        ("I'll come by tomorrow!", "Lovely, see you then."),
        ("Thank you, these are lovely", "With pleasure."),
        ("Not for me, sorry", "Thank you for telling me, I will keep it in mind."),
    ],
)
def test_quick_answers_take_up_what_she_wrote(said: str, answer: str) -> None:
    assert quick_answers(said, [piece()], holding=HOLDING)[0] == answer


@pytest.mark.parametrize("said", ["Could you keep the 38?", "do you have the 38?"])
@pytest.mark.parametrize("gone", [piece(stock={"38": 0}), UNKNOWN_STOCK, piece(stock={})])
def test_quick_answers_promise_nothing_that_is_not_here(said: str, gone: Piece) -> None:
    answers = quick_answers(said, [gone], holding=HOLDING)

    assert not any(answer.startswith("Yes") for answer in answers)


def test_quick_answers_say_of_unknown_stock_that_somebody_looks() -> None:
    answers = quick_answers("Could you keep the 38?", [UNKNOWN_STOCK], holding=HOLDING)

    assert answers[0] == "Let me look for the Marlow loafer and write back in a moment."


def test_quick_answers_take_her_size_where_she_names_none() -> None:
    answers = quick_answers("Please keep them for me", [piece(size="38")], holding=HOLDING)

    assert answers[0] == "Yes, I put the Marlow loafer in 38 aside for you."


def test_quick_answers_name_no_size_of_a_bag() -> None:
    bag = piece("Sable tote", stock={"One size": 1})

    answers = quick_answers("Can you hold the tote for me?", [bag], holding=HOLDING)

    assert answers[0] == "Yes, I put the Sable tote aside for you."


def test_quick_answers_leave_out_a_price_nobody_knows() -> None:
    answers = quick_answers("How much is it?", [piece(price=None)], holding=HOLDING)

    assert answers == (HOLDING,)


def test_quick_answers_are_three_at_most_and_end_with_the_one_that_always_fits() -> None:
    said = "Lovely! How much is it, do you have the 38, and can I come by?"

    answers = quick_answers(said, [piece()], holding=HOLDING)

    assert answers == (
        "The Marlow loafer is $265.",
        "Yes, the Marlow loafer in 38 is here. Shall I keep it for you?",
        HOLDING,
    )


def test_quick_answers_to_anything_else_only_win_time() -> None:
    assert quick_answers("My dog ate the box", [piece()], holding=HOLDING) == (HOLDING,)
    assert quick_answers("", [], holding=HOLDING) == (HOLDING,)


# --- Which of the three ---------------------------------------------------------------------------
THREE = [
    piece("Marlow loafer", {"38": 1, "39": 1}),
    piece("Sable tote", {"One size": 3}),
    piece("Orla knit", {"S": 1, "M": 2}),
]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("i love the loafers", "Marlow loafer"),
        ("the second one please", "Sable tote"),
        ("number 3!", "Orla knit"),
        ("could you keep the 38?", "Marlow loafer"),
        ("the knit in size m?", "Orla knit"),
    ],
)
def test_meant_finds_the_item(said: str, named: str) -> None:
    found = meant(said, THREE)

    assert found is not None
    assert found.name == named


@pytest.mark.parametrize("said", ["how lovely", "the loafer or the tote?", "keep it"])
def test_meant_guesses_nothing(said: str) -> None:
    assert meant(said, THREE) is None
