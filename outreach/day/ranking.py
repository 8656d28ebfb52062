"""In what order a day is written: how much a note is worth now, with the reasons. Pure.

The order is an opinion, so each part of it can be read, with its points. Nobody is shown the
number: it orders the list.

The largest part asks what a note can change. Somebody sure to come gains nothing by it, nor does
somebody who is gone for good. If a note adds about the same to everybody's log-odds of coming, it
adds to her probability p in proportion to p(1 - p), the slope of the logistic curve: most where it
is even, little at both ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import log1p

from customers.rhythm import outlook_words

BEST_FROM, BEST_UNTIL = 2.0, 3.0  # times her own rhythm: clearly overdue, and still alive
ASSUMED_GAP_DAYS = 45  # for a client without a rhythm: at 90 days she is at twice this
UNSURE = 0.7  # how much a guess at the rhythm counts against one seen
FULL_VISITS, FULL_SPEND = 20, 5000  # where more visits or money no longer change the order
FRESH_DAYS = 14

NO_OUTLOOK = "no outlook yet"
OUTLOOK_POINTS, TIMING_POINTS = 4.0, 2.0
VISIT_POINTS, SPEND_POINTS, ANSWER_POINTS, FRESH_POINTS = 2.0, 1.5, 1.5, 1.0


@dataclass(frozen=True)
class Standing:
    """What the order is made from. `newest_days` is the age of the newest item picked for her;
    `will_buy` the probability that she buys within the next 90 days, None without an outlook."""

    days_away: int
    usual_gap_days: int | None = None
    visit_count: int = 0
    net_spend: Decimal = Decimal(0)
    notes_sent: int = 0
    notes_answered: int = 0
    newest_days: int | None = None
    will_buy: float | None = None


@dataclass(frozen=True)
class Part:
    """One reason and what it adds."""

    name: str
    points: float
    sentence: str


def worth_now(client: Standing) -> float:
    """How much a note to her is worth today: the sum of the parts' points."""
    return sum(points(client) for _, points, _ in PARTS)


def parts_of(client: Standing) -> tuple[Part, ...]:
    """The same in its parts, each with its reason."""
    return tuple(Part(name, points(client), says(client)) for name, points, says in PARTS)


def why_here(client: Standing) -> str:
    """`Counts most: may or may not come back. Then: 20 visits, answered 4 of 5.`

    The strongest first, without figures of points or money: the tablet faces customers.
    """
    parts = sorted(parts_of(client), key=lambda part: -part.points)
    telling = [each.sentence for each in parts if each.points > 0 and each.sentence != NO_OUTLOOK]
    first, *others = telling or ["nothing yet"]
    rest = f" Then: {', '.join(others)}." if others else ""
    return f"Counts most: {first}.{rest}"


def overdue(ratio: float) -> float:
    """0 to 1: rises until twice her rhythm, stays until three times, then falls away."""
    if ratio < BEST_FROM:
        return max(0.0, ratio - 1) / (BEST_FROM - 1)
    return 1.0 if ratio <= BEST_UNTIL else BEST_UNTIL / ratio


def open_to_a_note(will_buy: float) -> float:
    """0 to 1: how much a note can change, 1 where it is even whether she comes by herself."""
    return 4 * will_buy * (1 - will_buy)


def _outlook(client: Standing) -> float:
    """Without an outlook her rhythm stands in for it, so that clients can still be compared."""
    if client.will_buy is None:
        return OUTLOOK_POINTS * _lateness(client)
    return OUTLOOK_POINTS * open_to_a_note(client.will_buy)


def _outlook_says(client: Standing) -> str:
    return NO_OUTLOOK if client.will_buy is None else outlook_words(client.will_buy).lower()


def _timing(client: Standing) -> float:
    return TIMING_POINTS * _lateness(client)


def _timing_says(client: Standing) -> str:
    if not client.usual_gap_days:
        return "no rhythm of her own yet"
    return f"{client.days_away / client.usual_gap_days:.1f} times her usual gap"


def _lateness(client: Standing) -> float:
    """0 to 1, by her own rhythm; a guessed one counts less."""
    sureness = 1.0 if client.usual_gap_days else UNSURE
    return sureness * overdue(client.days_away / (client.usual_gap_days or ASSUMED_GAP_DAYS))


def _visits(client: Standing) -> float:
    return VISIT_POINTS * min(1.0, log1p(client.visit_count) / log1p(FULL_VISITS))


def _visits_say(client: Standing) -> str:
    return "1 visit" if client.visit_count == 1 else f"{client.visit_count} visits"


def _spend(client: Standing) -> float:
    """Logarithmic: a client who spent ten times as much is not ten times as welcome."""
    spent = max(0.0, float(client.net_spend))
    return SPEND_POINTS * min(1.0, log1p(spent) / log1p(FULL_SPEND))


def _spend_says(_: Standing) -> str:
    return "what she bought so far"


def _answers(client: Standing) -> float:
    """Half a point's worth before the first note; from then on the share she answered."""
    return ANSWER_POINTS * min(1.0, (client.notes_answered + 1) / (client.notes_sent + 2))


def _answers_say(client: Standing) -> str:
    if not client.notes_sent:
        return "not written to before"
    return f"answered {client.notes_answered} of {client.notes_sent}"


def _news(client: Standing) -> float:
    if client.newest_days is None:
        return 0.0
    return FRESH_POINTS * min(1.0, FRESH_DAYS / max(1, client.newest_days))


def _news_says(client: Standing) -> str:
    if client.newest_days is None:
        return "nothing new picked"
    if client.newest_days == 0:
        return "newest item arrived today"
    days = "1 day" if client.newest_days == 1 else f"{client.newest_days} days"
    return f"newest item arrived {days} ago"


PARTS: tuple[tuple[str, Callable[[Standing], float], Callable[[Standing], str]], ...] = (
    ("outlook", _outlook, _outlook_says),
    ("timing", _timing, _timing_says),
    ("visits", _visits, _visits_say),
    ("spend", _spend, _spend_says),
    ("answers", _answers, _answers_say),
    ("news", _news, _news_says),
)
