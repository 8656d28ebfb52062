from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, StockLevel
from clienteling.models import User
from customers.models import Customer
from outreach.day.why_not import AT_NIGHT
from tests.factories import (
    NOON,
    FeedbackFactory,
    ManagerFactory,
    NearMissFactory,
    ProductFactory,
    ServiceCaseFactory,
    StockLevelFactory,
    VariantFactory,
)
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, read

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1", items=5)


def others(shop: Client) -> Element:
    return read(shop.get("/clients/C-1/why-not/", **HTMX)).one("details", id="why-not-" + key())


def key() -> str:
    return str(Customer.objects.get(customer_id="C-1").pk)


def reasons(part: Element) -> dict[str, str]:
    return {
        each["data-other"]: each.one("p").all("span")[0].text
        for each in part.all("li", data_other=None)
    }


@pytest.mark.parametrize(
    ("objection", "sentence"),
    [
        (0, "Others fit better."),
        (7, "None was left here in the right size."),
        (20, "Another color of one shown."),
        (32_000, "Others fit better."),
    ],
)
def test_near_miss_says_what_removed_it_in_the_night(
    shop: Client, amanda: Customer, objection: int, sentence: str
) -> None:
    near = NearMissFactory(customer=amanda, objection=objection)

    part = others(shop)

    assert reasons(part)[near.product.style] == sentence


def test_near_miss_says_first_what_a_rule_says_today(shop: Client, amanda: Customer) -> None:
    near = NearMissFactory(customer=amanda, objection=0)
    StockLevelFactory(variant=VariantFactory(product=near.product), store=amanda.store, quantity=0)

    part = others(shop)

    assert reasons(part)[near.product.style] == "None left here in size 38."


def test_near_misses_are_five_at_most_closest_first_and_the_understudies_follow(
    shop: Client, amanda: Customer
) -> None:
    near = [NearMissFactory(customer=amanda, place=place) for place in (6, 2, 1, 5, 4, 3)]
    closest = [each.product.style for each in sorted(near, key=lambda each: each.place)][:5]
    understudies = list(
        Product.objects.filter(suggestions__customer=amanda, suggestions__rank__gt=3)
        .order_by("suggestions__rank")
        .values_list("style", flat=True)
    )

    part = others(shop)

    assert list(reasons(part)) == [*closest, *understudies]
    assert [title.text for title in part.all("h3")] == ["Came close", "Next in line"]
    assert part["data-say"] == "7 others for Amanda."


def test_item_turned_down_since_the_night_is_named_once(shop: Client, amanda: Customer) -> None:
    first = Product.objects.get(suggestions__customer=amanda, suggestions__rank=1)
    FeedbackFactory(customer=amanda, product=first, said_at=NOON)
    NearMissFactory(customer=amanda, product=first, objection=0)

    part = others(shop)

    named = [each["data-other"] for each in part.all("li", data_other=None)]
    assert named.count(first.style) == 1
    assert reasons(part)[first.style] == "Turned this one down."


def test_near_miss_that_is_shown_by_now_is_not_named(shop: Client, amanda: Customer) -> None:
    first = Product.objects.get(suggestions__customer=amanda, suggestions__rank=1)
    NearMissFactory(customer=amanda, product=first, objection=7)

    assert first.style not in reasons(others(shop))


def test_near_miss_whose_product_is_gone_is_passed_over(shop: Client, amanda: Customer) -> None:
    gone = ProductFactory()
    NearMissFactory(customer=amanda, product=gone)
    Product.objects.filter(pk=gone.pk).delete()

    assert others(shop).all("h3")[0].text == "Next in line"


def test_where_nothing_came_close_it_says_so(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")

    assert (
        others(shop).one("p", class_="small").text
        == "Nothing else that arrived lately came close for Amanda."
    )


def test_during_a_complaint_nothing_is_weighed(shop: Client, amanda: Customer) -> None:
    NearMissFactory(customer=amanda)
    ServiceCaseFactory(customer=amanda)

    part = others(shop)

    assert part.all("li") == []
    assert part.one("p").text == "A complaint is still open: no selling today."


def test_link_opens_a_page_of_its_own_without_a_script(shop: Client, amanda: Customer) -> None:
    NearMissFactory(customer=amanda)
    link = read(shop.get("/clients/C-1/")).one("a", hx_get="/clients/C-1/why-not/")

    page = read(shop.get(link["href"]))

    assert page.one("h1").text == "Why not others?"
    assert len(page.all("li", data_other=None)) == 3


def test_manager_may_ask_too(client: Client, associate: User, amanda: Customer) -> None:
    manager = ManagerFactory(store=associate.store)
    client.force_login(manager)

    assert client.get("/clients/C-1/why-not/").status_code == 200


@pytest.mark.parametrize("near_misses", [1, 5])
def test_why_not_asks_as_many_questions_for_one_as_for_five(
    shop: Client, amanda: Customer, near_misses: int, django_assert_num_queries: Any
) -> None:
    for place in range(1, near_misses + 1):
        NearMissFactory(customer=amanda, place=place, objection=7)
    StockLevel.objects.update(quantity=0)

    with django_assert_num_queries(9):
        part = read(shop.get("/clients/C-1/why-not/", **HTMX))

    assert (
        list(reasons(part).values()).count("None was left here in the right size.") == near_misses
    )


def test_every_objection_of_the_night_has_words() -> None:
    assert set(AT_NIGHT) == {0, *range(1, 12), 20}
