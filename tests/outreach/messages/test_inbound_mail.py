"""Answers by mail: to whom they belong, what they start, and what they never start."""

import io
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.message import Message as Mail
from typing import Any

import numpy as np
import pytest
from PIL import Image

from customers.models import Suppression
from outreach.messages import (
    contact_facts,
    conversations,
    inbound_mail,
    mail_identity,
    unknown_senders,
)
from outreach.messages.contact_policy import decide
from outreach.messages.providers.receipts import Outgoing
from outreach.messages.providers.simulator import Simulator, write_back
from outreach.models import Message, ProviderEvent, Reply, ReplyPicture
from outreach.models.message import State, Step
from tests.factories import ManagerFactory, MessageFactory
from tests.outreach.messages.worlds import MAILBOX, associate_with_client, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    settings.EMAIL_SENDER = "Oak Street <notes@shop.example>"
    settings.EMAIL_REPLY_TO = "replies+@in.shop.example"


@pytest.fixture
def note(now: datetime) -> Message:
    """What we wrote to her an hour ago."""
    _, customer = associate_with_client()
    return MessageFactory(
        customer=customer,
        sender=customer.associate,
        channel="email",
        to_address=MAILBOX,
        state="sent",
        sent_at=now - timedelta(hours=1),
        intent_at=now - timedelta(hours=1),
        provider="smtp",
        provider_id="pm-1",
    )


def mail(*headers: str, body: str = "Yes please!", sender: str = MAILBOX, number: int = 1) -> Mail:
    lines = [f"From: Amanda <{sender}>", f"Message-ID: <{number}@mail.example>", *headers, "", body]
    return message_from_bytes("\r\n".join(lines).encode())


def answering(note: Message) -> str:
    return f"In-Reply-To: {mail_identity.message_id(note.pk)}"


def received(mail: Mail, *, now: datetime, **envelope: Any) -> bool:
    return inbound_mail.receive(mail, provider="imap", now=now, **envelope)


# --- Whose it is ---------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["message-id", "references", "token", "envelope"])
def test_receive_brings_an_answer_into_her_thread(now: datetime, note: Message, way: str) -> None:
    token = mail_identity.reply_to(note.pk)
    headers = {
        "message-id": answering(note),
        "references": f"References: <a@b> {mail_identity.message_id(note.pk)}",
        "token": f"To: Maya <{token}>",
        "envelope": "To: undisclosed-recipients:;",
    }
    quoted = "Yes please!\r\n\r\nOn 15 Jun 2026 at 12:00, Maya wrote:\r\n> Dear Amanda"

    assert received(
        mail(headers[way], body=quoted, sender="amanda@work.example"),
        now=now,
        envelope_recipient=token if way == "envelope" else "",
    )

    reply = Reply.objects.get()
    assert (reply.customer, reply.message, reply.body) == (note.customer, note, "Yes please!")
    assert (reply.channel, reply.from_address) == ("email", "amanda@work.example")
    assert (reply.kind, reply.is_verified) == (Reply.Kind.WORDS, True)
    assert conversations.may_answer(note.customer, now=now)


def test_receive_the_same_mail_twice_is_one_entry(now: datetime, note: Message) -> None:
    outcomes = [received(mail(answering(note)), now=now) for _ in range(2)]

    assert outcomes == [True, False]
    assert (Reply.objects.count(), ProviderEvent.objects.count()) == (1, 1)


def test_receive_takes_a_bare_sender_for_hers_but_not_for_proven(
    now: datetime, note: Message
) -> None:
    received(mail(body="Do you have it in 38?"), now=now)

    reply = Reply.objects.get()
    [bubble] = [each for each in conversations.thread(note.customer, now=now) if not each.is_ours]
    assert (reply.customer, reply.message, reply.is_verified) == (note.customer, None, False)
    assert bubble.reason == "not confirmed to be hers"
    assert bubble.is_waiting


