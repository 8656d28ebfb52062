"""Telling the workers that something is due. Only a hint: what is due stands in our own tables,
and the sweep finds it without any hint at all."""

import logging
from uuid import UUID

from celery import current_app

logger = logging.getLogger(__name__)

# By name: the tasks stand above this package and call it.
DELIVER = "outreach.tasks.deliver_message"
CARRIER_REPORTS = "outreach.tasks.carrier_reports"
# A countdown must end well within the broker's visibility timeout, or a task runs twice.
LONGEST_COUNTDOWN_SECONDS = 60


def deliver(message_id: UUID, *, in_seconds: float, expires: int | None = None) -> bool:
    """Have a message delivered soon; False when it is left to the sweep.

    `expires`: seconds after which the hint is void because the next sweep repeats it.
    """
    if in_seconds > LONGEST_COUNTDOWN_SECONDS:
        return False
    return _publish(DELIVER, str(message_id), countdown=max(0.0, in_seconds), expires=expires)


def carrier_reports(*, in_seconds: float) -> bool:
    """Have the simulated carrier report soon; False when it is left to the sweep."""
    if in_seconds > LONGEST_COUNTDOWN_SECONDS:
        return False
    return _publish(CARRIER_REPORTS, countdown=in_seconds)


def _publish(task: str, *arguments: str, **options: float | int | None) -> bool:
    try:
        current_app.send_task(task, arguments, retry=False, **options)
    except Exception:  # whatever the broker's library raises: the row is committed
        logger.warning("No hint for %s %s: left to the sweep", task, " ".join(arguments))
        return False
    return True
