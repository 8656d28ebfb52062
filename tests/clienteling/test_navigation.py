from datetime import datetime, time
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve

from clienteling import clock
from clienteling.models import User
from clienteling.navigation import frame
from tests.factories import AdminFactory, ManagerFactory, StoreFactory, UserFactory

pytestmark = pytest.mark.django_db


def request_of(user: object, path: str = "/") -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user  # type: ignore[assignment]
    request.resolver_match = resolve(path)
    return request


@pytest.mark.parametrize(
    ("factory", "places"),
    [
        (
            UserFactory,
            [
                ("Today", "/"),
                ("Inbox", "/inbox/"),
                ("Clients", "/clients/"),
                ("New in", "/new-in/"),
            ],
        ),
        (
            ManagerFactory,
            [
                ("Results", "/reports/"),
                ("Inbox", "/inbox/"),
                ("Clients", "/clients/"),
                ("New in", "/new-in/"),
                ("Notes", "/notes/"),
                ("Sending", "/sending/"),
            ],
        ),
        (AdminFactory, [("Catalog desk", "/admin/"), ("Sending", "/sending/")]),
    ],
)
def test_frame_holds_the_places_of_the_role(factory: Any, places: list[tuple[str, str]]) -> None:
    shown = frame(request_of(factory()))["navigation"]

    assert [(place.label, place.url) for place in shown] == places


@pytest.mark.parametrize("factory", [UserFactory, ManagerFactory, AdminFactory])
def test_every_place_opens_for_its_role(client: Client, factory: Any) -> None:
    user = factory()
    client.force_login(user)

    statuses = [
        client.get(place.url).status_code for place in frame(request_of(user))["navigation"]
    ]

    assert set(statuses) == {200}


def test_frame_marks_the_place_one_is_at() -> None:
    shown = frame(request_of(UserFactory(), "/clients/"))["navigation"]

    assert [place.label for place in shown if place.is_current] == ["Clients"]


def test_frame_marks_no_place_further_inside() -> None:
    shown = frame(request_of(UserFactory(), "/clients/C-1/"))["navigation"]

    assert not any(place.is_current for place in shown)


def test_only_the_inbox_has_a_counter() -> None:
    shown = frame(request_of(UserFactory()))["navigation"]

    assert [place.badge_id for place in shown] == ["", "inbox-badge", "", ""]


def test_frame_has_only_icons_for_a_stranger() -> None:
    assert list(frame(request_of(AnonymousUser()))) == ["icons"]
    assert list(frame(RequestFactory().get("/"))) == ["icons"]


@pytest.mark.parametrize("user_of", [UserFactory, AdminFactory])
def test_frame_shows_the_demo_clock_on_the_stores_wall(
    settings: Any, monkeypatch: pytest.MonkeyPatch, user_of: type, now: datetime
) -> None:
    settings.DEMO_CLOCK = time(10, 30)
    StoreFactory(timezone="America/New_York")
    user: User = user_of()
    monkeypatch.setattr(clock, "now", lambda: now)

    shown = frame(request_of(user))["demo_clock"]

    assert shown == now
    assert shown.time() == (time(12) if user.store else time(13))


def test_frame_shows_no_clock_in_real_time(settings: Any) -> None:
    settings.DEMO_CLOCK = None

    assert frame(request_of(UserFactory()))["demo_clock"] is None
