"""Finding people: whose they are, in which ways, and how many of them."""

from typing import Any

import pytest

from outreach.day import search, walks
from tests.factories import (
    ContactPointFactory,
    CustomerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def ids(people: Any) -> list[str]:
    return sorted(people.values_list("customer_id", flat=True))


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

    found = search.named(walks.book_of(maya), query, most=9)

    assert ids(found) == (["A"] if is_found else [])


def test_each_way_of_finding_stops_at_its_most_in_the_order_of_names() -> None:
    maya = UserFactory()
    for last_name in ("Reyes", "Reed", "Rex", "Rey"):
        CustomerFactory(customer_id=last_name, last_name=last_name, associate=maya)

    found = search.named(walks.book_of(maya), "re", most=2)

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

    assert ids(search.found(walks.book_of(maya), query, most=9)) == found
