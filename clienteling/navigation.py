"""The frame around every signed-in page: its places, what stops sending, and a demo's clock."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from clienteling import clock, sending
from clienteling.models import User
from clienteling.tablets import alarms, seal, sessions


@dataclass(frozen=True)
class Place:
    """One entry of the spine."""

    label: str
    icon: str
    view: str
    is_current: bool = False

    @property
    def url(self) -> str:
        return reverse(self.view)

    @property
    def badge_id(self) -> str:
        """The id of the counter that live updates replace; only the inbox has one."""
        return "inbox-badge" if self.view == "inbox" else ""


PLACES = {
    User.Role.ASSOCIATE: (
        ("Today", "today", "day"),
        ("Inbox", "talk", "inbox"),
        ("Clients", "people", "clients"),
        ("New in", "new", "new-in"),
    ),
    User.Role.MANAGER: (
        ("Results", "chart", "reports"),
        ("Inbox", "talk", "inbox"),
        ("Clients", "people", "clients"),
        ("New in", "new", "new-in"),
        ("Notes", "edit", "note-templates"),
        ("Sending", "send", "sending"),
    ),
    User.Role.ADMIN: (("Catalog desk", "desk", "admin:index"), ("Sending", "send", "sending")),
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the file of `icons`, `navigation`, the `stops` that hold her back, for
    managers the `alarms` of tablets, for associates the `seal` of what waits in their browser, on a
    shared tablet `locks_after`, and on a demo `demo_clock` in the zone of the store.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"icons": static("icons.svg")}
    match = request.resolver_match
    here = match.view_name if match else ""
    places = [
        Place(label, icon, view, is_current=view == here)
        for label, icon, view in PLACES[User.Role(user.role)]
    ]
    return {
        "icons": static("icons.svg"),
        "navigation": places,
        "stops": sending.standing_for(user),
        "alarms": alarms.standing_for(user),
        "seal": seal.key_of(user) if user.role == User.Role.ASSOCIATE else "",
        "locks_after": _locks_after(request),
        "demo_clock": _demo_clock(user),
        "simulator_is_on": settings.SIMULATOR_IS_ON and user.role != User.Role.ADMIN,
    }


def _locks_after(request: HttpRequest) -> int | None:
    """Seconds without a touch after which a shared tablet locks; None on a browser of her own."""
    session = getattr(request, "session", None)
    if session is None or sessions.tablet_of(request) is None:
        return None
    return sessions.lock_seconds()


def _demo_clock(user: User) -> Any:
    if not clock.is_shifted():
        return None
    zone = user.store.zone if user.store else clock.shop_zone()
    return clock.now().astimezone(zone)
