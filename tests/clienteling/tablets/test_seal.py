"""What waits in a browser is sealed under a key that only its writer's pages carry."""

from base64 import b64decode

import pytest
from django.test import Client

from clienteling.models import User
from clienteling.tablets import seal
from tests.factories import ManagerFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_key_has_256_bits_and_stays_hers() -> None:
    associate = UserFactory()

    key = seal.key_of(associate)

    assert len(b64decode(key)) == 32
    assert seal.key_of(User.objects.get(pk=associate.pk)) == key


def test_no_two_have_the_same_key() -> None:
    assert seal.key_of(UserFactory()) != seal.key_of(UserFactory())


def test_another_secret_makes_another_key(settings: object) -> None:
    associate = UserFactory()
    before = seal.key_of(associate)

    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]

    assert seal.key_of(associate) != before


def test_it_stands_on_her_own_pages_and_on_nobody_elses() -> None:
    associate, colleague, manager = UserFactory(), UserFactory(), ManagerFactory()
    key = f'data-seal="{seal.key_of(associate)}"'

    assert key in _page(associate)
    assert key not in _page(colleague)
    assert "data-seal" not in _page(manager)
    assert "data-seal" not in Client().get("/login/").content.decode()


def _page(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.get("/clients/").content.decode()
