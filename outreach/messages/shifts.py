"""Who is off shift, and whose clients a colleague may answer meanwhile.

Only answering passes to colleagues: of the same store, while her own associate is off shift or has
no account any more. The book stays hers, and a first move to her clients is still hers alone.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from clienteling.models import Store, User
from clienteling.prepared import Moment, Number
from outreach.models import OffShift

logger = logging.getLogger(__name__)


class NotHers(Exception):  # noqa: N818
    """Only she herself, or a manager of her store, says when somebody is off shift."""


def go_off(associate: User, *, by: User, until: datetime | None, now: datetime) -> OffShift:
    """From now on colleagues cover her; who is off already stays so, as she said first.

    Raises ``NotHers``, and ``ValueError`` for an end that has passed.
    """
    _refuse_others(associate, by)
    if until is not None and until <= now:
        raise ValueError("A time off shift ends later than it begins.")
    with transaction.atomic():
        _lock(associate)
        standing = OffShift.objects.at(now).filter(associate=associate).first()
        if standing:
            return standing
        written = OffShift.objects.create(associate=associate, since=now, until=until, said_by=by)
    logger.info("User %s is off shift, said by user %s", associate.pk, by.pk)
    return written


def come_back(associate: User, *, by: User, now: datetime) -> bool:
    """She answers again; False when she was not off. Raises ``NotHers``."""
    _refuse_others(associate, by)
    with transaction.atomic():
        _lock(associate)
        standing = OffShift.objects.at(now).filter(associate=associate)
        ended = standing.update(ended_at=now, ended_by=by)
    if ended:
        logger.info("User %s is back on shift, said by user %s", associate.pk, by.pk)
    return bool(ended)


def standing(associate: User, *, now: datetime) -> OffShift | None:
    """Her time off, while it lasts."""
    return OffShift.objects.at(now).filter(associate=associate).first()


def may_say(by: User, associate: User) -> bool:
    """Whether this person may say that the other is off shift, or back."""
    if associate.role != User.Role.ASSOCIATE:
        return False
    if by.pk == associate.pk:
        return True
    if by.role != User.Role.MANAGER or associate.store is None:
        return False
    return Store.objects.visible_to(by).filter(pk=associate.store.pk).exists()


def covered_by(user: User, *, now: Moment, client: str = "") -> Q:
    """The clients this associate covers, for a query over customers.

    `client` is the way there from another table, such as "customer__" for replies.
    """
    covered = Q(pk__in=())
    for way in ways_covered(user, now=now, client=client):
        covered |= way
    return covered


def ways_covered(user: User, *, now: Moment, client: str = "") -> Iterable[Q]:
    """The same in two questions, each of which an index answers: whose associate is off shift, and
    whose has no account any more."""
    if user.role != User.Role.ASSOCIATE or user.store_id is None:
        return
    off = OffShift.objects.at(now).values("associate")
    here = Q(**{f"{client}store": user.store_id, f"{client}associate__isnull": False})
    for away in ({"associate__in": off}, {"associate__is_active": False}):
        how = Q(**{f"{client}{name}": value for name, value in away.items()})
        yield here & ~Q(**{f"{client}associate": user.pk}) & how


def covers(associate: Number, store: Number, *, now: Moment) -> Case:
    """Whether the associate of this number covers a client in her store, as a column of a query
    over customers. No client is in a store of a number that none has."""
    is_off = Exists(OffShift.objects.at(now).filter(associate=OuterRef("associate_id")))
    away = Q(is_off) | Q(associate__is_active=False)
    here = Q(store=store, associate__isnull=False) & ~Q(associate=associate)
    return Case(
        When(here & away, then=Value(value=True)),
        default=Value(value=False),
        output_field=BooleanField(),
    )


def colleagues_of(manager: User) -> QuerySet[User]:
    """The associates of a manager's stores, by name."""
    return User.objects.filter(
        role=User.Role.ASSOCIATE,
        is_active=True,
        store__in=Store.objects.visible_to(manager).values("pk"),
    ).order_by("first_name", "username")


def _refuse_others(associate: User, by: User) -> None:
    if not may_say(by, associate):
        raise NotHers


def _lock(associate: User) -> None:
    """Two taps on one switch are taken one after the other."""
    User.objects.select_for_update().only("pk").get(pk=associate.pk)
