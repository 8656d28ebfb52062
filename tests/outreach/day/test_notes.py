import re
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from customers.models import Channel
from outreach.day.notes import (
    AS_EVER,
    Fact,
    Manner,
    Note,
    Pair,
    Part,
    Piece,
    Recipient,
    Wording,
    answer,
    compose,
    faults,
    listed,
    marked,
    month_of,
    named,
    plain,
    rests_on,
)
from outreach.messages import segments
from outreach.models.message import Step
from outreach.models.note import Tone

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
    manner: Manner = AS_EVER,
    step: Step = Step.OFFER,
) -> Note:
    return compose(
        step,
        client,
        items,
        associate=associate,
        store=store,
        channel=channel,
        previous=previous,
        on=TODAY,
        suffix=SUFFIX if channel == Channel.SMS else "",
        manner=manner,
    )


def test_text_greets_says_who_writes_and_one_true_thing() -> None:
    note = written()

    assert note.body.startswith("Hi Amanda, it's Maya at State Street. ")
    assert "Linden flat" in note.body
    assert "March" in note.body
    assert "the Marlow loafer in cognac and two more" in note.body
    assert note.facts == (Fact("bought Linden flat in March", ("Linden flat", "March")),)


def test_email_has_a_greeting_and_a_sign_off() -> None:
    note = written(channel=Channel.EMAIL)

    assert note.body.startswith("Dear Amanda,\n\n")
    assert note.body.endswith(",\nMaya\nState Street")
    assert note.subject != ""


@pytest.mark.parametrize("channel", Channel)
def test_note_is_the_same_for_the_same_client(channel: Channel) -> None:
    assert written(channel=channel) == written(channel=channel)


def sentences(body: str) -> set[str]:
    return {each.strip() for each in body.replace("\n", " ").replace("?", ".").split(". ")}


KIND_STEPS = tuple(step for step in Step if step not in (Step.OFFER, Step.ANSWER))
KNOWN_WELL = replace(
    AMANDA,
    pairs=(Pair(THREE[1], "Sabine pump"),),
    in_her_size=THREE[:1],
    piece="Linden flat",
    occasion="birthday",
    tip="Let leather rest for a day between two wearings.",
)


@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("client", [AMANDA, KNOWN_WELL, Recipient("C-9")], ids=["some", "all", "0"])
def test_no_sentence_follows_itself(client: Recipient, channel: Channel, tone: Tone) -> None:
    said: tuple[str, ...] = ()

    for previous in range(12):
        body = written(
            replace(client, said=said), channel=channel, previous=previous, manner=Manner(tone)
        ).body
        last = sentences(said[0]) if said else set()
        assert sentences(body) & last == set()
        said = (body, *said)


@pytest.mark.parametrize("step", KIND_STEPS)
@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("channel", Channel)
def test_no_kind_word_follows_itself(step: Step, channel: Channel, tone: Tone) -> None:
    said: tuple[str, ...] = ()

    for _ in range(6):
        client = replace(KNOWN_WELL, tip="", said=said) if step != Step.TIP else KNOWN_WELL
        client = replace(client, said=said)
        body = written(client, (), channel=channel, step=step, manner=Manner(tone)).body
        own = {each for each in sentences(body) if "Let leather" not in each}
        last = sentences(said[0]) if said else set()
        assert own & last == set()
        said = (body, *said)


@pytest.mark.parametrize("tone", Tone)
def test_sentence_she_was_really_sent_is_not_drafted_again(tone: Tone) -> None:
    draft = written(manner=Manner(tone)).body
    by_hand = f"Something of her own first. {draft} And more."

    again = written(replace(AMANDA, said=(by_hand,)), manner=Manner(tone)).body

    assert sentences(again) & sentences(draft) == set()


@pytest.mark.parametrize("channel", Channel)
def test_tones_do_not_sound_alike(channel: Channel) -> None:
    bodies = {tone: written(channel=channel, manner=Manner(tone)).body for tone in Tone}

    assert len(set(bodies.values())) == 3
    assert len(bodies[Tone.BRIEF]) < len(bodies[Tone.WARM])


def test_note_may_rest_on_a_piece_she_owns_or_on_her_size() -> None:
    facts = {written(KNOWN_WELL, previous=number).facts for number in range(3)}

    assert facts == {
        (Fact("bought Linden flat in March", ("Linden flat", "March")),),
        (Fact("has the Sabine pump", ("Sabine pump",)),),
        (Fact("Marlow loafer is here in her size", ("Marlow loafer", "size")),),
    }


def test_every_fact_stands_in_its_note() -> None:
    for tone, previous in product(Tone, range(9)):
        note = written(KNOWN_WELL, previous=previous, manner=Manner(tone))
        [fact] = note.facts
        assert rests_on(note.body, note.facts) == note.facts
        assert [part.words for part in marked(note.body, fact) if part.is_fact] != []


def test_marked_cuts_the_sentence_at_the_words_of_the_fact() -> None:
    fact = Fact("bought Linden flat in March", ("Linden flat", "March"))

    assert marked("Hi. I thought of the Linden flat you chose in March. So?", fact) == (
        Part("I thought of the ", False),
        Part("Linden flat", True),
        Part(" you chose in ", False),
        Part("March", True),
        Part(".", False),
    )
    assert marked("Something else.", fact) == ()


def test_fact_she_has_taken_out_is_none_the_note_rests_on() -> None:
    note = written()

    assert rests_on("Do come by one day.", note.facts) == ()


TEMPLATE = Wording(
    "Hello {first_name}, {associate} here. Do have a look at {items}.", "For you", template=7
)


