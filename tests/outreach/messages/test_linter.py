from decimal import Decimal

import pytest

from outreach.messages.linter import discounts, doubts, unfilled

PRICES = (Decimal("265.00"), Decimal("1240.50"), None)


@pytest.mark.parametrize(
    "words", ["Our summer sale starts.", "Now 20% less", "20 percent off", "A voucher", "CHEAPER"]
)
def test_discounts_are_named(words: str) -> None:
    [sentence] = discounts(words)

    assert sentence.endswith("speaks of a discount.")


@pytest.mark.parametrize(
    "words", ["I saw the salesman's wholesale salmon.", "Ideal for you", "100 steps away"]
)
def test_words_that_only_look_like_a_discount_pass(words: str) -> None:
    assert discounts(words) == []


@pytest.mark.parametrize("words", ["Hi {first_name}", "Hi [name]", "Hi <name>", "Dear None,"])
def test_unfilled_places_are_named(words: str) -> None:
    assert len(unfilled(words)) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("It is $265.", []),
        ("It is $265.00 and $1,240.50.", []),
        ("It is 265 dollars.", []),
        ("It is $199.", ["“$199” is not the price of any of the items."]),
        ("Only 265.50 EUR", ["“265.50 EUR” is not the price of any of the items."]),
        ("It has 265 stitches and size 38.", []),
    ],
)
def test_price_that_is_none_of_the_items_is_doubted(words: str, said: list[str]) -> None:
    assert doubts(words, prices=PRICES) == said


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("COME AND LOOK NOW", 1),
        ("The FENN boots", 0),  # one word alone may be a brand
        ("The FENN ALDER boots", 0),  # and so may the items' own names
        ("Wow!! Look", 1),
        ("Lovely! Truly! Really! Yes!", 1),
        ("Lovely! Truly!", 0),
        ("美香 さん", 0),
        ("OK, see you in the USA", 0),
    ],
)
def test_shouting_is_doubted(words: str, count: int) -> None:
    assert len(doubts(words, own_words="Fenn Alder")) == count


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("See https://notes.example.com/l/abc/", 0),
        ("See notes.example.com/l/abc", 0),
        ("See https://evil.example.org/x", 1),
        ("See www.example.org", 1),
        ("See bit.ly/abc", 1),
        ("See https://notes.example.com.evil.org/", 1),
        ("See https://[broken", 1),
        ("Write to maya@example.com", 0),
        ("Come on.Me and you", 0),
    ],
)
def test_link_of_somebody_else_is_doubted(words: str, count: int) -> None:
    assert len(doubts(words, own_host="notes.example.com")) == count


def test_good_words_raise_no_doubt() -> None:
    words = "Hi Amanda, it's Maya. I picked three for you; which one do you like best?"

    assert doubts(words, prices=PRICES, own_host="notes.example.com") == []
