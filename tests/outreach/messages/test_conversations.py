from datetime import datetime, timedelta

import pytest

from outreach.messages import conversations
from tests.factories import ManagerFactory, MessageFactory, ReplyFactory, UserFactory
from tests.outreach.messages.worlds import associate_with_client, client_of

pytestmark = pytest.mark.django_db


def test_thread_shows_both_sides_oldest_first_with_states_in_words(now: datetime) -> None:
    associate, customer = associate_with_client()
    MessageFactory(
        customer=customer,
        sender=associate,
        state="delivered",
        body="Three for you",
        sent_at=now,
        delivered_at=now,
    )
    ReplyFactory(customer=customer, body="Lovely", received_at=now + timedelta(minutes=1))
    MessageFactory(
        customer=customer,
        sender=associate,
        state="failed",
        body="The 38?",
        step="answer",
        queued_at=now + timedelta(minutes=2),
        reason="This is a landline.",
    )
    MessageFactory(customer=customer, state="draft", body="never said")

    bubbles = conversations.thread(customer, now=now)

    assert [(each.author, each.body, each.status, each.reason) for each in bubbles] == [
        ("Maya", "Three for you", "Delivered", ""),
        ("Amanda", "Lovely", "", ""),
        ("Maya", "The 38?", "Not delivered", "This is a landline."),
    ]
    assert [each.has_trouble for each in bubbles] == [False, False, True]


def test_waiting_has_one_row_per_client_of_her_book(
    now: datetime, django_assert_num_queries
) -> None:
    associate, customer = associate_with_client()
    colleague = UserFactory(store=associate.store)
    for number in range(3):
        other = client_of(associate, phone=f"+1312555030{number}", mailbox=f"o{number}@example.com")
        ReplyFactory(customer=other, received_at=now + timedelta(hours=number + 1))
    ReplyFactory(customer=customer, body="First", received_at=now - timedelta(hours=2))
    ReplyFactory(customer=customer, body="please stop", received_at=now)
    ReplyFactory(customer=customer, handled_at=now)
    ReplyFactory(customer=customer, kind="stop")
    ReplyFactory(customer=client_of(colleague, phone="+13125550399", mailbox="c@example.com"))

    with django_assert_num_queries(1):
        rows = conversations.waiting(associate, now=now)

    assert len(rows) == 4
    first = rows[0]
    assert (first.customer, first.body, first.count) == (customer, "please stop", 2)
    assert (first.since, first.last_at) == (now - timedelta(hours=2), now)
    assert first.may_ask_to_stop


def test_waiting_is_empty_for_a_colleague_of_another_store(now: datetime) -> None:
    _, customer = associate_with_client()
    ReplyFactory(customer=customer)

    assert conversations.waiting(UserFactory(), now=now) == []
    assert conversations.waiting(ManagerFactory(), now=now) == []
    assert len(conversations.waiting(ManagerFactory(store=customer.store), now=now)) == 1


def test_may_answer_for_seven_days(now: datetime) -> None:
    _, customer = associate_with_client()
    ReplyFactory(customer=customer, received_at=now)

    assert conversations.may_answer(customer, now=now + timedelta(days=7))
    assert not conversations.may_answer(customer, now=now + timedelta(days=7, seconds=1))
