"""The network goes and comes back: the day can be read, and a note leaves once, later."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Seat, SeatMaker

pytestmark = pytest.mark.browser

HOUR_AND_MORE = 61 * 60 * 1000
ON_ITS_WAY = 20_000
NO_NETWORK = "ERR_INTERNET_DISCONNECTED"
KEPT = "caches.open('day').then((day) => day.keys()).then((keys) => keys.length)"


def at_work(seat: SeatMaker, username: str = "shoeguy", *, with_clock: bool = False) -> Seat:
    """Her day, kept by the worker: it takes one visit to start, and one to keep."""
    taken = seat(username)
    taken.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    if with_clock:
        taken.page.clock.install()
    taken.page.reload()
    taken.page.wait_for_function(f"{KEPT}.then((number) => number === 1)")
    return taken


def go_offline(taken: Seat) -> None:
    taken.page.context.set_offline(True)
    taken.page.wait_for_function("!navigator.onLine")


def come_back(taken: Seat) -> None:
    taken.page.context.set_offline(False)
    taken.complaints[:] = [each for each in taken.complaints if NO_NETWORK not in each]


def texted(page: Page) -> tuple[str, str]:
    """Tap the last Text button of the day; answers the card and her id."""
    send = page.get_by_role("button", name=re.compile("^Text "))
    card = page.locator("article[data-client]", has=send).last
    customer_id = card.get_attribute("data-client") or ""
    card.get_by_role("button", name=re.compile("^Text ")).click()
    return f'article[data-client="{customer_id}"]', customer_id


def sent_to(page: Page, customer_id: str) -> int:
    return page.locator(".msg.out").count()


def test_the_last_day_is_readable_and_says_how_old_it_is(seat: SeatMaker) -> None:
    associate = at_work(seat)
    page = associate.page
    first = page.locator("article[data-client] h2").first.inner_text()
    go_offline(associate)

    page.reload()

    expect(page.locator("article[data-client] h2").first).to_have_text(first)
    expect(page.get_by_text("This is your day as it was at")).to_be_visible()
    page.wait_for_function(
        "[...document.images].every((each) => !each.complete || each.naturalWidth)"
    )
    page.get_by_role("link", name="Clients", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    come_back(associate)


def test_a_note_sent_offline_waits_and_leaves_once(seat: SeatMaker) -> None:
    associate = at_work(seat)
    page = associate.page
    go_offline(associate)
    place, customer_id = texted(page)
    expect(page.locator(place)).to_contain_text("Waits for the connection")
    page.reload()
    expect(page.locator(place)).to_contain_text("Waits for the connection")

    come_back(associate)

    expect(page.locator(place)).to_contain_text(
        re.compile("on its way|leaving|elivered"), timeout=ON_ITS_WAY
    )
    expect(page.locator(place)).to_contain_text("elivered", timeout=2 * ON_ITS_WAY)
    associate.go(f"/clients/{customer_id}/thread/")
    expect(page.locator(".msg.out").last).to_contain_text("elivered")
    words = page.locator(".msg.out").all_inner_texts()
    assert len([each for each in words if each.split("\n")[0] == words[-1].split("\n")[0]]) == 1


def test_a_note_older_than_an_hour_asks_again(seat: SeatMaker) -> None:
    associate = at_work(seat, with_clock=True)
    page = associate.page
    go_offline(associate)
    place, _ = texted(page)
    expect(page.locator(place)).to_contain_text("Waits for the connection")

    page.clock.fast_forward(HOUR_AND_MORE)
    come_back(associate)
    page.clock.run_for(20_000)

    card = page.locator(place)
    expect(card).to_contain_text("more than an hour ago")
    card.get_by_role("button", name="Do not send").click()
    expect(card.get_by_role("button", name=re.compile("^Text "))).to_be_visible()
    page.reload()
    expect(page.locator(place).get_by_role("button", name=re.compile("^Text "))).to_be_visible()


def test_it_can_be_taken_back_while_it_waits(seat: SeatMaker) -> None:
    associate = at_work(seat)
    page = associate.page
    go_offline(associate)
    place, _ = texted(page)

    page.locator(place).get_by_role("button", name="Take it back").click()
    come_back(associate)

    expect(page.locator(place).get_by_role("button", name=re.compile("^Text "))).to_be_visible()


def test_after_log_out_nothing_of_the_day_is_left(seat: SeatMaker) -> None:
    associate = at_work(seat)
    page = associate.page
    client = page.locator("article[data-client] h2").first.inner_text()

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/")
    go_offline(associate)
    page.goto(f"{associate.shop.address}/")

    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    expect(page.get_by_text(client)).to_have_count(0)
    assert page.evaluate(KEPT) == 0
    come_back(associate)


def test_page_from_before_says_when_the_connection_is_back(seat: SeatMaker) -> None:
    associate = at_work(seat)
    page = associate.page
    go_offline(associate)
    page.reload()
    banner = page.locator("#offline")
    expect(banner).to_contain_text("No connection.")
    page.locator("[data-note]").first.focus()

    come_back(associate)

    expect(banner).to_have_text(re.compile("The connection is back"), use_inner_text=True)
    expect(banner).not_to_have_text(re.compile("No connection"), use_inner_text=True)
    page.get_by_role("link", name="See your day as it is now").click()
    expect(banner).to_be_hidden()
