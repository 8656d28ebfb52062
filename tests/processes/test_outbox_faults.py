"""Real workers, a real scheduler, a real web server; a carrier that breaks; one worker killed."""

import pytest

from clienteling.plain_tables import table_lines
from outreach.models.message import State
from tests.processes import fault_run
from tests.processes.fault_run import HEADINGS, TwilioCarrier

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

TEXTS = 120


def test_every_text_leaves_once_through_a_carrier_that_breaks() -> None:
    addresses = fault_run.queue_messages(TEXTS, channel="sms", now=fault_run.present())
    carrier = TwilioCarrier(addresses, seed=4)

    report = fault_run.run(carrier, addresses, within_seconds=150)

    print("", *table_lines(HEADINGS, report.rows()), sep="\n")
    print(f"{report.seconds:.0f} s; in flight at the kill: {report.in_flight_at_the_kill}")
    assert (report.accepted, report.doubled, report.lost, report.untrue) == (TEXTS, 0, 0, 0)
    assert set(report.states) <= {State.SENT, State.DELIVERED}
    assert carrier.twilio.ledger.complaints == []
    assert carrier.twilio.ledger.lists > 0
