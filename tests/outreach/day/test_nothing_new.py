from datetime import datetime, timedelta

import pytest

from clienteling.models import User
from customers.models import SuggestionRun
from outreach.day import cards, shelf
from outreach.day.nothing_new import NOT_YET, nothing_new
from tests.factories import ProductFactory, SuggestionRunFactory, UserFactory
from tests.outreach.scenes import lapsed_client

pytestmark = pytest.mark.django_db

NOTHING_ARRIVED = (
    "Nothing new arrived in the last 60 days, so nothing is suggested. "
    "Suggestions return the night after new arrivals are in the catalog."
)


@pytest.fixture
def associate() -> User:
    return UserFactory()


def day_of(associate: User, now: datetime) -> cards.Day:
    assert associate.store is not None
    return cards.for_associate(associate, associate.store, now=now)


def test_nothing_new_is_silent_before_the_first_night(now: datetime) -> None:
    assert nothing_new(on=now.date()) == ""


@pytest.mark.parametrize(("candidates", "expected"), [(0, NOTHING_ARRIVED), (1, "")])
def test_nothing_new_speaks_where_there_was_nothing_to_choose_from(
    now: datetime, candidates: int, expected: str
) -> None:
    SuggestionRunFactory(candidates=candidates)

    assert nothing_new(on=now.date()) == expected


@pytest.mark.parametrize(("days_ago", "expected"), [(60, NOT_YET), (61, NOTHING_ARRIVED)])
def test_nothing_new_does_not_deny_what_has_arrived(
    now: datetime, days_ago: int, expected: str
) -> None:
    SuggestionRunFactory(candidates=0)
    ProductFactory(launched_on=now.date() - timedelta(days=days_ago), price=None)

    assert nothing_new(on=now.date()) == expected


def test_nothing_new_believes_the_last_night_that_went_well(now: datetime) -> None:
    SuggestionRunFactory(candidates=0, started_at=now - timedelta(days=1))
    SuggestionRunFactory(candidates=0, started_at=now, state=SuggestionRun.State.FAILED)
    SuggestionRunFactory(candidates=5, started_at=now - timedelta(days=2))

    assert nothing_new(on=now.date()) == NOTHING_ARRIVED


def test_day_says_that_nothing_new_arrived(associate: User, now: datetime) -> None:
    SuggestionRunFactory(candidates=0)
    lapsed_client(associate, items=0)

    day = day_of(associate, now)

    assert day.cards == ()
    assert day.empty == {"title": "Nothing new to write about", "sentence": NOTHING_ARRIVED}


def test_day_with_cards_does_not_ask(associate: User, now: datetime) -> None:
    SuggestionRunFactory(candidates=0)
    lapsed_client(associate)

    assert day_of(associate, now).empty == {}


def test_shelf_says_that_nothing_new_arrived(associate: User, now: datetime) -> None:
    SuggestionRunFactory(candidates=0)
    assert associate.store is not None

    shown = shelf.for_user(associate, associate.store, now=now)

    assert (shown.arrivals, shown.empty) == ((), NOTHING_ARRIVED)
