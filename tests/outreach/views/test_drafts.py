"""Words that are typed and not sent are kept for their writer, and for her alone."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from clienteling.models import User
from customers import identity
from customers.models import Customer
from outreach import erasure
from outreach.messages.drafts import LONGEST
from outreach.models import Draft
from tests.factories import NOON, ManagerFactory, ReplyFactory, UserFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import read

WORDS = "Dear Amanda, I thought of you this morning"


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", first_name="Amanda")


def keep(browser: Client, body: str = WORDS, *, step: str = "offer", **more: str) -> int:
    typed = {"step": step, "channel": "sms", "body": body, "form_token": str(uuid4()), **more}
    return browser.post("/clients/C-1/draft/", typed).status_code


def note_on(browser: Client, url: str) -> str:
    return read(browser.get(url)).one("textarea", data_note=None).text


@pytest.mark.parametrize("url", ["/", "/clients/C-1/"])
def test_a_draft_comes_back_on_the_card(url: str, shop: Client, amanda: Customer) -> None:
    assert keep(shop) == 204

    assert note_on(shop, url) == WORDS


def test_a_draft_keeps_its_channel(shop: Client, amanda: Customer) -> None:
    keep(shop, channel="email")

    page = read(shop.get("/"))

    chosen = [each for each in page.all("input", name="channel") if "checked" in each.attributes]
    assert [each["value"] for each in chosen] == ["email"]


def test_an_answer_comes_back_in_the_conversation(
    shop: Client, associate: User, amanda: Customer
) -> None:
    ReplyFactory(customer=amanda, received_at=NOON - timedelta(hours=1))
    keep(shop, step="answer")

    assert note_on(shop, "/clients/C-1/thread/") == WORDS
    assert note_on(shop, "/") != WORDS


def test_the_latest_words_take_the_place_of_the_former(shop: Client, amanda: Customer) -> None:
    for words in ("Dear", "Dear Amanda"):
        keep(shop, words)

    assert Draft.objects.get().body == "Dear Amanda"


def test_blank_words_are_forgotten(shop: Client, amanda: Customer) -> None:
    keep(shop)
    keep(shop, "  ")

    assert not Draft.objects.exists()


def test_a_colleague_sees_no_draft(shop: Client, associate: User, amanda: Customer) -> None:
    Customer.objects.update(associate=None)
    keep(shop)
    colleague = Client()
    colleague.force_login(UserFactory(store=associate.store))

    assert note_on(colleague, "/") != WORDS


def test_a_draft_goes_when_the_note_is_sent_and_a_late_save_does_not_bring_it_back(
    shop: Client, amanda: Customer
) -> None:
    keep(shop)
    form = read(shop.get("/")).one("form", class_="note")
    values = {each["name"]: each.attributes.get("value", "") for each in form.all("input")}
    sent = {**values, "channel": "sms", "body": WORDS}

    shop.post("/clients/C-1/send/", sent)
    gone = not Draft.objects.exists()
    keep(shop, form_token=values["form_token"])

    assert gone
    assert not Draft.objects.exists()


def test_a_draft_is_for_a_week(shop: Client, amanda: Customer) -> None:
    keep(shop)
    Draft.objects.update(kept_at=NOON - LONGEST)

    assert note_on(shop, "/") != WORDS


@pytest.mark.parametrize("odd", [{"step": "poem"}, {"channel": "pigeon"}, {"form_token": "x"}])
def test_an_odd_form_keeps_nothing(odd: dict[str, str], shop: Client, amanda: Customer) -> None:
    assert keep(shop, **odd) == 404

    assert not Draft.objects.exists()


@pytest.mark.parametrize("who", [UserFactory, ManagerFactory])
def test_nobody_elses_client_is_written_to(who: type, amanda: Customer) -> None:
    stranger = Client()
    stranger.force_login(who())

    assert keep(stranger) == 404


def test_an_erasure_takes_drafts_along(shop: Client, amanda: Customer, now: datetime) -> None:
    keep(shop)

    erasure.erase(amanda, by="a test", now=now)

    assert not Draft.objects.exists()


def test_of_two_records_merged_one_draft_stays(
    shop: Client, associate: User, amanda: Customer, now: datetime
) -> None:
    twin = lapsed_client(associate, customer_id="C-2")
    keep(shop)
    Draft.objects.create(
        customer=twin, author=associate, step="offer", channel="sms", body="Twin", kept_at=now
    )

    identity.merge(amanda, twin, by=associate, now=now)

    assert [(draft.customer, draft.body) for draft in Draft.objects.all()] == [(amanda, WORDS)]
