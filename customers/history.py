"""The single view of a client: one timeline over till, web and service desk.

What came back and what she complained of count as much as what she bought. Everything is as of a
moment: what was recorded later is not shown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from catalog.models import Product
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


def timeline(customer: Customer, *, as_of: datetime, limit: int | None = None) -> list[Event]:
    """What happened up to `as_of`, newest first; the newest `limit` of it. Three queries."""
    orders = _orders(customer, as_of)[:limit]
    events = [event for order in orders for event in _order_events(order)]
    events += _service_events(customer, as_of)
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]


def _orders(customer: Customer, as_of: datetime) -> QuerySet[Purchase]:
    lines = LineItem.objects.select_related("product", "variant").order_by("line")
    return (
        Purchase.objects.filter(customer=customer, purchased_at__lte=as_of)
        .select_related("store")
        .prefetch_related(Prefetch("lines", queryset=lines))
    )


def _order_events(order: Purchase) -> Iterable[Event]:
    """An order in which something was bought and something else sent back is two events."""
    lines = list(order.lines.all())
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


def _service_events(customer: Customer, as_of: datetime) -> Iterable[Event]:
    cases = ServiceCase.objects.filter(customer=customer, opened_at__lte=as_of).select_related(
        "product"
    )
    for case in cases:
        about = f": {case.product.name}" if case.product else ""
        yield Event(case.opened_at, "service-opened", f"Service case{about}", note=case.summary)
        if case.closed_at and case.closed_at <= as_of:
            yield Event(case.closed_at, "service-closed", f"Solved{about}", note=case.summary)


def purchase_days(customer_ids: Collection[int], *, as_of: datetime) -> dict[int, list[date]]:
    """The days on which each of them bought something, oldest first: one query.

    Days are those of the client's store, UTC for a client without one. Returns are not visits.
    """
    found: dict[int, set[date]] = {number: set() for number in customer_ids}
    lines = (
        LineItem.objects.filter(customer__in=list(found), purchased_at__lte=as_of, quantity__gt=0)
        .values_list("customer_id", "purchased_at", "customer__store__timezone")
        .distinct()
    )
    for number, at, zone in lines:
        found[number].add(at.astimezone(ZoneInfo(zone or "UTC")).date())
    return {number: sorted(days) for number, days in found.items()}


def last_purchases(customer: Customer, count: int, *, as_of: datetime) -> list[BoughtItem]:
    """The `count` products she bought last, newest first, each once: one query."""
    lines = (
        LineItem.objects.filter(customer=customer, purchased_at__lte=as_of)
        .select_related("product", "variant")
        .order_by("-purchased_at", "line")
    )
    net: dict[int, int] = defaultdict(int)
    newest: dict[int, LineItem] = {}
    for line in lines:
        net[line.product_id] += line.quantity
        if line.quantity > 0:
            newest.setdefault(line.product_id, line)
    shown = list(newest.values())[:count]
    return [_bought(line, was_returned=net[line.product_id] <= 0) for line in shown]


def _bought(line: LineItem, *, was_returned: bool) -> BoughtItem:
    return BoughtItem(
        product=line.product,
        size=line.variant.size,
        quantity=line.quantity,
        unit_price=line.unit_price,
        bought_at=line.purchased_at,
        was_returned=was_returned,
    )
