"""A glance at a row ranks a client as the full facts would."""

from datetime import datetime, timedelta

import pytest

from clienteling.models import User
from customers.models import Consent
from outreach.day import candidates
from outreach.day.viewpoint import Viewpoint
from outreach.models.message import State, Step
from tests.factories import (
    MessageFactory,
    PutOffFactory,
    ReplyFactory,
    ServiceCaseFactory,
    UserFactory,
)
from tests.outreach.scenes import lapsed_client

LONG_AGO = timedelta(days=60)


@pytest.fixture
def associate(db: None) -> User:
    return UserFactory()


def written_to(customer, associate: User, at: datetime, *, step: str = Step.OFFER):
    moments = dict.fromkeys(("queued_at", "sent_at", "delivered_at"), at)
    return MessageFactory(
        customer=customer, sender=associate, state=State.DELIVERED, step=step, **moments
    )


def prospects(associate: User, now: datetime) -> candidates.Prospects:
    return candidates.of_day(Viewpoint.of(associate, associate.store, now), "lapsed")


def test_glance_ranks_as_the_facts_do(associate: User, now: datetime) -> None:
    amanda = lapsed_client(associate, customer_id="C-1", visit_count=9)
    answered = written_to(amanda, associate, now - LONG_AGO)
    ReplyFactory(customer=amanda, message=answered)
    written_to(amanda, associate, now - 2 * LONG_AGO)
    written_to(amanda, associate, now - LONG_AGO, step=Step.THANKS)

    [glance] = prospects(associate, now).ranked
    seen_from = Viewpoint.of(associate, associate.store, now)
    [known] = candidates.decided(prospects(associate, now), seen_from, wanted=1)

    channels = known.contact.channels.values()
    assert glance.standing.notes_sent == sum(each.sent for each in channels)
    assert glance.standing.notes_answered == sum(each.answered for each in channels)
    assert (glance.standing.notes_sent, glance.standing.notes_answered) == (3, 1)


def test_most_worthwhile_come_first_and_equals_never_shuffle(
    associate: User, now: datetime
) -> None:
    lukewarm, first, second = (
        lapsed_client(associate, customer_id=f"C-{number}", usual_gap_days=40, days=days)
        for number, days in enumerate((600, 100, 100))
    )

    ranked = prospects(associate, now).ranked

    assert [each.pk for each in ranked] == [first.pk, second.pk, lukewarm.pk]


def test_glance_sees_who_is_free(associate: User, now: datetime) -> None:
    free, silent, lately, put_off = (
        lapsed_client(associate, customer_id=f"C-{name}")
        for name in ("free", "silent", "lately", "put-off")
    )
    Consent.objects.filter(customer=silent).delete()
    written_to(lately, associate, now - timedelta(days=2))
    PutOffFactory(customer=put_off)

    ranked = prospects(associate, now).ranked

    assert [each.pk for each in ranked if each.may_be_open] == [free.pk]
    assert {each.pk for each in ranked} == {each.pk for each in (free, silent, lately, put_off)}


@pytest.mark.parametrize(("closed_days_ago", "needs"), [(None, True), (13, True), (14, False)])
def test_glance_sees_who_needs_a_person(
    associate: User, now: datetime, closed_days_ago: int | None, needs: bool
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    closed_at = now - timedelta(days=closed_days_ago) if closed_days_ago else None
    ServiceCaseFactory(customer=amanda, opened_at=now - timedelta(days=300), closed_at=closed_at)

    [glance] = prospects(associate, now).ranked

    assert glance.needs_a_person is needs


def test_glance_sees_unread_words(associate: User, now: datetime) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ReplyFactory(customer=amanda, received_at=now - timedelta(hours=1), body="Leave me alone")

    [glance] = prospects(associate, now).ranked

    assert glance.needs_a_person
