"""What the screens say when the last night had nothing new to choose from: that, and no more."""

from datetime import date, timedelta

from catalog.models import Product
from customers.models import SuggestionRun


def nothing_new(*, on: date) -> str:
    """One or two sentences; blank where there were new arrivals, or no night has run yet.

    Asked only by pages that have nothing else to show: it costs up to two queries.
    """
    run = SuggestionRun.objects.filter(state=SuggestionRun.State.DONE).first()
    if run is None or run.candidates:
        return ""
    since = on - timedelta(days=run.new_within)
    if Product.objects.newly_arrived(since=since, until=on).exists():
        return NOT_YET
    return NOTHING_ARRIVED.format(days=run.new_within)


NOTHING_ARRIVED = (
    "Nothing new arrived in the last {days} days, so nothing is suggested. "
    "Suggestions return the night after new arrivals are in the catalog."
)
NOT_YET = (
    "Nothing that had arrived by last night could be suggested. "
    "What is new since then, or has a price now, is looked at tonight."
)
