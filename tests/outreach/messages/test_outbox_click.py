from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from catalog.models import Product, StockLevel
from customers import consent
from customers.models import Customer
from outreach import lookbook
from outreach.messages import hints, outbox, seen
from outreach.messages.outbox import NotSendable, StaleCard, TooLate
from outreach.models import Lookbook, Message, Reply
from outreach.models.message import State
from tests.factories import (
    LineItemFactory,
    ManagerFactory,
    MarketingSendFactory,
    MessageFactory,
    QuietPeriodFactory,
    ReplyFactory,
    ServiceCaseFactory,
    UserFactory,
    VariantFactory,
)
from tests.outreach.messages.worlds import (
    ANSWER,
    PHONE,
    associate_with_client,
    client_of,
    offer,
    picks_in_stock,
    tap,
)

pytestmark = pytest.mark.django_db


def codes(refusal: pytest.ExceptionInfo[NotSendable]) -> list[str]:
    return [blocker.code for blocker in refusal.value.blockers]


def test_send_queues_the_note_with_its_page(now: datetime) -> None:
    associate, customer = associate_with_client()
    picks = picks_in_stock(customer)

    message = tap(associate, customer, offer(picks), now=now)

    assert message.state == State.QUEUED
    assert message.to_address == PHONE
    assert message.send_after == now + timedelta(seconds=8)
    assert message.expires_at == now + timedelta(days=7)
    assert message.lookbook is not None
    assert [
        (item.product_id, item.price, item.because) for item in message.lookbook.items.all()
    ] == [(pick.product_id, pick.price, pick.because) for pick in picks]


def test_send_freezes_the_link_and_on_the_first_text_the_stop_words(now: datetime) -> None:
    associate, customer = associate_with_client()
    note = offer(picks_in_stock(customer), body="Hi Amanda.  \r\nThree for you. ")

    message = tap(associate, customer, note, now=now)

    assert message.lookbook is not None
    assert message.body == (
        f"Hi Amanda.  \nThree for you.\n{lookbook.url(message.lookbook)}\nReply STOP to end."
    )


def test_send_leaves_the_stop_words_out_of_later_texts(now: datetime) -> None:
    associate, customer = associate_with_client()
    long_ago = now - timedelta(days=100)
    MessageFactory(
        customer=customer, state="sent", sent_at=long_ago, queued_at=long_ago, intent_at=long_ago
    )

    message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)

    assert message.lookbook is not None
    assert message.body.endswith(lookbook.url(message.lookbook))


def test_send_lists_the_items_with_their_prices_in_a_mail(now: datetime) -> None:
    associate, customer = associate_with_client()
    picks = picks_in_stock(customer, number=2)
    Product.objects.filter(pk=picks[0].product_id).update(name="Marlow\nloafer")
    Product.objects.filter(pk=picks[1].product_id).update(name="Ines boot")

    message = tap(
        associate, customer, offer(picks, channel="email", subject="New\r\nBcc: x@y.z"), now=now
    )

    assert message.subject == "New Bcc: x@y.z"
    assert message.lookbook is not None
    assert message.body == (
        "Hi Amanda, I picked three for you.\n\n1. Marlow loafer, $265\n2. Ines boot, $265\n\n"
        f"See them here: {lookbook.url(message.lookbook)}"
    )


def test_send_answers_the_first_message_for_the_same_form(now: datetime) -> None:
    associate, customer = associate_with_client()
    note = offer(picks_in_stock(customer))

    first = tap(associate, customer, note, now=now, form_token="form-0001")
    second = tap(associate, customer, note, now=now, form_token="form-0001")

    assert second == first
    assert (Message.objects.count(), Lookbook.objects.count()) == (1, 1)


def test_send_refuses_the_form_of_another_client(now: datetime) -> None:
    associate, customer = associate_with_client()
    other = client_of(associate, phone="+13125550177", mailbox="other@example.com")
    note = offer(picks_in_stock(customer))
    tap(associate, customer, note, now=now, form_token="form-0001")

    with pytest.raises(StaleCard):
        tap(associate, other, note, now=now, form_token="form-0001")


