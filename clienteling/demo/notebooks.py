"""What the first associate has noted of his clients: words, what they never want, their sizes.

Chosen by place in the book and not by chance: nothing else in the shop changes by it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from catalog.models import Category
from clienteling.demo.clients import Client
from clienteling.models import User
from customers.models import ClientNote, ImportantDate, StatedSize
from customers.note_rules import RuleKind

# Words, and days ago.
AMANDAS = (
    ("Her sister marries in spring: she looks for something in champagne, not too high.", 40),
    ("Walks to work along the lake. Soles matter.", 210),
)
WORDS = (
    "Her daughter is off to college; coffee black, always in a hurry.",
    "Buys for two: asks for a second pair in her sister's size.",
    "Comes with the dog. Water bowl behind the till.",
    "Wide instep, never says so.",
    "Likes to be told what it is made of, and by whom.",
    "Travels in January and August.",
)
RULES = (
    (RuleKind.MATERIAL, "Suede", None),
    (RuleKind.COLOR, "Silver", None),
    (RuleKind.PRICE_ABOVE, "", Decimal(600)),
    (RuleKind.SUBCATEGORY, "Sneakers", None),
)
EVERY_FOURTH = 4


def notes(book: Sequence[Client], associate: User, *, now: datetime) -> Iterator[ClientNote]:
    """Amanda's two and her rule, then a line for every fourth of his clients, some with a rule."""
    amanda = book[0].customer
    for words, days in AMANDAS:
        yield ClientNote(
            customer=amanda, words=words, written_by=associate, written_at=_ago(now, days)
        )
    yield ClientNote(
        customer=amanda,
        rule=RuleKind.MATERIAL,
        value="Velvet",
        written_by=associate,
        written_at=_ago(now, 180),
    )
    for place, client in enumerate(_his(book, associate)[::EVERY_FOURTH]):
        is_rule = place % 2 == 1
        kind, value, price = RULES[place // 2 % len(RULES)]
        yield ClientNote(
            customer=client.customer,
            words=WORDS[place % len(WORDS)],
            rule=kind if is_rule else "",
            value=value if is_rule else "",
            price=price if is_rule else None,
            written_by=associate,
            written_at=_ago(now, 20 + place),
        )


def sizes(
    book: Sequence[Client], associate: User, shoes: Category, *, now: datetime
) -> Iterator[StatedSize]:
    """Amanda's size as she says it, which is the one she buys."""
    yield StatedSize(
        customer=book[0].customer,
        category=shoes,
        size=book[0].sizes[shoes.name],
        stated_at=_ago(now, 180),
        noted_by=associate,
    )


def dates(book: Sequence[Client], associate: User, *, now: datetime) -> Iterator[ImportantDate]:
    """The wedding of Amanda's sister: a day in spring, told in passing."""
    yield ImportantDate(
        customer=book[0].customer,
        kind=ImportantDate.Kind.OTHER,
        label="Her sister's wedding",
        month=5,
        day=16,
        noted_by=associate,
        noted_at=_ago(now, 40),
    )


def _his(book: Sequence[Client], associate: User) -> list[Client]:
    return [client for client in book[1:] if client.associate is associate and client.visits]


def _ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)
