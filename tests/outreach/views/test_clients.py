from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clienteling.models import User
from customers.models import ContactPoint
from tests.factories import (
    NOON,
    ContactPointFactory,
    CustomerFactory,
    ManagerFactory,
    ServiceCaseFactory,
    StoreFactory,
    UserFactory,
)
from tests.outreach.scenes import bought, lapsed_client, reachable
from tests.outreach.views.page import Element, read


def found(shop: Client, query: str) -> list[str]:
    page = read(shop.get("/clients/", {"q": query}))
    return [row["data-client"] for row in page.all("a", data_client=None)]


@pytest.fixture
def book(associate: User) -> None:
    own = {"associate": associate, "store": associate.store}
    elodie = CustomerFactory(customer_id="E", first_name="Élodie", last_name="O'Brien", **own)
    CustomerFactory(customer_id="4711", first_name="Obi", last_name="Smith", **own)
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
        ("ob", ["4711"]),
        ("brien", []),
        ("312 555 0", ["E"]),
        ("+1 312 555", ["E"]),
        ("+1 312", []),
        ("(312) 555-0199", ["E"]),
        ("0199", ["E"]),
        ("01 99", ["E"]),
        ("555-0199", ["E"]),
        ("0198", []),
        ("199", []),
        ("4711", ["4711"]),
        ("", ["E", "4711"]),
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

    assert len(first.all("a", data_client=None)) == 50
    assert [row["data-client"] for row in second.all("a", data_client=None)] == ["C-50"]


@pytest.mark.parametrize("clients", [1, 3])
def test_book_asks_as_many_questions_for_one_as_for_three(
    shop: Client, associate: User, clients: int, django_assert_num_queries
) -> None:
    for _ in range(clients):
        CustomerFactory(associate=associate, store=associate.store)

    with django_assert_num_queries(4):
        answer = shop.get("/clients/")

    assert len(read(answer).all("a", data_client=None)) == clients


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
        page = read(shop.get("/clients/C-1/"))

    assert len(page.one("ul", class_="bought").all("li")) == purchases


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


# --- Narrowing ------------------------------------------------------------------------------------
def chips(page: Element) -> dict[str, str]:
    labels = page.one("fieldset").all("label")
    return {label.one("input")["value"]: label.text for label in labels if label.all("input")}


def numbers(shop: Client, **asked: Any) -> dict[str, str]:
    """What is told after a page: the address is the page's own."""
    page = read(shop.get("/clients/", asked))
    [asks] = page.one(id="names").all("div", hx_trigger="load")
    told = read(shop.get(asks["hx-get"]))
    places = {place["id"] for place in page.walk() if "id" in place.attributes}
    assert {place["id"] for place in told.all(hx_swap_oob="innerHTML")} <= places
    return {each["id"].removeprefix("n-"): each.text for each in told.all(id=None)}


def people(page: Element) -> list[str]:
    return [link["data-client"] for link in page.all("a", data_client=None)]


@pytest.fixture
def mixed_book(associate: User) -> None:
    away = NOON - timedelta(days=120)
    own = {"associate": associate, "store": associate.store}
    reachable(CustomerFactory(customer_id="A", last_name="A", last_purchase_at=away, **own))
    CustomerFactory(customer_id="B", last_name="B", last_purchase_at=away, **own)
    reachable(CustomerFactory(customer_id="C", last_name="C", last_purchase_at=NOON, **own))


@pytest.mark.usefixtures("mixed_book")
def test_segments_narrow_together_and_count_what_would_be_left(shop: Client) -> None:
    everybody = read(shop.get("/clients/"))
    narrowed = read(shop.get("/clients/", {"rhythm": "lapsed", "trait": ["text", "email"]}))

    assert chips(everybody)["text"] == "May be texted"
    assert people(narrowed) == ["A"]
    said = narrowed.one("p", class_="said", aria_live="polite")
    assert said.one("span").text == "lapsed, may be texted, may be emailed"
    tabs = [tab.text for tab in narrowed.one("nav", id="which").all("a")]
    assert tabs == ["Everyone", "Lapsed", "About to lapse", "Came back", "Whole store"]


