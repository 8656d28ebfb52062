"""Her page at the counter, for the associate who serves her: what became of each item."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from clienteling.models import User
from customers.appropriateness import ClientFacts
from customers.facts import client_facts
from outreach import lookbook
from outreach.day import holds, wording
from outreach.day.holds import HeldItem
from outreach.lookbook import ShownItem
from outreach.models import Lookbook, Showing
from outreach.page import counter

Outcome = Showing.Outcome

LABELS = {Outcome.BOUGHT: "Bought", Outcome.TRIED: "Tried", Outcome.NOT_SHOWN: "Not shown"}
NOTED = {
    Outcome.BOUGHT: "{called} bought the {name}.",
    Outcome.TRIED: "{called} tried the {name}, and it was not right.",
    Outcome.NOT_SHOWN: "The {name} was not shown.",
}


@dataclass(frozen=True)
class Choice:
    """A button: `says` is blank on the one that is pressed, which takes it back."""

    label: str
    says: str
    is_pressed: bool


@dataclass(frozen=True)
class Item:
    """One item of her page, with its stock in her size read now."""

    number: int
    style: str
    name: str
    picture_url: str
    line: str
    choices: tuple[Choice, ...]
    said: str
    url: str


@dataclass(frozen=True)
class InStore:
    """What the associate sees. `may_note` is false for a manager, who only looks."""

    code: str
    name: str
    called: str
    client_url: str
    items: tuple[Item, ...]
    holds: tuple[HeldItem, ...]
    may_note: bool


def of(book: Lookbook, user: User, *, now: datetime) -> InStore:
    """Her page as the store sees it: a constant number of queries."""
    customer = book.customer
    client = client_facts([customer], now=now)[customer.pk]
    outcomes = dict(book.showings.values_list("product_id", "outcome"))
    return InStore(
        code=counter.spelled(book.code or ""),
        name=str(customer),
        called=customer.called,
        client_url=reverse("client", args=[customer.customer_id]),
        items=tuple(
            _item(book, item, client, outcomes) for item in lookbook.current(book, now=now)
        ),
        holds=tuple(holds.for_client(customer, user, now=now)),
        may_note=user.role == User.Role.ASSOCIATE,
    )


def _item(
    book: Lookbook, item: ShownItem, client: ClientFacts, outcomes: Mapping[int, str]
) -> Item:
    product, outcome = item.product, outcomes.get(item.product.pk, "")
    category = product.category.name if product.category else ""
    stock = wording.stock_words(item.stock, client.sizes.get(category, ""))
    return Item(
        number=item.position,
        style=product.style,
        name=product.name,
        picture_url=product.picture_url,
        line=f"{wording.money(item.price)} · {stock.words}",
        choices=tuple(_choice(each, outcome) for each in LABELS),
        said=NOTED[Outcome(outcome)].format(called=book.customer.called, name=product.name)
        if outcome
        else "",
        url=reverse("in-store-note", args=[book.code]),
    )


def _choice(outcome: Showing.Outcome, standing: str) -> Choice:
    is_pressed = outcome == standing
    return Choice(LABELS[outcome], "" if is_pressed else outcome, is_pressed)
