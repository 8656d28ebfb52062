"""Who would like this? Item first: a few of an associate's own clients, each with a note ready.

Looked for where the night found something: among what was picked for them, and what came close;
then by own taste, among those who bought of the same brand and kind. Only who may be written to
now is named, and the note is about this one item alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, FloatField, QuerySet, Value
from django.db.models.functions import Cast

from catalog.models import Product
from clienteling.models import Store, User
from customers.appropriateness import ItemFacts
from customers.because import ARRIVED, COLUMNS, COUNTS, NAME_OF, Evidence, because
from customers.facts import item_facts
from customers.models import Customer, CustomerQuerySet, LineItem, NearMiss, Suggestion
from outreach.day import card, facts
from outreach.day.card import Card
from outreach.day.facts import CardFacts, Suggested
from outreach.day.note_form import Kept
from outreach.messages import contact_record
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactDecision, decide

NAMED = 5
OF_EACH_KIND = 20
TASTE_DAYS = 730
PICKED, CLOSE, TASTE = 0, 1, 2
NO_EVIDENCE: Mapping[str, Any] = {
    **dict.fromkeys((*COUNTS, "shared_traits"), 0),
    **dict.fromkeys(NAME_OF.values(), ""),
    "contributions": (),
}


@dataclass(frozen=True)
class Liked(Suggested):
    """An item with a reason of its own: the night may not have proposed it to this client."""

    reason: str = ARRIVED

    @property
    def because(self) -> str:
        return self.reason


@dataclass(frozen=True)
class _Known:
    """A client who may be written to, with the facts of a card about the one item."""

    facts: CardFacts
    decision: ContactDecision


def for_associate(
    product: Product, item: ItemFacts, associate: User, store: Store, *, now: datetime
) -> tuple[Card, ...]:
    """Cards about this item alone for at most five of her clients, the likeliest first.

    Five queries, however many clients and arrivals there are.
    """
    reasons = _reasons(product, Customer.objects.in_book_of(associate), now)
    known = _open_to_it(reasons, item, associate, store, now) if reasons else []
    return tuple(
        card.drawn(
            each.facts,
            each.decision,
            associate=associate,
            store=store,
            now=now,
            about=product.pk,
        )
        for each in known[:NAMED]
    )


def one(
    customer: Customer,
    product_id: int,
    associate: User,
    store: Store,
    *,
    now: datetime,
    kept: Kept | None = None,
) -> Card:
    """Her card about this item alone, whether or not it may be sent: to be drawn again."""
    product = Product.objects.select_related("category", "brand").get(pk=product_id)
    reasons = _reasons(product, Customer.objects.filter(pk=customer.pk), now)
    contacts = facts.contacts([customer], associate, now=now)
    decision = decide(contacts[customer.pk], now=now)
    liked = {customer.pk: reasons.get(customer.pk) or _liked(product, ARRIVED)}
    item = item_facts([product.pk], store, now=now)[product.pk]
    [known] = facts.facts_of_one(
        [customer], contacts, liked, item, store, now=now, writer=associate
    )
    return card.drawn(
        known,
        decision,
        associate=associate,
        store=store,
        now=now,
        kept=kept,
        about=product.pk,
    )


# --- Who ------------------------------------------------------------------------------------------
def _reasons(product: Product, people: CustomerQuerySet, now: datetime) -> dict[int, Suggested]:
    """Those who would like it, the likeliest first, with the item as each would see it."""
    rows = _found(product, people.order_by().values("pk"), now)
    picked = _evidence(product, [number for number, kind, _ in rows if kind == PICKED])
    found: dict[int, Suggested] = {}
    for number, kind, score in rows:
        if number in picked:
            found[number] = _liked(
                product, because(Evidence.of_row(picked[number])), picked[number]
            )
        else:
            found.setdefault(number, _liked(product, _taste_words(product, kind, score)))
    return found


def _found(
    product: Product, numbers: QuerySet[Any, Any], now: datetime
) -> list[tuple[int, int, float]]:
    """(client, kind of reason, score), the strongest first: one query, bounded."""
    picked = Suggestion.objects.filter(product=product, customer__in=numbers)
    close = NearMiss.objects.filter(product=product, objection=0, customer__in=numbers)
    found = _best(picked, PICKED).union(
        _best(close, CLOSE), _by_taste(product, numbers, now), all=True
    )
    return sorted(found, key=lambda row: (row[1], -row[2], row[0]))


def _best(rows: QuerySet[Any], kind: int) -> QuerySet[Any, Any]:
    scored = rows.annotate(kind=Value(kind), weight=Cast("score", FloatField()))
    ordered: QuerySet[Any, Any] = scored.order_by("-weight", "customer_id")
    return ordered.values_list("customer_id", "kind", "weight")[:OF_EACH_KIND]


def _by_taste(product: Product, numbers: QuerySet[Any, Any], now: datetime) -> QuerySet[Any, Any]:
    """Who bought most of the same brand and kind in the last two years; nobody of unknown ones."""
    if product.brand_id is None or product.category_id is None:
        numbers = numbers.none()
    alike = LineItem.objects.filter(
        customer__in=numbers,
        quantity__gt=0,
        purchased_at__gt=now - timedelta(days=TASTE_DAYS),
        purchased_at__lte=now,
        product__brand=product.brand_id,
        product__category=product.category_id,
    )
    counted = (
        alike.order_by()
        .values("customer_id")
        .annotate(kind=Value(TASTE), weight=Cast(Count("product", distinct=True), FloatField()))
    )
    return counted.order_by("-weight", "customer_id").values_list("customer_id", "kind", "weight")[
        :OF_EACH_KIND
    ]


def _evidence(product: Product, numbers: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The night's evidence for each of them."""
    rows = Suggestion.objects.filter(product=product, customer__in=numbers).order_by()
    return {row["customer_id"]: row for row in rows.values("customer_id", *COLUMNS)}


def _taste_words(product: Product, kind: int, score: float) -> str:
    if kind != TASTE:
        return "Came close to the three picked"
    assert product.brand  # nobody is found by the taste for an unknown one
    assert product.category
    named = f"{product.brand.name} {product.category.name.lower()}"
    return f"Bought {int(score)} of {named}" if score > 1 else f"Has bought {named}"


def _liked(product: Product, reason: str, row: Mapping[str, Any] = NO_EVIDENCE) -> Liked:
    return Liked(
        product_id=product.pk,
        style=product.style,
        name=product.name,
        color=product.color,
        category=product.category.name if product.category else "",
        image=product.image,
        picture=product.picture.name or "",
        row=row,
        reason=reason,
    )


# --- May she be written to about it ---------------------------------------------------------------
def _open_to_it(
    reasons: Mapping[int, Suggested],
    item: ItemFacts,
    associate: User,
    store: Store,
    now: datetime,
) -> list[_Known]:
    """Those who may be written to now, and to whom this item may be shown, in the order given."""
    asked = Customer.objects.filter(pk__in=list(reasons)).select_related("associate", "store")
    people = {
        each.pk: each for each in contact_record.with_records(asked, associate=associate, now=now)
    }
    records = {number: each.contact_record for number, each in people.items()}  # type: ignore[attr-defined]
    contacts = contact_facts(people.values(), associate=associate, now=now, records=records)
    decisions = {number: decide(contact, now=now) for number, contact in contacts.items()}
    open_ones = [people[number] for number in reasons if decisions[number].may_send]
    found = facts.facts_of_one(open_ones, contacts, reasons, item, store, now=now, writer=associate)
    return [_Known(each, decisions[each.customer.pk]) for each in found if each.items]
