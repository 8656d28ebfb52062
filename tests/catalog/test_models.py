from datetime import timedelta

import pytest
from django.db import IntegrityError

from catalog.models import Product
from tests.factories import NOON, ProductFactory, StockLevelFactory, VariantFactory

pytestmark = pytest.mark.django_db

TODAY = NOON.date()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("marlow", True),
        ("penny marl", True),
        ("Élan", True),
        ("arlow", False),
        ("marlow boot", False),
        ("st-77", True),
        ("st-7", False),
        ("sku-77-38", True),
        ("!!", False),
        ("marlow' OR 1=1 --", False),
    ],
)
def test_search_finds_beginnings_of_words_and_whole_codes(words, found):
    product = ProductFactory(name="Marlow penny loafer Elan", style="st-77")
    VariantFactory(product=product, sku="sku-77-38")
    ProductFactory(name="Sabine pump")

    assert list(Product.objects.search(words)) == ([product] if found else [])


@pytest.mark.parametrize(("days_ago", "is_new"), [(0, True), (60, True), (61, False), (-1, False)])
def test_newly_arrived_includes_both_ends(days_ago, is_new):
    ProductFactory(launched_on=TODAY - timedelta(days=days_ago))

    arrived = Product.objects.newly_arrived(since=TODAY - timedelta(days=60), until=TODAY)

    assert arrived.exists() is is_new


def test_a_product_without_a_date_is_not_new():
    ProductFactory(launched_on=None)

    assert not Product.objects.newly_arrived(since=TODAY, until=TODAY).exists()


def test_stock_of_a_variant_in_a_store_is_one_row():
    level = StockLevelFactory()

    with pytest.raises(IntegrityError, match="stock_level_once"):
        StockLevelFactory(variant=level.variant, store=level.store)


def test_a_negative_price_is_refused_by_the_database():
    with pytest.raises(IntegrityError, match="product_price_not_negative"):
        ProductFactory(price=-1)


def test_the_picture_is_the_upload_then_the_files_own_then_none():
    assert ProductFactory(image="").picture_url == ""
    assert ProductFactory(image="pictures/tote-sand.svg").picture_url == (
        "/static/pictures/tote-sand.svg"
    )
    uploaded = ProductFactory(image="pictures/tote-sand.svg", picture="products/2026/tote.jpg")
    assert uploaded.picture_url == "/media/products/2026/tote.jpg"
