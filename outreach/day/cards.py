"""Whose cards, in what order, and why: the associate's day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from django.db.models import Value
from django.urls import reverse

from catalog.models import Product
from clienteling.models import Store, User
from customers.because import ARRIVED, COLUMNS, Evidence, because
from customers.models import Customer, Suggestion
from outreach import lookbook
from outreach.day import came_back, card, facts, holds, ranking, resting, strips, waiting, wording
from outreach.day import candidates as weighing
from outreach.day.book import Tab
from outreach.day.came_back import Returned
from outreach.day.candidates import Candidate, Who
from outreach.day.card import Card
from outreach.day.facts import Read
from outreach.day.note_form import Kept
from outreach.day.nothing_new import nothing_new
from outreach.day.resting import Held, Resting
from outreach.day.viewpoint import Viewpoint
from outreach.day.waiting import Waiting
from outreach.messages import clearance, conversations, seen
from outreach.messages import wording as sent_words
from outreach.messages.contact_policy import decide
from outreach.models.message import Message, Step

RESERVE = 4  # drawn beyond the day's number: an item rule may leave a client nothing to show
STITCH_STEP = 20
CARDS_KEPT = 512  # of those drawn last; some 30 kB each with what they were drawn from


@dataclass(frozen=True)
class Counts:
    """What the header counts; `planned` is what the day holds in all."""

    to_write: int
    sent: int
    waiting: int

    @property
    def planned(self) -> int:
        return self.to_write + self.sent


@dataclass(frozen=True)
class Stitch:
    x: int
    look: str


@dataclass(frozen=True)
class Stitches:
    """One per client of the day; the sewn ones are done."""

    marks: tuple[Stitch, ...]

    @property
    def width(self) -> int:
        return max(1, len(self.marks)) * STITCH_STEP


@dataclass(frozen=True)
class Day:
    """The associate's day as the page shows it. `calls` are those whom only a call may reach."""

    greeting: str
    date_line: str
    tabs: tuple[Tab, ...]
    counts: Counts
    cards: tuple[Card, ...]
    calls: tuple[Held, ...]
    held: tuple[Held, ...]
    returned: tuple[Returned, ...]
    waiting: Waiting
    needing: tuple[strips.Strip, ...]
    strips: tuple[strips.Strip, ...]
    resting: Resting | None
    empty: Mapping[str, str]

    @property
    def is_done(self) -> bool:
        """Whether her cards are written, and not only that there were none."""
        return not self.counts.to_write and self.counts.sent > 0

    @property
    def stitches(self) -> Stitches:
        return Stitches(
            tuple(
                Stitch(2 + STITCH_STEP * place, "done" if place < self.counts.sent else "todo")
                for place in range(self.counts.planned)
            )
        )


def for_associate(associate: User, store: Store, *, now: datetime, who: Who = "lapsed") -> Day:
    """Her day at `now`: who waits, the best cards still to write, what is held back, what she sent.

    A constant number of queries, whatever the length of the book.
    """
    waits = waiting.for_associate(associate, store, now=now)
    messages = waits.notes
    if who == "came-back":
        return _day_of_returned(associate, store, waits, now)
    sent = _of_today(messages, store, now)
    seen_from = Viewpoint.of(associate, store, now)
    prospects = weighing.of_day(seen_from, who)
    offers = [each for each in sent if each.step == Step.OFFER]
    room = max(0, store.cards_per_day - len(offers))
    weighed = weighing.decided(prospects, seen_from, wanted=room + RESERVE)
    open_ones = [each for each in weighed if each.decision.may_send]
    best = [each for each in open_ones if each.has_items][: room + RESERVE]
    drawn, without_items = _cards(best, room, seen_from)
    without_items += [each for each in open_ones if not each.has_items]
    cards = _near_the_top_first(drawn)
    calls = resting.calls(without_items, now) if who == "about-to-lapse" else ()
    called = {each.pk for each in calls}
    others = [each for each in weighed if each.customer.pk not in called]
    beyond = prospects.in_all - len(weighed)
    held, others_rest = resting.without_cards(others, cards, without_items, beyond, now)
    counts = Counts(len(cards), len(sent), waits.count)
    return Day(
        greeting=wording.greeting(associate.signature, store.local(now)),
        date_line=f"{wording.date_line(store.local(now).date())} · {store.name}",
        tabs=_tabs(who, counts.to_write),
        counts=counts,
        cards=cards,
        calls=calls,
        held=held,
        returned=(),
        waiting=waits,
        strips=_strips(sent, cards, store, now),
        needing=_strips([each for each in messages if each not in sent], (), store, now),
        resting=others_rest,
        empty=_empty_words(counts, who, store, now),
    )


