"""The items of a client's page in words: what is here, what she said, what is kept for her."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Variant
from customers.feedback import Kind
from outreach.day import wording
from outreach.lookbook import ShownItem
from outreach.models import Hold, Lookbook


@dataclass(frozen=True)
class Answer:
    """A button under a piece. `says` is what pressing it sends: blank once it is pressed."""

    label: str
    icon: str
    says: str
    is_pressed: bool


@dataclass(frozen=True)
class Kept:
    """A piece that is kept for her: the hold's number, to give it back, and until when."""

    number: int
    words: str


@dataclass(frozen=True)
class Piece:
    """One of the three, with the number the note gave it, and her answer in `said`.

    `went` names what it stands in for. `choices` are the sizes that can be kept, a blank one where
    it comes without; none where nothing is left. `sorry` says why her last wish was not granted.
    """

    number: int
    style: str
    name: str
    alt: str
    picture_url: str
    price: str
    sizes: tuple[wording.Size, ...]
    stock: str
    went: str
    went_picture_url: str
    answers: tuple[Answer, ...]
    said: str
    kept: tuple[Kept, ...]
    choices: tuple[str, ...]
    sorry: str
    fault: str

    @property
    def has_sizes(self) -> bool:
        return any(wording.is_size(size) for size in self.choices)


@dataclass(frozen=True)
class Around:
    """What the pieces of one page are drawn from, beside the items themselves.

    `holds` are this page's, the oldest first. `uncounted` are the sizes of products of whose stock
    nobody told us. `faults` are sentences by style.
    """

    associate: str
    holds: tuple[Hold, ...]
    uncounted: Mapping[int, tuple[str, ...]]
    faults: Mapping[str, str]
    now: datetime


def around(
    book: Lookbook, items: Sequence[ShownItem], faults: Mapping[str, str], *, now: datetime
) -> Around:
    """One query, and a second where the stock of an item is unknown."""
    holds = book.holds.select_related("store").order_by("asked_at", "pk")
    return Around(book.associate.signature, tuple(holds), _uncounted_sizes(items), faults, now)


def piece(item: ShownItem, page: Around) -> Piece:
    """One piece as it stands on the page."""
    product = item.product
    asked = [hold for hold in page.holds if hold.product_id == product.pk]
    standing = [hold for hold in asked if hold.is_standing(now=page.now)]
    return Piece(
        number=item.position,
        style=product.style,
        name=product.name,
        alt=f"{product.name} in {product.color.lower()}" if product.color else product.name,
        picture_url=product.picture_url,
        price=wording.money(item.price) if item.price is not None else "Price on request",
        sizes=wording.sizes_here(item.stock),
        stock="" if standing else _stock(item),
        went=item.went.name if item.went else "",
        went_picture_url=item.went.picture_url if item.went else "",
        answers=_answers(item),
        said=_said(item.word, page.associate),
        kept=tuple(Kept(hold.pk, _kept_words(hold, page)) for hold in standing),
        choices=_choices(item, {hold.size for hold in standing}, page.uncounted),
        sorry=asked[-1].sentence if asked and not standing else "",
        fault=page.faults.get(product.style, ""),
    )


def _uncounted_sizes(items: Iterable[ShownItem]) -> dict[int, tuple[str, ...]]:
    unknown = [item.product.pk for item in items if item.stock is None]
    found: dict[int, tuple[str, ...]] = {}
    if unknown:
        sizes = Variant.objects.filter(product__in=unknown).values_list("product_id", "size")
        for product, size in sizes.order_by("pk"):
            found[product] = (*found.get(product, ()), size)
    return found


def _choices(
    item: ShownItem, kept: set[str], uncounted: Mapping[int, tuple[str, ...]]
) -> tuple[str, ...]:
    """Sizes here that are not kept for her yet, in their natural order."""
    if item.stock is None:
        here = uncounted.get(item.product.pk, ("",))
    else:
        here = tuple(size for size, left in item.stock.items() if left > 0)
    return tuple(sorted((size for size in here if size not in kept), key=wording.size_order))


def _answers(item: ShownItem) -> tuple[Answer, ...]:
    return (
        _answer("Love it", "heart", Kind.LOVE_IT, item.word),
        _answer("Not for me", "", Kind.NOT_FOR_ME, item.word),
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


def _kept_words(hold: Hold, page: Around) -> str:
    until = wording.when_words(hold.expires_at, hold.store.zone, now=page.now)
    size = f"Size {hold.size}: " if wording.is_size(hold.size) else ""
    if hold.state == Hold.State.CONFIRMED:
        return f"{size}{page.associate} keeps it for you until {until}."
    if hold.set_aside_id is None:
        return f"{size}{page.associate} looks whether it is here, and tells you."
    return wording.capital(f"{size}put aside until {until}. {page.associate} will confirm it.")


def _stock(item: ShownItem) -> str:
    """A sentence where the sizes alone do not tell."""
    if item.is_sold_out:
        return "Just sold here. Ask, and we will look for another."
    if item.stock is None:
        return "Ask us for sizes."
    return "" if item.sizes_here else "Here in the store."
