"""One tablet, several hands, in a real browser: faces, four digits, nothing left behind (R48)."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clienteling.demo.staff import PIN
from tests.journeys.conftest import PASSWORD, Seat, SeatMaker
from tests.journeys.test_every_screen import SIZES, overflow, violations

pytestmark = pytest.mark.browser

LOCKED = re.compile("/lock/")
NO_NETWORK = "ERR_INTERNET_DISCONNECTED"
HER_WORDS = "Amanda, the cognac pair is made for your blue coat."


def enrolled(seat: SeatMaker, **options: object) -> Seat:
    """A tablet that the manager made one with a tap, and locked."""
    taken = seat("manager", **options)
    taken.go("/tablets/")
    taken.page.get_by_role("button", name="Enrol it here at Oak Street").click()
    expect(taken.page.get_by_text("This is now Tablet")).to_be_visible()
    taken.page.get_by_role("button", name="Lock", exact=True).click()
    taken.page.wait_for_url(LOCKED)
    return taken


def sign_in(taken: Seat, username: str) -> None:
    """The full log-in, once a shift."""
    page = taken.page
    page.get_by_role("link", name="Someone else").click()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def lock(page: Page) -> None:
    page.get_by_role("button", name="Lock", exact=True).click()
    page.wait_for_url(LOCKED)


def open_as(page: Page, called: str, digits: str = PIN) -> None:
    """One tap on a face, four on the pad: it opens by itself."""
    page.locator(".faces label", has_text=called).click()
    for digit in digits:
        page.locator(f'[data-key="{digit}"]').click()


def first_client(page: Page) -> str:
    return page.locator("article[data-client] h2").first.inner_text()


def test_hands_change_with_a_face_and_four_digits_and_drafts_are_kept(seat: SeatMaker) -> None:
    tablet = enrolled(seat)
    page = tablet.page
    sign_in(tablet, "maya")
    mayas = first_client(page)
    lock(page)
    sign_in(tablet, "shoeguy")
    daniels = first_client(page)
    note = page.locator("[data-note]").first
    note.fill(HER_WORDS)

    lock(page)
    open_as(page, "Maya")
    expect(page.locator("article[data-client] h2").first).to_have_text(mayas)
    expect(page.get_by_text(HER_WORDS)).to_have_count(0)
    lock(page)
    open_as(page, "Daniel")

    expect(page.locator("article[data-client] h2").first).to_have_text(daniels)
    expect(note).to_have_value(HER_WORDS)


KEPT_HERE = """async () => {
  const open = indexedDB.open("clienteling");
  await new Promise((done) => { open.onsuccess = done; });
  const rows = [];
  for (const name of open.result.objectStoreNames)
    rows.push(...await new Promise((done) => {
      const all = open.result.transaction(name).objectStore(name).getAll();
      all.onsuccess = () => done(all.result);
    }));
  open.result.close();
  const text = (each) => each.buffer || each.byteLength ? new TextDecoder().decode(each) : each;
  const caught = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) caught.push(request.url);
  return [rows.length, rows.flatMap(Object.values).map(text).join(" "), caught.join(" ")];
}"""


def ready_to_go_offline(tablet: Seat) -> None:
    """Her day is kept by the worker: it takes one visit to start, and one to keep."""
    page = tablet.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("caches.has('day')")


def go_offline(tablet: Seat) -> None:
    tablet.page.context.set_offline(True)
    tablet.page.wait_for_function("!navigator.onLine")


def come_back(tablet: Seat) -> None:
    tablet.page.context.set_offline(False)
    tablet.complaints[:] = [each for each in tablet.complaints if NO_NETWORK not in each]


@pytest.mark.parametrize("why", ["by hand", "untouched"])
def test_words_typed_without_a_connection_outlast_the_lock_unread(
    why: str, seat: SeatMaker
) -> None:
    tablet = enrolled(seat)
    page = tablet.page
    sign_in(tablet, "maya")
    lock(page)
    sign_in(tablet, "shoeguy")
    ready_to_go_offline(tablet)
    client = first_client(page)
    customer_id = page.locator("article[data-client]").first.get_attribute("data-client") or ""
    if why == "untouched":
        page.clock.install()
    go_offline(tablet)
    note = page.locator("[data-note]").first
    note.fill(HER_WORDS)

    if why == "by hand":
        page.get_by_role("button", name="Lock", exact=True).click()
    else:
        page.clock.fast_forward(timedelta(minutes=3, seconds=2).total_seconds() * 1000)
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    number, kept, caught = page.evaluate(KEPT_HERE)
    page.go_back()
    expect(page.get_by_text(client)).to_have_count(0)

    come_back(tablet)
    page.goto(f"{tablet.shop.address}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is it?")
    open_as(page, "Maya")
    page.wait_for_url(re.compile("/$"))
    expect(page.get_by_text(HER_WORDS)).to_have_count(0)
    lock(page)
    open_as(page, "Daniel")

    expect(note).to_have_value(HER_WORDS)
    page.wait_for_function(f"({KEPT_HERE})().then(([number]) => number === 0)")
    page.reload()
    expect(note).to_have_value(HER_WORDS)
    assert number == 1
    for told in (HER_WORDS, customer_id, client):
        assert told not in kept
        assert told not in caught


def test_an_untouched_tablet_locks_and_going_back_shows_nobody(seat: SeatMaker) -> None:
    tablet = enrolled(seat)
    page = tablet.page
    page.clock.install()
    sign_in(tablet, "shoeguy")
    client = first_client(page)
    page.get_by_role("link", name="Clients", exact=True).click()
    page.wait_for_url("**/clients/")

    page.clock.fast_forward(timedelta(minutes=3, seconds=2).total_seconds() * 1000)
    page.wait_for_url(LOCKED)
    expect(page.get_by_text("What you were writing is kept.")).to_be_visible()

    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        expect(page.get_by_role("heading", level=1)).to_have_text("Who is it?")
        expect(page.get_by_text(client)).to_have_count(0)


def test_another_hand_sends_nothing_from_the_former_page(seat: SeatMaker) -> None:
    tablet = enrolled(seat)
    page = tablet.page
    sign_in(tablet, "maya")
    lock(page)
    sign_in(tablet, "shoeguy")
    former = page
    former.locator('[hx-get="/pulse/"]').evaluate(
        "each => each.remove()"
    )  # or it would leave first
    second = page.context.new_page()
    second.goto(f"{tablet.shop.address}/")
    lock(second)
    open_as(second, "Maya")
    second.wait_for_url(re.compile("/$"))

    former.locator('[data-action="send"]').first.click()

    former.wait_for_load_state()
    expect(former.get_by_label(re.compile("^Signed in as Maya"))).to_be_visible()
    expect(former.locator('[data-action="undo"]')).to_have_count(0)
    refused = [each for each in tablet.complaints if "409" in each]
    tablet.complaints[:] = [each for each in tablet.complaints if each not in refused]
    assert refused


def test_wrong_digits_are_counted_and_told(seat: SeatMaker) -> None:
    tablet = enrolled(seat)
    page = tablet.page
    sign_in(tablet, "rosa")
    lock(page)

    open_as(page, "Rosa", "9057")

    expect(page.get_by_role("alert")).to_have_text("That is not it. 4 tries left.")
    open_as(page, "Rosa")
    page.wait_for_url(re.compile("/$"))


@pytest.mark.parametrize("look", ["light", "dark"])
def test_lock_and_tablets_are_accessible_and_fit_at_every_size(look: str, seat: SeatMaker) -> None:
    tablet = enrolled(seat, color_scheme=look)
    page = tablet.page

    def check(place: str) -> None:
        assert page.locator("h1").count() == 1
        for name, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            assert (place, name, overflow(tablet)) == (place, name, 0)
        assert (place, violations(tablet)) == (place, [])

    check("lock")
    open_as(page, "Ingrid")
    page.wait_for_url("**/reports/")
    tablet.go("/tablets/")
    check("sign in")
    sign_in_again(page)
    check("tablets")
    tablet.go("/pin/")
    check("pin")


def sign_in_again(page: Page) -> None:
    """A PIN does not open the tablets' own page."""
    expect(page.get_by_text("A PIN does not open this.")).to_be_visible()
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/tablets/")
