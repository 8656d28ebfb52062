"""A rule noted in a client's notebook acts at once on her card."""

from datetime import datetime

import pytest

from clienteling.models import User
from outreach.day import cards
from tests.factories import ClientNoteFactory, StatedSizeFactory, UserFactory
from tests.outreach.scenes import lapsed_client, suggested

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya() -> User:
    return UserFactory()


def test_card_leaves_out_what_a_note_rules_out_and_says_so(maya: User, now: datetime) -> None:
    client = lapsed_client(maya, items=2)
    suggested(client, 3, name="Heron pump", brand__name="Marlow")
    ClientNoteFactory(customer=client, rule="brand", value="Marlow", written_by=maya)
    assert maya.store is not None

    card = cards.for_client(client, maya, maya.store, now=now)

    assert "Heron pump" not in [pick.name for pick in card.picks]
    assert [fact.words for fact in card.facts if fact.icon == "alert"] == [
        "Heron pump left out: never Marlow: noted by Maya on 3 May"
    ]


def test_card_speaks_of_the_size_she_stated(maya: User, now: datetime) -> None:
    client = lapsed_client(maya, items=0)
    suggested(client, 1, name="Heron pump")
    StatedSizeFactory(customer=client, size="38")
    assert maya.store is not None

    card = cards.for_client(client, maya, maya.store, now=now)

    assert [pick.stock for pick in card.picks] == ["3 left in 38"]
    assert "Wears 38 in shoes" in [fact.words for fact in card.facts]
