"""What clients bought on each visit, and what came back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from catalog.models import Product, Variant
from clienteling.demo import copying, hours
from clienteling.demo.assortment import Assortment, Floats, choose
from clienteling.demo.clients import Client
from clienteling.demo.staff import Staff
from clienteling.models import User
from customers.models import LineItem, Purchase

ITEMS_PER_VISIT, ITEM_SHARES = (1, 2, 3, 4), (50, 31, 13, 6)
ONLINE_SHARE = 0.18
OWN_ASSOCIATE_SHARE = 0.75
RETURN_SHARE = 0.06
RETURNED_AFTER = (3, 25)  # days
MARKED_DOWN_AFTER = 200  # days on sale
MARKED_DOWN_SHARE = 0.35
MARK_DOWN = Decimal("0.70")


@dataclass(frozen=True, slots=True)
class Line:
    """One product in an order; a negative quantity is a return."""

    variant: Variant
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """One purchase or return, before it has a key."""

    order_id: str
    client: Client
    at: datetime
    seller: User | None  # None online
    lines: list[Line] = field(default_factory=list)


def store(orders: Sequence[Order]) -> tuple[int, int]:
    """Copy the orders and their lines into the database; answers how many of each."""
    keys = copying.take_keys(Purchase, len(orders))
    stored = copying.store_plain(
        Purchase,
        ("id", "order_id", "customer_id", "store_id", "associate_id", "channel", "purchased_at"),
        (_purchase(key, order) for key, order in zip(keys, orders, strict=True)),
    )
    lines = copying.store_plain(
        LineItem,
        (
            *("purchase_id", "line", "customer_id", "product_id", "variant_id"),
            *("quantity", "unit_price", "purchased_at"),
        ),
        (row for key, order in zip(keys, orders, strict=True) for row in _lines(key, order)),
    )
    return stored, lines


def _purchase(key: int, order: Order) -> tuple[Any, ...]:
    customer, seller = order.client.customer, order.seller
    place = (order.client.store.pk, seller.pk, "pos") if seller else (None, None, "online")
    return (key, order.order_id, customer.pk, *place, order.at)


def _lines(key: int, order: Order) -> Iterator[tuple[Any, ...]]:
    customer = order.client.customer.pk
    for number, line in enumerate(order.lines, start=1):
        variant = line.variant
        piece = (variant.product_id, variant.pk, line.quantity, line.unit_price)
        yield (key, number, customer, *piece, order.at)


@dataclass
class Till:
    """Rings up visits; the numbers of its orders rise."""

    staff: Staff
    assortment: Assortment
    now: datetime
    random: Random
    orders: list[Order] = field(default_factory=list)

    def ring_up(self, client: Client) -> None:
        """All her visits, and what she sent back."""
        liking = client.taste.liking(self.assortment)
        for days_ago in client.visits:
            basket = self._basket(client, liking, days_ago)
            if not basket:
                continue
            order = self._order(client, days_ago)
            for number in basket:
                self._add(order, number, days_ago)

    def _basket(self, client: Client, liking: Floats, days_ago: int) -> list[int]:
        weights = liking * self.assortment.pull(days_ago)
        weights[list(client.bought)] = 0.0
        basket: list[int] = []
        for _ in range(self.random.choices(ITEMS_PER_VISIT, ITEM_SHARES)[0]):
            number = choose(weights, self.random)
            if number is None:
                break
            weights[self.assortment.model == self.assortment.model[number]] = 0.0
            basket.append(number)
        return basket

    def _order(self, client: Client, days_ago: int) -> Order:
        on = hours.days_before(client.store, self.now, days_ago)
        is_online = self.random.random() < ONLINE_SHARE and not client.comes_at
        return self._open(
            "W" if is_online else "T",
            client,
            self._moment(client, on, is_online),
            None if is_online else self._seller(client),
        )

    def _open(self, kind: str, client: Client, at: datetime, seller: User | None) -> Order:
        number = f"{kind}{at:%y%m%d}-{len(self.orders) + 1:05d}"
        self.orders.append(Order(number, client, at, seller))
        return self.orders[-1]

    def _moment(self, client: Client, on: date, is_online: bool) -> datetime:
        if client.comes_at:
            return datetime.combine(on, client.comes_at, tzinfo=client.store.zone)
        open_hours = hours.online if is_online else hours.in_the_store
        return open_hours(client.store, on, self.random)

    def _seller(self, client: Client) -> User:
        if client.associate and self.random.random() < OWN_ASSOCIATE_SHARE:
            return client.associate
        return self.random.choice(self.staff.associates[client.store.code])

    def _add(self, order: Order, number: int, days_ago: int) -> None:
        client, product = order.client, self.assortment.products[number]
        client.bought[number] = days_ago
        age = int(self.assortment.launched[number]) - days_ago
        line = Line(self._variant(client, number), 1, self._price(product, age))
        order.lines.append(line)
        if not client.is_content and self.random.random() < RETURN_SHARE:
            self._take_back(client, line, days_ago)

    def _variant(self, client: Client, number: int) -> Variant:
        """Her size, or the next one where a model has no halves."""
        sizes = self.assortment.variants[number]
        category = sizes[0].product.category
        wanted = client.sizes[category.name if category else ""]
        exact = [variant for variant in sizes if variant.size == wanted]
        whole = [variant for variant in sizes if variant.size == wanted.partition(".")[0]]
        return (exact or whole or sizes)[0]

    def _price(self, product: Product, age: int) -> Decimal:
        price = product.price or Decimal(0)
        is_marked_down = age > MARKED_DOWN_AFTER and self.random.random() < MARKED_DOWN_SHARE
        return (price * MARK_DOWN).quantize(Decimal("0.01")) if is_marked_down else price

    def _take_back(self, client: Client, line: Line, days_ago: int) -> None:
        days_later = self.random.randint(*RETURNED_AFTER)
        if days_later >= days_ago:
            return
        on = hours.days_before(client.store, self.now, days_ago - days_later)
        at = hours.in_the_store(client.store, on, self.random)
        order = self._open("R", client, at, self._seller(client))
        order.lines.append(replace(line, quantity=-line.quantity))
