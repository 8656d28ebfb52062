"""The next best step for a client: exactly one, with its reason. Pure.

Rules are asked in order and the first that speaks decides. What is wrong comes before what is
pleasant, and a wish to be left alone before both. A step is *written* only where the contact policy
lets a first move go out: thanks, a birthday note or a tip to a client who is silent is marketing as
much as an offer, so without consent, within the caps or in the hold-out group it stays unwritten.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from customers.facts import CaseFacts
from outreach.messages.contact_policy import ContactDecision, Deed
from outreach.models import Gesture

FRESH_VISIT = timedelta(days=14)  # so long a word of thanks is one
SOON = timedelta(days=7)  # so long before an important day it is thought of
ONCE_A_SEASON = timedelta(days=90)  # between two tips, and between two greetings
REGULAR_VISITS = 3  # from so many visits on she is known well enough for a kindness

WISHES_TO_REST = (
    "may-have-asked-to-stop",
    "claimed-by-colleague",
    "hold-out",
    "asked-for-peace",
    "put-off",
    "do-not-disturb",
    "opted-out",
    "suppressed",
    "message-on-its-way",
)
"""A client blocked for one of these is not thought of something else for."""

CANNOT_BE_WRITTEN_TO = ("no-consent", "no-address")


class Kind(StrEnum):
    OFFER = "offer"
    SERVICE = "service"
    THANKS = "thanks"
    GREETING = "greeting"
    TIP = "tip"
    KINDNESS = "kindness"
    SILENCE = "silence"


@dataclass(frozen=True)
class ImportantDay:
    """A day that matters to her, by its words (`birthday`), and when it comes next."""

    words: str
    on: date


@dataclass(frozen=True)
class OwnedTip:
    """Something worth telling her about a piece she has; `number` is the tip's."""

    number: int
    piece: str
    text: str


@dataclass(frozen=True)
class StepFacts:
    """What the choice is made from, as of `today` in her store.

    `decision` is the contact policy's about a first move. `case` is the one to speak about. `tips`
    are for pieces she still has, the best first. `deeds` are what was done for her, in any order.
    """

    today: date
    decision: ContactDecision
    case: CaseFacts | None = None
    last_visit_on: date | None = None
    visit_count: int = 0
    has_items: bool = False
    days: tuple[ImportantDay, ...] = ()
    tips: tuple[OwnedTip, ...] = ()
    deeds: tuple[Deed, ...] = ()


@dataclass(frozen=True)
class NextStep:
    """The step, and why. `is_written` where it may go out as a note; `tip` is the one to give."""

    kind: Kind
    reason: str
    is_written: bool = False
    tip: OwnedTip | None = None

    @property
    def label(self) -> str:
        return LABELS[self.kind]


LABELS = {
    Kind.OFFER: "an offer",
    Kind.SERVICE: "a service call",
    Kind.THANKS: "thanks",
    Kind.GREETING: "a good wish",
    Kind.TIP: "a tip",
    Kind.KINDNESS: "a kindness",
    Kind.SILENCE: "silence",
}


def choose(facts: StepFacts) -> NextStep:
    """The one step for her today."""
    for rule in RULES:
        if step := rule(facts):
            return step
    return silence(facts)


# --- The rules, in their order ------------------------------------------------------------------
def read_her_words(facts: StepFacts) -> NextStep | None:
    """Nobody calls about a repair before her "leave me alone" has been read."""
    return _silent(facts, ("may-have-asked-to-stop", "claimed-by-colleague"))


def service(facts: StepFacts) -> NextStep | None:
    """An open case, or one solved lately that nobody has asked after; also for the hold-out."""
    case = facts.case
    if case is None:
        return None
    if case.closed_at is None:
        since = _days(facts.today - case.opened_at.date())
        return NextStep(Kind.SERVICE, f"{about(case)} has been open for {since}.")
    solved = case.closed_at.date()
    was_asked = any(
        each.kind == Gesture.Kind.FOLLOW_UP and each.at >= case.closed_at for each in facts.deeds
    )
    if was_asked or facts.today - solved >= FRESH_VISIT:
        return None
    return NextStep(Kind.SERVICE, f"{about(case)} was solved lately: ask whether all is well.")


def leave_alone(facts: StepFacts) -> NextStep | None:
    return _silent(facts, WISHES_TO_REST)


