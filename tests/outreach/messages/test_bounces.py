from typing import Any

import pytest

from outreach.messages.bounces import is_hard, service_says_hard


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 The email account that you tried to reach does not exist.",
        "smtp; 550-5.1.1 user unknown",
        "5.1.2",
        "5.1.10",
        "550 5.2.1 The email account is disabled",
        "550 No such user here",
        "550 Requested action not taken: mailbox unavailable, user not found",
        "551 unknown recipient",
    ],
)
def test_is_hard_hears_that_the_address_is_dead(answer: str) -> None:
    assert is_hard(answer) is True


@pytest.mark.parametrize(
    "answer",
    [
        "552 5.2.2 The mailbox is full",
        "452 4.2.2 over quota",
        "421 4.4.1 connection timed out",
        "4.1.1 temporarily no such user",
        "550 5.7.1 message rejected as spam",
        "550 5.1.8 sender address rejected",
        "550 blocked by policy",
        "554 message refused",
        "450 no such user, try later",
    ],
)
def test_is_hard_takes_anything_else_for_soft(answer: str) -> None:
    assert is_hard(answer) is False


@pytest.mark.parametrize("answer", ["", "something went wrong", "seen at 10.5.1.1", "in 5500 ways"])
def test_is_hard_says_nothing_without_a_code(answer: str) -> None:
    assert is_hard(answer) is None


@pytest.mark.parametrize(
    ("event", "verdict"),
    [
        ({"RecordType": "Bounce", "Type": "HardBounce"}, True),
        ({"RecordType": "Bounce", "Type": "SoftBounce"}, False),
        ({"RecordType": "SubscriptionChange", "SuppressionReason": "HardBounce"}, True),
        ({"event": "hard_bounce"}, True),
        ({"event": "soft_bounce"}, False),
        ({"event": "bounce", "hard_bounce": True}, True),
        ({"event": "bounce", "hard_bounce": False}, False),
        ({"event-data": {"event": "failed", "reason": "suppress-bounce"}}, True),
        ({"event-data": {"event": "failed", "reason": "bounce"}}, None),
        ({"type": "email.bounced", "data": {"bounce": {"type": "Permanent"}}}, True),
        ({"type": "email.bounced", "data": {"bounce": {"type": "Transient"}}}, False),
        ({"event": "bounce", "type": "bounce"}, None),
        ({}, None),
    ],
)
def test_service_says_hard_in_its_own_words(event: dict[str, Any], verdict: bool | None) -> None:
    assert service_says_hard(event) is verdict
