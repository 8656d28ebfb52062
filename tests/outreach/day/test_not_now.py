from datetime import timedelta

import pytest
from django.db import IntegrityError

from customers import feedback
from customers.models import Customer, Feedback
from outreach.day import not_now
from outreach.day.not_now import BadDay
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import decide
from outreach.models import PutOff
from tests.factories import NOON, ProductFactory, PutOffFactory, UserFactory
from tests.outreach.scenes import lapsed_client

TODAY = NOON.date()
IN_TWO_WEEKS = TODAY + timedelta(days=14)
pytestmark = pytest.mark.django_db


def codes(customer, associate, now=NOON):
    contact = contact_facts([customer], associate=associate, now=now)[customer.pk]
    return [blocker.code for blocker in decide(contact, now=now).blockers]


def test_put_off_is_a_person_rule_until_the_day_she_returns() -> None:
    associate = UserFactory()
    client = lapsed_client(associate)

    not_now.put_off(client, reason=PutOff.Reason.AWAY, back_on=IN_TWO_WEEKS, by=associate, now=NOON)

    assert codes(client, associate) == ["put-off"]
    assert codes(client, associate, now=NOON + timedelta(days=13)) == ["put-off"]
    assert codes(client, associate, now=NOON + timedelta(days=14)) == []


def test_put_off_holds_for_a_colleague_too() -> None:
    associate = UserFactory()
    client = lapsed_client(associate)
    Customer.objects.update(associate=None)
    client.refresh_from_db()

    not_now.put_off(
        client, reason=PutOff.Reason.SPOKE, back_on=IN_TWO_WEEKS, by=associate, now=NOON
    )

    assert codes(client, UserFactory(store=associate.store)) == ["put-off"]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "The day on which she returns must lie ahead."),
        (366, "A year is the most; for longer she should opt out."),
    ],
)
def test_put_off_refuses_an_odd_day(days: int, words: str) -> None:
    associate = UserFactory()

    with pytest.raises(BadDay) as refusal:
        not_now.put_off(
            lapsed_client(associate),
            reason=PutOff.Reason.OTHER,
            back_on=TODAY + timedelta(days=days),
            by=associate,
            now=NOON,
        )

    assert refusal.value.sentence == words
    assert not PutOff.objects.exists()


def test_put_off_for_wrong_items_teaches() -> None:
    associate = UserFactory()
    client, wrong = lapsed_client(associate), ProductFactory()

    not_now.put_off(
        client,
        reason=PutOff.Reason.WRONG_ITEMS,
        back_on=IN_TWO_WEEKS,
        wrong=[wrong],
        by=associate,
        now=NOON,
    )

    word = Feedback.objects.get()
    assert (word.customer, word.product, word.kind, word.said_by) == (
        client,
        wrong,
        Feedback.Kind.NOT_FOR_ME,
        associate,
    )


def test_put_off_for_another_reason_teaches_nothing() -> None:
    associate = UserFactory()

    not_now.put_off(
        lapsed_client(associate),
        reason=PutOff.Reason.TOO_SOON,
        back_on=IN_TWO_WEEKS,
        wrong=[ProductFactory()],
        by=associate,
        now=NOON,
    )

    assert not Feedback.objects.exists()


def test_take_up_again_ends_it_and_takes_back_what_it_taught() -> None:
    associate = UserFactory()
    client, wrong, loved = lapsed_client(associate), ProductFactory(), ProductFactory()
    feedback.say(client, loved, feedback.Kind.LOVE_IT, at=NOON - timedelta(days=1), by=associate)
    said = not_now.put_off(
        client,
        reason=PutOff.Reason.WRONG_ITEMS,
        back_on=IN_TWO_WEEKS,
        wrong=[wrong],
        by=associate,
        now=NOON,
    )

    answers = [not_now.take_up_again(said, by=associate, now=NOON) for _ in range(2)]

    assert answers == [True, False]
    assert codes(client, associate) == []
    assert [word.product for word in Feedback.objects.all()] == [loved]


def test_longest_of_several_decides() -> None:
    associate = UserFactory()
    client = lapsed_client(associate)
    PutOffFactory(customer=client, reason="away", back_on=TODAY + timedelta(days=30))
    PutOffFactory(customer=client, back_on=TODAY + timedelta(days=2))
    contact = contact_facts([client], associate=associate, now=NOON)[client.pk]

    [blocker] = decide(contact, now=NOON).blockers

    assert blocker.sentence == "Put off until 15 July: away."


@pytest.mark.parametrize("wrong", [{"reason": "bored"}, {"back_on": TODAY}, {"ended_at": NOON}])
def test_database_refuses_what_cannot_be(wrong: dict) -> None:
    with pytest.raises(IntegrityError):
        PutOffFactory(**wrong)
