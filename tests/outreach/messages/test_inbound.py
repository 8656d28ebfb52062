from datetime import datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from customers.models import Consent, Suppression
from outreach.messages import inbound, keywords, outbox
from outreach.messages.inbound import HELD_REASON, Status, StatusEvent, WordsEvent
from outreach.messages.providers.receipts import Receipt
from outreach.messages.providers.twilio_sms import refusal_of
from outreach.models import Message, ProviderEvent, Reply
from outreach.models.message import State
from tests.factories import ContactPointFactory, CustomerFactory, MessageFactory
from tests.outreach.messages.worlds import MAILBOX, PHONE, associate_with_client, client_of

pytestmark = pytest.mark.django_db


def told(message: Message, status: Status, *, at: datetime, **changes) -> StatusEvent:
    return StatusEvent(
        **{
            "provider": "twilio",
            "provider_id": "SM1",
            "event_key": f"SM1:{status}",
            "status": status,
            "at": at,
            "message_id": message.pk,
            **changes,
        }
    )


def wrote(body: str, *, at: datetime, **changes) -> WordsEvent:
    return WordsEvent(
        **{
            "provider": "twilio",
            "provider_id": uuid4().hex,
            "channel": "sms",
            "from_address": PHONE,
            "body": body,
            "at": at,
            **changes,
        }
    )


def in_flight(now: datetime, **changes) -> Message:
    return MessageFactory(
        **{"state": "unconfirmed", "intent_at": now, "attempts": 1, "provider": "twilio", **changes}
    )


# --- Status --------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_apply_ends_delivered_in_any_order_and_however_often(now: datetime, order: tuple) -> None:
    message = in_flight(now)

    for status in (*order, *order):
        meaning = Status.DELIVERED if status == "delivered" else Status.ACCEPTED
        inbound.apply(told(message, meaning, at=now, event_key=f"SM1:{status}"))

    message.refresh_from_db()
    assert (message.state, message.provider_id) == (State.DELIVERED, "SM1")
    assert ProviderEvent.objects.count() == 3


def test_apply_answers_false_for_a_repeat(now: datetime) -> None:
    event = told(in_flight(now), Status.DELIVERED, at=now)

    assert [inbound.apply(event), inbound.apply(event)] == [True, False]


def test_apply_lets_the_first_final_state_stand(now: datetime) -> None:
    message = in_flight(now)
    inbound.apply(told(message, Status.FAILED, at=now, refusal=refusal_of("30003")))

    assert inbound.apply(told(message, Status.DELIVERED, at=now))

    message.refresh_from_db()
    assert (message.state, message.reason) == (State.FAILED, "Her phone was off or out of reach.")
    assert ProviderEvent.objects.count() == 2


def test_apply_adopts_the_id_a_lost_answer_never_brought(now: datetime) -> None:
    for state in ("sending", "unconfirmed"):
        message = in_flight(now, state=state, to_address=f"+1312555{len(state):04d}")

        inbound.apply(
            told(message, Status.ACCEPTED, at=now, provider_id=state, event_key=f"{state}:sent")
        )

        message.refresh_from_db()
        assert (message.state, message.provider_id) == (State.SENT, state)


