"""An associate's whole day, from the first card to "Done", on a tablet and on a phone.

Each size has an associate of its own; what the day needs beside its cards (a promise, a birthday,
an answer on the simulated phone) is made on the way, as it would be in a shop.
"""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.conftest import Seat, SeatMaker
from tests.journeys.test_every_screen import overflow, violations

pytestmark = pytest.mark.browser

PEOPLE = {"henry": {"width": 1180, "height": 820}, "rosa": {"width": 390, "height": 844}}
MOST_CARDS = 20
THERE = 40_000  # milliseconds until a text lies on the simulated phone
WISH = "A very happy birthday, from all of us!"
SENDABLE = "article.client:has([data-action=send])"
BY_TEXT = f"{SENDABLE}:has(input[value=sms]:checked)"


def card_of(page: Page, customer_id: str) -> Locator:
    return page.locator(f'article[data-client="{customer_id}"]')


def to_write(page: Page, cards: str = SENDABLE) -> str:
    """The client of a card that can be sent."""
    return page.locator(cards).first.get_attribute("data-client") or ""


def swap_an_item(card: Locator) -> None:
    items = card.locator("[data-product]")
    out = items.first.get_attribute("data-product") or ""
    items.first.locator('[data-action="swap"]').click()
    card.locator(".understudy").first.click()
    expect(items.first).not_to_have_attribute("data-product", out)
    expect(items).to_have_count(3)


def write_in_another_tone(card: Locator) -> None:
    before = card.locator("[data-note]").input_value()
    card.get_by_role("button", name="Formal").click()
    expect(card.get_by_role("button", name="Formal")).to_have_attribute("aria-pressed", "true")
    expect(card.locator("[data-note]")).not_to_have_value(before)


def send(card: Locator) -> tuple[str, str]:
    """Whom it is for, and the first words of it."""
    name = card.get_by_role("heading", level=2).inner_text()
    words = card.locator("[data-note]").input_value()[:40]
    card.locator('[data-action="send"]').click()
    expect(card.locator('[data-action="undo"]')).to_be_visible()
    return name, words


def note_a_call_and_a_promise(page: Page, customer_id: str) -> None:
    card = card_of(page, customer_id)
    card.get_by_role("link", name="Other steps").click()
    card.get_by_role("button", name="I called").click()
    expect(card.get_by_role("status").first).to_contain_text("Noted: you called")
    card.get_by_role("link", name="Other steps").click()
    card.get_by_label("A promise").fill("Send the address of the tailor")
    by = card.get_by_label("By", exact=True)
    by.fill(by.get_attribute("min") or "")
    card.get_by_role("button", name="Promise").click()


def keep_the_promise(page: Page) -> None:
    promise = page.get_by_role("article", name=re.compile("^Promise"))
    promise.get_by_role("button", name=re.compile("^Done")).click()
    expect(promise).to_contain_text("Kept.")
    expect(promise.locator('[data-action="undo"]')).to_be_visible()


def put_her_off_and_take_it_back(page: Page, customer_id: str) -> None:
    """With a reason and a date; her page says until when."""
    card = card_of(page, customer_id)
    card.get_by_role("link", name="Not now").click()
    proposed = datetime.fromisoformat(card.locator('input[name="back_on"]').input_value())
    until = proposed + timedelta(days=26)
    card.locator('input[name="back_on"]').fill(f"{until:%Y-%m-%d}")
    card.get_by_role("button", name="Away").click()
    said = f"Put off until {until.day} {until:%B}"
    expect(card).to_contain_text(said)
    card.get_by_role("heading").get_by_role("link").click()
    expect(page.locator(".verdict").first).to_contain_text(said)
    page.locator('[data-action="take-up"]').click()
    expect(page.locator(".verdict").first).not_to_contain_text(said)


def note_a_birthday_this_week(page: Page) -> None:
    """On the page of a client, which is open."""
    today = page.locator('input[name="due_on"]').get_attribute("min") or ""
    day = datetime.fromisoformat(today) + timedelta(days=3)
    page.get_by_text("Add a day").click()
    page.get_by_label("Day", exact=True).fill(str(day.day))
    page.get_by_label("Month").select_option(f"{day:%B}")
    page.locator('[data-action="keep-date"]').click()
    expect(page.locator("#notebook")).to_contain_text("in 3 days")


