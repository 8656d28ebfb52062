"""Another item in the place of one on the card: what could take it, and the card's three then.

What is on the card is read off its own signature (`messages.seen`), so that a card which was
swapped before is swapped as it stands, and what is sent is what was shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from clienteling.defaults import SUGGESTIONS_SHOWN
from clienteling.models import Store, User
from customers.models import Customer
from outreach.day import card, facts, wording
from outreach.day.card import Pick
from outreach.day.facts import CardFacts
from outreach.messages import seen

OFFERED = 2


@dataclass(frozen=True)
class Swap:
    """What could stand in the place of `out`; `understudies` pass every rule at this moment."""

    pk: int
    customer_id: str
    name: str
    called: str
    client_url: str
    swap_url: str
    why_not_url: str
    word_url: str
    seen: str
    out: Pick
    understudies: tuple[Pick, ...]

    @property
    def spoken(self) -> str:
        if not self.understudies:
            return f"Nothing else that is new suits {self.called} now."
        number = wording.counted(len(self.understudies), "other")
        return f"{number} could take the place of the {self.out.name}."


def on_card(customer: Customer, signature: str) -> tuple[int, ...]:
    """The products on the card with this signature, in order; none if it is not hers or ours."""
    shown = seen.read(signature)
    if shown is None or shown.customer != customer.pk:
        return ()
    return tuple(number for number, _ in shown.prices)


def offered(
    customer: Customer, user: User, store: Store, *, now: datetime, signature: str, out: str
) -> Swap | None:
    """What could take the place of the style `out`; None if that is not on the card any more."""
    known = _known(customer, user, store, now, on_card(customer, signature))
    leaving = next((each for each in known.shown if each.style == out), None)
    if leaving is None:
        return None
    waiting = known.items[SUGGESTIONS_SHOWN:][:OFFERED]
    client, swap, why_not = (
        reverse(name, args=[customer.customer_id]) for name in ("client", "swap", "why-not")
    )
    place = known.shown.index(leaving) + 1
    return Swap(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        called=customer.called,
        client_url=client,
        swap_url=swap,
        why_not_url=why_not,
        word_url=card.word_url(known.contact, user, customer),
        seen=signature,
        out=card.pick(place, leaving, known),
        understudies=tuple(card.pick(place, each, known) for each in waiting),
    )


def swapped(shown: Sequence[int], *, out: int, instead: int) -> tuple[int, ...]:
    """The card's products with one in the place of another, the others where they were."""
    return tuple(instead if each == out else each for each in shown)


def after(
    customer: Customer,
    user: User,
    store: Store,
    *,
    now: datetime,
    signature: str,
    out: str,
    instead: str,
) -> tuple[int, ...]:
    """The products of the card after the swap; as they were where it is not possible any more."""
    before = on_card(customer, signature)
    known = _known(customer, user, store, now, before)
    numbers = {each.style: each.product_id for each in known.items}
    standing = tuple(each.product_id for each in known.shown)
    leaving, coming = numbers.get(out), numbers.get(instead)
    if leaving not in standing or coming is None or coming in standing:
        return before
    return swapped(standing, out=leaving, instead=coming)


def _known(
    customer: Customer, user: User, store: Store, now: datetime, shown: Sequence[int]
) -> CardFacts:
    contacts = facts.contacts([customer], user, now=now)
    [known] = facts.card_facts([customer], contacts, store, now=now)
    return facts.showing(known, shown)
