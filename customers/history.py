"""The single view of a client: one timeline over till, web and service desk.

What came back and what she complained of count as much as what she bought. Everything is as of a
moment: what was recorded later is not shown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Literal

from catalog.models import Product
from customers.facts import Line
from customers.models import Customer, LineItem, Purchase, ServiceCase

EventKind = Literal["bought", "sent-back", "service-opened", "service-closed"]


@dataclass(frozen=True)
class EventLine:
    """One product of an event. `quantity` is 1 or more, also for what came back."""

    product_id: int
    name: str
    size: str
    quantity: int
    unit_price: Decimal | None


@dataclass(frozen=True)
class Event:
    """Something that happened. `amount` is None when a price of it is unknown."""

    at: datetime
    kind: EventKind
    title: str
    details: tuple[EventLine, ...] = ()
    amount: Decimal | None = None
    where: str = ""
    note: str = ""


@dataclass(frozen=True)
class BoughtItem:
    """A product she took home, with its picture; `was_returned` if it came back, now or later."""

    product: Product
    size: str
    quantity: int
    unit_price: Decimal | None
    bought_at: datetime
    was_returned: bool


@dataclass(frozen=True)
class Record:
    """What is on record about a client up to a moment: the lines of her orders, the newest order
    first, and her service cases."""

    as_of: datetime
    items: tuple[LineItem, ...]
    cases: tuple[ServiceCase, ...]


def record(customer: Customer, *, as_of: datetime) -> Record:
    """What she bought, with its products and orders, and her cases: two queries."""
    items = (
        LineItem.objects.filter(customer=customer, purchased_at__lte=as_of)
        .select_related("purchase__store", "product__brand", "product__category", "variant")
        .order_by("-purchased_at", "-purchase_id", "line")
    )
    cases = ServiceCase.objects.filter(customer=customer, opened_at__lte=as_of).select_related(
        "product__brand"
    )
    return Record(as_of, tuple(items), tuple(cases))


def events(known: Record) -> list[Event]:
    """What happened, newest first."""
    found = [
        event
        for order, lines in groupby(known.items, key=lambda line: line.purchase)
        for event in _order_events(order, list(lines))
    ]
    found += _service_events(known)
    return sorted(found, key=lambda event: event.at, reverse=True)


def _order_events(order: Purchase, lines: Sequence[LineItem]) -> Iterable[Event]:
    """An order in which something was bought and something else sent back is two events."""
    bought = [line for line in lines if line.quantity > 0]
    sent_back = [line for line in lines if line.quantity < 0]
    if bought:
        yield _order_event(order, "bought", "Bought", bought)
    if sent_back:
        yield _order_event(order, "sent-back", "Sent back", sent_back)


def _order_event(order: Purchase, kind: EventKind, verb: str, lines: Collection[LineItem]) -> Event:
    details = tuple(_detail(line) for line in lines)
    return Event(
        at=order.purchased_at,
        kind=kind,
        title=f"{verb} {_named(details)}",
        details=details,
        amount=_amount(details),
        where=_where(order),
    )


def _detail(line: LineItem) -> EventLine:
    return EventLine(
        product_id=line.product_id,
        name=line.product.name,
        size=line.variant.size,
        quantity=abs(line.quantity),
        unit_price=line.unit_price,
    )


def _named(details: Collection[EventLine]) -> str:
    """The only item by its name, several by their number."""
    if len(details) == 1:
        return next(iter(details)).name
    return f"{sum(line.quantity for line in details)} items"


def _amount(details: Collection[EventLine]) -> Decimal | None:
    total = Decimal(0)
    for line in details:
        if line.unit_price is None:
            return None
        total += line.quantity * line.unit_price
    return total


def _where(order: Purchase) -> str:
    if order.channel == Purchase.Where.ONLINE:
        return Purchase.Where.ONLINE.label
    return order.store.name if order.store else Purchase.Where.POS.label


def _service_events(known: Record) -> Iterable[Event]:
    for case in known.cases:
        about = f": {case.product.name}" if case.product else ""
        yield Event(case.opened_at, "service-opened", f"Service case{about}", note=case.summary)
        if case.closed_at and case.closed_at <= known.as_of:
            yield Event(case.closed_at, "service-closed", f"Solved{about}", note=case.summary)


def last_purchases(known: Record, count: int) -> list[BoughtItem]:
    """The `count` products she bought last, newest first, each once."""
    net: dict[int, int] = defaultdict(int)
    newest: dict[int, LineItem] = {}
    for line in known.items:
        net[line.product_id] += line.quantity
        if line.quantity > 0:
            newest.setdefault(line.product_id, line)
    shown = list(newest.values())[:count]
    return [_bought(line, was_returned=net[line.product_id] <= 0) for line in shown]


def lines_for_the_rules(known: Record) -> list[Line]:
    """Her purchases as `facts.client_facts` takes them, without asking again."""
    newest_first = sorted(
        known.items, key=lambda line: (line.purchased_at, line.variant_id), reverse=True
    )
    return [_line(line) for line in newest_first]


def _line(item: LineItem) -> Line:
    product = item.product
    return Line(
        product=product.pk,
        quantity=item.quantity,
        size=item.variant.size,
        name=product.name,
        brand=product.brand.name if product.brand else "",
        category=product.category.name if product.category else "",
        gender=product.gender,
        purchased_at=item.purchased_at,
        line=item.line,
    )


def _bought(line: LineItem, *, was_returned: bool) -> BoughtItem:
    return BoughtItem(
        product=line.product,
        size=line.variant.size,
        quantity=line.quantity,
        unit_price=line.unit_price,
        bought_at=line.purchased_at,
        was_returned=was_returned,
    )
