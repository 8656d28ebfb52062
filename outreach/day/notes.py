"""The drafted words: warm, true, short, and never twice the same way in a row. Pure.

A text has to fit two segments together with what the outbox adds to it (the link, and the STOP
words on the first one), so several drafts are tried, from the fullest to the plainest, and the
first that fits and has no fault is taken. An email has room, a greeting and a sign-off; the
outbox lists the items with their prices under it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from customers.models import Channel
from outreach.messages import segments
from outreach.models.message import Step

SEGMENTS_AT_MOST = 2
LONGEST_NAME = 40  # a longer product name is read as a stock list, not as a person's words
MONTHS_THAT_NEED_NO_YEAR = 10

NUMBERS = {1: "one", 2: "two", 3: "three"}

MEMORIES = (
    "I thought of the {purchase} you chose in {month}.",
    "The {purchase} you chose in {month} came to mind today.",
    "A few lovely things have come in since you chose the {purchase} in {month}.",
    "Some of our new arrivals would go well beside the {purchase} you chose in {month}.",
)
PLAIN_MEMORIES = (
    "It has been a while, and I thought of you today.",
    "You came to mind when I unpacked the new arrivals.",
)
OFFERS = (
    "I picked {items} for you.",
    "New here, and just your taste I think: {items}.",
    "For you I would start with {items}.",
)
ASKS = (
    "Tell me if one speaks to you.",
    "Would you like to see them?",
    "Which one do you like best?",
)
ASKS_FOR_ONE = ("Does it speak to you?", "Would you like to see it?")

SUBJECTS = (
    "New here, and I thought of you",
    "Picked for you at {store}",
    "A few things I would love to show you",
)
EMAIL_OFFERS = (
    "Of everything new here I would show you {items} first. You find them below.",
    "I picked {items} with you in mind; have a look below.",
    "If you walked in today I would put {items} in front of you. They are listed below.",
)
EMAIL_OFFERS_OF_ONE = (
    "Of everything new here I would show you {items} first. You find it below.",
    "I picked {items} with you in mind; have a look below.",
)
EMAIL_ASKS = (
    "Just answer this email if one speaks to you; I am glad to look up sizes.",
    "Shall I have something ready for you to try? A line back is enough.",
    "Tell me which one you like best, and I will tell you more about it.",
)
CLOSINGS = ("Warmly", "With kind regards", "All the best")

ANSWERS = (
    "Thank you, {first_name}. I will look and write right back.",
    "How lovely to hear from you, {first_name}. Give me a moment.",
)
ANSWERS_TO_NOBODY = ("Thank you. I will look and write right back.",)

# Letters that no decomposition takes apart; the rest is `segments.in_plain_characters`.
OTHER_LETTERS = str.maketrans(
    {"½": ".5", "×": "x", "®": "", "™": "", "ß": "ss", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
)
DISCOUNT_WORDS = re.compile(
    r"\b(sales?|discount\w*|promo\w*|coupons?|vouchers?|clearance|bargains?|mark-?downs?|cheap\w*"
    r"|half price|reduced|deals?)\b|\d\s*%|\b(percent|%)\s*off\b",
    re.IGNORECASE,
)
UNFILLED = re.compile(r"[{}]|\[[^\]]*\]|<[^>]*>|%\(|\b(None|null|undefined|nan)\b")


@dataclass(frozen=True)
class Piece:
    """One of the items as it may be named: `Piece("Marlow loafer", "Cognac")`."""

    name: str
    color: str = ""


@dataclass(frozen=True)
class Recipient:
    """What the words may use of a client; blank where nothing is known."""

    customer_id: str
    first_name: str = ""
    last_purchase: str = ""
    last_purchase_on: date | None = None


@dataclass(frozen=True)
class Note:
    """A draft, and what it says about her, so that the associate can check it."""

    subject: str
    body: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Writer:
    """Whose name stands under the note."""

    associate: str
    store: str


def compose(
    step: Step,
    client: Recipient,
    items: Sequence[Piece],
    *,
    associate: str,
    store: str,
    channel: Channel,
    previous: int,
    on: date,
    suffix: str = "",
) -> Note:
    """Draft the note for one client; the same arguments give the same words.

    `previous` is how many notes she had before: it turns the phrases on, so that no sentence
    follows itself. `suffix` is what the outbox will add to a text; `on` is the store's day.
    Raises ``ValueError`` for an offer without items.
    """
    writer = Writer(associate, store)
    turn = _turn(client.customer_id, previous)
    if step == Step.ANSWER:
        return Note("", answer(client, associate=associate), ())
    if not items:
        raise ValueError("An offer needs at least one item.")
    if channel == Channel.EMAIL:
        return _email(client, items, writer, turn, on)
    return _text(client, items, writer, turn, on, suffix)


def answer(client: Recipient, *, associate: str) -> str:
    """A first line for an answer to her own message, to send while looking something up."""
    first_name = _given(client.first_name)
    words = _at(ANSWERS if first_name else ANSWERS_TO_NOBODY, _turn(client.customer_id, 0))
    return f"{words.format(first_name=first_name)} {associate}"


def faults(words: str) -> list[str]:
    """What must not leave the shop: words of a discount, and places nobody filled in."""
    found = []
    if match := DISCOUNT_WORDS.search(words):
        found.append(f"“{match.group().strip()}” speaks of a discount.")
    if match := UNFILLED.search(words):
        found.append(f"“{match.group()}” was not filled in.")
    return found


def plain(words: str) -> str | None:
    """The words in characters every text may carry, or None where letters would be lost."""
    if segments.BASIC.issuperset(words):
        return " ".join(words.split())
    kept = [_plain_sign(sign) for sign in segments.in_plain_characters(words)]
    return None if None in kept else " ".join("".join(filter(None, kept)).split())


def _plain_sign(sign: str) -> str | None:
    """The sign itself, or its bare letters; None where there are none."""
    simple = sign.translate(OTHER_LETTERS)
    bare = "".join(
        part for part in unicodedata.normalize("NFKD", simple) if not unicodedata.combining(part)
    )
    return next((form for form in (simple, bare) if _costs_nothing_extra(form)), None)


def _costs_nothing_extra(words: str) -> bool:
    return segments.BASIC.issuperset(words)


def named(piece: Piece) -> str:
    """`the Marlow loafer in cognac`; blank where the name is no name to say aloud."""
    name = _readable(piece.name)
    if not name or len(name) > LONGEST_NAME or faults(name):
        return ""
    color = " ".join(piece.color.split()).lower()
    says_color = bool(color) and color not in name.lower() and color.isalpha()
    return f"the {name} in {color}" if says_color else f"the {name}"


def listed(items: Sequence[Piece]) -> str:
    """`the Marlow loafer in cognac and two more`: the first that can be named, and how many."""
    names = [name for name in map(named, items) if name]
    if not names:
        return counted(len(items))
    others = len(items) - 1
    if not others:
        return names[0]
    return f"{names[0]} and {NUMBERS.get(others, str(others))} more"


def counted(number: int) -> str:
    """`three new arrivals`."""
    noun = "new arrival" if number == 1 else "new arrivals"
    return f"{NUMBERS.get(number, str(number))} {noun}"


def month_of(day: date, *, on: date) -> str:
    """`March`, and `March 2025` once that would be ambiguous."""
    months = (on.year - day.year) * 12 + on.month - day.month
    return f"{day:%B}" if months <= MONTHS_THAT_NEED_NO_YEAR else f"{day:%B %Y}"


def _text(
    client: Recipient, items: Sequence[Piece], writer: Writer, turn: int, on: date, suffix: str
) -> Note:
    subject = _subject(writer, turn)
    draft = Note(subject, "", ())
    for body, facts in _texts(client, items, writer, turn, on):
        draft = Note(subject, body, facts)
        fits = segments.count(body + suffix).count <= SEGMENTS_AT_MOST
        if fits and not faults(body):
            break
    return draft


def _texts(
    client: Recipient, items: Sequence[Piece], writer: Writer, turn: int, on: date
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Drafts of a text, the fullest first; the last one says the least."""
    first_name = plain(_given(client.first_name)) or ""
    associate = plain(writer.associate) or writer.associate
    store = plain(writer.store) or ""
    hello = f"Hi {first_name}," if first_name else "Hi,"
    at_store = f" at {store}" if store else ""
    opening = f"{hello} it's {associate}{at_store}."
    offer = _at(OFFERS, turn)
    ask = _at(ASKS if len(items) > 1 else ASKS_FOR_ONE, turn)
    pieces = [Piece(plain(item.name) or "", plain(item.color) or "") for item in items]
    full, short = offer.format(items=listed(pieces)), offer.format(items=counted(len(items)))
    memory, facts = _memory(client, turn, on, in_plain_letters=True)
    simple = _at(PLAIN_MEMORIES, turn)
    yield f"{opening} {memory} {full} {ask}", facts
    yield f"{opening} {memory} {short} {ask}", facts
    yield f"{opening} {memory} {short}", facts
    yield f"{opening} {simple} {full} {ask}", ()
    yield f"{opening} {simple} {short}", ()
    yield f"Hi, it's {associate}{at_store}. {short}", ()
    yield f"Hi, it's {associate}. {short}", ()


