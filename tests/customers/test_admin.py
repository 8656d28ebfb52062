import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import AdminFactory, CustomerFactory


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "found"), [("o'b", {"E"}), ("élo", {"E", "X"}), ("S-1", {"S-1"}), ("brien", set())]
)
def test_customer_search_finds_by_beginnings_and_whole_id(
    client: Client, words: str, found: set[str]
) -> None:
    CustomerFactory(customer_id="E", first_name="Élodie", last_name="O'Brien")
    CustomerFactory(customer_id="X", first_name="Obi", last_name="Elorza")
    CustomerFactory(customer_id="S-1", first_name="Ann", last_name="Smith")
    client.force_login(AdminFactory())

    page = client.get(reverse("admin:customers_customer_changelist"), {"q": words})

    assert {customer.customer_id for customer in page.context["cl"].result_list} == found
