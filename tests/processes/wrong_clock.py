"""Celery on a machine whose clock is wrong by so many seconds: `wrong_clock.py SECONDS worker ...`.

Where Django, and so all of ours, and Celery's own expiry of tasks read the clock, it is shifted.
"""

import sys
from datetime import datetime, timedelta, tzinfo
from typing import Self

from celery.__main__ import main
from celery.worker import request
from django.utils import timezone

AHEAD = timedelta(seconds=int(sys.argv.pop(1)))
right_now = timezone.now


class WrongDatetime(datetime):
    """A datetime that reads the wrong clock."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + AHEAD


def wrong_now() -> datetime:
    """What this machine takes for the present."""
    return right_now() + AHEAD


if __name__ == "__main__":
    timezone.now = wrong_now
    request.datetime = WrongDatetime
    sys.exit(main())