def test_send_hints_the_workers_with_the_id_after_the_commit(
    now: datetime, hinted: list, django_capture_on_commit_callbacks
) -> None:
    associate, customer = associate_with_client()

    with django_capture_on_commit_callbacks(execute=True):
        message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)

    assert hinted == [("deliver_message", (str(message.pk),), 8.0)]


def test_send_that_is_rolled_back_leaves_no_message_and_no_hint(
    now: datetime, hinted: list, django_capture_on_commit_callbacks
) -> None:
    associate, customer = associate_with_client()
    note = offer(picks_in_stock(customer))

    @transaction.atomic
    def tap_and_fail() -> None:
        tap(associate, customer, note, now=now)
        raise RuntimeError("after the insert")

    with django_capture_on_commit_callbacks(execute=True) as callbacks, pytest.raises(RuntimeError):
        tap_and_fail()

    assert (Message.objects.count(), Lookbook.objects.count()) == (0, 0)
    assert (callbacks, hinted) == ([], [])


def test_send_succeeds_when_the_broker_is_down(
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks,
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise ConnectionRefusedError("broker at 10.0.0.9 said no")

    monkeypatch.setattr(hints.current_app, "send_task", refuse)
    associate, customer = associate_with_client()

    with django_capture_on_commit_callbacks(execute=True):
        message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)

    assert message.state == State.QUEUED
    assert caplog.messages == [
        f"No hint for outreach.tasks.deliver_message {message.pk}: left to the sweep"
    ]


def test_send_holds_a_text_of_the_evening_until_the_morning(hinted: list) -> None:
    associate, customer = associate_with_client()
    evening = datetime(2026, 6, 16, 0, 59, 55, tzinfo=UTC)  # 19:59:55 in Chicago, closing at 20

    message = tap(associate, customer, offer(picks_in_stock(customer)), now=evening)

    assert message.send_after == datetime(2026, 6, 16, 14, 0, tzinfo=UTC)
    assert hinted == []


def test_send_holds_a_text_until_it_is_morning_where_she_lives(hinted: list) -> None:
    associate, customer = associate_with_client(city="San Francisco")
    morning = datetime(2026, 6, 15, 15, 30, tzinfo=UTC)  # 10:30 in Chicago, 8:30 there

    message = tap(associate, customer, offer(picks_in_stock(customer)), now=morning)

    assert message.send_after == datetime(2026, 6, 15, 16, 0, tzinfo=UTC)


def test_send_refuses_a_client_who_is_held_out(now: datetime, monkeypatch) -> None:
    associate, customer = associate_with_client()
    monkeypatch.setattr("outreach.messages.contact_facts.is_held_out", lambda number, percent: True)

    with pytest.raises(NotSendable) as refusal:
        tap(associate, customer, offer(picks_in_stock(customer)), now=now)

    assert codes(refusal) == ["hold-out"]
    assert not Message.objects.exists()


def test_send_refuses_on_quiet_days_and_soon_after_a_mailing(now: datetime) -> None:
    associate, customer = associate_with_client()
    QuietPeriodFactory(customer=customer)
    MarketingSendFactory(customer=customer)

    with pytest.raises(NotSendable) as refusal:
        tap(associate, customer, offer(picks_in_stock(customer)), now=now)

    assert codes(refusal) == ["do-not-disturb", "contacted-recently"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("Hi {name}, new shoes", "unfilled-placeholder"),
        ("Hi {{ client.owner.password }}", "unfilled-placeholder"),
        ("Hi [[name]]", "unfilled-placeholder"),
        ("a" * 1_600, "too-long"),
    ],
)
def test_send_refuses_words_that_are_not_ready(now: datetime, body: str, code: str) -> None:
    associate, customer = associate_with_client()
    picks = picks_in_stock(customer)

    with pytest.raises(NotSendable) as refusal:
        tap(associate, customer, offer(picks, body=body), now=now)

    assert codes(refusal) == [code]
    assert (Message.objects.count(), Lookbook.objects.count()) == (0, 0)


