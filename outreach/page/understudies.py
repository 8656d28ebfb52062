"""What takes the place of an item that sold out since the note, under the same number.

The next of her stored suggestions that passes every item rule and is here in her size. Both sides
are told: her page names what went, and her associate gets a notice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customers.appropriateness import ClientFacts, ItemFacts, item_blockers, out_of_stock
from customers.appropriateness import selling_blockers as blocks_selling
from customers.because import COLUMNS, Evidence, because
from customers.facts import client_facts, item_facts
from customers.models import Suggestion
from outreach.lookbook import ShownItem
from outreach.messages import notices
from outreach.models import Hold, Lookbook, LookbookItem

REASON_LENGTH = 200


@dataclass(frozen=True)
class Candidate:
    """A suggestion that may take a place: its product, and why, in words."""

    product_id: int
    name: str
    because: str


def put_in(book: Lookbook, shown: Sequence[ShownItem], *, now: datetime) -> int:
    """Replace what is gone; how many were. Asks nothing of the database while every size is here.

    What is kept for her is not gone, and a client who has a complaint is offered nothing new.
    """
    if not any(_may_be_gone(item) for item in shown):
        return 0
    client = client_facts([book.customer], now=now)[book.customer_id]
    gone = _gone(book, shown, client, now)
    if not gone:
        return 0
    candidates = _candidates(book, shown, client, now)
    return sum(_replace(book, item, candidates, now) for item in gone)


def _may_be_gone(item: ShownItem) -> bool:
    return item.stock is not None and not all(item.stock.values())


def _gone(
    book: Lookbook, shown: Sequence[ShownItem], client: ClientFacts, now: datetime
) -> list[ShownItem]:
    """What is here no more in her size, and not because it is kept for her."""
    suspects = [item for item in shown if _may_be_gone(item)]
    facts = item_facts([item.product.pk for item in suspects], book.store, now=now)
    kept = set(
        Hold.objects.standing(now=now)
        .filter(customer=book.customer_id)
        .values_list("product_id", flat=True)
    )
    return [
        item
        for item in suspects
        if item.product.pk not in kept and out_of_stock(facts[item.product.pk], client)
    ]


def _candidates(
    book: Lookbook, shown: Sequence[ShownItem], client: ClientFacts, now: datetime
) -> list[Candidate]:
    """Her suggestions that may be shown now and are not on the page, best first."""
    if blocks_selling(client, now=now):
        return []
    on_page = {item.product.pk for item in shown} | {item.went.pk for item in shown if item.went}
    stored = Suggestion.objects.filter(customer=book.customer_id).exclude(product__in=on_page)
    rows = list(stored.order_by("rank").values(*_ROW))
    facts = item_facts([row["product_id"] for row in rows], book.store, now=now)
    return [_candidate(row) for row in rows if _is_fit(facts.get(row["product_id"]), client)]


_ROW = tuple(dict.fromkeys((*COLUMNS, "product_id", "product__name")))


def _candidate(row: Mapping[str, Any]) -> Candidate:
    reason = because(Evidence.of_row(row))[:REASON_LENGTH]
    return Candidate(row["product_id"], row["product__name"], reason)


def _is_fit(item: ItemFacts | None, client: ClientFacts) -> bool:
    """Known to be here: what nobody knows of is no better than what sold out."""
    return item is not None and item.stock is not None and not item_blockers(item, client)


def _replace(book: Lookbook, gone: ShownItem, candidates: list[Candidate], now: datetime) -> bool:
    """Put the next candidate in its place, once, and tell her associate; or that there is none."""
    if not candidates:
        _tell(book, gone, "", now)
        return False
    chosen = candidates.pop(0)
    place = LookbookItem.objects.filter(
        lookbook=book,
        position=gone.position,
        understudy=gone.product if gone.went else None,
    )
    replaced = place.update(
        understudy=chosen.product_id,
        understudy_because=chosen.because,
        replaced_at=now,
    )
    if replaced:
        _tell(book, gone, chosen.name, now)
    return bool(replaced)


def _tell(book: Lookbook, gone: ShownItem, stands_in: str, now: datetime) -> None:
    instead = f"{stands_in} stands in for it" if stands_in else "nothing could take its place"
    notices.tell(
        book.associate,
        book.customer,
        f"{gone.product.name} on the page of {book.customer} is gone; {instead}.",
        key=f"gone:{book.pk}:{gone.position}:{gone.product.pk}",
        at=now,
    )
