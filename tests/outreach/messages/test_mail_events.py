"""News of mails that have left: states, addresses, and everything once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from customers.models import Consent, ContactPoint, Suppression
from outreach.messages import contact_facts, mail_events, mail_identity, mail_pauses
from outreach.messages.contact_policy import decide
from outreach.messages.mail_events import NO_MAILBOX, NOT_REACHED, MailEvent, News
from outreach.models import MailPause, Message, ProviderEvent
from outreach.models.message import State
from tests.factories import MessageFactory
from tests.outreach.messages.worlds import MAILBOX, associate_with_client, client_of

pytestmark = pytest.mark.django_db


def sent(now: datetime, **changes: Any) -> Message:
    """A mail the service has taken under the id `pm-1`."""
    values = {
        "channel": "email",
        "to_address": MAILBOX,
        "state": "sent",
        "sent_at": now,
        "intent_at": now,
        "attempts": 1,
        "provider": "postmark",
        "provider_id": "pm-1",
    }
    return MessageFactory(**{**values, **changes})


def news(message: Message | None, kind: News, *, at: datetime, **changes: Any) -> MailEvent:
    values: dict[str, Any] = {"recipient": MAILBOX}
    if message:
        values = {"message_id": message.pk, "provider_id": message.provider_id or "pm-1"}
    return MailEvent(**{"provider": "postmark", "news": kind, "at": at, **values, **changes})


def suppressed() -> list[tuple[str, str, str]]:
    return list(Suppression.objects.values_list("channel", "address", "reason"))


# --- States --------------------------------------------------------------------------------------
def test_apply_moves_the_message_to_delivered(now: datetime) -> None:
    message = sent(now)

    assert mail_events.apply(news(message, News.DELIVERED, at=now + timedelta(seconds=9)))

    message.refresh_from_db()
    assert (message.state, message.delivered_at) == (State.DELIVERED, now + timedelta(seconds=9))


@pytest.mark.parametrize("kind", [News.ACCEPTED, News.DELIVERED])
def test_apply_settles_a_mail_whose_answer_was_lost(now: datetime, kind: News) -> None:
    message = sent(now, state="needs_attention", sent_at=None, provider_id="")

    mail_events.apply(news(message, kind, at=now))

    message.refresh_from_db()
    wanted = State.DELIVERED if kind == News.DELIVERED else State.SENT
    assert (message.state, message.provider_id) == (wanted, "pm-1")


def test_apply_finds_the_message_by_the_services_id_alone(now: datetime) -> None:
    message = sent(now)

    assert mail_events.apply(news(message, News.DELIVERED, at=now, message_id=None))

    message.refresh_from_db()
    assert message.state == State.DELIVERED


def test_apply_knows_a_mail_by_our_id_where_the_service_gave_none(now: datetime) -> None:
    message = sent(now)
    Message.objects.update(provider_id=mail_identity.message_id(message.pk))

    mail_events.apply(news(message, News.DELIVERED, at=now, provider_id="late-id"))

    message.refresh_from_db()
    assert message.state == State.DELIVERED


def test_apply_tells_the_same_news_once(now: datetime) -> None:
    message = sent(now)
    event = news(message, News.DELIVERED, at=now)

    outcomes = [mail_events.apply(event) for _ in range(3)]

    assert outcomes == [True, False, False]
    assert list(ProviderEvent.objects.values_list("kind", "event_key")) == [
        ("delivered", "pm-1:delivered")
    ]


def test_apply_of_an_unknown_mail_changes_nothing(now: datetime) -> None:
    assert not mail_events.apply(news(None, News.DELIVERED, at=now, provider_id="pm-9"))
    assert ProviderEvent.objects.count() == 0


def test_apply_says_why_a_service_did_not_deliver(now: datetime) -> None:
    message = sent(now)

    mail_events.apply(news(message, News.REFUSED, at=now))

    message.refresh_from_db()
    assert (message.state, message.reason) == (
        State.FAILED,
        "The mail service did not deliver it.",
    )
    assert suppressed() == []


# --- Hard bounces and complaints -----------------------------------------------------------------
def test_apply_suppresses_an_address_that_bounced_for_good(now: datetime) -> None:
    associate, customer = associate_with_client()
    sister = client_of(associate, phone="+13125550199")
    message = sent(now, customer=customer)
    waiting = MessageFactory(customer=sister, channel="email", to_address=MAILBOX)
    text = MessageFactory(customer=customer)

    mail_events.apply(news(message, News.HARD_BOUNCE, at=now))

    states = dict(Message.objects.values_list("pk", "state"))
    assert suppressed() == [("email", MAILBOX, "bounced")]
    assert states == {
        message.pk: State.FAILED,
        waiting.pk: State.CANCELED,
        text.pk: State.QUEUED,
    }
    assert Message.objects.get(pk=message.pk).reason == NO_MAILBOX
    assert set(
        ContactPoint.objects.filter(channel="email").values_list("unusable_because", flat=True)
    ) == {NO_MAILBOX}
    assert set(Consent.objects.values_list("state", flat=True)) == {"opted_in"}


def test_apply_suppresses_also_when_the_bounce_follows_a_delivery(now: datetime) -> None:
    message = sent(now)
    mail_events.apply(news(message, News.DELIVERED, at=now))

    mail_events.apply(news(message, News.HARD_BOUNCE, at=now))

    message.refresh_from_db()
    assert message.state == State.DELIVERED
    assert suppressed() == [("email", MAILBOX, "bounced")]


def test_apply_takes_a_complaint_for_a_no(now: datetime) -> None:
    _, customer = associate_with_client()
    message = sent(now, customer=customer)
    waiting = MessageFactory(customer=customer, channel="email", to_address=MAILBOX)

    for _ in range(2):
        mail_events.apply(news(message, News.COMPLAINT, at=now))

    message.refresh_from_db()
    waiting.refresh_from_db()
    consent = Consent.objects.get(customer=customer, channel="email")
    assert suppressed() == [("email", MAILBOX, "complained")]
    assert (consent.state, consent.source) == ("opted_out", "Called our mail spam")
    assert Consent.objects.get(customer=customer, channel="sms").state == "opted_in"
    assert (message.state, waiting.state) == (State.DELIVERED, State.CANCELED)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (News.HARD_BOUNCE, "bounced"),
        (News.COMPLAINT, "complained"),
        (News.UNSUBSCRIBED, "unsubscribed"),
    ],
)
def test_apply_hears_what_is_said_of_an_address_by_another_mail(
    now: datetime, kind: News, reason: str
) -> None:
    event = news(None, kind, at=now, recipient="Amanda@Example.com")

    assert [mail_events.apply(event) for _ in range(2)] == [True, False]

    stored = ProviderEvent.objects.get()
    assert suppressed() == [("email", MAILBOX, reason)]
    assert "amanda" not in stored.event_key


# --- Soft bounces --------------------------------------------------------------------------------
def bounced(now: datetime, *, days_ago: int, kind: News = News.SOFT_BOUNCE, **changes: Any) -> None:
    at = now - timedelta(days=days_ago)
    number = f"pm-{days_ago}"
    message = sent(at, provider_id=number, **changes)
    mail_events.apply(news(message, kind, at=at))


def test_apply_tells_why_a_soft_bounce_failed_and_forgives_it(now: datetime) -> None:
    bounced(now, days_ago=1)

    message = Message.objects.get()
    assert (message.state, message.reason) == (State.FAILED, NOT_REACHED)
    assert (suppressed(), MailPause.objects.count()) == ([], 0)


def test_three_soft_bounces_in_a_row_pause_the_address_in_plain_words(now: datetime) -> None:
    associate, customer = associate_with_client(
        preferred_channel="email", first_purchase_at=now, last_purchase_at=now
    )
    for days_ago in (62, 61, 60):
        bounced(now, days_ago=days_ago, customer=customer)

    soon = now - timedelta(days=40)
    [resting] = contact_facts.contact_facts([customer], associate=associate, now=soon).values()
    [rested] = contact_facts.contact_facts([customer], associate=associate, now=now).values()
    blockers = decide(resting, now=soon, channel="email").blockers
    no_address = next(each for each in blockers if each.code == "no-address")
    assert no_address.sentence == (
        "No working email address: the last mails came back, next try from 16 May."
    )
    assert resting.channels["sms"].unusable_because == ""
    assert rested.channels["email"].unusable_because == ""
    assert suppressed() == []


@pytest.mark.parametrize("kinds", [(News.SOFT_BOUNCE,) * 2, (News.SOFT_BOUNCE, News.DELIVERED)])
def test_two_soft_bounces_or_a_delivery_between_do_not_pause(
    now: datetime, kinds: tuple[News, ...]
) -> None:
    for days_ago, kind in zip((30, 20), kinds, strict=True):
        bounced(now, days_ago=days_ago, kind=kind)
    if News.DELIVERED in kinds:
        bounced(now, days_ago=10)

    assert MailPause.objects.count() == 0


def test_the_same_soft_bounce_three_times_does_not_pause(now: datetime) -> None:
    message = sent(now)

    for _ in range(3):
        mail_events.apply(news(message, News.SOFT_BOUNCE, at=now))

    assert MailPause.objects.count() == 0


def test_a_delivery_ends_the_pause(now: datetime) -> None:
    MailPause.objects.create(address=MAILBOX, paused_at=now, until=now + timedelta(days=30))

    mail_events.apply(news(sent(now), News.DELIVERED, at=now + timedelta(hours=1)))

    assert MailPause.objects.get().until == now + timedelta(hours=1)
    assert not mail_pauses.end(MAILBOX, now=now + timedelta(hours=2))


def test_after_the_rest_one_more_bounce_pauses_again(now: datetime) -> None:
    for days_ago in (90, 80, 70, 1):
        bounced(now, days_ago=days_ago)

    assert MailPause.objects.get().paused_at == now - timedelta(days=1)
