from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clienteling.models import User
from outreach.models import Message, Reply
from outreach.models.message import Step
from tests.factories import NOON, MessageFactory, ReplyFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def shop(client: Client, associate: User) -> Client:
    client.force_login(associate)
    return client


def test_thread_shows_both_sides_with_the_fate_of_each(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    MessageFactory(customer=amanda, sender=associate, body="Hello", state="sent", sent_at=NOON)
    ReplyFactory(customer=amanda, body="Lovely!", received_at=NOON + timedelta(minutes=1))

    page = read(shop.get("/clients/C-1/thread/"))

    bubbles = [
        bubble.text for bubble in page.one(role="log").all("p") if bubble["class"] != "daymark"
    ]
    assert bubbles == [
        "HelloMaya · 12:00 · text · sent",
        "Lovely!12:01 · text · waits for an answer",
    ]


def test_thread_answers_an_open_conversation(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    reply = ReplyFactory(customer=amanda)
    form = read(shop.get("/clients/C-1/thread/")).one("form", class_="compose")

    response = shop.post(form["action"], {**form_values(form), "body": "With pleasure."})

    assert response["Location"] == "/clients/C-1/thread/"
    message = Message.objects.get()
    assert (message.step, message.body, message.channel) == (Step.ANSWER, "With pleasure.", "sms")
    reply.refresh_from_db()
    assert reply.handled_at == NOON


def test_thread_sends_a_quick_answer_without_what_stands_in_the_field(
    shop: Client, associate: User
) -> None:
    ReplyFactory(customer=lapsed_client(associate, customer_id="C-1"))
    form = read(shop.get("/clients/C-1/thread/")).one("form", class_="compose")

    shop.post(form["action"], {**form_values(form), "body": "half a", "quick": "With pleasure."})

    assert Message.objects.get().body == "With pleasure."


def test_thread_refuses_an_empty_answer(shop: Client, associate: User) -> None:
    ReplyFactory(customer=lapsed_client(associate, customer_id="C-1"))
    form = read(shop.get("/clients/C-1/thread/")).one("form", class_="compose")

    page = read(shop.post(form["action"], {**form_values(form), "body": " "}))

    assert Message.objects.count() == 0
    assert page.one(role="alert", class_="banner bad").text == "The note has no words."


def test_thread_is_closed_to_a_client_who_has_not_written(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")

    page = read(shop.get("/clients/C-1/thread/"))

    assert page.all("textarea") == []
    assert page.one(class_="compose").text == "Has not written to us in the last 7 days."


def test_thread_refreshes_only_what_was_said(shop: Client, associate: User) -> None:
    ReplyFactory(customer=lapsed_client(associate, customer_id="C-1"))

    part = read(shop.get("/clients/C-1/thread/", **HTMX))

    assert [child["id"] for child in part.children] == ["thread-log"]
    assert part.all("textarea") == []


def test_inbox_shows_who_waits_the_longest_first(shop: Client, associate: User) -> None:
    early = lapsed_client(associate, customer_id="C-1")
    late = lapsed_client(associate, customer_id="C-2")
    ReplyFactory(customer=late, received_at=NOON)
    ReplyFactory(customer=early, received_at=NOON - timedelta(hours=2))

    page = read(shop.get("/inbox/"))

    assert [row["data-client"] for row in page.all("article")] == ["C-1", "C-2"]


def test_inbox_puts_away_what_needs_no_answer(shop: Client, associate: User) -> None:
    ReplyFactory(customer=lapsed_client(associate, customer_id="C-1"))

    part = read(shop.post(reverse("handled", args=["C-1"]), **HTMX))

    assert part.all("article") == []
    assert Reply.objects.get().handled_at == NOON


@pytest.mark.parametrize("waiting", [1, 3])
def test_inbox_asks_as_many_questions_for_one_as_for_three(
    shop: Client, associate: User, waiting: int, django_assert_num_queries
) -> None:
    for _ in range(waiting):
        ReplyFactory(customer=lapsed_client(associate))

    with django_assert_num_queries(5):
        shop.get("/inbox/")


def test_pulse_counts_those_who_wait_and_is_silent_when_nothing_changed(
    shop: Client, associate: User
) -> None:
    ReplyFactory(customer=lapsed_client(associate))

    first = shop.get("/pulse/")
    again = shop.get("/pulse/", HTTP_IF_NONE_MATCH=first["ETag"])

    assert read(first).one("span", id="inbox-badge").text == "1 waiting"
    assert (again.status_code, again.content) == (304, b"")
