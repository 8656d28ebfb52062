"""The whole road on the simulated carrier: tap, worker, delivery report, answer."""

from datetime import datetime, timedelta

import pytest

from clienteling import clock
from outreach import tasks
from outreach.messages import outbox
from outreach.messages.providers.receipts import Outgoing
from outreach.messages.providers.simulator import Simulator
from outreach.models import Message, SimulatedMessage
from outreach.models.message import State
from tests.factories import MessageFactory
from tests.outreach.messages.worlds import (
    MAILBOX,
    associate_with_client,
    offer,
    picks_in_stock,
    tap,
)

pytestmark = pytest.mark.django_db


def outgoing(message: Message, now: datetime) -> Outgoing:
    return Outgoing(message.pk, message.to_address, message.body, now, subject="New <in>")


def test_send_does_not_notice_that_it_is_given_the_same_twice(now: datetime, hinted: list) -> None:
    given = outgoing(MessageFactory(), now)

    receipts = {Simulator("sms").send(given), Simulator("sms").send(given)}

    assert len(receipts) == 2
    assert SimulatedMessage.objects.count() == 2
    assert hinted == [("carrier_reports", (), 2), ("carrier_reports", (), 2)]


def test_sent_to_lists_what_it_took_for_the_address(now: datetime) -> None:
    message = MessageFactory()
    receipt = Simulator("sms").send(outgoing(message, now))
    Simulator("email").send(outgoing(message, now))

    listed = Simulator("sms").sent_to(message.to_address, since=now, now=now)

    assert [(each.provider_id, each.body) for each in listed] == [
        (receipt.provider_id, message.body)
    ]
    later = now + timedelta(seconds=1)
    assert Simulator("sms").sent_to(message.to_address, since=later, now=later) == []


def test_a_mail_is_kept_with_its_html(now: datetime) -> None:
    Simulator("email").send(outgoing(MessageFactory(to_address=MAILBOX), now))

    kept = SimulatedMessage.objects.get()
    assert kept.subject == "New <in>"
    assert "<title>New &lt;in&gt;</title>" in kept.html


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_the_whole_road(now: datetime, monkeypatch: pytest.MonkeyPatch, channel: str) -> None:
    associate, customer = associate_with_client()
    note = offer(picks_in_stock(customer), channel=channel, subject="New in")
    message = tap(associate, customer, note, now=now)

    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=8))
    tasks.deliver_message(str(message.pk))
    message.refresh_from_db()
    assert message.state == State.SENT
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=10))
    tasks.carrier_reports()

    message.refresh_from_db()
    received = SimulatedMessage.objects.get()
    assert (message.state, message.provider) == (State.DELIVERED, "simulator")
    assert (received.body, received.address) == (message.body, message.to_address)
    assert message.provider_id == str(received.pk)


def test_the_sweep_alone_walks_the_whole_road(
    now: datetime, monkeypatch: pytest.MonkeyPatch, hinted: list
) -> None:
    associate, customer = associate_with_client()
    message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=15))

    tasks.sweep_outbox()
    assert hinted == [("deliver_message", (str(message.pk),), 0)]
    outbox.deliver(message.pk, now=clock.now())
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=30))
    tasks.sweep_outbox()

    message.refresh_from_db()
    assert message.state == State.DELIVERED
