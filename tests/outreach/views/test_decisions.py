from datetime import date, timedelta

import pytest
from django.test import Client

from clienteling.models import User
from customers.models import Customer
from outreach.decisions import recording
from outreach.messages import hints
from tests.factories import (
    NOON,
    ManagerFactory,
    MessageFactory,
    ServiceCaseFactory,
    UserFactory,
)
from tests.outreach.scenes import bought, lapsed_client
from tests.outreach.views.page import Element, read

TONIGHT = date(2026, 6, 15)
A_DAY = timedelta(days=1)
ASKED = 23  # rules, the channels' twice


def record(nights_ago: int = 0) -> None:
    moment = NOON - nights_ago * A_DAY
    recording.record(TONIGHT - nights_ago * A_DAY, as_of=moment, now=NOON)


def wrote(customer: Customer, associate: User, *, days_ago: int) -> None:
    at = NOON - days_ago * A_DAY
    MessageFactory(
        customer=customer,
        sender=associate,
        state="delivered",
        queued_at=at,
        sent_at=at,
        delivered_at=at,
    )


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", first_name="Amanda", last_name="Reyes")


def night(shop: Client, on: str = "") -> Element:
    return read(shop.get("/clients/C-1/decision/", {"on": on} if on else {}))


def answer(page: Element) -> str:
    return page.one("p", class_="answer").text


def rules(page: Element) -> list[Element]:
    return page.all("li", data_rule=None)


# --- One night ------------------------------------------------------------------------------------
def test_night_tells_why_she_was_not_contacted(
    shop: Client, associate: User, amanda: Customer
) -> None:
    wrote(amanda, associate, days_ago=9)
    record()

    page = night(shop, "2026-06-15")

    assert answer(page) == (
        "Maya wrote on 6 June; next from 20 June. "
        "Free again from 20 June, if nothing else happened."
    )
    lines = rules(page)
    assert len(lines) == ASKED
    [objects] = [each for each in lines if each.attributes.get("class") == "stop"]
    assert objects["data-rule"] == "contacted-recently"
    assert (
        objects.one("span", class_="num").text
        == "Maya 9 days before; at most 1 in 14 and 2 in 45 days"
    )


def test_night_is_the_newest_one_by_default(shop: Client, amanda: Customer) -> None:
    record(1)
    record()

    page = night(shop)

    assert page.one("input", id="on")["value"] == "2026-06-15"
    assert page.one("a", rel="prev")["href"] == "/clients/C-1/decision/?on=2026-06-14"
    assert page.all("a", rel="next") == []


def test_night_of_a_client_who_was_due_and_not_written_to(shop: Client, amanda: Customer) -> None:
    record()

    assert answer(night(shop)) == "Was among the clients of the day, and no note was sent."


def test_night_of_a_client_for_whom_the_cards_were_too_few(
    shop: Client, associate: User, amanda: Customer
) -> None:
    type(associate.store).objects.update(cards_per_day=2)
    for _ in range(3):
        lapsed_client(associate, visit_count=20, net_spend=5_000)
    record()

    assert answer(night(shop)) == (
        "Could have been written to, but 3 others of the book came first, and the day has 2 cards."
    )


def test_night_of_a_client_who_was_written_to(
    shop: Client, associate: User, amanda: Customer
) -> None:
    record()
    wrote(amanda, associate, days_ago=0)

    assert answer(night(shop)) == "Maya wrote that day, at 12:00."


def test_night_in_a_stretch_says_since_when(shop: Client, amanda: Customer) -> None:
    record(5)
    record(3)
    ServiceCaseFactory(customer=amanda, opened_at=NOON - 2 * A_DAY)
    record()

    page = night(shop, "2026-06-12")

    assert page.all("p", class_="small")[0].text.startswith("The same from 10 June to 14 June.")
    assert answer(night(shop)).startswith("A complaint is still open")


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (
            "2026-06-09",
            "The record goes back to 10 June. What was decided before is not known.",
        ),
        ("2026-06-12", "Nothing was written down that night: the record has a gap there."),
        ("2026-06-16", "That day has not come yet."),
    ],
)
def test_night_that_was_not_written_down_says_so(
    shop: Client, amanda: Customer, on: str, sentence: str
) -> None:
    record(5)
    record()

    page = night(shop, on)

    assert answer(page) == sentence
    assert rules(page) == []


