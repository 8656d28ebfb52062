"""Answering a hold where it was asked."""

from datetime import timedelta

import pytest
from django.test import Client

from clienteling.models import User
from outreach.models import Hold
from tests.factories import NOON, HoldFactory, LookbookFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def hold(associate: User) -> Hold:
    amanda = lapsed_client(associate, customer_id="C-1")
    page = LookbookFactory(customer=amanda, associate=associate)
    return HoldFactory(lookbook=page, product__name="Marlow loafer")


def test_inbox_asks_and_one_tap_confirms(shop: Client, hold: Hold) -> None:
    strip = read(shop.get("/inbox/")).one("article", data_hold=str(hold.pk))
    form = strip.all("form")[0]

    response = shop.post(form["action"], {**form_values(form), "step": "confirm"})

    assert response["Location"] == "/inbox/"
    hold.refresh_from_db()
    assert hold.state == "confirmed"


def test_answer_by_htmx_is_the_same_part_again(shop: Client, hold: Hold) -> None:
    response = shop.post(f"/holds/{hold.pk}/", {"step": "confirm"}, **HTMX)

    strip = read(response).one(id=f"hold-{hold.pk}")
    assert [button.text for button in strip.all("button")] == ["Collected", "Back on the shelf"]


def test_decline_says_the_chosen_or_her_own_words(shop: Client, hold: Hold) -> None:
    shop.post(
        f"/holds/{hold.pk}/",
        {"step": "decline", "sentence": "Sold.", "own": "Its heel is loose, sorry."},
    )

    hold.refresh_from_db()
    assert (hold.state, hold.sentence) == ("declined", "Its heel is loose, sorry.")


def test_decline_without_words_is_refused_in_place(shop: Client, hold: Hold) -> None:
    response = shop.post(f"/holds/{hold.pk}/", {"step": "decline"}, **HTMX)

    fault = read(response).one(role="alert").text
    assert fault == "Please choose or write what her page is to say."
    hold.refresh_from_db()
    assert hold.state == "asked"


def test_late_tap_says_so_and_changes_nothing(shop: Client, hold: Hold) -> None:
    Hold.objects.filter(pk=hold.pk).update(expires_at=NOON)

    response = shop.post(f"/holds/{hold.pk}/", {"step": "confirm"}, **HTMX)

    page = read(response)
    assert (
        page.one(role="alert").text == "This had changed before you tapped: see how it stands now."
    )
    assert page.all("button") == []


def test_hold_of_another_store_does_not_exist(shop: Client, hold: Hold) -> None:
    elsewhere = HoldFactory(expires_at=NOON + timedelta(days=1))

    assert shop.post(f"/holds/{elsewhere.pk}/", {"step": "confirm"}).status_code == 404


def test_unknown_page_to_return_to_is_refused(shop: Client, hold: Hold) -> None:
    response = shop.post(f"/holds/{hold.pk}/", {"step": "confirm", "page": "//evil.example"})

    assert response.status_code == 404
