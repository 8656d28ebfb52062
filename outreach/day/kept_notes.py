""" "This worked; keep it?": notes of hers that were answered or followed by a purchase."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from clienteling.models import User
from customers.models import LineItem
from outreach import lookbook
from outreach.day import keeping, note_facts, placeholders
from outreach.day.keeping import Named
from outreach.day.notes import Piece
from outreach.day.placeholders import Part
from outreach.messages import wording
from outreach.models import KeptNote, LookbookItem, Message
from outreach.models.message import FIRST_MOVES, HANDED_OVER, Step

logger = logging.getLogger(__name__)

ASKED_ABOUT_DAYS = 30
LOOKED_AT = 40
OFFERED = 3


class NothingToKeep(Exception):  # noqa: N818
    """Of this note nothing could be kept that is not about its client alone."""

    sentence = "Of that note nothing is left that another client could be sent."


@dataclass(frozen=True)
class Offer:
    """A note that worked, and the phrase it would become."""

    message: Message
    phrase: str
    is_answered: bool
    is_followed: bool

    @property
    def parts(self) -> tuple[Part, ...]:
        return placeholders.parts(self.phrase)


def offers(associate: User, *, now: datetime) -> list[Offer]:
    """Her latest notes that worked and that she has not been asked about: three queries."""
    found = list(_worked(associate, now=now)[:LOOKED_AT])
    purchases = _purchases(each.customer_id for each in found)
    made = ((each, _phrase(each, purchases.get(each.customer_id, ()))) for each in found)
    kept = [
        Offer(each, phrase, each.is_answered, each.is_followed)  # type: ignore[attr-defined]
        for each, phrase in made
        if phrase
    ]
    return list(_each_once(kept))[:OFFERED]


def keep(message_id: UUID, *, by: User, now: datetime) -> KeptNote:
    """Keep the phrase of a note of hers; a second tap keeps nothing more.

    Raises ``Message.DoesNotExist`` for a note that is not hers or has not worked, and
    ``NothingToKeep``.
    """
    message = _hers(by, now=now).get(pk=message_id)
    purchases = _purchases([message.customer_id])
    phrase = _phrase(message, purchases.get(message.customer_id, ()))
    if not phrase:
        raise NothingToKeep
    return _decide(message, KeptNote.State.KEPT, by=by, now=now, body=phrase)


def decline(message_id: UUID, *, by: User, now: datetime) -> KeptNote:
    """Not to be asked again about this note."""
    message = _hers(by, now=now).get(pk=message_id)
    return _decide(message, KeptNote.State.DECLINED, by=by, now=now)


def drop(number: int, *, by: User) -> bool:
    """She no longer wants the phrase; False for one that is not hers or was dropped before."""
    kept = KeptNote.objects.filter(pk=number, associate=by, state=KeptNote.State.KEPT)
    return bool(kept.update(state=KeptNote.State.DROPPED))


def _decide(
    message: Message, state: KeptNote.State, *, by: User, now: datetime, body: str = ""
) -> KeptNote:
    with transaction.atomic():
        kept, is_new = KeptNote.objects.get_or_create(
            made_from=message,
            defaults={
                "associate": by,
                "step": message.step,
                "channel": message.channel,
                "body": body,
                "state": state,
                "decided_at": now,
            },
        )
    if is_new:
        logger.info("User %s %s the words of %s", by.pk, state, message.pk)
    return kept


def _hers(associate: User, *, now: datetime) -> QuerySet[Message]:
    """First moves of hers that went out lately, with all that naming them takes."""
    items = LookbookItem.objects.select_related("product").order_by("position")
    return (
        Message.objects.filter(
            sender=associate,
            step__in=FIRST_MOVES,
            state__in=HANDED_OVER,
            queued_at__gt=now - timedelta(days=ASKED_ABOUT_DAYS),
            customer__erased_at=None,
        )
        .annotate(is_answered=note_facts.is_answered(), is_followed=note_facts.is_followed())
        .filter(Q(is_answered=True) | Q(is_followed=True))
        .select_related("customer", "store", "sender", "lookbook")
        .prefetch_related(Prefetch("lookbook__items", queryset=items))
    )


def _worked(associate: User, *, now: datetime) -> QuerySet[Message]:
    """Those she has not been asked about; one made of a phrase of hers is one already."""
    return (
        _hers(associate, now=now).filter(kept_as=None, kept_note=None).order_by("-queued_at", "pk")
    )


def _purchases(customers: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """The name of everything they ever bought, sent back or not."""
    rows = LineItem.objects.filter(customer__in=set(customers)).values_list(
        "customer_id", "product__name"
    )
    found: dict[int, set[str]] = {}
    for number, name in rows:
        found.setdefault(number, set()).add(name)
    return {number: tuple(sorted(names)) for number, names in found.items()}


def _phrase(message: Message, purchases: tuple[str, ...]) -> str:
    customer, book = message.customer, message.lookbook
    items = tuple(
        Piece(each.product.name, each.product.color) for each in (book.items.all() if book else ())
    )
    named = Named(
        first_name=customer.first_name,
        last_name=customer.last_name,
        city=customer.city,
        associate=message.sender.signature,
        store=message.store.name if message.store else "",
        purchases=purchases,
        items=items,
    )
    return keeping.generalised(_own_words(message), named, Step(message.step))


def _own_words(message: Message) -> str:
    """What she wrote, without what the outbox had added."""
    book = message.lookbook
    items = [
        wording.NamedItem(each.product.name, each.price)
        for each in (book.items.all() if book else ())
    ]
    link = lookbook.url(book) if book else ""
    for is_first in (True, False):
        added = wording.addition(channel=message.channel, link=link, is_first=is_first, items=items)
        if added and message.body.endswith(added):
            return message.body.removesuffix(added)
    return message.body


def _each_once(offers: Iterable[Offer]) -> Iterator[Offer]:
    """Two notes of one template become one phrase."""
    seen: set[str] = set()
    for offer in offers:
        if offer.phrase not in seen:
            seen.add(offer.phrase)
            yield offer
