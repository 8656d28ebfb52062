"""The hour as it is written."""

from datetime import datetime
from zoneinfo import ZoneInfo


def clock_words(moment: datetime, zone: ZoneInfo) -> str:
    """`9:05` on that wall clock."""
    local = moment.astimezone(zone)
    return f"{local.hour}:{local:%M}"
