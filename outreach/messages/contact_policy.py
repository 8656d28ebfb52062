"""May we write to her, how, and when: one decision for the list, the card and the last look.

Pure: `contact_facts` loads what is needed for any number of clients. A first move (an offer, but as
much thanks, a tip or a birthday note to a client who is silent) must pass every rule. An answer to
her own message is free of caps, hours, the marketing opt-in and the quiet around complaints, but
never of an opt-out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clienteling.defaults import (
    CONTACT_CAPS,
    DEFAULT_CHANNEL,
    REPLY_WINDOW_DAYS,
    REST_DAYS,
    SILENT_NOTES,
)
from customers.appropriateness import SELLING_RULES, Blocker
from customers.facts import NOTHING_TOLD, Told
from customers.models import Channel, ConsentState
from outreach.messages.channel_choice import UNKNOWN, Habit, learned, own_words
from outreach.messages.drafts import Drafts
from outreach.messages.windows import Hours, Window
from outreach.models import PutOff
from outreach.models.message import Step

PLURALS = {Channel.SMS: "texts", Channel.EMAIL: "email"}


@dataclass(frozen=True)
class Limits:
    """How often she may be written to first: a store's own numbers.

    `caps` are (messages, days), all of which hold. After `silent_notes` without an answer or a
    visit she rests `rest_days`.
    """

    caps: tuple[tuple[int, int], ...] = CONTACT_CAPS
    silent_notes: int = SILENT_NOTES
    rest_days: int = REST_DAYS


USUAL_LIMITS = Limits()


@dataclass(frozen=True)
class ChannelFacts:
    """One way to reach her. `consent` is "" when she never said anything about it.

    `unusable_until` is when an address that rests is tried again. `sent` and `answered` count every
    offer by it; `habit` only what had time to be answered.
    `stopped_because` is a sentence while a manager has stopped sending by this channel.
    """

    address: str = ""
    unusable_because: str = ""
    unusable_until: datetime | None = None
    consent: str = ""
    consent_since: datetime | None = None
    is_suppressed: bool = False
    window: Hours | Window | None = None
    sent: int = 0
    answered: int = 0
    habit: Habit = UNKNOWN
    stopped_because: str = ""


@dataclass(frozen=True)
class Contact:
    """A first move made earlier, by whom ("You" for the associate who asks) and on which day."""

    on: date
    by: str


@dataclass(frozen=True)
class QuietDays:
    """Days on which she is to be left alone, both ends included, and why; `number` names them."""

    starts_on: date
    ends_on: date
    reason: str = ""
    number: int = 0


@dataclass(frozen=True)
class PutOffUntil:
    """Not now: the first day on which she may be written to again, and why; `number` names it."""

    back_on: date
    reason: PutOff.Reason
    number: int = 0


@dataclass(frozen=True)
class Deed:
    """Something done for her: the kind of a gesture, or the step of a note; `tip` by number."""

    kind: str
    at: datetime
    tip: int | None = None


class DayOfTheYear(NamedTuple):
    """A day that matters to her, by its words (`birthday`)."""

    words: str
    month: int
    day: int


@dataclass(frozen=True)
class ContactFacts:
    """Everything the rules ask about one client at one moment; `contacts` are newest first.

    `zone` is her store's, in which its days are counted; `zones` are those she may be in.
    `is_covered` while whoever has claimed her is off shift and the one who asks may answer for her.
    What she `told` us rides along for the item rules, which ask for it once a card is drawn; what
    we did for her, `deeds`, and the `dates` that matter to her, for the choice of the next step;
    and the `drafts` of whoever asks, for the card itself.
    """

    customer_id: int
    zone: ZoneInfo
    channels: Mapping[str, ChannelFacts]
    preferred_channel: str = ""
    default_channel: str = DEFAULT_CHANNEL
    leave_until: date | None = None
    quiet_days: tuple[QuietDays, ...] = ()
    put_off: PutOffUntil | None = None
    is_held_out: bool = False
    silent_notes: int = 0
    last_note_on: date | None = None
    claimed_by: str = ""
    is_covered: bool = False
    contacts: tuple[Contact, ...] = ()
    is_on_its_way: bool = False
    last_words_at: datetime | None = None
    last_words_channel: str = ""
    has_unconfirmed_words: bool = False
    may_have_asked_to_stop: bool = False
    selling_blockers: tuple[Blocker, ...] = ()
    told: Told = NOTHING_TOLD
    deeds: tuple[Deed, ...] = ()
    dates: tuple[DayOfTheYear, ...] = ()
    drafts: Drafts = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    limits: Limits = USUAL_LIMITS

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def begin_of(self, on: date) -> datetime:
        """The first moment of a day in her store's calendar."""
        return datetime.combine(on, time(0), tzinfo=self.zone)

    def needs_stop_words(self, channel: str, step: Step) -> bool:
        """Whether this would be the first text she ever gets without having asked for it."""
        is_move_by_text = channel == Channel.SMS and step != Step.ANSWER
        return is_move_by_text and not self.channels[channel].sent


