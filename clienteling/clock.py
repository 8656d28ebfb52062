"""The one clock. Views, tasks and commands ask it; everything below is handed `now`.

In production it is real time, by the database's clock: web and workers may run on machines whose
clocks differ, and who compares the moments of another machine with his own takes a worker for dead
that is not. On demo data it is shifted, by an offset in the database that web, worker and scheduler
share, so that the newcomer's shop opens in mid-morning at any hour of his own. The demo clock never
runs backwards: what has happened stays in the past.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from clienteling.models import ShopClock, Store

LAST_HOUR_TO_CONTINUE = time(17)  # a demo day that has come this far starts afresh next time
RECHECK_SECONDS = 1.0
COMPARE_SECONDS = 30.0
# A smaller difference harms nothing, and correcting it would let the clock tremble.
TOLERATED = timedelta(seconds=0.5)


@dataclass
class _Seen:
    offset: timedelta
    at: float


_seen: _Seen | None = None
_compared: _Seen | None = None


def now() -> datetime:
    """The shop's present moment, aware, in UTC."""
    real = _real()
    return real + _offset() if is_shifted() else real


def real_now() -> datetime:
    """Real time, on a demo too: for locks and log-ins, which guard people and not the shop's day.

    A demo clock wound on by a week must neither lock the tablet nor wear out a log-in.
    """
    return _real()


def is_shifted() -> bool:
    """Whether this process serves a demo whose clock may differ from real time."""
    return settings.DEMO_CLOCK is not None


def is_demo_data() -> bool:
    """Whether the database holds the demo shop: loading it leaves the clock's row behind."""
    return ShopClock.objects.exists()


def start_demo_day(*, zone: ZoneInfo, starts_at: time) -> datetime:
    """Set the clock for a session and return its moment.

    The first time the day starts at ``starts_at`` in ``zone``; later sessions go on where the
    clock stands, or start the next morning when the day is nearly over or has not begun.
    """
    with transaction.atomic():
        row = ShopClock.objects.select_for_update().first()
        real = _real()
        moment = (
            _next_start(real + row.offset, zone, starts_at)
            if row
            else _today_at(real, zone, starts_at)
        )
        ShopClock.objects.update_or_create(only=True, defaults={"offset": moment - real})
    _forget()
    return moment


def wind_on(by: timedelta) -> datetime:
    """Move the demo clock forward; raises ``ValueError`` for a step back."""
    if by < timedelta(0):
        raise ValueError("The demo clock never runs backwards.")
    with transaction.atomic():
        row, _ = ShopClock.objects.select_for_update().get_or_create(
            only=True, defaults={"offset": timedelta(0)}
        )
        row.offset += by
        row.save(update_fields=["offset"])
    _forget()
    return now()


def shop_zone() -> ZoneInfo:
    """The zone in which the shop as a whole counts its days: the first store's."""
    store = Store.objects.order_by("pk").first()
    return store.zone if store else ZoneInfo("UTC")


def _today_at(moment: datetime, zone: ZoneInfo, starts_at: time) -> datetime:
    return datetime.combine(moment.astimezone(zone).date(), starts_at, tzinfo=zone)


def _next_start(shown: datetime, zone: ZoneInfo, starts_at: time) -> datetime:
    local = shown.astimezone(zone)
    if starts_at <= local.time() < LAST_HOUR_TO_CONTINUE:
        return shown
    start = _today_at(shown, zone, starts_at)
    return start if start >= shown else _today_at(shown + timedelta(days=1), zone, starts_at)


def _real() -> datetime:
    """Real time, as the database's machine has it."""
    return timezone.now() + _behind()


def _behind() -> timedelta:
    """How far the clock of this machine is behind the database's, looked at now and then."""
    global _compared
    if _compared is None or monotonic() - _compared.at > COMPARE_SECONDS:
        known = _compared.offset if _compared else timedelta(0)
        _compared = _Seen(_measured(known), monotonic())
    return _compared.offset


def _measured(known: timedelta) -> timedelta:
    """The difference, as it was known where the database cannot be asked now.

    Asked below Django's cursor: it is nobody's query, and no page's.
    """
    try:
        connection.ensure_connection()
        before = timezone.now()
        row = connection.connection.execute("SELECT clock_timestamp()").fetchone()
        after = timezone.now()
    except (Error, psycopg.Error):
        return known
    difference: timedelta = row[0] - (before + (after - before) / 2)
    return difference if abs(difference) > TOLERATED else timedelta(0)


def _offset() -> timedelta:
    global _seen
    if _seen is None or monotonic() - _seen.at > RECHECK_SECONDS:
        row = ShopClock.objects.first()
        _seen = _Seen(row.offset if row else timedelta(0), monotonic())
    return _seen.offset


def _forget() -> None:
    global _seen
    _seen = None
