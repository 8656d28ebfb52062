from datetime import datetime, timedelta

import pytest

from outreach.day import cards
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


def test_waiting_goes_on_behind_the_last_of_a_page(
    now: datetime, django_assert_num_queries
) -> None:
    associate, first = associate_with_client()
    manager = ManagerFactory(store=associate.store)
    second = client_of(associate, phone="+13125550301", mailbox="b@example.com")
    third = client_of(associate, phone="+13125550302", mailbox="c@example.com")
    ReplyFactory(customer=first, received_at=now - timedelta(hours=3))
    ReplyFactory(customer=third, received_at=now - timedelta(hours=2))
    ReplyFactory(customer=second, received_at=now - timedelta(hours=2))
    ReplyFactory(customer=first, body="And the 38?", received_at=now)

    for user in (associate, manager):
        with django_assert_num_queries(2):
            page = conversations.waiting(user, now=now, most=2)
            rest = conversations.waiting(user, now=now, most=2, after=page[-1].place)

        assert [(row.customer, row.body, row.count) for row in page] == [
            (first, "And the 38?", 2),
            (third, page[1].body, 1),
        ]
        assert [row.customer for row in rest] == [second]
        assert conversations.waiting(user, now=now, after=rest[-1].place) == []


def test_waiting_has_her_own_clients_before_those_she_covers(now: datetime) -> None:
    associate, own = associate_with_client()
    away = UserFactory(store=associate.store, is_active=False)
    others = client_of(away, phone="+13125550303", mailbox="d@example.com")
    ReplyFactory(customer=others, received_at=now - timedelta(days=9))
    ReplyFactory(customer=own, received_at=now)

    [row] = conversations.waiting(associate, now=now, most=1)
    rest = conversations.waiting(associate, now=now, after=row.place)

    assert row.customer == own
    assert [(each.customer, each.place.is_covered) for each in rest] == [(others, True)]
    assert conversations.waiting(associate, now=now, after=rest[0].place) == []


def test_waiting_people_are_counted_once_and_no_further_than_a_page(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "WAITING_SHOWN", 2)
    associate, customer = associate_with_client()
    manager = ManagerFactory(store=associate.store)
    for _ in range(3):
        ReplyFactory(customer=customer)
    ReplyFactory(customer=None, from_address="+13125550999")

    assert cards.waiting_count(associate, now=now) == 1
    assert cards.waiting_count(manager, now=now) == 2

    for number in range(4):
        other = client_of(associate, phone=f"+1312555030{number}", mailbox=f"o{number}@example.com")
        ReplyFactory(customer=other)

    assert cards.waiting_count(associate, now=now) == 3
    assert [len(part) for part in conversations.waiting_people(manager, now=now)] == [3, 0, 1]


@pytest.mark.parametrize(("number", "words"), [(0, ""), (1, "1"), (50, "50"), (51, "50+")])
def test_waiting_words_stop_where_counting_does(number: int, words: str) -> None:
    assert conversations.waiting_words(number) == words


def test_may_answer_for_seven_days(now: datetime) -> None:
    _, customer = associate_with_client()
    ReplyFactory(customer=customer, received_at=now)

    assert conversations.may_answer(customer, now=now + timedelta(days=7))
    assert not conversations.may_answer(customer, now=now + timedelta(days=7, seconds=1))
