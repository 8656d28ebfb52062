"""Days that matter to clients who have no card: on Today until she was wished well."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from clienteling.models import User
from customers.models import Customer
from outreach.day import days_soon
from outreach.day.days_soon import DayRow
from tests.factories import (
    NOON,
    ConsentFactory,
    CustomerFactory,
    GestureFactory,
    ImportantDateFactory,
    MessageFactory,
    PutOffFactory,
    QuietPeriodFactory,
    UserFactory,
)
from tests.outreach.views.page import Element, form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}
DAY_QUERIES = 8


def client_of(associate: User, customer_id: str = "C-1", **values: Any) -> Customer:
    """She was here a month ago, so she is on no card."""
    return CustomerFactory(
        **{
            "customer_id": customer_id,
            "associate": associate,
            "store": associate.store,
            "first_name": "Leila",
            "last_name": "Haddad",
            "last_purchase_at": NOON - timedelta(days=30),
            **values,
        }
    )


def birthday(customer: Customer, days: int = 3, **values: Any) -> None:
    on = NOON.date() + timedelta(days=days)
    ImportantDateFactory(**{"customer": customer, "month": on.month, "day": on.day, **values})


def lines(page: Element) -> list[str]:
    return [each.text for each in page.all("a", data_day=None)]


def shown(shop: Client) -> list[str]:
    return lines(read(shop.get("/")))


def test_day_names_the_days_that_come_the_nearest_first(shop: Client, associate: User) -> None:
    birthday(client_of(associate), days=3)
    birthday(client_of(associate, "C-2", first_name="Ann"), days=0, kind="anniversary")
    wedding = client_of(associate, "C-3", first_name="Mia")
    birthday(wedding, days=1, kind="other", label="her wedding")

    page = read(shop.get("/"))

    assert page.one("section", aria_labelledby="days-head").one("h2").text == "Days that matter"
    assert lines(page) == [
        "Ann Haddad Anniversary today",
        "Mia Haddad Her wedding tomorrow",
        "Leila Haddad Birthday in 3 days",
    ]


def test_line_opens_the_page_with_the_wish(shop: Client, associate: User) -> None:
    birthday(client_of(associate))

    [link] = read(shop.get("/")).all("a", data_day="C-1")

    page = read(shop.get(link["href"]))
    assert page.one("section", data_words="greeting").text.startswith("Not as a note:")


@pytest.mark.parametrize(("days", "is_shown"), [(-1, False), (0, True), (7, True), (8, False)])
def test_a_day_is_shown_for_a_week_before(
    shop: Client, associate: User, days: int, is_shown: bool
) -> None:
    birthday(client_of(associate), days=days)

    assert bool(shown(shop)) is is_shown


@pytest.mark.parametrize(
    ("values", "is_shown"),
    [
        ({"last_purchase_at": NOON - timedelta(days=89)}, True),
        ({"last_purchase_at": NOON - timedelta(days=90)}, False),
        ({"last_purchase_at": None}, True),
        ({"leave_until": NOON.date() + timedelta(days=1)}, False),
        ({"leave_until": NOON.date()}, True),
    ],
)
def test_a_day_is_of_a_client_who_is_not_lapsed_and_wants_no_peace(
    shop: Client, associate: User, values: dict[str, Any], is_shown: bool
) -> None:
    birthday(client_of(associate, **values))

    assert bool(shown(shop)) is is_shown


def test_other_wishes_to_be_left_alone_count_too(shop: Client, associate: User) -> None:
    put_off, quiet, opted_out, either = (
        client_of(associate, f"C-{number}", first_name=str(number)) for number in range(4)
    )
    for each in (put_off, quiet, opted_out, either):
        birthday(each)
    PutOffFactory(customer=put_off)
    QuietPeriodFactory(customer=quiet, starts_on=NOON.date(), ends_on=NOON.date())
    ConsentFactory(customer=opted_out, channel="sms", state="opted_out")
    ConsentFactory(customer=either, channel="sms", state="opted_out")
    ConsentFactory(customer=either, channel="email")

    assert shown(shop) == ["3 Haddad Birthday in 3 days"]


def test_a_day_is_gone_once_the_wish_is_noted_or_sent(shop: Client, associate: User) -> None:
    said, sent, last_year, taken_back = (
        client_of(associate, f"C-{number}", first_name=str(number)) for number in range(4)
    )
    for each in (said, sent, last_year, taken_back):
        birthday(each)
    GestureFactory(customer=said, kind="greeting")
    GestureFactory(customer=last_year, kind="greeting", made_at=NOON - timedelta(days=91))
    note = {"sender": associate, "step": "greeting", "queued_at": NOON - timedelta(days=1)}
    MessageFactory(customer=sent, state="queued", **note)
    MessageFactory(customer=taken_back, state="canceled", **note)

    assert shown(shop) == ["2 Haddad Birthday in 3 days", "3 Haddad Birthday in 3 days"]


def test_a_wish_noted_on_the_panel_ends_it(shop: Client, associate: User) -> None:
    birthday(client_of(associate))
    form = read(shop.get("/clients/C-1/steps/?write=greeting")).one("section", data_words=None)

    shop.post("/clients/C-1/gestures/", {**form_values(form), "kind": "greeting"}, **HTMX)

    assert shown(shop) == []


def test_days_are_of_her_book_and_of_clients_who_are_nobodys(shop: Client, associate: User) -> None:
    birthday(client_of(UserFactory(store=associate.store)))
    birthday(client_of(associate, "C-2", first_name="Nobody’s"))
    Customer.objects.filter(customer_id="C-2").update(associate=None)

    assert shown(shop) == ["Nobody’s Haddad Birthday in 3 days"]


def test_the_hold_out_is_left_alone_on_these_days_too(
    shop: Client, associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_out = client_of(associate, "C-1")
    birthday(held_out)
    birthday(client_of(associate, "C-2", first_name="Ann"))
    monkeypatch.setattr(days_soon, "is_held_out", lambda number, percent: number == held_out.pk)

    assert shown(shop) == ["Ann Haddad Birthday in 3 days"]


def test_five_are_named_and_the_rest_unfold(shop: Client, associate: User) -> None:
    for number in range(7):
        birthday(client_of(associate, f"C-{number}", first_name=str(number)))

    page = read(shop.get("/"))

    assert len(lines(page)) == 7
    assert page.one("details", class_="more-days").one("summary").text == "and 2 more"
    assert lines(page.one("details", class_="more-days")) == [
        "5 Haddad Birthday in 3 days",
        "6 Haddad Birthday in 3 days",
    ]


def test_a_client_with_two_days_has_one_line(shop: Client, associate: User) -> None:
    leila = client_of(associate)
    birthday(leila, days=5)
    birthday(leila, days=2, kind="anniversary")

    assert shown(shop) == ["Leila Haddad Anniversary in 2 days"]


@pytest.mark.parametrize("clients", [0, 1, 12])
def test_days_cost_no_query(
    shop: Client, associate: User, clients: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(clients):
        birthday(client_of(associate, f"C-{number}"))

    with django_assert_max_num_queries(DAY_QUERIES):
        page = read(shop.get("/"))

    assert len(page.all("a", data_day=None)) == clients


@pytest.mark.parametrize(("year", "is_shown"), [(2027, True), (2028, False)])
def test_a_leap_day_is_kept_on_the_28th_where_there_is_none(
    associate: User, year: int, is_shown: bool
) -> None:
    """On 21 February: seven days before the 28th, eight before the 29th."""
    leila = client_of(associate, last_purchase_at=None)
    ImportantDateFactory(customer=leila, month=2, day=29)
    now = datetime(year, 2, 21, 18, tzinfo=UTC)
    assert associate.store is not None

    found = days_soon.of_associate(associate, associate.store, today=now.date(), now=now)
    rows = [DayRow(each.customer, each.kind, each.label, each.month, each.day) for each in found]
    drawn = list(days_soon.drawn(rows, associate.store, now=now))

    assert bool(drawn) is is_shown
    assert date(year, 2, 21) == associate.store.local(now).date()
