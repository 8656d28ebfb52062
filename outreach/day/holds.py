"""What is kept for clients, as an associate sees it: to confirm first, then what waits for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from catalog.models import Product
from clienteling.models import User
from clienteling.prepared import Moment
from customers.models import Customer
from outreach.day import wording
from outreach.messages import shifts
from outreach.models import Hold

SENTENCES = (
    "I am so sorry: it was sold in the store a minute before you asked.",
    "I am so sorry: the last one here has a flaw, and I would not give it to you.",
    "I cannot keep this one for you, but I will look for another.",
)
"""What a refusal may say without typing; her own words do as well."""


@dataclass(frozen=True)
class HeldItem:
    """One hold: what, for whom, until when, and what may be done with it.

    `is_asked` while she waits for a yes. `outcome` has words once nothing is left to do. `url` is
    where an answer goes, blank for a manager, who answers nobody.
    """

    number: int
    customer_id: str
    client: str
    client_url: str
    name: str
    picture_url: str
    words: str
    is_asked: bool
    is_standing: bool
    outcome: str
    url: str
    sentences: tuple[str, ...] = SENTENCES
    fault: str = ""

    @property
    def said(self) -> str:
        """What has just become of it, in a sentence."""
        return f"{self.name} for {self.client}: {self.outcome or self.words}"


def for_associate(user: User, *, now: datetime) -> list[HeldItem]:
    """What is kept for the clients she answers, those to confirm first: one query.

    An associate sees her own book's and those she covers, a manager her stores'.
    """
    return _drawn(_holds_of(user, now), user, now)


def for_client(customer: Customer, user: User, *, now: datetime) -> list[HeldItem]:
    """What is kept for this client: one query."""
    return _drawn(Hold.objects.standing(now=now).filter(customer=customer), user, now)


def one(hold: Hold, user: User, *, now: datetime, fault: str = "") -> HeldItem:
    """One hold as it stands now, also when it is over; `fault` is what was wrong with an answer."""
    return _item(hold, user, now, fault=fault)


def asked_of(user: User, *, now: Moment) -> QuerySet[Hold]:
    """Those of the clients she answers that wait for a yes."""
    return _holds_of(user, now).filter(state=Hold.State.ASKED)


def _holds_of(user: User, now: Moment) -> QuerySet[Hold]:
    standing = Hold.objects.standing(now=now)
    if user.role != User.Role.ASSOCIATE:
        return standing.visible_to(user)
    hers = Customer.objects.in_book_of(user).values("pk").order_by()
    covered = Customer.objects.filter(shifts.covered_by(user, now=now)).values("pk").order_by()
    return standing.filter(customer__in=hers.union(covered))


def _drawn(holds: QuerySet[Hold], user: User, now: datetime) -> list[HeldItem]:
    rows = holds.select_related("customer", "product", "store").order_by("expires_at", "pk")
    asked_first = sorted(rows, key=lambda hold: hold.state != Hold.State.ASKED)
    return [_item(hold, user, now) for hold in asked_first]


def _item(hold: Hold, user: User, now: datetime, *, fault: str = "") -> HeldItem:
    customer_id = hold.customer.customer_id
    is_standing = hold.is_standing(now=now)
    return HeldItem(
        number=hold.pk,
        customer_id=customer_id,
        client=str(hold.customer),
        client_url=reverse("client", args=[customer_id]),
        name=sized(hold.product, hold.size),
        picture_url=hold.product.picture_url,
        words=" · ".join(_words(hold, now)) if is_standing else "",
        is_asked=is_standing and hold.state == Hold.State.ASKED,
        is_standing=is_standing,
        outcome="" if is_standing else _outcome(hold),
        url=reverse("hold", args=[hold.pk]) if user.role == User.Role.ASSOCIATE else "",
        fault=fault,
    )


def sized(product: Product, size: str) -> str:
    """`Marlow loafer, 38`; an item without sizes by its name alone."""
    return f"{product.name}, {size}" if wording.is_size(size) else product.name


def _words(hold: Hold, now: datetime) -> Iterable[str]:
    until = wording.when_words(hold.expires_at, hold.store.zone, now=now)
    asked = wording.moment_words(hold.asked_at, hold.store.zone, now=now)
    yield f"Asked {asked}" if hold.state == Hold.State.ASKED else f"Asked {asked}, confirmed"
    yield f"kept until {until}"
    if hold.set_aside_id is None:
        yield "stock unknown: please look"


def _outcome(hold: Hold) -> str:
    if hold.state in Hold.OPEN:
        return "Its time was over; it is back on the shelf."
    return {
        Hold.State.DECLINED: "Declined; her page says why.",
        Hold.State.COLLECTED: "Collected.",
        Hold.State.RELEASED: "Back on the shelf.",
        Hold.State.WITHDRAWN: "She no longer wants it; it is back on the shelf.",
        Hold.State.EXPIRED: "Its time was over; it is back on the shelf.",
    }[Hold.State(hold.state)]
