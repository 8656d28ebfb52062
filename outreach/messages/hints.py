"""Telling the workers that something is due. Only a hint: what is due stands in our own tables,
and the sweep finds it without any hint at all."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db.models import Q

from outreach.models import Message

logger = logging.getLogger(__name__)

# By name: the tasks stand above this package and call it.
DELIVER = "outreach.tasks.deliver_message"
CARRIER_REPORTS = "outreach.tasks.carrier_reports"
FETCH_PICTURE = "outreach.tasks.fetch_picture"
RECORD_DECISIONS = "outreach.tasks.record_decisions"
# A countdown must end well within the broker's visibility timeout, or a task runs twice.
LONGEST_COUNTDOWN_SECONDS = 60
# A backlog is handed out as fast as workers can take it, and nothing is named again while its
# hint may still be followed: else they would be busy with hints instead of messages.
HINTS_PER_SECOND = 20
NAMED_AGAIN_AFTER_GRACES, NAMED_AGAIN_AFTER_SECONDS = 0.5, 10  # the longer of the two


def deliver(message_id: UUID, *, in_seconds: float) -> bool:
    """Have a message delivered soon; False when it is left to the sweep.

    It never expires. One that comes late is as good as any; one too many costs a query. And
    Celery's expiry goes by the clock of the worker's machine: one that is ahead drops every hint.
    """
    if in_seconds > LONGEST_COUNTDOWN_SECONDS:
        return False
    return _publish(DELIVER, str(message_id), countdown=max(0.0, in_seconds))


def carrier_reports(*, in_seconds: float) -> bool:
    """Have the simulated carrier report soon; False when it is left to the sweep."""
    if in_seconds > LONGEST_COUNTDOWN_SECONDS:
        return False
    return _publish(CARRIER_REPORTS, countdown=in_seconds)


def without_live_hint(*, now: datetime) -> Q:
    """Messages no worker has been told of lately."""
    return Q(hinted_at=None) | Q(hinted_at__lte=now - _life())


def name_once(message_id: UUID, *, now: datetime) -> bool:
    """Name a due message to the workers, unless another sweep just has."""
    fresh = Message.objects.filter(without_live_hint(now=now), pk=message_id)
    if not fresh.update(hinted_at=now):
        return False
    return deliver(message_id, in_seconds=0)


def _life() -> timedelta:
    graces = NAMED_AGAIN_AFTER_GRACES * settings.OUTBOX_GRACE_SECONDS
    return timedelta(seconds=max(graces, NAMED_AGAIN_AFTER_SECONDS))


def fetch_picture(number: int) -> bool:
    """Have a picture fetched soon; False when it is left to the sweep."""
    return _publish(FETCH_PICTURE, number, countdown=0.0)


def record_decisions() -> bool:
    """Have tonight's decisions written down again soon; False when it is left to the night."""
    return _publish(RECORD_DECISIONS, countdown=0.0)


def _publish(task: str, *arguments: str | int, **options: Any) -> bool:
    try:
        current_app.send_task(task, arguments, retry=False, **options)
    except Exception:  # whatever the broker's library raises: the row is committed
        logger.warning("No hint for %s %s: left to the sweep", task, " ".join(map(str, arguments)))
        return False
    return True
