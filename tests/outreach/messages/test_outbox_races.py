"""Real threads on real connections: what must happen once happens once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from clienteling.models import User
from outreach.messages import outbox
from outreach.messages.outbox import NotSendable, TooLate
from outreach.models import Message
from outreach.models.message import State
from tests.factories import UserFactory
from tests.outreach.messages.worlds import (
    FakeCarrier,
    associate_with_client,
    offer,
    picks_in_stock,
    tap,
)

pytestmark = pytest.mark.django_db(transaction=True)
Result = TypeVar("Result")


def at_once(jobs: list[Callable[[], Result]]) -> list[Result]:
    """Run the jobs in threads that start together; their results in order."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], Result]) -> Result:
        try:
            start.wait()
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_twenty_workers_with_one_id_hand_it_over_once(now: datetime, carrier: FakeCarrier) -> None:
    associate, customer = associate_with_client()
    message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)
    due = now + timedelta(seconds=8)

    states = at_once([lambda: outbox.deliver(message.pk, now=due)] * 10 * 2)

    assert len(carrier.given) == 1
    assert states.count(State.SENT) == 1
    assert states.count(None) == 19


def test_the_carrier_is_spoken_to_outside_any_transaction(
    now: datetime, carrier: FakeCarrier
) -> None:
    associate, customer = associate_with_client()
    message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)

    outbox.deliver(message.pk, now=now + timedelta(seconds=8))

    assert carrier.in_transaction == [False]


def test_two_taps_on_one_form_make_one_message(now: datetime) -> None:
    associate, customer = associate_with_client()
    note = offer(picks_in_stock(customer))

    def tap_once() -> Message:
        return tap(associate, customer, note, now=now, form_token="form-0001")

    messages = at_once([tap_once] * 5)

    assert len({message.pk for message in messages}) == 1
    assert Message.objects.count() == 1


def test_five_associates_at_once_on_both_channels_get_one_through(now: datetime) -> None:
    associate, customer = associate_with_client(associate=None)
    colleagues = [associate, *(UserFactory(store=associate.store) for _ in range(4))]
    picks = picks_in_stock(customer)

    def try_to_send(by: User, channel: str) -> str:
        try:
            tap(by, customer, offer(picks, channel=channel), now=now)
        except NotSendable as refusal:
            return refusal.sentence
        return "sent"

    answers = at_once(
        [
            lambda by=by, channel=channel: try_to_send(by, channel)  # type: ignore[misc]
            for by, channel in zip(colleagues, ("sms", "email", "sms", "email", "sms"), strict=True)
        ]
    )

    assert answers.count("sent") == 1
    assert Message.objects.count() == 1
    assert {answer for answer in answers if answer != "sent"} == {
        "A note to her is on its way. Maya wrote on 15 June; next from 29 June."
    }


def test_take_back_and_a_worker_never_both_win(now: datetime, carrier: FakeCarrier) -> None:
    due = now + timedelta(seconds=8)
    for number in range(5):
        associate, customer = associate_with_client(
            phone=f"+1312555010{number}", mailbox=f"client{number}@example.com"
        )
        message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)

        def take_back(message: Message = message, associate: User = associate) -> str:
            try:
                outbox.take_back(message, by=associate, now=due)
            except TooLate:
                return "too late"
            return "taken back"

        def deliver(message: Message = message) -> str:
            return str(outbox.deliver(message.pk, now=due))

        given_before = len(carrier.given)
        answers = tuple(at_once([take_back, deliver]))

        assert answers in {("too late", "sent"), ("taken back", "None")}
        assert len(carrier.given) - given_before == answers.count("sent")
