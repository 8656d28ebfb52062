"""A worker killed at the two lines that count, and then at every line of the outbox."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from outreach.messages import hints, outbox, sweeping
from outreach.models import Message
from outreach.models.message import State
from tests.processes import fault_run
from tests.processes.fault_run import ACCOUNT, TOKEN
from tests.processes.shop_processes import ROOT, environment_here
from tests.processes.twilio_stand_in import FaultPlan, Timing, TwilioStandIn

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SIGKILLED = -9
DYING_WORKER = """
import os, signal, sys
import django
django.setup()
from django.utils import timezone
from outreach.messages import outbox
from outreach.messages.providers.twilio_sms import TwilioSms

hand_over = TwilioSms.send

def die(carrier, outgoing):
    if sys.argv[2] == "after":
        hand_over(carrier, outgoing)
    os.kill(os.getpid(), signal.SIGKILL)

TwilioSms.send = die
outbox.deliver(sys.argv[1], now=timezone.now())
"""

# One child for each message, killed a line later than the one before, until one comes through. The
# first message is sent by the parent, so that no child has to load what sending needs.
DYING_EVERYWHERE = """
import json, os, signal, sys
import django
django.setup()
from django.utils import timezone
from clienteling.local_database import close_connections
from outreach.messages import outbox


def die_at(last):
    lines = 0
    def trace(frame, event, argument):
        nonlocal lines
        if frame.f_code.co_filename != outbox.__file__:
            return None
        lines += event == "line"
        if lines == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)

first, *others = json.load(sys.stdin)
outbox.deliver(first, now=timezone.now())
close_connections()
for line, number in enumerate(others, start=1):
    child = os.fork()
    if child == 0:
        die_at(line)
        outbox.deliver(number, now=timezone.now())
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(line)
        break
"""
MORE_THAN_THERE_ARE_LINES = 120


@pytest.fixture
def twilio(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioStandIn]:
    """A stand-in without faults, that nobody calls back from."""
    monkeypatch.setattr(hints.current_app, "send_task", lambda *_, **__: None)
    plan = FaultPlan([], seed=1, shares={})
    timing = Timing(hang=0, list_behind=0, list_fails_in_100=0)
    stand_in = TwilioStandIn(plan, timing, account=ACCOUNT, token=TOKEN)
    stand_in.accept = stand_in.ledger.accept  # type: ignore[method-assign]
    settings.TWILIO_IS_CONFIGURED = True
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    settings.TWILIO_MESSAGING_SERVICE_SID = "MG" + "0" * 32
    settings.TWILIO_API_BASE_URL = stand_in.address
    with stand_in.serving():
        yield stand_in


def run(
    twilio: TwilioStandIn, script: str, *arguments: str, told: str = ""
) -> subprocess.CompletedProcess[str]:
    """A program of the shop's, with this carrier."""
    settings = {
        "TWILIO_API_BASE_URL": twilio.address,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
        "DJANGO_SETTINGS_MODULE": "clienteling.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=environment_here() | settings,
        input=told,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def killed(twilio: TwilioStandIn, when: str) -> Message:
    """A message whose worker was killed before or after the carrier accepted it."""
    [address] = fault_run.queue_messages(1, channel="sms", now=timezone.now())
    message = Message.objects.get(to_address=address)
    ended = run(twilio, DYING_WORKER, str(message.pk), when)
    message.refresh_from_db()
    assert (ended.returncode, message.state) == (SIGKILLED, State.SENDING), ended.stderr
    return message


def test_killed_before_the_call_is_sent_exactly_once_afterwards(twilio: TwilioStandIn) -> None:
    message = killed(twilio, "before")
    assert message.intent_at is not None
    found_at = message.intent_at + timedelta(minutes=6)

    assert outbox.deliver(message.pk, now=found_at) is None  # it is not due: nobody knows
    sweeping.settle(now=found_at)
    sweeping.settle(now=found_at)

    message.refresh_from_db()
    assert (message.state, twilio.ledger.lists) == (State.QUEUED, 2)
    assert outbox.deliver(message.pk, now=found_at) == State.SENT
    assert len(twilio.ledger.accepted) == 1


def test_killed_after_the_call_ends_with_that_very_id(twilio: TwilioStandIn) -> None:
    message = killed(twilio, "after")
    assert message.intent_at is not None

    sweeping.settle(now=message.intent_at + timedelta(minutes=6))

    message.refresh_from_db()
    [accepted] = twilio.ledger.accepted
    assert (message.state, message.provider_id) == (State.SENT, accepted.sid)
    assert sum(twilio.ledger.creates.values()) == 1


def test_killed_at_any_line_it_is_sent_exactly_once(twilio: TwilioStandIn) -> None:
    fault_run.queue_messages(MORE_THAN_THERE_ARE_LINES, channel="sms", now=timezone.now())
    numbers = list(Message.objects.order_by("pk").values_list("pk", flat=True))

    ended = run(twilio, DYING_EVERYWHERE, told=json.dumps([str(each) for each in numbers]))

    assert ended.stdout, ended.stderr
    tried = Message.objects.filter(pk__in=numbers[: 1 + int(ended.stdout)])
    killed_in = set(tried.values_list("state", flat=True))
    assert killed_in == {State.QUEUED, State.SENDING, State.SENT}
    later = timezone.now() + timedelta(minutes=6)
    Message.objects.exclude(pk__in=tried.values("pk")).delete()
    for _ in range(3):
        sweeping.settle(now=later)
        for number in Message.objects.due(now=later).values_list("pk", flat=True):
            outbox.deliver(number, now=later)

    accepted = {each.form["To"]: each.sid for each in twilio.ledger.accepted}
    assert len(accepted) == len(twilio.ledger.accepted) == tried.count()
    assert dict(tried.values_list("to_address", "provider_id")) == accepted
    assert set(tried.values_list("state", flat=True)) == {State.SENT}
