from datetime import timedelta

import pytest
from django.urls import reverse

from catalog.models import StockLevel
from clienteling import clock
from clienteling.large_tables import BoundedCountPaginator
from tests.factories import (
    AdminFactory,
    CustomerFactory,
    ManagerFactory,
    ProductFactory,
    StockLevelFactory,
    StoreFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(AdminFactory())
    return client


def listed(response):
    return list(response.context["cl"].result_list)


def test_product_list_shows_picture_price_and_pieces_over_all_stores(desk):
    variant = VariantFactory(product__image="pictures/tote-sand.svg")
    StockLevelFactory(variant=variant, quantity=2)
    StockLevelFactory(variant=variant, quantity=3)
    unknown = ProductFactory()

    response = desk.get(reverse("admin:catalog_product_changelist"))

    pieces = {product.pk: product.pieces for product in listed(response)}
    assert pieces == {variant.product.pk: 5, unknown.pk: None}
    assert 'src="/static/pictures/tote-sand.svg"' in response.content.decode()


@pytest.mark.parametrize(
    ("arrived", "ages"), [("14", [0, 14]), ("60", [0, 14, 60]), ("none", [None]), ("odd", None)]
)
def test_new_arrivals_filter_keeps_the_period(desk, arrived, ages):
    today = clock.now().date()
    for age in (0, 14, 60, 61, None):
        launched_on = None if age is None else today - timedelta(days=age)
        ProductFactory(style=f"age-{age}", launched_on=launched_on)

    response = desk.get(reverse("admin:catalog_product_changelist"), {"arrived": arrived})

    expected = ["age-0", "age-14", "age-60", "age-61", "age-None"]
    if ages is not None:
        expected = [f"age-{age}" for age in ages]
    assert sorted(product.style for product in listed(response)) == sorted(expected)


def test_stock_is_edited_in_the_list(desk):
    level = StockLevelFactory(quantity=3)

    desk.post(
        reverse("admin:catalog_stocklevel_changelist"),
        {
            "form-TOTAL_FORMS": 1,
            "form-INITIAL_FORMS": 1,
            "form-0-id": level.pk,
            "form-0-quantity": 7,
            "_save": "Save",
        },
    )

    assert StockLevel.objects.get(pk=level.pk).quantity == 7


def test_stock_is_found_by_the_products_words(desk):
    wanted = StockLevelFactory(variant__product__name="Alder day tote")
    StockLevelFactory(variant__product__name="Sabine pump")

    response = desk.get(reverse("admin:catalog_stocklevel_changelist"), {"q": "alder to"})

    assert listed(response) == [wanted]


@pytest.mark.parametrize("name", ["catalog_product", "catalog_stocklevel", "customers_customer"])
def test_a_list_page_asks_the_same_queries_for_one_row_and_for_three(
    desk, name, django_assert_max_num_queries
):
    def make(number):
        for _ in range(number):
            level = StockLevelFactory()
            CustomerFactory(store=level.store, associate=UserFactory(store=level.store))

    counts = []
    for number in (1, 2):
        make(number)
        with django_assert_max_num_queries(20) as captured:
            desk.get(reverse(f"admin:{name}_changelist"))
        counts.append(len(captured))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("query", ["reyes", "Amánda", "C-07"])
def test_customers_are_found_by_the_beginning_of_a_name_or_the_whole_id(desk, query):
    wanted = CustomerFactory(customer_id="C-07", first_name="Amanda", last_name="Reyes")
    CustomerFactory(customer_id="C-077", first_name="Bea", last_name="Stone")

    response = desk.get(reverse("admin:customers_customer_changelist"), {"q": query})

    assert listed(response) == [wanted]


@pytest.mark.parametrize("factory", [UserFactory, ManagerFactory])
def test_only_admins_enter(client, factory):
    client.force_login(factory())

    response = client.get(reverse("admin:catalog_product_changelist"))

    assert response.status_code == 302
    assert "/admin/login/" in response.url


def test_saving_staff_in_admin_lets_the_role_decide_who_enters(desk):
    associate = UserFactory()

    desk.post(
        reverse("admin:clienteling_user_change", args=[associate.pk]),
        {"username": associate.username, "role": "admin", "is_active": "on"},
    )

    associate.refresh_from_db()
    assert (associate.role, associate.is_staff, associate.is_superuser) == ("admin", True, True)


def test_every_admin_page_opens(desk):
    StoreFactory()
    for name in (
        "catalog_brand",
        "catalog_category",
        "catalog_variant",
        "customers_consentevent",
        "customers_servicecase",
        "customers_suggestionrun",
        "customers_suppression",
        "clienteling_store",
        "clienteling_user",
    ):
        response = desk.get(reverse(f"admin:{name}_changelist"))
        assert (name, response.status_code) == (name, 200)


def test_paginator_counts_a_filtered_list_only_up_to_its_bound(monkeypatch):
    monkeypatch.setattr("clienteling.large_tables.COUNTED_AT_MOST", 2)
    ProductFactory.create_batch(4)

    filtered = BoundedCountPaginator(ProductFactory._meta.model.objects.exclude(name=""), 10)

    assert filtered.count == 2


def test_paginator_counts_a_small_table_exactly():
    ProductFactory.create_batch(3)

    assert BoundedCountPaginator(ProductFactory._meta.model.objects.all(), 10).count == 3
