"""The form of a note on its way to being sent: an offer's, or a kind word's. No queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clienteling.models import Store, User
from customers.appropriateness import Blocker
from customers.models import Channel
from outreach import lookbook
from outreach.day import drafts, wording
from outreach.day.addresses import ClientAddresses
from outreach.day.drafts import Cause
from outreach.day.facts import CardFacts
from outreach.messages import seen, segments
from outreach.messages import wording as sent_words
from outreach.messages.contact_policy import Choice, ContactDecision
from outreach.models.message import Step

STOP_WORDS = "Your words stay here until it is started again."


class WallClock(NamedTuple):
    """A place among words where the time of this zone stands, as of when they are drawn."""

    zone: str


@dataclass(frozen=True)
class ChannelChoice:
    """Text or Email on the card, and what would happen if it were chosen.

    `window` says when it would leave, drawn by `_window.html`. `stopped` says why it cannot be sent
    by at the moment, in the button's place.
    """

    value: str
    label: str
    is_chosen: bool
    is_allowed: bool
    window: tuple[str | WallClock, ...] = ()
    leaves_later: bool = False
    button: str = ""
    stopped: str = ""

    @property
    def may_send(self) -> bool:
        return self.is_allowed and not self.stopped


@dataclass(frozen=True)
class NoteForm:
    """The form with the draft. `seen` is what was on screen; the outbox refuses anything else.

    `asks_for` is a tone whose words would replace hers, if she says so; `meant` names the words she
    was warned of: sent again unchanged, they are meant.
    """

    pk: int
    called: str
    send_url: str
    seen: str
    channel: str
    channels: tuple[ChannelChoice, ...]
    preference: str
    subject: str
    body: str
    suffix: str
    segments: str
    fault: str = ""
    longest: int = sent_words.MOST_CHARACTERS
    tone_url: str = ""
    draft: drafts.Draft = drafts.NO_DRAFT
    rests: tuple[drafts.Rest, ...] = ()
    asks_for: str = ""
    meant: str = ""
    say: str = ""

    @property
    def may_send(self) -> bool:
        return any(choice.may_send for choice in self.channels)

    @property
    def only_channel(self) -> str:
        """The one channel with a button while the other is stopped; blank where none is."""
        if not any(choice.stopped for choice in self.channels):
            return ""
        return next((choice.value for choice in self.channels if choice.may_send), "")


@dataclass(frozen=True)
class Kept:
    """What the associate had chosen and written before the page came back to her.

    A `body` of None is a draft she had left as it was: it is drafted anew.
    """

    channel: str
    body: str | None
    tone: str = ""


def drawn(
    facts: CardFacts,
    decision: ContactDecision,
    *,
    associate: User,
    store: Store,
    now: datetime,
    addresses: ClientAddresses,
    kept: Kept | None = None,
    cause: Cause = drafts.OFFER,
    picks: Sequence[lookbook.Pick] = (),
    about: int | None = None,
) -> NoteForm:
    """The form with what she `kept`, or had begun, or else with a draft for this `cause`.

    `picks` is what an offer shows; it alone carries a link. `about` is the one item it was asked
    for, by its key: what was begun about that is not what was begun about the three.
    """
    customer, kept = facts.customer, kept or _begun(facts, decision, cause.step, about)
    channel = (kept.channel if kept else "") or decision.channel or Channel.SMS
    suffix = sent_words.addition(
        channel=Channel.SMS,
        link=sent_words.example_link() if cause.step == Step.OFFER else "",
        is_first=facts.contact.needs_stop_words(Channel.SMS, cause.step),
    )
    draft = drafts.of_card(
        facts,
        channel,
        associate=associate,
        store=store,
        now=now,
        suffix=suffix,
        choice=kept.tone if kept else "",
        cause=cause,
    )
    body = kept.body if kept and kept.body is not None else draft.note.body
    return NoteForm(
        pk=customer.pk,
        called=customer.called,
        send_url=addresses.of("send" if cause.step == Step.OFFER else "send-words"),
        seen=seen.fingerprint(customer, picks, channels=decision.channels),
        channel=channel,
        channels=_channels(facts, decision, channel, store, now),
        preference=decision.because,
        subject=draft.note.subject,
        body=body,
        suffix=suffix,
        segments=wording.counted(segments.count(body + suffix).count, "segment"),
        tone_url=addresses.of("tone"),
        draft=draft,
        rests=draft.rests(body),
    )


def _begun(
    facts: CardFacts, decision: ContactDecision, step: Step, about: int | None
) -> Kept | None:
    """What she was writing when she was called away, for a channel that is open now."""
    draft = facts.contact.drafts.get((step, about))
    if draft is None:
        return None
    is_open = draft.channel in decision.channels
    return Kept(draft.channel if is_open else decision.channel or draft.channel, draft.body)


def _channels(
    facts: CardFacts, decision: ContactDecision, chosen: str, store: Store, now: datetime
) -> tuple[ChannelChoice, ...]:
    """Text and Email, and what would happen with each; `chosen` is the one that is ticked."""
    open_choices = _open_choices(decision)
    return tuple(
        _stopped(decision.stops[channel], channel, channel == chosen)
        if channel in decision.stops
        else _channel_choice(
            channel, open_choices.get(channel), channel == chosen, facts, store, now
        )
        for channel in Channel
    )


def _stopped(stop: Blocker, channel: Channel, is_chosen: bool) -> ChannelChoice:
    """It may be chosen and written for; only the button has to wait."""
    return ChannelChoice(
        channel, channel.label, is_chosen, is_allowed=True, stopped=f"{stop.sentence} {STOP_WORDS}"
    )


def _open_choices(decision: ContactDecision) -> Mapping[str, Choice]:
    if not decision.channel or decision.not_before is None:
        return {}
    best = Choice(decision.channel, decision.because, decision.not_before)
    return {choice.channel: choice for choice in (best, *decision.alternatives)}


def _channel_choice(
    channel: Channel,
    choice: Choice | None,
    is_chosen: bool,
    facts: CardFacts,
    store: Store,
    now: datetime,
) -> ChannelChoice:
    if choice is None:
        return ChannelChoice(channel, channel.label, is_chosen, is_allowed=False)
    leaves_later = choice.not_before > now
    return ChannelChoice(
        channel,
        channel.label,
        is_chosen,
        is_allowed=True,
        window=_window(channel, choice, facts, store, now),
        leaves_later=leaves_later,
        button=_button_words(channel, choice, facts.customer.called, store, now),
    )


def _window(
    channel: Channel, choice: Choice, facts: CardFacts, store: Store, now: datetime
) -> tuple[str | WallClock, ...]:
    """`Leaves tomorrow 9:00 in Chicago`, or `14:05 in Chicago (15:05 for Amanda), fine to text`."""
    place, hers = store.city or store.name, _her_zone(facts, choice.not_before, store)
    if choice.not_before > now:
        when = wording.when_words(choice.not_before, store.zone, now=now)
        at = wording.clock_words(choice.not_before, hers) if hers else ""
        return (f"Leaves {when} in {place}", f" ({at} for {facts.customer.called})" if at else "")
    fine = f", fine to {'text' if channel == Channel.SMS else 'email'}"
    here = (WallClock(store.timezone), f" in {place}")
    if hers is None:
        return (*here, fine)
    return (*here, " (", WallClock(hers.key), f" for {facts.customer.called})", fine)


def _her_zone(facts: CardFacts, moment: datetime, store: Store) -> ZoneInfo | None:
    """Where her own hour is known and another than the store's."""
    if len(facts.contact.zones) != 1:
        return None
    hers = ZoneInfo(facts.contact.zones[0])
    is_another = moment.astimezone(hers).utcoffset() != store.local(moment).utcoffset()
    return hers if is_another else None


def _button_words(
    channel: Channel, choice: Choice, called: str, store: Store, now: datetime
) -> str:
    if choice.not_before > now:
        when = wording.when_words(choice.not_before, store.zone, now=now)
        at = "" if not when[0].isdigit() else "at "
        return f"Send {at}{when}"
    return f"{channel.label} {called}"
