"""Shared tablets: enrolling and revoking them, and whose faces are on one.

A signed cookie says which tablet a browser is; the row behind it says whether it still is one. The
cookie alone opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse

from clienteling.models import AuditEntry, Device, DeviceLogin, Pin, Store, User
from clienteling.tablets import audit

COOKIE = "tablet"
SALT = "clienteling.tablets"
COOKIE_SECONDS = 365 * 24 * 3600
SHIFT = timedelta(hours=12)
"""How long a full log-in counts on a tablet: a PIN opens nothing after that."""


@dataclass(frozen=True)
class Face:
    """Somebody who signed in here today. Without a PIN she can only come in by her password."""

    number: int
    called: str
    initials: str
    is_manager: bool
    has_pin: bool


class NotYourStore(Exception):  # noqa: N818
    """A manager enrols tablets for her own stores only."""


def enrol(store: Store, name: str, *, by: User, now: datetime) -> Device:
    """Make a tablet of this store. Raises ``NotYourStore``; the answer must carry the cookie."""
    if not may_enrol(by, store):
        raise NotYourStore
    with transaction.atomic():
        device = Device.objects.create(
            store=store, name=name, enrolled_by=by, enrolled_at=now, last_seen_at=now
        )
        audit.note(AuditEntry.What.ENROLLED, by=by, device=device, now=now, why=name)
    return device


def revoke(device: Device, *, by: User, now: datetime) -> bool:
    """The tablet is one no more, and whoever is signed in on it is out at her next tap.

    False when it was revoked before. Raises ``NotYourStore``.
    """
    if not may_enrol(by, device.store):
        raise NotYourStore
    with transaction.atomic():
        revoked = Device.objects.enrolled().filter(pk=device.pk)
        if not revoked.update(revoked_by=by, revoked_at=now):
            return False
        DeviceLogin.objects.filter(device=device).delete()
        audit.note(AuditEntry.What.REVOKED, by=by, device=device, now=now)
    return True


def may_enrol(user: User, store: Store) -> bool:
    """Whether this person has a say over the tablets of this store."""
    if user.role == User.Role.ASSOCIATE:
        return False
    return Store.objects.visible_to(user).filter(pk=store.pk).exists()


# --- The browser ---------------------------------------------------------------------------------
def of_request(request: HttpRequest) -> Device | None:
    """The tablet this browser is, as long as nobody has revoked it."""
    key = request.get_signed_cookie(COOKIE, default="", salt=SALT)
    if not key:
        return None
    enrolled = Device.objects.enrolled().select_related("store")
    return enrolled.filter(key=UUID(key)).first()


def remember(response: HttpResponse, device: Device) -> None:
    """Put the cookie on an answer; no script can read it, and no other site's link sends it."""
    response.set_signed_cookie(
        COOKIE,
        str(device.key),
        salt=SALT,
        max_age=COOKIE_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


# --- The people ----------------------------------------------------------------------------------
def note_full_login(device: Device, user: User, *, now: datetime) -> None:
    """She has signed in here with her password: if she works here, her face appears for a shift."""
    DeviceLogin.objects.update_or_create(device=device, user=user, defaults={"logged_in_at": now})
    Device.objects.filter(pk=device.pk).update(last_seen_at=now)


def leave(device_number: int, user: User) -> None:
    """She signs out for the day: her PIN opens nothing here until her next full log-in."""
    DeviceLogin.objects.filter(device=device_number, user=user).delete()


def is_at_work(device: Device, user: User, *, now: datetime) -> bool:
    """Whether her PIN may open it: a full log-in here within a shift, and her own store."""
    return _at_work(device, now).filter(pk=user.pk).exists()


def faces(device: Device, *, now: datetime) -> tuple[Face, ...]:
    """Who may open this tablet by a PIN, by name: one query."""
    staff = _at_work(device, now).annotate(has_pin=Exists(Pin.objects.filter(user=OuterRef("pk"))))
    return tuple(_face(each) for each in staff.order_by("first_name", "username"))


def _at_work(device: Device, now: datetime) -> QuerySet[User]:
    """Who signed in here within a shift and works for this store; never an admin."""
    lately = DeviceLogin.objects.filter(device=device, logged_in_at__gt=now - SHIFT)
    managers = User.objects.filter(role=User.Role.MANAGER, managed_stores=device.store_id)
    works_here = Q(store=device.store_id) | Q(pk__in=managers.values("pk"))
    return User.objects.filter(works_here, is_active=True, pk__in=lately.values("user")).exclude(
        role=User.Role.ADMIN
    )


def logins_column() -> ArraySubquery:
    """Where somebody signed in lately, as a column of a query over users; `is_open` reads it."""
    logins = DeviceLogin.objects.filter(user=OuterRef("pk"), device__revoked_at=None)
    return ArraySubquery(
        logins.order_by("device").values(row=JSONObject(device="device", at="logged_in_at"))
    )


def is_open(user: User, device_number: int, *, now: datetime) -> bool:
    """Whether she may go on on this tablet: not revoked, and signed in there within a shift.

    Asked with every request of a shared tablet, so it came with the person (`StaffBackend`).
    """
    rows = getattr(user, "tablet_logins", None)
    if rows is None:
        rows = User.objects.filter(pk=user.pk).values_list(logins_column(), flat=True).first() or []
    return any(
        row["device"] == device_number and datetime.fromisoformat(row["at"]) > now - SHIFT
        for row in rows
    )


def _face(user: User) -> Face:
    return Face(
        number=user.pk,
        called=user.signature,
        initials=user.initials,
        is_manager=user.role == User.Role.MANAGER,
        has_pin=user.has_pin,  # type: ignore[attr-defined]  # annotated by faces
    )
