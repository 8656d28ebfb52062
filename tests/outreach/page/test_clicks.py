"""A click is what a person did on the page; machines open it as well, and staff try it out."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from outreach.models import Lookbook, PageGesture
from outreach.page import clicks
from tests.factories import LookbookFactory, ProductFactory

pytestmark = pytest.mark.django_db

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
IMESSAGE = f"{IPHONE} facebookexternalhit/1.1 Facebot Twitterbot/1.0"

Kind = PageGesture.Kind


@pytest.fixture
def book() -> Lookbook:
    return LookbookFactory()


def from_phone(agent: str = IPHONE) -> HttpRequest:
    request = RequestFactory(headers={"User-Agent": agent}).post("/l/x/")
    request.user = AnonymousUser()
    return request


def test_gesture_counts_once_a_page_and_once_an_item(book: Lookbook, now: datetime) -> None:
    first, second = ProductFactory(), ProductFactory()
    done = [
        clicks.gesture(book, kind, from_phone(), now=now + timedelta(minutes=minute), product=of)
        for minute, (kind, of) in enumerate(
            [
                (Kind.LOOKED, None),
                (Kind.LOOKED, None),
                (Kind.LOVE_IT, first),
                (Kind.LOVE_IT, second),
                (Kind.LOVE_IT, first),
            ]
        )
    ]

    assert done == [True, False, True, True, False]
    assert [each.kind for each in book.gestures.all()] == ["looked", "love_it", "love_it"]


def test_gesture_opens_the_page_if_nothing_has(book: Lookbook, now: datetime) -> None:
    clicks.gesture(book, Kind.REPLY, from_phone(), now=now)

    book.refresh_from_db()
    assert book.first_opened_at == now


@pytest.mark.parametrize("agent", ["", IMESSAGE, "curl/8.0", "HeadlessChrome/140"])
def test_gesture_of_a_machine_is_none(book: Lookbook, now: datetime, agent: str) -> None:
    assert not clicks.gesture(book, Kind.LOOKED, from_phone(agent), now=now)
    assert list(book.gestures.all()) == []


def test_gesture_of_staff_is_none(book: Lookbook, now: datetime) -> None:
    request = from_phone()
    request.user = book.associate

    assert not clicks.gesture(book, Kind.LOVE_IT, request, now=now)


def test_note_opened_counts_a_person_once(book: Lookbook, now: datetime) -> None:
    request = RequestFactory(headers={"User-Agent": IPHONE}).get("/l/x/")
    request.user = AnonymousUser()

    seen = [clicks.note_opened(book, request, now=now + timedelta(hours=n)) for n in (0, 1)]

    book.refresh_from_db()
    assert (seen, book.first_opened_at) == ([True, False], now)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("head", {"User-Agent": IPHONE}),
        ("get", {"User-Agent": IMESSAGE}),
        ("get", {"User-Agent": "Mozilla/5.0 (compatible; Google-PageRenderer preview)"}),
        ("get", {"User-Agent": "WhatsApp/2.23"}),
        ("get", {"User-Agent": "curl/8.0"}),
        ("get", {"User-Agent": IPHONE, "Sec-Purpose": "prefetch;prerender"}),
        ("get", {"User-Agent": IPHONE, "Purpose": "prefetch"}),
        ("get", {}),
    ],
)
def test_note_opened_ignores_machines(
    book: Lookbook, now: datetime, method: str, headers: dict[str, str]
) -> None:
    request = getattr(RequestFactory(headers=headers), method)("/l/x/")

    assert not clicks.note_opened(book, request, now=now)


def test_note_opened_ignores_staff(book: Lookbook, now: datetime) -> None:
    request = RequestFactory(headers={"User-Agent": IPHONE}).get("/l/x/")
    request.user = book.associate

    assert not clicks.note_opened(book, request, now=now)
