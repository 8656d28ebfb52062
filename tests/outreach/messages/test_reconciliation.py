"""The daily comparison with the carriers' lists: shown, not hidden, and only ever moved forward."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import responses

from outreach.messages import reconciliation
from outreach.models import Difference, Message, ReconciliationRun, SimulatedMessage
from outreach.models.message import State
from tests.factories import NOON, MessageFactory

pytestmark = pytest.mark.django_db

EARLIER = NOON - timedelta(hours=5)
LIST = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
STATES = ReconciliationRun.State


@pytest.fixture
def twilio(settings: Any) -> Iterator[responses.RequestsMock]:
    """A real carrier of texts, its wire replaced; mail goes to a server without a list."""
    settings.TWILIO_IS_CONFIGURED = True
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
    settings.TWILIO_MESSAGING_SERVICE_SID, settings.TWILIO_FROM_NUMBER = "MG1", ""
    settings.TWILIO_API_BASE_URL = ""
    settings.EMAIL_URL = "smtp://localhost"
    with responses.RequestsMock() as mock:
        yield mock


def line(sid: str, status: str, *, at: datetime = EARLIER, **values: Any) -> dict[str, Any]:
    return {
        "sid": sid,
        "status": status,
        "body": "Hi",
        "direction": "outbound-api",
        "messaging_service_sid": "MG1",
        "date_created": format_datetime(at),
        "error_code": None,
        **values,
    }


def lists(wire: responses.RequestsMock, *lines: dict[str, Any]) -> None:
    wire.get(LIST, json={"messages": list(lines), "page": 0, "page_size": 1000})


def knows_only(wire: responses.RequestsMock, sid: str, found: dict[str, Any] | None) -> None:
    url = LIST.replace(".json", f"/{sid}.json")
    if found:
        wire.get(url, json=found)
    else:
        wire.get(url, json={"code": 20404, "message": "no", "status": 404}, status=404)


def text(sid: str, state: str, *, at: datetime = EARLIER, **values: Any) -> Message:
    if state == "delivered":
        values = {"delivered_at": at, **values}
    return MessageFactory(
        state=state,
        provider="twilio",
        provider_id=sid,
        intent_at=at,
        sent_at=at,
        to_address=f"+1312555{Message.objects.count():04}",
        **values,
    )


def shown() -> list[tuple[str, str, str, str, bool]]:
    """Every difference: kind, id, our state, their word, whether it stands."""
    return [
        (each.kind, each.provider_id, each.ours, each.theirs, each.gone_at is None)
        for each in Difference.objects.order_by("provider_id")
    ]


def test_agreement_shows_nothing(twilio: responses.RequestsMock, now: datetime) -> None:
    text("SM1", "delivered"), text("SM2", "sent"), text("SM3", "failed")
    lists(twilio, line("SM1", "delivered"), line("SM2", "sent"), line("SM3", "undelivered"))

    [run] = reconciliation.reconcile(now=now)

    assert (run.state, run.ours, run.theirs, run.differences) == (STATES.DONE, 3, 3, 0)
    assert shown() == []


def test_every_kind_of_difference_is_shown(twilio: responses.RequestsMock, now: datetime) -> None:
    text("SM1", "sent"), text("SM2", "delivered")
    lists(twilio, line("SM2", "undelivered"), line("SM9", "delivered"))
    knows_only(twilio, "SM1", None)

    [run] = reconciliation.reconcile(now=now)

    assert (run.differences, run.moved) == (3, 0)
    assert shown() == [
        ("ours_only", "SM1", "sent", "", True),
        ("other_state", "SM2", "delivered", "undelivered", True),
        ("theirs_only", "SM9", "", "delivered", True),
    ]
    assert set(Message.objects.values_list("provider_id", "state")) == {
        ("SM1", "sent"),
        ("SM2", "delivered"),
    }


def test_a_row_goes_forward_as_by_a_callback_and_the_difference_is_kept(
    twilio: responses.RequestsMock, now: datetime
) -> None:
    arrived, failed = text("SM1", "sent"), text("SM2", "sent")
    lists(twilio, line("SM1", "delivered"), line("SM2", "undelivered", error_code=30006))

    [run] = reconciliation.reconcile(now=now)

    arrived.refresh_from_db(), failed.refresh_from_db()
    assert (arrived.state, failed.state) == (State.DELIVERED, State.FAILED)
    assert failed.reason == "This is a landline."
    assert (run.differences, run.moved) == (2, 2)
    assert shown() == [
        ("other_state", "SM1", "sent", "delivered", False),
        ("other_state", "SM2", "sent", "undelivered", False),
    ]


def test_what_the_list_leaves_out_is_asked_for_by_its_id(
    twilio: responses.RequestsMock, now: datetime
) -> None:
    text("SM1", "failed")
    lists(twilio)
    knows_only(twilio, "SM1", line("SM1", "failed"))

    [run] = reconciliation.reconcile(now=now)

    assert run.differences == 0


@pytest.mark.parametrize(
    "values",
    [
        {"messaging_service_sid": "MG-other"},
        {"direction": "inbound"},
        {"at": NOON - timedelta(minutes=59)},
        {"at": NOON - timedelta(days=3, seconds=1)},
    ],
)
def test_lines_that_are_not_ours_or_not_of_these_days_are_no_difference(
    values: dict[str, Any], twilio: responses.RequestsMock, now: datetime
) -> None:
    lists(twilio, line("SM9", "delivered", **values))

    [run] = reconciliation.reconcile(now=now)

    assert run.differences == 0


def test_repeating_shows_the_same_once(twilio: responses.RequestsMock, now: datetime) -> None:
    text("SM1", "delivered")
    for _ in range(2):
        lists(twilio, line("SM1", "undelivered"), line("SM9", "sent"))

    [first] = reconciliation.reconcile(now=now)
    [again] = reconciliation.reconcile(now=now + timedelta(minutes=1))

    assert (first.differences, again.differences) == (2, 2)
    assert [
        (each.first_run, each.last_run) for each in Difference.objects.order_by("provider_id")
    ] == [(first, again)] * 2


def test_a_difference_that_is_gone_is_kept_and_says_since_when(
    twilio: responses.RequestsMock, now: datetime
) -> None:
    text("SM1", "sent")
    lists(twilio)
    knows_only(twilio, "SM1", None)
    reconciliation.reconcile(now=now)
    lists(twilio, line("SM1", "sent"))

    reconciliation.reconcile(now=now + timedelta(minutes=1))

    assert Difference.objects.get().gone_at == now + timedelta(minutes=1)


def test_list_that_cannot_be_read_changes_nothing(
    twilio: responses.RequestsMock, now: datetime
) -> None:
    text("SM1", "sent")
    twilio.get(LIST, status=500)

    [run] = reconciliation.reconcile(now=now)

    assert (run.state, run.finished_at, shown()) == (STATES.FAILED, now, [])


def test_simulated_carrier_is_compared_for_both_channels(now: datetime) -> None:
    taken = SimulatedMessage.objects.create(
        direction="to_client",
        channel="sms",
        address="+13125550142",
        body="Hi",
        at=EARLIER,
        delivered_at=EARLIER,
    )
    lost = MessageFactory(
        state="sent", provider="simulator", provider_id="x", intent_at=EARLIER, sent_at=EARLIER
    )

    texts, mails = reconciliation.reconcile(now=now)

    assert (texts.ours, texts.theirs, mails.ours, mails.theirs) == (1, 1, 0, 0)
    assert shown() == [
        ("theirs_only", str(taken.pk), "", "delivered", True),
        ("ours_only", lost.provider_id, "sent", "", True),
    ]
