"""An associate's whole day, from the first reply to "Done", on a tablet and on a phone."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Seat, SeatMaker
from tests.journeys.test_every_screen import overflow, violations

pytestmark = pytest.mark.browser

SIZES = {
    "tablet": {"width": 1180, "height": 820},
    "phone": {"width": 390, "height": 844},
}
ASSOCIATES = {"tablet": "shoeguy", "phone": "shoelady"}  # each has a day of their own
MOST_CARDS = 20


def answer_the_first_reply(seat: Seat) -> None:
    page = seat.page
    replies = page.locator("[data-reply]")
    before = replies.count()
    whose = replies.first.get_attribute("data-reply") or ""
    replies.first.click()
    page.get_by_role("textbox").last.fill("Thank you! I will look and write right back.")
    page.get_by_role("button", name=re.compile("^(Send|Answer|Reply|Text|Email)")).last.click()
    expect(page.get_by_role("log")).to_contain_text("write right back")

    seat.go("/")

    assert page.locator(f'[data-reply="{whose}"]').count() == 0
    assert before >= 1


def keep_the_first_promise(page: Page) -> None:
    promise = page.locator(".promise").first
    promise.get_by_role("button", name=re.compile("^Done")).click()
    kept = page.locator(".promise.said").first
    expect(kept).to_contain_text("Kept.")
    expect(kept.locator('[data-action="undo"]')).to_be_visible()


def card_of(page: Page, customer_id: str) -> Locator:
    return page.locator(f'article[data-client="{customer_id}"]')


def first_card_with_a_note(page: Page, place: int = 0) -> tuple[str, Locator]:
    card = page.locator("article.client:has([data-action=send])").nth(place)
    customer_id = card.get_attribute("data-client") or ""
    return customer_id, card_of(page, customer_id)


def swap_an_item(card: Locator) -> None:
    items = card.locator("[data-product]")
    out = items.first.get_attribute("data-product")
    items.first.locator('[data-action="swap"]').click()
    card.locator(".understudy").first.click()
    expect(items.first).not_to_have_attribute("data-product", str(out))
    expect(items).to_have_count(3)


def write_in_another_tone(card: Locator) -> None:
    before = card.locator("[data-note]").input_value()
    card.get_by_role("button", name="Formal").click()
    expect(card.get_by_role("button", name="Formal")).to_have_attribute("aria-pressed", "true")
    expect(card.locator("[data-note]")).not_to_have_value(before)


def put_her_off(page: Page, customer_id: str) -> None:
    """With a reason and a date; her page says until when, and takes it back."""
    card = card_of(page, customer_id)
    card.get_by_role("link", name="Not now").click()
    until = datetime.now() + timedelta(days=40)  # noqa: DTZ005 - any day that lies ahead
    card.locator('input[name="back_on"]').fill(f"{until:%Y-%m-%d}")
    card.get_by_role("button", name="Away").click()
    expect(card).to_contain_text(f"Put off until {until.day} {until:%B}")
    card.get_by_role("link").first.click()
    page.locator('[data-action="take-up"]').click()
    expect(page.locator(".verdict").first).not_to_contain_text("Put off")


def note_a_call(card: Locator) -> None:
    card.get_by_role("link", name="Other steps").click()
    card.get_by_role("button", name="I called").click()
    expect(card.get_by_role("status").first).to_contain_text("Noted: you called")


def write_a_wish(seat: Seat) -> None:
    """For the first of the days that matter whose client may be written to."""
    page = seat.page
    links = [each.get_attribute("href") or "" for each in page.locator("[data-day]").all()]
    assert links
    for link in links:
        seat.go(link)
        form = page.locator('[data-words="greeting"] form.note')
        if form.count():
            break
        page.locator('[data-words="greeting"] [data-action="said"]').click()
        expect(page.get_by_role("status").first).to_contain_text("your good wish")
    else:
        return seat.go("/")
    words = form.locator("[data-note]")
    words.fill("A very happy birthday, from all of us!")
    form.locator('[data-action="send-words"]').click()
    undo = page.locator('[data-action="undo"]')
    expect(undo).to_be_visible()
    undo.click()
    expect(page.locator('[data-words="greeting"] [data-note]')).to_have_value(
        "A very happy birthday, from all of us!"
    )
    page.locator('[data-words="greeting"] [data-action="send-words"]').dblclick()
    expect(page.locator(".strip-card")).to_contain_text(re.compile("way|leaves|Sent|Delivered"))
    seat.go("/")
    expect(page.locator(f'[data-day][href="{link}"]')).to_have_count(0)
    return None


def send_what_is_left(page: Page) -> None:
    for _ in range(MOST_CARDS):
        cards = page.locator("article.client:has([data-action=send])")
        if not cards.count():
            page.reload()
            if not cards.count():
                return
        customer_id, card = first_card_with_a_note(page)
        card.locator('[data-action="send"]').click()
        expect(card.locator("[data-note]")).to_have_count(0)
    raise AssertionError("The day has no end.")


@pytest.mark.parametrize("size", SIZES)
def test_an_associate_gets_through_the_day(seat: SeatMaker, size: str) -> None:
    associate = seat(ASSOCIATES[size], viewport=SIZES[size])
    page = associate.page

    if page.locator("[data-reply]").count():
        answer_the_first_reply(associate)
    if page.locator(".promise").count():
        keep_the_first_promise(page)

    first, card = first_card_with_a_note(page)
    swap_an_item(card)
    write_in_another_tone(card_of(page, first))
    card_of(page, first).locator('[data-action="send"]').click()
    expect(card_of(page, first).locator('[data-action="undo"]')).to_be_visible()

    second, _ = first_card_with_a_note(page)
    note_a_call(card_of(page, second))
    put_her_off(page, second)
    associate.go("/")
    if page.locator("[data-day]").count():
        write_a_wish(associate)

    for tab in ("About to lapse", "Came back", "Lapsed"):
        page.get_by_role("navigation", name="On this page").get_by_role("link", name=tab).click()
        current = page.locator('.tabs [aria-current="page"]')
        expect(current).to_contain_text(tab)
        assert overflow(associate) == 0

    send_what_is_left(page)

    expect(page.locator("[data-done]")).to_be_visible()
    expect(page.locator("[data-done]")).to_contain_text("Done.")
    assert (violations(associate), overflow(associate)) == ([], 0)
