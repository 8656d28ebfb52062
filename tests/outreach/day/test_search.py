"""Finding people: whose they are, in which ways, and how many of them."""

from typing import Any

import pytest
from django.db.models import Q

from clienteling.models import User
from customers.models import Customer
from outreach.day import search
from tests.factories import (
    NOON,
    ContactPointFactory,
    CustomerFactory,
    StoreFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> list[User]:
    """An associate, a manager of two stores, and people on every side of what they may see."""
    maya, ines = UserFactory(), UserFactory()
    boss = UserFactory(role="manager", store=maya.store)
    boss.managed_stores.add(ines.store)
    for number, (associate, store) in enumerate(
        (
            (maya, maya.store),
            (None, maya.store),
            (maya, None),
            (ines, ines.store),
            (ines, None),
            (None, None),
            (UserFactory(), StoreFactory()),
        )
    ):
        CustomerFactory(
            customer_id=f"C-{number}", last_name="Reyes", associate=associate, store=store
        )
    CustomerFactory(customer_id="gone", associate=maya, store=maya.store, erased_at=NOON)
    return [maya, boss, UserFactory(role="admin", store=None)]


def ids(people: Any) -> list[str]:
    return sorted(people.values_list("customer_id", flat=True))


def everybody(parts: tuple[search.Part, ...]) -> list[str]:
    return ids(search.first_of(parts, [lambda people: people.order_by("search_name")], most=99))


def test_parts_are_the_people_whom_the_register_shows(chain: list[User]) -> None:
    maya, boss, admin = chain

    assert everybody(search.book_of(maya)) == ids(Customer.objects.in_book_of(maya))
    for user in (maya, boss):
        assert everybody(search.of_stores(user)) == ids(Customer.objects.of_stores(user))
    for user in (maya, boss, admin):
        assert everybody(search.visible_to(user)) == ids(Customer.objects.visible_to(user))
    assert everybody(search.visible_to(boss)) == ["C-0", "C-1", "C-2", "C-3", "C-4"]


@pytest.mark.parametrize("apart", [False, True])
def test_parts_are_narrowed_for_every_store_of_a_manager(chain: list[User], *, apart: bool) -> None:
    _, boss, _ = chain
    asked = Q(associate__isnull=False)

    parts = tuple(part.filter(asked, apart=apart) for part in search.of_stores(boss))

    assert everybody(parts) == ["C-0", "C-3"]
    assert ids(search.found(parts, "C-3", most=9)) == ["C-3"]
    assert ids(search.found(parts, "C-1", most=9)) == []


@pytest.mark.parametrize("query", ["reyes", "C-0"])
def test_nobody_is_found_whom_she_may_not_see(chain: list[User], query: str) -> None:
    maya, boss, admin = chain

    assert "C-0" in ids(search.named(search.visible_to(maya), query, most=9))
    assert "C-6" not in ids(search.named(search.visible_to(boss), query, most=9))
    assert ids(search.named(search.visible_to(admin), query, most=9)) == []


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("smith-jones", True),
        ("Smith-Jones Ana", True),
        ("ana", True),
        ("ana maria", True),
        ("ana maria smith", True),
        ("an sm", True),
        ("ana x", False),
        ("maria", False),
        ("jones", False),
        ("%", False),
        ("_", False),
        ("\\", False),
        ("' OR 1=1 --", False),
        ("sm%", False),
        (" ", False),
        ("", False),
        ("x" * 100, False),
    ],
)
def test_beginnings_of_names_are_found_and_signs_are_only_signs(query: str, is_found: bool) -> None:
    maya = UserFactory()
    CustomerFactory(
        customer_id="A", first_name="Ana Maria", last_name="Smith-Jones", associate=maya
    )

    found = search.named(search.book_of(maya), query, most=9)

    assert ids(found) == (["A"] if is_found else [])


def test_each_way_of_finding_stops_at_its_most_in_the_order_of_names() -> None:
    maya = UserFactory()
    for last_name in ("Reyes", "Reed", "Rex", "Rey"):
        CustomerFactory(customer_id=last_name, last_name=last_name, associate=maya)

    found = search.named(search.book_of(maya), "re", most=2)

    assert list(found.values_list("customer_id", flat=True)) == ["Reed", "Rex"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("0199", ["E"]),
        ("5550199", ["E"]),
        ("9990199", []),
        ("3125550199", ["E"]),
        ("0 312 555 0199", ["E"]),
        ("13125550199", ["E"]),
        ("99999990199", []),
        ("199", []),
        ("4711", ["4711"]),
    ],
)
def test_digits_are_an_end_a_beginning_or_an_id(query: str, found: list[str]) -> None:
    maya = UserFactory()
    elodie = CustomerFactory(customer_id="E", associate=maya)
    CustomerFactory(customer_id="4711", associate=maya)
    ContactPointFactory(customer=elodie, address="+13125550199")

    assert ids(search.found(search.book_of(maya), query, most=9)) == found
