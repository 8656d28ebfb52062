from datetime import date
from itertools import pairwise, product

import pytest

from customers.models import Channel
from outreach.day.notes import (
    Note,
    Piece,
    Recipient,
    answer,
    compose,
    faults,
    listed,
    month_of,
    named,
    plain,
)
from outreach.messages import segments
from outreach.models.message import Step

TODAY = date(2026, 6, 15)
AMANDA = Recipient("C-1", "Amanda", "Linden flat", date(2026, 3, 4))
THREE = (Piece("Marlow loafer", "Cognac"), Piece("Alder tote", "Sand"), Piece("Ono scarf", "Navy"))
SUFFIX = "\nhttps://notes.example.com/l/AAAAAAAAAAAAAAAAAAAAAA/\nReply STOP to end."


def written(
    client: Recipient = AMANDA,
    items: tuple[Piece, ...] = THREE,
    *,
    channel: Channel = Channel.SMS,
    associate: str = "Maya",
    store: str = "State Street",
    previous: int = 0,
) -> Note:
    return compose(
        Step.OFFER,
        client,
        items,
        associate=associate,
        store=store,
        channel=channel,
        previous=previous,
        on=TODAY,
        suffix=SUFFIX if channel == Channel.SMS else "",
    )


def test_text_greets_says_who_writes_and_one_true_thing() -> None:
    note = written()

    assert note.body.startswith("Hi Amanda, it's Maya at State Street. ")
    assert "Linden flat" in note.body
    assert "March" in note.body
    assert "the Marlow loafer in cognac and two more" in note.body
    assert note.facts == ("Last bought: Linden flat, March",)


def test_email_has_a_greeting_and_a_sign_off() -> None:
    note = written(channel=Channel.EMAIL)

    assert note.body.startswith("Dear Amanda,\n\n")
    assert note.body.endswith(",\nMaya\nState Street")
    assert note.subject != ""


@pytest.mark.parametrize("channel", Channel)
def test_note_is_the_same_for_the_same_client(channel: Channel) -> None:
    assert written(channel=channel) == written(channel=channel)


@pytest.mark.parametrize("channel", Channel)
def test_no_sentence_follows_itself(channel: Channel) -> None:
    def sentences(note: Note) -> set[str]:
        return {
            sentence
            for sentence in note.body.replace("\n", " ").replace("?", ".").split(". ")
            if not sentence.startswith(("Hi Amanda", "Dear Amanda"))
        }

    notes = [written(channel=channel, previous=number) for number in range(12)]

    for earlier, later in pairwise(notes):
        assert sentences(earlier) & sentences(later) == set()


NAMES = ("Amanda", "", "   ", "Élodie", "Łucja", "美香", "ΕΛΕΝΗ", "Jean-Baptiste " * 9, "[first]")
PURCHASES = (
    "Linden flat",
    "",
    "SABINE PUMP 90 MM",
    "A very long name " * 9,
    "Зонт",
    "Shirt – 50% off",
)
PRODUCTS = ("Marlow loafer", "STRAP TOP (1)", "Robe d’été", "x" * 300, "帽子", "{{ name }}")


@pytest.mark.parametrize(("name", "purchase", "piece"), list(product(NAMES, PURCHASES, PRODUCTS)))
def test_text_fits_two_plain_segments_and_has_no_fault(
    name: str, purchase: str, piece: str
) -> None:
    client = Recipient("C-7", name, purchase, date(2026, 1, 4))

    for previous in range(4):
        body = written(client, (Piece(piece, "Navy"),) * 3, previous=previous).body

        counted = segments.count(body + SUFFIX)
        assert counted.encoding == segments.Encoding.GSM7
        assert counted.count <= 2
        assert faults(body) == []
        assert "  " not in body
        assert "Hi ," not in body


def test_text_to_a_client_without_a_name_greets_all_the_same() -> None:
    assert written(Recipient("C-9")).body.startswith("Hi, it's Maya at State Street.")