@pytest.mark.usefixtures("mixed_book")
def test_numbers_come_after_the_page_into_the_places_kept_for_them(shop: Client) -> None:
    everybody = numbers(shop)
    narrowed = numbers(shop, rhythm="lapsed", trait=["text", "email"])

    assert everybody == {
        "everybody": ", 3 people",
        "everyone": "3",
        "lapsed": "2",
        "about-to-lapse": "0",
        "came-back": "0",
        "text": "2",
        "email": "2",
        "waiting": "0",
        "birthday": "0",
        "nobodys": "0",
    }
    assert narrowed["shown"] == "1"
    assert (narrowed["everyone"], narrowed["lapsed"], narrowed["text"]) == ("2", "1", "1")


@pytest.mark.parametrize(("role", "is_wide"), [("associate", False), ("manager", True)])
def test_places_for_the_numbers_of_several_stores_are_wide(
    client: Client, associate: User, role: str, is_wide: bool
) -> None:
    user = associate if role == "associate" else ManagerFactory(store=associate.store)
    client.force_login(user)

    looks = read(client.get("/clients/")).one("fieldset")["class"].split()

    assert ("of-many" in looks) == is_wide


def test_numbers_cost_one_query(
    shop: Client, associate: User, django_assert_num_queries: Any
) -> None:
    CustomerFactory(associate=associate, store=associate.store)

    with django_assert_num_queries(2 + 1):  # session and person, then the numbers
        told = read(shop.get("/book/counts/"))

    assert told.one(id="n-everybody").text == ", 1 person"


@pytest.mark.usefixtures("mixed_book")
def test_groups_work_without_scripts_and_without_numbers(shop: Client) -> None:
    page = read(shop.get("/clients/"))

    form = page.one("form", id="finder")
    assert form["action"] == "/clients/"
    assert page.one("noscript").one("button", form="finder")["type"] == "submit"
    assert {box["form"] for box in page.all("input", type="checkbox")} == {"finder"}
    assert [place.text for place in page.all("span", class_="n")] == [""] * 9


@pytest.mark.usefixtures("mixed_book")
def test_every_link_of_a_narrowed_book_keeps_what_narrows_it(shop: Client) -> None:
    page = read(shop.get("/clients/", {"trait": "text", "rhythm": "lapsed", "letter": "a"}))

    other, letter = (
        page.one("nav", id="which").all("a")[2],
        page.one("a", aria_label="Names with B"),
    )
    assert other["href"] == "/clients/?rhythm=about-to-lapse&trait=text"
    assert letter["href"] == "/clients/?rhythm=lapsed&trait=text&letter=b"
    fields = {field["name"] for field in page.all("input", form="finder")}
    assert fields == {"trait", "rhythm", "letter"}


@pytest.mark.usefixtures("mixed_book")
@pytest.mark.parametrize("nonsense", [{"trait": "rich"}, {"rhythm": "x"}, {"letter": "%"}])
def test_nonsense_narrows_nothing(shop: Client, nonsense: dict[str, str]) -> None:
    assert people(read(shop.get("/clients/", nonsense))) == ["A", "B", "C"]


@pytest.mark.parametrize("role", ["associate", "manager"])
def test_brand_that_nobody_bought_finds_nobody(client: Client, associate: User, role: str) -> None:
    CustomerFactory(associate=associate, store=associate.store)
    client.force_login(UserFactory(role=role, store=associate.store))

    page = read(client.get("/clients/", {"brand": "Marlow", "whose": "store"}))

    assert people(page) == []
    assert page.one("div", class_="empty").one("h2").text == "Nobody here like that"


