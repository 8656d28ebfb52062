"""Live: what happens meanwhile reaches the open page, and nothing else does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Product, StockLevel
from clienteling.models import User
from customers.models import Customer
from outreach.models import Message
from outreach.models.message import State
from tests.factories import (
    NOON,
    HoldFactory,
    LookbookFactory,
    MessageFactory,
    ReplyFactory,
    UserFactory,
)
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, read

QUIET_BYTES = 300


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", first_name="Amanda")


def shows(page: Element) -> dict[str, object]:
    """What an open page would hand back: its cards, and the token of its frame."""
    return {
        "shown": [each["value"] for each in page.all("input", name="shown")],
        "news": page.one("input", id="news").attributes.get("value", ""),
    }


def opened(shop: Client, url: str = "/") -> dict[str, object]:
    """A page that has asked for news once, as every page does when it is drawn."""
    page = shows(read(shop.get(url)))
    token = shows(read(shop.get("/pulse/", page)))["news"]
    return {**page, "news": token}


def told(shop: Client, page: dict[str, object]) -> Element | None:
    answer = shop.get("/pulse/", page)
    return read(answer) if answer.content else None


@pytest.mark.parametrize("url", ["/", "/clients/C-1/"])
def test_a_quiet_pulse_is_empty_and_light(url: str, shop: Client, amanda: Customer) -> None:
    page = opened(shop, url)

    answer = shop.get("/pulse/", page)

    head = "".join(f"{name}: {value}\r\n" for name, value in answer.items())
    assert page["shown"]
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(head) <= QUIET_BYTES


def test_a_quiet_pulse_costs_few_queries(
    shop: Client, associate: User, django_assert_num_queries: object
) -> None:
    for number in range(4):
        lapsed_client(associate, customer_id=f"C-{number}")
    page = opened(shop)

    with django_assert_num_queries(5):  # type: ignore[operator]
        of_four_cards = shop.get("/pulse/", page)
    with django_assert_num_queries(3):  # type: ignore[operator]
        of_the_frame = shop.get("/pulse/", {"news": page["news"]})

    assert len(page["shown"]) == 4  # type: ignore[arg-type]
    assert [of_four_cards.status_code, of_the_frame.status_code] == [204, 204]


def test_a_reply_changes_the_badge_alone(shop: Client, amanda: Customer) -> None:
    page = opened(shop)
    ReplyFactory(customer=amanda)

    news = told(shop, page)

    assert news is not None
    assert news.one(id="inbox-badge").text == "1 waiting"
    assert news.all("input", name="shown") == []
    assert told(shop, {**page, "news": news.one(id="news")["value"]}) is None


def test_holds_to_confirm_count_in_what_waits(
    shop: Client, associate: User, amanda: Customer
) -> None:
    page = opened(shop)
    ReplyFactory.create_batch(2, customer=amanda)
    book = LookbookFactory(customer=amanda, associate=associate)
    HoldFactory.create_batch(2, lookbook=book)
    HoldFactory(lookbook=book, state="confirmed", settled_at=NOON)

    news = told(shop, page)

    assert news is not None
    assert news.one(id="inbox-badge").text == "3 waiting"
    assert read(shop.get("/")).one(id="inbox-badge").text == "3 waiting"
    assert read(shop.get("/inbox/")).one(id="inbox-badge").text == "3 waiting"


def test_a_change_of_stock_draws_that_line_alone(shop: Client, amanda: Customer) -> None:
    page = opened(shop)
    second = Product.objects.get(suggestions__rank=2)
    StockLevel.objects.filter(variant__product=second).update(quantity=1)

    news = told(shop, page)

    assert news is not None
    lines = [each for each in news.all("p") if each["id"].startswith("stock-")]
    assert [(line["id"], line.text) for line in lines] == [
        (f"stock-{amanda.pk}-2", "$265 · last one in 38")
    ]
    assert news.all("div", class_="claim") == news.all("span", id="inbox-badge") == []
    assert told(shop, {**page, "shown": [news.one("input", name="shown")["value"]]}) is None


def test_an_item_that_sold_out_is_marked_gone(shop: Client, amanda: Customer) -> None:
    page = opened(shop)
    StockLevel.objects.filter(variant__product__suggestions__rank=1).update(quantity=0)

    news = told(shop, page)

    assert news is not None
    assert "Gone since this was drawn" in news.one(id=f"stock-{amanda.pk}-1").text


def test_a_new_price_is_shown(shop: Client, amanda: Customer) -> None:
    page = opened(shop)
    Product.objects.filter(suggestions__rank=3).update(price=Decimal("199"))

    news = told(shop, page)

    assert news is not None
    assert news.one(id=f"stock-{amanda.pk}-3").text.startswith("$199 ·")


def test_a_colleagues_claim_is_told_once_and_can_be_taken_back(
    shop: Client, associate: User, amanda: Customer
) -> None:
    page = opened(shop)
    colleague = UserFactory(store=associate.store, first_name="Daniel")
    Customer.objects.update(associate=colleague)

    news = told(shop, page)
    assert news is not None
    claimed = {**page, "shown": [news.one("input", name="shown")["value"]]}
    again = told(shop, claimed)
    Customer.objects.update(associate=associate)
    over = told(shop, claimed)

    banner = news.one(data_blocks=None)
    assert banner["data-blocks"] == "claimed-by-colleague"
    assert banner.text == "Daniel looks after her now. Your words are kept."
    assert again is None
    assert over is not None
    assert over.one(id=f"claim-{amanda.pk}").text == ""


def test_a_colleague_who_wrote_first_is_named(
    shop: Client, associate: User, amanda: Customer
) -> None:
    page = opened(shop)
    colleague = UserFactory(store=associate.store, first_name="Daniel")
    MessageFactory(customer=amanda, sender=colleague, state=State.QUEUED, queued_at=NOON)

    news = told(shop, page)

    assert news is not None
    banner = news.one(data_blocks="contacted-recently")
    assert banner.text == "Daniel wrote to her at 12:00. Your words are kept."


def test_what_was_taken_back_or_is_old_claims_nobody(
    shop: Client, associate: User, amanda: Customer
) -> None:
    page = opened(shop)
    MessageFactory(customer=amanda, sender=associate, state=State.CANCELED, queued_at=NOON)
    MessageFactory(
        customer=amanda,
        sender=associate,
        state=State.QUEUED,
        queued_at=NOON - timedelta(days=1),
    )

    assert told(shop, page) is None


def test_clients_of_another_store_are_told_nothing_of(shop: Client, amanda: Customer) -> None:
    colleague = UserFactory(first_name="Daniel")
    elsewhere = lapsed_client(colleague, customer_id="C-9")
    MessageFactory(customer=elsewhere, sender=colleague, state=State.QUEUED, queued_at=NOON)
    page = opened(shop)

    assert told(shop, {**page, "shown": [f"{elsewhere.pk}*"]}) is None


@pytest.mark.parametrize(
    "odd",
    ["", "x", "1*2", "a**b", "1**1_2_3*1_2_3*1_2_3*1_2_3", "1**x_y_z", "9" * 40 + "*", "1**1__"],
)
def test_odd_words_of_a_page_are_overlooked(odd: str, shop: Client, amanda: Customer) -> None:
    page = opened(shop)

    assert shop.get("/pulse/", {**page, "shown": [odd]}).status_code in {200, 204}


def test_the_words_being_typed_are_no_part_of_the_news(shop: Client, amanda: Customer) -> None:
    page = opened(shop)
    StockLevel.objects.update(quantity=0)
    Customer.objects.update(associate=UserFactory(store=amanda.store))

    news = told(shop, page)

    assert news is not None
    assert news.all("textarea") == news.all("form") == news.all("article") == []
    assert Message.objects.count() == 0
