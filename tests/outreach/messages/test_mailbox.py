"""A poll over a real socket, against a stand-in for a mail server."""

import logging
from datetime import datetime
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection

from clienteling.locks import DatabaseLock
from outreach import tasks
from outreach.messages import inbound_mail, mailbox
from outreach.messages.mailbox import MailboxUnavailable, Poll, poll
from outreach.models import Reply
from tests.outreach.imap_stand_in import ImapStandIn
from tests.outreach.messages.worlds import associate_with_client

pytestmark = pytest.mark.django_db(transaction=True)


def letter(number: int, body: str = "Yes please!") -> bytes:
    lines = ["From: amanda@example.com", f"Message-ID: <{number}@mail.example>", "", body]
    return "\r\n".join(lines).encode()


def test_poll_takes_in_what_nobody_has_read(now: datetime) -> None:
    _, customer = associate_with_client()
    stand_in = ImapStandIn(letter(1, "One"), letter(2, "Two"))

    with stand_in.serving() as address:
        outcomes = [poll(address, now=now), poll(address, now=now)]

    assert outcomes == [Poll(taken=2), Poll()]
    assert [(reply.customer, reply.body) for reply in Reply.objects.order_by("pk")] == [
        (customer, "One"),
        (customer, "Two"),
    ]
    assert stand_in.flags == [{"Seen"}, {"Seen"}]


def test_poll_marks_a_mail_only_after_its_entry_is_committed(now: datetime) -> None:
    stand_in = ImapStandIn(letter(1))
    committed: list[int] = []

    def look() -> None:  # in the stand-in's thread, so over another connection
        committed.append(Reply.objects.count())
        connection.close()

    stand_in.before_store = look
    with stand_in.serving() as address:
        poll(address, now=now)

    assert committed == [1]


def test_poll_reads_again_what_it_could_not_mark_and_makes_one_entry(now: datetime) -> None:
    stand_in = ImapStandIn(letter(1))

    def die() -> None:
        stand_in.before_store = lambda: None
        raise ConnectionResetError

    stand_in.before_store = die
    with stand_in.serving() as address:
        with pytest.raises(MailboxUnavailable):
            poll(address, now=now)
        again = poll(address, now=now)

    assert again == Poll(known=1)
    assert Reply.objects.count() == 1


def test_poll_flags_a_mail_nobody_can_read_and_goes_on(
    now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    receive = inbound_mail.receive

    def trip(mail: Any, **known: Any) -> bool:
        if mail["Message-ID"] == "<1@mail.example>":
            raise AttributeError(f"{mail.get_payload()} has no attribute 'local_part'")
        return receive(mail, **known)

    monkeypatch.setattr(inbound_mail, "receive", trip)
    stand_in = ImapStandIn(letter(1), letter(2))
    with caplog.at_level(logging.INFO), stand_in.serving() as address:
        outcomes = [poll(address, now=now), poll(address, now=now)]

    assert outcomes == [Poll(taken=1, broken=1), Poll()]
    assert stand_in.flags == [{"Flagged"}, {"Seen"}]
    assert "Mail 11 cannot be read (AttributeError): flagged for a person" in caplog.text
    assert "Yes please" not in caplog.text


@pytest.mark.parametrize("fault", [OperationalError, SoftTimeLimitExceeded])
def test_poll_leaves_mails_unread_when_the_fault_is_not_theirs(
    now: datetime, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def away(mail: Any, **known: Any) -> bool:
        raise fault

    monkeypatch.setattr(inbound_mail, "receive", away)
    stand_in = ImapStandIn(letter(1))
    with stand_in.serving() as address, pytest.raises(fault):
        poll(address, now=now)

    assert stand_in.flags == [set()]


def test_poll_takes_only_the_beginning_of_a_huge_mail(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MOST_BYTES", 2_000)
    stand_in = ImapStandIn(letter(1, "Yes please!\r\n\r\n-- \r\n" + "x" * 1_000_000))

    with stand_in.serving() as address:
        poll(address, now=now)

    assert Reply.objects.get().body == "Yes please!"


def test_poll_does_nothing_while_another_one_polls(now: datetime) -> None:
    stand_in = ImapStandIn(letter(1))
    other = connection.copy()
    with other.cursor() as cursor, stand_in.serving() as address:
        cursor.execute("SELECT pg_advisory_lock(%s)", [DatabaseLock.MAILBOX])

        outcome = poll(address, now=now)

        # The pool keeps the session, and with it the lock.
        cursor.execute("SELECT pg_advisory_unlock(%s)", [DatabaseLock.MAILBOX])
    other.close()

    assert (outcome, stand_in.said) == (Poll(), [])


def test_poll_says_so_when_it_is_not_let_in(now: datetime) -> None:
    stand_in = ImapStandIn()
    stand_in.password = "another"

    with stand_in.serving() as address, pytest.raises(MailboxUnavailable) as refusal:
        poll(address, now=now)

    assert str(refusal.value) == "error"


def test_poll_says_so_when_nobody_listens(now: datetime) -> None:
    with ImapStandIn().serving() as address:
        pass

    with pytest.raises(MailboxUnavailable):
        poll(address, now=now)


@pytest.mark.parametrize("is_named", [True, False])
def test_the_task_polls_the_mailbox_that_is_named(settings: Any, is_named: bool) -> None:
    stand_in = ImapStandIn(letter(1))

    with stand_in.serving() as address:
        settings.IMAP_MAILBOX = address if is_named else None
        tasks.poll_mailbox()

    assert Reply.objects.count() == int(is_named)
