import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from catalog.models import CareTip
from tests.factories import AdminFactory, CareTipFactory, CategoryFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("wrong", [{"text": ""}, {"category": None}, {"kind": "gossip"}])
def test_database_refuses_a_tip_about_nothing(wrong: dict) -> None:
    with pytest.raises(IntegrityError):
        CareTipFactory(**wrong)


def test_database_keeps_a_tip_once() -> None:
    CareTipFactory(category=None, material="suede", text="Brush it.")

    with pytest.raises(IntegrityError):
        CareTipFactory(category=None, material="suede", text="Brush it.")


def test_admin_writes_a_tip(client: Client) -> None:
    client.force_login(AdminFactory())
    shoes = CategoryFactory(name="Shoes")
    values = {"category": shoes.pk, "material": "suede", "kind": "care", "text": "Brush it."}

    answer = client.post(reverse("admin:catalog_caretip_add"), values)

    assert answer.status_code == 302
    assert CareTip.objects.get().category == shoes


def test_admin_is_told_that_a_tip_must_be_about_something(client: Client) -> None:
    client.force_login(AdminFactory())

    page = client.post(reverse("admin:catalog_caretip_add"), {"kind": "care", "text": "Brush it."})

    assert "Name a category, a material, or both." in page.content.decode()
