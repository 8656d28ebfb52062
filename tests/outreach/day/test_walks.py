"""Whose people are walked among, and how many of them."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db.models import Q

from clienteling.models import User
from customers.models import Customer, CustomerQuerySet
from outreach.day import search, walks
from tests.factories import NOON, CustomerFactory, StoreFactory, UserFactory

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


def everybody(parts: tuple[walks.Part, ...]) -> list[str]:
    return ids(walks.people(parts, [lambda people: people.order_by("search_name")], most=99))


def test_parts_are_the_people_whom_the_register_shows(chain: list[User]) -> None:
    maya, boss, admin = chain

    assert everybody(walks.book_of(maya)) == ids(Customer.objects.in_book_of(maya))
    for user in (maya, boss):
        assert everybody(walks.of_stores(user)) == ids(Customer.objects.of_stores(user))
    for user in (maya, boss, admin):
        assert everybody(walks.visible_to(user)) == ids(Customer.objects.visible_to(user))
    assert everybody(walks.visible_to(boss)) == ["C-0", "C-1", "C-2", "C-3", "C-4"]


@pytest.mark.parametrize("apart", [False, True])
def test_parts_are_narrowed_for_every_store_of_a_manager(chain: list[User], *, apart: bool) -> None:
    _, boss, _ = chain
    asked = Q(associate__isnull=False)

    parts = tuple(part.filter(asked, apart=apart) for part in walks.of_stores(boss))

    assert everybody(parts) == ["C-0", "C-3"]
    assert ids(search.found(parts, "C-3", most=9)) == ["C-3"]
    assert ids(search.found(parts, "C-1", most=9)) == []


def test_walk_goes_on_behind_a_place_in_every_part(chain: list[User]) -> None:
    maya, boss, _ = chain

    def backwards(people: CustomerQuerySet) -> CustomerQuerySet:
        return people.order_by("-customer_id")

    def met(parts: Sequence[walks.Part], start: int) -> list[str]:
        numbers = walks.first(parts, [backwards], most=1, start=start)
        return ids(Customer.objects.filter(pk__in=numbers))

    stores = walks.of_stores(boss)

    assert [met(walks.book_of(maya), start) for start in (0, 1)] == [["C-1", "C-2"], ["C-0"]]
    assert [met(stores, start) for start in (0, 1)] == [["C-1", "C-3"], ["C-0"]]
    at_once = [part.at_once() for part in stores]
    assert [met(at_once, start) for start in (0, 1, 2)] == [["C-3"], ["C-1"], ["C-0"]]
    assert met((), 0) == []


@pytest.mark.parametrize("query", ["reyes", "C-0"])
def test_nobody_is_found_whom_she_may_not_see(chain: list[User], query: str) -> None:
    maya, boss, admin = chain

    assert "C-0" in ids(search.named(walks.visible_to(maya), query, most=9))
    assert "C-6" not in ids(search.named(walks.visible_to(boss), query, most=9))
    assert ids(search.named(walks.visible_to(admin), query, most=9)) == []
