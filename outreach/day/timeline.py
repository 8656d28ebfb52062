"""Everything about a client, newest first: what she bought, sent back, complained of, and wrote."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from clienteling.models import Store
from customers import history
from customers.feedback import Kind, Word
from customers.models import Customer
from outreach.day import wording
from outreach.day.conversation import Bubble

ENTRIES_SHOWN = 25
KINDS = {"all": "All", "bought": "Bought", "messages": "Messages", "service": "Service"}
KIND_OF_EVENT = {
    "bought": "bought",
    "sent-back": "bought",
    "service-opened": "service",
    "service-closed": "service",
}
LINES_NAMED = 4


@dataclass(frozen=True)
class Entry:
    """A line of the timeline."""

    at: datetime
    kind: str
    day: str
    iso: str
    words: str
    detail: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class Timeline:
    """The entries of one kind; `earlier` of them are not shown yet."""

    tabs: tuple[Tab, ...]
    entries: tuple[Entry, ...]
    earlier: int
    earlier_url: str


def of_client(
    customer: Customer,
    bubbles: Sequence[Bubble],
    store: Store,
    *,
    now: datetime,
    kind: str = "all",
    show_everything: bool = False,
    known: history.Record | None = None,
    words: Sequence[Word] = (),
) -> Timeline:
    """The timeline as of `now`; an unknown `kind` is all of it.

    Three queries, none where the caller has her record, `known` as of the same moment. `words` are
    what she makes of single items.
    """
    kind = kind if kind in KINDS else "all"
    known = known or history.record(customer, as_of=now)
    entries = [_of_event(event, store, now) for event in history.events(known)]
    entries += [_of_bubble(bubble, store, now) for bubble in bubbles]
    entries += [_of_word(word, customer.called, store, now) for word in words]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    wanted = [entry for entry in entries if kind in ("all", entry.kind)]
    shown = wanted if show_everything else wanted[:ENTRIES_SHOWN]
    earlier = len(wanted) - len(shown)
    return Timeline(
        tabs=_tabs(customer, Counter(entry.kind for entry in entries), kind),
        entries=tuple(shown),
        earlier=earlier,
        earlier_url=_url(customer, kind, everything="1") if earlier else "",
    )


def _of_event(event: history.Event, store: Store, now: datetime) -> Entry:
    day = store.local(event.at).date()
    refund = event.kind == "sent-back" and event.amount is not None
    amount = -event.amount if refund and event.amount is not None else event.amount
    return Entry(
        at=event.at,
        kind=KIND_OF_EVENT[event.kind],
        day=wording.full_day(day, on=store.local(now).date()),
        iso=day.isoformat(),
        words=event.title,
        detail=" · ".join(filter(None, (_lines(event), event.where, event.note))),
        amount=wording.money(amount) if amount is not None else "",
    )


def _lines(event: history.Event) -> str:
    """The sizes of a single piece; the names of several."""
    if len(event.details) == 1:
        size = event.details[0].size
        return size if wording.is_size(size) else ""
    names = [line.name for line in event.details[:LINES_NAMED]]
    more = len(event.details) - len(names)
    return ", ".join([*names, f"{more} more"] if more else names)


def _of_bubble(bubble: Bubble, store: Store, now: datetime) -> Entry:
    day = store.local(bubble.at).date()
    return Entry(
        at=bubble.at,
        kind="messages",
        day=wording.full_day(day, on=store.local(now).date()),
        iso=day.isoformat(),
        words=wording.shortened(bubble.words),
        detail=f"{'Note' if bubble.side == 'out' else 'Answer'} · {bubble.small}",
    )


def _of_word(word: Word, called: str, store: Store, now: datetime) -> Entry:
    day = store.local(word.at).date()
    label = wording.word_label(word.kind, called)
    return Entry(
        at=word.at,
        kind="messages",
        day=wording.full_day(day, on=store.local(now).date()),
        iso=day.isoformat(),
        words=f"Loves the {word.name}" if word.kind == Kind.LOVE_IT else f"{label}: {word.name}",
        detail=f"Noted by {word.noted_by}" if word.noted_by else "Said on the page behind a note",
    )


def _tabs(customer: Customer, counts: Counter[str], kind: str) -> tuple[Tab, ...]:
    return tuple(
        Tab(
            label, _url(customer, key), counts.total() if key == "all" else counts[key], key == kind
        )
        for key, label in KINDS.items()
    )


def _url(customer: Customer, kind: str, **more: str) -> str:
    query = urlencode({"entries": kind, **more})
    return f"{reverse('client', args=[customer.customer_id])}?{query}#everything"
