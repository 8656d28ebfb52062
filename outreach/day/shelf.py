"""What arrived lately, and which of her own lapsed clients each arrival suits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, QuerySet, Window
from django.urls import reverse

from catalog.models import Product
from clienteling.defaults import NEW_ARRIVAL_DAYS, SUGGESTIONS_SHOWN
from clienteling.models import Store, User
from customers.appropriateness import ItemFacts
from customers.because import COLUMNS, Evidence, because
from customers.facts import item_facts
from customers.models import Customer, CustomerQuerySet, Suggestion
from outreach.day import fans, walks, wording
from outreach.day.card import Card
from outreach.day.nothing_new import nothing_new
from outreach.day.timeline import Tab
from outreach.day.walks import Part, Walk

ARRIVALS_SHOWN = 48
PEOPLE_NAMED = 12
LOOKED_AT = 5_000
"""Of more lapsed clients the page would take seconds to say how many would like what."""


@dataclass(frozen=True)
class Arrival:
    """An item on the shelf."""

    style: str
    name: str
    picture_url: str
    line: str
    fits: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Fan:
    """A client of a manager's stores who has the item among the three picked for her."""

    customer_id: str
    name: str
    line: str
    url: str


@dataclass(frozen=True)
class Item:
    """The item whose people are shown beside the shelf: for an associate her own, each with a note
    about it; for a manager, who writes to nobody, the names."""

    name: str
    alt: str
    picture_url: str
    since: str
    sizes: tuple[wording.Size, ...]
    stock: str
    cards: tuple[Card, ...]
    people: tuple[Fan, ...]
    others: str


@dataclass(frozen=True)
class Shelf:
    line: str
    tabs: tuple[Tab, ...]
    arrivals: tuple[Arrival, ...]
    item: Item | None
    empty: str
    more_url: str


def for_user(
    user: User,
    store: Store,
    *,
    now: datetime,
    style: str = "",
    show_all: bool = False,
    show_more: bool = False,
) -> Shelf:
    """The shelf; first what suits most of her own clients. A constant number of queries."""
    today = store.local(now).date()
    products = _arrivals(today)
    lapsed = _lapsed(user, store, now)
    fits = _fits(lapsed.picked)
    suiting = products.filter(pk__in=list(fits))
    shown = list(products if show_all or not fits else suiting)
    shown.sort(key=lambda product: (-fits.get(product.pk, 0), _age(product, today), product.name))
    cut = shown if show_more else shown[:ARRIVALS_SHOWN]
    chosen = next((each for each in shown if each.style == style), cut[0] if cut else None)
    known = item_facts({each.pk for each in [*cut, *([chosen] if chosen else [])]}, store, now=now)
    total = products.count()
    return Shelf(
        line=_line(total, are_more=lapsed.are_more()),
        tabs=_tabs(len(shown) if not show_all else suiting.count(), total, show_all or not fits),
        arrivals=tuple(
            _arrival(each, known[each.pk], fits.get(each.pk, 0), chosen, show_all=show_all)
            for each in cut
        ),
        item=_item(chosen, known[chosen.pk], user, store, now, lapsed.picked) if chosen else None,
        empty="" if cut else _empty_words(today),
        more_url=_url(style, show_all=show_all, show_more=True) if len(cut) < len(shown) else "",
    )


def _line(total: int, *, are_more: bool) -> str:
    arrived = f"{wording.counted(total, 'arrival')} in the last {NEW_ARRIVAL_DAYS} days"
    if are_more:
        return f"{arrived}; counted is the taste of the {LOOKED_AT:,} who lapsed last"
    return arrived


def _empty_words(today: date) -> str:
    return nothing_new(on=today) or f"Nothing has arrived in the last {NEW_ARRIVAL_DAYS} days."


def _arrivals(today: date) -> QuerySet[Product]:
    since = today - timedelta(days=NEW_ARRIVAL_DAYS)
    return (
        Product.objects.newly_arrived(since=since, until=today)
        .select_related("brand", "category")
        .order_by("-launched_on", "name", "pk")
    )


def _age(product: Product, today: date) -> int:
    return (today - product.launched_on).days if product.launched_on else NEW_ARRIVAL_DAYS


