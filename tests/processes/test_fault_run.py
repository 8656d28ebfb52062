"""The reckoning itself: a run that went wrong must not look like one that went well."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bench.outbox_faults import over_the_limits
from outreach.models import Message
from outreach.models.message import State
from tests.processes.fault_run import (
    Fate,
    FaultReport,
    MailCarrier,
    TwilioCarrier,
    _zone_in_the_afternoon,
)

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
GOOD = Fate("none", 1, 1, State.SENT, is_true=True)
DOUBLED = Fate("500", 2, 2, State.SENT, is_true=True)
LOST = Fate("500", 1, 0, State.SENT, is_true=False)
SHOWN = Fate("500", 3, 0, State.NEEDS_ATTENTION, is_true=True)


def test_report_counts_what_must_not_happen() -> None:
    report = FaultReport((GOOD, DOUBLED, LOST, SHOWN), 1, 2.0)

    assert (report.accepted, report.doubled, report.lost, report.untrue) == (2, 1, 1, 1)
    assert over_the_limits(report) == ["1 doubled", "1 lost", "1 shown untruly"]
    assert over_the_limits(FaultReport((GOOD, SHOWN), 0, 1.0)) == []


def test_report_has_a_line_for_every_fault_and_one_for_all() -> None:
    rows = FaultReport((GOOD, DOUBLED, LOST, SHOWN), 1, 2.0).rows()

    assert rows == [
        ("500", 3, 6, 1, 1, 1, 2),
        ("none", 1, 1, 1, 0, 0, 1),
        ("all", 4, 7, 2, 1, 1, 3),
    ]


@pytest.mark.parametrize(
    ("state", "provider_id", "said", "heard", "is_true"),
    [
        (State.SENT, "SM1", [], [], True),
        (State.SENT, "SM1", ["sent"], ["sent"], True),
        (State.SENT, "SM1", ["sent", "delivered"], ["sent"], True),
        (State.SENT, "SM1", ["sent", "delivered"], ["sent", "delivered"], False),
        (State.DELIVERED, "SM1", ["delivered"], ["delivered"], True),
        (State.DELIVERED, "SM1", ["delivered"], [], True),
        (State.DELIVERED, "SM1", [], [], False),
        (State.SENT, "SM2", [], [], False),
        (State.NEEDS_ATTENTION, "", [], [], False),
    ],
)
def test_a_text_is_true_where_it_says_what_the_carrier_knows(
    state: State, provider_id: str, said: list[str], heard: list[str], is_true: bool
) -> None:
    carrier = TwilioCarrier([], seed=1)
    carrier.twilio.ledger.said["SM1"] = said
    carrier.twilio.ledger.told["SM1"] = heard

    message = Message(state=state, provider_id=provider_id)

    assert carrier.is_true(message, ["SM1"]) == is_true
    assert carrier.is_true(message, []) == (state == State.NEEDS_ATTENTION)


def test_a_mail_is_true_as_sent_or_as_unclear() -> None:
    carrier = MailCarrier([], seed=1)
    unclear = Message(state=State.NEEDS_ATTENTION, intent_at=NOON, send_after=NOON)

    assert carrier.is_true(Message(state=State.SENT, provider_id="<1>"), ["<1>"])
    assert not carrier.is_true(Message(state=State.SENT, provider_id="<1>"), [])
    assert carrier.is_true(unclear, ["<1>"])
    assert not carrier.is_true(Message(state=State.NEEDS_ATTENTION), ["<1>"])


@pytest.mark.parametrize("hour", range(24))
def test_the_shop_of_a_run_is_always_in_its_afternoon(hour: int) -> None:
    moment = NOON.replace(hour=hour)

    assert moment.astimezone(ZoneInfo(_zone_in_the_afternoon(moment))).hour == 14
