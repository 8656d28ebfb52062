"""The client's page in words: who wrote, what of it is here now. Nothing about the client."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from clienteling.defaults import HOLD_HOURS
from clienteling.models import Store
from outreach.day import pieces, wording
from outreach.day.pieces import Piece
from outreach.lookbook import ShownItem
from outreach.messages import unsubscribe_link
from outreach.models import Lookbook, Message
from outreach.page import code_picture, coming, counter
from outreach.page import words as page_words

NOT_HERS = "You are signed in, so this is not counted: only the client answers here."
TOO_OFTEN = "That was a lot at once. Please wait a while, or answer the note itself."
REPLY, COMING = "reply", "come"
"""Where a fault stands that is about no piece; else it stands under its style."""


@dataclass(frozen=True)
class Visit:
    """A time she may choose to come by; `says` is what pressing it sends."""

    label: str
    says: str
    is_pressed: bool


@dataclass(frozen=True)
class Pass:
    """What she shows or says in the store: the drawing of a square code, and six characters."""

    code: str
    aloud: str
    path: str
    side: int


@dataclass(frozen=True)
class Page:
    """What the template draws. It knows the associate and the store, and nobody else.

    `drafted` is what she had written when something was wrong with it.
    """

    url: str
    title: str
    store: str
    associate: str
    initials: str
    heading: str
    as_of: str
    pieces: tuple[Piece, ...]
    visits: tuple[Visit, ...]
    visit_words: str
    visit_fault: str
    card: Pass
    may_reply: bool
    reply_words: str
    reply_fault: str
    drafted: str
    form_token: str
    stop_url: str
    address: str
    open_until: str
    hold_hours: int = HOLD_HOURS


def of(
    book: Lookbook,
    items: Sequence[ShownItem],
    *,
    now: datetime,
    faults: Mapping[str, str] | None = None,
    drafted: str = "",
) -> Page:
    """The page as it stands at `now`, with its `items` just read.

    `faults` are sentences by the style of the piece that they stand under, or `REPLY`, `COMING`.
    """
    store, associate, faults = book.store, book.associate.signature, faults or {}
    shop = store.name if store else "our store"
    note = _note_of(book)
    visits, visit_words = _visiting(book, now)
    around = pieces.around(book, items, faults, now=now)
    return Page(
        url=reverse("lookbook", args=[book.token]),
        title=f"Picked for you, by {associate} at {shop}",
        store=shop,
        associate=associate,
        initials=book.associate.initials,
        heading=_heading(len(items)),
        as_of=_as_of(store, now),
        pieces=tuple(pieces.piece(item, around) for item in items),
        visits=visits,
        visit_words=visit_words,
        visit_fault=faults.get(COMING, ""),
        card=_pass(book),
        may_reply=note is not None and bool(note.to_address),
        reply_words=_reply_words(book, note),
        reply_fault=faults.get(REPLY, ""),
        drafted=drafted,
        form_token=uuid4().hex,
        stop_url=unsubscribe_link.url(note) if note else "",
        address=store.postal_address if store else "",
        open_until=wording.full_day(_local(store, book.expires_at).date(), on=now.date()),
    )


def _note_of(book: Lookbook) -> Message | None:
    """The note it came with; loaded together with the page, or none."""
    return getattr(book, "message", None)


def _heading(number: int) -> str:
    words = {1: "One new thing", 2: "Two new things", 3: "Three new things"}
    return f"{words.get(number, 'New things')}, and I thought of you."


def _as_of(store: Store | None, now: datetime) -> str:
    local = _local(store, now)
    return f"Prices and sizes as of {local.hour}:{local:%M} today"


def _local(store: Store | None, moment: datetime) -> datetime:
    return store.local(moment) if store else moment


# --- Coming by, writing back, in the store --------------------------------------------------------
def _visiting(book: Lookbook, now: datetime) -> tuple[tuple[Visit, ...], str]:
    """The times to choose from, and the sentence once she is expected at one: two queries."""
    at = coming.expected(book, now=now)
    times = coming.offered(book, now=now)
    named = times if at is None or at in times else (at, *times[1:])
    words = f"{book.associate.signature} expects you {_when(book, at, now)}." if at else ""
    return tuple(_visit(book, time, now, is_pressed=time == at) for time in named), words


def _visit(book: Lookbook, at: datetime, now: datetime, *, is_pressed: bool) -> Visit:
    label = wording.capital(_when(book, at, now))
    return Visit(label, "" if is_pressed else at.isoformat(), is_pressed)


def _when(book: Lookbook, at: datetime, now: datetime) -> str:
    """`today at 17:00`, `Thursday at 12:00`; an announced time only stands in a store's page."""
    local, today = _local(book.store, at), _local(book.store, now).date()
    clock = f"{local.hour}:{local:%M}"
    if local.date() == today:
        return f"today at {clock}"
    days = (local.date() - today).days
    return f"tomorrow at {clock}" if days == 1 else f"{local:%A} at {clock}"


def _reply_words(book: Lookbook, note: Message | None) -> str:
    """Said once she has written, for the page itself shows no word of hers."""
    if note is None or not page_words.has_written(note):
        return ""
    return f"{book.associate.signature} has your words, and will answer you."


def _pass(book: Lookbook) -> Pass:
    code = counter.code_of(book)
    address = settings.PUBLIC_BASE_URL + reverse("lookbook-in-store", args=[book.token])
    path, side = code_picture.path_of(address)
    return Pass(counter.spelled(code), ", ".join(code), path, side)
