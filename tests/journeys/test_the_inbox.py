"""The inbox in real browsers: news arrives by itself, quick answers wait, colleagues cover."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import SeatMaker

pytestmark = pytest.mark.browser

WITHIN_SECONDS = 5
ON_ITS_WAY_TO_A_PHONE = 40_000  # milliseconds; the undo time, the worker, the carrier


def test_an_answer_is_on_the_open_page_within_five_seconds(seat: SeatMaker) -> None:
    associate, client = seat("shoeguy"), seat("shoeguy")
    card = associate.page.locator("article[data-client]").last
    customer_id = card.get_attribute("data-client")
    card.locator('[name="channel"][value="sms"]').check(force=True)
    card.locator('[data-action="send"]').click()
    client.go("/simulator/")
    phone = client.page.get_by_role("log", name="Texts on this phone")
    expect(phone.locator(".msg.in").first).to_be_visible(timeout=ON_ITS_WAY_TO_A_PHONE)
    associate.go(f"/clients/{customer_id}/thread/")
    field = associate.page.locator("#reply")

    client.page.get_by_label("Text back from this phone").fill("Is it in stock? Very much mine!")
    client.page.get_by_label("Text back from this phone").press("Enter")
    expect(phone).to_contain_text("Very much mine!")
    sent_at = time.monotonic()
    expect(associate.page.get_by_role("log")).to_contain_text(
        "Very much mine!", timeout=WITHIN_SECONDS * 1000
    )

    assert time.monotonic() - sent_at <= WITHIN_SECONDS
    associate.go(f"/clients/{customer_id}/thread/")
    quick = associate.page.locator("[data-quick]").first
    expect(quick).to_be_visible()
    quick.click()
    expect(field).to_have_value(re.compile(re.escape(quick.get_attribute("value") or "")))
    expect(associate.page.locator(".msg.out")).to_have_count(1)