def test_template_is_taken_before_the_houses_words() -> None:
    note = written(manner=Manner(wordings=(TEMPLATE,)))

    assert note.body == (
        "Hello Amanda, Maya here. Do have a look at the Marlow loafer in cognac and two more."
    )
    assert note.made_of == TEMPLATE


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (Recipient("C-9"), "Hello {first_name}, do come and see {items}."),
        (Recipient("C-9", "Zoe"), "I thought of the {purchase} again."),
        (AMANDA, "Long words. " * 60),
        (AMANDA, "A bargain: {items}."),
        (
            replace(AMANDA, said=("So: Do come and see the Ono scarf soon. M.",)),
            "Do come and see {items} soon.",
        ),
    ],
    ids=["no name", "no purchase", "three segments", "a fault", "said last"],
)
def test_template_that_does_not_suit_her_gives_way(client: Recipient, words: str) -> None:
    note = written(client, manner=Manner(wordings=(Wording(words, template=7),)))

    assert note.made_of is None
    assert note.body != ""


def test_template_returns_after_another_note() -> None:
    first = written(manner=Manner(wordings=(TEMPLATE,)))
    between = written(replace(AMANDA, said=(first.body,)), manner=Manner(wordings=(TEMPLATE,)))
    later = written(
        replace(AMANDA, said=(between.body, first.body)), manner=Manner(wordings=(TEMPLATE,))
    )

    assert [note.made_of for note in (first, between, later)] == [TEMPLATE, None, TEMPLATE]


def test_template_says_which_fact_it_rests_on() -> None:
    words = Wording("Your {purchase} came to mind, {first_name}.", template=7)

    note = written(manner=Manner(wordings=(words,)))

    assert note.facts == (Fact("bought Linden flat in March", ("Linden flat",)),)


def test_value_that_looks_like_a_place_is_never_filled() -> None:
    hostile = replace(AMANDA, last_purchase="{associate}", first_name="{{ client }}")

    body = written(hostile, manner=Manner(wordings=(Wording("The {purchase}!", template=1),))).body

    assert "{" not in body
    assert body.startswith("Hi, it's Maya at State Street.")


@pytest.mark.parametrize("step", KIND_STEPS)
@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("client", [KNOWN_WELL, Recipient("C-9")], ids=["known", "unknown"])
def test_every_step_has_words_without_a_fault(
    client: Recipient, channel: Channel, step: Step
) -> None:
    for tone in Tone:
        note = written(client, (), channel=channel, step=step, manner=Manner(tone))

        assert faults(note.body) == []
        assert "arrival" not in note.body
        assert len(note.body) > 20
        assert (note.subject != "") is True


def test_follow_up_names_the_piece_it_is_about() -> None:
    note = written(KNOWN_WELL, (), step=Step.SERVICE)

    assert "Linden flat" in note.body
    assert note.facts == (Fact("has the Linden flat", ("Linden flat",)),)


def test_tip_is_said_as_the_catalog_says_it() -> None:
    assert KNOWN_WELL.tip in written(KNOWN_WELL, (), step=Step.TIP).body


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


@pytest.mark.parametrize("tone", list(Tone))
@pytest.mark.parametrize("channel", list(Channel))
def test_only_item_is_named_once_where_the_fact_has_named_it(channel: Channel, tone: Tone) -> None:
    in_her_size = replace(AMANDA, last_purchase="", in_her_size=THREE[:1])

    body = written(in_her_size, THREE[:1], channel=channel, manner=Manner(tone)).body

    assert body.count("Marlow loafer") == 1
    assert "new arrival" not in body


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


# --- A day that matters to her -------------------------------------------------------------------
OWN_LABELS = (
    "Mother's funeral",
    "first chemo",
    "https://evil.example/x",
    "{first_name} {{ 7*7 }} %(price)s",
    "50% off sale today",
    "BUY NOW",
    "very long " * 20,
    "יום הולדת",
    "\u202eyadhtrib",
    "<script>alert(1)</script>",
    "birthday of Lena",
    "None",
    " ",
)
CONGRATULATES = re.compile(r"congratulat|happy|lovely day|best on|enjoy|joy|today", re.IGNORECASE)


def wished(occasion: str, **how: Any) -> Note:
    return written(replace(AMANDA, occasion=occasion), (), step=Step.GREETING, **how)


@pytest.mark.parametrize("label", OWN_LABELS)
@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("channel", Channel)
def test_day_in_an_associates_own_words_is_neither_named_nor_congratulated_on(
    channel: Channel, tone: Tone, label: str
) -> None:
    for previous in range(3):
        note = wished(label, channel=channel, manner=Manner(tone), previous=previous)

        assert note == wished("", channel=channel, manner=Manner(tone), previous=previous)
        assert not CONGRATULATES.search(note.body)
        assert note.facts == ()


@pytest.mark.parametrize("label", ["Birthday", "  name   DAY ", "Wedding anniversary"])
@pytest.mark.parametrize("tone", Tone)
def test_happy_day_is_wished_for_by_its_name(tone: Tone, label: str) -> None:
    name = " ".join(label.split()).lower()

    note = wished(label, manner=Manner(tone))

    assert name in note.body
    assert note.facts == (Fact(f"has a {name} soon", (name,)),)


def test_fact_of_an_anniversary_has_its_article() -> None:
    assert wished("anniversary").facts[0].words == "has an anniversary soon"


def test_template_for_wishes_is_left_aside_on_a_day_of_her_own_words() -> None:
    template = Wording("Dear {first_name}, we all wish you a wonderful day!")

    assert wished("birthday", manner=Manner(wordings=(template,))).made_of == template
    assert wished("Mother's funeral", manner=Manner(wordings=(template,))).made_of is None