def thanks(facts: StepFacts) -> NextStep | None:
    """After a visit, once; said at the next one where it may not be written."""
    visit = facts.last_visit_on
    if visit is None or facts.today - visit >= FRESH_VISIT:
        return None
    if was_done(facts, Kind.THANKS):
        return None
    ago = _days(facts.today - visit)
    came = "today" if visit == facts.today else f"{ago} ago"
    return _step(facts, Kind.THANKS, f"Was here {came}, and nobody has said thanks yet.")


def greeting(facts: StepFacts) -> NextStep | None:
    nearest = nearest_day(facts)
    if nearest is None or was_done(facts, Kind.GREETING):
        return None
    when = "today" if nearest.on == facts.today else f"in {_days(nearest.on - facts.today)}"
    words = nearest.words[:1].upper() + nearest.words[1:]
    return _step(facts, Kind.GREETING, f"{words} {when}.")


def offer(facts: StepFacts) -> NextStep | None:
    if not facts.decision.may_send or not facts.has_items:
        return None
    return _step(facts, Kind.OFFER, "Something new suits, and a note may go.")


def tip(facts: StepFacts) -> NextStep | None:
    """One about a piece of hers that she has not been told; seldom, and only as a note."""
    told = {each.tip for each in facts.deeds if each.tip}
    untold = [each for each in facts.tips if each.number not in told]
    if not untold or not facts.decision.may_send or was_done(facts, Kind.TIP):
        return None
    best = untold[0]
    return NextStep(Kind.TIP, f"Nothing new suits today. About the {best.piece}:", True, best)


def kindness(facts: StepFacts) -> NextStep | None:
    """For whom we know well and have nothing to show, or may not write to: at the next visit."""
    codes = {blocker.code for blocker in facts.decision.blockers}
    has_cause = facts.decision.may_send or codes <= set(CANNOT_BE_WRITTEN_TO)
    if facts.visit_count < REGULAR_VISITS or not has_cause:
        return None
    if _done_since(facts, (Gesture.Kind.KINDNESS,), facts.today - ONCE_A_SEASON):
        return None
    why = "Nothing new suits today" if facts.decision.may_send else "No note may go out"
    return NextStep(Kind.KINDNESS, f"{why}; a small kindness would please a faithful client.")


def words_for(facts: StepFacts) -> tuple[NextStep, ...]:
    """Every kind word there is a cause for today, whether or not something else comes first.

    None where she wishes to rest.
    """
    if read_her_words(facts) or leave_alone(facts):
        return ()
    return tuple(step for rule in (thanks, greeting, tip) if (step := rule(facts)))


def nearest_day(facts: StepFacts) -> ImportantDay | None:
    """The next of her days, if it is soon."""
    coming = [each for each in facts.days if facts.today <= each.on <= facts.today + SOON]
    return min(coming, key=lambda each: each.on, default=None)


def was_done(facts: StepFacts, kind: Kind) -> bool:
    """Whether she has been thanked for her visit, or had a wish or a tip this season; said or
    written, by anybody."""
    season = facts.today - ONCE_A_SEASON
    since = facts.last_visit_on if kind == Kind.THANKS else season
    return _done_since(facts, (kind,), since or season)


Rule = Callable[[StepFacts], NextStep | None]
RULES: tuple[Rule, ...] = (
    read_her_words,
    service,
    leave_alone,
    thanks,
    greeting,
    offer,
    tip,
    kindness,
)


def silence(facts: StepFacts) -> NextStep:
    """Nothing is said, for the first reason the policy gives."""
    blockers = facts.decision.blockers
    reason = blockers[0].sentence if blockers else "Nothing new suits, and all has been said."
    return NextStep(Kind.SILENCE, reason)


# --- Words ---------------------------------------------------------------------------------------
def about(case: CaseFacts) -> str:
    """`The case about the Linden flat (A heel broke)`, as far as it is known."""
    what = f"The case about the {case.product}" if case.product else "A service case"
    return f"{what} ({case.summary.rstrip('.')})" if case.summary else what


def _step(facts: StepFacts, kind: Kind, reason: str) -> NextStep:
    return NextStep(kind, reason, is_written=facts.decision.may_send)


def _silent(facts: StepFacts, codes: Iterable[str]) -> NextStep | None:
    wanted = set(codes)
    for blocker in facts.decision.blockers:
        if blocker.code in wanted:
            return NextStep(Kind.SILENCE, blocker.sentence)
    return None


def _done_since(facts: StepFacts, kinds: Iterable[str], on: date) -> bool:
    wanted = {str(kind) for kind in kinds}
    return any(each.kind in wanted and each.at.date() >= on for each in facts.deeds)


def _days(length: timedelta) -> str:
    return "1 day" if length.days == 1 else f"{length.days} days"