@dataclass(frozen=True)
class Choice:
    """A channel that is open, why it suits, and the first moment it may be used."""

    channel: str
    because: str
    not_before: datetime


@dataclass(frozen=True)
class ContactDecision:
    """The verdict. With blockers there is no message, and `channel` is empty.

    `not_before` is `now` when the moment is right; `alternatives` are the other open channels.
    `stops` are those of the open channels by which sending is stopped at the moment. They speak
    about the shop, not about her: she keeps her place in the day, only the tap has to wait.
    """

    channel: str = ""
    because: str = ""
    not_before: datetime | None = None
    blockers: tuple[Blocker, ...] = ()
    alternatives: tuple[Choice, ...] = ()
    stops: Mapping[str, Blocker] = field(default_factory=dict)

    @property
    def may_send(self) -> bool:
        return not self.blockers

    @property
    def stop(self) -> Blocker | None:
        """Why nothing can be sent just now; None while one of the open channels is not stopped."""
        if not self.channels or any(each not in self.stops for each in self.channels):
            return None
        return self.stops[self.channel]

    @property
    def channels(self) -> tuple[str, ...]:
        """Every open channel, the chosen one first."""
        return tuple(filter(None, (self.channel, *(other.channel for other in self.alternatives))))


def decide(
    facts: ContactFacts, *, now: datetime, step: Step = Step.OFFER, channel: str = ""
) -> ContactDecision:
    """Whether a message of this kind may go to her, by which channel, from when.

    With `channel` the verdict is about that one alone, as before sending; without, the best is
    chosen. `now` should be the moment at which it would leave.
    """
    open_channels, blockers = standing_blockers(facts, now=now, step=step, channel=channel)
    if blockers:
        return ContactDecision(blockers=tuple(blockers))
    choices = _choices(facts, open_channels, now=now, step=step)
    if not choices:
        return ContactDecision(
            blockers=(Blocker("no-open-hours", "The store's hours leave no moment to write."),)
        )
    best, *others = choices
    if step != Step.ANSWER and (quiet := do_not_disturb(facts, best.not_before)):
        return ContactDecision(blockers=(quiet,))  # it would leave on one of her quiet days
    stops = {each: stop for each in open_channels if (stop := stopped(facts, each))}
    return ContactDecision(best.channel, best.because, best.not_before, (), tuple(others), stops)


def standing_blockers(
    facts: ContactFacts, *, now: datetime, step: Step = Step.OFFER, channel: str = ""
) -> tuple[list[str], list[Blocker]]:
    """The open channels, and every reason against a message but the hour: `decide` without the
    choice, for whoever asks about a whole chain."""
    wanted = (channel,) if channel else _wanted(facts, step)
    refusals = {each: channel_blockers(facts, each, step=step) for each in wanted}
    open_channels = [each for each in wanted if not refusals[each]]
    blockers = person_blockers(facts, now=now, step=step)
    if not open_channels:
        blockers = [*_merged(list(refusals.values())), *blockers]
    return open_channels, blockers