def test_search_does_not_count(
    shop: Client, associate: User, django_assert_num_queries: Any
) -> None:
    CustomerFactory(associate=associate, store=associate.store, last_name="Reyes")

    with django_assert_num_queries(4):
        page = read(shop.get("/clients/", {"q": "rey"}))

    assert page.one(id="names").all("div", hx_trigger="load") == []


@pytest.mark.parametrize(("query", "spoken"), [("rey", "1 client."), ("zz", "Nobody found.")])
def test_letter_typed_is_answered_with_the_names_alone(
    shop: Client, associate: User, django_assert_num_queries: Any, query: str, spoken: str
) -> None:
    CustomerFactory(associate=associate, store=associate.store, last_name="Reyes")

    with django_assert_num_queries(2 + 1):  # session and person, then the search
        answer = read(shop.get("/clients/", {"q": query}, headers={"HX-Request": "true"}))

    assert answer.one(id="names")["data-say"] == spoken
    assert answer.one("nav", hx_swap_oob="true")["id"] == "which"
    assert answer.all("input") == answer.all("select") == []  # what is typed and chosen stays


@pytest.mark.usefixtures("mixed_book")
def test_tap_on_a_group_asks_for_its_numbers(shop: Client) -> None:
    answer = read(shop.get("/clients/", {"trait": "text"}, headers={"HX-Request": "true"}))

    [asks] = answer.one(id="names").all("div", hx_trigger="load")
    assert (asks["hx-get"], asks["hx-sync"]) == ("/book/counts/?trait=text", "#finder:abort")
    assert people(answer) == ["A", "C"]
    tabs = answer.one("nav", id="which").all("a")
    assert tabs[1]["href"] == "/clients/?rhythm=lapsed&trait=text"


def test_names_of_any_script_and_length_are_in_the_book(shop: Client, associate: User) -> None:
    own = {"associate": associate, "store": associate.store}
    CustomerFactory(customer_id="ar", first_name="ليلى", last_name="حداد", **own)
    CustomerFactory(customer_id="ru", first_name="Мария", last_name="Иванова", **own)
    CustomerFactory(customer_id="long", first_name="x" * 200, last_name="y" * 200, **own)
    CustomerFactory(customer_id="none", first_name="", last_name="", **own)
    CustomerFactory(customer_id="No store", associate=associate, store=None, last_name="Zoe")

    everybody = people(read(shop.get("/clients/")))
    others = people(read(shop.get("/clients/", {"letter": "other"})))

    assert sorted(everybody) == ["No store", "ar", "long", "none", "ru"]
    assert sorted(others) == ["ar", "none", "ru"]
    assert found(shop, "иван") == ["ru"]
    assert found(shop, "حد") == ["ar"]
    assert found(shop, "none") == ["none"]


def test_client_without_name_store_phone_or_purchase_has_a_page(
    shop: Client, associate: User
) -> None:
    CustomerFactory(
        customer_id="bare", first_name="", last_name="", city="", associate=associate, store=None
    )

    page = read(shop.get("/clients/bare/"))

    assert page.one("h1").text == "bare"
    assert page.all("section", id="closet") == []


@pytest.mark.django_db
def test_client_without_a_store_is_not_shown_in_another_store(client: Client) -> None:
    CustomerFactory(customer_id="bare", associate=UserFactory(), store=None)
    client.force_login(UserFactory())

    assert client.get("/clients/bare/").status_code == 404


# --- The plan -------------------------------------------------------------------------------------
MANY = """
    INSERT INTO customers_customer (customer_id, first_name, last_name, city, preferred_channel,
        search_name, search_first_name, store_id, associate_id, visit_count, net_spend)
    SELECT 'g' || n, 'Ada', md5(n::text), '', '', md5(n::text) || ' ada', 'ada',
        CASE WHEN n %% 10 = 0 THEN %(store)s ELSE %(elsewhere)s END,
        CASE WHEN n %% 100 = 0 THEN %(associate)s WHEN n %% 100 <> 10 THEN %(colleague)s END, 0, 0
    FROM generate_series(1, 20000) n;
    INSERT INTO customers_contactpoint (customer_id, channel, address, as_written, unusable_because)
    SELECT id, 'sms', '+1312' || lpad((id * 7919 %% 10000000)::text, 7, '0'), '', ''
    FROM customers_customer;
    ANALYZE customers_customer; ANALYZE customers_contactpoint;
"""
BY_NAME, BY_DIGITS = {"q": "ab"}, {"q": "digits"}


