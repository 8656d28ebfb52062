"""What the card showed, signed: a note is only sent on what its sender has really seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core import signing

from customers.appropriateness import ItemFacts
from customers.models import Customer
from outreach.lookbook import Pick

SIGNER = signing.Signer(salt="outreach.messages.seen")


@dataclass(frozen=True)
class Seen:
    """A card's contents: prices by item as written, in the card's order, and the open channels."""

    customer: int
    prices: tuple[tuple[int, str], ...]
    channels: tuple[str, ...]


def fingerprint(customer: Customer, items: Sequence[Pick], *, channels: Iterable[str]) -> str:
    """A signature of what a card shows, to be handed back as `seen` by its Send button."""
    return SIGNER.sign_object(
        {
            "customer": customer.pk,
            "prices": [(pick.product_id, _written(pick.price)) for pick in items],
            "channels": list(channels),
        },
        compress=True,
    )


def read(signature: str) -> Seen | None:
    """What a signature says was shown; None for one that is not ours."""
    try:
        shown = SIGNER.unsign_object(signature)
    except signing.BadSignature:
        return None
    return Seen(
        shown["customer"],
        tuple((number, price) for number, price in shown["prices"]),
        tuple(shown["channels"]),
    )


def changes(
    seen: Seen | None,
    customer: Customer,
    product_ids: Sequence[int],
    *,
    channel: str,
    facts: Mapping[int, ItemFacts],
) -> list[str]:
    """What is different now from what was shown, in sentences; empty when nothing is."""
    if seen is None or seen.customer != customer.pk:
        return ["This card was not shown for her."]
    if [number for number, _ in seen.prices] != list(product_ids):
        return ["The items are not those that were shown."]
    if channel not in seen.channels:
        return ["The channel was not offered on the card."]
    return [
        sentence
        for number, price in seen.prices
        if (sentence := _price_change(price, facts.get(number)))
    ]


def price_changes(picks: Iterable[Pick], facts: Mapping[int, ItemFacts]) -> list[str]:
    """The same for items kept from the click, for the last look before they leave."""
    return [
        sentence
        for pick in picks
        if (sentence := _price_change(_written(pick.price), facts.get(pick.product_id)))
    ]


def _price_change(shown: str, item: ItemFacts | None) -> str:
    if item is None:
        return "An item is no longer on record."
    if shown == _written(item.price):
        return ""
    return f"{item.name}: the price changed from {shown or 'unknown'} to {_written(item.price)}."


def _written(price: Decimal | None) -> str:
    return "" if price is None else f"{price:.2f}"
