"""Cover: a colleague answers for who is off shift; the book stays hers, and all is written down."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from clienteling.models import User
from customers.models import Customer
from outreach.messages import conversations, outbox, shifts
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import decide
from outreach.messages.outbox import NotSendable
from outreach.messages.shifts import NotHers
from outreach.messages.wording import OutgoingNote
from outreach.models import Message, OffShift
from outreach.models.message import State, Step
from tests.factories import ManagerFactory, ReplyFactory, UserFactory
from tests.outreach.messages.worlds import FakeCarrier, associate_with_client

pytestmark = pytest.mark.django_db

ANSWER = OutgoingNote(body="It is here, see you tomorrow.", channel="sms", step=Step.ANSWER)
HOUR = timedelta(hours=1)


@pytest.fixture
def maya_and_amanda(now: datetime) -> tuple[User, Customer]:
    """Maya, and a client of hers who wrote an hour ago."""
    maya, amanda = associate_with_client()
    ReplyFactory(customer=amanda, received_at=now - HOUR)
    return maya, amanda


def colleague_of(associate: User) -> User:
    return UserFactory(store=associate.store, first_name="Noor")


def off(associate: User, now: datetime, *, until: datetime | None = None) -> OffShift:
    return shifts.go_off(associate, by=associate, until=until, now=now)


def answered(amanda: Customer, by: User, now: datetime) -> Message:
    return outbox.send(amanda, ANSWER, by=by, form_token="a-form-of-hers", seen="", now=now)


# --- Who sees and answers -------------------------------------------------------------------------
def test_colleague_finds_her_clients_under_her_name(
    now: datetime, maya_and_amanda: tuple[User, Customer]
) -> None:
    maya, amanda = maya_and_amanda
    noor = colleague_of(maya)
    assert conversations.waiting(noor, now=now) == []

    off(maya, now)

    [row] = conversations.waiting(noor, now=now)
    assert (row.customer, row.covering_for) == (amanda, "Maya")
    assert list(conversations.answerable_by(noor, now=now)) == [amanda]


def test_colleague_answers_in_her_own_name_and_it_is_written_down(
    now: datetime, maya_and_amanda: tuple[User, Customer]
) -> None:
    maya, amanda = maya_and_amanda
    noor = colleague_of(maya)
    off(maya, now)

    message = answered(amanda, noor, now)

    assert (message.sender, message.covering_for) == (noor, maya)
    amanda.refresh_from_db()
    assert amanda.associate == maya
    assert conversations.waiting(maya, now=now) == []


def test_colleague_may_not_answer_while_she_is_on_shift(
    now: datetime, maya_and_amanda: tuple[User, Customer]
) -> None:
    maya, amanda = maya_and_amanda

    with pytest.raises(NotSendable) as refusal:
        answered(amanda, colleague_of(maya), now)

    assert [each.code for each in refusal.value.blockers] == ["claimed-by-colleague"]


def test_first_move_waits_for_her(now: datetime, maya_and_amanda: tuple[User, Customer]) -> None:
    maya, amanda = maya_and_amanda
    off(maya, now)

    facts = contact_facts([amanda], associate=colleague_of(maya), now=now)[amanda.pk]

    assert [each.code for each in decide(facts, now=now).blockers] == ["claimed-by-colleague"]


def test_colleague_of_another_store_covers_nobody(
    now: datetime, maya_and_amanda: tuple[User, Customer]
) -> None:
    maya, amanda = maya_and_amanda
    off(maya, now)
    elsewhere = UserFactory()

    assert conversations.waiting(elsewhere, now=now) == []
    with pytest.raises(NotSendable):
        answered(amanda, elsewhere, now)


def test_she_herself_may_still_answer(
    now: datetime, maya_and_amanda: tuple[User, Customer]
) -> None:
    maya, amanda = maya_and_amanda
    off(maya, now)

    message = answered(amanda, maya, now)

    assert message.covering_for is None
    assert [row.covering_for for row in conversations.waiting(maya, now=now)] == []


def test_clients_of_somebody_without_an_account_are_covered(
    now: datetime, maya_and_amanda: tuple[User, Customer]
) -> None:
    maya, amanda = maya_and_amanda
    maya.is_active = False
    maya.save()
    noor = colleague_of(maya)

    assert [row.customer for row in conversations.waiting(noor, now=now)] == [amanda]
    assert answered(amanda, noor, now).covering_for == maya


def test_answer_leaves_although_she_came_back_meanwhile(
    now: datetime, maya_and_amanda: tuple[User, Customer], carrier: FakeCarrier
) -> None:
    maya, amanda = maya_and_amanda
    off(maya, now)
    message = answered(amanda, colleague_of(maya), now)
    shifts.come_back(maya, by=maya, now=now + timedelta(seconds=1))

    state = outbox.deliver(message.pk, now=now + timedelta(minutes=1))

    assert state == State.SENT
    assert len(carrier.given) == 1


# --- On and off -----------------------------------------------------------------------------------
def test_time_off_ends_by_itself(now: datetime, maya_and_amanda: tuple[User, Customer]) -> None:
    maya, _ = maya_and_amanda
    noor, until = colleague_of(maya), now + HOUR

    off(maya, now, until=until)

    assert len(conversations.waiting(noor, now=until - timedelta(seconds=1))) == 1
    assert conversations.waiting(noor, now=until) == []


def test_going_off_twice_is_one_time_off(now: datetime) -> None:
    maya = UserFactory()

    first, again = off(maya, now), off(maya, now + HOUR)

    assert (again, OffShift.objects.count()) == (first, 1)


def test_coming_back_twice_changes_nothing(now: datetime) -> None:
    maya = UserFactory()
    off(maya, now)

    outcomes = [shifts.come_back(maya, by=maya, now=now + HOUR) for _ in range(2)]

    assert outcomes == [True, False]
    assert shifts.standing(maya, now=now + HOUR) is None


def test_manager_of_the_store_may_say_so_and_is_written_down(now: datetime) -> None:
    maya = UserFactory()
    manager = ManagerFactory(store=maya.store)

    shifts.go_off(maya, by=manager, until=None, now=now)
    shifts.come_back(maya, by=manager, now=now + HOUR)

    written = OffShift.objects.get()
    assert (written.said_by, written.ended_by) == (manager, manager)


def test_nobody_else_may_say_so(now: datetime) -> None:
    maya = UserFactory()
    others = [colleague_of(maya), ManagerFactory(), UserFactory()]

    for other in others:
        with pytest.raises(NotHers):
            shifts.go_off(maya, by=other, until=None, now=now)
        with pytest.raises(NotHers):
            shifts.come_back(maya, by=other, now=now)

    assert OffShift.objects.count() == 0


def test_time_off_must_end_after_it_began(now: datetime) -> None:
    with pytest.raises(ValueError, match="ends later"):
        off(UserFactory(), now, until=now)


def test_record_of_shifts_cannot_be_rewritten(now: datetime) -> None:
    maya = UserFactory()
    written = off(maya, now)

    for change in (
        lambda: OffShift.objects.update(since=now - HOUR),
        lambda: OffShift.objects.update(said_by=UserFactory()),
        lambda: OffShift.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    shifts.come_back(maya, by=maya, now=now + HOUR)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        OffShift.objects.filter(pk=written.pk).update(ended_at=None, ended_by=None)
