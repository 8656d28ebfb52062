"""A sent note folded into a strip: where it stands, and whether it can still be taken back. Pure:
the message comes with its customer, its store, and whether a stop holds it (`with_stops`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from django.urls import reverse

from clienteling.models import Store
from customers.models import Channel
from outreach.day import wording
from outreach.models.message import Message, State

SOON = timedelta(seconds=60)  # a note held longer than this is not asked about every few seconds
ASK_OFTEN, ASK_SELDOM = 2, 15
PATIENCE = timedelta(minutes=2)  # after this a receipt is asked for less often
STOPPED = "Held: sending is stopped. It leaves when it is started again."
GIVE_UP = timedelta(minutes=30)  # and after this no more: the day is drawn anew anyway


@dataclass(frozen=True)
class Strip:
    """What the template draws. `asks_again_after` is in seconds; None once nothing will change."""

    pk: int
    customer_id: str
    name: str
    client_url: str
    thread_url: str
    url: str
    take_back_url: str
    label: str
    look: str
    icon: str
    sentence: str
    can_undo: bool = False
    undo_seconds: int = 0
    asks_again_after: int | None = None
    say: str = ""
    alarm: str = ""


@dataclass(frozen=True)
class _Words:
    look: str
    icon: str
    sentence: str
    alarm: str = ""


def strip_of(message: Message, store: Store, *, now: datetime) -> Strip:
    """The strip of this message at `now`; hours are the store's."""
    customer = message.customer
    words = WORDS[State(message.state)](message, store, now)
    has_time = _leaves_in(message, now) > timedelta(0)
    can_undo = message.state == State.QUEUED and (has_time or _is_stopped(message))
    return Strip(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        client_url=reverse("client", args=[customer.customer_id]),
        thread_url=reverse("thread", args=[customer.customer_id]),
        url=reverse("message-strip", args=[message.pk]),
        take_back_url=reverse("take-back", args=[message.pk]),
        label=f"{_kind(message)} to {customer}",
        look=words.look,
        icon=words.icon,
        sentence=words.sentence,
        can_undo=can_undo,
        undo_seconds=_seconds(_leaves_in(message, now)) if can_undo and has_time else 0,
        asks_again_after=_asks_again_after(message, now),
        alarm=words.alarm,
    )


def just_sent(message: Message, store: Store, *, now: datetime) -> Strip:
    """The same, right after the tap: said aloud as well."""
    strip = strip_of(message, store, now=now)
    undo = " Press U to take it back." if strip.can_undo else ""
    held = _leaves_in(message, now) > SOON
    when = "waits for its hour" if held else "is on its way"
    return replace(strip, say=f"{_kind(message)} to {message.customer} {when}.{undo}")


def _draft(message: Message, store: Store, now: datetime) -> _Words:
    return _Words("sent gone", "edit", "Not sent.")


def _queued(message: Message, store: Store, now: datetime) -> _Words:
    leaves_in = _leaves_in(message, now)
    if _is_stopped(message):
        return _Words("held rest", "stop", STOPPED)
    if leaves_in > SOON and message.send_after:
        when = wording.when_words(message.send_after, store.zone, now=now)
        return _Words("sent gone", "clock", f"{_kind(message)} leaves {when}.")
    if leaves_in > timedelta(0):
        seconds = wording.counted(_seconds(leaves_in), "second")
        return _Words(
            "sent", "check", f"{_kind(message)} is on its way. You have {seconds} to take it back."
        )
    return _Words("sent gone", "check", f"{_kind(message)} is leaving now.")


def _sending(message: Message, store: Store, now: datetime) -> _Words:
    return _Words("sent gone", "check", f"{_kind(message)} is leaving now.")


def _unconfirmed(message: Message, store: Store, now: datetime) -> _Words:
    return _Words(
        "held rest", "clock", "Not confirmed yet. It is being looked up; please do not send again."
    )


def _sent(message: Message, store: Store, now: datetime) -> _Words:
    at = wording.moment_words(message.sent_at or now, store.zone, now=now)
    if message.has_no_receipt(now=now):
        return _Words("sent gone", "check", f"Sent {at}; no receipt. It may not have arrived.")
    return _Words("sent gone", "check", f"Sent {at}; no receipt yet.")


def _delivered(message: Message, store: Store, now: datetime) -> _Words:
    at = wording.moment_words(message.delivered_at or now, store.zone, now=now)
    return _Words("sent gone", "check", f"Delivered {at}")


def _failed(message: Message, store: Store, now: datetime) -> _Words:
    reason = message.reason or "The carrier refused it."
    return _Words(
        "held", "alert", f"Not delivered. {reason}", alarm=f"To {message.customer}: {reason}"
    )


def _canceled(message: Message, store: Store, now: datetime) -> _Words:
    return _Words("held rest", "undo", f"Not sent. {message.reason or 'It was taken back.'}")


def _needs_attention(message: Message, store: Store, now: datetime) -> _Words:
    reason = message.reason or "Nobody knows whether it left."
    return _Words("held", "alert", f"Needs you. {reason}", alarm=f"To {message.customer}: {reason}")


WORDS: Mapping[State, Callable[[Message, Store, datetime], _Words]] = {
    State.DRAFT: _draft,
    State.QUEUED: _queued,
    State.SENDING: _sending,
    State.UNCONFIRMED: _unconfirmed,
    State.SENT: _sent,
    State.DELIVERED: _delivered,
    State.FAILED: _failed,
    State.CANCELED: _canceled,
    State.NEEDS_ATTENTION: _needs_attention,
}


def _asks_again_after(message: Message, now: datetime) -> int | None:
    """When the strip should look again: at the end of the undo time, then every few seconds."""
    if message.state == State.QUEUED and _is_stopped(message):
        return ASK_SELDOM
    if message.state == State.QUEUED:
        leaves_in = _leaves_in(message, now)
        if leaves_in > SOON:
            return None
        return _seconds(leaves_in) + 1 if leaves_in > timedelta(0) else ASK_OFTEN
    if message.state not in {State.SENDING, State.UNCONFIRMED, State.SENT}:
        return None
    age = now - (message.queued_at or now)
    if age > GIVE_UP:
        return None
    return ASK_OFTEN if age < PATIENCE else ASK_SELDOM


def _is_stopped(message: Message) -> bool:
    return bool(getattr(message, "is_stopped", False))


def _leaves_in(message: Message, now: datetime) -> timedelta:
    return (message.send_after or now) - now


def _seconds(length: timedelta) -> int:
    return max(1, ceil(length.total_seconds()))


def _kind(message: Message) -> str:
    return Channel(message.channel).label
