"""The Celery application; its settings are the ``CELERY_*`` ones in `settings.py`."""

import os
from datetime import timedelta

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clienteling.settings")

LEAST_LIFE_SECONDS = 10

app = Celery("clienteling")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def sweep_is_void_at() -> str:
    """When a sweep sent now is void, because others have come since.

    By the shop's one clock: Celery's own expiry goes by the clock of the worker's machine, and one
    that is ahead would drop every sweep.
    """
    from django.conf import settings

    from clienteling import clock

    lives = max(2 * settings.OUTBOX_SWEEP_SECONDS, LEAST_LIFE_SECONDS)
    return (clock.now() + timedelta(seconds=lives)).isoformat()


@beat_init.connect
@worker_init.connect
def prepare_queue(**_: object) -> None:
    """Create the queue's schema before the first worker or scheduler looks for it; `run` has."""
    from clienteling.broker import ensure_queue

    ensure_queue()
