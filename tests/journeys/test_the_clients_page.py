"""Her page on her phone, and what her associate sees of it: kept, confirmed, written, shown."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from tests.journeys.conftest import Seat, SeatMaker
from tests.journeys.test_every_screen import overflow, violations

pytestmark = pytest.mark.browser

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
    "has_touch": True,
}
MOST_BYTES = 60_000
LEAST_TARGET = 44
LEAST_GAP = 6


def address_of_a_page(associate: Seat) -> str:
    """The path behind the link of the newest text on the simulated phone."""
    associate.go("/simulator/")
    link = associate.page.locator(".log .msg.in a[href*='/l/']").last
    return urlsplit(link.get_attribute("href") or "").path


def open_a_page_with_sizes(associate: Seat, her: Seat) -> str:
    """Her browser at a page with a piece of which a size can be kept; answers its path."""
    associate.go("/simulator/")
    phones = associate.page.locator("section", has=associate.page.locator("#phones-title"))
    links = phones.get_by_role("link").all()
    for phone in [each.get_attribute("href") or "" for each in links]:
        associate.go(phone)
        for link in associate.page.locator(".log .msg.in a[href*='/l/']").all():
            path = urlsplit(link.get_attribute("href") or "").path
            answer = associate.page.request.get(associate.shop.address + path)
            if answer.ok and '<details class="keep">' in answer.text():  # older pages have expired
                her.go(path)
                return path
    raise AssertionError("No client was sent a piece that comes in sizes.")


def piece_to_keep(page: Page) -> Locator:
    """The first piece of which a size can be kept."""
    return page.locator("li.piece", has=page.locator("details.keep")).first


def weigh(page: Page, shop: str, path: str) -> int:
    """The bytes of everything but the pictures, on a first visit."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(shop + path, wait_until="networkidle")
    kept = [each.request for each in answers if each.request.resource_type != "image"]
    return sum(request.sizes()["responseBodySize"] for request in kept)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 320])
def test_her_page_reads_well_on_a_small_phone(seat: SeatMaker, width: int, scheme: str) -> None:
    path = address_of_a_page(seat("shoeguy"))
    her = seat(**{**PHONE, "viewport": {"width": width, "height": 844}, "color_scheme": scheme})

    her.go(path)

    small = her.page.evaluate(
        "least => [...document.querySelectorAll('a, button, summary, textarea')]"
        ".filter(each => each.offsetParent && !each.classList.contains('skip'))"
        ".filter(each => each.getBoundingClientRect().height < least)"
        ".map(each => each.textContent.trim())",
        LEAST_TARGET,
    )
    assert (violations(her), overflow(her), small) == ([], 0, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_question_whether_to_stop_stands_below_the_cloth(seat: SeatMaker, scheme: str) -> None:
    associate, her = seat("shoeguy"), seat(**PHONE, color_scheme=scheme)
    her.go(address_of_a_page(associate))

    her.page.get_by_role("link", name="Stop these notes").click()

    cloth = her.page.locator("header").bounding_box()
    asked = her.page.get_by_role("heading", level=1).bounding_box()
    assert cloth is not None
    assert asked is not None
    assert asked["y"] >= cloth["y"] + cloth["height"]
    assert violations(her) == []


def test_sizes_to_keep_stand_apart(seat: SeatMaker) -> None:
    associate, her = seat("shoeguy"), seat(**PHONE)
    open_a_page_with_sizes(associate, her)

    piece = piece_to_keep(her.page)
    piece.locator("summary").click()

    first, second = [each.bounding_box() for each in piece.locator(".which button").all()[:2]]
    assert first is not None
    assert second is not None
    assert second["y"] == first["y"]
    assert second["x"] - (first["x"] + first["width"]) >= LEAST_GAP


def test_her_page_is_light_and_keeps_no_cookie(seat: SeatMaker) -> None:
    path = address_of_a_page(seat("shoeguy"))
    her = seat(**PHONE)

    weight = weigh(her.page, her.shop.address, path)

    assert weight < MOST_BYTES
    assert her.page.context.cookies() == []


def test_a_pair_is_kept_on_her_phone_and_confirmed_by_one_tap(seat: SeatMaker) -> None:
    associate, her = seat("shoeguy"), seat(**PHONE)
    path = open_a_page_with_sizes(associate, her)
    piece = piece_to_keep(her.page)
    name = piece.locator("h2").inner_text().splitlines()[-1]

    piece.locator("details.keep summary").click()
    piece.locator(".which button").first.click()
    expect(piece.locator(".keeping").first).to_contain_text("will confirm it")
    associate.go("/inbox/")
    strip = associate.page.locator("[data-hold]", has_text=name).filter(
        has=associate.page.get_by_role("button", name="Confirm")
    )
    strip.first.get_by_role("button", name="Confirm").click()
    expect(associate.page.locator("[data-hold]", has_text=name).first).to_contain_text("confirmed")
    her.go(path)

    expect(piece_or_kept(her.page, name).locator(".keeping").first).to_contain_text("keeps it")
    assert violations(associate) == []


def piece_or_kept(page: Page, name: str) -> Locator:
    return page.locator(
        "li.piece", has=page.get_by_role("heading", name=re.compile(re.escape(name)))
    )


def test_an_answer_changes_its_part_alone_and_is_said_aloud(seat: SeatMaker) -> None:
    path = address_of_a_page(seat("shoeguy"))
    her = seat(**PHONE)
    her.go(path)
    piece = her.page.locator("li.piece").last
    piece.scroll_into_view_if_needed()
    was_at = her.page.evaluate("scrollY")

    piece.get_by_role("button", name="Love it").click()

    expect(piece.get_by_role("button", name="Love it")).to_have_attribute("aria-pressed", "true")
    expect(piece.get_by_role("button", name="Love it")).to_be_focused()
    expect(her.page.locator("#said")).to_contain_text("will see that you love it")
    assert abs(her.page.evaluate("scrollY") - was_at) < 4


def test_without_a_script_she_keeps_comes_and_writes(seat: SeatMaker) -> None:
    associate, her = seat("shoeguy"), seat(**PHONE, java_script_enabled=False)
    open_a_page_with_sizes(associate, her)
    page = her.page

    page.locator(".visits button").last.click()
    expect(page.locator("#come")).to_contain_text("expects you")
    page.locator("#words").fill("Is it true to size? Without a script.")
    page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.locator("#reply")).to_contain_text("has your words")
    piece = piece_to_keep(page)
    piece.locator("summary").click()
    piece.locator(".which button").last.click()
    expect(page.locator(".keeping").first).to_be_visible()
    associate.go("/inbox/")

    expect(associate.page.locator("#inbox")).to_contain_text("Without a script.")


def test_her_code_opens_her_three_and_one_tap_notes_what_became_of_them(seat: SeatMaker) -> None:
    associate, her = seat("shoeguy"), seat(**PHONE)
    her.go(address_of_a_page(associate))
    code = her.page.locator("p.code").inner_text()
    associate.go("/in-store/")

    associate.page.get_by_label("A client shows her code").fill(code.lower())
    associate.page.get_by_role("button", name="Open her page").click()
    item = associate.page.locator(".showing").first
    item.get_by_role("button", name="Not shown").click()

    expect(item.get_by_role("button", name="Not shown")).to_have_attribute("aria-pressed", "true")
    expect(item).to_contain_text("was not shown")
    assert (violations(associate), overflow(associate)) == ([], 0)
