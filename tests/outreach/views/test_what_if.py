from datetime import date, time, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clienteling.models import Store, User
from outreach.decisions import recording
from tests.factories import NOON, ManagerFactory, MessageFactory, StoreFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, read

TONIGHT = date(2026, 6, 15)
A_DAY = timedelta(days=1)
CHANGES = {
    "lapse_days": "60",
    "cards_per_day": "5",
    "cap_messages": "1",
    "cap_days": "21",
    "long_cap_messages": "3",
    "long_cap_days": "60",
    "text_opens": "10:00",
    "text_closes": "19:00",
    "email_opens": "08:00",
    "email_closes": "21:00",
}


@pytest.fixture
def manager(associate: User) -> User:
    return ManagerFactory(store=associate.store)


@pytest.fixture
def desk(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def record(*nights_ago: int) -> None:
    for days in nights_ago:
        moment = NOON - days * A_DAY
        recording.record(TONIGHT - days * A_DAY, as_of=moment, now=NOON)


def figures(page: Element) -> dict[str, str]:
    return {each.one("dt").text: each.all("dd")[0].text for each in page.all("div", class_="fig")}


def test_desk_replays_the_present_rules_first(desk: Client, associate: User) -> None:
    lapsed_client(associate, days=150)
    record(20, 5, 0)

    page = read(desk.get("/decisions/what-if/"))

    assert figures(page)["Notes"] == "2"  # 26 May and 10 June
    assert figures(page)["Disturbed"] == "0"
    assert page.all("button", data_action="save") == []


def test_desk_shows_who_would_be_disturbed_before_it_is_saved(
    desk: Client, associate: User
) -> None:
    burnt = lapsed_client(associate, customer_id="burnt", days=150)
    record(*range(20, -1, -1))

    page = read(desk.get("/decisions/what-if/", {"cap_days": "7"}))

    assert figures(page) == {
        "Notes": "2",
        "Clients reached": "1",
        "Newly reached": "0",
        "Disturbed": "1",
        "Waits for the hours": "0",
    }
    assert Store.objects.get(pk=burnt.store_id).cap_days == 14


def test_desk_names_the_newly_reached_and_the_burnt(desk: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="burnt", days=150)
    lapsed_client(associate, customer_id="new", days=70)
    record(*range(20, -1, -1))

    page = read(
        desk.get(
            "/decisions/what-if/", {"cap_days": "5", "long_cap_messages": "3", "lapse_days": "60"}
        )
    )

    rows = {
        each["data-client"]: [cell.text for cell in each.all("td")]
        for each in page.all("tr", data_client=None)
    }
    assert rows == {"burnt": ["2", "3"], "new": ["0", "3"]}
    assert len(page.one("svg", class_="chart").all("rect")) == 2 * 3
    assert page.one("p", class_="lead").text.startswith("With these rules 2 clients would have")


def test_desk_counts_the_notes_that_waited_for_the_hours(desk: Client, associate: User) -> None:
    customer = lapsed_client(associate)
    for hours in (0, 24):
        at = NOON - timedelta(hours=hours + 2)  # ten in the morning in Chicago
        MessageFactory(
            customer=customer,
            sender=associate,
            state="delivered",
            queued_at=at,
            sent_at=at,
            delivered_at=at,
        )
    record(5, 0)

    page = read(desk.get("/decisions/what-if/", {"text_opens": "11:00"}))

    assert figures(page)["Waits for the hours"] == "2"


def test_save_changes_the_store_and_the_log(desk: Client, associate: User, manager: User) -> None:
    elsewhere = StoreFactory()

    response = desk.post("/decisions/what-if/", {"store": associate.store_id, **CHANGES})

    assert response.url == f"/decisions/what-if/?store={associate.store_id}"
    store = Store.objects.get(pk=associate.store_id)
    assert (store.lapse_days, store.cards_per_day, store.contact_caps) == (
        60,
        5,
        ((1, 21), (3, 60)),
    )
    assert store.text_opens == time(10)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (manager, str(store.pk))
    assert entry.change_message.startswith("What-if desk. Days until lapsed: 90 → 60; Cards")
    assert Store.objects.get(pk=elsewhere.pk).lapse_days == 90


def test_save_without_a_change_writes_nothing(desk: Client, associate: User) -> None:
    desk.post("/decisions/what-if/", {"store": associate.store_id})

    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"lapse_days": "29"}, "lapse_days"),
        ({"cards_per_day": "0"}, "cards_per_day"),
        ({"cap_days": "nonsense"}, "cap_days"),
        ({"long_cap_days": "366"}, "long_cap_days"),
        ({"cap_messages": "3", "long_cap_messages": "2"}, "long_cap_messages"),
        ({"cap_days": "50"}, "long_cap_days"),
        ({"text_opens": "20:00", "text_closes": "20:00"}, "text_closes"),
    ],
)
def test_desk_refuses_numbers_that_do_not_fit(
    desk: Client, associate: User, values: dict, name: str
) -> None:
    record(0)

    response = desk.post("/decisions/what-if/", values)

    assert response.status_code == 422
    assert read(response).one("p", class_="wrong")["id"] == f"id_{name}_error"
    assert not LogEntry.objects.exists()


def test_desk_of_another_store_is_not_found(desk: Client) -> None:
    other = StoreFactory()

    assert desk.get("/decisions/what-if/", {"store": other.pk}).status_code == 404
    assert desk.post("/decisions/what-if/", {"store": other.pk, **CHANGES}).status_code == 404
    assert Store.objects.get(pk=other.pk).lapse_days == 90


def test_desk_of_an_associate_is_not_found(shop: Client) -> None:
    assert shop.get("/decisions/what-if/").status_code == 404
    assert shop.post("/decisions/what-if/", CHANGES).status_code == 404


def test_desk_of_an_empty_shop_says_that_there_are_no_nights(desk: Client) -> None:
    page = read(desk.get("/decisions/what-if/"))

    assert page.one("div", class_="empty").one("h2").text == "No nights to try it on yet"


def test_desk_costs_the_same_queries_whatever_the_length_of_the_book(
    desk: Client, associate: User
) -> None:
    counts = []
    for clients in (2, 3):
        for _ in range(clients):
            lapsed_client(associate, days=150)
        record(0)
        with CaptureQueriesContext(connection) as asked:
            desk.get("/decisions/what-if/", {"cards_per_day": "1"})
        counts.append(len(asked))

    assert counts[0] == counts[1]
