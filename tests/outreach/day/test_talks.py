"""The conversations spoken in last."""

from datetime import timedelta

import pytest

from clienteling.models import User
from customers.models import Customer
from outreach.day import talks
from tests.factories import (
    NOON,
    CustomerFactory,
    ManagerFactory,
    MessageFactory,
    ReplyFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def written(customer: Customer, sender: User, hours: int, **message: object) -> None:
    """A note of so many hours ago."""
    MessageFactory(
        customer=customer,
        sender=sender,
        store=customer.store or sender.store,
        queued_at=NOON - timedelta(hours=hours),
        **{"state": "queued", "body": "Three for you", **message},
    )


def recent(user: User) -> list[tuple[str, str]]:
    assert user.store
    return [(talk.name, talk.words) for talk in talks.recent(user, user.store, now=NOON)]


def test_recent_are_clients_by_their_newest_words_without_who_waits() -> None:
    maya = UserFactory(first_name="Maya")
    boss = ManagerFactory(store=maya.store)
    ana, bea, cleo, dora = (
        CustomerFactory(first_name=name, last_name="", associate=maya, store=maya.store)
        for name in ("Ana", "Bea", "Cleo", "Dora")
    )
    nobodys = CustomerFactory(first_name="Eve", last_name="", associate=None, store=maya.store)
    written(ana, maya, 5)
    written(bea, maya, 4, state="canceled")
    written(cleo, maya, 3)
    written(nobodys, maya, 2)
    written(dora, maya, 1)
    ReplyFactory(
        customer=ana, body="Thanks!", received_at=NOON - timedelta(hours=4), handled_at=NOON
    )
    ReplyFactory(customer=dora, received_at=NOON)

    assert recent(maya) == [
        ("Eve", "You: Three for you"),
        ("Cleo", "You: Three for you"),
        ("Ana", "Thanks!"),
    ]
    assert [name for name, _ in recent(boss)] == ["Eve", "Cleo", "Ana"]
    assert recent(UserFactory()) == recent(ManagerFactory()) == []


def test_recent_reads_so_many_of_a_store_and_all_of_her_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(talks, "LOOKED_AT", 2)
    maya = UserFactory()
    boss = ManagerFactory(store=maya.store)
    noor = UserFactory(store=maya.store)
    own = CustomerFactory(first_name="Ana", last_name="", associate=maya, store=maya.store)
    written(own, maya, 9)
    for hours in range(3):
        other = CustomerFactory(
            first_name=f"Bea {hours}", last_name="", associate=noor, store=maya.store
        )
        written(other, noor, hours)

    assert [name for name, _ in recent(maya)] == ["Ana"]
    assert [name for name, _ in recent(boss)] == ["Bea 0", "Bea 1"]
