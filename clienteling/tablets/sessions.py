"""How somebody came in, on which tablet, and since when her hands rest: all of it in her session.

The session's backend says whether it was the password or the PIN. On a shared tablet the session
also keeps the moment of the last touch, and every request asks whether that was too long ago.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, login
from django.http import HttpRequest

from clienteling import clock
from clienteling.models import AuditEntry, Device, User
from clienteling.tablets import audit, devices, pins

PIN_BACKEND = "clienteling.backends.PinBackend"
TABLET, TOUCHED = "tablet", "touched"
NOTED_EVERY = timedelta(seconds=15)  # a touch younger than this is not worth a write
IDLE_HEADER = "X-Idle-Seconds"


def after_login(sender: object, request: HttpRequest, user: User, **more: Any) -> None:
    """Receiver of Django's own signal, so that no way of signing in is forgotten."""
    device, now = devices.of_request(request), clock.real_now()
    if not is_by_pin(request):
        pins.forgive(user)
        audit.note(AuditEntry.What.SIGNED_IN, by=user, device=device, now=now)
    if device:
        settle_on(request, device, user, now=now)


def settle_on(request: HttpRequest, device: Device, user: User, *, now: datetime) -> None:
    """From now on this session is one on a shared tablet, and rests for minutes at most."""
    if not is_by_pin(request):
        devices.note_full_login(device, user, now=now)
    request.session[TABLET] = device.pk
    request.session[TOUCHED] = now.timestamp()


def leave_tablet(request: HttpRequest) -> None:
    """The browser was a shared tablet until now: its session goes on as one of her own."""
    request.session.pop(TABLET, None)
    request.session.pop(TOUCHED, None)


def open_by_pin(request: HttpRequest, user: User) -> None:
    """Sign her in after `pins.open_tablet`; whoever was signed in before is out."""
    login(request, user, backend=PIN_BACKEND)


def is_by_pin(request: HttpRequest) -> bool:
    """Whether this session came by a PIN, which opens neither settings nor exports."""
    return bool(request.session.get(BACKEND_SESSION_KEY) == PIN_BACKEND)


def tablet_of(request: HttpRequest) -> int | None:
    """The number of the shared tablet of this session; None on a browser of one's own."""
    number: int | None = request.session.get(TABLET)
    return number


def rests_for(request: HttpRequest, *, now: datetime) -> timedelta:
    """How long ago this session was touched, before this request counts."""
    touched = datetime.fromtimestamp(request.session.get(TOUCHED, 0), UTC)
    return now - touched


def touch(request: HttpRequest, *, now: datetime) -> None:
    """Count this request as far as a hand made it.

    The page says with every request of its own how long nobody has touched it; what it does not
    say so of counts only when somebody opens a page. So asking for news keeps nothing open.
    """
    idle = _idle(request)
    if idle is None:
        return
    touched = now - idle
    if rests_for(request, now=touched) >= NOTED_EVERY:
        request.session[TOUCHED] = touched.timestamp()


def lock_seconds() -> int:
    """How long a shared tablet may lie untouched."""
    seconds: int = settings.TABLET_LOCK_SECONDS
    return seconds


def _idle(request: HttpRequest) -> timedelta | None:
    told = request.headers.get(IDLE_HEADER, "")
    if told.isascii() and told.isdigit():
        return timedelta(seconds=min(int(told), 86_400))
    is_opened = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return timedelta(0) if is_opened and "HX-Request" not in request.headers else None
