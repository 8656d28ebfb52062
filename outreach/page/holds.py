"""Keeping an item for her: the only writer of `Hold`.

The piece is set aside in the same transaction in which she asks, so the last pair is held once. A
hold ends by itself: from its last moment on every reader takes it for expired, and the piece is
available again, whether or not a task has written that down.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from catalog import setting_aside
from catalog.models import Product, SetAside
from catalog.setting_aside import NoneLeft
from clienteling.defaults import HOLD_HOURS
from clienteling.models import User
from outreach.models import Hold, Lookbook

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 6  # of one page: three items, two sizes of each to try on

State = Hold.State


class CannotHold(Exception):  # noqa: N818
    """It cannot be kept for her; the sentence says why, to her."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Step:
    """What staff may do with a hold: from which states, to which, and whether the piece is free."""

    from_: tuple[Hold.State, ...]
    to: Hold.State
    frees: bool


STEPS = {
    "confirm": Step((State.ASKED,), State.CONFIRMED, frees=False),
    "decline": Step((State.ASKED,), State.DECLINED, frees=True),
    # The piece stays set aside until the hold would have ended: by then the till's stock file has
    # come, and until it has come the store's figure still counts the piece she carried home.
    "collect": Step(Hold.OPEN, State.COLLECTED, frees=False),
    "release": Step(Hold.OPEN, State.RELEASED, frees=True),
}


def ask(book: Lookbook, product: Product, size: str, *, now: datetime) -> Hold:
    """Keep one piece for her for `HOLD_HOURS`; the same wish twice is one. Raises ``CannotHold``.

    Of a store whose stock nobody told us it is a question, and nothing is set aside.
    """
    store = book.store
    if store is None:
        raise CannotHold("There is no store that could keep it.")
    with transaction.atomic():
        Lookbook.objects.select_for_update(of=("self",)).get(pk=book.pk)  # one wish at a time
        standing = book.holds.standing(now=now)
        known = standing.filter(product=product, size=size).first()
        if known:
            return known
        if standing.count() >= MOST_AT_ONCE:
            raise CannotHold(f"We keep {MOST_AT_ONCE} things at a time for you.")
        _write_off(book.holds.overdue(now=now).filter(product=product, size=size), now=now)
        until = now + timedelta(hours=HOLD_HOURS)
        try:
            piece = setting_aside.set_aside(product, size, store, until=until, now=now)
        except NoneLeft:
            raise CannotHold("Somebody was quicker: that one has just gone.") from None
        hold = Hold.objects.create(
            lookbook=book,
            customer_id=book.customer_id,
            store=store,
            product=product,
            size=size,
            set_aside=piece,
            asked_at=now,
            expires_at=until,
        )
    logger.info("Hold %s asked for on page %s", hold.pk, book.pk)
    return hold


def withdraw(book: Lookbook, number: int, *, now: datetime) -> bool:
    """She no longer wants it; False when there is nothing of hers to give back."""
    mine = book.holds.standing(now=now).filter(pk=number)
    return _settle(mine, State.WITHDRAWN, now=now, frees=True)


def answer(hold: Hold, step: str, *, by: User, now: datetime, sentence: str = "") -> bool:
    """Do one of `STEPS`; False when somebody, she or the clock was first.

    A refusal needs its sentence, which her page shows.
    """
    chosen = STEPS[step]
    if chosen.to == State.DECLINED and not sentence:
        raise ValueError("Declining a hold needs a sentence for her.")
    still = Hold.objects.standing(now=now).filter(pk=hold.pk, state__in=chosen.from_)
    settled = _settle(still, chosen.to, now=now, frees=chosen.frees, by=by, sentence=sentence)
    if settled:
        hold.refresh_from_db()
        logger.info("Hold %s: %s by user %s", hold.pk, step, by.pk)
    return settled


def expire(*, now: datetime) -> int:
    """Write down which holds are over, and drop what was set aside until now."""
    with transaction.atomic():
        expired = _write_off(Hold.objects.overdue(now=now), now=now)
        setting_aside.clear(now=now)
    return expired


def let_go(holds: QuerySet[Hold], *, now: datetime) -> int:
    """Put whatever of these is still kept back on the shelf, for somebody who is forgotten."""
    open_ones = holds.filter(state__in=Hold.OPEN)
    with transaction.atomic():
        SetAside.objects.filter(hold__in=open_ones.values("pk")).delete()
        return open_ones.update(state=State.RELEASED, settled_at=now)


def _settle(
    holds: QuerySet[Hold],
    to: Hold.State,
    *,
    now: datetime,
    frees: bool,
    by: User | None = None,
    sentence: str = "",
) -> bool:
    """Compare-and-swap of one hold; a piece that is free is back on the shelf with it."""
    with transaction.atomic():
        number = holds.select_for_update(of=("self",)).values_list("pk", flat=True).first()
        if number is None:
            return False
        if frees:
            SetAside.objects.filter(hold=number).delete()
        Hold.objects.filter(pk=number).update(
            state=to, settled_at=now, settled_by=by, sentence=sentence
        )
    return True


def _write_off(overdue: QuerySet[Hold], *, now: datetime) -> int:
    """What was over before is expired in name, too."""
    return overdue.update(state=State.EXPIRED, settled_at=now)
