from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clienteling.models import User
from outreach.day import inbox
from outreach.messages import notices
from outreach.models import Message, Reply
from outreach.models.message import Step
from tests.factories import (
    NOON,
    LookbookFactory,
    LookbookItemFactory,
    MessageFactory,
    ReplyFactory,
    ReplyPictureFactory,
)
from tests.outreach.scenes import lapsed_client, suggested
from tests.outreach.views.page import form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}


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


def test_thread_puts_a_quick_answer_into_the_field_and_sends_nothing(
    shop: Client, associate: User
) -> None:
    reply = ReplyFactory(customer=lapsed_client(associate, customer_id="C-1"))
    form = read(shop.get("/clients/C-1/thread/")).one("form", class_="compose")

    answer = shop.post(form["action"], {**form_values(form), "quick": "With pleasure."})

    assert read(answer).one("textarea").text.strip() == "With pleasure."
    assert Message.objects.count() == 0
    reply.refresh_from_db()
    assert reply.handled_at is None


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


def test_thread_refreshes_what_was_said_and_never_the_field(shop: Client, associate: User) -> None:
    ReplyFactory(customer=lapsed_client(associate, customer_id="C-1"))

    part = read(shop.get("/clients/C-1/thread/", **HTMX))

    assert [child["id"] for child in part.children] == ["thread-log", "quick-answers"]
    assert part.one("div", id="quick-answers")["hx-swap-oob"] == "true"
    assert part.all("textarea") == []


def test_thread_opens_its_field_when_she_writes_while_it_is_shown(
    shop: Client, associate: User
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    news = read(shop.get("/clients/C-1/thread/")).one(role="log")["hx-get"]
    assert [child["id"] for child in read(shop.get(news, **HTMX)).children] == ["thread-log"]

    ReplyFactory(customer=amanda)
    part = read(shop.get(news, **HTMX))

    assert part.one("form", id="composer")["hx-swap-oob"] == "true"
    assert part.one("textarea")["name"] == "body"
    assert part.one(role="log")["hx-get"] == "/clients/C-1/thread/"


def test_thread_offers_answers_to_what_she_asked(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    loafer = suggested(amanda, 9, name="Marlow loafer").product
    book = LookbookFactory(customer=amanda, associate=associate)
    LookbookItemFactory(lookbook=book, product=loafer)
    earlier = NOON - timedelta(hours=1)
    MessageFactory(customer=amanda, sender=associate, lookbook=book, state="sent", sent_at=earlier)
    ReplyFactory(customer=amanda, body="Could you keep the 38?")

    page = read(shop.get("/clients/C-1/thread/"))

    answers = [each["value"] for each in page.all("button", name="quick")]
    assert answers[0] == "Yes, I put the Marlow loafer in 38 aside for you."
    assert (
        page.one("ul", class_="pinned")
        .one("li")
        .text.startswith("Marlow loafer$265 · 3 left in 38")
    )


def test_thread_shows_a_picture_and_why_another_is_not_shown(shop: Client, associate: User) -> None:
    reply = ReplyFactory(customer=lapsed_client(associate, customer_id="C-1"), body="")
    kept = ReplyPictureFactory(reply=reply)
    ReplyPictureFactory(
        reply=reply, position=2, state="refused", reason="Too large.", content=b"", width=0
    )

    page = read(shop.get("/clients/C-1/thread/"))

    shown = page.one("div", class_="sent-pictures in")
    assert shown.one("img")["src"] == f"/pictures/{kept.pk}/"
    assert shown.one("img")["alt"] == "Picture from Amanda"
    assert shown.one("span").text == "Too large."


def test_picture_is_served_so_that_no_browser_takes_it_for_a_page(
    shop: Client, associate: User
) -> None:
    picture = ReplyPictureFactory(reply__customer=lapsed_client(associate))

    answer = shop.get(f"/pictures/{picture.pk}/")

    assert answer.content == picture.content
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_picture_that_was_not_kept_is_not_there(shop: Client, associate: User, state: str) -> None:
    picture = ReplyPictureFactory(
        reply__customer=lapsed_client(associate),
        state=state,
        content=b"",
        width=0,
        next_try_at=NOON,
    )

    assert shop.get(f"/pictures/{picture.pk}/").status_code == 404


def test_inbox_says_how_long_she_waits_while_the_store_is_open(
    shop: Client, associate: User
) -> None:
    amanda = lapsed_client(associate)
    ReplyFactory(customer=amanda, received_at=NOON - timedelta(hours=14))

    page = read(shop.get("/inbox/"))

    assert page.one("article").one("p", class_="small num").text == (
        "By text, waiting since yesterday, 22:00 · 2 h of opening hours"
    )


def test_inbox_tells_of_an_opt_out_until_she_has_understood(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate)
    message = MessageFactory(customer=amanda, sender=associate, state="failed")
    notices.tell_of_opt_out(message, at=NOON)
    banner = read(shop.get("/inbox/")).one("div", class_="banner brass")
    assert "has stopped our texts at her carrier" in banner.text

    form = banner.one("form")
    part = read(shop.post(form["action"], form_values(form), **HTMX))

    assert part.all("div", class_="banner brass") == []


def test_inbox_shows_who_waits_the_longest_first(shop: Client, associate: User) -> None:
    early = lapsed_client(associate, customer_id="C-1")
    late = lapsed_client(associate, customer_id="C-2")
    ReplyFactory(customer=late, received_at=NOON)
    ReplyFactory(customer=early, received_at=NOON - timedelta(hours=2))

    page = read(shop.get("/inbox/"))

    assert [row["data-client"] for row in page.all("article")] == ["C-1", "C-2"]


def test_inbox_goes_on_where_a_page_ends(
    shop: Client, associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "WAITING_SHOWN", 2)
    for number in range(3):
        customer = lapsed_client(associate, customer_id=f"C-{number}")
        ReplyFactory(customer=customer, received_at=NOON + timedelta(hours=number))

    first = read(shop.get("/inbox/"))
    onward = first.one("nav", class_="pages-nav").one("a")["href"]
    second = read(shop.get(onward))
    astray = read(shop.get("/inbox/?after=yesterday&number=1"))

    assert first.one("p", class_="where").text == "More than 2 clients wait for you"
    assert [row["data-client"] for row in first.all("article")] == ["C-0", "C-1"]
    assert [row["data-client"] for row in second.all("article")] == ["C-2"]
    assert second.one("div", id="inbox")["hx-get"] == onward
    assert second.one("nav", class_="pages-nav").one("a")["href"] == "/inbox/"
    assert [row["data-client"] for row in astray.all("article")] == ["C-0", "C-1"]


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

    with django_assert_num_queries(9):
        page = read(shop.get("/inbox/"))

    assert page.one("span", id="inbox-badge").text == f"{waiting} waiting"


def test_pulse_counts_those_who_wait_and_is_silent_when_nothing_changed(
    shop: Client, associate: User
) -> None:
    ReplyFactory(customer=lapsed_client(associate))

    first = shop.get("/pulse/")
    again = shop.get("/pulse/", HTTP_IF_NONE_MATCH=first["ETag"])

    assert read(first).one("span", id="inbox-badge").text == "1 waiting"
    assert (again.status_code, again.content) == (304, b"")