@pytest.fixture
def crowd(associate: User) -> str:
    """A store worth an index; answers with the last digits of one of the associate's clients."""
    numbers = {
        "store": associate.store_id,
        "associate": associate.pk,
        "colleague": UserFactory(store=associate.store).pk,
        "elsewhere": StoreFactory().pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(MANY, numbers)
    point = ContactPoint.objects.filter(customer__associate=associate).earliest("pk")
    return str(point.address[-4:])


def plan_of(asked: CaptureQueriesContext, most: int = 51) -> str:
    """How the database finds the people of a page that has so many at most."""
    queries = [each["sql"] for each in asked if f"LIMIT {most}" in each["sql"]]
    [search] = [sql for sql in queries if '"customers_customer"."id" IN (' in sql]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {search}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("asked_for", "indexes"),
    [
        ({"whose": "mine"}, ["customer_nobodys"]),
        ({"whose": "store"}, ["customer_store_names"]),
        ({"whose": "store", "letter": "b"}, ["customer_store_names"]),
        ({"whose": "store", "letter": "other"}, ["customer_store_names"]),
        ({"whose": "store", "after": "b", "number": 1}, ["customer_store_names"]),
        ({**BY_NAME, "whose": "mine"}, ["customer_book", "customer_nobodys"]),
        ({**BY_NAME, "whose": "store"}, ["customer_store_names"]),
        ({"q": "ad ab", "whose": "store"}, ["customer_store_"]),
        ({**BY_DIGITS, "whose": "mine"}, ["contact_point_last_four"]),
        ({**BY_DIGITS, "whose": "store"}, ["contact_point_last_four"]),
    ],
)
def test_people_are_found_along_an_index(
    shop: Client, crowd: str, asked_for: dict[str, str], indexes: list[str]
) -> None:
    if asked_for.get("q") == "digits":
        asked_for = {**asked_for, "q": crowd}

    with CaptureQueriesContext(connection) as asked:
        page = read(shop.get("/clients/", asked_for))

    plan = plan_of(asked)
    assert [index for index in indexes if index not in plan] == []
    assert "Seq Scan on customers" not in plan
    assert people(page) or asked_for.get("letter") == "other"


def test_people_of_all_stores_of_a_manager_are_found_along_an_index(
    client: Client, associate: User, crowd: str
) -> None:
    client.force_login(UserFactory(role="manager", store=associate.store))

    with CaptureQueriesContext(connection) as asked:
        page = read(client.get("/clients/", BY_NAME))

    plan = plan_of(asked)
    assert "customer_store_names" in plan
    assert "Seq Scan on customers" not in plan
    assert people(page)


@pytest.mark.parametrize("role", ["associate", "manager"])
def test_search_of_the_record_finds_names_along_an_index(
    client: Client, associate: User, crowd: str, role: str
) -> None:
    client.force_login(UserFactory(role=role, store=associate.store))

    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/decisions/", BY_NAME)

    plan = plan_of(asked, most=21)
    assert "customer_store_names" in plan
    assert "Seq Scan on customers" not in plan
    assert "found" in read(answer).one("p", class_="found").text


@pytest.mark.usefixtures("book")
def test_what_was_searched_for_is_said_in_a_sentence_of_its_own(shop: Client) -> None:
    page = read(shop.get("/clients/", {"q": "elod"}))

    assert page.one("p", class_="said").one("span").text == "Found for “elod”"
