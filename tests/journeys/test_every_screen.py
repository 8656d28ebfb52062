"""Every screen at every size: accessible, nothing overflowing, nothing to complain about."""

from collections.abc import Iterable, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.conftest import Seat, SeatMaker

pytestmark = pytest.mark.browser

SIZES = {
    "landscape": (1180, 820),
    "portrait": (820, 1180),
    "phone": (390, 844),
    "desktop": (1440, 900),
    "narrow": (320, 640),
}
ASSOCIATE_SCREENS = (
    "/",
    "/?who=about-to-lapse",
    "/?who=came-back",
    "/decisions/resting/",
    "/in-store/",
    "/pin/",
    "/inbox/",
    "/evening/",
    "/clients/",
    "/clients/?q=a",
    "/new-in/",
    "/simulator/",
)
MANAGER_SCREENS = (
    "/reports/",
    "/notes/",
    "/notes/offer/sms/brief/",
    "/reports/?days=365",
    "/clients/",
    "/new-in/",
    "/inbox/",
    "/inbox/unknown/",
    "/inbox/cover/",
    "/sending/",
    "/decisions/",
    "/decisions/what-if/",
    "/tablets/",
)
PAGES_OF_A_CLIENT = ("", "thread/", "why-not/", "not-now/", "steps/", "decision/")
ADMIN_SCREENS = ("/admin/", "/admin/catalog/product/", "/admin/catalog/stocklevel/")
READ_ALOUD_AT = ("landscape", "phone")  # where axe looks, too
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(seat: Seat) -> list[str]:
    complaints = list(seat.complaints)
    found = Axe().run(seat.page, options={"runOnly": {"type": "tag", "values": RULES}})
    seat.complaints[:] = complaints  # axe styles elements while it looks; the policy minds, we not
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]


def overflow(seat: Seat) -> int:
    return int(
        seat.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


def check_screens(seat: Seat, paths: Sequence[str], sizes: Iterable[str]) -> None:
    """Open each page once and turn the tablet in every direction; a narrow page must not spill."""
    for path in paths:
        seat.go(path)
        assert seat.page.locator("h1").count() == 1
        for size in sizes:
            width, height = SIZES[size]
            seat.page.set_viewport_size({"width": width, "height": height})
            assert (path, size, overflow(seat)) == (path, size, 0)
            if size in READ_ALOUD_AT:
                assert (path, size, violations(seat)) == (path, size, [])


def client_pages(seat: Seat) -> tuple[str, ...]:
    client = seat.page.locator("article[data-client]").first.get_attribute("data-client")
    return tuple(f"/clients/{client}/{page}" for page in PAGES_OF_A_CLIENT)


def test_associate_screens_are_accessible_and_fit_at_every_size(seat: SeatMaker) -> None:
    associate = seat("shoeguy")

    check_screens(associate, (*ASSOCIATE_SCREENS, *client_pages(associate)), SIZES)


def test_associate_screens_are_accessible_in_the_dark(seat: SeatMaker) -> None:
    associate = seat("shoeguy", color_scheme="dark")

    check_screens(associate, (*ASSOCIATE_SCREENS, *client_pages(associate)), ["landscape"])


def test_manager_screens_are_accessible_and_fit(seat: SeatMaker) -> None:
    check_screens(seat("manager"), MANAGER_SCREENS, SIZES)


def test_admin_screens_are_accessible(seat: SeatMaker) -> None:
    check_screens(seat("admin"), ADMIN_SCREENS, ["landscape"])
