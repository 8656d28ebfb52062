"""The stop switch on screen: stopping, the banner on every tablet, starting again."""

import pytest
from django.test import Client
from django.urls import reverse

from clienteling.models import SendingStop, User
from outreach.models import Message
from tests.factories import NOON, AdminFactory, ManagerFactory, MessageFactory, ReplyFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def office(associate: User) -> Client:
    return signed_in(ManagerFactory(store=associate.store))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stopped(user: User, channel: str = "", reason: str = "Wrong prices") -> SendingStop:
    return SendingStop.objects.create(
        store=user.store,
        channel=channel,
        reason=reason,
        stopped_by=ManagerFactory(store=user.store),
        stopped_at=NOON,
    )


def banners(page: Element) -> list[str]:
    return [banner.text for banner in page.one(id="stops").all(class_="banner brass")]


def test_manager_stops_and_starts_with_plain_forms(office: Client, associate: User) -> None:
    store = associate.store
    assert store
    [link] = [
        each["href"]
        for each in read(office.get("/sending/")).all("a")
        if each.text == f"Stop texts of {store.name}"
    ]
    form = read(office.get(link)).one("form", class_="sheet confirm")

    office.post(form["action"], {**form_values(form), "reason": "Wrong prices"})

    stop = SendingStop.objects.get()
    assert (stop.store, stop.channel, stop.reason) == (store, "sms", "Wrong prices")
    start = read(office.get("/sending/")).one("a", class_="btn primary")["href"]
    form = read(office.get(start)).one("form", class_="sheet confirm")
    office.post(form["action"], {**form_values(form), "reason": "Corrected"})
    stop.refresh_from_db()
    assert (stop.started_because, stop.started_at) == ("Corrected", NOON)


@pytest.mark.parametrize("path", ["/sending/stop/", "/sending/{}/start/"])
def test_without_a_reason_nothing_happens(path: str, office: Client, associate: User) -> None:
    stop = stopped(associate, "email")

    page = read(office.post(path.format(stop.pk), {"reason": " "}))

    assert page.one("p", role="alert").text == (
        "Please say why: it is shown to everybody concerned."
    )
    assert SendingStop.objects.get().started_at is None


def test_looking_at_the_form_stops_nothing(office: Client) -> None:
    office.get("/sending/stop/")

    assert SendingStop.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_manager_cannot_stop_another_store(method: str, office: Client) -> None:
    other = ManagerFactory().store
    assert other

    answer = getattr(office, method)("/sending/stop/", {"store": other.pk, "reason": "No"})

    assert (answer.status_code, SendingStop.objects.count()) == (404, 0)


def test_associate_cannot_stop_or_start(shop: Client, associate: User) -> None:
    stop = stopped(associate)

    statuses = [
        shop.post("/sending/stop/", {"reason": "No"}).status_code,
        shop.post(f"/sending/{stop.pk}/start/", {"reason": "No"}).status_code,
    ]

    assert statuses == [404, 404]
    assert SendingStop.objects.get().started_at is None


def test_admin_stops_all_stores_and_only_admins_start_them(office: Client) -> None:
    desk = signed_in(AdminFactory())

    desk.post("/sending/stop/", {"store": "", "channel": "", "reason": "Carrier trouble"})

    stop = SendingStop.objects.get()
    assert stop.store is None
    assert office.post(f"/sending/{stop.pk}/start/", {"reason": "No"}).status_code == 404
    assert "Only an admin starts all stores again." in read(office.get("/sending/")).text
    desk.post(f"/sending/{stop.pk}/start/", {"reason": "Over"})
    stop.refresh_from_db()
    assert stop.started_because == "Over"


