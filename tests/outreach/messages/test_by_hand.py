"""What an operator may do to a message, and what is refused with which words."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from catalog.models import StockLevel
from customers import consent
from outreach.messages import by_hand, outbox, sweeping
from outreach.messages.by_hand import NotByHand
from outreach.messages.outbox import NotSendable
from outreach.messages.providers.receipts import Listed, Refused, Temporary, Unknown
from outreach.models import Message
from outreach.models.message import State
from tests.factories import MessageFactory, ReplyFactory
from tests.outreach.messages.test_outbox_races import at_once
from tests.outreach.messages.worlds import (
    ANSWER,
    PHONE,
    FakeCarrier,
    associate_with_client,
    fresh,
    offer,
    picks_in_stock,
    tap,
)

pytestmark = pytest.mark.django_db

GRACE = timedelta(seconds=120)


def refused(message: Message, due: datetime, carrier: FakeCarrier) -> Message:
    """The carrier said no for good."""
    carrier.answers = [Refused("21408", "Texts to this country are not switched on.")]
    outbox.deliver(message.pk, now=due)
    return fresh(message)


def unclear(message: Message, due: datetime, carrier: FakeCarrier) -> Message:
    """A mail whose fate nobody knows: after the grace a person is asked."""
    carrier.answers, carrier.keeps_list = [Unknown()], False
    outbox.deliver(message.pk, now=due)
    sweeping.settle(now=due + GRACE)
    return fresh(message)


def test_retry_puts_a_refused_message_back_with_fresh_rounds(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    failed = refused(queued, due, carrier)
    Message.objects.filter(pk=failed.pk).update(rounds=2)
    later = due + timedelta(hours=1)

    assert by_hand.retry(fresh(failed), by="dana", now=later) == State.QUEUED

    again = fresh(failed)
    assert (again.state, again.rounds, again.error_code) == (State.QUEUED, 0, "")
    assert (again.reason, again.settled_at) == ("Put back in the queue by dana.", None)
    assert outbox.deliver(again.pk, now=later) == State.SENT
    assert carrier.looks == 0


def test_retry_looks_before_it_sends_what_may_have_left(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown()]
    outbox.deliver(queued.pk, now=due)
    Message.objects.filter(pk=queued.pk).update(rounds=2)
    sweeping.settle(now=due + GRACE)
    sweeping.settle(now=due + 2.5 * GRACE)
    assert fresh(queued).state == State.NEEDS_ATTENTION

    assert by_hand.retry(fresh(queued), by="dana", now=due + 3 * GRACE) == State.QUEUED

    assert carrier.looks == 3
    assert outbox.deliver(queued.pk, now=due + 3 * GRACE) == State.SENT


def test_retry_adopts_what_had_left_after_all(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown()]
    outbox.deliver(queued.pk, now=due)
    Message.objects.filter(pk=queued.pk).update(state=State.NEEDS_ATTENTION, settled_at=due)
    carrier.listed = [Listed("fake-9", queued.body, due)]

    assert by_hand.retry(fresh(queued), by="dana", now=due + GRACE) == State.SENT

    assert (fresh(queued).state, fresh(queued).provider_id) == (State.SENT, "fake-9")
    assert len(carrier.given) == 1


def test_retry_waits_while_nobody_can_look(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers, carrier.list_error = [Unknown()], Temporary("The list is unavailable.")
    outbox.deliver(queued.pk, now=due)
    Message.objects.filter(pk=queued.pk).update(state=State.NEEDS_ATTENTION, settled_at=due)

    with pytest.raises(NotByHand) as refusal:
        by_hand.retry(fresh(queued), by="dana", now=due + GRACE)

    assert refusal.value.sentence == (
        "It may have left, and nobody can look now. The list is unavailable."
    )
    assert fresh(queued).state == State.NEEDS_ATTENTION


def test_retry_of_a_mail_that_may_have_arrived_wants_a_persons_word(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    mail = unclear(queued, due, carrier)

    with pytest.raises(NotByHand) as refusal:
        by_hand.retry(mail, by="dana", now=due + 2 * GRACE)
    assert refusal.value.sentence.endswith("ask her, then say --not-arrived.")
    assert fresh(mail).state == State.NEEDS_ATTENTION

    by_hand.retry(mail, by="dana", now=due + 2 * GRACE, has_not_arrived=True)
    assert fresh(mail).state == State.QUEUED


def test_retry_does_not_believe_that_a_text_on_the_list_has_not_arrived(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown()]
    outbox.deliver(queued.pk, now=due)
    Message.objects.filter(pk=queued.pk).update(state=State.NEEDS_ATTENTION, settled_at=due)
    carrier.listed = [Listed("fake-9", queued.body, due)]

    state = by_hand.retry(fresh(queued), by="dana", now=due + GRACE, has_not_arrived=True)

    assert (state, len(carrier.given)) == (State.SENT, 1)


def test_retry_asks_every_rule_and_cancels_nothing(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    failed = refused(queued, due, carrier)
    consent.suppress(PHONE, "sms", reason="stop-word", at=due)

    with pytest.raises(NotSendable) as refusal:
        by_hand.retry(failed, by="dana", now=due)

    assert "must not be used any more" in refusal.value.sentence
    assert fresh(failed).state == State.FAILED


def test_retry_refuses_an_item_that_is_gone(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    failed = refused(queued, due, carrier)
    StockLevel.objects.update(quantity=0)

    with pytest.raises(NotByHand) as refusal:
        by_hand.retry(failed, by="dana", now=due)

    assert refusal.value.sentence.endswith("None left here.")
    assert fresh(failed).state == State.FAILED


def test_retry_in_the_night_waits_for_her_hours(
    queued: Message, due: datetime, carrier: FakeCarrier, hinted: list
) -> None:
    failed = refused(queued, due, carrier)
    evening = due + timedelta(hours=9)  # 21:00 in Chicago

    by_hand.retry(failed, by="dana", now=evening)

    assert fresh(failed).send_after == due.replace(hour=14, minute=0, second=0) + timedelta(days=1)


@pytest.mark.parametrize("state", [State.NEEDS_ATTENTION, State.FAILED])
def test_retry_refuses_what_is_too_old(state: State, now: datetime, carrier: FakeCarrier) -> None:
    message = MessageFactory(state=state, settled_at=now, expires_at=now)

    with pytest.raises(NotByHand) as refusal:
        by_hand.retry(message, by="dana", now=now)

    assert refusal.value.sentence == "It is too old to be sent: write a new note."


def test_retry_refuses_what_the_carrier_took(now: datetime, carrier: FakeCarrier) -> None:
    undelivered = MessageFactory(state="failed", provider="fake", provider_id="fake-1")

    with pytest.raises(NotByHand) as refusal:
        by_hand.retry(undelivered, by="dana", now=now)

    assert refusal.value.sentence == (
        "The carrier took it and could not deliver it: write a new note."
    )


def stands(state: State, now: datetime) -> Message:
    return MessageFactory(state=state, intent_at=now, sent_at=now, delivered_at=now)


@pytest.mark.parametrize("state", list(by_hand.WHY_NOT_RETRIED))
def test_retry_refuses_what_has_not_ended(
    state: State, now: datetime, carrier: FakeCarrier
) -> None:
    message = stands(state, now)

    with pytest.raises(NotByHand) as refusal:
        by_hand.retry(message, by="dana", now=now)

    assert refusal.value.sentence == by_hand.WHY_NOT_RETRIED[state]
    assert (fresh(message).state, carrier.looks) == (state, 0)


@pytest.mark.parametrize("state", list(by_hand.WHY_NOT_CANCELED))
def test_cancel_refuses_what_has_left_or_ended(state: State, now: datetime) -> None:
    message = stands(state, now)

    with pytest.raises(NotByHand) as refusal:
        by_hand.cancel(message, by="dana", now=now)

    assert refusal.value.sentence == by_hand.WHY_NOT_CANCELED[state]
    assert fresh(message).state == state


def test_every_state_is_either_refused_or_dealt_with() -> None:
    assert set(State) - set(by_hand.WHY_NOT_RETRIED) == {State.FAILED, State.NEEDS_ATTENTION}
    assert set(State) - set(by_hand.WHY_NOT_CANCELED) == {State.QUEUED, State.NEEDS_ATTENTION}


@pytest.mark.parametrize("state", [State.QUEUED, State.NEEDS_ATTENTION])
def test_cancel_ends_what_has_not_left(state: State, now: datetime) -> None:
    message = MessageFactory(state=state)

    by_hand.cancel(message, by="dana", now=now)

    canceled = fresh(message)
    assert (canceled.state, canceled.reason, canceled.settled_at) == (
        State.CANCELED,
        "Canceled by dana.",
        now,
    )


def test_cancel_refuses_what_may_have_arrived(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    mail = unclear(queued, due, carrier)

    with pytest.raises(NotByHand) as refusal:
        by_hand.cancel(mail, by="dana", now=due + 2 * GRACE)

    assert refusal.value.sentence.startswith("It may have arrived")
    assert fresh(mail).state == State.NEEDS_ATTENTION


def test_cancel_of_an_answer_leaves_her_words_waiting(now: datetime, carrier: FakeCarrier) -> None:
    associate, customer = associate_with_client()
    words = ReplyFactory(customer=customer, from_address=PHONE, received_at=now)
    answer = tap(associate, customer, offer(**ANSWER), now=now)
    words.refresh_from_db()
    assert words.handled_at == now

    by_hand.cancel(answer, by="dana", now=now)

    words.refresh_from_db()
    assert words.handled_at is None


def test_a_message_that_moved_meanwhile_is_left_alone(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    failed = refused(queued, due, carrier)
    Message.objects.filter(pk=failed.pk).update(attempts=F("attempts") + 1)

    for act in (by_hand.retry, by_hand.cancel):
        judged = failed if act is by_hand.retry else queued
        with pytest.raises(NotByHand) as refusal:
            act(judged, by="dana", now=due)
        assert refusal.value.sentence == by_hand.MOVED_MEANWHILE


def answered(act: Callable[[], object]) -> str:
    try:
        act()
    except NotByHand as refusal:
        return refusal.sentence
    return "done"


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_put_it_back_once(now: datetime, carrier: FakeCarrier) -> None:
    associate, customer = associate_with_client()
    message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)
    failed = refused(message, now + timedelta(seconds=8), carrier)
    later = now + timedelta(minutes=1)

    answers = at_once(
        [lambda: answered(lambda: by_hand.retry(fresh(failed), by="dana", now=later))] * 5
    )

    assert answers.count("done") == 1
    assert set(answers) <= {
        "done",
        by_hand.MOVED_MEANWHILE,
        by_hand.WHY_NOT_RETRIED[State.QUEUED],
    }


@pytest.mark.django_db(transaction=True)
def test_cancel_and_a_worker_never_both_win(now: datetime, carrier: FakeCarrier) -> None:
    due = now + timedelta(seconds=8)
    for number in range(5):
        associate, customer = associate_with_client(
            phone=f"+1312555010{number}", mailbox=f"client{number}@example.com"
        )
        message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)
        given_before = len(carrier.given)

        canceled, delivered = at_once(
            [
                lambda message=message: answered(  # type: ignore[misc]
                    lambda: by_hand.cancel(message, by="dana", now=due)
                ),
                lambda message=message: str(outbox.deliver(message.pk, now=due)),  # type: ignore[misc]
            ]
        )

        assert (canceled == "done") == (delivered == "None")
        assert len(carrier.given) - given_before == (canceled != "done")
        assert fresh(message).state == (State.CANCELED if canceled == "done" else State.SENT)
