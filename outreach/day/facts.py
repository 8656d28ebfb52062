"""What the cards of a day are drawn from, for any number of clients in a constant number of
queries. Plain rows instead of objects: a day reads some hundred of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from catalog.models import picture_url_of
from clienteling.defaults import SUGGESTIONS_SHOWN
from clienteling.models import Store, User
from clienteling.prepared import GivenAnyOf, Prepared
from customers.appropriateness import Blocker, ClientFacts, ItemFacts, item_blockers
from customers.because import COLUMNS, Evidence, because
from customers.facts import Line, client_facts, item_facts, lines_of
from customers.models import Customer, Suggestion
from outreach.day.note_facts import UNKNOWN, NoteFacts, note_facts
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactFacts

SUGGESTION_COLUMNS = (
    *COLUMNS,
    "customer_id",
    "product_id",
    "product__style",
    "product__name",
    "product__color",
    "product__image",
    "product__picture",
)
CUSTOMER, PRODUCT = map(SUGGESTION_COLUMNS.index, ("customer_id", "product_id"))


@dataclass(frozen=True)
class Suggested:
    """A product proposed to a client, as a card shows it; `row` holds the evidence for it."""

    product_id: int
    style: str
    name: str
    color: str
    category: str
    image: str
    picture: str
    row: Mapping[str, Any] = field(repr=False, compare=False)

    @cached_property
    def evidence(self) -> Evidence:
        """Why, in numbers: read only for the three of eight that are drawn."""
        return Evidence.of_row(self.row)

    @cached_property
    def because(self) -> str:
        """The same in words."""
        return because(self.evidence)

    @property
    def picture_url(self) -> str:
        """As `Product.picture_url`; found only for the three of eight that are drawn."""
        return picture_url_of(self.picture, self.image)


@dataclass(frozen=True)
class Visits:
    """The days on which she bought, what she kept of the last, and the names of all she kept."""

    days: tuple[date, ...] = ()
    last_kept: str = ""
    last_kept_on: date | None = None
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LeftOut:
    """A suggestion that may not be shown now, and why."""

    item: Suggested
    blocker: Blocker


@dataclass(frozen=True)
class Read:
    """What was read of a client for her card, as it came; of equal ones the same is made.

    `suggested` are rows of `SUGGESTION_COLUMNS` in order of rank, `items` the products in them.
    """

    suggested: tuple[tuple[Any, ...], ...]
    lines: tuple[Line, ...]
    items: tuple[ItemFacts, ...]
    words: NoteFacts


@dataclass(frozen=True)
class CardFacts:
    """Everything a card is drawn from. `items` are in order of rank and pass every item rule."""

    customer: Customer
    contact: ContactFacts
    client: ClientFacts
    items: tuple[Suggested, ...]
    left_out: tuple[LeftOut, ...]
    known_items: Mapping[int, ItemFacts]
    visits: Visits
    words: NoteFacts = UNKNOWN

    @property
    def shown(self) -> tuple[Suggested, ...]:
        """The three of the card: the best that may be shown, understudies where needed."""
        return self.items[:SUGGESTIONS_SHOWN]


def contacts(
    customers: Sequence[Customer], associate: User, *, now: datetime
) -> dict[int, ContactFacts]:
    """May we write to them: the facts by primary key."""
    return contact_facts(customers, associate=associate, now=now)


def card_facts(
    customers: Sequence[Customer],
    contacts: Mapping[int, ContactFacts],
    store: Store,
    *,
    now: datetime,
    lines: Mapping[int, Sequence[Line]] | None = None,
    writer: User | None = None,
) -> list[CardFacts]:
    """The facts of these clients' cards, in the order given; `read` says how many queries."""
    found = read([each.pk for each in customers], store, now=now, lines=lines, writer=writer)
    return [facts_of(each, contacts[each.pk], found[each.pk], store, now=now) for each in customers]


def read(
    numbers: Sequence[int],
    store: Store,
    *,
    now: datetime,
    lines: Mapping[int, Sequence[Line]] | None = None,
    writer: User | None = None,
) -> dict[int, Read]:
    """What the database has for the cards of these clients: three queries, two with `lines`.

    One more with the `writer`, whose notes are drafted in her words then.
    """
    suggested = _suggested(numbers)
    lines = lines_of(numbers, now=now) if lines is None else lines
    wanted = {row[PRODUCT] for rows in suggested.values() for row in rows}
    items = item_facts(wanted, store, now=now) if wanted else {}
    words = note_facts(list(suggested), writer, store) if writer and suggested else {}
    return {
        each: Read(
            tuple(suggested.get(each, ())),
            tuple(lines[each]),
            tuple(items[row[PRODUCT]] for row in suggested.get(each, ()) if row[PRODUCT] in items),
            words.get(each, UNKNOWN),
        )
        for each in numbers
    }


