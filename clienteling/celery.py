"""The Celery application; its settings are the ``CELERY_*`` ones in `settings.py`."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clienteling.settings")

app = Celery("clienteling")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
@worker_init.connect
def prepare_queue(**_: object) -> None:
    """Create the queue's schema before the first worker or scheduler looks for it; `run` has."""
    from clienteling.broker import ensure_queue

    ensure_queue()
