"""The whole loop without a browser: tap, workers by hand, her phone, her answer, her STOP."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from clienteling import clock
from clienteling.models import User
from customers.models import Consent, ConsentState, Customer, Suppression
from outreach import tasks
from outreach.messages.providers.personas import persona_of
from outreach.models import Message, Reply, ReplyPicture, SimulatedCast, SimulatedMessage
from outreach.models.message import State
from tests.factories import NOON, AdminFactory, ManagerFactory, MessageFactory, UserFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, form_values, read

Clock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _simulated(settings: Any) -> None:
    settings.SIMULATOR_IS_ON = True


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", last_name="Reyes")


@pytest.fixture
def shop(client: Client, associate: User, amanda: Customer) -> Client:
    client.force_login(associate)
    return client


def tap_send(shop: Client, **changes: str) -> Message:
    form = read(shop.get("/")).one("form", class_="note")
    shop.post(form["action"], {**form_values(form), **changes}, headers={"HX-Request": "true"})
    return Message.objects.get()


def arrive(message: Message, later: Clock) -> None:
    """What the worker does once the undo time has passed, and then the carrier."""
    later(NOON + timedelta(seconds=8))
    tasks.deliver_message(str(message.pk))
    later(NOON + timedelta(seconds=10))
    tasks.carrier_reports()
    message.refresh_from_db()


def bubbles(page: Element, side: str) -> list[Element]:
    return page.one("div", id="handset-live").all("p", class_=f"msg {side}")


def letter(page: Element) -> Element:
    return page.one("section", id="mailbox").one("article")


def answer(shop: Client, page: Element, **typed: str) -> Any:
    """Post the form that holds this field or these buttons, as a browser would."""
    form = next(
        form
        for form in page.all("form", action="/simulator/answer/")
        if any(form.all(name=name) for name in typed)
    )
    return shop.post(form["action"], {**form_values(form), **typed}, follow=True)


def test_a_text_lies_on_her_phone_with_its_link(shop: Client, later: Clock) -> None:
    message = tap_send(shop, channel="sms", body="Hi Amanda, do come by.")

    arrive(message, later)

    assert (message.state, message.provider) == (State.DELIVERED, "simulator")
    page = read(shop.get("/simulator/"))
    assert page.one("h2", id="phone-title").text == "Amanda Reyes’s phone"
    [text] = bubbles(page, "in")
    assert text.text.startswith("Hi Amanda, do come by.")
    assert message.lookbook is not None
    link = text.one("a")["href"]
    assert link == f"http://127.0.0.1:8000/l/{message.lookbook.token}/"
    her_page = read(Client().get(link.removeprefix("http://127.0.0.1:8000")))
    assert len(her_page.all("li", class_="piece")) == 3


def test_her_answer_comes_into_the_thread_and_the_inbox(shop: Client, later: Clock) -> None:
    arrive(tap_send(shop, channel="sms"), later)
    phone = read(shop.get("/simulator/")).one("section", class_="handset")

    page = read(answer(shop, phone, quick="Yes please"))

    assert [each.text for each in bubbles(page, "me")] == ["Yes please12:00"]
    reply = Reply.objects.get()
    assert (reply.kind, reply.customer.customer_id) == ("words", "C-1")
    assert "Yes please" in read(shop.get("/clients/C-1/thread/")).one("div", role="log").text
    assert "Yes please" in read(shop.get("/inbox/")).one("main").text


def test_a_picture_from_her_phone_comes_into_the_thread(shop: Client, later: Clock) -> None:
    arrive(tap_send(shop, channel="sms"), later)
    phone = read(shop.get("/simulator/")).one("section", class_="handset")

    page = read(answer(shop, phone, picture="1"))

    assert [each.text for each in bubbles(page, "me")] == ["[a picture]12:00"]
    picture = ReplyPicture.objects.get()
    tasks.fetch_picture(picture.pk)
    shown = read(shop.get("/clients/C-1/thread/")).one("div", class_="sent-pictures in")
    assert shown.one("img")["src"] == f"/pictures/{picture.pk}/"


def test_her_answer_redraws_the_phone_alone_for_htmx(shop: Client, later: Clock) -> None:
    arrive(tap_send(shop, channel="sms"), later)
    values = {"channel": "sms", "address": Message.objects.get().to_address, "body": "Which ones?"}

    part = read(shop.post("/simulator/answer/", values, headers={"HX-Request": "true"}))

    assert part.all("h1") == []
    assert [each.text for each in bubbles(part, "me")] == ["Which ones?12:00"]


def test_her_stop_ends_texts_and_cancels_what_waits(
    shop: Client, associate: User, amanda: Customer, later: Clock
) -> None:
    message = tap_send(shop, channel="sms")
    arrive(message, later)
    waiting = MessageFactory(customer=amanda, sender=associate, to_address=message.to_address)
    phone = read(shop.get("/simulator/")).one("section", class_="handset")

    answer(shop, phone, quick="STOP")

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (State.CANCELED, "She opted out.")
    suppression = Suppression.objects.get()
    assert (suppression.address, suppression.reason) == (message.to_address, "stop-word")
    states = dict(Consent.objects.filter(customer=amanda).values_list("channel", "state"))
    assert states == {"sms": ConsentState.OPTED_OUT, "email": ConsentState.OPTED_IN}
    assert Reply.objects.get().kind == "stop"


def test_a_mail_lies_open_in_the_mailbox(shop: Client, later: Clock) -> None:
    message = tap_send(shop, channel="email", subject="New in", body="Dear Amanda,\n\ndo come by.")
    arrive(message, later)

    page = letter(read(shop.get("/simulator/")))

    names = [item.product.name for item in message.lookbook.items.all()]
    assert page["aria-label"] == "New in"
    assert [line.text for line in page.one("ol").all("li")] == [f"{name}, $265" for name in names]
    assert page.one("b").text == "Answer as Amanda"
    assert [part.text for part in page.all("p")][:2] == ["Dear Amanda,", "do come by."]
    unsubscribe = page.all("a")[-1]
    assert unsubscribe.text == "Press unsubscribe"
    asked = shop.get(unsubscribe["href"].removeprefix("http://127.0.0.1:8000"))
    assert asked.status_code == 200


def test_an_answer_by_mail_comes_into_the_thread(shop: Client, later: Clock) -> None:
    arrive(tap_send(shop, channel="email"), later)
    opened = letter(read(shop.get("/simulator/")))

    response = answer(shop, opened, body="Keep the second,\nplease.")

    kept = SimulatedMessage.objects.get(direction="to_client")
    assert response.redirect_chain == [(f"/simulator/?letter={kept.pk}#mailbox", 302)]
    [said] = letter(read(response)).all("p", class_="msg me")
    assert said.one("small").text == "Amanda, 12:00"
    reply = Reply.objects.get()
    assert (reply.channel, reply.customer.customer_id) == ("email", "C-1")
    assert "Keep the second" in read(shop.get("/clients/C-1/thread/")).one("div", role="log").text


def test_the_mailbox_is_drawn_anew_only_when_mail_has_come(shop: Client, later: Clock) -> None:
    htmx = {"HX-Request": "true", "HX-Target": "mailbox"}
    empty = read(shop.get("/simulator/")).one("section", id="mailbox")
    assert shop.get(empty["hx-get"], headers=htmx).status_code == 204

    arrive(tap_send(shop, channel="email"), later)

    news = shop.get(empty["hx-get"], headers=htmx)
    mailbox = read(news).one("section", id="mailbox")
    assert len(mailbox.all("article")) == 1
    assert shop.get(mailbox["hx-get"], headers=htmx).status_code == 204


def test_enter_in_the_field_presses_no_quick_answer(shop: Client, later: Clock) -> None:
    arrive(tap_send(shop, channel="sms"), later)

    phone = read(shop.get("/simulator/")).one("section", class_="handset")

    [typed] = [form for form in phone.all("form") if form.all("input", name="body")]
    assert typed.all("button", name="quick") == []
    assert len(phone.all("button", name="quick")) == 3


def test_empty_words_are_not_sent(shop: Client, later: Clock) -> None:
    arrive(tap_send(shop, channel="sms"), later)
    phone = read(shop.get("/simulator/")).one("section", class_="handset")

    answer(shop, phone, body="   ")

    assert Reply.objects.count() == 0


def test_another_store_sees_neither_phone_nor_mailbox(
    shop: Client, client: Client, later: Clock
) -> None:
    message = tap_send(shop, channel="sms")
    arrive(message, later)
    client.force_login(UserFactory())

    page = read(client.get("/simulator/", {"address": message.to_address}))
    values = {"channel": "sms", "address": message.to_address, "body": "STOP"}
    forged = client.post("/simulator/answer/", values)

    assert bubbles(page, "in") == []
    assert page.all("form", action="/simulator/answer/") == []
    assert forged.status_code == 404
    assert Suppression.objects.count() == 0


def test_a_manager_sees_the_phones_of_his_store(
    shop: Client, client: Client, associate: User, later: Clock
) -> None:
    arrive(tap_send(shop, channel="sms"), later)
    client.force_login(ManagerFactory(store=associate.store))

    page = read(client.get("/simulator/"))

    assert len(bubbles(page, "in")) == 1


def test_what_waits_for_its_hour_is_announced(
    shop: Client, associate: User, amanda: Customer
) -> None:
    tomorrow = NOON + timedelta(hours=21)
    MessageFactory(customer=amanda, sender=associate, send_after=tomorrow)

    page = read(shop.get("/simulator/"))

    [coming] = page.one("div", class_="next").all("li")
    assert coming.text == "tomorrow 9:00Text to Amanda Reyes leaves"


def test_cast_answers_by_itself_once_it_is_called(shop: Client, later: Clock) -> None:
    form = read(shop.get("/simulator/")).one("form", action="/simulator/cast/")
    page = read(shop.post(form["action"], {**form_values(form), "seed": "5"}, follow=True))

    assert SimulatedCast.objects.get().seed == 5
    assert page.one("section", id="cast").one("button").text == "Answer for them again"

    arrive(tap_send(shop, channel="sms"), later)
    phone = read(shop.get("/simulator/")).one("section", class_="handset")
    who = persona_of(Message.objects.get().to_address, seed=5).name
    assert phone.one("p", class_="small num").text.endswith(f" · {who}")

    shop.post("/simulator/cast/", {})
    assert not SimulatedCast.objects.exists()


def test_a_phone_does_not_show_what_never_reached_it(shop: Client, later: Clock) -> None:
    arrive(tap_send(shop, channel="sms"), later)
    SimulatedMessage.objects.update(error_code="30003")

    page = read(shop.get("/simulator/"))

    assert bubbles(page, "in") == []


@pytest.mark.parametrize(
    ("posted", "distance"),
    [
        ({"minutes": "60"}, timedelta(hours=1)),
        ({"until": "morning"}, timedelta(hours=21)),  # from noon to nine
        ({"minutes": "0"}, None),
        ({"until": "yesterday"}, None),
    ],
)
def test_clock_is_wound_on_and_never_back(
    shop: Client,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    posted: dict[str, str],
    distance: timedelta | None,
) -> None:
    settings.DEMO_CLOCK = time(10, 30)
    wound: list[timedelta] = []
    monkeypatch.setattr(clock, "wind_on", wound.append)

    shop.post("/simulator/clock/", posted)

    assert wound == ([distance] if distance else [])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/simulator/cast/"),
        ("get", "/simulator/"),
        ("post", "/simulator/answer/"),
        ("post", "/simulator/clock/"),
    ],
)
def test_simulator_is_not_found_where_messages_are_real(
    shop: Client, settings: Any, method: str, path: str
) -> None:
    settings.SIMULATOR_IS_ON = False

    assert getattr(shop, method)(path).status_code == 404


def test_simulator_is_no_page_of_an_admin(client: Client, db: None) -> None:
    client.force_login(AdminFactory())

    assert client.get("/simulator/").status_code == 404
