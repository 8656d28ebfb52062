"""Words that are typed and not sent are kept for their writer, and for her alone."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from clienteling.models import User
from customers import identity
from customers.models import Customer, Suggestion
from outreach import erasure
from outreach.messages.drafts import LONGEST
from outreach.models import Draft
from tests.factories import NOON, ManagerFactory, MessageFactory, ReplyFactory, UserFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import read

WORDS = "Dear Amanda, I thought of you this morning"


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", first_name="Amanda")


def keep(browser: Client, body: str = WORDS, *, step: str = "offer", **more: str) -> int:
    typed = {"step": step, "channel": "sms", "body": body, "form_token": str(uuid4()), **more}
    return browser.post("/clients/C-1/draft/", typed).status_code


def suggested_to(customer: Customer) -> list[Suggestion]:
    return list(Suggestion.objects.filter(customer=customer).select_related("product"))


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


def test_a_draft_about_one_item_comes_back_on_that_item_alone(
    shop: Client, amanda: Customer
) -> None:
    piece, other = (each.product.style for each in suggested_to(amanda)[:2])
    keep(shop, "About this piece", item=piece)
    keep(shop, "About the three")

    assert note_on(shop, f"/new-in/?item={piece}") == "About this piece"
    assert note_on(shop, f"/new-in/?item={other}") not in ("About this piece", "About the three")
    assert note_on(shop, "/") == "About the three"


def test_words_about_one_item_are_taken_once_too(shop: Client, amanda: Customer) -> None:
    style = suggested_to(amanda)[0].product.style

    for body in ("First", "Second"):
        keep(shop, body, item=style)

    assert [(draft.product.style, draft.body) for draft in Draft.objects.all()] == [
        (style, "Second")
    ]


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


def test_of_two_records_merged_drafts_about_several_things_stay(
    shop: Client, associate: User, amanda: Customer, now: datetime
) -> None:
    keep(shop)
    twin = lapsed_client(associate, customer_id="C-2")
    piece = suggested_to(amanda)[0].product
    Draft.objects.create(
        customer=twin,
        author=associate,
        step="offer",
        product=piece,
        channel="sms",
        body="About this piece",
        kept_at=now,
    )

    identity.merge(amanda, twin, by=associate, now=now)

    assert set(Draft.objects.values_list("customer", "product", "body")) == {
        (amanda.pk, None, WORDS),
        (amanda.pk, piece.pk, "About this piece"),
    }


MINUTE = 60_000
SINCE = "Typed while there was no connection"


def test_words_that_waited_for_a_connection_are_kept_as_of_when_they_were_typed(
    shop: Client, amanda: Customer, now: datetime
) -> None:
    assert keep(shop, age=str(5 * MINUTE)) == 204

    assert Draft.objects.get().kept_at == now - timedelta(minutes=5)


def test_words_that_waited_take_the_place_of_older_ones(shop: Client, amanda: Customer) -> None:
    keep(shop)
    Draft.objects.update(kept_at=NOON - timedelta(minutes=6))

    assert keep(shop, SINCE, age=str(5 * MINUTE)) == 204

    assert Draft.objects.get().body == SINCE


def test_words_that_waited_do_not_take_the_place_of_later_ones(
    shop: Client, amanda: Customer
) -> None:
    keep(shop)

    assert keep(shop, SINCE, age=str(5 * MINUTE)) == 205

    assert Draft.objects.get().body == WORDS


@pytest.mark.parametrize(
    ("sent_minutes_ago", "state", "status"),
    [(4, "queued", 205), (4, "canceled", 204), (6, "queued", 204)],
)
def test_words_that_waited_are_no_draft_once_another_note_was_sent(
    sent_minutes_ago: int,
    state: str,
    status: int,
    shop: Client,
    associate: User,
    amanda: Customer,
) -> None:
    MessageFactory(
        customer=amanda,
        sender=associate,
        state=state,
        created_at=NOON - timedelta(minutes=sent_minutes_ago),
    )

    assert keep(shop, SINCE, age=str(5 * MINUTE)) == status


@pytest.mark.parametrize("age", ["-1", "soon"])
def test_an_age_that_cannot_be_keeps_nothing(age: str, shop: Client, amanda: Customer) -> None:
    assert keep(shop, age=age) == 404


def test_an_age_beyond_all_measure_is_too_old_to_be_kept(shop: Client, amanda: Customer) -> None:
    keep(shop, age="9" * 40)

    assert not Draft.objects.exists()
