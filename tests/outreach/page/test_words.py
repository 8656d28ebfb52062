"""Her words on the page continue the conversation; they allow nothing."""

from datetime import datetime

import pytest

from customers import consent
from customers.models import ConsentEvent
from outreach.messages import conversations
from outreach.models import Lookbook, Message, Reply
from outreach.page import words
from tests.factories import LookbookFactory, MessageFactory
from tests.outreach.messages.worlds import PHONE, associate_with_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(now: datetime) -> Message:
    associate, customer = associate_with_client()
    page = LookbookFactory(customer=customer, associate=associate)
    return MessageFactory(
        customer=customer,
        sender=associate,
        to_address=PHONE,
        lookbook=page,
        state="sent",
        sent_at=now,
        intent_at=now,
    )


def page_of(note: Message) -> Lookbook:
    return Lookbook.objects.get(message=note)


def test_reply_continues_the_thread_of_the_note(note: Message, now: datetime) -> None:
    assert words.reply(page_of(note), "The first, in 38 please.", token="t1", now=now)

    reply = Reply.objects.get()
    assert (reply.customer, reply.message, reply.channel) == (note.customer, note, "sms")
    assert (reply.body, reply.kind) == ("The first, in 38 please.", "words")
    assert [row.customer for row in conversations.waiting(note.sender, now=now)] == [note.customer]
    assert conversations.may_answer(note.customer, now=now)
    assert conversations.thread(note.customer, now=now)[0].reason == "written on her page"


def test_reply_is_taken_once_a_form(note: Message, now: datetime) -> None:
    page = page_of(note)

    taken = [words.reply(page, "Yes!", token=token, now=now) for token in ("a", "a", "b")]

    assert (taken, Reply.objects.count()) == ([True, False, True], 2)


@pytest.mark.parametrize("said", ["START", "unstop", "help", "Yes please"])
def test_reply_changes_no_consent(note: Message, now: datetime, said: str) -> None:
    consent.suppress(PHONE, "sms", reason="stop-word", at=now)
    before = ConsentEvent.objects.count()

    words.reply(page_of(note), said, token="t", now=now)

    assert Reply.objects.get().kind == "words"
    assert consent.is_suppressed(PHONE, "sms")
    assert ConsentEvent.objects.count() == before


def test_stop_on_the_page_is_obeyed(note: Message, now: datetime) -> None:
    words.reply(page_of(note), "Stop", token="t", now=now)

    assert Reply.objects.get().kind == "stop"
    assert not consent.may_receive(note.customer, "sms")


def test_page_without_a_note_takes_no_words(now: datetime) -> None:
    assert not words.reply(LookbookFactory(), "Hello", token="t", now=now)
    assert Reply.objects.count() == 0


def test_page_of_an_erased_client_takes_no_words(note: Message, now: datetime) -> None:
    Message.objects.update(to_address="")

    assert not words.reply(page_of(note), "Hello", token="t", now=now)
