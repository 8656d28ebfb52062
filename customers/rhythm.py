"""Lapse: the shop's number of days, beside the client's own rhythm. Pure.

Two questions are kept apart. *Lapsed* is the rule everybody understands: has bought, and not
within the last N full days. *About to lapse* looks at her own habit, and needs three visits
before it speaks of one; whoever will very likely come anyway is not about to lapse.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clienteling.defaults import ABOUT_TO_LAPSE_FACTOR, VISITS_FOR_A_RHYTHM

LIKELY, UNLIKELY = 0.75, 0.25
"""Three in four, one in four: the probability of a purchase in the next 90 days from which nobody
need help, and below which it would be a surprise; docs/lapse.md has how often each came true."""


@dataclass(frozen=True)
class Rhythm:
    """What is known of a client's visits; `usual_gap_days` is the median, None when unknown."""

    last_purchase_at: datetime | None
    visit_count: int = 0
    usual_gap_days: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether she came often enough for a habit to be spoken of."""
        return self.visit_count >= VISITS_FOR_A_RHYTHM and bool(self.usual_gap_days)


def days_since(last: datetime, now: datetime) -> int:
    """Whole days of 24 hours between two moments; negative when `last` lies ahead.

    For the rules, which may not depend on a zone. What people read is counted by `calendar_days`.
    """
    return (now - last) // timedelta(days=1)


def calendar_days(last: datetime, now: datetime, *, zone: ZoneInfo) -> int:
    """Days as people count them: since yesterday evening it is one, whatever the hour.

    Every number of days that somebody reads is this one, in the zone of the client's store, so
    that a line never says 8 where the line below it says 9.
    """
    return (now.astimezone(zone).date() - last.astimezone(zone).date()).days


def is_lapsed(rhythm: Rhythm, *, now: datetime, lapse_days: int) -> bool:
    """Has bought, and not within the last `lapse_days` full days. The last of them counts."""
    last = rhythm.last_purchase_at
    return last is not None and days_since(last, now) >= lapse_days


def is_about_to_lapse(
    rhythm: Rhythm, *, now: datetime, lapse_days: int, will_buy: float | None = None
) -> bool:
    """Late by her own measure, not yet by the shop's, and no longer likely to come by herself.

    `will_buy` is the probability of a purchase within the next 90 days. It falls with every day
    away; below `LIKELY` it has fallen far enough. None where the shop has no outlook: then her own
    measure decides. `CustomerQuerySet.about_to_lapse` and `customers.outlook.about_to_lapse` say
    the same of many.
    """
    last, usual = rhythm.last_purchase_at, rhythm.usual_gap_days
    if last is None or not usual or not rhythm.is_known:
        return False
    is_late = days_since(last, now) >= ABOUT_TO_LAPSE_FACTOR * usual
    has_fallen = will_buy is None or will_buy < LIKELY
    return is_late and has_fallen and not is_lapsed(rhythm, now=now, lapse_days=lapse_days)


def outlook_words(will_buy: float | None) -> str:
    """What is to be expected of her, for the eye; blank where nothing is known.

    Never a number: the tablet faces customers.
    """
    if will_buy is None:
        return ""
    if will_buy >= LIKELY:
        return "Likely to come back on their own"
    return "May or may not come back" if will_buy >= UNLIKELY else "May be slipping away"


def rhythm_words(rhythm: Rhythm, *, now: datetime, zone: ZoneInfo) -> str:
    """For the eye: "103 days · usually every 41"; "103 days" without a habit; "" if never.

    In days of the store's calendar; on the very day it is "Today".
    """
    if rhythm.last_purchase_at is None:
        return ""
    since = days_words(calendar_days(rhythm.last_purchase_at, now, zone=zone))
    return f"{since} · usually every {rhythm.usual_gap_days}" if rhythm.is_known else since


def days_words(count: int) -> str:
    """`103 days`, `1 day`, `Today`."""
    if count == 0:
        return "Today"
    return "1 day" if count == 1 else f"{count} days"