def may_answer(facts: ContactFacts, *, now: datetime) -> bool:
    """Whether her own last message still holds the conversation open."""
    wrote_at = facts.last_words_at
    return wrote_at is not None and now - wrote_at <= timedelta(days=REPLY_WINDOW_DAYS)


# --- A channel: none of these may be passed by choosing it ----------------------------------------
def no_address(facts: ChannelFacts, channel: str) -> Blocker | None:
    if facts.address and not facts.unusable_because:
        return None
    if not facts.address and not facts.unusable_because:
        return Blocker("no-address", f"No {_address(channel)} on record.")
    reason = facts.unusable_because.rstrip(".")
    return Blocker("no-address", f"No working {_address(channel)}: {reason}.", facts.unusable_until)


def suppressed(facts: ChannelFacts, channel: str) -> Blocker | None:
    if facts.is_suppressed:
        return Blocker("suppressed", f"This {_address(channel)} must not be used any more.")
    return None


def opted_out(facts: ChannelFacts, channel: str) -> Blocker | None:
    if facts.consent == ConsentState.OPTED_OUT:
        return Blocker("opted-out", f"Asked for no {PLURALS[Channel(channel)]}.")
    return None


def no_consent(facts: ChannelFacts, channel: str) -> Blocker | None:
    if not facts.consent:
        return Blocker("no-consent", f"Has not agreed to {PLURALS[Channel(channel)]}.")
    return None


ChannelRule = Callable[[ChannelFacts, str], Blocker | None]
ALWAYS: Mapping[str, ChannelRule] = {
    "suppressed": suppressed,
    "opted-out": opted_out,
    "no-address": no_address,
}
FOR_FIRST_MOVES: Mapping[str, ChannelRule] = {**ALWAYS, "no-consent": no_consent}


def channel_blockers(facts: ContactFacts, channel: str, *, step: Step) -> list[Blocker]:
    """Every reason against using this channel for her."""
    rules = ALWAYS if step == Step.ANSWER else FOR_FIRST_MOVES
    known = facts.channels.get(channel, ChannelFacts())
    return [blocker for rule in rules.values() if (blocker := rule(known, channel))]


def stopped(facts: ContactFacts, channel: str) -> Blocker | None:
    """A manager has stopped the channel. No rule above asks this: it does not choose another."""
    sentence = facts.channels[channel].stopped_because
    return Blocker("sending-stopped", sentence) if sentence else None


# --- The person ----------------------------------------------------------------------------------
def claimed_by_colleague(facts: ContactFacts, now: datetime) -> Blocker | None:
    if facts.claimed_by:
        return Blocker("claimed-by-colleague", f"{facts.claimed_by} looks after her.")
    return None


def claimed_and_not_covered(facts: ContactFacts, now: datetime) -> Blocker | None:
    """Only her own associate answers her, or a colleague while that one is off shift."""
    return None if facts.is_covered else claimed_by_colleague(facts, now)


def may_have_asked_to_stop(facts: ContactFacts, now: datetime) -> Blocker | None:
    """A free-form "remove me" counts as much as STOP (47 CFR 64.1200(a)(10)); a person reads it."""
    if facts.may_have_asked_to_stop:
        return Blocker("may-have-asked-to-stop", "May have asked us to stop: read her words first.")
    return None


def message_on_its_way(facts: ContactFacts, now: datetime) -> Blocker | None:
    if facts.is_on_its_way:
        return Blocker("message-on-its-way", "A note to her is on its way.")
    return None


def asked_for_peace(facts: ContactFacts, now: datetime) -> Blocker | None:
    """The day she named is the first on which we may write again."""
    if facts.leave_until and facts.today(now) < facts.leave_until:
        return Blocker(
            "asked-for-peace",
            f"Asked to be left until {day(facts.leave_until)}.",
            facts.begin_of(facts.leave_until),
        )
    return None


