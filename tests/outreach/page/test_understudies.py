"""What takes the place of an item that sold out, and who is told."""

from datetime import datetime
from typing import Any

import pytest

from catalog.models import Product, StockLevel
from customers.models import Customer
from outreach import lookbook
from outreach.models import Lookbook, Notice
from outreach.page import holds, understudies
from tests.factories import (
    CategoryFactory,
    CustomerFactory,
    FeedbackFactory,
    LineItemFactory,
    LookbookFactory,
    LookbookItemFactory,
    ProductFactory,
    PurchaseFactory,
    ServiceCaseFactory,
    StockLevelFactory,
    SuggestionFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def book() -> Lookbook:
    """A client who wears 38, and her page with a loafer of which every pair is gone."""
    maya = UserFactory(first_name="Maya")
    customer = CustomerFactory(
        associate=maya, store=maya.store, first_name="Amanda", last_name="Reyes"
    )
    wears(customer, "38")
    page = LookbookFactory(customer=customer, associate=maya)
    LookbookItemFactory(lookbook=page, product=shelved(page, "Linden flat", quantity=0))
    return page


def wears(customer: Customer, size: str) -> None:
    bought = VariantFactory(product__name="Old boot", product__launched_on=None, size=size)
    LineItemFactory(purchase=PurchaseFactory(customer=customer), variant=bought)


def shelved(page: Lookbook, name: str, *, quantity: int = 2, size: str = "38") -> Product:
    product = ProductFactory(name=name)
    StockLevelFactory(
        variant=VariantFactory(product=product, size=size), store=page.store, quantity=quantity
    )
    return product


def suggested(page: Lookbook, rank: int, product: Product) -> Product:
    SuggestionFactory(customer=page.customer, rank=rank, product=product, similar_customers=6)
    return product


def put_in(page: Lookbook, now: datetime) -> int:
    return understudies.put_in(page, lookbook.current(page, now=now), now=now)


def shown(page: Lookbook, now: datetime) -> list[tuple[str, str]]:
    """What stands on the page, and for what."""
    items = lookbook.current(page, now=now)
    return [(item.product.name, item.went.name if item.went else "") for item in items]


def told(page: Lookbook) -> list[str]:
    return list(Notice.objects.filter(recipient=page.associate).values_list("sentence", flat=True))


def test_put_in_takes_her_next_suggestion_and_tells_her_associate(
    book: Lookbook, now: datetime
) -> None:
    suggested(book, 4, shelved(book, "Alder tote"))
    suggested(book, 5, shelved(book, "Fenn boot"))

    assert put_in(book, now) == 1
    assert shown(book, now) == [("Alder tote", "Linden flat")]
    assert told(book) == [
        "Linden flat on the page of Amanda Reyes is gone; Alder tote stands in for it."
    ]


def test_put_in_again_changes_and_tells_nothing(book: Lookbook, now: datetime) -> None:
    suggested(book, 4, shelved(book, "Alder tote"))

    assert [put_in(book, now) for _ in range(3)] == [1, 0, 0]
    assert len(told(book)) == 1


def test_understudy_that_sells_out_is_replaced_by_the_next(book: Lookbook, now: datetime) -> None:
    tote = suggested(book, 4, shelved(book, "Alder tote"))
    suggested(book, 5, shelved(book, "Fenn boot"))
    put_in(book, now)
    StockLevel.objects.filter(variant__product=tote).update(quantity=0)

    put_in(book, now)

    assert shown(book, now) == [("Fenn boot", "Linden flat")]
    assert told(book)[1].startswith("Alder tote on the page of Amanda Reyes is gone; Fenn boot")


def test_put_in_leaves_alone_what_is_here_in_her_size(book: Lookbook, now: datetime) -> None:
    suggested(book, 4, shelved(book, "Alder tote"))
    StockLevel.objects.filter(variant__product__name="Linden flat").update(quantity=1)

    assert put_in(book, now) == 0
    assert shown(book, now) == [("Linden flat", "")]


def test_put_in_replaces_what_is_here_only_in_other_sizes(book: Lookbook, now: datetime) -> None:
    flat = book.items.get().product
    StockLevelFactory(variant=VariantFactory(product=flat, size="41"), store=book.store)
    suggested(book, 4, shelved(book, "Alder tote"))

    assert put_in(book, now) == 1


def test_put_in_leaves_alone_what_is_kept_for_her(book: Lookbook, now: datetime) -> None:
    flat = book.items.get().product
    StockLevel.objects.filter(variant__product=flat).update(quantity=1)
    suggested(book, 4, shelved(book, "Alder tote"))
    holds.ask(book, flat, "38", now=now)

    assert put_in(book, now) == 0
    assert shown(book, now) == [("Linden flat", "")]


def owned(page: Lookbook, product: Product) -> None:
    line = {"purchase": PurchaseFactory(customer=page.customer), "variant": product.variants.get()}
    LineItemFactory(**line)


def returned(page: Lookbook, product: Product) -> None:
    owned(page, product)
    purchase = PurchaseFactory(customer=page.customer)
    LineItemFactory(purchase=purchase, variant=product.variants.get(), quantity=-1)


def turned_down(page: Lookbook, product: Product) -> None:
    FeedbackFactory(customer=page.customer, product=product)


def in_trouble(page: Lookbook, product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(brand=None)
    moments = {
        "opened_at": page.created_at.replace(year=2025),
        "closed_at": page.created_at.replace(year=2025, month=7),
    }
    ServiceCaseFactory(customer=page.customer, product=product, **moments)


def of_other_size(page: Lookbook, product: Product) -> None:
    product.variants.update(size="41")


def of_unknown_stock(page: Lookbook, product: Product) -> None:
    StockLevel.objects.filter(variant__product=product).delete()


def without_price(page: Lookbook, product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(price=None)


@pytest.mark.parametrize(
    "objection",
    [owned, returned, turned_down, in_trouble, of_other_size, of_unknown_stock, without_price],
)
def test_put_in_passes_over_what_a_rule_objects_to(
    book: Lookbook, now: datetime, objection: Any
) -> None:
    objection(book, suggested(book, 4, shelved(book, "Alder tote")))
    suggested(book, 5, shelved(book, "Fenn boot"))

    put_in(book, now)

    assert shown(book, now) == [("Fenn boot", "Linden flat")]


def test_put_in_offers_nothing_while_a_complaint_is_open(book: Lookbook, now: datetime) -> None:
    suggested(book, 4, shelved(book, "Alder tote"))
    ServiceCaseFactory(customer=book.customer, opened_at=now)

    assert put_in(book, now) == 0
    assert shown(book, now) == [("Linden flat", "")]


def test_put_in_tells_once_that_nothing_could_take_its_place(book: Lookbook, now: datetime) -> None:
    assert [put_in(book, now), put_in(book, now)] == [0, 0]
    assert told(book) == [
        "Linden flat on the page of Amanda Reyes is gone; nothing could take its place."
    ]


def test_put_in_gives_each_place_another_one(book: Lookbook, now: datetime) -> None:
    LookbookItemFactory(
        lookbook=book, position=2, product=shelved(book, "Marlow loafer", quantity=0)
    )
    suggested(book, 4, shelved(book, "Alder tote"))
    suggested(book, 5, shelved(book, "Fenn boot"))

    assert put_in(book, now) == 2
    assert shown(book, now) == [("Alder tote", "Linden flat"), ("Fenn boot", "Marlow loafer")]


def test_put_in_asks_nothing_while_every_size_is_here(
    book: Lookbook, now: datetime, django_assert_num_queries: Any
) -> None:
    StockLevel.objects.update(quantity=1)
    items = lookbook.current(book, now=now)

    with django_assert_num_queries(0):
        put_in_place = understudies.put_in(book, items, now=now)

    assert (put_in_place, told(book)) == (0, [])


def test_her_answer_to_an_understudy_is_about_the_understudy(book: Lookbook, now: datetime) -> None:
    tote = suggested(book, 4, shelved(book, "Alder tote"))
    put_in(book, now)

    assert lookbook.answer(book, tote.style, "love_it", now=now) == 1
    assert lookbook.answer(book, book.items.get().product.style, "love_it", now=now) is None
    assert [item.word for item in lookbook.current(book, now=now)] == ["love_it"]


def test_a_product_of_another_kind_is_measured_by_its_own_size(
    book: Lookbook, now: datetime
) -> None:
    knit = ProductFactory(name="Fisher knit", category=CategoryFactory(name="Knitwear"))
    StockLevelFactory(variant=VariantFactory(product=knit, size="M"), store=book.store)
    suggested(book, 4, knit)

    put_in(book, now)

    assert shown(book, now) == [("Fisher knit", "Linden flat")]