def test_apply_hears_a_delivery_that_crosses_the_carriers_answer(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = in_flight(now, state="sending")
    is_new = inbound._is_new

    def answer_is_stored_first(*arguments) -> bool:
        outbox.confirm(Message.objects.get(pk=message.pk), Receipt("SM1"), at=now)
        return is_new(*arguments)

    monkeypatch.setattr(inbound, "_is_new", answer_is_stored_first)

    inbound.apply(told(message, Status.DELIVERED, at=now))

    message.refresh_from_db()
    assert (message.state, message.provider_id) == (State.DELIVERED, "SM1")


def test_apply_ignores_news_of_nothing_of_ours(now: datetime) -> None:
    stranger = Message(pk=uuid4())

    assert not inbound.apply(told(stranger, Status.DELIVERED, at=now))
    assert not inbound.apply(told(stranger, Status.DELIVERED, at=now, message_id=None))
    assert ProviderEvent.objects.count() == 0


def test_apply_keeps_an_id_that_belongs_to_another_message(now: datetime) -> None:
    MessageFactory(state="sent", sent_at=now, provider="twilio", provider_id="SM1")
    message = in_flight(now, to_address="+13125550101")

    inbound.apply(told(message, Status.DELIVERED, at=now))

    message.refresh_from_db()
    assert (message.state, message.provider_id) == (State.UNCONFIRMED, "")


def test_apply_suppresses_a_number_the_carrier_calls_opted_out(now: datetime) -> None:
    message = in_flight(now)
    waiting = MessageFactory(to_address=message.to_address)

    inbound.apply(told(message, Status.FAILED, at=now, refusal=refusal_of("21610")))

    waiting.refresh_from_db()
    assert Suppression.objects.get().reason == "provider"
    assert waiting.state == State.CANCELED


# --- STOP and START ------------------------------------------------------------------------------
def test_apply_stop_silences_the_number_for_everybody_who_shares_it(now: datetime) -> None:
    associate, customer = associate_with_client()
    sister = client_of(associate, mailbox="sister@example.com")
    held = MessageFactory(customer=customer, send_after=now + timedelta(hours=9))
    to_sister = MessageFactory(customer=sister)
    by_mail = MessageFactory(customer=sister, channel="email", to_address="sister@example.com")

    assert inbound.apply(wrote(" Stop ", at=now))

    assert [Message.objects.get(pk=each.pk).state for each in (held, to_sister, by_mail)] == [
        State.CANCELED,
        State.CANCELED,
        State.QUEUED,
    ]
    assert Suppression.objects.values_list("channel", "address", "reason").get() == (
        "sms",
        PHONE,
        "stop-word",
    )
    assert set(Consent.objects.filter(channel="sms").values_list("state", flat=True)) == {
        "opted_out"
    }
    assert set(Consent.objects.filter(channel="email").values_list("state", flat=True)) == {
        "opted_in"
    }
    assert Reply.objects.get().kind == Reply.Kind.STOP


def test_apply_believes_the_carrier_that_it_was_a_stop(now: datetime) -> None:
    inbound.apply(wrote("Arrêt", at=now, kind=Reply.Kind.STOP))

    assert Suppression.objects.count() == 1


def test_apply_start_lifts_a_stop_and_is_an_ordinary_word_without_one(now: datetime) -> None:
    _, customer = associate_with_client()
    inbound.apply(wrote("START", at=now))
    inbound.apply(wrote("STOP", at=now + timedelta(minutes=1)))

    inbound.apply(wrote("Unstop", at=now + timedelta(minutes=2)))

    assert [reply.kind for reply in Reply.objects.order_by("received_at")] == [
        Reply.Kind.WORDS,
        Reply.Kind.STOP,
        Reply.Kind.START,
    ]
    assert Suppression.objects.get().lifted_at == now + timedelta(minutes=2)
    assert Consent.objects.get(customer=customer, channel="sms").state == "opted_in"


def test_apply_start_by_mail_lifts_nothing_because_senders_are_forged(now: datetime) -> None:
    associate_with_client()
    inbound.apply(wrote("unsubscribe", at=now, channel="email", from_address=MAILBOX))

    inbound.apply(wrote("start", at=now, channel="email", from_address=MAILBOX))

    assert Suppression.objects.get().lifted_at is None


def test_apply_the_same_text_twice_is_one_entry(now: datetime) -> None:
    event = wrote("Are they in 38?", at=now, provider_id="SM-in-1")

    assert [inbound.apply(event), inbound.apply(event)] == [True, False]
    assert Reply.objects.count() == 1


def test_apply_help_changes_nothing(now: datetime) -> None:
    inbound.apply(wrote("HELP", at=now))

    assert (Reply.objects.get().kind, Suppression.objects.count()) == (Reply.Kind.HELP, 0)


def test_apply_holds_offers_while_a_person_reads_a_free_worded_stop(now: datetime) -> None:
    _, customer = associate_with_client()
    text = MessageFactory(customer=customer)
    mail = MessageFactory(customer=customer, channel="email", to_address=MAILBOX)
    answer = MessageFactory(customer=customer, step="answer")

    inbound.apply(wrote("please stop texting me", at=now))

    states = {message.pk: (message.state, message.reason) for message in Message.objects.all()}
    assert states == {
        text.pk: (State.CANCELED, HELD_REASON),
        mail.pk: (State.CANCELED, HELD_REASON),
        answer.pk: (State.QUEUED, ""),
    }
    assert Suppression.objects.count() == 0
    assert Reply.objects.waiting().count() == 1
    assert keywords.may_ask_to_stop(Reply.objects.get().body)


# --- Whose words ---------------------------------------------------------------------------------
def test_apply_gives_a_shared_number_to_the_latest_conversation(now: datetime) -> None:
    associate, customer = associate_with_client()
    sister = client_of(associate, mailbox="sister@example.com")
    MessageFactory(customer=customer, state="sent", sent_at=now, intent_at=now - timedelta(days=2))
    latest = MessageFactory(customer=sister, state="sent", sent_at=now, intent_at=now)
    MessageFactory(customer=customer)  # only queued: she has not seen it

    inbound.apply(wrote("Lovely!", at=now))

    reply = Reply.objects.get()
    assert (reply.customer, reply.message) == (sister, latest)


def test_apply_gives_a_number_without_conversation_to_who_bought_last(now: datetime) -> None:
    for days in (300, 20, None):
        bought_at = now - timedelta(days=days) if days else None
        customer = CustomerFactory(last_purchase_at=bought_at, last_name=str(days))
        ContactPointFactory(customer=customer, address=PHONE)

    inbound.apply(wrote("Hello?", at=now))

    reply = Reply.objects.get()
    assert reply.customer is not None
    assert reply.customer.last_name == "20"


def test_apply_keeps_words_from_an_unknown_number_without_a_client(now: datetime) -> None:
    inbound.apply(wrote("Who is this?", at=now, from_address="+13125559999"))

    assert Reply.objects.get().customer is None