def _day_of_returned(associate: User, store: Store, waits: Waiting, now: datetime) -> Day:
    """The third tab: who came back. Nothing is sold there."""
    messages = waits.notes
    sent = _of_today(messages, store, now)
    returned = came_back.for_associate(associate, store, now=now)
    counts = Counts(0, len(sent), waits.count)
    return Day(
        greeting=wording.greeting(associate.signature, store.local(now)),
        date_line=f"{wording.date_line(store.local(now).date())} · {store.name}",
        tabs=_tabs("came-back", len(returned)),
        counts=counts,
        cards=(),
        calls=(),
        held=(),
        returned=returned,
        waiting=waits,
        strips=_strips(sent, (), store, now),
        needing=_strips([each for each in messages if each not in sent], (), store, now),
        resting=None,
        empty={} if returned else NOBODY_CAME_BACK,
    )


def for_client(
    customer: Customer,
    associate: User,
    store: Store,
    *,
    now: datetime,
    kept: Kept | None = None,
    shown: Sequence[int] = (),
) -> Card:
    """One client's card, whether or not she is due today; `kept` puts the associate's own words
    back, `shown` the products she had on it, as far as they may be shown still. A client who may
    not be written to has a card with `blocked` and no channel to send by."""
    contacts = facts.contacts([customer], associate, now=now)
    decision = decide(contacts[customer.pk], now=now)
    [known] = facts.card_facts([customer], contacts, store, now=now, writer=associate)
    known = facts.showing(known, shown)
    return card.drawn(known, decision, associate=associate, store=store, now=now, kept=kept)


def kept_words(message: Message) -> Kept:
    """The channel and the words as they were written, without what the outbox had added."""
    picks = clearance.picked(message)
    link = lookbook.url(message.lookbook) if message.lookbook else ""
    names = dict(
        Product.objects.filter(pk__in=[pick.product_id for pick in picks]).values_list("pk", "name")
    )
    items = [sent_words.NamedItem(names[pick.product_id], pick.price) for pick in picks]
    for is_first in (True, False):
        added = sent_words.addition(
            channel=message.channel, link=link, is_first=is_first, items=items
        )
        if added and message.body.endswith(added):
            return Kept(message.channel, message.body.removesuffix(added))
    return Kept(message.channel, message.body)


def as_shown(customer: Customer, signature: str) -> tuple[lookbook.Pick, ...]:
    """The items a card's `seen` says were on it, at the prices it showed; none if it is not ours.

    Whether they may still be sent is the outbox's question.
    """
    shown = seen.read(signature)
    if shown is None:
        return ()
    numbers = [number for number, _ in shown.prices]
    rows = Suggestion.objects.filter(customer=customer, product__in=numbers).order_by()
    reasons = {
        row["product_id"]: because(Evidence.of_row(row))
        for row in rows.values("product_id", *COLUMNS)
    }
    return tuple(
        lookbook.Pick(number, Decimal(price) if price else None, reasons.get(number, ARRIVED))
        for number, price in shown.prices
    )


