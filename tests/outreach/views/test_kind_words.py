"""Thanks, a good wish and a tip as a note: drafted, sent like an offer, undone, and refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import CareTip, StockLevel
from clienteling.models import User
from customers.models import Consent, Customer, LineItem
from outreach.models import Draft, Gesture, Message
from tests.factories import (
    NOON,
    CareTipFactory,
    CategoryFactory,
    GestureFactory,
    ImportantDateFactory,
    LineItemFactory,
    MessageFactory,
    PurchaseFactory,
    UserFactory,
)
from tests.outreach.scenes import bought, lapsed_client
from tests.outreach.views.page import Element, form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}
STEPS, SEND = "/clients/C-1/steps/", "/clients/C-1/kind-words/"
PANEL_QUERIES, CLIENT_QUERIES = 9, 12


@pytest.fixture
def amanda(associate: User) -> Customer:
    """She was here three days ago."""
    return lapsed_client(associate, customer_id="C-1", days=3, items=0)


@pytest.fixture
def leila(associate: User) -> Customer:
    """Her birthday is in five days; she has not been here for a while."""
    customer = lapsed_client(associate, customer_id="C-1", first_name="Leila", days=60, items=0)
    ImportantDateFactory(customer=customer)
    return customer


@pytest.fixture
def tip() -> CareTip:
    return CareTipFactory(category=CategoryFactory(name="Shoes"), text="Rest them for a day.")


def opened(shop: Client, url: str = STEPS) -> Element:
    return read(shop.get(url, **HTMX))


def form_of(page: Element) -> Element:
    return page.one("form", data_waits=None, action=SEND)


def tap_send(shop: Client, page: Element, htmx: bool = True, **changes: str):  # type: ignore[no-untyped-def]
    values = {**form_values(form_of(page)), **changes}
    return shop.post(SEND, values, **(HTMX if htmx else {}))


def words_in(page: Element) -> str:
    return form_of(page).one("textarea").text


# --- What is drafted ------------------------------------------------------------------------------
def test_thanks_are_drafted_first_with_channel_and_reason(shop: Client, amanda: Customer) -> None:
    panel = opened(shop)

    form = form_of(panel)
    assert panel.all("p", class_="best")[0].text == (
        "The next best step: thanks. Was here 3 days ago, and nobody has said thanks yet."
    )
    assert words_in(panel).startswith("Hi Amanda, it's Maya at")
    assert "hank" in words_in(panel)
    assert form_values(form)["step"] == "thanks"
    assert form.one("p", class_="pref").text == "The store’s usual way"
    label = form.one("button", data_action="send-words").one("span", class_="label")
    assert [each.text for each in label.children] == [
        "Text Amanda",
        "Email Amanda",
    ]
    assert panel.one("button", data_action="said")["value"] == "thanks"


def test_a_wish_names_the_day(shop: Client, leila: Customer) -> None:
    panel = opened(shop)

    assert panel.all("p", class_="best")[0].text == (
        "The next best step: a good wish. Birthday in 5 days."
    )
    assert "birthday" in words_in(panel)
    assert form_of(panel).one("p", class_="rests").text == (
        "Rests on: has a birthday soon I hope your birthday brings you much joy."
    )


def test_a_tip_says_the_tip_of_her_piece(shop: Client, associate: User, tip: CareTip) -> None:
    lapsed_client(associate, customer_id="C-1", items=0)

    panel = opened(shop)

    assert "Rest them for a day." in words_in(panel)
    assert form_values(form_of(panel))["tip"] == str(tip.pk)
    assert panel.all("button", data_action="said") == []


def test_thanks_speak_of_no_piece_of_an_earlier_visit(shop: Client, associate: User) -> None:
    customer = lapsed_client(associate, customer_id="C-1", days=3, items=0)
    bought(customer, at=NOON - timedelta(days=40), name="Alder tote")
    kept = LineItem.objects.get(variant__product__name="Linden flat")
    returned_at = NOON - timedelta(days=1)
    LineItemFactory(
        purchase=PurchaseFactory(customer=customer, purchased_at=returned_at),
        variant=kept.variant,
        quantity=-1,
    )

    assert "Alder tote" not in words_in(opened(shop))


def test_other_words_there_is_a_cause_for_are_one_tap_away(
    shop: Client, amanda: Customer, tip: CareTip
) -> None:
    ImportantDateFactory(customer=amanda)

    links = opened(shop).one("p", class_="menu-line").all("a")
    wish = opened(shop, links[0]["href"])

    assert [(each.text, each["href"]) for each in links] == [
        ("Write a good wish", f"{STEPS}?write=greeting"),
        ("Write a tip", f"{STEPS}?write=tip"),
    ]
    assert form_values(form_of(wish))["step"] == "greeting"
    assert wish.all("p", class_="best")[1].text == "A good wish. Birthday in 5 days."


@pytest.mark.parametrize("write", ["offer", "silence", "x", ""])
def test_nonsense_opens_the_next_best_step(shop: Client, amanda: Customer, write: str) -> None:
    assert form_values(form_of(opened(shop, f"{STEPS}?write={write}")))["step"] == "thanks"


def test_without_consent_the_panel_says_why_and_takes_a_word_in_person(
    shop: Client, amanda: Customer
) -> None:
    Consent.objects.filter(customer=amanda).delete()

    panel = opened(shop)
    said = shop.post("/clients/C-1/gestures/", {"kind": "thanks"}, **HTMX)

    assert panel.all("form", action=SEND) == []
    assert panel.one("p", class_="why-not-written").text == (
        "Not as a note: Has not agreed to texts."
    )
    assert read(said).one("p").text == "Noted: you thanked Amanda."
    assert opened(shop).all("section", data_words=None) == []


# --- Sent -----------------------------------------------------------------------------------------
def test_one_tap_queues_the_words_with_their_step(
    shop: Client, associate: User, amanda: Customer
) -> None:
    answer = tap_send(shop, opened(shop), body="Thank you for coming in, Amanda.")

    message = Message.objects.get()
    strip = read(answer).one("article", data_client="C-1")
    assert (message.step, message.state, message.sender) == ("thanks", "queued", associate)
    assert message.body == "Thank you for coming in, Amanda.\nReply STOP to end."
    assert message.lookbook is None
    assert strip.one("p").text.startswith("Text is on its way.")
    assert answer["X-Sent"] == str(message.pk)


def test_a_double_tap_sends_one_message(shop: Client, amanda: Customer) -> None:
    panel = opened(shop)

    first, second = tap_send(shop, panel), tap_send(shop, panel)

    assert Message.objects.count() == 1
    assert first["X-Sent"] == second["X-Sent"]


def test_a_tip_is_remembered_by_its_number(shop: Client, associate: User, tip: CareTip) -> None:
    lapsed_client(associate, customer_id="C-1", items=0)

    tap_send(shop, opened(shop))

    assert Message.objects.get().tip == tip
    assert Message.objects.get().step == "tip"


def test_by_mail_it_has_a_subject_and_no_items(shop: Client, amanda: Customer) -> None:
    tap_send(shop, opened(shop), channel="email")

    message = Message.objects.get()
    assert message.subject in {"Thank you", "Thank you for your visit", "It was lovely to see you"}
    assert "See them here" not in message.body


def test_words_left_behind_are_found_again_and_go_with_the_note(
    shop: Client, amanda: Customer
) -> None:
    values = form_values(form_of(opened(shop)))
    shop.post("/clients/C-1/draft/", {**values, "body": "Half a thought"})

    panel = opened(shop)
    tap_send(shop, panel)

    assert words_in(panel) == "Half a thought"
    assert not Draft.objects.exists()


def test_sent_words_leave_the_places_of_the_day_to_offers(
    shop: Client, associate: User, amanda: Customer
) -> None:
    associate.store.cards_per_day = 1  # type: ignore[union-attr]
    associate.store.save()  # type: ignore[union-attr]
    lapsed_client(associate, customer_id="C-2")
    tap_send(shop, opened(shop))

    page = read(shop.get("/"))

    shown = [each["data-client"] for each in page.all("article", data_client=None)]
    assert shown == ["C-2", "C-1"]


# --- Taken back -----------------------------------------------------------------------------------
def test_undo_brings_the_words_back(shop: Client, amanda: Customer) -> None:
    tap_send(shop, opened(shop), body="My own thanks.", channel="email")
    message = Message.objects.get()

    again = read(shop.post(f"/messages/{message.pk}/take-back/", {"page": "day"}, **HTMX))

    message.refresh_from_db()
    article = again.one("article", id=f"client-card-{amanda.pk}")
    assert message.state == "canceled"
    assert words_in(article) == "My own thanks."
    assert form_values(form_of(article))["channel"] == "email"
    assert form_of(article)["data-say"] == "Taken back. Nothing was sent."
    assert words_in(opened(shop)) == "My own thanks."


def test_undo_on_her_page_draws_the_page_again(shop: Client, amanda: Customer) -> None:
    tap_send(shop, read(shop.get("/clients/C-1/")), htmx=False, body="My own thanks.")
    url = f"/messages/{Message.objects.get().pk}/take-back/"

    answer = shop.post(url, {"page": "client"}, **HTMX)

    assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("#main", "#main")
    assert words_in(read(answer)) == "My own thanks."


def test_undo_without_a_script_opens_the_page_with_the_words(
    shop: Client, amanda: Customer
) -> None:
    tap_send(shop, opened(shop), body="My own thanks.")

    page = read(shop.post(f"/messages/{Message.objects.get().pk}/take-back/", {"page": "day"}))

    assert page.one("h1").text == str(amanda)
    assert words_in(page) == "My own thanks."


# --- Refused --------------------------------------------------------------------------------------
def refused(answer) -> Element:  # type: ignore[no-untyped-def]
    assert not Message.objects.filter(
        state="queued", step="thanks", body__startswith="Mine"
    ).count()
    return read(answer)


@pytest.mark.parametrize("how", ["said", "written"])
def test_thanks_said_meanwhile_are_refused_and_the_words_kept(
    shop: Client, associate: User, amanda: Customer, how: str
) -> None:
    panel = opened(shop)
    if how == "said":
        GestureFactory(customer=amanda, kind="thanks")
    else:
        MessageFactory(
            customer=amanda,
            sender=UserFactory(store=associate.store),
            step="thanks",
            state="delivered",
            queued_at=NOON,
            sent_at=NOON,
            delivered_at=NOON,
        )

    answer = tap_send(shop, panel, body="Mine.")

    page = refused(answer)
    assert answer["HX-Retarget"] == f"#steps-{amanda.pk}"
    assert page.one(role="alert").text == "Amanda has been thanked already."
    assert words_in(page) == "Mine."


def test_a_stop_meanwhile_is_refused_in_the_policys_words(shop: Client, amanda: Customer) -> None:
    panel = opened(shop)
    Consent.objects.filter(customer=amanda).update(state="opted_out")

    page = refused(tap_send(shop, panel, body="Mine."))

    assert page.one(role="alert").text.startswith("Asked for no texts.")
    assert page.all("button", data_action="send-words") == []


def test_a_discount_is_refused(shop: Client, amanda: Customer) -> None:
    page = refused(tap_send(shop, opened(shop), body="Mine: 20% off for you!"))

    assert "20% off" in words_in(page)
    assert page.one(role="alert").text


def test_a_slip_is_asked_about_once(shop: Client, amanda: Customer) -> None:
    page = read(tap_send(shop, opened(shop), body="Thanks! See https://elsewhere.example/x"))

    fault = form_of(page).one("p", class_="wrong").text
    tap_send(shop, page)

    assert fault.endswith("If you mean it, send it again.")
    assert Message.objects.get().body.startswith("Thanks! See https://elsewhere.example/x")


@pytest.mark.parametrize(
    "changes",
    [{"step": "offer"}, {"step": "answer"}, {"body": " "}, {"seen": "x"}, {"channel": ""}],
)
def test_an_odd_form_sends_nothing(shop: Client, amanda: Customer, changes: dict[str, str]) -> None:
    answer = tap_send(shop, opened(shop), **changes)

    assert answer.status_code == 200
    assert not Message.objects.exists()


def test_the_page_of_another_client_sends_nothing(
    shop: Client, associate: User, amanda: Customer
) -> None:
    other = lapsed_client(associate, customer_id="C-2", days=3)

    shop.post("/clients/C-2/kind-words/", form_values(form_of(opened(shop))), **HTMX)

    assert not Message.objects.filter(customer=other).exists()


def test_a_colleagues_client_is_refused_by_the_rules(shop: Client, associate: User) -> None:
    mine = lapsed_client(associate, customer_id="C-1", days=3, items=0)
    panel = opened(shop)
    Customer.objects.filter(pk=mine.pk).update(
        associate=UserFactory(store=associate.store, first_name="Daniel")
    )

    page = refused(tap_send(shop, panel, body="Mine."))

    assert page.one(role="alert").text == "Daniel looks after her."


# --- Tones ----------------------------------------------------------------------------------------
def test_a_tone_drafts_the_words_anew_and_own_words_stay(shop: Client, amanda: Customer) -> None:
    values = form_values(form_of(opened(shop)))

    formal = read(shop.post("/clients/C-1/tone/", {**values, "tone": "formal"}, **HTMX))
    own = {**values, "body": "My own.", "tone": "brief"}
    asked = read(shop.post("/clients/C-1/tone/", own, **HTMX))

    pressed = formal.one("button", name="tone", aria_pressed="true")
    assert pressed["value"] == "formal"
    assert form_values(form_of(formal))["step"] == "thanks"
    assert words_in(formal) != values["body"]
    assert words_in(asked) == "My own."
    assert form_of(asked).one("button", name="replace")["value"] == "brief"


# --- Her page -------------------------------------------------------------------------------------
@pytest.mark.parametrize("items", [0, 3])
def test_her_page_begins_with_thanks_where_they_are_the_next_best_step(
    shop: Client, associate: User, items: int
) -> None:
    client = lapsed_client(associate, customer_id="C-1", days=3, items=items)

    with CaptureQueriesContext(connection) as asked:
        page = read(shop.get("/clients/C-1/"))
    queries = len(asked)
    answer = tap_send(shop, page, htmx=False)

    assert queries <= CLIENT_QUERIES
    assert form_values(form_of(page))["page"] == "client"
    assert "hx-post" not in form_of(page).attributes
    assert answer["Location"] == f"/clients/C-1/#client-card-{client.pk}"
    after = read(shop.get("/clients/C-1/"))
    assert after.one("article", class_="strip-card sent").one("button", data_action="undo")
    assert after.all("form", action=SEND) == []


@pytest.mark.parametrize("items", [0, 3])
def test_her_page_has_room_for_a_tip_in_its_questions(
    shop: Client, associate: User, tip: CareTip, items: int
) -> None:
    """Also where everything picked for her is sold out today."""
    lapsed_client(associate, customer_id="C-1", items=items)
    StockLevel.objects.update(quantity=0)

    with CaptureQueriesContext(connection) as asked:
        page = read(shop.get("/clients/C-1/"))

    assert "Rest them for a day." in words_in(page)
    assert len(asked) <= CLIENT_QUERIES


def test_her_page_takes_a_wish_in_person(shop: Client, leila: Customer) -> None:
    Consent.objects.filter(customer=leila).delete()
    form = read(shop.get("/clients/C-1/")).one("form", action="/clients/C-1/gestures/")

    answer = shop.post(form["action"], {**form_values(form), "kind": "greeting"})

    assert answer["Location"] == "/clients/C-1/"
    assert Gesture.objects.get().kind == "greeting"
    assert read(shop.get("/clients/C-1/")).all("section", data_words=None) == []


def test_panel_costs_a_query_less_without_items(
    shop: Client, associate: User, amanda: Customer, tip: CareTip
) -> None:
    lapsed_client(associate, customer_id="C-2")

    counts = []
    for url in (STEPS, "/clients/C-2/steps/"):
        with CaptureQueriesContext(connection) as asked:
            shop.get(url, **HTMX)
        counts.append(len(asked))

    assert counts == [PANEL_QUERIES - 1, PANEL_QUERIES]