def facts_of(
    customer: Customer, contact: ContactFacts, hers: Read, store: Store, *, now: datetime
) -> CardFacts:
    """The facts of a client's card, from what was read of her. No queries."""
    lines, told = {customer.pk: hers.lines}, {customer.pk: contact.told}
    client = client_facts([customer], now=now, lines=lines, told=told)[customer.pk]
    return _facts(
        customer,
        contact,
        client,
        map(_one, hers.suggested),
        {item.product_id: item for item in hers.items},
        _visits(hers.lines, client, store),
        hers.words,
    )


def facts_of_one(
    customers: Sequence[Customer],
    contacts: Mapping[int, ContactFacts],
    liked: Mapping[int, Suggested],
    item: ItemFacts,
    store: Store,
    *,
    now: datetime,
    writer: User,
) -> list[CardFacts]:
    """The facts of cards about one item alone, as each of them would see it: two queries."""
    lines = lines_of([customer.pk for customer in customers], now=now)
    told = {customer.pk: contacts[customer.pk].told for customer in customers}
    clients = client_facts(customers, now=now, lines=lines, told=told)
    words = note_facts([customer.pk for customer in customers], writer, store)
    return [
        _facts(
            customer,
            contacts[customer.pk],
            clients[customer.pk],
            [liked[customer.pk]],
            {item.product_id: item},
            _visits(lines[customer.pk], clients[customer.pk], store),
            words.get(customer.pk, UNKNOWN),
        )
        for customer in customers
    ]


def showing(known: CardFacts, product_ids: Sequence[int]) -> CardFacts:
    """The same with these items on the card, in this order, as far as they may be shown at all;
    the best of the others take the places that are left."""
    places = {number: place for place, number in enumerate(product_ids)}
    chosen = [each for each in known.items if each.product_id in places]
    chosen.sort(key=lambda each: places[each.product_id])
    others = (each for each in known.items if each.product_id not in places)
    return replace(known, items=(*chosen, *others))


def _facts(
    customer: Customer,
    contact: ContactFacts,
    client: ClientFacts,
    suggested: Iterable[Suggested],
    known: Mapping[int, ItemFacts],
    visits: Visits,
    words: NoteFacts,
) -> CardFacts:
    items, left_out = [], []
    for item in suggested:
        if item.product_id not in known:
            continue
        blockers = item_blockers(known[item.product_id], client)
        if blockers:
            left_out.append(LeftOut(item, blockers[0]))
        else:
            items.append(item)
    return CardFacts(customer, contact, client, tuple(items), tuple(left_out), known, visits, words)


def _suggested(customer_ids: Iterable[int]) -> dict[int, list[tuple[Any, ...]]]:
    """The rows of each client's suggestions, best first: one query. A product gone since has none.

    A row's first column is an array; it is made a tuple, so that rows can be compared and kept.
    """
    found: dict[int, list[tuple[Any, ...]]] = {}
    for contributions, *others in _SUGGESTIONS.rows(customers=customer_ids):
        row = (tuple(contributions), *others)
        found.setdefault(row[CUSTOMER], []).append(row)
    return found


_SUGGESTIONS = Prepared(
    lambda: (
        Suggestion.objects.filter(customer=GivenAnyOf("customers"))
        .order_by("customer_id", "rank")
        .values_list(*SUGGESTION_COLUMNS)
    )
)


def _one(values: tuple[Any, ...]) -> Suggested:
    row = dict(zip(SUGGESTION_COLUMNS, values, strict=True))
    return Suggested(
        product_id=row["product_id"],
        style=row["product__style"],
        name=row["product__name"],
        color=row["product__color"],
        category=row["product__category__name"] or "",
        image=row["product__image"],
        picture=row["product__picture"],
        row=row,
    )


def _visits(lines: Iterable[Line], client: ClientFacts, store: Store) -> Visits:
    """When she bought, and the newest piece she still has without trouble."""
    bought = [each for each in lines if each.quantity > 0]
    moments = {each.purchased_at for each in bought}
    days = tuple(sorted({store.local(moment).date() for moment in moments}))
    welcome = [each for each in bought if _was_welcome(each.product, client)]
    kept = max(welcome, key=lambda each: (each.purchased_at, -each.line), default=None)
    if kept is None:
        return Visits(days)
    names = frozenset(each.name for each in welcome)
    return Visits(days, kept.name, store.local(kept.purchased_at).date(), names)


def _was_welcome(product_id: int, client: ClientFacts) -> bool:
    return product_id in client.owned_products and not (
        product_id in client.trouble_products or product_id in client.returned_products
    )
