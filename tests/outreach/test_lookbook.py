from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from catalog.models import Product, StockLevel
from outreach import lookbook
from outreach.lookbook import Pick
from outreach.models import Lookbook
from tests.factories import ProductFactory, StockLevelFactory, VariantFactory
from tests.outreach.messages.worlds import associate_with_client, picks_in_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(now: datetime) -> Lookbook:
    associate, customer = associate_with_client()
    return lookbook.create(customer, picks_in_stock(customer), associate=associate, now=now)


def test_create_keeps_the_order_and_an_unguessable_name(book: Lookbook, now: datetime) -> None:
    assert [item.position for item in book.items.all()] == [1, 2, 3]
    assert len(book.token) == 22
    assert book.expires_at == now + timedelta(days=30)
    assert lookbook.url(book) == f"http://127.0.0.1:8000/l/{book.token}/"


def test_current_shows_price_and_stock_of_this_moment(book: Lookbook, now: datetime) -> None:
    first, second, third = [item.product for item in book.items.all()]
    Product.objects.filter(pk=first.pk).update(price=Decimal("199.00"))
    StockLevel.objects.filter(variant__product=second).update(quantity=0)
    StockLevelFactory(variant=VariantFactory(product=third, size="39"), store=book.store)

    shown = lookbook.current(book, now=now)

    assert [item.price for item in shown] == [Decimal("199.00"), Decimal(265), Decimal(265)]
    assert [item.is_sold_out for item in shown] == [False, True, False]
    assert sorted(shown[2].sizes_here) == ["38", "39"]


def test_current_does_not_call_unknown_stock_sold_out(now: datetime) -> None:
    associate, customer = associate_with_client()
    product = ProductFactory()
    book = lookbook.create(customer, [Pick(product.pk)], associate=associate, now=now)

    (item,) = lookbook.current(book, now=now)

    assert (item.stock, item.is_sold_out, item.sizes_here) == (None, False, ())


def test_find_answers_alike_for_unknown_and_expired(book: Lookbook, now: datetime) -> None:
    last_moment = book.expires_at - timedelta(microseconds=1)

    assert lookbook.find(book.token, now=last_moment) == book
    assert lookbook.find(book.token, now=book.expires_at) is None
    assert lookbook.find("unknown", now=now) is None
    assert lookbook.current(book, now=book.expires_at) == []