def test_night_before_the_record_began_says_so(shop: Client, amanda: Customer) -> None:
    assert answer(night(shop)) == (
        "No night has been written down yet. The record begins with the next one."
    )


def test_night_of_a_client_who_was_in_nobodys_book(shop: Client, associate: User) -> None:
    record()
    lapsed_client(associate, customer_id="C-1")

    assert answer(night(shop)) == "In nobody’s book that night."


@pytest.mark.parametrize("on", ["nonsense", "2026-99-01", "0001-01-01"])
def test_night_survives_a_day_that_is_none(shop: Client, amanda: Customer, on: str) -> None:
    record()

    assert shop.get("/clients/C-1/decision/", {"on": on}).status_code == 200


def test_night_of_another_stores_client_is_not_found(client: Client, amanda: Customer) -> None:
    record()
    client.force_login(UserFactory())

    assert client.get("/clients/C-1/decision/").status_code == 404


def test_night_costs_few_queries(
    shop: Client, associate: User, amanda: Customer, django_assert_max_num_queries
) -> None:
    wrote(amanda, associate, days_ago=9)
    record()

    with django_assert_max_num_queries(12):
        answer = shop.get("/clients/C-1/decision/")

    assert (answer.status_code, str(amanda) in read(answer).text) == (200, True)


# --- The search -----------------------------------------------------------------------------------
def test_search_finds_a_client_and_a_day(shop: Client, amanda: Customer) -> None:
    record(5)
    Customer.objects.filter(pk=amanda.pk).update(leave_until=TONIGHT + A_DAY)
    record()

    def found(on: str) -> tuple[str, str, str]:
        page = read(shop.get("/decisions/", {"q": "rey", "on": on}))
        match = page.one("li", data_client="C-1")
        return match.one("b").text, match.one("small").text, match.one("a")["href"]

    url = "/clients/C-1/decision/?on="
    assert found("2026-06-15") == (
        "Amanda Reyes",
        "Asked to be left in peace",
        url + "2026-06-15",
    )
    assert found("2026-06-11") == (
        "Amanda Reyes",
        "Lapsed and free to be written to",
        url + "2026-06-11",
    )


def test_search_finds_nobody_of_another_store(client: Client, amanda: Customer) -> None:
    record()
    client.force_login(UserFactory())

    page = read(client.get("/decisions/", {"q": "reyes"}))

    assert page.all("li", data_client=None) == []
    assert page.one("p", class_="found").text == "Nobody here by the name “reyes”."


def test_search_of_an_empty_shop_says_so(shop: Client) -> None:
    page = read(shop.get("/decisions/"))

    assert page.one("p", class_="where").text == (
        "No night has been written down yet: the first one will be."
    )


