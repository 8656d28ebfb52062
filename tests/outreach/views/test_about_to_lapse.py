"""Today's second tab: late by her own rhythm, and not lapsed yet; and what is to be expected."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clienteling.models import User
from customers.models import ContactPoint, Customer
from tests.factories import NOON, OutlookFactory, ServiceCaseFactory, UserFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, read

TAB = "/?who=about-to-lapse"
DAY_QUERIES = 8


def late_client(associate: User, customer_id: str, *, days: int = 70, items: int = 3) -> Customer:
    """She comes every 41 days, and has not for 70."""
    return lapsed_client(
        associate,
        days=days,
        items=items,
        customer_id=customer_id,
        first_purchase_at=NOON - timedelta(days=300),
        visit_count=5,
        usual_gap_days=41,
    )


def clients_of(page: Element) -> list[str]:
    return [card["data-client"] for card in page.all("article", class_="client")]


def test_tab_shows_a_client_late_by_her_own_rhythm(shop: Client, associate: User) -> None:
    late_client(associate, "C-late")
    lapsed_client(associate, customer_id="C-lapsed", visit_count=5, usual_gap_days=41)

    about_to_lapse, lapsed = read(shop.get(TAB)), read(shop.get("/"))

    assert clients_of(about_to_lapse) == ["C-late"]
    assert clients_of(lapsed) == ["C-lapsed"]
    assert about_to_lapse.one("p", class_="lapse").text == "70 days · usually every 41"


def test_tab_is_marked_as_the_open_one_and_counted(shop: Client, associate: User) -> None:
    late_client(associate, "C-late")

    tabs = read(shop.get(TAB)).one("nav", class_="tabs")

    assert tabs.one("a", aria_current="page").text == "About to lapse 1"
    assert tabs.one("a", aria_current="page")["href"] == TAB
    assert [link.text for link in tabs.all("a")] == [
        "Lapsed",
        "About to lapse 1",
        "Came back",
        "Sent today 0",
    ]


@pytest.mark.parametrize("who", ["", "lapsed", "everybody"])
def test_day_opens_with_the_lapsed(shop: Client, associate: User, who: str) -> None:
    late_client(associate, "C-late")

    page = read(shop.get("/", {"who": who}))

    assert page.one("nav", class_="tabs").one("a", aria_current="page").text == "Lapsed 0"


@pytest.mark.parametrize(("will_buy", "shown"), [(0.74, ["C-late"]), (0.75, [])])
def test_tab_leaves_out_who_is_likely_to_come_anyway(
    shop: Client, associate: User, will_buy: float, shown: list[str]
) -> None:
    OutlookFactory(customer=late_client(associate, "C-late"), will_buy=will_buy)

    assert clients_of(read(shop.get(TAB))) == shown


def test_tab_names_a_number_to_call_where_nothing_new_suits(shop: Client, associate: User) -> None:
    late = late_client(associate, "C-late", items=0)

    page = read(shop.get(TAB))

    line = page.one("article", data_client="C-late")
    number = ContactPoint.objects.get(customer=late, channel="sms").address
    assert line["data-blocked"] == "nothing-to-show"
    assert line.one("p").text == "70 days · usually every 41. Nothing new suits yet."
    assert line.one("a", class_="btn quiet")["href"] == f"tel:{number}"
    assert line.one("a", class_="btn quiet").text == "Call"
    assert page.one("div", class_="book-head").text == "A call may be welcome"


def test_tab_lets_rest_whom_it_can_neither_write_to_nor_call(shop: Client, associate: User) -> None:
    late = late_client(associate, "C-late", items=0)
    ContactPoint.objects.filter(customer=late, channel="sms").delete()

    page = read(shop.get(TAB))

    assert page.one("li", data_client="C-late")["data-blocked"] == "nothing-to-show"
    assert page.all("div", class_="book-head") == []


def test_tab_calls_nobody_who_has_not_agreed_to_hear_from_us(shop: Client, associate: User) -> None:
    late = late_client(associate, "C-late", items=0)
    late.consents.all().delete()

    page = read(shop.get(TAB))

    assert page.one("li", data_client="C-late")["data-blocked"] == "no-consent"


def test_tab_holds_back_a_client_with_an_open_complaint(shop: Client, associate: User) -> None:
    ServiceCaseFactory(customer=late_client(associate, "C-late"))

    held = read(shop.get(TAB)).one("article", data_client="C-late")

    assert held["data-blocked"] == "open-complaint"


def test_tab_shows_nobody_of_another_store(shop: Client) -> None:
    late_client(UserFactory(), "C-elsewhere")

    page = read(shop.get(TAB))

    assert page.all("article") == []
    assert page.one("div", class_="empty").one("h2").text == "Nobody to write to before they lapse"


@pytest.mark.parametrize("clients", [1, 3])
def test_tab_asks_as_often_for_one_client_as_for_three(
    shop: Client, associate: User, clients: int
) -> None:
    for number in range(clients):
        OutlookFactory(customer=late_client(associate, f"C-{number}"))
        OutlookFactory(customer=late_client(associate, f"D-{number}", items=0))

    with CaptureQueriesContext(connection) as asked:
        shop.get(TAB)

    assert len(asked) == DAY_QUERIES


def test_day_puts_first_whom_a_note_may_move(shop: Client, associate: User) -> None:
    for name, will_buy in [("C-sure", 0.97), ("C-gone", 0.02), ("C-open", 0.45)]:
        OutlookFactory(customer=lapsed_client(associate, customer_id=name), will_buy=will_buy)

    assert clients_of(read(shop.get("/")))[0] == "C-open"


def test_day_of_a_long_book_looks_first_at_whom_a_note_may_move(
    shop: Client, associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.day.candidates.LOOKED_AT", 1)
    lapsed_client(associate, customer_id="C-unknown", visit_count=9)
    for name, will_buy in [("C-gone", 0.02), ("C-open", 0.45)]:
        OutlookFactory(customer=lapsed_client(associate, customer_id=name), will_buy=will_buy)

    assert clients_of(read(shop.get("/"))) == ["C-open"]


@pytest.mark.parametrize(
    ("will_buy", "words"),
    [
        (0.8, "Likely to come back on their own."),
        (0.5, "May or may not come back."),
        (0.1, "May be slipping away."),
    ],
)
def test_client_page_says_what_to_expect_in_words(
    shop: Client, associate: User, will_buy: float, words: str
) -> None:
    OutlookFactory(customer=lapsed_client(associate, customer_id="C-1"), will_buy=will_buy)

    page = read(shop.get("/clients/C-1/"))

    assert page.one("p", class_="small outlook").text == words


def test_client_page_says_nothing_without_an_outlook(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")

    page = read(shop.get("/clients/C-1/"))

    assert [each.text for each in page.all("p", class_="small outlook")] == []
