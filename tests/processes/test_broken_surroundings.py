"""What may happen around the processes of a shop: nothing is lost, nothing doubled, none dies.

Real workers, real schedulers, a real web server, on the database of the tests. Times are counted in
graces, so a short grace makes them short: with one second instead of 120, half a minute is an hour.
"""

import random
import time
from collections import Counter

import pytest
import requests
from django.conf import settings

from clienteling.local_database import close_connections
from outreach.models.message import State
from tests.processes import fault_run
from tests.processes.fault_run import FaultReport, TwilioCarrier
from tests.processes.shop_processes import ShopProcesses
from tests.processes.twilio_stand_in import Fault

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

WITHIN_SECONDS = 120
HOUR = {"OUTBOX_GRACE_SECONDS": "1"}
HALF_AN_HOUR_SECONDS = 15
SILENT = {Fault.HANG_AFTER: 20, Fault.LATE: 20}  # in 100: whoever is impatient here doubles
# No sweep would settle what a busy machine made unclear, so nobody is impatient either.
NOBODY_LOOKS_AGAIN = {
    "OUTBOX_SWEEP_SECONDS": "600",
    "TWILIO_TIMEOUT_SECONDS": "20",
    "OUTBOX_GRACE_SECONDS": "100",
}
HINT_FIVE_TIMES = """
import django
django.setup()
from outreach.messages import hints
from outreach.models import Message
for number in list(Message.objects.values_list("pk", flat=True)) * 5:
    assert hints.deliver(number, in_seconds=0)
"""


def texts(number: int, **options: object) -> TwilioCarrier:
    """So many texts in the queue, and a carrier that makes no mistakes."""
    addresses = fault_run.queue_messages(number, channel="sms", now=fault_run.present())
    return TwilioCarrier(addresses, seed=2, **{"shares": {}, **options})  # type: ignore[arg-type]


def all_sent_once(report: FaultReport) -> tuple[int, int, int, int]:
    """The report of a run, as far as it must always be the same."""
    assert set(report.states) <= {State.SENT, State.DELIVERED}, report.states
    assert not report.untrue, [each for each in report.fates if not each.is_true]
    return report.accepted, report.doubled, report.lost, report.untrue


def start(processes: ShopProcesses, *, workers: int = 1, schedulers: int = 1) -> float:
    """Start them; answers by when all has to be over."""
    for number in range(schedulers):
        processes.start_scheduler(f"scheduler-{number}")
    for number in range(workers):
        processes.start_worker(f"worker-{number}", concurrency=2)
    return time.monotonic() + WITHIN_SECONDS


@pytest.mark.skipif(settings.EMBEDDED is None, reason="the database is not ours to restart")
def test_the_database_restarts_in_the_middle_and_all_go_on_by_themselves() -> None:
    carrier, began = texts(80), time.monotonic()

    with fault_run.shop(carrier) as processes:
        deadline = start(processes, workers=2)
        fault_run.wait_for_share(0.2, carrier, processes, of=80, deadline=deadline)
        close_connections()
        settings.EMBEDDED.stop()
        before = len(carrier.accepted())
        time.sleep(2)
        settings.EMBEDDED.start()
        report = fault_run.reckon(carrier, processes, began=began, deadline=deadline)
        page = processes.environment["PUBLIC_BASE_URL"] + "/readyz"
        ready = requests.get(page, headers={"Host": "localhost"}, timeout=10)

    assert before < 80  # it was in the middle
    assert all_sent_once(report) == (80, 0, 0, 0)
    assert ready.json() == {"database": "ok", "broker": "ok"}


def test_a_carrier_that_is_down_for_an_hour_costs_no_note() -> None:
    carrier, began = texts(20), time.monotonic()

    with fault_run.shop(carrier, **HOUR) as processes:
        with carrier.twilio.away():  # its connections are refused
            deadline = start(processes)
            time.sleep(HALF_AN_HOUR_SECONDS)
        carrier.twilio.is_broken = True  # it answers 503 to everything
        time.sleep(HALF_AN_HOUR_SECONDS)
        in_the_dark = len(carrier.accepted())
        carrier.twilio.is_broken = False
        report = fault_run.reckon(carrier, processes, began=began, deadline=deadline)

    assert in_the_dark == 0
    assert all_sent_once(report) == (20, 0, 0, 0)


def test_two_schedulers_and_lost_hints_hand_every_note_over_once() -> None:
    carrier, began = texts(30), time.monotonic()

    with fault_run.shop(carrier) as processes:
        deadline = start(processes, schedulers=2)
        report = fault_run.reckon(carrier, processes, began=began, deadline=deadline)

    assert all_sent_once(report) == (30, 0, 0, 0)
    assert Counter(each.creates for each in report.fates) == {1: 30}


def test_a_task_delivered_five_times_hands_its_note_over_once() -> None:
    carrier, began = texts(10), time.monotonic()

    with fault_run.shop(carrier, **NOBODY_LOOKS_AGAIN) as processes:
        deadline = start(processes, workers=2, schedulers=0)
        time.sleep(1)
        processes.run_to_its_end(HINT_FIVE_TIMES)
        report = fault_run.reckon(carrier, processes, began=began, deadline=deadline)

    assert all_sent_once(report) == (10, 0, 0, 0)
    assert Counter(each.creates for each in report.fates) == {1: 10}


def test_workers_whose_clocks_are_wrong_by_minutes_agree_all_the_same() -> None:
    carrier, began = texts(20, shares=SILENT), time.monotonic()

    with fault_run.shop(carrier) as processes:
        deadline = start(processes, workers=0)
        processes.start_worker("ahead", concurrency=2, ahead_seconds=600)
        processes.start_worker("behind", concurrency=2, ahead_seconds=-600)
        report = fault_run.reckon(carrier, processes, began=began, deadline=deadline)

    assert all_sent_once(report) == (20, 0, 0, 0)


def test_workers_killed_at_any_moment_lose_and_double_nothing() -> None:
    carrier, began, rng = texts(30), time.monotonic(), random.Random(5)

    with fault_run.shop(carrier) as processes:
        deadline = start(processes, workers=2)
        for turn, share in enumerate((0.1, 0.5)):
            fault_run.wait_for_share(share, carrier, processes, of=30, deadline=deadline)
            time.sleep(rng.uniform(0, 0.2))
            processes.kill(f"worker-{turn}")
            processes.start_worker(f"worker-{turn + 2}", concurrency=2)
        report = fault_run.reckon(carrier, processes, began=began, deadline=deadline)

    assert all_sent_once(report) == (30, 0, 0, 0)
