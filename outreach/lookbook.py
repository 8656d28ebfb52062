"""The client's page behind the link of a note: making it, and what it shows right now."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from catalog.models import Product
from clienteling.defaults import LOOKBOOK_DAYS
from clienteling.models import User
from customers import feedback
from customers.appropriateness import ItemFacts
from customers.facts import item_facts
from customers.models import Customer, Feedback
from outreach.models import Lookbook, LookbookItem

_TOKEN = re.compile(r"[\w-]{1,43}", re.ASCII)


@dataclass(frozen=True)
class Pick:
    """An item chosen for a note: its price as it was shown, and why she may like it."""

    product_id: int
    price: Decimal | None = None
    because: str = ""


@dataclass(frozen=True)
class ShownItem:
    """An item as the page shows it now. `stock` is pieces by size here; None when nobody knows.

    `word` is what she herself said of it, a kind of feedback; "" when she has said nothing. `went`
    is the item of the note, where this one stands in for it.
    """

    position: int
    product: Product
    because: str
    price: Decimal | None
    stock: Mapping[str, int] | None
    word: str = ""
    went: Product | None = None

    @property
    def sizes_here(self) -> tuple[str, ...]:
        """The sizes of which this store has at least one piece."""
        return tuple(size for size, left in (self.stock or {}).items() if size and left > 0)

    @property
    def is_sold_out(self) -> bool:
        """True only when the store told us so; unknown stock is not sold out."""
        return self.stock is not None and not any(self.stock.values())


def create(
    customer: Customer, items: Sequence[Pick], *, associate: User, now: datetime
) -> Lookbook:
    """Make her a page of these items, in this order; it lives for `LOOKBOOK_DAYS`.

    The page shows the stock of her own store, or of the associate's when she has none.
    """
    book = Lookbook.objects.create(
        customer=customer,
        associate=associate,
        store=customer.store or associate.store,
        created_at=now,
        expires_at=now + timedelta(days=LOOKBOOK_DAYS),
    )
    LookbookItem.objects.bulk_create(
        LookbookItem(
            lookbook=book,
            position=position,
            product_id=pick.product_id,
            price=pick.price,
            because=pick.because[:200],
        )
        for position, pick in enumerate(items, start=1)
    )
    return book


def url(book: Lookbook) -> str:
    """The address she opens, reachable from outside."""
    return settings.PUBLIC_BASE_URL + path(book)


def path(book: Lookbook) -> str:
    """The same without the host."""
    return reverse("lookbook", args=[book.token])


def find(token: str, *, now: datetime) -> Lookbook | None:
    """The page with this token; None alike for an unknown and for an expired one."""
    if not _TOKEN.fullmatch(token):
        return None
    return (
        Lookbook.objects.select_related("customer", "associate", "store", "message")
        .filter(token=token, expires_at__gt=now)
        .first()
    )


def current(book: Lookbook, *, now: datetime) -> list[ShownItem]:
    """Its items with price and stock as they are in this moment; nothing once it has expired."""
    if book.expires_at <= now:
        return []
    items = list(
        book.items.select_related(*_DRAWN).annotate(
            word=Subquery(_her_own_words(book).values("kind")[:1])
        )
    )
    facts = item_facts([item.shown_id for item in items], book.store, now=now)
    return [_shown(item, facts[item.shown_id]) for item in items]


_DRAWN = (
    "product__brand",
    "product__category",
    "understudy__brand",
    "understudy__category",
)


def _shown(item: LookbookItem, facts: ItemFacts) -> ShownItem:
    return ShownItem(
        position=item.position,
        product=item.understudy or item.product,
        because=item.understudy_because if item.understudy else item.because,
        price=facts.price,
        stock=facts.stock,
        word=item.word or "",  # type: ignore[attr-defined]  # annotated by current
        went=item.product if item.understudy else None,
    )


def piece(book: Lookbook, style: str) -> tuple[int, Product] | None:
    """The place and the product of a style that her page shows; None when it does not."""
    own = Q(understudy=None, product__style=style)
    item = (
        book.items.select_related("product", "understudy")
        .filter(own | Q(understudy__style=style))
        .first()
    )
    return (item.position, item.understudy or item.product) if item else None


def answer(book: Lookbook, style: str, kind: str, *, now: datetime) -> int | None:
    """Write down her word on one of the page's items; a blank `kind` takes it back.

    The place of the item on the page; None when it is not on it. The same answer twice is one.
    What an associate noted is not hers to take back, and the page does not show it.
    """
    found = piece(book, style)
    if found is None:
        return None
    position, product = found
    if kind:
        feedback.say(book.customer, product, feedback.Kind(kind), at=now)
    else:
        feedback.forget(book.customer, product, at=now)
    return position


def _her_own_words(book: Lookbook) -> QuerySet[Feedback]:
    words = Feedback.objects.filter(
        customer=book.customer_id,
        product=Coalesce(OuterRef("understudy"), OuterRef("product")),
        said_by=None,
    )
    return words.exclude(kind=feedback.Kind.IGNORED)