def test_manager_has_the_night_decided_again(
    client: Client, associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    monkeypatch.setattr(hints, "record_decisions", lambda: not told.append(True))
    client.force_login(ManagerFactory(store=associate.store))

    response = client.post("/decisions/record/", follow=True)

    assert told == [True]
    assert "Being decided anew" in response.content.decode()


# --- Who rests ------------------------------------------------------------------------------------
def reasons(page: Element) -> dict[str, str]:
    return {each["data-reason"]: each.one("span").text for each in page.all("a", data_reason=None)}


def names(page: Element) -> list[str]:
    return [each["data-client"] for each in page.all("li", data_client=None)]


def test_resting_counts_by_reason_and_names(shop: Client, associate: User) -> None:
    wrote(lapsed_client(associate, customer_id="written"), associate, days_ago=3)
    lapsed_client(associate, customer_id="peace", leave_until=TONIGHT + A_DAY)
    lapsed_client(associate, customer_id="nothing", items=0)
    lapsed_client(associate, customer_id="recent", days=10)
    lapsed_client(associate, customer_id="due")
    lapsed_client(associate, customer_id="early", days=70, visit_count=3, usual_gap_days=40)
    record()

    page = read(shop.get("/decisions/resting/"))

    assert reasons(page) == {
        "contacted-recently": "1",
        "asked-for-peace": "1",
        "nothing-to-show": "1",
    }
    assert names(page) == ["peace", "written", "nothing"]
    assert page.one("p", class_="lead").text == "3 clients are resting."


def test_resting_shows_one_reason_alone(shop: Client, associate: User) -> None:
    wrote(lapsed_client(associate, customer_id="written"), associate, days_ago=3)
    lapsed_client(associate, customer_id="peace", leave_until=TONIGHT + A_DAY)
    record()

    page = read(shop.get("/decisions/resting/", {"reason": "contacted-recently"}))

    assert names(page) == ["written"]
    assert page.one("li", data_client="written").one("small").text == (
        "You wrote on 12 June; next from 26 June."
    )


def test_resting_is_corrected_by_what_happened_since(shop: Client, associate: User) -> None:
    written = lapsed_client(associate, customer_id="written")
    visitor = lapsed_client(associate, customer_id="visitor", leave_until=TONIGHT + A_DAY)
    freed = lapsed_client(associate, customer_id="freed", leave_until=TONIGHT + A_DAY)
    recording.record(TONIGHT, as_of=NOON - timedelta(hours=8), now=NOON - timedelta(hours=8))
    wrote(written, associate, days_ago=0)
    bought(visitor, at=NOON)
    Customer.objects.filter(pk=visitor.pk).update(last_purchase_at=NOON)
    Customer.objects.filter(pk=freed.pk).update(leave_until=None)

    page = read(shop.get("/decisions/resting/"))

    assert reasons(page) == {"contacted-recently": "1", "asked-for-peace": "1"}
    assert [each.one("small").text for each in page.all("li", data_client=None)] == [
        "Free again since last night.",
        "You wrote on 15 June; next from 29 June.",
    ]


def test_resting_counts_the_due_beyond_the_days_cards(shop: Client, associate: User) -> None:
    type(associate.store).objects.update(cards_per_day=2)
    for number in range(5):
        lapsed_client(associate, customer_id=f"due-{number}", visit_count=10 - number)
    record()

    page = read(shop.get("/decisions/resting/", {"reason": "another-day"}))

    assert reasons(page) == {"another-day": "3"}
    assert names(page) == ["due-2", "due-3", "due-4"]


def test_resting_pages_a_long_book_under_a_constant_number_of_queries(
    shop: Client, associate: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    monkeypatch.setattr("outreach.decisions.resting.PAGE_SIZE", 2)
    for number in range(5):
        lapsed_client(associate, customer_id=f"peace-{number}", leave_until=TONIGHT + A_DAY)
    record()

    with django_assert_num_queries(2 + 3):  # the session, who asks; the night, counts, names
        last = read(shop.get("/decisions/resting/", {"page": "3"}))

    assert names(last) == ["peace-4"]
    assert last.one("h2", id="names").text == "5 to 5 of 5"
    assert last.one("a", rel="prev")["href"] == "/decisions/resting/?page=2"
    assert last.all("a", rel="next") == []


def test_resting_of_a_manager_is_the_stores(client: Client, associate: User) -> None:
    wrote(lapsed_client(associate, customer_id="written"), associate, days_ago=3)
    elsewhere = UserFactory()
    wrote(lapsed_client(elsewhere, customer_id="elsewhere"), elsewhere, days_ago=3)
    record()
    client.force_login(ManagerFactory(store=associate.store))

    page = read(client.get("/decisions/resting/"))

    assert names(page) == ["written"]


@pytest.mark.parametrize("asked", [{"reason": "nonsense"}, {"page": "99"}, {"page": "-1"}])
def test_resting_survives_nonsense(shop: Client, associate: User, asked: dict) -> None:
    lapsed_client(associate, customer_id="peace", leave_until=TONIGHT + A_DAY)
    record()

    assert names(read(shop.get("/decisions/resting/", asked))) == ["peace"]


def test_resting_before_the_first_night_says_so(shop: Client, associate: User) -> None:
    page = read(shop.get("/decisions/resting/"))

    assert page.one("div", class_="empty").one("h2").text == "Nothing written down yet"


def test_client_without_name_is_named_by_her_number(shop: Client, associate: User) -> None:
    lapsed_client(
        associate, customer_id="C/9", first_name="", last_name="", leave_until=TONIGHT + A_DAY
    )
    record()

    page = read(shop.get("/decisions/resting/"))

    assert page.one("b", dir="auto").text == "C/9"
    assert shop.get(page.one("li", data_client="C/9").one("a")["href"]).status_code == 200
