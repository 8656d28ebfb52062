import pytest

from outreach.day.placeholders import fill, listed, places_in, refusals, was_said
from outreach.models.message import Step

VALUES = {"first_name": "Amanda", "associate": "Maya", "store": "", "items": "{associate}"}


@pytest.mark.parametrize(
    "words",
    [
        "Hi {first_name}, it's {associate} at {store}.",
        "I thought of the {purchase} from {month}: {items}, the {item} for your {owned}.",
        "No place at all, 100 % plain.",
        "",
    ],
)
def test_template_of_listed_places_is_not_refused(words: str) -> None:
    assert refusals(words, Step.OFFER) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("{{ client.owner.password }}", "{{ client.owner.password }}"),
        ("Hi {% load secrets %}", "{% load secrets %}"),
        ("{# a comment #}", "{# a comment #}"),
        ("Hi ${first_name}", "${"),
        ("Hi {0.__class__}", "{0.__class__}"),
        ("Hi {first_name.__class__}", "{first_name.__class__}"),
        ("Hi {first_name!r}", "{first_name!r}"),
        ("Hi {first_name:>900000000}", "{first_name:>900000000}"),
        ("Hi {password}", "{password}"),
        ("Hi { first_name }", "{ first_name }"),
        ("Hi {}", "{}"),
        ("Hi {FIRST_NAME}", "{FIRST_NAME}"),
    ],
)
def test_template_that_asks_for_anything_else_is_refused_by_name(words: str, named: str) -> None:
    [sentence] = refusals(words, Step.OFFER)

    assert f"“{named}”" in sentence


@pytest.mark.parametrize("words", ["Hi {first_name", "Hi first_name}", "a } and a {"])
def test_template_with_a_lonely_brace_is_refused(words: str) -> None:
    [sentence] = refusals(words, Step.OFFER)

    assert sentence.startswith("A brace stands alone")


@pytest.mark.parametrize(
    ("place", "step"),
    [("{items}", Step.THANKS), ("{tip}", Step.OFFER), ("{month}", Step.GREETING)],
)
def test_place_that_a_step_cannot_fill_is_refused(place: str, step: Step) -> None:
    assert len(refusals(f"Hello {place}", step)) == 1


@pytest.mark.parametrize("step", Step)
def test_every_listed_place_is_allowed_in_its_step(step: Step) -> None:
    words = " ".join(f"{{{place.name}}}" for place in listed(step))

    assert refusals(words, step) == []


def test_fill_puts_values_in_and_never_reads_them_as_places() -> None:
    assert fill("Hi {first_name}: {items}", VALUES) == "Hi Amanda: {associate}"


@pytest.mark.parametrize("words", ["at {store}", "the {tip}"])
def test_fill_answers_nothing_where_a_value_is_missing(words: str) -> None:
    assert fill(words, VALUES) is None


def test_places_in_names_each_once() -> None:
    assert places_in("{item} and {item}, {store}") == {"item", "store"}


SAID = "Hi Amanda, it's Maya.\nI thought of the Linden  flat you chose in March. Come and see."


@pytest.mark.parametrize(
    ("phrase", "was"),
    [
        ("I thought of the {purchase} you chose in {month}.", True),
        ("Something new. I thought of the {purchase} you chose in {month}.", True),
        ("i thought of the {purchase} you chose in {month}.", True),
        ("The {purchase} you chose in {month} came to mind.", False),
        ("Come and see them.", False),
        ("Hi {first_name}, it's {associate}.", True),
        ("{first_name}", False),
        ("", False),
    ],
)
def test_was_said_knows_a_sentence_whatever_fills_it(phrase: str, was: bool) -> None:
    assert was_said(phrase, SAID) is was


def test_was_said_passes_over_what_is_shorter_than_asked() -> None:
    assert not was_said("Hi {first_name}, it's {associate}.", SAID, least=12)


def test_was_said_takes_no_longer_for_a_template_of_many_places() -> None:
    hostile = "a{item}" * 200 + "b"

    assert not was_said(hostile, "a" * 1_600)
