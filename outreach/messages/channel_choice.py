"""Text or email: which she is likelier to answer, as far as the past tells. Pure.

Her own answers count most, then those of clients who buy as she does, then those of her store:
each share is drawn towards the one behind it as if so many notes more had been answered at that
share. A channel is called the better one only on enough evidence and with a clear lead; what was
sent by which channel was never drawn by lot, so a small difference proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

OWN_WEIGHT, ALIKE_WEIGHT, STORE_WEIGHT = 4, 20, 50  # notes
USUAL_SHARE = 0.2  # answered, where nothing is known of a store
ENOUGH_OF_HERS = 3  # notes to her, over both channels
ENOUGH_OF_OTHERS = 30  # notes to clients like her, by each channel
CLEAR_LEAD = 0.05

PLURALS = {"sms": "texts", "email": "emails"}


@dataclass(frozen=True)
class Answered:
    """So many notes had time to be answered, and so many were."""

    sent: int = 0
    answered: int = 0


@dataclass(frozen=True)
class Habit:
    """What is known of one channel: from her, from clients like her, and from her store.

    She is not counted among the others.
    """

    own: Answered = Answered()
    alike: Answered = Answered()
    store: Answered = Answered()


UNKNOWN = Habit()


@dataclass(frozen=True)
class Learned:
    """The channel she is likelier to answer, and what says so."""

    channel: str
    because: str


def learned(habits: Mapping[str, Habit]) -> Learned | None:
    """The better of the channels that are open for her; None when the past does not tell."""
    if len(habits) < 2 or not _is_enough(habits):
        return None
    chances = likelihoods(habits)
    second, best = sorted(chances, key=lambda channel: chances[channel])[-2:]
    if chances[best] - chances[second] < CLEAR_LEAD:
        return None
    return Learned(best, _because(best, second, habits))


def likelihoods(habits: Mapping[str, Habit]) -> dict[str, float]:
    """How likely she is to answer by each channel, between 0 and 1.

    Without any evidence all channels are alike: at the share of the store's notes of any kind.
    """
    sent = sum(habit.store.sent for habit in habits.values())
    answered = sum(habit.store.answered for habit in habits.values())
    usual = _drawn_towards(USUAL_SHARE, STORE_WEIGHT, Answered(sent, answered))
    return {channel: _likelihood(habit, usual) for channel, habit in habits.items()}


def own_words(channel: str, own: Answered) -> str:
    """`Answered 4 of 5 texts`."""
    noun = PLURALS[channel] if own.sent != 1 else PLURALS[channel].removesuffix("s")
    return f"Answered {own.answered} of {own.sent} {noun}"


def _is_enough(habits: Mapping[str, Habit]) -> bool:
    of_hers = sum(habit.own.sent for habit in habits.values())
    of_others = min(habit.alike.sent for habit in habits.values())
    return of_hers >= ENOUGH_OF_HERS or of_others >= ENOUGH_OF_OTHERS


def _likelihood(habit: Habit, usual: float) -> float:
    store = _drawn_towards(usual, STORE_WEIGHT, habit.store)
    alike = _drawn_towards(store, ALIKE_WEIGHT, habit.alike)
    return _drawn_towards(alike, OWN_WEIGHT, habit.own)


def _drawn_towards(share: float, weight: int, seen: Answered) -> float:
    return (seen.answered + weight * share) / (seen.sent + weight)


def _because(best: str, second: str, habits: Mapping[str, Habit]) -> str:
    """The strongest of the reasons: her answers, her silence, then the others'."""
    own, silence, alike = habits[best].own, habits[second].own, habits[best].alike
    if own.answered:
        return f"She answers {PLURALS[best]}: {own.answered} of {own.sent}"
    if silence.sent >= ENOUGH_OF_HERS:
        return own_words(second, silence)
    return f"Clients like her answer {PLURALS[best]}: {alike.answered} of {alike.sent}"
