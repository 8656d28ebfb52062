"""The record's search: a name and a day, and what was decided about whoever has that name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from clienteling.models import Store, User
from customers.models import Customer
from outreach.day import search as clients
from outreach.day import walks, wording
from outreach.decisions import answer
from outreach.decisions.packing import code_of
from outreach.decisions.verdicts import COUNTED
from outreach.models import Decision, DecisionNight

FOUND_AT_MOST = 20


@dataclass(frozen=True)
class Match:
    """A client of that name, with that night's verdict in a few words."""

    customer_id: str
    name: str
    url: str
    line: str


@dataclass(frozen=True)
class Search:
    """The page. `said` is the outcome in words; `record_line` how far the record goes."""

    query: str
    on: str
    record_line: str
    said: str
    matches: tuple[Match, ...]


def found(user: User, query: str, on: date | None, store: Store, *, now: datetime) -> Search:
    """Who of those this person may see is called so, and what the night said: five queries."""
    newest = DecisionNight.objects.first()
    today = store.local(now).date()
    night = on or (newest.night if newest else today)
    most = FOUND_AT_MOST + 1
    people = list(clients.named(walks.visible_to(user), query, most=most)[:most])
    return Search(
        query=query,
        on=night.isoformat(),
        record_line=_record_line(newest, store, now),
        said=_said(query, people),
        matches=tuple(_matches(people[:FOUND_AT_MOST], night)),
    )


def _matches(people: Sequence[Customer], night: date) -> Iterable[Match]:
    wanted = Decision.objects.filter(customer__in=[each.pk for each in people])
    rows = answer.covering(wanted, night).values_list("customer_id", "verdict")
    verdicts = dict(rows)
    for each in people:
        number = verdicts.get(each.pk)
        line = COUNTED[code_of(number)] if number else "nothing written down"
        yield Match(
            customer_id=each.customer_id,
            name=str(each),
            url=answer.url_of(each, night),
            line=wording.capital(line),
        )


def _said(query: str, people: Sequence[Customer]) -> str:
    if not query:
        return ""
    if not people:
        return f"Nobody here by the name “{query}”."
    if len(people) > FOUND_AT_MOST:
        return f"The first {FOUND_AT_MOST} by that name; add letters to find the others."
    return f"{wording.counted(len(people), 'client')} found."


def _record_line(newest: DecisionNight | None, store: Store, now: datetime) -> str:
    """`90 nights are written down; the last one today at 4:10.`"""
    if newest is None:
        return "No night has been written down yet: the first one will be."
    nights = DecisionNight.objects.count()
    verb = "is" if nights == 1 else "are"
    at = wording.moment_words(newest.as_of, store.zone, now=now)
    return f"{wording.counted(nights, 'night')} {verb} written down; the last one as of {at}."
