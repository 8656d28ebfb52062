"""Real workers, a real scheduler, a real web server; a carrier that breaks; one worker killed."""

import pytest

from clienteling.plain_tables import table_lines
from outreach.models.message import State
from tests.processes import fault_run
from tests.processes.fault_run import HEADINGS, FaultReport, MailCarrier, TwilioCarrier
from tests.processes.mail_stand_in import MailFault

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

TEXTS, MAILS = 100, 50
WORKER_PROCESSES = 2  # of the worker that is killed


def show(report: FaultReport) -> None:
    """The table, for `pytest -s` and for the report of a failure."""
    print("", *table_lines(HEADINGS, report.rows()), sep="\n")
    print(f"{report.seconds:.0f} s; in flight at the kill: {report.in_flight_at_the_kill}")


def test_every_text_leaves_once_through_a_carrier_that_breaks() -> None:
    addresses = fault_run.queue_messages(TEXTS, channel="sms", now=fault_run.present())
    carrier = TwilioCarrier(addresses, seed=1)

    report = fault_run.run(carrier, addresses, within_seconds=150)

    show(report)
    assert (report.accepted, report.doubled, report.lost, report.untrue) == (TEXTS, 0, 0, 0)
    assert set(report.states) <= {State.SENT, State.DELIVERED}
    assert carrier.twilio.ledger.complaints == []
    assert carrier.twilio.ledger.lists > 0


def test_every_mail_leaves_at_most_once_and_what_is_unclear_is_told() -> None:
    addresses = fault_run.queue_messages(MAILS, channel="email", now=fault_run.present())
    carrier = MailCarrier(addresses, seed=4)

    report = fault_run.run(carrier, addresses, within_seconds=150)

    show(report)
    assert (report.doubled, report.lost, report.untrue) == (0, 0, 0)
    unanswered = {MailFault.DROPPED_AFTER, MailFault.SLOW}
    asked_about = [each for each in report.fates if each.state == State.NEEDS_ATTENTION]
    without_the_kill = [each for each in asked_about if each.fault in unanswered]
    assert len(without_the_kill) == sum(1 for each in report.fates if each.fault in unanswered)
    assert len(asked_about) - len(without_the_kill) <= WORKER_PROCESSES
    assert {each.creates for each in without_the_kill} == {1}