def _of_today(messages: Sequence[Message], store: Store, now: datetime) -> list[Message]:
    midnight = waiting.midnight(store, now)
    return [each for each in messages if each.queued_at and each.queued_at >= midnight]


def waiting_count(user: User, *, now: datetime) -> int:
    """How much waits in her inbox: clients who wrote and have no answer yet (for a manager,
    strangers too), and holds to confirm. One query, exact as far as an inbox counts."""
    asked = holds.asked_of(user, now=now).order_by().values_list("pk", Value("a hold"))
    return asked.union(*conversations.waiting_people(user, now=now)).count()


def _cards(
    candidates: Sequence[Candidate], room: int, seen_from: Viewpoint
) -> tuple[list[Card], list[Candidate]]:
    """At most `room` cards, in order; and those passed over because no item of theirs may be."""
    numbers = [each.customer.pk for each in candidates]
    read = facts.read(numbers, seen_from.store, now=seen_from.now, writer=seen_from.associate)
    cards: list[Card] = []
    without_items = []
    for each in candidates:
        if len(cards) == room:
            break
        if drawn := _drawn(each, read[each.customer.pk], seen_from):
            cards.append(drawn)
        else:
            without_items.append(each)
    return cards, without_items


@lru_cache(maxsize=CARDS_KEPT)
def _drawn(candidate: Candidate, read: Read, seen_from: Viewpoint) -> Card | None:
    """Her card as it is seen from there; None where nothing may be shown."""
    store, now = seen_from.store, seen_from.now
    known = facts.facts_of(candidate.customer, candidate.contact, read, store, now=now)
    if not known.shown:
        return None
    return card.drawn(
        known,
        candidate.decision,
        associate=seen_from.associate,
        store=store,
        now=now,
        why_here=ranking.why_here(candidate.standing),
    )


def _near_the_top_first(cards: Sequence[Card]) -> tuple[Card, ...]:
    """The first ones know that their pictures are on the first screen."""
    top = [replace(each, is_near_the_top=True) for each in cards[: card.NEAR_THE_TOP]]
    return (*top, *cards[card.NEAR_THE_TOP :])


def _strips(
    sent: Sequence[Message], cards: Collection[Card], store: Store, now: datetime
) -> tuple[strips.Strip, ...]:
    """One strip per client; a client whose note failed and who has a card again has only that."""
    shown = {each.pk for each in cards}
    return tuple(
        strips.strip_of(message, store, now=now)
        for message in sent
        if message.customer_id not in shown
    )


def _tabs(who: Who, count: int) -> tuple[Tab, ...]:
    """Only the open one is counted: counting the others would cost a query each on every visit."""
    day = reverse("day")
    return tuple(
        Tab(label, url, is_current=each == who, count=count if each == who else None)
        for each, label, url in (
            ("lapsed", "Lapsed", day),
            ("about-to-lapse", "About to lapse", f"{day}?who=about-to-lapse"),
            ("came-back", "Came back", f"{day}?who=came-back"),
        )
    )


NOBODY_CAME_BACK = {
    "title": "Nobody has come back just now",
    "sentence": "Clients appear here for two weeks when they buy after a note of yours, "
    "or after they had lapsed.",
}


def _empty_words(counts: Counts, who: Who, store: Store, now: datetime) -> Mapping[str, str]:
    """Only asked about where the page has no card: then a query more does not matter."""
    if counts.to_write or counts.sent:
        return {}
    if who == "about-to-lapse":
        return {
            "title": "Nobody to write to before they lapse",
            "sentence": "Clients appear here from their third visit on, when they are later than "
            "one and a half times their own rhythm and not likely to come by themselves.",
        }
    if why := nothing_new(on=store.local(now).date()):
        return {"title": "Nothing new to write about", "sentence": why}
    return {
        "title": "Nobody to write to today",
        "sentence": f"Clients appear here {store.lapse_days} days after their last visit, "
        "when something new suits them.",
    }
