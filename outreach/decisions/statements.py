"""Each rule as a statement that held or did not, with what was known: words for a person. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from customers.models import Channel, ConsentState
from customers.rhythm import rhythm_words
from outreach.decisions import verdicts
from outreach.decisions.rules import Inputs
from outreach.messages.contact_policy import Asked, ChannelFacts, day

ADDRESS = {Channel.SMS: "Number", Channel.EMAIL: "Mailbox"}
NOTES = {Channel.SMS: "texts", Channel.EMAIL: "email"}


@dataclass(frozen=True)
class Statement:
    """A rule as it stood that night: what it says, and what was known.

    `objects` where it kept her from a note: a closed channel does not while the other is open.
    """

    code: str
    words: str
    known: str
    holds: bool
    objects: bool = False


WORDS: Mapping[str, tuple[str, str]] = {
    verdicts.NEVER_BOUGHT: ("Has bought before", "Has not bought yet"),
    verdicts.BOUGHT_LATELY: ("Away long enough", "Not away long enough"),
    "suppressed": ("{address} may be used", "{address} must not be used"),
    "opted-out": ("Has not refused {notes}", "Refused {notes}"),
    "no-address": ("{address} works", "{address} does not work"),
    "no-consent": ("Said yes to {notes}", "Never said yes to {notes}"),
    "claimed-by-colleague": ("In this book", "In a colleague’s book"),
    "may-have-asked-to-stop": ("No words that may mean stop", "Words that may mean stop"),
    "message-on-its-way": ("No note on its way", "A note was on its way"),
    "hold-out": ("Not left alone on purpose", "Left alone on purpose"),
    "asked-for-peace": ("Not asked for peace", "Asked for peace"),
    "put-off": ("Not put off", "Put off"),
    "do-not-disturb": ("No quiet days", "Quiet days"),
    "contacted-recently": ("Not written to too recently", "Written to too recently"),
    "resting": ("Not resting after silence", "Resting after silence"),
    "open-complaint": ("No complaint open", "A complaint was open"),
    "recent-complaint": ("No complaint solved just before", "A complaint solved just before"),
    "no-open-hours": ("Hours in which to write", "No hours in which to write"),
    verdicts.NOTHING_TO_SHOW: ("Something new that suits", "Nothing new that suits"),
}
"""Each rule by its code: as it reads where it held, and where it did not."""


def statement(asked: Asked, inputs: Inputs, *, now: datetime) -> Statement:
    """One rule with its input in plain words, as of the night's moment."""
    holds = asked.blocker is None
    held, objected = WORDS[asked.code]
    channel = Channel(asked.channel) if asked.channel else Channel.SMS
    words = (held if holds else objected).format(address=ADDRESS[channel], notes=NOTES[channel])
    known = KNOWN[asked.code](inputs, channel, now)
    return Statement(asked.code, words, known, holds)


# --- What was known -------------------------------------------------------------------------------
def _purchase(inputs: Inputs, channel: str, now: datetime) -> str:
    last = inputs.rhythm.last_purchase_at
    if last is None:
        return "no purchase on record"
    on = last.astimezone(inputs.contact.zone).date()
    return f"last purchase {day(on)} {on.year}"


def _away(inputs: Inputs, channel: str, now: datetime) -> str:
    away = rhythm_words(inputs.rhythm, now=now, zone=inputs.contact.zone)
    lapse = f"lapsed after {inputs.lapse_days}"
    return f"{away}; {lapse}" if away else lapse


def _channel(inputs: Inputs, channel: str) -> ChannelFacts:
    return inputs.contact.channels[channel]


def _stop(inputs: Inputs, channel: str, now: datetime) -> str:
    return "a stop stands" if _channel(inputs, channel).is_suppressed else "no stop on record"


def _said(inputs: Inputs, channel: str, now: datetime) -> str:
    said = {ConsentState.OPTED_IN: "a yes on record", ConsentState.OPTED_OUT: "a no on record"}
    consent = _channel(inputs, channel).consent
    return said[ConsentState(consent)] if consent else "never asked"


