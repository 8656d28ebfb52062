"""Telling associates once, in the evening of their store, what the day has brought."""

import logging
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from clienteling.models import Store, User
from outreach.day import evening
from outreach.day.evening import Counts
from outreach.messages import notices, staff_mail
from outreach.models import EveningDigest

logger = logging.getLogger(__name__)

MAILED_WITHIN = timedelta(hours=6)
LATEST = time(22)  # who is told of her day at night has not left it


def tell_all(*, now: datetime) -> int:
    """Tell everybody in whose store it is evening; answers how many. Safe to repeat."""
    return sum(tell(store, now=now) for store in Store.objects.all() if _is_hour(store, now))


def tell(store: Store, *, now: datetime) -> int:
    """One digest for each associate of this store who has none today and something to hear of."""
    on = store.local(now).date()
    untold = User.objects.filter(store=store, role=User.Role.ASSOCIATE, is_active=True).exclude(
        evening_digests__on=on
    )
    counted = evening.counts_of(untold, store, now=now)
    return sum(
        _tell(associate, counts, on=on, now=now)
        for associate, counts in counted.items()
        if counts.is_worth_telling
    )


def mail_all(*, now: datetime) -> int:
    """Mail today's digests to those who asked for it; answers how many left."""
    if not staff_mail.is_possible():
        return 0
    wanted = EveningDigest.objects.filter(
        mailed_at=None,
        told_at__gt=now - MAILED_WITHIN,
        associate__is_active=True,
        associate__writing_style__wants_evening_mail=True,
    ).exclude(associate__email="")
    return sum(_mail(digest, now=now) for digest in wanted.select_related("associate"))


def _mail(digest: EveningDigest, *, now: datetime) -> bool:
    """Claimed before it is sent, so that it never leaves twice.

    One that fails is not repeated: the same stands in her inbox.
    """
    if not EveningDigest.objects.filter(pk=digest.pk, mailed_at=None).update(mailed_at=now):
        return False
    try:
        staff_mail.send(digest.associate.email, subject="Your evening", words=_letter(digest))
    except staff_mail.NotSent:
        logger.warning("The evening's mail to user %s was not sent", digest.associate_id)
        return False
    return True


def _is_hour(store: Store, now: datetime) -> bool:
    return evening.has_come(store, now=now) and store.local(now).time() < LATEST


def _tell(associate: User, counts: Counts, *, on: date, now: datetime) -> bool:
    """The database lets only one of several workers write it."""
    with transaction.atomic():
        _, is_new = EveningDigest.objects.get_or_create(
            associate=associate,
            on=on,
            defaults={
                "answered": counts.answered,
                "clicked": counts.clicked,
                "bought": counts.bought,
                "waiting": counts.waiting,
                "told_at": now,
            },
        )
        if is_new:
            key = f"evening:{associate.pk}:{on}"
            notices.tell(associate, None, counts.sentence(on), key=key, at=now)
    return is_new


def _letter(digest: EveningDigest) -> str:
    """Numbers and a link: whoever reads it there signs in first."""
    counts = Counts(digest.answered, digest.clicked, digest.bought, digest.waiting)
    link = f"{settings.PUBLIC_BASE_URL}{reverse('evening')}"
    end = "You asked for this mail; the same page ends it."
    return f"{counts.sentence(digest.on)}\n\nWho they are, and what to keep: {link}\n\n{end}\n"
