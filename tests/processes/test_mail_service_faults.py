"""Real workers, a real web server, and a mail service that breaks; one worker is killed."""

import pytest

from clienteling.plain_tables import table_lines
from outreach.models.message import State
from tests.processes import fault_run
from tests.processes.fault_run import HANG_SECONDS, HEADINGS
from tests.processes.postmark_stand_in import PostmarkCarrier

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

MAILS = 50


def test_every_mail_leaves_at_most_once_and_the_services_report_settles_what_is_unclear() -> None:
    addresses = fault_run.queue_messages(MAILS, channel="email", now=fault_run.present())
    carrier = PostmarkCarrier(addresses, seed=2, hang_seconds=HANG_SECONDS)

    report = fault_run.run(carrier, addresses, within_seconds=150)

    print("", *table_lines(HEADINGS, report.rows()), sep="\n")
    print(f"{report.seconds:.0f} s; in flight at the kill: {report.in_flight_at_the_kill}")
    told = {
        address for address, ids in carrier.accepted().items() if ids[0] in carrier.service.told
    }
    assert (report.doubled, report.lost, report.untrue) == (0, 0, 0)
    assert report.states[State.DELIVERED] == len(told)
    assert len(told) > MAILS // 2
    assert carrier.service.complaints == []
