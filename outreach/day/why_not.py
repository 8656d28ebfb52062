"""Why not others? What came close for a client and lost, and what would be shown next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from catalog.models import Product
from clienteling.defaults import SUGGESTIONS_SHOWN
from clienteling.models import Store, User
from customers.appropriateness import ClientFacts, ItemFacts, item_blockers
from customers.facts import item_facts
from customers.models import Customer, NearMiss
from outreach.day import facts, wording
from outreach.day.facts import CardFacts, LeftOut, Suggested

NEAR_MISSES_SHOWN = 5

OTHERS_FIT_BETTER = "Others fit better."
AT_NIGHT: Mapping[int, str] = {
    0: OTHERS_FIT_BETTER,
    1: "Was there already.",
    2: "Was there already, in another color.",
    3: "Had been sent back.",
    4: "There had been trouble with it.",
    5: "There had been trouble with its brand.",
    6: "Made for others than this client buys for.",
    7: "None was left here in the right size.",
    8: "Its price was not known.",
    9: "Was no longer new.",
    10: "Had been turned down.",
    11: "A note said that she never wants such a thing.",
    20: "Another color of one shown.",
}
"""What removed an item in the night, by the number stored with it, where no rule says it today."""


@dataclass(frozen=True)
class Other:
    """An item that is not among the three, and the reason."""

    style: str
    name: str
    alt: str
    picture_url: str
    reason: str


@dataclass(frozen=True)
class WhyNot:
    """The page, or the part under a card. `resting` says why there is nothing to choose from."""

    pk: int
    customer_id: str
    name: str
    called: str
    client_url: str
    lost: tuple[Other, ...]
    next_in_line: tuple[Other, ...]
    resting: str = ""

    @property
    def spoken(self) -> str:
        """What is there, for those who do not see it; the whole answer where there is nothing."""
        if self.resting:
            return self.resting
        number = len(self.lost) + len(self.next_in_line)
        if not number:
            return f"Nothing else that arrived lately came close for {self.called}."
        return f"{wording.counted(number, 'other')} for {self.called}."


def for_client(customer: Customer, user: User, store: Store, *, now: datetime) -> WhyNot:
    """The near misses of the last night, with what the rules say of them at `now`; six queries.

    A complaint silences this, too: no item is weighed for a client who is not sold to.
    """
    contacts = facts.contacts([customer], user, now=now)
    [known] = facts.card_facts([customer], contacts, store, now=now)
    near = list(_near_misses(customer))
    items = item_facts([each.product_id for each in near], store, now=now)
    quiet = known.contact.selling_blockers
    left_out = [_left_out(each) for each in known.left_out]
    lost = [_near_miss(each, items.get(each.product_id), known.client) for each in near]
    return WhyNot(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        called=customer.called,
        client_url=reverse("client", args=[customer.customer_id]),
        lost=() if quiet else tuple(_once([*left_out, *lost], known)),
        next_in_line=() if quiet else tuple(_next_in_line(known)),
        resting=quiet[0].sentence if quiet else "",
    )


def _near_misses(customer: Customer) -> Iterable[NearMiss]:
    """Closest first. A product that is gone since the night has no row to join."""
    rows = NearMiss.objects.filter(customer=customer, product__pk__isnull=False)
    return rows.select_related("product").order_by("place")[:NEAR_MISSES_SHOWN]


def _near_miss(near: NearMiss, item: ItemFacts | None, client: ClientFacts) -> Other:
    """The rule that objects today says it best; else what the night wrote down."""
    blockers = item_blockers(item, client) if item else []
    at_night = AT_NIGHT.get(near.objection, OTHERS_FIT_BETTER)
    return _of_product(near.product, blockers[0].sentence if blockers else at_night)


def _of_product(product: Product, reason: str) -> Other:
    return Other(
        style=product.style,
        name=product.name,
        alt=_alt(product.name, product.color),
        picture_url=product.picture_url,
        reason=reason,
    )


def _left_out(left_out: LeftOut) -> Other:
    return _of_suggested(left_out.item, left_out.blocker.sentence)


def _next_in_line(known: CardFacts) -> Iterable[Other]:
    """The understudies: they take the place of one of the three that may not be shown."""
    for item in known.items[SUGGESTIONS_SHOWN:]:
        yield _of_suggested(item, item.because)


def _of_suggested(item: Suggested, reason: str) -> Other:
    return Other(item.style, item.name, _alt(item.name, item.color), item.picture_url, reason)


def _alt(name: str, color: str) -> str:
    return f"{name} in {color.lower()}" if color else name


def _once(others: Iterable[Other], known: CardFacts) -> Iterable[Other]:
    """Nothing twice, and nothing that is on the card or about to be."""
    named = {item.style for item in known.items}
    for each in others:
        if each.style not in named:
            named.add(each.style)
            yield each