def test_a_forged_sender_opens_no_conversation_and_answers_nothing(
    now: datetime, note: Message
) -> None:
    received(mail(), now=now)

    [facts] = contact_facts.contact_facts([note.customer], associate=note.sender, now=now).values()
    blockers = decide(facts, now=now, step=Step.ANSWER).blockers
    assert (facts.last_words_at, facts.channels["email"].answered) == (None, 0)
    assert not conversations.may_answer(note.customer, now=now)
    assert [each.sentence for each in blockers] == [
        "Anybody could have written her last mail: call her before you answer."
    ]


def test_receive_keeps_a_stranger_for_the_manager(now: datetime) -> None:
    received(mail(sender="stranger@example.org"), now=now)

    [sender] = unknown_senders.waiting(ManagerFactory())
    assert (sender.channel, sender.address) == ("email", "stranger@example.org")


def test_receive_leaves_newsletters_and_spam_of_strangers_alone(now: datetime) -> None:
    newsletter = mail("List-Id: <news.example>", sender="news@example.org")
    prize = mail(sender="prince@example.org", number=2)
    stop = mail("List-Id: <news.example>", body="unsubscribe", sender="me@example.org", number=3)

    assert not received(newsletter, now=now)
    assert not received(prize, now=now, is_spam=True)
    assert received(stop, now=now)

    assert Suppression.objects.get().address == "me@example.org"
    assert [reply.kind for reply in Reply.objects.all()] == [Reply.Kind.STOP]


def test_receive_hears_a_client_whose_mail_looks_like_spam(now: datetime, note: Message) -> None:
    assert received(mail(), now=now, is_spam=True)
    assert received(mail(answering(note), sender="b@example.org", number=2), now=now, is_spam=True)


@pytest.mark.parametrize("sender", ["notes@shop.example", "", "nobody"])
def test_receive_leaves_our_own_mails_and_those_of_nobody_alone(now: datetime, sender: str) -> None:
    assert not received(mail(sender=sender), now=now)
    assert (Reply.objects.count(), ProviderEvent.objects.count()) == (0, 0)


def test_receive_takes_words_without_a_sender_for_hers_when_they_answer_us(
    now: datetime, note: Message
) -> None:
    received(mail(answering(note), sender=""), now=now)

    assert Reply.objects.get().from_address == MAILBOX


@pytest.mark.parametrize(
    ("subject", "body", "shown"),
    [
        ("Re: New here", "In 38?", "In 38?"),
        ("In 38?", "", "In 38?"),
        ("Sunday", "Are you open?", "Sunday\n\nAre you open?"),
        ("", "In 38?", "In 38?"),
        ("AW: New here", "", ""),
    ],
)
def test_receive_shows_a_subject_that_is_hers(
    now: datetime, note: Message, subject: str, body: str, shown: str
) -> None:
    received(mail(answering(note), f"Subject: {subject}", body=body), now=now)

    assert Reply.objects.get().body == shown


@pytest.mark.parametrize("word", ["help", "info", "start"])
def test_a_word_that_carriers_act_on_waits_for_a_person(
    now: datetime, note: Message, word: str
) -> None:
    received(mail(answering(note), body=word), now=now)

    assert Reply.objects.waiting().count() == 1


def test_receive_counts_the_files_it_leaves_out(now: datetime, note: Message) -> None:
    picture = "--b\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment\r\n\r\n/9j/\r\n"
    body = f"--b\r\nContent-Type: text/plain\r\n\r\nThis one?\r\n{picture}{picture}--b--"

    received(mail(answering(note), "Content-Type: multipart/mixed; boundary=b", body=body), now=now)

    [bubble] = [each for each in conversations.thread(note.customer, now=now) if not each.is_ours]
    assert (bubble.body, bubble.reason) == ("This one?", "2 files left out")


def with_files(note: Message, *files: tuple[bytes, str]) -> Mail:
    """As mail programs send it, which is not as RFC 2046 would like it best."""
    made = EmailMessage()
    made["From"], made["Message-ID"] = MAILBOX, "<7@mail.example>"
    made["In-Reply-To"] = mail_identity.message_id(note.pk)
    made.set_content("Do these go with it?")
    for content, kind in files:
        made.add_attachment(content, "image", kind, filename=f"photo.{kind}")
    return message_from_bytes(made.as_bytes())


