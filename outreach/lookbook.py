"""The client's page behind the link of a note: making it, and what it shows right now."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse

from catalog.models import Product
from clienteling.defaults import LOOKBOOK_DAYS
from clienteling.models import User
from customers import feedback
from customers.facts import item_facts
from customers.models import Customer, Feedback
from outreach.models import Lookbook, LookbookItem

# Who opens links without being her: previewers of messengers and mail, crawlers, command lines.
# iMessage calls itself Facebook's and Twitter's bot at once, so "bot" and "facebookexternalhit"
# catch it (docs/messaging.md).
_MACHINES = re.compile(
    r"bot|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|telegram|slack|discord|skype"
    r"|scan|proofpoint|mimecast|barracuda|safelinks|googleimageproxy|monitor|headless|lighthouse"
    r"|curl|wget|python|java/|okhttp|go-http|axios|node-fetch|libwww|httpclient",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Pick:
    """An item chosen for a note: its price as it was shown, and why she may like it."""

    product_id: int
    price: Decimal | None = None
    because: str = ""


@dataclass(frozen=True)
class ShownItem:
    """An item as the page shows it now. `stock` is pieces by size here; None when nobody knows.

    `word` is what she herself said of it, a kind of feedback; "" when she has said nothing.
    """

    position: int
    product: Product
    because: str
    price: Decimal | None
    stock: Mapping[str, int] | None
    word: str = ""

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
    return settings.PUBLIC_BASE_URL + reverse("lookbook", args=[book.token])


def find(token: str, *, now: datetime) -> Lookbook | None:
    """The page with this token; None alike for an unknown and for an expired one."""
    return (
        Lookbook.objects.select_related("customer", "associate", "store")
        .filter(token=token, expires_at__gt=now)
        .first()
    )


def current(book: Lookbook, *, now: datetime) -> list[ShownItem]:
    """Its items with price and stock as they are in this moment; nothing once it has expired."""
    if book.expires_at <= now:
        return []
    items = list(
        book.items.select_related("product__brand", "product__category").annotate(
            word=Subquery(_her_own_words(book).values("kind")[:1])
        )
    )
    facts = item_facts([item.product_id for item in items], book.store, now=now)
    return [
        ShownItem(
            position=item.position,
            product=item.product,
            because=item.because,
            price=facts[item.product_id].price,
            stock=facts[item.product_id].stock,
            word=item.word or "",
        )
        for item in items
    ]


def answer(book: Lookbook, style: str, kind: str, *, now: datetime) -> int | None:
    """Write down her word on one of the page's items; a blank `kind` takes it back.

    The place of the item on the page; None when it is not on it. The same answer twice is one.
    What an associate noted is not hers to take back, and the page does not show it.
    """
    item = book.items.select_related("product").filter(product__style=style).first()
    if item is None:
        return None
    if kind:
        feedback.say(book.customer, item.product, feedback.Kind(kind), at=now)
    else:
        feedback.forget(book.customer, item.product, at=now)
    return item.position


def _her_own_words(book: Lookbook) -> QuerySet[Feedback]:
    words = Feedback.objects.filter(
        customer=book.customer_id, product=OuterRef("product"), said_by=None
    )
    return words.exclude(kind=feedback.Kind.IGNORED)


def note_opened(book: Lookbook, request: HttpRequest, *, now: datetime) -> bool:
    """Remember the first time a person looked; False for machines and for later looks."""
    if not is_person(request):
        return False
    opened = Lookbook.objects.filter(pk=book.pk, first_opened_at=None).update(first_opened_at=now)
    return bool(opened)


def is_person(request: HttpRequest) -> bool:
    """Whether a person seems to look: not a HEAD, not a prefetch, no known machine, no staff."""
    if request.method not in {"GET", "POST"}:
        return False
    purposes = (request.headers.get(name, "") for name in ("Purpose", "Sec-Purpose", "X-Moz"))
    if any("prefetch" in purpose or "preview" in purpose for purpose in purposes):
        return False
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return False
    agent = request.headers.get("User-Agent", "")
    return bool(agent) and not _MACHINES.search(agent)
