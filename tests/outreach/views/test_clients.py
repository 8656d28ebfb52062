from datetime import timedelta

import pytest
from django.test import Client

from clienteling.models import User
from tests.factories import NOON, ContactPointFactory, CustomerFactory, ServiceCaseFactory
from tests.outreach.scenes import bought, lapsed_client
from tests.outreach.views.page import read


def found(shop: Client, query: str) -> list[str]:
    page = read(shop.get("/clients/", {"q": query}))
    return [row["data-client"] for row in page.all("li", data_client=None)]


@pytest.fixture
def book(associate: User) -> None:
    own = {"associate": associate, "store": associate.store}
    elodie = CustomerFactory(customer_id="E", first_name="Élodie", last_name="O'Brien", **own)
    CustomerFactory(customer_id="S", first_name="Obi", last_name="Smith", **own)
    ContactPointFactory(customer=elodie, address="+13125550199")
    CustomerFactory(customer_id="X", first_name="Élodie", last_name="O'Brien")


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("query", "clients"),
    [
        ("o'br", ["E"]),
        ("elod", ["E"]),
        ("Élodie O'B", ["E"]),
        ("o'brien él", ["E"]),
        ("ob", ["S"]),
        ("brien", []),
        ("312 555", ["E"]),
        ("+1 312", ["E"]),
        ("(312) 555-0199", ["E"]),
        ("", ["E", "S"]),
    ],
)
def test_search_finds_by_the_beginning_of_a_name_or_number(
    shop: Client, query: str, clients: list[str]
) -> None:
    assert found(shop, query) == clients


def test_book_goes_on_where_the_last_page_ended(shop: Client, associate: User) -> None:
    for number in range(51):
        CustomerFactory(
            customer_id=f"C-{number:02}",
            last_name=f"Name {number:02}",
            associate=associate,
            store=associate.store,
        )

    first = read(shop.get("/clients/"))
    second = read(shop.get(first.one("nav", class_="pages-nav").one("a")["href"]))

    assert len(first.all("li", data_client=None)) == 50
    assert [row["data-client"] for row in second.all("li", data_client=None)] == ["C-50"]


@pytest.mark.parametrize("clients", [1, 3])
def test_book_asks_as_many_questions_for_one_as_for_three(
    shop: Client, associate: User, clients: int, django_assert_num_queries
) -> None:
    for _ in range(clients):
        CustomerFactory(associate=associate, store=associate.store)

    with django_assert_num_queries(5):
        answer = shop.get("/clients/")

    assert len(read(answer).all("li", data_client=None)) == clients


def test_client_page_answers_its_questions_in_order(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")

    page = read(shop.get("/clients/C-1/"))

    entries = page.all("section", class_="entry")
    assert [entry.one("h2").text for entry in entries] == [
        "May I?",
        "Anything wrong?",
        "Who is this?",
        "Why now?",
        "Three picked",
        "The note",
        "Last messages",
    ]
    assert entries[0].one("b").text == "Yes, by text, now"


@pytest.mark.parametrize("purchases", [1, 5])
def test_client_page_asks_as_many_questions_for_one_purchase_as_for_five(
    shop: Client, associate: User, purchases: int, django_assert_num_queries
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ServiceCaseFactory(customer=amanda, opened_at=NOON, closed_at=NOON)
    for number in range(1, purchases):
        bought(amanda, at=NOON - timedelta(days=200 + number))

    with django_assert_num_queries(11):
        shop.get("/clients/C-1/")


def test_client_page_offers_a_call_instead_of_a_note_during_a_complaint(
    shop: Client, associate: User
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ServiceCaseFactory(customer=amanda, summary="A heel broke")

    page = read(shop.get("/clients/C-1/"))

    assert page.all("button", data_action="send") == []
    assert (
        page.one(data_blocked="open-complaint").one("a", class_="btn primary").text == "Call Amanda"
    )
    assert "Picked for" not in page.text
    assert page.all("p", class_="verdict")[1].one("b").text == "Open: A heel broke"


def test_client_page_narrows_the_timeline(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ServiceCaseFactory(customer=amanda, opened_at=NOON, closed_at=NOON)

    page = read(shop.get("/clients/C-1/", {"entries": "bought"}))

    [entry] = page.one("ol", class_="timeline").all("li")
    assert entry.one("p").text.startswith("Bought Linden flat")
    assert page.one("a", aria_current="page", href="/clients/C-1/?entries=bought#everything")


def test_client_code_may_hold_a_slash(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="A/7 ü")

    link = read(shop.get("/")).one("article").one("h2").one("a")["href"]

    assert shop.get(link).status_code == 200