def test_email_to_a_client_without_a_name_greets_all_the_same() -> None:
    assert written(Recipient("C-9"), channel=Channel.EMAIL).body.startswith("Hello,\n\n")


def test_email_keeps_letters_of_other_scripts() -> None:
    client = Recipient("C-9", "美香", "Зонт", date(2026, 3, 4))

    body = written(client, channel=Channel.EMAIL).body

    assert body.startswith("Dear 美香,")
    assert "Зонт" in body


def test_text_shortens_before_it_grows_a_third_segment() -> None:
    long_store = "The House of Very Fine Shoes and Bags on the Corner of Oak and State Street"

    body = written(store=long_store).body

    assert segments.count(body + SUFFIX).count <= 2


def test_offer_without_items_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        written(items=())


def test_offer_of_one_item_does_not_speak_of_several() -> None:
    bodies = [written(items=THREE[:1], previous=number).body for number in range(6)]

    assert not any("more" in body or "one speaks" in body or "them" in body for body in bodies)


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (Piece("Marlow loafer", "Cognac"), "the Marlow loafer in cognac"),
        (Piece("Marlow loafer, cognac", "Cognac"), "the Marlow loafer, cognac"),
        (Piece("STRAP TOP (1)"), "the Strap Top"),
        (Piece("  Two   blanks "), "the Two blanks"),
        (Piece("Tote", "9/4 mix"), "the Tote"),
        (Piece("x" * 41), ""),
        (Piece("x" * 40), f"the {'x' * 40}"),
        (Piece(""), ""),
        (Piece("Sale item"), ""),
    ],
)
def test_named_says_a_product_as_a_person_would(piece: Piece, words: str) -> None:
    assert named(piece) == words


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (THREE, "the Marlow loafer in cognac and two more"),
        (THREE[:2], "the Marlow loafer in cognac and one more"),
        (THREE[:1], "the Marlow loafer in cognac"),
        ((Piece("x" * 99), THREE[1]), "the Alder tote in sand and one more"),
        ((Piece("x" * 99),) * 3, "three new arrivals"),
        ((Piece("x" * 99),), "one new arrival"),
    ],
)
def test_listed_names_the_first_that_can_be_named(items: tuple[Piece, ...], words: str) -> None:
    assert listed(items) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 4), "March"),
        (date(2025, 8, 1), "August"),
        (date(2025, 7, 31), "July 2025"),
    ],
)
def test_month_says_its_year_before_it_could_be_mistaken(day: date, words: str) -> None:
    assert month_of(day, on=TODAY) == words


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("Our summer sale starts.", 1),
        ("Now 20% less", 1),
        ("A 20 percent off", 1),
        ("A voucher for you", 1),
        ("Hi {first_name}", 1),
        ("Hi [name]", 1),
        ("Dear None,", 1),
        ("I saw the salesman's wholesale salmon.", 0),
        ("Two lovely flats, 100 steps away.", 0),
    ],
)
def test_faults_finds_discounts_and_unfilled_places(words: str, codes: int) -> None:
    assert len(faults(words)) == codes


@pytest.mark.parametrize(
    ("words", "bare"),
    [
        ("Élodie", "Élodie"),
        ("Łucja", "Lucja"),
        ("O’Brien – “Bo”", 'O\'Brien - "Bo"'),
        ("38½", "38.5"),
        ("美香", None),
        ("Ana 🌸", None),
    ],
)
def test_plain_loses_no_letter(words: str, bare: str | None) -> None:
    assert plain(words) == bare


def test_answer_thanks_by_name_and_signs() -> None:
    assert "Amanda" in answer(AMANDA, associate="Maya")
    assert answer(AMANDA, associate="Maya").endswith(" Maya")
    assert answer(Recipient("C-9"), associate="Maya") == (
        "Thank you. I will look and write right back. Maya"
    )