def _email(client: Recipient, items: Sequence[Piece], writer: Writer, turn: int, on: date) -> Note:
    first_name = _given(client.first_name)
    memory, facts = _memory(client, turn, on, in_plain_letters=False)
    offer = _at(EMAIL_OFFERS if len(items) > 1 else EMAIL_OFFERS_OF_ONE, turn)
    paragraphs = [
        f"Dear {first_name}," if first_name and not faults(first_name) else "Hello,",
        f"{memory} {offer.format(items=listed(items))}",
        _at(EMAIL_ASKS, turn),
        f"{_at(CLOSINGS, turn)},\n{writer.associate}\n{writer.store}".rstrip(),
    ]
    return Note(_subject(writer, turn), "\n\n".join(paragraphs), facts)


def _memory(
    client: Recipient, turn: int, on: date, *, in_plain_letters: bool
) -> tuple[str, tuple[str, ...]]:
    """One true sentence about her, and the fact it rests on."""
    name = _readable(client.last_purchase)
    if in_plain_letters:
        name = plain(name) or ""
    if not name or not client.last_purchase_on or len(name) > LONGEST_NAME or faults(name):
        return _at(PLAIN_MEMORIES, turn), ()
    month = month_of(client.last_purchase_on, on=on)
    words = _at(MEMORIES, turn).format(purchase=name, month=month)
    return words, (f"Last bought: {name}, {month}",)


def _subject(writer: Writer, turn: int) -> str:
    subject = _at(SUBJECTS, turn)
    return subject.format(store=writer.store) if writer.store else SUBJECTS[0]


def _turn(customer_id: str, previous: int) -> int:
    """Where in the phrases she stands: a different start for everyone, one on for every note."""
    start = int.from_bytes(blake2b(customer_id.encode(), digest_size=4).digest(), "big")
    return start + previous


def _at(phrases: Sequence[str], turn: int) -> str:
    return phrases[turn % len(phrases)]


def _given(first_name: str) -> str:
    """Her first name as she would write it: one line, no shouting, nothing longer than a name."""
    name = _readable(first_name)
    return "" if len(name) > LONGEST_NAME or UNFILLED.search(name) else name


def _readable(name: str) -> str:
    """One line, without a trailing `(1)`, and not in capitals throughout."""
    bare = re.sub(r"\s*\([^)]*\)\s*$", "", " ".join(name.split()))
    shouted = bare.isupper() and len(bare) > 3
    return bare.title() if shouted else bare