# --- Whom it may suit -----------------------------------------------------------------------------
@dataclass(frozen=True)
class _Lapsed:
    """Her lapsed clients, or those of a manager's stores; those who lapsed last come first."""

    parts: Sequence[Part]
    walk: Walk

    @property
    def share(self) -> int:
        """So many of each part are looked at."""
        return LOOKED_AT // max(1, len(self.parts))

    @property
    def picked(self) -> QuerySet[Suggestion]:
        """The three picked for each of those who are looked at."""
        looked_at = walks.first(self.parts, [self.walk], most=self.share)
        return Suggestion.objects.filter(rank__lte=SUGGESTIONS_SHOWN, customer__in=looked_at)

    def are_more(self) -> bool:
        """Whether somebody is not looked at: one query."""
        return walks.first(self.parts, [self.walk], most=1, start=self.share).exists()


def _lapsed(user: User, store: Store, now: datetime) -> _Lapsed:
    def walk(people: CustomerQuerySet) -> CustomerQuerySet:
        lapsed = people.lapsed(at=now, days=store.lapse_days)
        return lapsed.order_by("-last_purchase_at", "pk")

    if user.role == User.Role.ASSOCIATE:
        return _Lapsed(walks.book_of(user), walk)
    return _Lapsed([part.at_once() for part in walks.of_stores(user)], walk)


def _fits(picked: QuerySet[Suggestion]) -> dict[int, int]:
    counted = picked.order_by().values("product").annotate(number=Count("customer"))
    return dict(counted.values_list("product", "number"))


def _arrival(
    product: Product, known: ItemFacts, fits: int, chosen: Product | None, *, show_all: bool
) -> Arrival:
    return Arrival(
        style=product.style,
        name=product.name,
        picture_url=product.picture_url,
        line=f"{wording.money(known.price)} · {_here(known)}",
        fits=f"{fits} would like it" if fits else "",
        url=_url(product.style, show_all=show_all) + "#who",
        is_current=chosen is not None and product.pk == chosen.pk,
    )


def _here(known: ItemFacts) -> str:
    """`37 to 40`, `S, M`, `4 here`, `stock unknown`."""
    if known.stock is None:
        return "stock unknown"
    left = [size.label for size in wording.sizes_here(known.stock) if not size.is_gone]
    if len(left) > 2:
        return f"{left[0]} to {left[-1]}"
    if left:
        return ", ".join(left)
    pieces = sum(known.stock.values())
    return f"{pieces} here" if pieces else "sold out here"


def _item(
    product: Product,
    known: ItemFacts,
    user: User,
    store: Store,
    now: datetime,
    picked: QuerySet[Suggestion],
) -> Item:
    writes = user.role == User.Role.ASSOCIATE
    cards = fans.for_associate(product, known, user, store, now=now) if writes else ()
    named, others = ([], 0) if writes else _fans(picked.filter(product=product))
    since = product.launched_on
    today = store.local(now).date()
    arrived = f" · in since {wording.day_words(since, on=today)}" if since else ""
    return Item(
        name=product.name,
        alt=f"{product.name} in {product.color.lower()}" if product.color else product.name,
        picture_url=product.picture_url,
        since=f"{wording.money(known.price)}{arrived}",
        sizes=wording.sizes_here(known.stock),
        stock=wording.capital(_here(known)),
        cards=cards,
        people=tuple(named),
        others=f"And {wording.counted(others, 'other')}." if others else "",
    )


def _fans(picked: QuerySet[Suggestion]) -> tuple[list[Fan], int]:
    """Who would like it most, and how many others would."""
    rows = (
        picked.annotate(in_all=Window(Count("customer_id")))
        .order_by("-score", "customer_id")
        .values("customer_id", "in_all", *COLUMNS)[:PEOPLE_NAMED]
    )
    people = Customer.objects.in_bulk([row["customer_id"] for row in rows])
    named = [_fan(people[row["customer_id"]], Evidence.of_row(row)) for row in rows]
    return named, rows[0]["in_all"] - len(named) if named else 0


def _fan(customer: Customer, evidence: Evidence) -> Fan:
    return Fan(
        customer_id=customer.customer_id,
        name=str(customer),
        line=because(evidence),
        url=reverse("client", args=[customer.customer_id]),
    )


def _tabs(suiting: int, total: int, shows_all: bool) -> tuple[Tab, ...]:
    return (
        Tab("For my clients", reverse("new-in"), suiting, is_current=not shows_all),
        Tab("All", f"{reverse('new-in')}?which=all", total, is_current=shows_all),
    )


def _url(style: str, *, show_all: bool, show_more: bool = False) -> str:
    said = {
        "item": style,
        "which": "all" if show_all else "",
        "more": "1" if show_more else "",
    }
    return f"{reverse('new-in')}?{urlencode({key: value for key, value in said.items() if value})}"
