from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from outreach.models import Lookbook, Message, Reply
from outreach.models.message import State
from tests.factories import (
    NOON,
    AdminFactory,
    CustomerFactory,
    LookbookFactory,
    LookbookItemFactory,
    ManagerFactory,
    MessageFactory,
    ProductFactory,
    ReplyFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

IN_FLIGHT = {"state": "sending", "intent_at": NOON}
DELIVERED = {"state": "delivered", "sent_at": NOON, "delivered_at": NOON}


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "lost"}, "message_state_known"),
        ({"channel": "fax"}, "message_channel_known"),
        ({"queued_at": None}, "message_queued_has_times"),
        ({"send_after": None}, "message_queued_has_times"),
        ({"expires_at": None}, "message_queued_has_times"),
        ({"state": "sent"}, "message_sent_has_time"),
        ({"state": "delivered", "delivered_at": NOON}, "message_sent_has_time"),
        ({"state": "delivered", "sent_at": NOON}, "message_delivered_has_time"),
        ({"state": "sending"}, "message_in_flight_has_intent"),
        ({"state": "unconfirmed"}, "message_in_flight_has_intent"),
        ({"body": "", "to_address": ""}, "message_has_words"),
    ],
)
def test_message_is_refused(values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=f'"{constraint}"'):
        MessageFactory(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "draft", "queued_at": None, "send_after": None, "expires_at": None},
        {"state": "draft", "body": "", "to_address": ""},
        {"state": "sent", "sent_at": NOON},
        IN_FLIGHT,
        {**IN_FLIGHT, "state": "unconfirmed"},
        DELIVERED,
    ],
)
def test_message_is_kept(values: dict[str, Any]) -> None:
    assert MessageFactory(**values).pk


@pytest.mark.parametrize(
    ("first", "second", "constraint"),
    [
        ({"dedupe_key": "tap"}, {"dedupe_key": "tap"}, "dedupe_key"),
        (IN_FLIGHT, IN_FLIGHT, "message_one_in_flight_per_address"),
        (
            IN_FLIGHT,
            {**IN_FLIGHT, "state": "unconfirmed"},
            "message_one_in_flight_per_address",
        ),
        (
            {"provider": "twilio", "provider_id": "SM1"},
            {"provider": "twilio", "provider_id": "SM1"},
            "message_provider_id_once",
        ),
    ],
)
def test_second_message_is_refused(
    first: dict[str, Any], second: dict[str, Any], constraint: str
) -> None:
    MessageFactory(**first)

    with pytest.raises(IntegrityError, match=constraint):
        MessageFactory(**second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (IN_FLIGHT, {**IN_FLIGHT, "to_address": "+13125550143"}),
        (IN_FLIGHT, {**IN_FLIGHT, "channel": "email"}),
        (IN_FLIGHT, {"state": "queued"}),
        ({"provider": "twilio"}, {"provider": "twilio"}),
        (
            {"provider": "twilio", "provider_id": "SM1"},
            {"provider": "simulator", "provider_id": "SM1"},
        ),
    ],
)
def test_second_message_is_kept(first: dict[str, Any], second: dict[str, Any]) -> None:
    MessageFactory(**first)

    assert MessageFactory(**second).pk


def test_lookbook_carries_one_message() -> None:
    book = LookbookFactory()
    MessageFactory(lookbook=book)

    with pytest.raises(IntegrityError, match="lookbook"):
        MessageFactory(lookbook=book)


def test_move_changes_the_state_and_what_goes_with_it(now: datetime) -> None:
    message = MessageFactory(state="queued")

    moved = message.move(from_=State.QUEUED, to=State.SENDING, intent_at=now, attempts=1)

    assert moved is True
    assert (message.state, message.intent_at, message.attempts) == (State.SENDING, now, 1)
    assert Message.objects.get().state == State.SENDING


def test_move_is_won_by_one_of_two(now: datetime) -> None:
    message = MessageFactory(state="queued")
    same = Message.objects.get(pk=message.pk)

    first = message.move(from_=State.QUEUED, to=State.SENDING, intent_at=now)
    second = same.move(from_=State.QUEUED, to=State.CANCELED, reason="Taken back")

    assert (first, second) == (True, False)
    kept = Message.objects.get()
    assert (kept.state, kept.reason) == (State.SENDING, "")
    assert same.state == State.QUEUED  # nothing is made up about the loser either


def test_move_leaves_other_messages_alone(now: datetime) -> None:
    message, other = MessageFactory(), MessageFactory()

    message.move(from_=State.QUEUED, to=State.SENDING, intent_at=now)

    other.refresh_from_db()
    assert other.state == State.QUEUED


@pytest.mark.parametrize(
    ("values", "is_due"),
    [
        ({"send_after": NOON}, True),
        ({"send_after": NOON + timedelta(microseconds=1)}, False),
        ({"send_after": NOON, **IN_FLIGHT}, False),
        ({"send_after": NOON, "state": "needs_attention"}, False),
    ],
)
def test_due_is_queued_and_its_hour_has_come(
    now: datetime, values: dict[str, Any], is_due: bool
) -> None:
    MessageFactory(**values)

    assert Message.objects.due(now=now).exists() == is_due


@pytest.mark.parametrize(("model", "factory"), [(Message, MessageFactory), (Reply, ReplyFactory)])
def test_visible_to_shows_what_concerns_clients_of_ones_stores(
    model: Any, factory: Callable[..., Any]
) -> None:
    associate = UserFactory()
    own = factory(customer=CustomerFactory(store=associate.store))
    factory(customer=CustomerFactory())

    for user in (associate, ManagerFactory(store=associate.store)):
        assert list(model.objects.visible_to(user)) == [own]
    assert not model.objects.visible_to(AdminFactory()).exists()


@pytest.mark.parametrize(
    ("values", "is_waiting"),
    [
        ({}, True),
        ({"handled_at": NOON}, False),
        ({"kind": "stop"}, False),
        ({"kind": "help"}, False),
    ],
)
def test_waiting_replies_are_words_nobody_has_answered(
    values: dict[str, Any], is_waiting: bool
) -> None:
    ReplyFactory(**values)

    assert Reply.objects.waiting().exists() == is_waiting


def test_reply_is_kept_once_per_carrier() -> None:
    ReplyFactory(provider="twilio", provider_id="SM1")
    ReplyFactory(provider="simulator", provider_id="SM1")

    with pytest.raises(IntegrityError, match="reply_once"):
        ReplyFactory(provider="twilio", provider_id="SM1")


def test_lookbook_has_an_unguessable_name_of_its_own() -> None:
    tokens = {LookbookFactory().token for _ in range(3)}

    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {22}
    with pytest.raises(IntegrityError, match="token"):
        LookbookFactory(token=tokens.pop())


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"position": 0}, "lookbook_position"),
        ({"position": 1, "product": "another"}, "lookbook_position_once"),
        ({"position": 2}, "lookbook_product_once"),
    ],
)
def test_lookbook_item_is_refused(values: dict[str, Any], constraint: str) -> None:
    product = ProductFactory()
    book: Lookbook = LookbookFactory()
    if values["position"]:
        LookbookItemFactory(lookbook=book, product=product, position=1)
    chosen = ProductFactory() if values.get("product") else product

    with pytest.raises(IntegrityError, match=constraint):
        LookbookItemFactory(lookbook=book, product=chosen, position=values["position"])
