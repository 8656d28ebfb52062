"""R47 and R48 at the door: what a lock, a switch and a PIN let through, by requests alone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clienteling import clock
from clienteling.models import AuditEntry, Device, DeviceLogin, PinAlarm, User
from clienteling.tablets import devices, lock, pins
from tests.factories import (
    AdminFactory,
    DeviceFactory,
    ManagerFactory,
    StoreFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 6, 15, 14, 0, tzinfo=UTC)
PASSWORD = "a-long-password"
MAYAS, DANIELS = "4826", "9057"


class RealTime:
    """A clock on the wall that a test winds on."""

    def __init__(self) -> None:
        self.moment = NINE

    def __call__(self) -> datetime:
        return self.moment

    def wind(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> RealTime:
    wall = RealTime()
    monkeypatch.setattr(clock, "real_now", wall)
    return wall


@pytest.fixture
def tablet(client: Client, wall: RealTime) -> Client:
    """A browser that a manager has enrolled for a store; nobody is signed in."""
    response = HttpResponse()
    devices.remember(response, DeviceFactory())
    client.cookies[devices.COOKIE] = response.cookies[devices.COOKIE].value
    return client


def hired(wall: RealTime, digits: str, **more: Any) -> User:
    person: User = UserFactory(store=Device.objects.get().store, **more)
    pins.choose(person, digits, now=wall())
    return person


def sign_in(browser: Client, person: User) -> Any:
    """With the password, at a tablet whoever had it before has locked."""
    browser.post(reverse("lock"))
    return browser.post(
        f"{reverse('login')}?password=1", {"username": person.username, "password": PASSWORD}
    )


def switch(browser: Client, person: User, digits: str, **more: str) -> Any:
    return browser.post(reverse("open-tablet"), {"who": person.pk, "pin": digits, **more})


def whoever_is_in(browser: Client) -> int | None:
    number = browser.session.get("_auth_user_id")
    return int(number) if number else None


def asks_for_news(browser: Client, idle: int) -> Any:
    return browser.get(
        reverse("pulse"), headers={"HX-Request": "true", "X-Idle-Seconds": str(idle)}
    )


# --- The lock -------------------------------------------------------------------------------------
def test_it_locks_after_three_minutes_without_a_touch(tablet: Client, wall: RealTime) -> None:
    maya = hired(wall, MAYAS)
    sign_in(tablet, maya)

    wall.wind(seconds=180)
    just_in_time = tablet.get(reverse("inbox"))
    wall.wind(seconds=181)
    too_late = tablet.get(reverse("inbox"))

    assert just_in_time.status_code == 200
    assert urlsplit(too_late["Location"]).path == reverse("lock")
    assert too_late["Clear-Site-Data"] == '"cache"'
    assert whoever_is_in(tablet) is None


def test_asking_for_news_keeps_nothing_open(tablet: Client, wall: RealTime) -> None:
    sign_in(tablet, hired(wall, MAYAS))

    for second in range(20, 181, 20):
        wall.wind(seconds=20)
        assert asks_for_news(tablet, idle=second).status_code == 200
    wall.wind(seconds=20)
    answer = asks_for_news(tablet, idle=200)

    assert answer["HX-Redirect"].startswith(reverse("lock"))
    assert whoever_is_in(tablet) is None


def test_a_hand_at_work_keeps_it_open(tablet: Client, wall: RealTime) -> None:
    maya = hired(wall, MAYAS)
    sign_in(tablet, maya)

    for _ in range(10):
        wall.wind(seconds=120)
        asks_for_news(tablet, idle=3)

    assert whoever_is_in(tablet) == maya.pk


def test_a_browser_of_ones_own_does_not_lock(client: Client, wall: RealTime) -> None:
    maya = UserFactory()
    sign_in(client, maya)

    wall.wind(hours=2)

    assert client.get(reverse("inbox")).status_code == 200


def test_a_revoked_tablet_lets_nobody_go_on(tablet: Client, wall: RealTime) -> None:
    sign_in(tablet, hired(wall, MAYAS))
    device = Device.objects.get()

    devices.revoke(device, by=device.enrolled_by, now=wall())

    assert tablet.get(reverse("inbox")).status_code == 302
    assert whoever_is_in(tablet) is None


def test_she_comes_back_to_where_she_was_and_nobody_else_does(
    tablet: Client, wall: RealTime
) -> None:
    maya, daniel = hired(wall, MAYAS), hired(wall, DANIELS)
    sign_in(tablet, daniel)
    sign_in(tablet, maya)
    locked = tablet.post(reverse("lock"), {"why": "hand", "path": "/clients/?q=a"})
    back = parse_qs(urlsplit(locked["Location"]).query)["back"][0]

    as_daniel = switch(tablet, daniel, DANIELS, back=back)
    as_maya = switch(tablet, maya, MAYAS, back=back)

    assert (as_daniel["Location"], as_maya["Location"]) == ("/", "/clients/?q=a")


@pytest.mark.parametrize("path", ["/tablets/", "/admin/catalog/product/?q=a", "/no-such-page/"])
def test_the_way_back_of_a_pin_leads_to_no_page_behind_a_password(path: str) -> None:
    maya = UserFactory()
    url = lock.address("hand", user=maya, path=path)
    back = parse_qs(urlsplit(url).query)["back"][0]

    assert lock.way_back(back, maya) == "/"


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_the_way_back_leads_nowhere_else(path: str, rf: Any) -> None:
    maya = UserFactory()
    url = lock.address("hand", user=maya, path=path)
    back = parse_qs(urlsplit(url).query)["back"][0]

    assert lock.way_back(back, maya) == "/"
    assert lock.way_back("made up", maya) == "/"


# --- Hands change ---------------------------------------------------------------------------------
def test_faces_come_first_and_the_pin_opens(tablet: Client, wall: RealTime) -> None:
    maya = hired(wall, MAYAS, first_name="Maya", last_name="Lindqvist")
    sign_in(tablet, maya)
    tablet.post(reverse("lock"))

    at_the_door = tablet.get(reverse("inbox"), follow=True)
    opened = switch(tablet, maya, MAYAS)

    assert at_the_door.redirect_chain[-1][0] == reverse("lock")
    assert "ML" in at_the_door.content.decode()
    assert opened["Location"] == "/"
    assert whoever_is_in(tablet) == maya.pk


def test_a_full_login_on_a_tablet_asks_for_a_pin_once(tablet: Client, wall: RealTime) -> None:
    maya = UserFactory(store=Device.objects.get().store)

    first = sign_in(tablet, maya)
    chosen = tablet.post(reverse("pin"), {"pin": MAYAS, "again": MAYAS})
    tablet.post(reverse("logout"))
    second = sign_in(tablet, maya)

    assert first["Location"].startswith(reverse("pin"))
    assert (chosen["Location"], second["Location"]) == ("/", "/")


@pytest.mark.parametrize(
    ("pin", "again", "word"),
    [("1234", "1234", "in a row"), (MAYAS, DANIELS, "not the same"), ("", "", "four digits")],
)
def test_a_bad_pin_is_not_taken(
    pin: str, again: str, word: str, client: Client, wall: RealTime
) -> None:
    client.force_login(UserFactory())

    answer = client.post(reverse("pin"), {"pin": pin, "again": again})

    assert word in answer.content.decode()


def test_signing_out_takes_the_face_away(tablet: Client, wall: RealTime) -> None:
    maya = hired(wall, MAYAS)
    sign_in(tablet, maya)

    out = tablet.post(reverse("logout"))
    refused = switch(tablet, maya, MAYAS)

    assert out["Clear-Site-Data"] == '"cache"'
    assert pins.WITH_PASSWORD in refused.content.decode()
    assert not DeviceLogin.objects.exists()


def test_a_send_from_the_former_users_page_is_refused(tablet: Client, wall: RealTime) -> None:
    maya, daniel = hired(wall, MAYAS), hired(wall, DANIELS)
    for person in (daniel, maya):
        sign_in(tablet, person)
    tablet.post(reverse("lock"))
    switch(tablet, daniel, DANIELS)
    assert whoever_is_in(tablet) == daniel.pk
    send = reverse("send", args=["anybody"])

    by_form = tablet.post(send, {"page_of": maya.pk, "body": "Hello"})
    by_script = tablet.post(send, headers={"HX-Request": "true", "X-Page-Of": str(maya.pk)})
    news = tablet.get(reverse("pulse"), headers={"HX-Request": "true", "X-Page-Of": str(maya.pk)})
    his_own = tablet.post(send, {"page_of": daniel.pk})

    assert by_form.status_code == by_script.status_code == 409
    assert "somebody else" in by_form.content.decode()
    assert by_script["HX-Redirect"] == news["HX-Redirect"] == "/"
    assert news.content == b""
    assert his_own.status_code == 404  # through the lock, and nobody of that name is in his book


def test_every_page_of_staff_is_kept_by_no_browser(tablet: Client, wall: RealTime) -> None:
    sign_in(tablet, hired(wall, MAYAS))
    pages = [tablet.get(reverse(name)) for name in ("day", "inbox", "clients", "new-in", "pin")]
    tablet.post(reverse("lock"))
    pages.append(tablet.get(reverse("lock")))

    assert all("no-store" in page["Cache-Control"] for page in pages)


def test_a_part_asked_for_after_the_lock_is_answered_by_a_whole_page(
    tablet: Client, wall: RealTime
) -> None:
    answer = asks_for_news(tablet, idle=0)

    assert answer["HX-Redirect"].startswith(reverse("login"))
    assert answer.content == b""


# --- What a PIN opens -----------------------------------------------------------------------------
def by_pin(browser: Client, wall: RealTime) -> User:
    ingrid: User = ManagerFactory(store=Device.objects.get().store)
    pins.choose(ingrid, MAYAS, now=wall())
    sign_in(browser, ingrid)
    browser.post(reverse("lock"))
    switch(browser, ingrid, MAYAS)
    return ingrid


@pytest.mark.parametrize("name", ["tablets", "pin", "sending-stop", "admin:index"])
def test_a_pin_opens_neither_admin_nor_settings(name: str, tablet: Client, wall: RealTime) -> None:
    by_pin(tablet, wall)

    answer = tablet.get(reverse(name))

    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == reverse("login")
    assert "A PIN does not open this" in tablet.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("name", ["reports", "inbox", "clients", "sending"])
def test_a_pin_opens_the_work_of_the_day(name: str, tablet: Client, wall: RealTime) -> None:
    by_pin(tablet, wall)

    assert tablet.get(reverse(name)).status_code == 200


def test_the_password_opens_what_the_pin_did_not(tablet: Client, wall: RealTime) -> None:
    ingrid = by_pin(tablet, wall)

    tablet.post(reverse("login"), {"username": ingrid.username, "password": PASSWORD})

    assert tablet.get(reverse("tablets")).status_code == 200


def test_an_admin_has_no_face(tablet: Client, wall: RealTime) -> None:
    admin = AdminFactory()
    pins.choose(admin, MAYAS, now=wall())
    sign_in(tablet, admin)
    tablet.post(reverse("lock"))

    assert pins.WITH_PASSWORD in switch(tablet, admin, MAYAS).content.decode()


# --- Who enrols -----------------------------------------------------------------------------------
def test_a_manager_enrols_with_one_tap_and_is_on_a_tablet_then(
    client: Client, wall: RealTime
) -> None:
    ingrid = ManagerFactory()
    client.force_login(ingrid)

    client.post(reverse("enrol-tablet"), {"store": ingrid.store.pk, "name": "Till"})
    wall.wind(seconds=181)

    device = Device.objects.get()
    assert (device.store, device.name, device.enrolled_by) == (ingrid.store, "Till", ingrid)
    assert client.get(reverse("reports")).status_code == 302
    assert [face.number for face in devices.faces(device, now=wall())] == [ingrid.pk]


def test_nobody_enrols_for_another_store(client: Client, wall: RealTime) -> None:
    client.force_login(ManagerFactory())

    client.post(reverse("enrol-tablet"), {"store": StoreFactory().pk, "name": "Till"})

    assert not Device.objects.exists()


def test_a_manager_of_another_store_revokes_nothing(tablet: Client, wall: RealTime) -> None:
    stranger = Client()
    stranger.force_login(ManagerFactory())

    answer = stranger.post(reverse("revoke-tablet", args=[Device.objects.get().pk]))

    assert answer.status_code == 404


def test_a_manager_is_told_of_wrong_pins_until_she_has_seen_it(
    tablet: Client, wall: RealTime
) -> None:
    maya = hired(wall, MAYAS, first_name="Maya")
    sign_in(tablet, maya)
    tablet.post(reverse("lock"))
    for _ in range(5):
        switch(tablet, maya, DANIELS)
    manager, stranger = Client(), Client()
    manager.force_login(ManagerFactory(store=maya.store))
    stranger.force_login(ManagerFactory())

    told = manager.get(reverse("reports")).content.decode()
    not_told = stranger.get(reverse("reports")).content.decode()
    url = reverse("alarm-seen", args=[PinAlarm.objects.get().pk])
    not_hers, hers = stranger.post(url), manager.post(url)

    assert "Wrong PINs for Maya" in told
    assert "Wrong PINs" not in not_told
    assert (not_hers.status_code, hers.status_code) == (404, 302)
    assert "Wrong PINs" not in manager.get(reverse("reports")).content.decode()


def test_every_step_is_in_the_log(tablet: Client, wall: RealTime) -> None:
    maya = hired(wall, MAYAS)
    sign_in(tablet, maya)
    tablet.post(reverse("lock"), {"why": "idle"})
    switch(tablet, maya, DANIELS)
    switch(tablet, maya, MAYAS)
    tablet.post(reverse("logout"))

    entries = AuditEntry.objects.order_by("pk").values_list("what", "by", "why")

    assert list(entries) == [
        ("pin-set", maya.pk, ""),
        ("signed-in", maya.pk, ""),
        ("locked", maya.pk, "idle"),
        ("wrong-pin", maya.pk, ""),
        ("switched", maya.pk, ""),
        ("signed-out", maya.pk, ""),
    ]


@pytest.mark.parametrize(
    "typed",
    [{}, {"who": "x", "pin": MAYAS}, {"who": "1", "pin": ""}, {"who": "999999", "pin": "0"}],
)
def test_odd_forms_open_nothing(typed: dict[str, str], tablet: Client, wall: RealTime) -> None:
    sign_in(tablet, hired(wall, MAYAS))
    tablet.post(reverse("lock"))

    answer = tablet.post(reverse("open-tablet"), typed)

    assert answer.status_code == 200
    assert whoever_is_in(tablet) is None
