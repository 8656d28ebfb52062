"""Finding a client: letters are answered as she types, and numbers come without moving anything."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import SeatMaker

pytestmark = pytest.mark.browser

PLACES = """
() => [...document.querySelectorAll(".tabs a, .narrow label, select, .folk a")].map((it) => {
  const { x, y, width, height } = it.getBoundingClientRect();
  return [x, y, width, height].map(Math.round).join(" ");
})
"""


def places(page: Page) -> list[str]:
    """Where everything stands that a finger may aim at."""
    found: list[str] = page.evaluate(PLACES)
    return found


def test_numbers_come_after_the_names_and_move_nothing(seat: SeatMaker) -> None:
    associate = seat("shoeguy")
    page = associate.page
    waiting: list[Route] = []
    page.route("**/book/counts/**", lambda route: waiting.append(route))
    with page.expect_request("**/book/counts/**"):
        associate.go("/clients/")
    expect(page.locator(".folk a").first).to_be_visible()
    expect(page.locator("#n-lapsed")).to_be_empty()
    before = places(page)

    waiting.pop().continue_()

    expect(page.locator("#n-lapsed")).not_to_be_empty()
    assert places(page) == before


def test_letters_are_answered_while_the_field_keeps_the_focus(seat: SeatMaker) -> None:
    associate = seat("shoeguy")
    page = associate.page
    associate.go("/clients/")
    expect(page.locator("#n-text")).not_to_be_empty()
    name = page.locator(".folk b").last.inner_text()

    page.locator("#find").focus()
    page.keyboard.type(name, delay=30)

    expect(page.locator(".folk a")).to_have_count(1)
    expect(page.locator(".folk b")).to_have_text(name)
    expect(page.locator("#find")).to_be_focused()
    expect(page.locator("#status")).to_have_text("1 client.")
    expect(page.locator("#n-text")).to_be_empty()  # of those found nothing is counted


def test_tap_on_a_group_keeps_the_tap_and_tells_how_many(seat: SeatMaker) -> None:
    associate = seat("shoeguy")
    page = associate.page
    associate.go("/clients/")

    page.get_by_role("checkbox", name="May be texted").focus()
    page.keyboard.press("Space")

    expect(page.locator("#n-shown")).not_to_be_empty()
    expect(page.locator("#n-shown")).to_have_text(page.locator("#n-text").inner_text())
    expect(page.get_by_role("checkbox", name="May be texted")).to_be_focused()
    expect(page.locator(".said")).to_have_attribute("aria-live", "polite")


def test_groups_narrow_without_scripts(seat: SeatMaker) -> None:
    associate = seat("shoeguy", java_script_enabled=False)
    page = associate.page
    associate.go("/clients/")

    page.get_by_role("checkbox", name="Nobody’s yet").check()
    page.get_by_role("button", name="Narrow").click()

    expect(page.locator(".said")).to_contain_text("nobody’s yet")
    chips = page.locator(".folk .chip")
    expect(chips).to_have_count(page.locator(".folk a").count())
