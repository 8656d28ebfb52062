"""What has changed on an open page: each card says what it shows, and is told the difference.

A card's own words are the cursor: nothing has to be remembered between two questions, and a tablet
that slept or lost one answer is told the rest with the next.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote, unquote
from zlib import crc32

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from clienteling.defaults import SUGGESTIONS_SHOWN
from clienteling.models import Store, User
from clienteling.prepared import Given, GivenAnyOf, GivenMoment, Prepared
from customers.appropriateness import ItemFacts
from customers.facts import item_facts
from customers.models import Customer
from outreach.day import wording
from outreach.day.facts import CardFacts
from outreach.models.message import COUNTS_AS_CONTACT, FIRST_MOVES, Message

MOST_CARDS = 60
LONGEST_NUMBER = 18  # digits that a bigint surely holds
LATELY = timedelta(days=1)  # a note older than this had been counted when the card was drawn


class ShownItem(NamedTuple):
    """An item as a card shows it: which, in whose size, and a code of the words beside it."""

    product_id: int
    size: str
    code: str


class Shown(NamedTuple):
    """A card as it is on the page. `claim` is the code of what it says of colleagues."""

    customer: int
    claim: str
    items: tuple[ShownItem, ...]


@dataclass(frozen=True)
class StockLine:
    """The line beneath an item, as `_stock_line.html` draws it. `is_gone`: no piece is left."""

    price: str
    stock: str
    is_low: bool
    is_gone: bool

    @property
    def code(self) -> str:
        return _code(f"{self.price}|{self.stock}|{self.is_gone}")


@dataclass(frozen=True)
class Claim:
    """Why this client is not to be written to any more since the card was drawn."""

    blocker: str
    sentence: str

    @property
    def code(self) -> str:
        return _code(self.sentence)


@dataclass(frozen=True)
class CardNews:
    """What is to be drawn anew on one card: lines by place, and the claim where it changed."""

    pk: int
    lines: tuple[tuple[int, StockLine], ...]
    claim: Claim | None
    has_new_claim: bool
    shown: str


def of_card(facts: CardFacts) -> str:
    """What this card shows, for the page to hand back when it asks for news."""
    items = []
    for item in facts.shown:
        known = facts.known_items[item.product_id]
        size = facts.client.sizes.get(known.category, "")
        items.append(ShownItem(item.product_id, size, stock_line(known, size).code))
    return _written(Shown(facts.customer.pk, "", tuple(items)))


def stock_line(item: ItemFacts | None, size: str) -> StockLine:
    """Price and stock in her size; an item that is no longer on record is gone."""
    if item is None:
        return StockLine("", "no longer sold", is_low=True, is_gone=True)
    words = wording.stock_words(item.stock, size)
    is_gone = item.stock is not None and not sum(item.stock.values())
    return StockLine(wording.money(item.price), words.words, words.is_low, is_gone)


def news(texts: Sequence[str], user: User, store: Store, *, now: datetime) -> tuple[CardNews, ...]:
    """The cards that are not what they were, of those a page says it shows: two queries."""
    shown = [card for card in map(_read, texts[:MOST_CARDS]) if card]
    if not shown:
        return ()
    products = {item.product_id for card in shown for item in card.items}
    known = item_facts(products, store, now=now)
    claims = _claims({card.customer for card in shown}, user, store, now)
    found = (_card_news(card, known, claims.get(card.customer)) for card in shown)
    return tuple(each for each in found if each)


def _card_news(card: Shown, known: Mapping[int, ItemFacts], claim: Claim | None) -> CardNews | None:
    drawn = [stock_line(known.get(item.product_id), item.size) for item in card.items]
    changed = tuple(
        (place, line)
        for place, (item, line) in enumerate(zip(card.items, drawn, strict=True), start=1)
        if line.code != item.code
    )
    code = claim.code if claim else ""
    if not changed and code == card.claim:
        return None
    items = (item._replace(code=line.code) for item, line in zip(card.items, drawn, strict=True))
    text = _written(Shown(card.customer, code, tuple(items)))
    return CardNews(card.customer, changed, claim, code != card.claim, text)


# --- Who else was quicker ------------------------------------------------------------------------
def _claims(
    customers: Collection[int], user: User, store: Store, now: datetime
) -> dict[int, Claim]:
    """Clients on the page whom somebody has taken or written to meanwhile: one query.

    Asked only about clients this person may see.
    """
    rows = _CLAIMS.rows(customers=list(customers), store=store.pk, now=now)
    found = (
        (pk, _claim(owner, called, notes, user, store, now)) for pk, owner, called, notes in rows
    )
    return {pk: claim for pk, claim in found if claim}


def _claim(
    owner: int | None,
    called: str | None,
    notes: Sequence[Mapping[str, Any]],
    user: User,
    store: Store,
    now: datetime,
) -> Claim | None:
    if owner not in (None, user.pk):
        sentence = f"{called} looks after her now. Your words are kept."
        return Claim("claimed-by-colleague", sentence)
    if not notes:
        return None
    note = notes[0]
    who = "You" if note["sender"] == user.pk else note["by"]
    at = wording.moment_words(datetime.fromisoformat(note["at"]), store.zone, now=now)
    return Claim("contacted-recently", f"{who} wrote to her at {at}. Your words are kept.")


def _claims_of_given() -> "QuerySet[Customer, Any]":
    notes = (
        Message.objects.filter(
            customer=OuterRef("pk"),
            step__in=FIRST_MOVES,
            state__in=COUNTS_AS_CONTACT,
            queued_at__gt=GivenMoment() - LATELY,
        )
        .order_by("-queued_at")
        .values(
            row=JSONObject(
                sender="sender_id",
                by=_signature("sender"),
                at="queued_at",
            )
        )
    )
    return (
        Customer.objects.filter(pk=GivenAnyOf("customers"), store=Given("store", BigIntegerField()))
        .order_by()
        .annotate(lately=ArraySubquery(notes[:1]))
        .values_list("pk", "associate_id", _signature("associate"), "lately")
    )


def _signature(person: str) -> Coalesce:
    return Coalesce(NullIf(f"{person}__first_name", Value("")), f"{person}__username")


_CLAIMS = Prepared(_claims_of_given)


# --- The words of a card about itself ------------------------------------------------------------
def _written(card: Shown) -> str:
    """`12*c0de*101_ab12_38*102_cd34_M`: letters that need no escape in an address."""
    items = (f"{each.product_id}_{each.code}_{quote(each.size, safe='')}" for each in card.items)
    return "*".join([str(card.customer), card.claim, *items])


def _read(text: str) -> Shown | None:
    """None for what no card of ours says."""
    try:
        customer, claim, *items = text.split("*")
        return Shown(_number(customer), claim, tuple(_item(each) for each in _few(items)))
    except ValueError:
        return None


def _item(text: str) -> ShownItem:
    product, code, size = text.split("_", 2)
    return ShownItem(_number(product), unquote(size)[:20], code)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        raise ValueError("No row of ours has this number.")
    return int(text)


def _few(items: Iterable[str]) -> list[str]:
    few = list(items)
    if len(few) > SUGGESTIONS_SHOWN:
        raise ValueError("A card shows no more than three.")
    return few


def _code(words: str) -> str:
    return f"{crc32(words.encode()):08x}"
