from datetime import timedelta

import pytest

from clienteling.models import Store
from customers.models import Customer
from outreach.messages import conversations
from outreach.proof.answer_times import AnswerTime, answer_time
from tests.factories import NOON, CustomerFactory, MessageFactory, ReplyFactory, StoreFactory

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def store() -> Store:
    """Open from 10 to 19; noon in these tests is noon in Chicago."""
    return StoreFactory()


def answered(customer: Customer, *, asked: timedelta, told: timedelta, **changes) -> None:
    """She wrote and was answered so long before noon."""
    ReplyFactory(customer=customer, received_at=NOON - asked)
    at = NOON - told
    MessageFactory(customer=customer, step="answer", queued_at=at, **changes)
    conversations.mark_handled(customer, now=at)


def last_month(*stores: Store) -> AnswerTime:
    return answer_time(stores, since=NOON - 30 * DAY, until=NOON)


def test_answer_time_is_the_median_of_opening_hours(store: Store) -> None:
    answered(CustomerFactory(store=store), asked=2 * HOUR, told=HOUR)
    answered(CustomerFactory(store=store), asked=14 * HOUR, told=timedelta(0) + HOUR)
    answered(CustomerFactory(store=store), asked=25 * HOUR, told=HOUR)

    assert last_month(store) == AnswerTime(3, HOUR)


def test_answer_time_begins_with_the_first_of_several_words(store: Store) -> None:
    amanda = CustomerFactory(store=store)
    ReplyFactory(customer=amanda, received_at=NOON - 2 * HOUR)
    answered(amanda, asked=HOUR, told=HOUR / 2)

    assert last_month(store) == AnswerTime(1, 1.5 * HOUR)


def test_answer_time_counts_each_turn_of_a_conversation(store: Store) -> None:
    amanda = CustomerFactory(store=store)
    answered(amanda, asked=24 * HOUR, told=23 * HOUR)
    answered(amanda, asked=1.5 * HOUR, told=HOUR)

    assert last_month(store) == AnswerTime(2, 0.75 * HOUR)


def test_answer_time_leaves_out_what_was_not_answered(store: Store) -> None:
    put_away, waits, taken_back = (CustomerFactory(store=store) for _ in range(3))
    ReplyFactory(customer=put_away, received_at=NOON - HOUR)
    conversations.mark_handled(put_away, now=NOON - HOUR / 2)
    ReplyFactory(customer=waits, received_at=NOON - HOUR)
    answered(taken_back, asked=HOUR, told=HOUR / 2, state="canceled")

    assert last_month(store) == AnswerTime(0, None)


def test_answer_time_is_of_these_stores_and_this_period(store: Store) -> None:
    answered(CustomerFactory(), asked=2 * HOUR, told=HOUR)
    answered(CustomerFactory(store=store), asked=31 * DAY, told=30 * DAY + HOUR)
    assert last_month(store) == AnswerTime(0, None)

    answered(CustomerFactory(store=store), asked=30 * DAY + HOUR, told=30 * DAY)

    assert last_month(store) == AnswerTime(1, HOUR)


def test_answer_time_of_no_store_is_none() -> None:
    assert last_month() == AnswerTime(0, None)