def photograph() -> bytes:
    """Noise, which no format makes small."""
    noise = np.random.default_rng(3).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG")
    return out.getvalue()


def test_receive_keeps_her_photographs_as_we_draw_them(now: datetime, note: Message) -> None:
    broken, logo = b"\x89PNG\r\n\x1a\n" + bytes(20_000), photograph()[:900]

    received(with_files(note, (photograph(), "png"), (broken, "png"), (logo, "gif")), now=now)

    kept, refused = ReplyPicture.objects.order_by("position")
    assert (kept.state, kept.width, kept.height) == ("kept", 160, 120)
    assert bytes(kept.content).startswith(b"\xff\xd8\xff")
    assert (refused.state, refused.reason) == ("refused", "The picture could not be read.")
    assert Reply.objects.get().left_out == 1


def test_receive_the_same_photographs_twice_keeps_them_once(now: datetime, note: Message) -> None:
    for _ in range(2):
        received(with_files(note, (photograph(), "png")), now=now)

    assert ReplyPicture.objects.count() == 1


def test_receive_takes_no_more_photographs_than_ten(now: datetime, note: Message) -> None:
    received(with_files(note, *[(photograph(), "png")] * 11), now=now)

    assert (ReplyPicture.objects.count(), Reply.objects.get().left_out) == (10, 1)


# --- Machines ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "header", ["Auto-Submitted: auto-replied", "Subject: Out of office", "Precedence: bulk"]
)
def test_an_automatic_answer_is_shown_and_counts_for_nothing(
    now: datetime, note: Message, header: str
) -> None:
    received(mail(answering(note), header, body="I am away until 3 July."), now=now)

    reply = Reply.objects.get()
    [facts] = contact_facts.contact_facts([note.customer], associate=note.sender, now=now).values()
    [bubble] = [each for each in conversations.thread(note.customer, now=now) if not each.is_ours]
    assert (reply.kind, Reply.objects.waiting().count()) == (Reply.Kind.AUTOMATIC, 0)
    assert (facts.last_words_at, facts.channels["email"].answered) == (None, 0)
    assert not conversations.may_answer(note.customer, now=now)
    assert (bubble.reason, bubble.is_waiting) == ("sent by her mailbox, not by her", False)


def test_an_automatic_answer_asks_nobody_to_stop(now: datetime, note: Message) -> None:
    waiting = MessageFactory(customer=note.customer, channel="email", to_address=MAILBOX)

    received(
        mail(
            answering(note),
            "Auto-Submitted: auto-replied",
            body="This mailbox is not read. Please remove me from your list.",
        ),
        now=now,
    )

    waiting.refresh_from_db()
    assert (waiting.state, Suppression.objects.count()) == (State.QUEUED, 0)


# --- Stop ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: New here", "STOP"),
        ("Re: New here", "Unsubscribe.\r\n\r\nAmanda Reyes"),
        ("Re: New here", "stop\r\n\r\nOn 15 Jun 2026 at 12:00, Maya wrote:\r\n> No more email"),
        ("Unsubscribe", ""),
        ("Re: STOP", "\r\n\r\n-- \r\nAmanda"),
    ],
)
def test_a_stop_by_mail_suppresses_the_address_at_once(
    now: datetime, note: Message, subject: str, body: str
) -> None:
    waiting = MessageFactory(customer=note.customer, channel="email", to_address=MAILBOX)

    received(mail(answering(note), f"Subject: {subject}", body=body), now=now)

    waiting.refresh_from_db()
    assert Suppression.objects.values_list("channel", "address", "reason").get() == (
        "email",
        MAILBOX,
        "stop-word",
    )
    assert (waiting.state, Reply.objects.get().kind) == (State.CANCELED, Reply.Kind.STOP)


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: New here", "I can't stop wearing them!"),
        ("Stop by on Friday?", "Would that suit you?"),
        ("Re: New here", "> unsubscribe"),
    ],
)
def test_talk_of_shopping_is_no_stop(now: datetime, note: Message, subject: str, body: str) -> None:
    received(mail(answering(note), f"Subject: {subject}", body=body), now=now)

    assert Suppression.objects.count() == 0


