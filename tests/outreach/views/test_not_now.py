"""Not now: two taps, a reason and a day; wrong items teach; and the way back."""

from datetime import timedelta

import pytest
from django.test import Client

from catalog.models import Product
from clienteling.models import User
from customers.models import Customer, Feedback
from outreach.models import PutOff
from tests.factories import NOON, PutOffFactory, UserFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}
NOT_NOW = "/clients/C-1/not-now/"
DAY = "2026-06-29"


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", items=4)


def styles_of(customer: Customer) -> list[str]:
    return list(
        Product.objects.filter(suggestions__customer=customer)
        .order_by("suggestions__rank")
        .values_list("style", flat=True)
    )


def test_first_tap_asks_for_the_reason_and_proposes_a_day(shop: Client, amanda: Customer) -> None:
    panel = read(shop.get(NOT_NOW, **HTMX))

    form = panel.one("form")
    assert [each["value"] for each in form.all("button", name="reason")] == [
        "too_soon",
        "away",
        "spoke",
        "other",
        "wrong_items",
    ]
    assert form_values(form)["back_on"] == DAY
    assert [each["value"] for each in form.all("input", name="wrong")] == styles_of(amanda)[:3]


def test_second_tap_puts_her_off(shop: Client, associate: User, amanda: Customer) -> None:
    answer = shop.post(NOT_NOW, {"reason": "away", "back_on": DAY}, **HTMX)

    said = PutOff.objects.get()
    strip = read(answer).one("article", data_client="C-1")
    assert (said.reason, said.back_on.isoformat(), said.put_off_by) == ("away", DAY, associate)
    assert answer["HX-Retarget"] == f"#client-card-{amanda.pk}"
    assert strip["data-blocked"] == "put-off"
    assert strip.one("p").text == "Put off until 29 June: away."
    assert strip.one("button", data_action="undo").text == "Undo u"


def test_she_rests_until_the_day(shop: Client, amanda: Customer, later) -> None:
    shop.post(NOT_NOW, {"reason": "away", "back_on": DAY}, **HTMX)

    resting = read(shop.get("/"))
    later(NOON + timedelta(days=14))
    back = read(shop.get("/"))

    assert resting.one("li", data_client="C-1")["data-blocked"] == "put-off"
    assert back.one("article", data_client="C-1").all("button", data_action="send") != []


def test_hand_made_send_is_refused_with_the_rule(shop: Client, amanda: Customer) -> None:
    form = form_values(read(shop.get("/")).one("form", class_="note"))
    PutOffFactory(customer=amanda)

    card = read(shop.post("/clients/C-1/send/", form, **HTMX))

    assert card.one("div", role="alert").text == "Put off until 29 June: too soon."


def test_wrong_items_teach_which(shop: Client, amanda: Customer) -> None:
    first, _, third, _ = styles_of(amanda)

    shop.post(NOT_NOW, {"reason": "wrong_items", "back_on": DAY, "wrong": [first, third]}, **HTMX)

    said = Feedback.objects.values_list("product__style", "kind")
    assert set(said) == {(first, "not_for_me"), (third, "not_for_me")}


def test_wrong_items_asks_which(shop: Client, amanda: Customer) -> None:
    panel = read(shop.post(NOT_NOW, {"reason": "wrong_items", "back_on": DAY}, **HTMX))

    assert panel.one("p", class_="wrong").text == "Which of them? Tick the wrong ones."
    assert not PutOff.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"back_on": DAY}, "Please say why: one tap does."),
        ({"reason": "away", "back_on": ""}, "From which day again?"),
        (
            {"reason": "away", "back_on": "2026-06-15"},
            "The day on which she returns must lie ahead.",
        ),
    ],
)
def test_what_is_missing_is_asked_for(
    shop: Client, amanda: Customer, values: dict, words: str
) -> None:
    panel = read(shop.post(NOT_NOW, values, **HTMX))

    assert panel.one("p", class_="wrong").text == words
    assert not PutOff.objects.exists()


def test_item_that_is_not_on_the_card_cannot_be_wrong(shop: Client, amanda: Customer) -> None:
    fourth = styles_of(amanda)[3]

    shop.post(NOT_NOW, {"reason": "wrong_items", "back_on": DAY, "wrong": [fourth]}, **HTMX)

    assert not Feedback.objects.exists()


def test_undo_brings_the_card_back_and_unsays(shop: Client, amanda: Customer) -> None:
    first, *_ = styles_of(amanda)
    wrong = {"reason": "wrong_items", "back_on": DAY, "wrong": [first]}
    strip = read(shop.post(NOT_NOW, wrong, **HTMX))

    card = read(shop.post(strip.one("form")["action"], **HTMX)).one("article", data_client="C-1")

    assert card.all("button", data_action="send") != []
    assert not Feedback.objects.exists()
    assert PutOff.objects.get().ended_at == NOON


def test_without_a_script_it_is_a_page_that_leads_to_the_way_back(
    shop: Client, amanda: Customer
) -> None:
    page = read(shop.get(NOT_NOW))
    answer = shop.post(
        NOT_NOW, {**form_values(page.one("form", class_="not-now")), "reason": "spoke"}
    )
    hers = read(shop.get(answer["Location"]))

    assert page.one("h1").text == str(amanda)
    assert (answer.status_code, answer["Location"]) == (302, "/clients/C-1/")
    assert PutOff.objects.get().reason == "spoke"
    assert hers.one("button", data_action="take-up").text == "Take back “not now”"


def test_colleagues_client_is_not_found(shop: Client, associate: User) -> None:
    lapsed_client(UserFactory(store=associate.store), customer_id="C-1")

    assert shop.get(NOT_NOW).status_code == 404
    assert shop.post(NOT_NOW, {"reason": "away", "back_on": DAY}).status_code == 404


def test_put_off_of_another_client_is_not_found(shop: Client, amanda: Customer) -> None:
    other = PutOffFactory()

    assert shop.post(f"{NOT_NOW}{other.pk}/take-up/").status_code == 404


def test_her_page_takes_a_standing_put_off_back(
    shop: Client, associate: User, amanda: Customer
) -> None:
    PutOffFactory(customer=amanda, reason="away", put_off_by=associate)

    before = read(shop.get("/clients/C-1/"))
    button = before.one("button", data_action="take-up")
    form = before.one("form", action=f"/clients/C-1/not-now/{PutOff.objects.get().pk}/take-up/")
    answer = shop.post(form["action"], form_values(form))
    after = read(shop.get("/clients/C-1/"))

    assert "Put off until 29 June: away." in before.all("p", class_="verdict")[0].text
    assert button.text == "Take back “not now”"
    assert answer["Location"] == "/clients/C-1/"
    assert PutOff.objects.get().ended_by == associate
    assert after.all("button", data_action="take-up") == []
    assert after.all("p", class_="verdict")[0].text.startswith("Yes, by text, now")


def test_her_page_offers_nothing_to_take_back_once_the_day_has_come(
    shop: Client, associate: User, amanda: Customer
) -> None:
    PutOffFactory(
        customer=amanda,
        put_off_by=associate,
        put_off_on=NOON.date() - timedelta(days=5),
        back_on=NOON.date(),
    )

    assert read(shop.get("/clients/C-1/")).all("button", data_action="take-up") == []
