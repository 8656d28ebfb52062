"""What a client waits for: on her own page, and in the inbox in its order."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clienteling.models import User
from customers.models import Customer
from tests.factories import (
    NOON,
    HoldFactory,
    LookbookFactory,
    ManagerFactory,
    PromiseFactory,
    ReplyFactory,
)
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, read


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1")


def hold_for(customer: Customer, associate: User, name: str, **values: Any) -> None:
    book = LookbookFactory(customer=customer, associate=associate)
    HoldFactory(lookbook=book, product__name=name, **values)


def promise_to(customer: Customer, associate: User, words: str, *, days: int = 0) -> None:
    PromiseFactory(
        customer=customer,
        falls_to=associate,
        words=words,
        due_on=(NOON + timedelta(days=days)).date(),
    )


def waits(page: Element) -> list[str]:
    return [each["aria-label"] for each in page.one("div", class_="owed").all("article")]


def test_her_page_shows_what_she_waits_for_near_the_top(
    shop: Client, associate: User, amanda: Customer
) -> None:
    hold_for(amanda, associate, "Kept pump", state="confirmed", settled_at=NOON)
    hold_for(amanda, associate, "Asked loafer")
    hold_for(amanda, associate, "Over", expires_at=NOON)
    promise_to(amanda, associate, "Call about the hem", days=3)

    page = read(shop.get("/clients/C-1/"))

    assert [entry.all("h2")[0].text for entry in page.all("section", class_="entry")][:4] == [
        "May I?",
        "Anything wrong?",
        "What waits?",
        "Who is this?",
    ]
    assert waits(page) == [
        "Asked loafer, 38 for " + str(amanda),
        "Kept pump, 38 for " + str(amanda),
        "Promise",
    ]
    assert "Call about the hem" in page.one("article", aria_label="Promise").text
    assert page.one("button", data_action="confirm-hold")


def test_her_page_asks_no_more_questions_for_what_she_waits_for(
    shop: Client, associate: User, amanda: Customer, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        hold_for(amanda, associate, f"Loafer {number}")
        promise_to(amanda, associate, f"Promise {number}")

    with django_assert_num_queries(11):
        page = read(shop.get("/clients/C-1/"))

    assert len(waits(page)) == 6


def test_manager_sees_what_she_waits_for_and_answers_nothing(
    client: Client, associate: User, amanda: Customer
) -> None:
    hold_for(amanda, associate, "Asked loafer")
    promise_to(amanda, associate, "Call about the hem")
    client.force_login(ManagerFactory(store=associate.store))

    page = read(client.get("/clients/C-1/"))

    assert len(waits(page)) == 2
    assert page.one("div", class_="owed").all("form") == []


def test_page_of_somebody_who_waits_for_nothing_has_no_such_entry(
    shop: Client, amanda: Customer
) -> None:
    assert read(shop.get("/clients/C-1/")).all("div", class_="owed") == []


def test_inbox_begins_with_what_somebody_waits_for(
    shop: Client, associate: User, amanda: Customer
) -> None:
    hold_for(amanda, associate, "Kept pump", state="confirmed", settled_at=NOON)
    hold_for(amanda, associate, "Asked loafer")
    ReplyFactory(customer=lapsed_client(associate, customer_id="C-2"))
    promise_to(amanda, associate, "Call about the hem")
    promise_to(amanda, associate, "Not before tomorrow", days=1)

    page = read(shop.get("/inbox/"))

    groups = page.all("div", class_="waiting")
    assert [group.all("h2")[0].text for group in groups] == [
        "Would you keep it?",
        "Waiting for you",
        "You promised",
        "Kept for clients",
    ]
    assert [each.one("p").text for each in groups[2].all("article")] == ["Call about the hem today"]
    assert page.one("p", class_="where").text == (
        "1 client waits for you, 1 hold to confirm, 1 promise due"
    )


def test_inbox_keeps_what_is_typed_into_a_refusal_when_it_is_refreshed(
    shop: Client, associate: User, amanda: Customer
) -> None:
    hold_for(amanda, associate, "Asked loafer")

    refusal = read(shop.get("/inbox/")).one("details", class_="decline")

    assert "hx-preserve" in refusal.attributes
    assert refusal["id"].startswith("decline-")
