import re
from typing import Any
from uuid import UUID

import pytest

from outreach.messages.mail_identity import answered, message_id, reply_to

NUMBER = UUID("0a1b2c3d-0000-4000-8000-0123456789ab")
OTHER = UUID("00000000-0000-4000-8000-000000000002")


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    settings.EMAIL_SENDER = "Oak Street <notes@shop.example>"
    settings.EMAIL_REPLY_TO = "replies+@in.shop.example"


def test_message_id_is_the_same_each_time() -> None:
    assert message_id(NUMBER) == message_id(NUMBER) == f"<{NUMBER}@shop.example>"


def test_reply_to_carries_a_token_that_leads_back() -> None:
    address = reply_to(NUMBER)

    assert re.fullmatch(r"replies\+[a-z2-7]{42}@in\.shop\.example", address)
    assert len(address.partition("@")[0]) <= 64
    assert answered(recipients=[f"Maya <{address}>"], references=[]) == NUMBER


def test_reply_to_survives_a_relay_that_shouts() -> None:
    assert answered(recipients=[reply_to(NUMBER).upper()], references=[]) == NUMBER


@pytest.mark.parametrize(
    ("configured", "address"), [("", ""), ("replies@shop.example", "replies@shop.example")]
)
def test_reply_to_has_no_token_where_the_address_asks_for_none(
    settings: Any, configured: str, address: str
) -> None:
    settings.EMAIL_REPLY_TO = configured

    assert reply_to(NUMBER) == address


def test_answered_refuses_a_token_that_is_not_ours(settings: Any) -> None:
    address = reply_to(NUMBER)
    letter = "b" if address[20] == "a" else "a"

    assert answered(recipients=[address[:20] + letter + address[21:]], references=[]) is None
    settings.SECRET_KEY = "another key"
    assert answered(recipients=[address], references=[]) is None


def test_answered_takes_the_newest_of_our_ids() -> None:
    references = f"<abc@gmail.com> {message_id(OTHER)} <x@y> {message_id(NUMBER)}"

    assert answered(recipients=["notes@shop.example"], references=[references]) == NUMBER


def test_answered_goes_by_the_token_before_the_ids() -> None:
    assert answered(recipients=[reply_to(NUMBER)], references=[message_id(OTHER)]) == NUMBER


@pytest.mark.parametrize("reference", ["", "<CAEPk3R+4Zr@mail.example.org>", "<not-a-uuid@shop>"])
def test_answered_knows_nothing_of_other_mails(reference: str) -> None:
    assert answered(recipients=["a@b.example"], references=[reference]) is None
