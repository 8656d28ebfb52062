"""The closet: what she owns, by category, and apart from it what she sent back. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse

from clienteling.models import Store
from customers import history
from customers.models import Customer, LineItem
from outreach.day import wording
from outreach.day.timeline import Tab

PIECES_SHOWN = 24
SENT_BACK = "sent-back"
UNSORTED = "Other things"


@dataclass(frozen=True)
class Piece:
    """A product she took home, with her size and the day; several of one are counted."""

    name: str
    line: str
    picture_url: str
    is_back: bool = False


@dataclass(frozen=True)
class Rail:
    """The pieces of one category that are on the page."""

    heading: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Closet:
    """A page of it; `earlier_url` and `later_url` are "" at its ends."""

    tabs: tuple[Tab, ...]
    rails: tuple[Rail, ...]
    said: str = ""
    later_url: str = ""
    earlier_url: str = ""


@dataclass(frozen=True)
class _Owned:
    """A product with its newest purchase; `left` pieces of it are still hers."""

    line: LineItem
    bought_on: date
    left: int

    @property
    def category(self) -> str:
        category = self.line.product.category
        return category.name if category else UNSORTED


def of_client(
    customer: Customer,
    known: history.Record,
    store: Store,
    *,
    now: datetime,
    wanted: str = "",
    page: int = 1,
) -> Closet:
    """The closet from her record; `wanted` is a category, or what she sent back.

    Without `wanted` it is everything she owns. A page that does not exist is the nearest one.
    """
    everything = list(_things(known, store))
    owned = [each for each in everything if each.left > 0]
    back = [each for each in everything if each.left <= 0]
    counts = Counter(each.category for each in owned)
    wanted = wanted if wanted in counts or (wanted == SENT_BACK and back) else ""
    chosen = back if wanted == SENT_BACK else [e for e in owned if wanted in ("", e.category)]
    chosen.sort(key=lambda each: (each.category == UNSORTED, each.category))
    pages = max(1, -(-len(chosen) // PIECES_SHOWN))
    page = min(max(page, 1), pages)
    shown = chosen[(page - 1) * PIECES_SHOWN : page * PIECES_SHOWN]
    return Closet(
        tabs=_tabs(customer, counts, len(back), wanted),
        rails=_rails(shown, store.local(now).date(), is_back=wanted == SENT_BACK),
        said=f"Page {page} of {pages}" if pages > 1 else "",
        later_url=_url(customer, wanted, page - 1) if page > 1 else "",
        earlier_url=_url(customer, wanted, page + 1) if page < pages else "",
    )


def _things(known: history.Record, store: Store) -> Iterable[_Owned]:
    """Each product once, the one bought last first."""
    left: dict[int, int] = defaultdict(int)
    newest: dict[int, LineItem] = {}
    for line in known.items:
        left[line.product_id] += line.quantity
        if line.quantity > 0:
            newest.setdefault(line.product_id, line)
    for number, line in newest.items():
        yield _Owned(line, store.local(line.purchased_at).date(), left[number])


def _rails(things: Sequence[_Owned], today: date, *, is_back: bool) -> tuple[Rail, ...]:
    return tuple(
        Rail(heading, tuple(_piece(each, today, is_back=is_back) for each in some))
        for heading, some in groupby(things, key=lambda each: each.category)
    )


def _piece(thing: _Owned, today: date, *, is_back: bool) -> Piece:
    product, size = thing.line.product, thing.line.variant.size
    return Piece(
        name=product.name,
        line=" · ".join(
            filter(
                None,
                (
                    size if wording.is_size(size) else "",
                    f"{thing.left} of them" if thing.left > 1 else "",
                    "sent back" if is_back else "",
                    wording.short_day(thing.bought_on, on=today),
                ),
            )
        ),
        picture_url=product.picture_url,
        is_back=is_back,
    )


def _tabs(customer: Customer, counts: Counter[str], back: int, wanted: str) -> tuple[Tab, ...]:
    if not counts and not back:
        return ()
    ordered = sorted(counts, key=lambda name: (name == UNSORTED, name))
    tabs = [Tab("All", _url(customer, ""), counts.total(), not wanted)]
    tabs += [Tab(name, _url(customer, name), counts[name], name == wanted) for name in ordered]
    if back:
        tabs.append(Tab("Sent back", _url(customer, SENT_BACK), back, wanted == SENT_BACK))
    return tuple(tabs)


def _url(customer: Customer, wanted: str, page: int = 1) -> str:
    said = {"closet": wanted, "page": str(page) if page > 1 else ""}
    query = urlencode({key: value for key, value in said.items() if value})
    path = reverse("client", args=[customer.customer_id])
    return f"{path}?{query}#closet" if query else f"{path}#closet"
