"""What clients did on their pages: who looked, who loved what, what is kept, who comes by."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from catalog.models import Product, StockLevel
from clienteling.models import User
from outreach.models import Lookbook, LookbookItem, PageGesture
from outreach.page import coming, holds
from outreach.page.holds import CannotHold

# Of those who opened it; the others may have been a scanner.
TOUCHED_SHARE, LOVED_SHARE = 0.72, 0.2
ASKED_AGO = timedelta(minutes=35)
LOOKED_AT = 20

Kind = PageGesture.Kind


def gestures(
    books: Iterable[Lookbook], items: Sequence[LookbookItem], *, now: datetime, random: Random
) -> Iterator[PageGesture]:
    """What a person did on the pages that were opened, some minutes afterwards."""
    first = {item.lookbook: item.product for item in items if item.position == 1}
    for book in books:
        if book.first_opened_at is None or random.random() > TOUCHED_SHARE:
            continue
        at = min(book.first_opened_at + timedelta(minutes=random.randint(0, 5)), now)
        yield PageGesture(lookbook=book, kind=Kind.LOOKED, at=at)
        if random.random() < LOVED_SHARE:
            yield PageGesture(lookbook=book, kind=Kind.LOVE_IT, product=first[book], at=at)


def keep_one_and_expect_one(associate: User, *, now: datetime) -> None:
    """A pair waits for her to confirm, and another client said when she comes by."""
    written = Lookbook.objects.filter(associate=associate, created_at__lte=now - ASKED_AGO)
    newest = written.select_related("customer", "associate", "store").order_by("-created_at", "pk")
    pages = list(newest[:LOOKED_AT])
    kept = next((page for page in pages if _is_kept(page, now - ASKED_AGO)), None)
    for page in [page for page in pages if page != kept][:1]:
        coming.say(page, coming.offered(page, now=now)[-1], now=now)


def _is_kept(page: Lookbook, at: datetime) -> bool:
    """Whether something of her page could be put aside, in a size that is here."""
    for item in page.items.select_related("product"):
        for size in _sizes_here(page, item.product):
            try:
                holds.ask(page, item.product, size, now=at)
            except CannotHold:
                continue
            return True
    return False


def _sizes_here(page: Lookbook, product: Product) -> list[str]:
    here = StockLevel.objects.filter(variant__product=product, store=page.store, quantity__gt=0)
    return list(here.order_by("pk").values_list("variant__size", flat=True))
