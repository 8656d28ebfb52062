"""R33: whoever wrote is told once that the carrier knows of a stop."""

from datetime import datetime, timedelta

import pytest

from customers import consent
from customers.models import Suppression
from outreach.messages import notices, outbox
from outreach.messages.providers.receipts import Refused
from outreach.messages.providers.twilio_sms import refusal_of
from outreach.models import Message, Notice
from outreach.models.message import State
from tests.factories import MessageFactory, UserFactory
from tests.outreach.messages.worlds import FakeCarrier, associate_with_client

pytestmark = pytest.mark.django_db


def text_on_its_way(now: datetime) -> Message:
    associate, amanda = associate_with_client(first_name="Amanda", last_name="Reyes")
    return MessageFactory(
        customer=amanda,
        sender=associate,
        state="sent",
        intent_at=now,
        sent_at=now,
        provider="twilio",
        provider_id="SM1",
    )


def test_staff_are_told_once_of_an_opt_out_at_the_carrier(now: datetime) -> None:
    message = text_on_its_way(now)

    for minutes in (0, 1, 2):
        outbox.fail(message, refusal_of("21610"), at=now + timedelta(minutes=minutes))

    [told] = notices.unread(message.sender)
    assert (told.message, told.told_at) == (message, now)
    assert told.sentence == (
        "Amanda Reyes has stopped our texts at her carrier. None goes to this number again; "
        "email is as it was."
    )
    assert consent.may_receive(message.customer, "email")
    assert list(Suppression.objects.values_list("channel", flat=True)) == ["sms"]


def test_staff_are_told_when_the_carrier_says_so_at_once(
    now: datetime, carrier: FakeCarrier
) -> None:
    associate, amanda = associate_with_client()
    message = MessageFactory(customer=amanda, sender=associate)
    carrier.answers = [refusal_of("21610")]

    state = outbox.deliver(message.pk, now=now)

    assert state == State.FAILED
    assert [each.message for each in notices.unread(associate)] == [message]


@pytest.mark.parametrize("refusal", [Refused("30003", "Off."), refusal_of("21614")])
def test_staff_are_not_told_of_any_other_failure(now: datetime, refusal: Refused) -> None:
    message = text_on_its_way(now)

    outbox.fail(message, refusal, at=now)

    assert Notice.objects.count() == 0


def test_mark_read_puts_away_only_her_own(now: datetime) -> None:
    message = text_on_its_way(now)
    outbox.fail(message, refusal_of("21610"), at=now)
    [told] = notices.unread(message.sender)

    assert not notices.mark_read(UserFactory(), told.pk, now=now)
    assert notices.mark_read(message.sender, told.pk, now=now)
    assert not notices.mark_read(message.sender, told.pk, now=now)
    assert notices.unread(message.sender) == []
