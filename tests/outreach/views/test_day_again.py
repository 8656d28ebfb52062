"""A day that is opened again: what stayed is not made anew, and nothing that changed is missed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest
from django.test import Client

from catalog.models import Product, StockLevel
from clienteling.models import Store, User
from customers.models import Consent, Customer, Suggestion
from outreach.day import card, cards
from outreach.models import Draft, StateHours
from outreach.models.message import State
from tests.factories import NOON, MessageFactory, UserFactory
from tests.outreach.scenes import bought, lapsed_client
from tests.outreach.views.page import Element, read


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", usual_gap_days=41)


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    """Tells how often a card was drawn; what others drew is forgotten."""
    cards._drawn.cache_clear()
    spy = Mock(side_effect=card.drawn)
    monkeypatch.setattr(card, "drawn", spy)
    yield spy
    cards._drawn.cache_clear()


def card_of(shop: Client, customer_id: str = "C-1") -> Element:
    return read(shop.get("/")).one("article", data_client=customer_id)


def test_day_draws_again_only_the_cards_that_changed(
    shop: Client, associate: User, drawings: Mock
) -> None:
    for number in range(3):
        lapsed_client(associate, customer_id=f"C-{number}")

    shop.get("/")
    assert drawings.call_count == 3

    shop.get("/")
    assert drawings.call_count == 3

    StockLevel.objects.filter(variant__product__suggestions__customer__customer_id="C-2").update(
        quantity=1
    )
    changed = card_of(shop, "C-2")
    assert drawings.call_count == 4
    assert {each.text for each in changed.all("p", class_="price")} == {"$265 · last one in 38"}


def test_who_is_next_is_drawn_alone_in_the_place_of_who_was_written_to(
    shop: Client, associate: User, drawings: Mock
) -> None:
    Store.objects.update(cards_per_day=2)
    people = [lapsed_client(associate, customer_id=f"C-{number}") for number in range(3)]
    shop.get("/")
    before = drawings.call_count

    MessageFactory(
        customer=people[0], sender=associate, state=State.QUEUED, queued_at=NOON, step="thanks"
    )
    page = read(shop.get("/"))

    assert {each["data-client"] for each in page.all("article", class_="client")} == {"C-1", "C-2"}
    assert (before, drawings.call_count) == (2, 3)


def to_customer(**values: object) -> Callable[[Customer], object]:
    return lambda customer: Customer.objects.update(**values)


def to_store(**values: object) -> Callable[[Customer], object]:
    return lambda customer: Store.objects.update(**values)


def to_product(**values: object) -> Callable[[Customer], object]:
    return lambda customer: Product.objects.filter(suggestions__rank=1).update(**values)


def another_boot(customer: Customer) -> None:
    bought(customer, at=NOON - timedelta(days=102), name="Alder boot")


def words_begun(customer: Customer) -> None:
    assert customer.associate
    Draft.objects.create(
        customer=customer,
        author=customer.associate,
        step="offer",
        channel="sms",
        body="Do come by",
        kept_at=NOON,
    )


def law_of_illinois(customer: Customer) -> None:
    StateHours.objects.create(
        region="IL",
        days="0123456",
        opens="13:00",
        closes="20:00",
        source="a statute",
        checked_on=NOON.date(),
    )


CHANGES: Mapping[str, tuple[Callable[[Customer], object], str]] = {
    "her name": (to_customer(last_name="Abernathy"), "Abernathy"),
    "her wish": (to_customer(preferred_channel="email"), "Prefers email"),
    "her consent": (
        lambda customer: Consent.objects.filter(channel="sms").delete(),
        "Only agreed to email",
    ),
    "what she bought": (another_boot, "Alder boot"),
    "a price": (to_product(price=311), "$311"),
    "a name": (to_product(name="Rowan pump"), "Rowan pump"),
    "a reason": (lambda customer: Suggestion.objects.update(similar_customers=9), "9 clients"),
    "who writes": (lambda customer: User.objects.update(first_name="Noor"), "it's Noor at"),
    "words begun": (words_begun, "Do come by"),
    "the city": (to_store(city="Evanston"), "in Evanston"),
    "the hours": (to_store(text_opens="13:00"), "Leaves 13:00 in Chicago"),
    "the law": (law_of_illinois, "Leaves 13:00 in Chicago"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_card_shows_what_has_changed(shop: Client, amanda: Customer, what: str) -> None:
    change, words = CHANGES[what]
    assert words not in card_of(shop).text

    change(amanda)

    assert words in card_of(shop).text


def test_a_card_knows_when_the_hours_end(
    shop: Client, amanda: Customer, later: Callable[[datetime], None]
) -> None:
    Store.objects.update(text_closes="12:30")
    assert "12:00 in Chicago, fine to text" in card_of(shop).text

    later(NOON + timedelta(minutes=30))

    assert "Leaves tomorrow" in card_of(shop).text


def test_the_clock_on_a_kept_card_goes_on(
    shop: Client, amanda: Customer, drawings: Mock, later: Callable[[datetime], None]
) -> None:
    assert "12:00 in Chicago, fine to text" in card_of(shop).text

    later(NOON + timedelta(minutes=3))

    assert "12:03 in Chicago, fine to text" in card_of(shop).text
    assert drawings.call_count == 1


def test_two_associates_see_cards_of_their_own(
    client: Client, associate: User, amanda: Customer
) -> None:
    Customer.objects.update(associate=None)
    noor = UserFactory(first_name="Noor", store=associate.store)

    for writer, name in ((associate, "Maya"), (noor, "Noor"), (associate, "Maya")):
        client.force_login(writer)
        assert f"it's {name} at" in card_of(client).text