@pytest.mark.parametrize(
    "path", ["/", "/inbox/", "/clients/", "/new-in/", "/clients/C-1/", "/clients/C-1/thread/"]
)
def test_banner_is_on_every_page_of_the_store(path: str, shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    stopped(associate, "sms", "<b>Wrong</b> prices")
    stopped(ManagerFactory())
    assert associate.store

    answer = shop.get(path)

    assert banners(read(answer)) == [
        f"Texts are stopped in {associate.store.name}: <b>Wrong</b> prices. "
        "Nothing is lost: what is queued waits and leaves when sending is started again."
    ]
    assert b"<b>Wrong" not in answer.content


def test_banner_comes_and_goes_with_the_pulse(shop: Client, associate: User) -> None:
    quiet = shop.get("/pulse/")
    stop = stopped(associate)

    news = shop.get("/pulse/", HTTP_IF_NONE_MATCH=quiet["ETag"])
    assert (news.status_code, len(banners(read(news)))) == (200, 1)
    assert read(news).one(id="stops")["hx-swap-oob"] == "innerHTML"
    again = shop.get("/pulse/", HTTP_IF_NONE_MATCH=news["ETag"])
    assert again.status_code == 304

    SendingStop.objects.filter(pk=stop.pk).update(
        started_at=NOON, started_by=stop.stopped_by, started_because="Mended"
    )
    over = shop.get("/pulse/", HTTP_IF_NONE_MATCH=news["ETag"])
    assert (over.status_code, banners(read(over))) == (200, [])


def test_card_keeps_its_place_and_says_why_it_cannot_be_sent(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    stopped(associate)
    assert associate.store

    card = read(shop.get("/")).one("article", data_client="C-1")

    assert card["data-blocked"] == "sending-stopped"
    assert card.all("button", data_action="send") == []
    assert card.all("textarea")[0].text != ""
    assert {
        each.text for each in card.all("p") if "stopped" in str(each.attributes.get("class"))
    } == {
        f"Sending is stopped in {associate.store.name}: Wrong prices. "
        "Your words stay here until it is started again."
    }


def test_card_can_go_by_the_channel_that_is_not_stopped(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    stopped(associate, "sms")

    card = read(shop.get("/")).one("article", data_client="C-1")

    assert "data-blocked" not in card.attributes
    assert card.one(class_="acts only-email").one("button", data_action="send")
    assert len(card.all(class_="stopped only-sms")) == 1


def test_tap_on_a_page_from_before_the_stop_is_refused_with_the_words_kept(
    shop: Client, associate: User
) -> None:
    lapsed_client(associate, customer_id="C-1")
    form = read(shop.get("/")).one("article", data_client="C-1").one("form", class_="note")
    stopped(associate)

    values = {**form_values(form), "body": "Hi Amanda, do come by."}
    card = read(shop.post(form["action"], values, **HTMX)).one("article")

    assert "Sending is stopped" in card.one(role="alert").text
    assert card.one("textarea").text.strip() == "Hi Amanda, do come by."
    assert Message.objects.count() == 0


def test_answer_waits_too_and_the_thread_says_why(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ReplyFactory(customer=amanda)
    MessageFactory(customer=amanda, sender=associate, body="Hello")
    stopped(associate)
    assert associate.store

    page = read(shop.get("/clients/C-1/thread/"))

    assert page.one(class_="compose").text == (
        f"Sending is stopped in {associate.store.name}: Wrong prices."
    )
    assert "held: sending is stopped" in page.one(role="log").text


def test_queued_note_is_shown_as_held_and_can_be_taken_back(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    message = MessageFactory(customer=amanda, sender=associate)
    stopped(associate)

    strip = read(shop.get(reverse("message-strip", args=[message.pk]))).one("article")

    assert "Held: sending is stopped. It leaves when it is started again." in strip.text
    assert strip.one("button", data_action="undo")
    assert strip["hx-trigger"] == "load delay:15s"


def test_stops_cost_the_pages_no_query(
    shop: Client, associate: User, django_assert_num_queries
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ReplyFactory(customer=amanda)
    for channel in ("", "sms", "email"):
        stopped(associate, channel)

    for path, queries in (("/", 8), ("/clients/C-1/", 11), ("/inbox/", 9), ("/pulse/", 3)):
        with django_assert_num_queries(queries):
            answer = shop.get(path)
        assert "Sending is stopped" in answer.content.decode()
