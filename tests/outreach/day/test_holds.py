"""What is kept for clients, as their associate sees it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from clienteling.models import User
from outreach.day import holds
from outreach.models import Hold, OffShift
from tests.factories import (
    CustomerFactory,
    HoldFactory,
    LookbookFactory,
    ManagerFactory,
    ProductFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def hold_for(associate: User, *, of: str = "Marlow loafer", **values: Any) -> Hold:
    customer = CustomerFactory(
        associate=associate, store=associate.store, first_name="Amanda", last_name="Reyes"
    )
    page = LookbookFactory(customer=customer, associate=associate)
    return HoldFactory(lookbook=page, product=ProductFactory(name=of), **values)


def test_for_associate_puts_first_what_waits_for_a_yes(now: datetime) -> None:
    maya = UserFactory()
    hold_for(maya, of="Linden flat", state="confirmed", settled_at=now)
    hold_for(maya, of="Alder tote", size="", expires_at=now + timedelta(hours=1))

    asked, confirmed = holds.for_associate(maya, now=now)

    assert (asked.name, asked.is_asked) == ("Alder tote", True)
    assert asked.words == "Asked 11:00 · kept until 13:00 · stock unknown: please look"
    assert (confirmed.name, confirmed.is_asked) == ("Linden flat, 38", False)
    assert confirmed.words.startswith("Asked 11:00, confirmed · kept until Wednesday 11:00")


def test_for_associate_leaves_out_what_is_over(now: datetime) -> None:
    maya = UserFactory()
    hold_for(maya, expires_at=now)
    hold_for(maya, state="withdrawn", settled_at=now)
    still_kept = hold_for(maya, expires_at=now + timedelta(microseconds=1))

    assert [item.number for item in holds.for_associate(maya, now=now)] == [still_kept.pk]


def test_for_associate_shows_her_own_and_whom_she_covers(now: datetime) -> None:
    maya = UserFactory()
    away, here = UserFactory(store=maya.store), UserFactory(store=maya.store)
    OffShift.objects.create(associate=away, since=now, said_by=away)
    covered = hold_for(away)
    hold_for(here)
    hold_for(UserFactory())

    assert [item.number for item in holds.for_associate(maya, now=now)] == [covered.pk]


def test_manager_sees_her_store_and_answers_nobody(now: datetime) -> None:
    maya = UserFactory()
    hold_for(maya)
    hold_for(UserFactory())

    [item] = holds.for_associate(ManagerFactory(store=maya.store), now=now)

    assert (item.client, item.url) == ("Amanda Reyes", "")


@pytest.mark.parametrize("number", [1, 3])
def test_for_associate_takes_one_query(
    django_assert_num_queries: Any, now: datetime, number: int
) -> None:
    maya = UserFactory()
    for _ in range(number):
        hold_for(maya)

    with django_assert_num_queries(1):
        assert len(holds.for_associate(maya, now=now)) == number


def test_for_client_shows_hers_alone(now: datetime) -> None:
    maya = UserFactory()
    mine = hold_for(maya)
    hold_for(maya)

    assert [item.number for item in holds.for_client(mine.customer, maya, now=now)] == [mine.pk]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("declined", "Declined; her page says why."),
        ("collected", "Collected."),
        ("released", "Back on the shelf."),
        ("withdrawn", "She no longer wants it; it is back on the shelf."),
        ("expired", "Its time was over; it is back on the shelf."),
    ],
)
def test_one_says_what_became_of_it(now: datetime, state: str, outcome: str) -> None:
    maya = UserFactory()
    hold = hold_for(maya, state=state, settled_at=now, sentence="Sold.")

    item = holds.one(hold, maya, now=now)

    assert (item.outcome, item.is_standing, item.words) == (outcome, False, "")
    assert item.said == f"Marlow loafer, 38 for Amanda Reyes: {outcome}"


def test_one_whose_time_is_over_says_so_before_a_task_has_written_it_down(now: datetime) -> None:
    maya = UserFactory()

    item = holds.one(hold_for(maya, expires_at=now), maya, now=now)

    assert item.outcome == "Its time was over; it is back on the shelf."