def write_the_wish(associate: Seat) -> None:
    """From Today: sent, taken back with the words kept, sent by a double tap, and gone there."""
    page = associate.page
    associate.go("/")
    line = page.locator("[data-day]").first
    customer_id = line.get_attribute("data-day") or ""
    line.click()
    words = page.locator('[data-words="greeting"]')
    words.locator("[data-note]").fill(WISH)
    words.locator('[data-action="send-words"]').click()
    page.locator('[data-action="undo"]').click()
    expect(words.locator("[data-note]")).to_have_value(WISH)
    words.locator('[data-action="send-words"]').dblclick()
    expect(page.locator(".strip-card")).to_be_visible()
    assert violations(associate) == []
    associate.go("/")
    expect(page.locator(f'[data-day="{customer_id}"]')).to_have_count(0)


def answer_back_on_the_phone(associate: Seat, name: str, words: str) -> None:
    page = associate.page
    associate.go("/simulator/")
    page.get_by_role("link", name=name).first.click()
    phone = page.get_by_role("log", name="Texts on this phone")
    for _ in range(THERE // 2_000):
        if words in phone.inner_text():
            break
        page.wait_for_timeout(2_000)
        page.reload()
    page.get_by_label("Text back from this phone").fill("Oh lovely, thank you!")
    page.get_by_label("Text back from this phone").press("Enter")
    expect(phone).to_contain_text("Oh lovely, thank you!")


def answer_her(associate: Seat, customer_id: str) -> None:
    page = associate.page
    associate.go("/")
    page.locator(f'[data-reply="{customer_id}"]').click()
    page.locator("#composer textarea").fill("With pleasure. See you soon!")
    page.locator("#composer button[type=submit]").last.click()
    expect(page.get_by_role("log")).to_contain_text("With pleasure.")
    associate.go("/")
    expect(page.locator(f'[data-reply="{customer_id}"]')).to_have_count(0)


def look_through_the_tabs(associate: Seat) -> None:
    page = associate.page
    for tab in ("About to lapse", "Came back", "Lapsed"):
        page.get_by_role("navigation", name="On this page").get_by_role("link", name=tab).click()
        expect(page.locator('.tabs [aria-current="page"]')).to_contain_text(tab)
        assert overflow(associate) == 0


def send_what_is_left(page: Page) -> None:
    for _ in range(MOST_CARDS):
        if not page.locator(SENDABLE).count():
            return
        customer_id = to_write(page)
        card_of(page, customer_id).locator('[data-action="send"]').click()
        expect(card_of(page, customer_id).locator("[data-note]")).to_have_count(0)
    raise AssertionError("The day has no end.")


@pytest.mark.parametrize("who", PEOPLE)
def test_an_associate_gets_through_the_day(seat: SeatMaker, who: str) -> None:
    associate = seat(who, viewport=PEOPLE[who])
    page = associate.page
    first = to_write(page, BY_TEXT)
    second = to_write(page, f'{SENDABLE}:not([data-client="{first}"])')

    swap_an_item(card_of(page, first))
    write_in_another_tone(card_of(page, first))
    name, words = send(card_of(page, first))
    note_a_call_and_a_promise(page, second)
    keep_the_promise(page)
    put_her_off_and_take_it_back(page, second)
    associate.go("/?who=came-back")
    page.locator("article[data-step]:has(a[href$='?write=thanks']) h2 a").first.click()
    note_a_birthday_this_week(page)
    write_the_wish(associate)
    answer_back_on_the_phone(associate, name, words)
    answer_her(associate, first)
    look_through_the_tabs(associate)
    send_what_is_left(page)

    expect(page.locator("[data-done]")).to_contain_text("Done.")
    expect(page.locator("[data-done]")).to_be_visible()
    assert (violations(associate), overflow(associate)) == ([], 0)


def test_news_of_a_card_that_has_just_been_sent_is_let_go(seat: SeatMaker) -> None:
    page = seat("shoeguy").page
    customer_id = page.locator(SENDABLE).last.get_attribute("data-client") or ""
    card = card_of(page, customer_id)
    number = (card.get_attribute("id") or "").removeprefix("client-card-")
    sends, pulses = held(page, "**/send/"), held(page, "**/pulse/**")

    card.locator('[data-action="send"]').click()
    sending = caught(page, sends)
    sent = sending.fetch()
    page.evaluate("htmx.trigger(document.body, 'pulse')")
    asking = caught(page, pulses)
    news = asking.fetch()
    sending.fulfill(response=sent)
    expect(card.locator('[data-action="undo"]')).to_be_visible()
    with page.expect_response("**/pulse/**"):
        asking.fulfill(response=news)

    assert f'id="shown-{number}"' in news.text()
    card.locator('[data-action="undo"]').click()
    expect(card.locator("[data-note]")).to_be_visible()


def held(page: Page, address: str) -> list[Route]:
    """Requests that wait for an answer from the test."""
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route))
    return waiting


def caught(page: Page, waiting: list[Route]) -> Route:
    """The first of them, once it is there."""
    while not waiting:
        page.wait_for_timeout(20)
    return waiting[0]