def put_off(facts: ContactFacts, now: datetime) -> Blocker | None:
    """An associate said "not now"; the day she named is the first that is free again."""
    said = facts.put_off
    if said is None or facts.today(now) >= said.back_on:
        return None
    reason = said.reason.label.lower()
    return Blocker(
        "put-off", f"Put off until {day(said.back_on)}: {reason}.", facts.begin_of(said.back_on)
    )


def do_not_disturb(facts: ContactFacts, now: datetime) -> Blocker | None:
    """Her quiet days, in her store's calendar; the last of them is one still."""
    today = facts.today(now)
    last = [each for each in facts.quiet_days if each.starts_on <= today <= each.ends_on]
    if not last:
        return None
    longest = max(last, key=lambda each: each.ends_on)
    why = f": {longest.reason.rstrip('.')}" if longest.reason else ""
    return Blocker(
        "do-not-disturb",
        f"Do not disturb up to {day(longest.ends_on)}{why}.",
        facts.begin_of(longest.ends_on + timedelta(days=1)),
    )


def held_out(facts: ContactFacts, now: datetime) -> Blocker | None:
    if facts.is_held_out:
        return Blocker("hold-out", "Left alone on purpose, so that we can tell what notes bring.")
    return None


def resting(facts: ContactFacts, now: datetime) -> Blocker | None:
    """So many notes without an answer or a visit: she rests, counted from the last of them."""
    limits = facts.limits
    if facts.silent_notes < limits.silent_notes or facts.last_note_on is None:
        return None
    next_on = facts.last_note_on + timedelta(days=limits.rest_days)
    if facts.today(now) >= next_on:
        return None
    return Blocker(
        "resting",
        f"Did not answer the last {facts.silent_notes} notes; rests until {day(next_on)}.",
        facts.begin_of(next_on),
    )


def contacted_recently(facts: ContactFacts, now: datetime) -> Blocker | None:
    """At most so many first moves in so many days, by anybody, on any channel.

    Days are the store's: with one in 14 days, a note of 9 June allows the next from 23 June.
    """
    free_from = [
        (facts.contacts[most - 1].on + timedelta(days=days))
        for most, days in facts.limits.caps
        if len(facts.contacts) >= most
    ]
    next_on = max(free_from, default=None)
    if next_on is None or facts.today(now) >= next_on:
        return None
    last = facts.contacts[0]
    return Blocker(
        "contacted-recently",
        f"{last.by} wrote on {day(last.on)}; next from {day(next_on)}.",
        facts.begin_of(next_on),
    )


def no_conversation(facts: ContactFacts, now: datetime) -> Blocker | None:
    if not may_answer(facts, now=now) and facts.has_unconfirmed_words:
        return Blocker(
            "no-conversation",
            "Anybody could have written her last mail: call her before you answer.",
        )
    if not may_answer(facts, now=now):
        return Blocker(
            "no-conversation", f"Has not written to us in the last {REPLY_WINDOW_DAYS} days."
        )
    return None


PersonRule = Callable[[ContactFacts, datetime], Blocker | None]
FIRST_MOVE_RULES: Mapping[str, PersonRule] = {
    "claimed-by-colleague": claimed_by_colleague,
    "may-have-asked-to-stop": may_have_asked_to_stop,
    "message-on-its-way": message_on_its_way,
    "hold-out": held_out,
    "asked-for-peace": asked_for_peace,
    "put-off": put_off,
    "do-not-disturb": do_not_disturb,
    "contacted-recently": contacted_recently,
    "resting": resting,
}
ANSWER_RULES: Mapping[str, PersonRule] = {
    "claimed-by-colleague": claimed_and_not_covered,
    "no-conversation": no_conversation,
}


