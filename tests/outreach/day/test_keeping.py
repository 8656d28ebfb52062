from datetime import date

import pytest

from customers.models import Channel
from outreach.day.keeping import Named, generalised
from outreach.day.notes import Manner, Piece, Recipient, Wording, compose
from outreach.day.placeholders import places_in
from outreach.models.message import Step
from outreach.models.note import Tone

THREE = (Piece("Marlow loafer", "Cognac"), Piece("Alder tote", "Sand"), Piece("Ono scarf", "Navy"))
AMANDAS = Named(
    first_name="Amanda",
    last_name="Reyes",
    city="Chicago",
    associate="Maya",
    store="State Street",
    purchases=("Linden flat", "Sabine pump"),
    items=THREE,
)


def test_generalised_puts_places_where_the_draft_named_something() -> None:
    body = (
        "Hi Amanda, it's Maya at State Street. I thought of the Linden flat you chose in March. "
        "I picked the Marlow loafer in cognac and two more for you. Tell me if one speaks to you."
    )

    assert generalised(body, AMANDAS, Step.OFFER) == (
        "Hi {first_name}, it's {associate} at {store}. "
        "I thought of the {purchase} you chose in {month}. "
        "I picked {items} for you. Tell me if one speaks to you."
    )


def test_generalised_keeps_her_own_words_and_their_lines() -> None:
    body = "Dear Amanda,\n\nI put the Alder tote aside, come and hold it against the light.\n\nMaya"

    assert generalised(body, AMANDAS, Step.OFFER) == (
        "Dear {first_name},\n\nI put the {item} aside, come and hold it against the light."
        "\n\n{associate}"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "How is Bruno, your dog?",  # a name nobody told us
        "Shall I keep the 38 for you?",
        "It costs $265 today.",
        "Write to me at maya@example.com please.",
        "See https://example.com/new for more.",
        "Come before the Reyes wedding.",
        "Is it cold in Chicago?",
        "Your lindens would love some company.",
        "I hope the pump still fits.",
        "See you in June, as we said.",  # a month without the purchase it belongs to
        "The Linden flat and the Sabine pump would like it, too.",
    ],
)
def test_generalised_leaves_out_a_sentence_that_may_be_hers_alone(sentence: str) -> None:
    body = f"Hi Amanda. {sentence} I would love to show you something new this week."

    assert generalised(body, AMANDAS, Step.OFFER) == (
        "Hi {first_name}. I would love to show you something new this week."
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Hi Amanda.",
        "Amanda, 38 at $265?",
        "See {first_name} and {{ client }} in one long note.",
    ],
)
def test_generalised_keeps_nothing_of_a_note_with_too_little_left(body: str) -> None:
    assert generalised(body, AMANDAS, Step.OFFER) == ""


@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("channel", Channel)
def test_no_word_of_one_client_reaches_the_note_of_another(tone: Tone, channel: Channel) -> None:
    amanda = Recipient("C-1", "Amanda", "Linden flat", date(2026, 3, 4))
    zoe = Recipient("C-2", "Zoe", "Tarn boot", date(2026, 1, 9))
    others = (Piece("Fjord coat", "Moss"), Piece("Vesper glove", "Plum"))

    def note(client: Recipient, items: tuple[Piece, ...], manner: Manner, previous: int) -> str:
        return compose(
            Step.OFFER,
            client,
            items,
            associate="Maya",
            store="State Street",
            channel=channel,
            previous=previous,
            on=date(2026, 6, 15),
            manner=manner,
        ).body

    for previous in range(12):
        body = note(amanda, THREE, Manner(tone), previous)
        phrase = generalised(body, AMANDAS, Step.OFFER)
        again = note(zoe, others, Manner(tone, (Wording(phrase, kept=1),)), previous)

        assert "first_name" in places_in(phrase)
        assert "Zoe" in again
        for hers in ("Amanda", "Linden", "March", "Marlow", "cognac", "Alder", "Ono"):
            assert hers.casefold() not in again.casefold()
