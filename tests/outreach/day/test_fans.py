"""Item first: who of her clients would like this one, and may be written to now."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from clienteling.models import User
from customers.facts import item_facts
from customers.models import Customer
from outreach.day import fans
from outreach.day.card import Card
from tests.factories import (
    NOON,
    BrandFactory,
    ClientNoteFactory,
    CustomerFactory,
    LineItemFactory,
    MessageFactory,
    NearMissFactory,
    ProductFactory,
    PurchaseFactory,
    ServiceCaseFactory,
    StatedSizeFactory,
    StockLevelFactory,
    SuggestionFactory,
    UserFactory,
    VariantFactory,
)
from tests.outreach.scenes import lapsed_client, reachable

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya() -> User:
    return UserFactory()


@pytest.fixture
def loafer(maya: User) -> Product:
    product = ProductFactory(name="Marlow loafer", brand=BrandFactory(name="Marlow"))
    variant = VariantFactory(product=product, size="38")
    StockLevelFactory(variant=variant, store=maya.store)
    return product


def client_of(maya: User, customer_id: str, **values: Any) -> Customer:
    return lapsed_client(maya, customer_id=customer_id, items=0, **values)


def cards_for(maya: User, product: Product) -> tuple[Card, ...]:
    assert maya.store is not None
    item = item_facts([product.pk], maya.store, now=NOON)[product.pk]
    return fans.for_associate(product, item, maya, maya.store, now=NOON)


def named(maya: User, product: Product) -> list[str]:
    return [card.customer_id for card in cards_for(maya, product)]


def took_of(customer: Customer, product: Product, *, times: int, days: int = 300) -> None:
    for _ in range(times):
        variant = VariantFactory(
            product=ProductFactory(brand=product.brand, category=product.category), size="38"
        )
        at = NOON - timedelta(days=days)
        LineItemFactory(
            purchase=PurchaseFactory(customer=customer, purchased_at=at), variant=variant
        )


def test_those_it_was_picked_for_come_first_then_near_misses_then_taste(
    maya: User, loafer: Product
) -> None:
    took_of(client_of(maya, "taste of two"), loafer, times=2)
    took_of(client_of(maya, "taste of one"), loafer, times=1)
    NearMissFactory(customer=client_of(maya, "close"), product=loafer)
    SuggestionFactory(customer=client_of(maya, "second"), product=loafer, rank=8, score=1.0)
    SuggestionFactory(
        customer=client_of(maya, "first"), product=loafer, score=2.0, similar_customers=6
    )

    cards = cards_for(maya, loafer)

    reasons = [(card.customer_id, card.picks[0].because) for card in cards]
    assert reasons == [
        ("first", "6 clients of similar taste bought it in two weeks"),
        ("second", "Newly arrived"),
        ("close", "Came close to the three picked"),
        ("taste of two", "Bought 2 of Marlow shoes"),
        ("taste of one", "Has bought Marlow shoes"),
    ]


def test_card_is_about_this_item_alone(maya: User, loafer: Product) -> None:
    amanda = lapsed_client(maya, customer_id="A", items=3)
    SuggestionFactory(customer=amanda, product=loafer, rank=4)

    [card] = cards_for(maya, loafer)

    assert [pick.style for pick in card.picks] == [loafer.style]
    assert "Marlow loafer" in card.note.body
    assert card.note.may_send


def test_at_most_five_are_named_and_each_once(maya: User, loafer: Product) -> None:
    for number in range(7):
        customer = client_of(maya, f"C-{number}")
        SuggestionFactory(customer=customer, product=loafer, score=10.0 - number)
        took_of(customer, loafer, times=1)

    assert named(maya, loafer) == ["C-0", "C-1", "C-2", "C-3", "C-4"]


def test_nobody_is_named_who_may_not_be_written_to(maya: User, loafer: Product) -> None:
    def would_like_it(customer_id: str, **values: Any) -> Customer:
        customer = client_of(maya, customer_id, **values)
        SuggestionFactory(customer=customer, product=loafer)
        return customer

    lately = would_like_it("written to lately")
    MessageFactory(customer=lately, sender=maya, state="sent", sent_at=NOON - timedelta(days=3))
    ServiceCaseFactory(customer=would_like_it("complains"))
    would_like_it("a colleague's", associate=UserFactory(store=maya.store))
    unreachable = CustomerFactory(customer_id="unreachable", associate=maya, store=maya.store)
    SuggestionFactory(customer=unreachable, product=loafer)
    would_like_it("welcome")

    assert named(maya, loafer) == ["welcome"]


def test_nobody_is_named_to_whom_the_item_may_not_be_shown(maya: User, loafer: Product) -> None:
    def would_like_it(customer_id: str) -> Customer:
        customer = client_of(maya, customer_id)
        SuggestionFactory(customer=customer, product=loafer)
        return customer

    owner = would_like_it("owner")
    LineItemFactory(
        purchase=PurchaseFactory(customer=owner), variant=loafer.variants.get(), product=loafer
    )
    ClientNoteFactory(customer=would_like_it("never Marlow"), rule="brand", value="Marlow")
    StatedSizeFactory(customer=would_like_it("wears 41"), category=loafer.category, size="41")
    turned_down = client_of(maya, "lost to a rule")
    NearMissFactory(customer=turned_down, product=loafer, objection=4)
    would_like_it("welcome")

    assert named(maya, loafer) == ["welcome"]


@pytest.mark.parametrize(("days", "expected"), [(729, ["A"]), (731, [])])
def test_taste_is_what_she_bought_in_two_years(
    maya: User, loafer: Product, days: int, expected: list[str]
) -> None:
    took_of(client_of(maya, "A"), loafer, times=1, days=days)

    assert named(maya, loafer) == expected


def test_client_who_has_not_lapsed_is_named_too(maya: User, loafer: Product) -> None:
    customer = CustomerFactory(
        customer_id="recent", associate=maya, store=maya.store, last_purchase_at=NOON
    )
    reachable(customer)
    took_of(customer, loafer, times=1, days=20)

    assert named(maya, loafer) == ["recent"]


def test_an_item_without_brand_or_category_is_nobodys_taste(maya: User) -> None:
    plain = ProductFactory(brand=None, category=None)
    customer = client_of(maya, "A")
    LineItemFactory(
        purchase=PurchaseFactory(customer=customer),
        variant=VariantFactory(product=ProductFactory(brand=None, category=None)),
    )

    assert named(maya, plain) == []


def test_asks_as_many_questions_for_one_fan_as_for_five(maya: User, loafer: Product) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            cards_for(maya, loafer)
        return len(questions)

    SuggestionFactory(customer=client_of(maya, "C-0"), product=loafer)
    for_one = asked()
    for number in range(1, 5):
        SuggestionFactory(customer=client_of(maya, f"C-{number}"), product=loafer)

    assert asked() == for_one == 6  # one of them for the item itself


def test_one_is_drawn_again_also_where_it_may_not_be_sent(
    maya: User, loafer: Product, now: datetime
) -> None:
    customer = client_of(maya, "A")
    ServiceCaseFactory(customer=customer)
    assert maya.store is not None

    card = fans.one(customer, loafer.pk, maya, maya.store, now=now)

    assert card.blocked is not None
    assert card.blocked.code == "open-complaint"
    assert [pick.because for pick in card.picks] == ["Newly arrived"]
