"""Whether a client is due on a day: every rule that stands between her and a card, in order. Pure.

No rule is written here twice. Lapse is `customers.rhythm`'s, whether she may be written to is
`outreach.messages.contact_policy`'s; this module asks them in the order in which the day does, and
says when the answer would change by itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil

from clienteling.defaults import ABOUT_TO_LAPSE_FACTOR
from customers.appropriateness import Blocker
from customers.rhythm import LIKELY, Rhythm, is_about_to_lapse, is_lapsed
from outreach.day.resting import most_pressing
from outreach.decisions import verdicts
from outreach.messages import contact_policy
from outreach.messages.contact_policy import Asked, ContactFacts, Limits, day

PASSES_SOON = ("message-on-its-way",)
"""Has no date, and needs none: what is on its way arrives, and then another rule has the date."""


@dataclass(frozen=True)
class Inputs:
    """What is known of one client on one night. `lapse_days` is her store's.

    `will_buy` is the outlook, None without one; `has_items` whether the night found something new
    for her; `has_open_hours` whether her store's hours leave a moment to write.
    """

    contact: ContactFacts
    rhythm: Rhythm
    lapse_days: int
    will_buy: float | None = None
    has_items: bool = True
    has_open_hours: bool = True


@dataclass(frozen=True)
class Verdict:
    """Whether she is due, with all that speaks against it.

    `next_on` is the first day on which a note may go if nothing else happens; None where only an
    event can change the verdict, and where she is due.
    """

    code: str
    blockers: tuple[Blocker, ...] = ()
    next_on: date | None = None

    @property
    def is_due(self) -> bool:
        return self.code in verdicts.MAY_BE_WRITTEN_TO


# --- The day's own rules --------------------------------------------------------------------------
def never_bought(inputs: Inputs, now: datetime) -> Blocker | None:
    if inputs.rhythm.last_purchase_at is None:
        return Blocker(verdicts.NEVER_BOUGHT, "Has not bought anything yet.")
    return None


def bought_lately(inputs: Inputs, now: datetime) -> Blocker | None:
    """Neither lapsed by the shop's days nor about to by her own rhythm."""
    last = inputs.rhythm.last_purchase_at
    if last is None or _is_away(inputs, now):
        return None
    free_at = _away_from(inputs, last)
    bought_on, free_on = (each.astimezone(inputs.contact.zone).date() for each in (last, free_at))
    return Blocker(
        verdicts.BOUGHT_LATELY, f"Bought on {day(bought_on)}; due from {day(free_on)}.", free_at
    )


def no_open_hours(inputs: Inputs, now: datetime) -> Blocker | None:
    if inputs.has_open_hours:
        return None
    return Blocker("no-open-hours", "The store's hours leave no moment to write.")


def nothing_to_show(inputs: Inputs, now: datetime) -> Blocker | None:
    if inputs.has_items:
        return None
    return Blocker(verdicts.NOTHING_TO_SHOW, "Nothing new that suits was found.")


DayRule = Callable[[Inputs, datetime], Blocker | None]
FIRST: Mapping[str, DayRule] = {
    verdicts.NEVER_BOUGHT: never_bought,
    verdicts.BOUGHT_LATELY: bought_lately,
}
LAST: Mapping[str, DayRule] = {
    "no-open-hours": no_open_hours,
    verdicts.NOTHING_TO_SHOW: nothing_to_show,
}


def asked(inputs: Inputs, *, now: datetime) -> list[Asked]:
    """Every rule in the order asked, each with what it said; one that passed has no blocker."""
    return [
        *(Asked(code, "", rule(inputs, now)) for code, rule in FIRST.items()),
        *contact_policy.asked(inputs.contact, now=now),
        *(Asked(code, "", rule(inputs, now)) for code, rule in LAST.items()),
    ]


def verdict(inputs: Inputs, *, now: datetime) -> Verdict:
    """The verdict of a night as of `now`: due, or why not, and when that changes by itself."""
    blockers = against(inputs, now=now)
    if not blockers:  # the choice of a channel and an hour is dear: only where it is wanted
        blockers = list(contact_policy.decide(inputs.contact, now=now).blockers)
    if not blockers:
        is_early = not is_lapsed(inputs.rhythm, now=now, lapse_days=inputs.lapse_days)
        return Verdict(verdicts.DUE_EARLY if is_early else verdicts.DUE)
    headline = blockers[0] if blockers[0].code in FIRST else most_pressing(blockers)
    return Verdict(headline.code, tuple(blockers), _next_on(inputs, blockers, now))


def against(inputs: Inputs, *, now: datetime) -> list[Blocker]:
    """Everything that speaks against a card for her, in the order asked, each code once."""
    before, after = (_objections(some, inputs, now) for some in (FIRST, LAST))
    _, standing = contact_policy.standing_blockers(inputs.contact, now=now)
    return list({each.code: each for each in (*before, *standing, *after)}.values())


def with_rules(inputs: Inputs, *, lapse_days: int, limits: Limits) -> Inputs:
    """The same client under other numbers."""
    contact = replace(inputs.contact, limits=limits)
    return replace(inputs, contact=contact, lapse_days=lapse_days)


def _objections(rules: Mapping[str, DayRule], inputs: Inputs, now: datetime) -> list[Blocker]:
    return [blocker for rule in rules.values() if (blocker := rule(inputs, now))]


# --- When it changes by itself --------------------------------------------------------------------
def free_at(inputs: Inputs, blockers: Iterable[Blocker], *, now: datetime) -> datetime | None:
    """The moment from which none of these holds any more; None where one of them has no date.

    One open channel is enough, so of the channels the one that opens first counts.
    """
    of_channels = set(contact_policy.FOR_FIRST_MOVES)
    found = [each for each in blockers if each.code not in (*of_channels, *PASSES_SOON)]
    dates = [each.free_at for each in found]
    if any(each.code in of_channels for each in blockers):
        dates.append(_first_channel_opens(inputs.contact))
    known = [each for each in dates if each]
    if len(known) < len(dates):
        return None
    return max(known, default=now)


def _next_on(inputs: Inputs, blockers: Sequence[Blocker], now: datetime) -> date | None:
    moment = free_at(inputs, blockers, now=now)
    return moment.astimezone(inputs.contact.zone).date() if moment else None


def _first_channel_opens(contact: ContactFacts) -> datetime | None:
    opens = []
    for channel in contact.channels:
        dates = [
            each.free_at
            for each in contact_policy.channel_blockers(
                contact, channel, step=contact_policy.Step.OFFER
            )
        ]
        known = [each for each in dates if each]
        if known and len(known) == len(dates):
            opens.append(max(known))
    return min(opens, default=None)


def _is_away(inputs: Inputs, now: datetime) -> bool:
    rhythm, lapse_days = inputs.rhythm, inputs.lapse_days
    return is_lapsed(rhythm, now=now, lapse_days=lapse_days) or is_about_to_lapse(
        rhythm, now=now, lapse_days=lapse_days, will_buy=inputs.will_buy
    )


def _away_from(inputs: Inputs, last: datetime) -> datetime:
    """When she lapses, or is late by her own rhythm before that and not likely to come."""
    lapses_at = last + timedelta(days=inputs.lapse_days)
    usual = inputs.rhythm.usual_gap_days
    is_likely = inputs.will_buy is not None and inputs.will_buy >= LIKELY
    if not usual or not inputs.rhythm.is_known or is_likely:
        return lapses_at
    return min(lapses_at, last + timedelta(days=ceil(ABOUT_TO_LAPSE_FACTOR * usual)))