def test_send_takes_exactly_as_many_characters_as_the_carrier(now: datetime) -> None:
    associate, customer = associate_with_client()
    picks = picks_in_stock(customer)
    added = len("\nhttp://127.0.0.1:8000/l/" + "A" * 22 + "/\nReply STOP to end.")

    message = tap(associate, customer, offer(picks, body="a" * (1_600 - added)), now=now)

    assert len(message.body) == 1_600


def test_send_names_the_price_that_changed_since_the_card(now: datetime) -> None:
    associate, customer = associate_with_client()
    picks = picks_in_stock(customer)
    product = Product.objects.get(pk=picks[1].product_id)
    Product.objects.filter(pk=product.pk).update(price=Decimal("299.00"))

    with pytest.raises(StaleCard) as stale:
        tap(associate, customer, offer(picks), now=now)

    assert stale.value.changes == (f"{product.name}: the price changed from 265.00 to 299.00.",)
    assert Message.objects.count() == 0


def test_send_refuses_other_items_than_those_shown(now: datetime) -> None:
    associate, customer = associate_with_client()
    shown, sent = picks_in_stock(customer), picks_in_stock(customer)

    with pytest.raises(StaleCard) as stale:
        tap(associate, customer, offer(sent), shown=shown, now=now)

    assert stale.value.changes == ("The items are not those that were shown.",)


def test_send_refuses_a_forged_or_missing_card(now: datetime) -> None:
    associate, customer = associate_with_client()
    note = offer(picks_in_stock(customer))
    genuine = seen.fingerprint(customer, note.items, channels=("sms",))

    for signature in ("", genuine[:-1] + ("A" if genuine[-1] != "A" else "B")):
        with pytest.raises(StaleCard):
            outbox.send(
                customer, note, by=associate, form_token="form-0001", seen=signature, now=now
            )


def test_send_refuses_an_item_sold_out_since(now: datetime) -> None:
    associate, customer = associate_with_client()
    picks = picks_in_stock(customer)
    StockLevel.objects.filter(variant__product=picks[0].product_id).update(quantity=0)

    with pytest.raises(NotSendable) as refusal:
        tap(associate, customer, offer(picks), now=now)

    assert codes(refusal) == ["item"]
    assert refusal.value.sentence.endswith("None left here.")


def test_send_refuses_an_item_she_bought_meanwhile(now: datetime) -> None:
    associate, customer = associate_with_client()
    picks = picks_in_stock(customer)
    product = Product.objects.get(pk=picks[2].product_id)
    LineItemFactory(
        purchase__customer=customer,
        purchase__purchased_at=now - timedelta(hours=1),
        variant=VariantFactory(product=product),
    )

    with pytest.raises(NotSendable) as refusal:
        tap(associate, customer, offer(picks), now=now)

    assert f"{product.name}: Already has this one." in refusal.value.sentence


def test_send_asks_the_person_rules(now: datetime) -> None:
    associate, customer = associate_with_client()
    ServiceCaseFactory(customer=customer, opened_at=now - timedelta(days=2))
    consent.suppress(PHONE, "sms", reason="stop-word", at=now)

    with pytest.raises(NotSendable) as refusal:
        tap(associate, customer, offer(picks_in_stock(customer)), now=now)

    assert codes(refusal) == ["suppressed", "open-complaint"]


