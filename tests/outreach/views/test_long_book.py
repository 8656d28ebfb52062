"""A day and a client page cost the same queries for a book of nobody and one of five thousand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clienteling.models import User
from customers.models import Consent, ContactPoint, Customer, ImportantDate, Suggestion
from outreach.models import Promise
from tests.factories import NOON, ProductFactory, brought
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import read

FIVE_THOUSAND = 5_000
DAY_QUERIES, CLIENT_QUERIES = 8, 12
DAYS_OF_A_YEAR = 336  # twelve months of 28 days


def long_book(associate: User, length: int) -> None:
    """Half of them lapsed and with something to show; each with a birthday and a number."""
    people = Customer.objects.bulk_create(
        Customer(
            customer_id=f"L-{number}",
            first_name="Amanda",
            associate=associate,
            store=associate.store,
            first_purchase_at=NOON - timedelta(days=400),
            last_purchase_at=NOON - timedelta(days=number % 180),
            visit_count=4,
            usual_gap_days=40,
        )
        for number in range(length)
    )
    product = ProductFactory()
    Suggestion.objects.bulk_create(
        Suggestion(customer=each, product=product, rank=1, score=1, contributions=brought())
        for each in people
    )
    Consent.objects.bulk_create(
        Consent(customer=each, channel="sms", state="opted_in", since=NOON, source="till")
        for each in people
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(customer=each, channel="sms", address=f"+1312555{number:04}")
        for number, each in enumerate(people)
    )
    ImportantDate.objects.bulk_create(
        ImportantDate(
            customer=each,
            kind="birthday",
            month=1 + number % DAYS_OF_A_YEAR // 28,
            day=1 + number % 28,
            noted_at=NOON,
        )
        for number, each in enumerate(people)
    )
    Promise.objects.bulk_create(
        Promise(
            customer=each,
            falls_to=associate,
            words="Call",
            due_on=NOON.date(),
            made_at=NOON,
            made_by=associate,
        )
        for each in people[:20]
    )


def queries_of(shop: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = shop.get(url)
    assert answer.status_code == 200
    return len(asked)


@pytest.mark.parametrize("who", ["", "?who=about-to-lapse", "?who=came-back"])
def test_a_day_without_a_client_costs_no_more_than_any(shop: Client, who: str) -> None:
    assert queries_of(shop, f"/{who}") <= DAY_QUERIES


def test_five_thousand_clients_cost_no_more_queries(shop: Client, associate: User) -> None:
    long_book(associate, FIVE_THOUSAND)

    days = [queries_of(shop, f"/{who}") for who in ("", "?who=about-to-lapse", "?who=came-back")]
    hers = queries_of(shop, f"/clients/L-{FIVE_THOUSAND - 1}/")
    page = read(shop.get("/"))

    assert max(days) <= DAY_QUERIES
    assert hers <= CLIENT_QUERIES
    assert len(page.all("article", class_="client")) == associate.store.cards_per_day  # type: ignore[union-attr]
    assert len(page.one("section", aria_labelledby="days-head").all("li")) > 5


def test_a_client_page_of_an_associate_without_a_book_costs_no_more(
    shop: Client, associate: User
) -> None:
    lapsed_client(associate, customer_id="C-1")
    lapsed_client(associate, customer_id="C-2", items=0)
    Customer.objects.update(associate=None)

    assert queries_of(shop, "/clients/C-1/") <= CLIENT_QUERIES
    assert queries_of(shop, "/clients/C-2/") <= CLIENT_QUERIES