def person_blockers(facts: ContactFacts, *, now: datetime, step: Step) -> list[Blocker]:
    """Every reason against a message of this kind to her, whatever the channel."""
    rules = ANSWER_RULES if step == Step.ANSWER else FIRST_MOVE_RULES
    found = [blocker for rule in rules.values() if (blocker := rule(facts, now))]
    return found if step == Step.ANSWER else [*found, *facts.selling_blockers]


# --- The questions, for whoever explains a verdict ------------------------------------------------
@dataclass(frozen=True)
class Asked:
    """A rule as it was asked: of one channel, or of the person where `channel` is blank."""

    code: str
    channel: str
    blocker: Blocker | None


def asked(facts: ContactFacts, *, now: datetime) -> list[Asked]:
    """Every rule about a first move in the order in which `decide` asks them, those passed too."""
    found = [
        Asked(code, channel, rule(facts.channels.get(channel, ChannelFacts()), channel))
        for channel in _wanted(facts, Step.OFFER)
        for code, rule in FOR_FIRST_MOVES.items()
    ]
    found += [Asked(code, "", rule(facts, now)) for code, rule in FIRST_MOVE_RULES.items()]
    selling = {blocker.code: blocker for blocker in facts.selling_blockers}
    return [*found, *(Asked(code, "", selling.get(code)) for code in SELLING_RULES)]


# --- Choosing ------------------------------------------------------------------------------------
def _wanted(facts: ContactFacts, step: Step) -> tuple[str, ...]:
    if step == Step.ANSWER and facts.last_words_channel:
        return (facts.last_words_channel,)
    return (Channel.SMS, Channel.EMAIL)


def _merged(refusals: list[list[Blocker]]) -> list[Blocker]:
    """One headline per code, in the words of the first channel that gave it."""
    return list({blocker.code: blocker for each in reversed(refusals) for blocker in each}.values())


def _choices(
    facts: ContactFacts, channels: list[str], *, now: datetime, step: Step
) -> list[Choice]:
    """The best first. An answer takes the way of her own words, at any hour."""
    if step == Step.ANSWER:
        return [Choice(each, "Answers her own message", now) for each in channels]
    ranked = _ranked(facts, channels)
    found = (_choice(facts, each, now, because) for each, because in ranked.items())
    return [each for each in found if each]


def _choice(facts: ContactFacts, channel: str, now: datetime, because: str) -> Choice | None:
    known = facts.channels[channel]
    opening = known.window.next_opening(now) if known.window else now
    return Choice(channel, because, opening) if opening else None


def _ranked(facts: ContactFacts, channels: list[str]) -> dict[str, str]:
    """These channels, the best first, each with its reason: stated, learned, the store's own."""
    habits = {each: facts.channels[each].habit for each in channels}
    better = learned(habits)
    best = better.channel if better else facts.default_channel

    def rank(channel: str) -> tuple[bool, bool, bool]:
        return channel != facts.preferred_channel, channel != best, channel != Channel.SMS

    told = {better.channel: better.because} if better else {}
    return {each: _because(facts, each, told) for each in sorted(channels, key=rank)}


def _because(facts: ContactFacts, channel: str, told: Mapping[str, str]) -> str:
    words, own = PLURALS[Channel(channel)], facts.channels[channel].habit.own
    if channel == facts.preferred_channel:
        return f"Prefers {words}"
    if channel in told:
        return told[channel]
    if own.answered:
        return own_words(channel, own)
    if _is_only_one(facts, channel):
        return f"Only agreed to {words}"
    if channel == facts.default_channel and not told and not facts.preferred_channel:
        return "The store’s usual way"
    return f"Agreed to {words}"


def _is_only_one(facts: ContactFacts, channel: str) -> bool:
    others = [each for each in Channel.values if each != channel]
    return any(channel_blockers(facts, each, step=Step.OFFER) for each in others)


def _address(channel: str) -> str:
    return "mobile number" if channel == Channel.SMS else "email address"


def day(on: date) -> str:
    """A date as it is spoken: 9 June."""
    return f"{on.day} {on:%B}"
