"""Days on which a client is left alone: entered by whoever knows, ended when they are over."""

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from clienteling.models import User
from customers.models import Customer
from outreach.messages import outbox
from outreach.models import Message, QuietPeriod
from outreach.models.message import FIRST_MOVES, State

logger = logging.getLogger(__name__)

LONGEST = timedelta(days=2 * 365)


class BadDays(ValueError):  # noqa: N818
    """These days cannot be quiet ones; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def add(
    customer: Customer,
    *,
    starts_on: date,
    ends_on: date,
    reason: str,
    by: User,
    now: datetime,
) -> QuietPeriod:
    """Leave her alone on these days, both included; offers queued for one of them are stopped.

    Raises ``BadDays`` for days that are over, in the wrong order or absurdly many.
    """
    _refuse_odd_days(starts_on, ends_on, today=now.astimezone(_zone_of(customer)).date())
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
        period = QuietPeriod.objects.create(
            customer=customer,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason,
            entered_by=by,
            entered_at=now,
        )
        _stop_offers(period, now=now)
    logger.info("Quiet days of client %s entered by user %s", customer.pk, by.pk)
    return period


def end(period: QuietPeriod, *, by: User, on: date) -> None:
    """They are over from `on`, the present day, on; days that never began leave no trace."""
    if period.starts_on >= on:
        period.delete()
    else:
        QuietPeriod.objects.filter(pk=period.pk, ends_on__gte=on).update(
            ends_on=on - timedelta(days=1)
        )
    logger.info("Quiet days of client %s ended by user %s", period.customer_id, by.pk)


def _refuse_odd_days(starts_on: date, ends_on: date, *, today: date) -> None:
    if ends_on < starts_on:
        raise BadDays("The last day lies before the first.")
    if ends_on < today:
        raise BadDays("These days are over.")
    if ends_on - starts_on > LONGEST:
        raise BadDays("Two years are the most; for longer she should opt out.")


def _zone_of(customer: Customer) -> ZoneInfo:
    return customer.store.zone if customer.store else ZoneInfo("UTC")


def _stop_offers(period: QuietPeriod, *, now: datetime) -> None:
    zone = _zone_of(period.customer)
    waiting = Message.objects.filter(
        customer=period.customer, step__in=FIRST_MOVES, state=State.QUEUED
    ).values_list("pk", "send_after")
    meant = [
        number
        for number, leaves_at in waiting
        if leaves_at and period.starts_on <= leaves_at.astimezone(zone).date() <= period.ends_on
    ]
    outbox.cancel(meant, reason="She is not to be disturbed on that day.", now=now)
