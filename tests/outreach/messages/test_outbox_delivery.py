import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Product, StockLevel
from clienteling.models import User
from customers import consent
from customers.models import ContactPoint, Customer, Suppression
from outreach.messages import hints, outbox, sweeping
from outreach.messages.providers.receipts import (
    Listed,
    Receipt,
    Refused,
    Temporary,
    Unknown,
)
from outreach.models import Message
from outreach.models.message import State
from tests.factories import (
    ClientNoteFactory,
    MessageFactory,
    ServiceCaseFactory,
    StatedSizeFactory,
)
from tests.outreach.messages.worlds import (
    PHONE,
    FakeCarrier,
    fresh,
)

pytestmark = pytest.mark.django_db

GRACE = timedelta(seconds=120)


def test_deliver_hands_over_the_frozen_words(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    Customer.objects.update(first_name="Someone else")
    User.objects.update(first_name="Renamed")

    state = outbox.deliver(queued.pk, now=due)

    assert state == State.SENT
    assert [given.body for given in carrier.given] == [queued.body]
    sent = fresh(queued)
    assert (sent.provider, sent.provider_id, sent.attempts) == ("fake", "fake-1", 1)
    assert (sent.sent_at, sent.intent_at) == (due, due)


def test_deliver_waits_for_the_time_to_take_it_back(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    assert outbox.deliver(queued.pk, now=due - timedelta(microseconds=1)) is None
    assert carrier.given == []


def test_deliver_asked_five_times_hands_over_once(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    states = [outbox.deliver(queued.pk, now=due) for _ in range(5)]

    assert states == [State.SENT, None, None, None, None]
    assert len(carrier.given) == 1


def test_deliver_leaves_a_message_taken_back(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    outbox.take_back(queued, by=queued.sender, now=due)

    assert outbox.deliver(queued.pk, now=due) is None
    assert carrier.given == []


def test_deliver_logs_ids_only(
    queued: Message, due: datetime, carrier: FakeCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    outbox.deliver(queued.pk, now=due)

    ours = [each.getMessage() for each in caplog.records if each.name.startswith("outreach")]
    assert ours == [f"Handing {queued.pk} to fake, attempt 1", f"{queued.pk} is sent"]


# --- The last look -------------------------------------------------------------------------------
def test_deliver_cancels_what_is_forbidden_by_now(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    ServiceCaseFactory(customer=queued.customer, opened_at=due)

    outbox.deliver(queued.pk, now=due)

    canceled = fresh(queued)
    assert canceled.state == State.CANCELED
    assert canceled.reason == "A complaint is still open: no selling today."
    assert carrier.given == []


def test_deliver_cancels_what_goes_to_a_suppressed_or_changed_address(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    consent.suppress(PHONE, "sms", reason="stop-word", at=due)
    ContactPoint.objects.filter(channel="sms").update(address="+13125550199")

    outbox.deliver(queued.pk, now=due)

    assert fresh(queued).reason == "This address must not be used any more."
    Suppression.objects.update(lifted_at=due)
    Message.objects.update(state="queued")

    outbox.deliver(queued.pk, now=due)

    assert fresh(queued).reason == "The address has changed since."
    assert carrier.given == []


def test_deliver_asks_the_associate_when_an_item_sold_out(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    assert queued.lookbook is not None
    product = queued.lookbook.items.all()[0].product
    StockLevel.objects.filter(variant__product=product).update(quantity=0)

    outbox.deliver(queued.pk, now=due)

    held = fresh(queued)
    assert (held.state, held.reason) == (State.NEEDS_ATTENTION, f"{product.name}: None left here.")
    assert carrier.given == []


def test_deliver_asks_the_associate_when_a_note_rules_an_item_out(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    assert queued.lookbook is not None
    product = queued.lookbook.items.all()[0].product
    ClientNoteFactory(
        customer=queued.customer, rule="subcategory", value="Loafers", written_by=queued.sender
    )

    outbox.deliver(queued.pk, now=due)

    held = fresh(queued)
    assert (held.state, held.reason) == (
        State.NEEDS_ATTENTION,
        f"{product.name}: Never Loafers: noted by Maya on 3 May.",
    )
    assert carrier.given == []


def test_deliver_asks_the_associate_when_an_item_is_not_here_in_the_size_she_stated(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    assert queued.lookbook is not None
    product = queued.lookbook.items.all()[0].product
    StatedSizeFactory(customer=queued.customer, category=product.category, size="41")

    outbox.deliver(queued.pk, now=due)

    held = fresh(queued)
    assert (held.state, held.reason) == (
        State.NEEDS_ATTENTION,
        f"{product.name}: None left here in size 41.",
    )


def test_deliver_asks_the_associate_when_a_price_changed(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    assert queued.lookbook is not None
    product = queued.lookbook.items.all()[0].product
    Product.objects.filter(pk=product.pk).update(price=Decimal("199.00"))

    outbox.deliver(queued.pk, now=due)

    assert fresh(queued).state == State.NEEDS_ATTENTION
    assert fresh(queued).reason.endswith("the price changed from 265.00 to 199.00.")


def test_deliver_holds_a_text_whose_hours_have_passed(
    queued: Message, carrier: FakeCarrier
) -> None:
    evening = datetime(2026, 6, 16, 1, 0, tzinfo=UTC)  # 20:00 in Chicago

    outbox.deliver(queued.pk, now=evening)

    held = fresh(queued)
    assert held.state == State.QUEUED
    assert held.send_after == datetime(2026, 6, 16, 14, 0, tzinfo=UTC)
    assert carrier.given == []


def test_deliver_gives_up_on_a_note_that_is_too_old(
    queued: Message, now: datetime, carrier: FakeCarrier
) -> None:
    outbox.deliver(queued.pk, now=now + timedelta(days=7))

    assert (fresh(queued).state, carrier.given) == (State.NEEDS_ATTENTION, [])


def test_deliver_lets_one_message_be_in_flight_to_an_address(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    MessageFactory(to_address=PHONE, state="unconfirmed", intent_at=due)

    assert outbox.deliver(queued.pk, now=due) is None
    assert (fresh(queued).state, carrier.given) == (State.QUEUED, [])


# --- What the carrier answers --------------------------------------------------------------------
def test_deliver_tries_again_later_not_before_the_carrier_allows(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Temporary("The carrier is busy.", retry_after=90, code="20429")]

    outbox.deliver(queued.pk, now=due)

    waiting = fresh(queued)
    assert (waiting.state, waiting.send_after) == (State.QUEUED, due + timedelta(seconds=90))
    assert outbox.deliver(queued.pk, now=due + timedelta(seconds=89)) is None
    assert outbox.deliver(queued.pk, now=due + timedelta(seconds=90)) == State.SENT
    assert (len(carrier.given), carrier.looks) == (2, 0)


def test_deliver_repeats_what_was_not_accepted_without_using_up_rounds(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Temporary("The carrier is busy.") for _ in range(6)]
    waits, moment = [], due

    for _ in range(6):
        outbox.deliver(queued.pk, now=moment)
        next_try = fresh(queued).send_after
        assert next_try is not None
        waits.append((next_try - moment).total_seconds())
        moment = next_try

    assert waits == [30, 120, 600, 600, 600, 600]
    assert (fresh(queued).state, fresh(queued).rounds) == (State.QUEUED, 0)
    assert outbox.deliver(queued.pk, now=moment) == State.SENT
    assert (fresh(queued).attempts, len(carrier.given), carrier.looks) == (7, 7, 0)


def test_deliver_asks_for_attention_when_it_was_never_accepted_in_time(
    queued: Message, due: datetime, now: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Temporary("The carrier is busy.")]
    outbox.deliver(queued.pk, now=due)

    outbox.deliver(queued.pk, now=now + timedelta(days=7))

    assert fresh(queued).state == State.NEEDS_ATTENTION
    assert fresh(queued).reason == "It was not sent in time."
    assert len(carrier.given) == 1


def test_deliver_suppresses_a_number_that_opted_out_at_the_carrier(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Refused("21610", "She has stopped texts from our number.", suppress=True)]

    state = outbox.deliver(queued.pk, now=due)

    assert (state, fresh(queued).error_code) == (State.FAILED, "21610")
    assert Suppression.objects.values_list("channel", "address", "reason").get() == (
        "sms",
        PHONE,
        "provider",
    )


def test_deliver_marks_a_number_that_can_receive_nothing(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Refused("21614", "This number cannot receive texts.", unusable=True)]

    outbox.deliver(queued.pk, now=due)

    assert fresh(queued).reason == "This number cannot receive texts."
    assert ContactPoint.objects.get(channel="sms").unusable_because == (
        "This number cannot receive texts."
    )
    assert ContactPoint.objects.get(channel="email").is_usable
    assert Suppression.objects.count() == 0


# --- Unclear outcomes ----------------------------------------------------------------------------
def test_settle_adopts_what_the_carriers_list_shows(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown()]
    outbox.deliver(queued.pk, now=due)
    carrier.listed = [Listed("fake-9", queued.body, due)]

    assert sweeping.settle(now=due + GRACE - timedelta(seconds=1)) == 0
    assert fresh(queued).state == State.UNCONFIRMED
    assert sweeping.settle(now=due + GRACE) == 1

    assert (fresh(queued).state, fresh(queued).provider_id) == (State.SENT, "fake-9")
    assert len(carrier.given) == 1


def test_settle_never_adopts_other_words_older_lines_or_anothers_id(
    queued: Message, now: datetime, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown()]
    outbox.deliver(queued.pk, now=due)
    MessageFactory(state="sent", sent_at=due, intent_at=due, provider="fake", provider_id="fake-7")
    carrier.listed = [
        Listed("fake-6", "Other words", due),
        Listed("fake-7", queued.body, due),
        Listed("fake-8", queued.body, now - timedelta(seconds=61)),
    ]

    sweeping.settle(now=due + GRACE)

    assert (fresh(queued).state, fresh(queued).looks) == (State.UNCONFIRMED, 1)


def test_settle_sends_again_only_after_two_empty_looks(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown()]
    outbox.deliver(queued.pk, now=due)

    sweeping.settle(now=due + GRACE)
    sweeping.settle(now=due + GRACE)
    assert (fresh(queued).state, carrier.looks) == (State.UNCONFIRMED, 1)
    sweeping.settle(now=due + 2.5 * GRACE)

    assert (fresh(queued).state, carrier.looks) == (State.QUEUED, 2)
    assert outbox.deliver(queued.pk, now=due + 2.5 * GRACE) == State.SENT
    assert len(carrier.given) == 2


def test_settle_adopts_an_earlier_attempt_that_became_visible_late(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown(), Unknown()]
    outbox.deliver(queued.pk, now=due)
    sweeping.settle(now=due + GRACE)
    sweeping.settle(now=due + 2.5 * GRACE)
    outbox.deliver(queued.pk, now=due + 3 * GRACE)
    carrier.listed = [Listed("fake-1", queued.body, due)]

    sweeping.settle(now=due + 4 * GRACE)

    assert (fresh(queued).state, fresh(queued).provider_id) == (State.SENT, "fake-1")
    assert len(carrier.given) == 2


def test_settle_asks_a_blind_list_three_times_and_then_rests(
    due: datetime, carrier: FakeCarrier
) -> None:
    for number in range(5):
        MessageFactory(to_address=f"+1312555000{number}", state="unconfirmed", intent_at=due)
    carrier.list_error = Temporary("blind")

    assert sweeping.settle(now=due + GRACE) == 0

    assert carrier.looks == 3


def test_settle_leaves_it_unconfirmed_while_the_list_is_unavailable(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown()]
    carrier.list_error = Temporary("blind")
    outbox.deliver(queued.pk, now=due)

    for minutes in range(2, 60):
        sweeping.settle(now=due + timedelta(minutes=minutes))

    assert (fresh(queued).state, fresh(queued).looks) == (State.UNCONFIRMED, 0)
    carrier.list_error, carrier.listed = None, [Listed("fake-1", queued.body, due)]
    assert sweeping.settle(now=due + timedelta(hours=1)) == 1
    assert (fresh(queued).state, fresh(queued).provider_id) == (State.SENT, "fake-1")
    assert len(carrier.given) == 1


def test_settle_asks_a_person_about_a_carrier_without_a_list(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers, carrier.keeps_list = [Unknown()], False
    outbox.deliver(queued.pk, now=due)

    sweeping.settle(now=due + GRACE)

    assert fresh(queued).state == State.NEEDS_ATTENTION
    assert len(carrier.given) == 1


def test_settle_finds_the_row_of_a_worker_that_died(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver(queued.pk, now=due)
    assert fresh(queued).state == State.SENDING

    sweeping.settle(now=due + timedelta(seconds=44))
    assert fresh(queued).state == State.SENDING
    sweeping.settle(now=due + timedelta(seconds=45))

    assert fresh(queued).state == State.UNCONFIRMED


def test_settle_gives_up_after_three_rounds(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown(), Unknown(), Unknown()]
    moment = due

    for _ in range(3):
        outbox.deliver(queued.pk, now=moment)
        sweeping.settle(now=moment + GRACE)
        sweeping.settle(now=moment + 2.5 * GRACE)
        moment += 3 * GRACE

    assert fresh(queued).state == State.NEEDS_ATTENTION
    assert fresh(queued).reason == "The carrier did not take it in 3 attempts."
    assert len(carrier.given) == 3


def test_confirm_is_true_news_even_for_a_row_put_back(
    queued: Message, due: datetime, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown()]
    outbox.deliver(queued.pk, now=due)
    sweeping.settle(now=due + GRACE)
    sweeping.settle(now=due + 2.5 * GRACE)

    assert outbox.confirm(fresh(queued), Receipt("late-1"), at=due + 2.5 * GRACE)
    assert outbox.deliver(queued.pk, now=due + 3 * GRACE) is None
    assert (fresh(queued).state, len(carrier.given)) == (State.SENT, 1)


# --- The sweep -----------------------------------------------------------------------------------
def test_sweep_hands_due_messages_to_the_workers_oldest_first(
    now: datetime, hinted: list, carrier: FakeCarrier
) -> None:
    newer = MessageFactory(to_address="+13125550001", send_after=now)
    older = MessageFactory(to_address="+13125550002", send_after=now - timedelta(seconds=1))
    MessageFactory(to_address="+13125550003", send_after=now + timedelta(seconds=1))
    MessageFactory(to_address="+13125550004", state="unconfirmed", intent_at=now)
    MessageFactory(to_address="+13125550004", send_after=now - timedelta(hours=1))

    report = sweeping.sweep(now=now)

    assert report == sweeping.SweepReport(settled=0, enqueued=2)
    assert [(name, arguments) for name, arguments, _ in hinted] == [
        ("deliver_message", (str(older.pk),)),
        ("deliver_message", (str(newer.pk),)),
    ]


def test_sweep_hands_out_no_more_of_a_backlog_than_workers_can_take(
    now: datetime, hinted: list, carrier: FakeCarrier, settings: Any
) -> None:
    settings.OUTBOX_SWEEP_SECONDS = 1
    for number in range(hints.HINTS_PER_SECOND + 1):
        MessageFactory(to_address=f"+1312555{number:04}", send_after=now)

    assert sweeping.sweep(now=now).enqueued == hints.HINTS_PER_SECOND == len(hinted)


@pytest.mark.parametrize(("grace", "again_after"), [(120, 60), (1, 10)])
def test_sweep_names_a_message_again_only_once_its_hint_must_be_lost(
    now: datetime,
    hinted: list,
    carrier: FakeCarrier,
    settings: Any,
    grace: int,
    again_after: int,
) -> None:
    settings.OUTBOX_GRACE_SECONDS = grace
    MessageFactory(send_after=now)

    moments = (0, 1, again_after - 1, again_after)
    named = [sweeping.sweep(now=now + timedelta(seconds=at)).enqueued for at in moments]

    assert (named, len(hinted)) == ([1, 0, 0, 1], 2)
