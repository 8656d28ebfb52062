from datetime import timedelta

import pytest
from django.db import IntegrityError

from outreach.day import gestures
from outreach.models import Gesture
from tests.factories import (
    NOON,
    CareTipFactory,
    CustomerFactory,
    GestureFactory,
    ServiceCaseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_make_writes_down_what_was_done() -> None:
    associate, tip = UserFactory(), CareTipFactory()
    client = CustomerFactory(store=associate.store)

    gesture = gestures.make(
        client, Gesture.Kind.TIP, by=associate, now=NOON, words=" About  suede ", tip=tip
    )

    assert (gesture.kind, gesture.words, gesture.tip) == ("tip", "About suede", tip)
    assert (gesture.made_by, gesture.made_at) == (associate, NOON)


def test_make_refuses_to_follow_up_without_a_case() -> None:
    with pytest.raises(ValueError, match="follow_up"):
        gestures.make(CustomerFactory(), Gesture.Kind.FOLLOW_UP, by=UserFactory(), now=NOON)


def test_follow_up_solves_an_open_case() -> None:
    case, associate = ServiceCaseFactory(), UserFactory()

    gesture = gestures.follow_up(case, by=associate, now=NOON)

    case.refresh_from_db()
    assert case.closed_at == NOON
    assert gesture is not None
    assert (gesture.case, gesture.words, gesture.customer) == (case, "A heel broke", case.customer)


def test_follow_up_of_a_solved_case_leaves_its_day_alone() -> None:
    solved_at = NOON - timedelta(days=2)
    case = ServiceCaseFactory(closed_at=solved_at)

    assert gestures.follow_up(case, by=UserFactory(), now=NOON) is not None

    case.refresh_from_db()
    assert case.closed_at == solved_at


def test_follow_up_happens_once() -> None:
    case, associate = ServiceCaseFactory(), UserFactory()

    gestures.follow_up(case, by=associate, now=NOON)

    assert gestures.follow_up(case, by=associate, now=NOON) is None
    assert Gesture.objects.count() == 1


def test_follow_up_again_once_the_desk_has_opened_it_again() -> None:
    case, associate = ServiceCaseFactory(), UserFactory()
    gestures.follow_up(case, by=associate, now=NOON - timedelta(days=1))
    type(case).objects.update(closed_at=None)

    assert gestures.follow_up(case, by=associate, now=NOON) is not None


def test_take_back_opens_the_case_again() -> None:
    case, associate = ServiceCaseFactory(), UserFactory()
    gesture = gestures.follow_up(case, by=associate, now=NOON)
    assert gesture is not None

    assert gestures.take_back(gesture, by=associate, now=NOON)

    case.refresh_from_db()
    assert case.closed_at is None
    assert not Gesture.objects.exists()


def test_take_back_is_for_who_did_it_and_for_a_day() -> None:
    gesture = GestureFactory(made_at=NOON)
    day_later = NOON + timedelta(days=1)

    assert not gestures.take_back(gesture, by=UserFactory(), now=NOON)
    assert not gestures.take_back(gesture, by=gesture.made_by, now=day_later + timedelta(seconds=1))
    assert gestures.take_back(gesture, by=gesture.made_by, now=day_later)


@pytest.mark.parametrize("wrong", ["kind", "tip", "case"])
def test_database_refuses_what_cannot_be(wrong: str) -> None:
    values = {"kind": "dance", "tip": CareTipFactory(), "case": ServiceCaseFactory()}

    with pytest.raises(IntegrityError):
        GestureFactory(**{wrong: values[wrong]})
