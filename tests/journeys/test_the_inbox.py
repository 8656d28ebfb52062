"""The inbox in a real browser: an answer arrives by itself, and a quick answer waits for a tap."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import SeatMaker

pytestmark = pytest.mark.browser

WITHIN_SECONDS = 5
ON_ITS_WAY_TO_DELIVERED = 40_000  # milliseconds; the undo time, the worker, the carrier's receipt
HER_WORDS = "Thank you! How much is the first one?"


def text_somebody(page: Page) -> tuple[str, str]:
    """Text the last client who may be texted; answers her id and her name."""
    send = page.get_by_role("button", name=re.compile("^Text "))
    card = page.locator("article[data-client]", has=send).last
    customer_id = card.get_attribute("data-client") or ""
    name = card.get_by_role("heading", level=2).inner_text()
    card.get_by_role("button", name=re.compile("^Text ")).click()
    strip = page.locator(f'article[data-client="{customer_id}"]')
    expect(strip).to_contain_text("Delivered", timeout=ON_ITS_WAY_TO_DELIVERED)
    return customer_id, name


def test_an_answer_is_on_the_open_page_within_five_seconds(seat: SeatMaker) -> None:
    associate, client = seat("shoeguy"), seat("shoeguy")
    customer_id, name = text_somebody(associate.page)
    client.go("/simulator/")
    expect(client.page.locator("#phone-title")).to_contain_text(name.split()[0])
    associate.go(f"/clients/{customer_id}/thread/")
    log = associate.page.get_by_role("log")
    expect(log).to_contain_text("elivered")

    client.page.get_by_label("Text back from this phone").fill(HER_WORDS)
    client.page.get_by_label("Text back from this phone").press("Enter")
    expect(client.page.get_by_role("log")).to_contain_text(HER_WORDS)
    heard_at = time.monotonic()
    expect(log).to_contain_text(HER_WORDS, timeout=2 * WITHIN_SECONDS * 1000)

    assert time.monotonic() - heard_at <= WITHIN_SECONDS


def test_a_quick_answer_fills_the_field_and_sends_nothing(seat: SeatMaker) -> None:
    associate = seat("shoeguy")
    page = associate.page
    associate.go("/inbox/")
    page.get_by_role("link", name="Answer").first.click()
    sent = page.locator(".msg.out").count()
    quick, field = page.locator("[data-quick]").last, page.locator("#reply")

    field.fill("Hello!")
    quick.click()
    expect(field).to_have_value(f"Hello! {quick.get_attribute('value')}")
    field.fill("")
    quick.click()

    expect(field).to_have_value(quick.get_attribute("value") or "")
    expect(field).to_be_focused()
    expect(page.locator(".msg.out")).to_have_count(sent)
