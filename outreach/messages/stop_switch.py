"""The stop switch: nothing leaves a store, or nothing by one channel, until it is started again.

A stop is a row, asked for by the very statement with which the outbox takes a message
(`Message.objects.due`): what has not been handed to a carrier by then waits, as it is. No attempt
is counted, nothing is canceled, and nobody's memory of the switch can be out of date.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from clienteling.models import SendingStop, Store, User
from outreach.models import Message
from outreach.models.message import State

logger = logging.getLogger(__name__)

ONE_OPEN = "sending_stop_one_open"


class NotYours(Exception):  # noqa: N818
    """This store is not this person's to stop or to start."""

    sentence = "This is not yours to stop or start."


@dataclass(frozen=True)
class Target:
    """What is stopped: a store or, without one, all of them; a channel or, blank, both."""

    store: Store | None
    channel: str


def stop(target: Target, *, reason: str, by: User, now: datetime) -> tuple[SendingStop, bool]:
    """Stop sending. Answers the stop that stands, and whether it is this one.

    A second one for the same store and channel answers the first. Raises ``NotYours``.
    """
    if not may_stop(by, target.store):
        raise NotYours
    try:
        with transaction.atomic():
            made = SendingStop.objects.create(
                store=target.store,
                channel=target.channel,
                reason=reason,
                stopped_by=by,
                stopped_at=now,
            )
    except IntegrityError as error:
        if ONE_OPEN not in str(error):
            raise
        return standing(target), False
    logger.warning("Stop %s of %s by user %s", made.pk, made, by.pk)
    return made, True


def start(number: int, *, because: str, by: User, now: datetime) -> bool:
    """Start sending again; False when somebody else did already. Raises ``NotYours``.

    What waited leaves with the next sweep, after every rule has been asked again.
    """
    if not SendingStop.objects.endable_by(by).filter(pk=number).exists():
        raise NotYours
    started = (
        SendingStop.objects.standing()
        .filter(pk=number)
        .update(started_by=by, started_at=now, started_because=because)
    )
    if started:
        logger.warning("Stop %s ended by user %s", number, by.pk)
    return bool(started)


def may_stop(user: User, store: Store | None) -> bool:
    """A manager stops her own stores, an admin any and all of them."""
    if user.role == User.Role.ADMIN:
        return user.is_active
    if user.role != User.Role.MANAGER or store is None:
        return False
    return Store.objects.visible_to(user).filter(pk=store.pk).exists()


def standing(target: Target) -> SendingStop:
    """The stop in force for exactly this store and channel."""
    return (
        SendingStop.objects.standing()
        .select_related("store", "stopped_by")
        .get(store=target.store, channel=target.channel)
    )


def waiting(target: Target) -> int:
    """How many notes are queued that a stop of this store and channel holds back."""
    queued = Message.objects.filter(state=State.QUEUED)
    if target.store:
        queued = queued.filter(Q(store=target.store) | Q(sender__store=target.store))
    if target.channel:
        queued = queued.filter(channel=target.channel)
    return queued.count()
