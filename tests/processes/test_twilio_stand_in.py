"""The stand-in keeps to Twilio's description; else its faults would prove nothing."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.processes.twilio_stand_in import (
    DESCRIPTION,
    FORM,
    OPERATIONS,
    PROPERTIES,
    SHARES,
    Accepted,
    Fault,
    FaultPlan,
    Timing,
    TwilioStandIn,
    page_of,
    refusal_code,
    resource_of,
)

ACCOUNT, TOKEN = "AC" + "0" * 32, "secret"
KINDS = {"string": str, "integer": int, "object": dict}
ENUMS = DESCRIPTION["components"]["schemas"]
GOOD = {"To": "+13125550142", "Body": "Hi", "MessagingServiceSid": "MG" + "0" * 32}


def violations(told: dict[str, Any]) -> list[str]:
    """Where an answer differs from the description of a message."""
    found = sorted(set(told) ^ set(PROPERTIES))
    for name, value in told.items():
        rule = PROPERTIES[name]
        if "$ref" in rule:
            if value not in ENUMS[rule["$ref"].rpartition("/")[2]]["enum"]:
                found.append(name)
        elif value is None:
            found += [] if rule.get("nullable") else [name]
        elif not isinstance(value, KINDS[rule["type"]]) or (
            "pattern" in rule and not re.match(rule["pattern"], value)
        ):
            found.append(name)
    return found


def test_a_message_is_shown_as_described() -> None:
    line = Accepted("SM" + "a" * 32, GOOD, datetime.now(UTC), 0.0)

    assert violations(resource_of(line, account=ACCOUNT)) == []


def test_a_page_is_shown_as_described() -> None:
    answer = OPERATIONS["get"]["responses"]["200"]["content"]["application/json"]["schema"]

    assert set(page_of([], "/here", 50)) == set(answer["properties"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"To": ""}, 21604),
        ({"Body": ""}, 21602),
        ({"MessagingServiceSid": ""}, 21603),
        ({"To": "banana"}, 21211),
        ({"Body": "x" * 1_600}, 0),
        ({"Body": "x" * 1_601}, 21617),
    ],
)
def test_refusal_code_is_twilios(changes: dict[str, str], code: int) -> None:
    assert refusal_code(GOOD | changes) == code
    assert set(GOOD) <= set(FORM["properties"])


def test_the_plan_deals_twenty_nine_faults_in_a_hundred_the_same_every_time() -> None:
    addresses = [f"+1312555{number:04}" for number in range(100)]

    once, again = (FaultPlan(addresses, seed=7, shares=SHARES) for _ in range(2))

    dealt = Counter(once.fault(address, 1) for address in addresses)
    assert dealt == {Fault.NONE: 71, **SHARES}
    assert once.first == again.first
    assert [once.fault(addresses[0], attempt) for attempt in range(2, 9)] == [
        again.fault(addresses[0], attempt) for attempt in range(2, 9)
    ]


def test_strangers_and_odd_addresses_are_refused() -> None:
    plan = FaultPlan([], seed=1, shares=SHARES)
    stand_in = TwilioStandIn(plan, Timing(1, 0), account=ACCOUNT, token=TOKEN)

    with stand_in.serving():
        here = f"{stand_in.address}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        stranger = requests.post(here, GOOD, auth=(ACCOUNT, "wrong"), timeout=5)
        elsewhere = requests.get(f"{stand_in.address}/x", auth=(ACCOUNT, TOKEN), timeout=5)

    assert (stranger.status_code, stranger.json()["code"]) == (401, 20003)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, 20404)
    assert stand_in.ledger.accepted == []