def test_send_refuses_a_manager_and_a_colleague(now: datetime) -> None:
    associate, customer = associate_with_client()
    picks = picks_in_stock(customer)
    manager = ManagerFactory(store=associate.store)
    colleague = UserFactory(store=associate.store)

    with pytest.raises(NotSendable) as by_manager:
        tap(manager, customer, offer(picks), now=now)
    with pytest.raises(NotSendable) as by_colleague:
        tap(colleague, customer, offer(picks), now=now)

    assert codes(by_manager) == ["not-an-associate", "claimed-by-colleague"]
    assert codes(by_colleague) == ["claimed-by-colleague"]


def test_send_answers_her_words_at_night_and_despite_the_cap(now: datetime) -> None:
    associate, customer = associate_with_client()
    tap(associate, customer, offer(picks_in_stock(customer)), now=now)
    night = now + timedelta(hours=12)
    ReplyFactory(customer=customer, received_at=night - timedelta(minutes=5))

    message = tap(associate, customer, offer((), **ANSWER), now=night)

    assert message.body == "Of course, I keep the 38 for you."
    assert message.send_after == night + timedelta(seconds=8)
    assert Reply.objects.get().handled_at == night


def test_send_never_answers_on_a_suppressed_number(now: datetime) -> None:
    associate, customer = associate_with_client()
    ReplyFactory(customer=customer, received_at=now)
    consent.suppress(PHONE, "sms", reason="stop-word", at=now)

    with pytest.raises(NotSendable) as refusal:
        tap(associate, customer, offer((), **ANSWER), now=now)

    assert codes(refusal) == ["suppressed"]


def test_queue_leaves_a_message_alone_that_has_moved_already(now: datetime) -> None:
    associate, customer = associate_with_client()
    note = offer(picks_in_stock(customer))
    shown = seen.fingerprint(customer, note.items, channels=("sms",))
    drafted = outbox.draft(customer, note, by=associate, form_token="form-0001", now=now)
    first_tap = Message.objects.get(pk=drafted.pk)
    outbox.queue(first_tap, by=associate, seen=shown, now=now)
    Message.objects.filter(pk=drafted.pk).update(state="canceled")

    with pytest.raises(StaleCard):
        outbox.draft(customer, note, by=associate, form_token="short", now=now)
    outbox.queue(drafted, by=associate, seen=shown, now=now + timedelta(seconds=1))

    assert Message.objects.get(pk=drafted.pk).state == State.CANCELED


def test_take_back_cancels_what_has_not_left(now: datetime) -> None:
    associate, customer = associate_with_client()
    message = tap(associate, customer, offer(picks_in_stock(customer)), now=now)

    outbox.take_back(message, by=associate, now=now + timedelta(seconds=3))

    assert (message.state, message.reason) == (State.CANCELED, "Taken back")
    tap(associate, customer, offer(picks_in_stock(customer)), now=now)  # the cap counts it not


def test_take_back_is_too_late_once_it_is_being_sent(now: datetime) -> None:
    message = MessageFactory(state="sending", intent_at=now)

    with pytest.raises(TooLate):
        outbox.take_back(message, by=message.sender, now=now)

    assert Message.objects.get().state == State.SENDING


def test_take_back_is_the_writers_alone(now: datetime) -> None:
    message = MessageFactory()

    with pytest.raises(TooLate):
        outbox.take_back(message, by=UserFactory(), now=now)

    assert Message.objects.get().state == State.QUEUED


def test_take_back_of_an_answer_lets_her_wait_again(now: datetime) -> None:
    associate, customer = associate_with_client()
    ReplyFactory(customer=customer, received_at=now)
    message = tap(associate, customer, offer((), **ANSWER), now=now)

    outbox.take_back(message, by=associate, now=now)

    assert Reply.objects.waiting().count() == 1


def test_draft_keeps_the_client_on_record_only(now: datetime) -> None:
    associate, customer = associate_with_client()

    message = outbox.draft(
        customer, offer(body="nul\x00byte"), by=associate, form_token="form-0001", now=now
    )

    assert (message.state, message.body, message.to_address) == (State.DRAFT, "nulbyte", "")
    assert Customer.objects.count() == 1