def test_a_forged_sender_may_stop_mail_and_never_start_it(now: datetime, note: Message) -> None:
    received(mail(body="unsubscribe"), now=now)
    received(mail(body="START", number=2), now=now)

    assert Suppression.objects.get().lifted_at is None
    assert [reply.kind for reply in Reply.objects.order_by("pk")] == [
        Reply.Kind.STOP,
        Reply.Kind.WORDS,
    ]


def test_a_stop_from_another_mailbox_ends_mail_to_both(now: datetime, note: Message) -> None:
    received(mail(answering(note), body="stop", sender="amanda@work.example"), now=now)

    assert set(Suppression.objects.values_list("address", flat=True)) == {
        MAILBOX,
        "amanda@work.example",
    }


def test_a_wish_in_free_words_holds_offers_also_from_another_mailbox(
    now: datetime, note: Message
) -> None:
    waiting = MessageFactory(customer=note.customer)

    received(
        mail(answering(note), body="Please stop emailing me.", sender="amanda@work.example"),
        now=now,
    )

    waiting.refresh_from_db()
    assert (waiting.state, Suppression.objects.count()) == (State.CANCELED, 0)


# --- Bounces -------------------------------------------------------------------------------------
def bounce(note: Message, status: str) -> Mail:
    return mail(
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        sender="mailer-daemon@mx.example.com",
        body="--b\r\nContent-Type: text/plain\r\n\r\nunsubscribe\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Action: failed\r\nStatus: {status}\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {mail_identity.message_id(note.pk)}\r\n--b--",
    )


def test_a_bounce_in_our_mailbox_ends_mail_to_a_dead_address(now: datetime, note: Message) -> None:
    outcomes = [received(bounce(note, "5.1.1"), now=now) for _ in range(2)]

    note.refresh_from_db()
    assert outcomes == [True, False]
    assert (note.state, note.reason) == (State.FAILED, "There is no mailbox at this address.")
    assert Suppression.objects.get().reason == "bounced"
    assert Reply.objects.count() == 0


def test_a_full_mailbox_is_no_dead_one(now: datetime, note: Message) -> None:
    received(bounce(note, "5.2.2"), now=now)

    note.refresh_from_db()
    assert (note.state, Suppression.objects.count()) == (State.FAILED, 0)


# --- The simulated mailbox -----------------------------------------------------------------------
def test_a_simulated_answer_takes_the_same_road(now: datetime) -> None:
    associate, customer = associate_with_client()
    client_of(associate, phone="+13125550199")  # shares the mailbox, and was not written to
    note = MessageFactory(
        customer=customer,
        channel="email",
        to_address=MAILBOX,
        state="sent",
        sent_at=now,
        intent_at=now,
        provider="simulator",
        provider_id="taken",
    )
    Simulator("email").send(Outgoing(note.pk, MAILBOX, "Dear Amanda,\n\nstop", now, subject="New"))
    written = write_back(
        channel="email", address=MAILBOX, body="Love them", now=now + timedelta(minutes=1)
    )

    outcomes = [inbound_mail.receive_simulated(written) for _ in range(2)]

    reply = Reply.objects.get()
    assert outcomes == [True, False]
    assert (reply.customer, reply.message, reply.body) == (customer, note, "Love them")
    assert (reply.provider, reply.is_verified) == ("simulator", True)
    assert ProviderEvent.objects.get().payload == {
        "subject": "Re: New",
        "text": "Love them\n\nOn 15 June 2026 at 17:00, we wrote:\n> Dear Amanda,\n>\n> stop",
    }


def test_a_simulated_stop_ends_the_mails(now: datetime) -> None:
    associate_with_client()
    written = write_back(channel="email", address=MAILBOX, body="STOP", now=now)

    inbound_mail.receive_simulated(written)

    assert Suppression.objects.get().address == MAILBOX
