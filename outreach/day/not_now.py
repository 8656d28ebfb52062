""" "Not now": a client is put off until a day, with the reason; and taken up again before it.

Wrong items teach: each is written down as not for her, and is never shown again.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from catalog.models import Product
from clienteling.models import User
from customers import feedback
from customers.feedback import Kind
from customers.models import Customer
from outreach.models import PutOff

logger = logging.getLogger(__name__)

A_DAY, LONGEST = timedelta(days=1), timedelta(days=365)
USUAL = timedelta(days=14)  # what the form proposes


class BadDay(ValueError):  # noqa: N818
    """She cannot be put off until then; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def put_off(
    customer: Customer,
    *,
    reason: PutOff.Reason,
    back_on: date,
    wrong: Iterable[Product] = (),
    by: User,
    now: datetime,
) -> PutOff:
    """No first move to her before `back_on`, for everybody; `wrong` items are not for her.

    Raises ``BadDay`` for a day that is not ahead, or absurdly far, by her store's calendar.
    """
    today = today_of(customer, by, now)
    if back_on <= today:
        raise BadDay("The day on which she returns must lie ahead.")
    if back_on - today > LONGEST:
        raise BadDay("A year is the most; for longer she should opt out.")
    with transaction.atomic():
        said = PutOff.objects.create(
            customer=customer,
            reason=reason,
            back_on=back_on,
            put_off_on=today,
            put_off_at=now,
            put_off_by=by,
        )
        for product in wrong if reason == PutOff.Reason.WRONG_ITEMS else ():
            feedback.say(customer, product, Kind.NOT_FOR_ME, at=now, by=by)
    logger.info("Client %s put off until %s by user %s", customer.pk, back_on, by.pk)
    return said


def take_up_again(said: PutOff, *, by: User, now: datetime) -> bool:
    """She may be written to again; False when that was said already.

    What the same tap had turned down is taken back too, unless something was said of it since.
    """
    with transaction.atomic():
        standing = PutOff.objects.filter(pk=said.pk, ended_at=None)
        if not standing.update(ended_at=now, ended_by=by):
            return False
        for product in _turned_down_with(said):
            feedback.forget(said.customer, product, at=now, by=by)
    logger.info("Client %s taken up again by user %s", said.customer_id, by.pk)
    return True


def today_of(customer: Customer, by: User, now: datetime) -> date:
    """The day in her store; in the associate's where she has none."""
    store = customer.store or by.store
    return (store.local(now) if store else now).date()


def _turned_down_with(said: PutOff) -> list[Product]:
    return list(
        Product.objects.filter(
            feedback__customer=said.customer_id,
            feedback__said_at=said.put_off_at,
            feedback__said_by=said.put_off_by_id,
        )
    )
