"""The client's page in words: who wrote, what of it is here now. Nothing about the client."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from clienteling.models import Store
from customers.feedback import Kind
from outreach import lookbook
from outreach.day import wording
from outreach.models import Lookbook

NOT_HERS = "You are signed in, so this is not counted: only the client answers here."


@dataclass(frozen=True)
class Answer:
    """A button under a piece. `says` is what pressing it sends: blank once it is pressed."""

    label: str
    icon: str
    says: str
    is_pressed: bool


@dataclass(frozen=True)
class Piece:
    """One of the three, with the number the note gave it, and her answer in `said`."""

    number: int
    style: str
    name: str
    alt: str
    picture_url: str
    price: str
    sizes: tuple[wording.Size, ...]
    stock: str
    answers: tuple[Answer, ...]
    said: str


@dataclass(frozen=True)
class Page:
    """What the template draws. It knows the associate and the store, and nobody else."""

    url: str
    title: str
    store: str
    associate: str
    initials: str
    heading: str
    as_of: str
    pieces: tuple[Piece, ...]
    how_to_answer: str
    address: str
    open_until: str


def of(book: Lookbook, *, now: datetime, refused: str = "") -> Page:
    """The page as it stands at `now`; prices and stock are read again each time.

    `refused` is the style of a piece on which an answer was not taken.
    """
    store, associate = book.store, book.associate.signature
    pieces = tuple(_piece(item, associate, refused) for item in lookbook.current(book, now=now))
    shop = store.name if store else "our store"
    return Page(
        url=reverse("lookbook", args=[book.token]),
        title=f"Picked for you, by {associate} at {shop}",
        store=shop,
        associate=associate,
        initials=book.associate.initials,
        heading=_heading(len(pieces)),
        as_of=_as_of(store, now),
        pieces=pieces,
        how_to_answer=f"Just answer the note you had from {associate}: a number is enough, "
        "and your size if you want it kept.",
        address=store.postal_address if store else "",
        open_until=wording.full_day(_local(store, book.expires_at).date(), on=now.date()),
    )


def _heading(number: int) -> str:
    words = {1: "One new thing", 2: "Two new things", 3: "Three new things"}
    return f"{words.get(number, 'New things')}, and I thought of you."


def _as_of(store: Store | None, now: datetime) -> str:
    local = _local(store, now)
    return f"Prices and sizes as of {local.hour}:{local:%M} today"


def _local(store: Store | None, moment: datetime) -> datetime:
    return store.local(moment) if store else moment


def _piece(item: lookbook.ShownItem, associate: str, refused: str) -> Piece:
    product = item.product
    return Piece(
        number=item.position,
        style=product.style,
        name=product.name,
        alt=f"{product.name} in {product.color.lower()}" if product.color else product.name,
        picture_url=product.picture_url,
        price=wording.money(item.price) if item.price is not None else "Price on request",
        sizes=wording.sizes_here(item.stock),
        stock=_stock(item),
        answers=(
            _answer("Love it", "heart", Kind.LOVE_IT, item.word),
            _answer("Not for me", "", Kind.NOT_FOR_ME, item.word),
        ),
        said=NOT_HERS if product.style == refused else _said(item.word, associate),
    )


def _answer(label: str, icon: str, kind: Kind, word: str) -> Answer:
    is_pressed = kind == word
    return Answer(label, icon, "" if is_pressed else kind, is_pressed)


def _said(word: str, associate: str) -> str:
    if word == Kind.LOVE_IT:
        return f"{associate} will see that you love it."
    if word == Kind.NOT_FOR_ME:
        return f"Thank you. {associate} will not show you this one again."
    return ""


def _stock(item: lookbook.ShownItem) -> str:
    """A sentence where the sizes alone do not tell."""
    if item.is_sold_out:
        return "Just sold here. Ask, and we will look for another."
    if item.stock is None:
        return "Ask us for sizes."
    return "" if item.sizes_here else "Here in the store."
