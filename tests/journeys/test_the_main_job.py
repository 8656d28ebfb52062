"""From a log-in to an answered note, in a real browser on the running demo shop."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import SeatMaker

pytestmark = pytest.mark.browser

ON_ITS_WAY_TO_DELIVERED = 40_000  # milliseconds; the undo time, the worker, the carrier's receipt


def first_card(page: Page):
    return page.locator("article[data-client]").first


def test_an_associate_texts_amanda_and_reads_her_answer(seat: SeatMaker) -> None:
    associate = seat("shoeguy")
    page = associate.page

    # The day shows Amanda first: rhythm, three new arrivals, a note, the channel and its reason.
    amanda = first_card(page)
    expect(amanda.get_by_role("heading", level=2)).to_contain_text("Amanda")
    expect(amanda).to_contain_text("103 days · usually every 41")
    expect(amanda.locator("[data-product]")).to_have_count(3)
    expect(amanda.locator("[data-product] img")).to_have_count(3)
    expect(amanda.locator("[data-note]")).to_have_value(re.compile("Amanda"))
    customer_id = amanda.get_attribute("data-client")
    card = page.locator(f'article[data-client="{customer_id}"]')
    send = card.get_by_role("button", name="Text Amanda")

    # One tap folds it into the undo bar; undo takes it back, the words kept.
    card.locator("[data-note]").fill("Hi Amanda, three new pairs came in. Come and see them?")
    send.click()
    undo = card.locator('button[data-action="undo"]')
    expect(undo).to_be_focused()
    undo.click()
    expect(card.locator("[data-note]")).to_have_value(
        "Hi Amanda, three new pairs came in. Come and see them?"
    )

    # A double tap sends one message, which is delivered and says so on the card.
    send.dblclick()
    expect(card).to_contain_text("Delivered", timeout=ON_ITS_WAY_TO_DELIVERED)

    # It lies on the simulated phone once, with its link.
    associate.go("/simulator/")
    phone = page.get_by_role("log", name="Texts on this phone")
    expect(phone).to_contain_text("three new pairs came in")
    assert phone.inner_text().count("three new pairs came in") == 1
    link = phone.get_by_role("link").last.get_attribute("href") or ""

    # The client opens the link: three items with price and stock, and who wrote; no cookie.
    client = seat(viewport={"width": 390, "height": 844})
    client.page.goto(link)
    expect(client.page.locator("[data-product]")).to_have_count(3)
    expect(client.page.locator("[data-product]").first).to_contain_text("$")
    assert "Amanda" not in client.page.content()
    assert client.page.context.cookies() == []

    # She answers on the phone; the answer appears in the thread, and in the inbox.
    page.get_by_label("Text back from this phone").fill("Oh lovely! Could you keep the 38?")
    page.get_by_label("Text back from this phone").press("Enter")
    expect(phone).to_contain_text("Could you keep the 38?")
    associate.go(f"/clients/{customer_id}/thread/")
    thread = page.get_by_role("log")
    expect(thread).to_contain_text("Could you keep the 38?")
    expect(thread).to_contain_text("elivered")
    associate.go("/inbox/")
    expect(page.locator("main")).to_contain_text("Could you keep the 38?")


def test_a_manager_reads_the_report(seat: SeatMaker) -> None:
    page = seat("manager").page

    expect(page).to_have_url(re.compile("/reports/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Results")
    table = page.get_by_role("table").first
    expect(table.locator("tbody")).to_have_count(3)
    for word in ("Sent", "Delivered", "Replied", "Bought afterwards"):
        expect(page.locator(".definitions dt", has_text=word).first).to_be_visible()
    sent = page.locator(".fig", has_text="Sent").locator("dd").first.inner_text()
    assert int(sent.replace(",", "")) > 0


def test_an_admin_finds_a_new_arrival_and_edits_its_stock(seat: SeatMaker) -> None:
    admin = seat("admin")
    page = admin.page

    admin.go("/admin/catalog/product/?arrived=60")
    product = page.locator("#result_list tbody tr").first
    expect(product.locator("img")).to_be_visible()
    name = product.locator(".field-name").inner_text()
    admin.go("/admin/catalog/stocklevel/?q=" + name.split()[0])
    quantity = page.locator("#id_form-0-quantity")
    quantity.fill("7")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    expect(page.locator("#id_form-0-quantity")).to_have_value("7")


def test_the_day_reads_and_sends_without_javascript(seat: SeatMaker) -> None:
    page = seat("shoeguy", java_script_enabled=False).page
    send = page.locator('button[data-action="send"]').first
    customer_id = page.locator("article[data-client]:has([data-action=send])").first.get_attribute(
        "data-client"
    )

    send.click()

    strip = page.locator(f'article[data-client="{customer_id}"]')
    expect(strip.locator('button[data-action="undo"]')).to_be_visible()
    strip.locator('button[data-action="undo"]').click()
    expect(page.locator("[data-note]").first).to_be_visible()


def test_a_no_noted_on_a_card_brings_the_understudy_and_undo_the_item(seat: SeatMaker) -> None:
    associate = seat("shoeguy", viewport={"width": 1180, "height": 820})
    card = associate.page.locator("article.client").last
    customer_id = card.get_attribute("data-client")
    offered = card.locator("[data-product]")
    first, second = (offered.nth(place).get_attribute("data-product") for place in (0, 1))

    card.locator(f'[data-product="{first}"] [data-action="swap"]').click()
    card.locator('button[value="not_for_me"]').click()

    again = associate.page.locator(f'article[data-client="{customer_id}"]')
    expect(again.locator("[data-product]").first).to_have_attribute("data-product", str(second))
    expect(again.locator("[data-product]")).to_have_count(3)
    expect(again.locator('[data-action="undo"]')).to_be_focused()

    again.locator('[data-action="undo"]').click()

    expect(again.locator("[data-product]").first).to_have_attribute("data-product", str(first))
