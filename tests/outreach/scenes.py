"""A shop on one day: an associate, clients who have been away, and new things for them."""

from datetime import datetime, timedelta
from typing import Any

from clienteling.models import User
from customers.models import Customer
from tests.factories import (
    NOON,
    ConsentFactory,
    ContactPointFactory,
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    StockLevelFactory,
    SuggestionFactory,
    VariantFactory,
)


def lapsed_client(
    associate: User, *, days: int = 103, now: datetime = NOON, items: int = 3, **values: Any
) -> Customer:
    """A client of hers who bought once, `days` ago, agreed to both channels, and has items."""
    bought_at = now - timedelta(days=days)
    customer = CustomerFactory(
        **{
            "associate": associate,
            "store": associate.store,
            "first_purchase_at": bought_at,
            "last_purchase_at": bought_at,
            "visit_count": 1,
            **values,
        }
    )
    reachable(customer)
    bought(customer, at=bought_at)
    for rank in range(1, items + 1):
        suggested(customer, rank)
    return customer


def reachable(customer: Customer) -> None:
    """With a number and a mailbox, and a yes for both."""
    ContactPointFactory(customer=customer, channel="sms")
    ContactPointFactory(
        customer=customer, channel="email", address=f"{customer.customer_id}@example.com"
    )
    ConsentFactory(customer=customer, channel="sms")
    ConsentFactory(customer=customer, channel="email")


def bought(customer: Customer, *, at: datetime, name: str = "Linden flat", **line: Any) -> None:
    purchase = PurchaseFactory(customer=customer, purchased_at=at)
    variant = VariantFactory(product=ProductFactory(name=name, launched_on=None))
    LineItemFactory(purchase=purchase, variant=variant, **line)


def suggested(customer: Customer, rank: int, *, quantity: int = 3, **product: Any) -> Any:
    """A new thing in stock in her store, proposed to her."""
    item = ProductFactory(**product)
    StockLevelFactory(
        variant=VariantFactory(product=item, size="38"), store=customer.store, quantity=quantity
    )
    return SuggestionFactory(
        customer=customer,
        rank=rank,
        product=item,
        similar_customers=6,
    )