def _address(inputs: Inputs, channel: str, now: datetime) -> str:
    known = _channel(inputs, channel)
    if known.unusable_because:
        return known.unusable_because
    return "on record" if known.address else "none on record"


def _claimed(inputs: Inputs, channel: str, now: datetime) -> str:
    return inputs.contact.claimed_by or "nobody else’s"


def _unread(inputs: Inputs, channel: str, now: datetime) -> str:
    return "still to be read" if inputs.contact.may_have_asked_to_stop else "none unread"


def _on_its_way(inputs: Inputs, channel: str, now: datetime) -> str:
    return "not arrived yet" if inputs.contact.is_on_its_way else "none waiting"


def _held_out(inputs: Inputs, channel: str, now: datetime) -> str:
    return "drawn: no offers" if inputs.contact.is_held_out else "drawn: gets offers"


def _peace(inputs: Inputs, channel: str, now: datetime) -> str:
    until = inputs.contact.leave_until
    return f"until {day(until)}" if until else "no day named"


def _put_off(inputs: Inputs, channel: str, now: datetime) -> str:
    said = inputs.contact.put_off
    return f"until {day(said.back_on)}" if said else "nobody said not now"


def _quiet(inputs: Inputs, channel: str, now: datetime) -> str:
    until = max((each.ends_on for each in inputs.contact.quiet_days), default=None)
    return f"up to {day(until)}" if until else "none entered"


def _contacts(inputs: Inputs, channel: str, now: datetime) -> str:
    caps = " and ".join(f"{most} in {days}" for most, days in inputs.contact.limits.caps)
    contacts = inputs.contact.contacts
    if not contacts:
        return f"nobody wrote; at most {caps} days"
    last = contacts[0]
    ago = (inputs.contact.today(now) - last.on).days
    unit = "day" if ago == 1 else "days"
    return f"{last.by} {ago} {unit} before; at most {caps} days"


def _silence(inputs: Inputs, channel: str, now: datetime) -> str:
    silent, limits = inputs.contact.silent_notes, inputs.contact.limits
    return f"{silent} unanswered; rests {limits.rest_days} days after {limits.silent_notes}"


def _open_case(inputs: Inputs, channel: str, now: datetime) -> str:
    codes = {each.code for each in inputs.contact.selling_blockers}
    return "not solved yet" if "open-complaint" in codes else "none open"


def _solved_case(inputs: Inputs, channel: str, now: datetime) -> str:
    for each in inputs.contact.selling_blockers:
        if each.code == "recent-complaint" and each.free_at:
            return f"quiet until {day(each.free_at.astimezone(inputs.contact.zone).date())}"
    return "none lately"


def _hours(inputs: Inputs, channel: str, now: datetime) -> str:
    return "the store’s hours" if inputs.has_open_hours else "the store’s hours leave none"


def _items(inputs: Inputs, channel: str, now: datetime) -> str:
    return "found that night" if inputs.has_items else "none found that night"


KNOWN: Mapping[str, Callable[[Inputs, str, datetime], str]] = {
    verdicts.NEVER_BOUGHT: _purchase,
    verdicts.BOUGHT_LATELY: _away,
    "suppressed": _stop,
    "opted-out": _said,
    "no-address": _address,
    "no-consent": _said,
    "claimed-by-colleague": _claimed,
    "may-have-asked-to-stop": _unread,
    "message-on-its-way": _on_its_way,
    "hold-out": _held_out,
    "asked-for-peace": _peace,
    "put-off": _put_off,
    "do-not-disturb": _quiet,
    "contacted-recently": _contacts,
    "resting": _silence,
    "open-complaint": _open_case,
    "recent-complaint": _solved_case,
    "no-open-hours": _hours,
    verdicts.NOTHING_TO_SHOW: _items,
}
"""What each rule was asked with, by its code."""
