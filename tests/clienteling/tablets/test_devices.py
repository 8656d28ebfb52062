from collections.abc import Callable
from datetime import datetime, timedelta
from http.cookies import SimpleCookie

import pytest
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from clienteling.models import AuditEntry, Device, DeviceLogin, Pin, Store, User
from clienteling.tablets import audit, devices
from clienteling.tablets.devices import SHIFT, NotYourStore
from tests.factories import (
    AdminFactory,
    DeviceFactory,
    DeviceLoginFactory,
    ManagerFactory,
    StoreFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def browser_with(cookies: SimpleCookie) -> HttpRequest:
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in cookies.items()}
    return request


def entries() -> list[tuple[str, User | None]]:
    return [(entry.what, entry.by) for entry in AuditEntry.objects.order_by("pk")]


def test_enrol_makes_a_tablet_of_the_store_and_writes_it_down(now: datetime) -> None:
    manager = ManagerFactory()

    device = devices.enrol(manager.store, "Till tablet", by=manager, now=now)

    assert (device.store, device.enrolled_by, device.enrolled_at) == (manager.store, manager, now)
    assert entries() == [("enrolled", manager)]


@pytest.mark.parametrize("who", [UserFactory, ManagerFactory])
def test_enrol_is_for_managers_of_that_store(who: type, now: datetime) -> None:
    store: Store = StoreFactory()
    person = who() if who is ManagerFactory else who(store=store)

    with pytest.raises(NotYourStore):
        devices.enrol(store, "Mine", by=person, now=now)

    assert not Device.objects.exists()


def test_the_cookie_names_the_tablet_and_no_script_can_read_it() -> None:
    device, response = DeviceFactory(), HttpResponse()

    devices.remember(response, device)

    cookie = response.cookies[devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert devices.of_request(browser_with(response.cookies)) == device


def test_a_cookie_of_ones_own_making_names_nothing() -> None:
    device = DeviceFactory()
    forged = SimpleCookie({devices.COOKIE: f"{device.key}:made-up"})

    assert devices.of_request(browser_with(forged)) is None
    assert devices.of_request(browser_with(SimpleCookie())) is None


def test_a_revoked_tablet_is_one_no_more(now: datetime) -> None:
    login, response = DeviceLoginFactory(), HttpResponse()
    device = login.device
    devices.remember(response, device)

    first = devices.revoke(device, by=device.enrolled_by, now=now)
    again = devices.revoke(device, by=device.enrolled_by, now=now)

    assert (first, again) == (True, False)
    assert devices.of_request(browser_with(response.cookies)) is None
    assert devices.is_open(login.user, device.pk, now=now) is False
    assert entries() == [("revoked", device.enrolled_by)]


def test_revoke_is_for_managers_of_that_store(now: datetime) -> None:
    device = DeviceFactory()

    with pytest.raises(NotYourStore):
        devices.revoke(device, by=ManagerFactory(), now=now)

    assert Device.objects.enrolled().get() == device


def test_faces_are_of_those_who_signed_in_within_a_shift(now: datetime) -> None:
    device = DeviceFactory()
    here = {"device": device}
    DeviceLoginFactory(**here, user__first_name="Rosa", logged_in_at=now - timedelta(hours=1))
    DeviceLoginFactory(**here, user__first_name="Gone home", logged_in_at=now - SHIFT)
    DeviceLoginFactory(**here, user__first_name="Left us", user__is_active=False)
    DeviceLoginFactory(**here, user__first_name="Moved", user__store=StoreFactory())
    DeviceLoginFactory(user__first_name="Elsewhere")
    ingrid = ManagerFactory(first_name="Ingrid")
    ingrid.managed_stores.add(device.store)
    DeviceLoginFactory(**here, user=ingrid)
    Pin.objects.create(user=ingrid, digits_hash="hash", set_at=now)

    shown = devices.faces(device, now=now)

    assert [(face.called, face.is_manager, face.has_pin) for face in shown] == [
        ("Ingrid", True, True),
        ("Rosa", False, False),
    ]


def test_note_full_login_keeps_the_latest_of_each(now: datetime) -> None:
    device = DeviceFactory()
    maya = UserFactory(store=device.store)

    devices.note_full_login(device, maya, now=now - timedelta(hours=3))
    devices.note_full_login(device, maya, now=now)

    assert DeviceLogin.objects.get().logged_in_at == now


@pytest.mark.parametrize("who", [UserFactory, AdminFactory])
def test_note_full_login_gives_strangers_and_admins_no_face(who: type, now: datetime) -> None:
    device, person = DeviceFactory(), who()

    devices.note_full_login(device, person, now=now)

    assert devices.faces(device, now=now) == ()
    assert devices.is_at_work(device, person, now=now) is False
    assert devices.is_open(person, device.pk, now=now) is True


@pytest.mark.parametrize(
    ("age", "is_open"), [(timedelta(0), True), (SHIFT, False), (SHIFT - timedelta(seconds=1), True)]
)
def test_is_open_lasts_a_shift_from_the_full_login(
    age: timedelta, is_open: bool, now: datetime
) -> None:
    login = DeviceLoginFactory(logged_in_at=now - age)

    assert devices.is_open(login.user, login.device.pk, now=now) is is_open


def test_leave_takes_the_face_away(now: datetime) -> None:
    login = DeviceLoginFactory(logged_in_at=now)

    devices.leave(login.device.pk, login.user)

    assert devices.faces(login.device, now=now) == ()


@pytest.mark.parametrize(
    "change",
    [lambda: AuditEntry.objects.update(why="Not she"), lambda: AuditEntry.objects.all().delete()],
    ids=["update", "delete"],
)
def test_nobody_changes_the_audit_log(change: Callable[[], object], now: datetime) -> None:
    device = DeviceFactory()
    audit.note(AuditEntry.What.ENROLLED, by=device.enrolled_by, device=device, now=now)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()

    assert AuditEntry.objects.get().why == ""
