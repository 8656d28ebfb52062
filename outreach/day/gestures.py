"""What an associate does for a client beside writing: a call, a kindness, a tip, thanks, and a
case seen through to its end."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from catalog.models import CareTip
from clienteling.models import User
from customers.models import Customer, ServiceCase
from outreach.models import Gesture

logger = logging.getLogger(__name__)

MAY_BE_TAKEN_BACK = timedelta(days=1)


def make(
    customer: Customer,
    kind: Gesture.Kind,
    *,
    by: User,
    now: datetime,
    words: str = "",
    tip: CareTip | None = None,
) -> Gesture:
    """Write down what was done; for a case there is `follow_up`."""
    if kind == Gesture.Kind.FOLLOW_UP:
        raise ValueError("A case is followed up with follow_up().")
    gesture = Gesture.objects.create(
        customer=customer,
        kind=kind,
        words=" ".join(words.split())[:200],
        tip=tip,
        made_at=now,
        made_by=by,
    )
    logger.info("Gesture %s for client %s by user %s", gesture.pk, customer.pk, by.pk)
    return gesture


def follow_up(case: ServiceCase, *, by: User, now: datetime) -> Gesture | None:
    """ "Done, she is happy": an open case is solved as of now, one solved already was asked after.

    None when somebody had followed it up before. A later file of the service desk still decides:
    what it calls open is open again.
    """
    with transaction.atomic():
        locked = ServiceCase.objects.select_for_update().get(pk=case.pk)
        if _was_asked_after(locked):
            return None
        ServiceCase.objects.filter(pk=locked.pk, closed_at=None).update(closed_at=now)
        gesture = Gesture.objects.create(
            customer_id=locked.customer_id,
            kind=Gesture.Kind.FOLLOW_UP,
            words=locked.summary[:200],
            case=locked,
            made_at=now,
            made_by=by,
        )
    logger.info("Case %s followed up by user %s", locked.pk, by.pk)
    return gesture


def _was_asked_after(case: ServiceCase) -> bool:
    """Whether somebody spoke with her since it was solved; one that is open still waits for it."""
    if case.closed_at is None:
        return False
    return Gesture.objects.filter(case=case, made_at__gte=case.closed_at).exists()


def take_back(gesture: Gesture, *, by: User, now: datetime) -> bool:
    """It was tapped by mistake; only who did it may say so, within a day. A case opens again."""
    if gesture.made_by_id != by.pk or now - gesture.made_at > MAY_BE_TAKEN_BACK:
        return False
    with transaction.atomic():
        if gesture.case_id:
            solved = ServiceCase.objects.filter(pk=gesture.case_id, closed_at=gesture.made_at)
            solved.update(closed_at=None)
        deleted, _ = Gesture.objects.filter(pk=gesture.pk).delete()
    return bool(deleted)
