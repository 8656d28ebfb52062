"""Whose cards, in what order, and why: the associate's day."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, Max, OrderBy, OuterRef, QuerySet, Subquery, Window
from django.urls import reverse

from catalog.models import Product
from clienteling.defaults import CONTACT_CAPS, SUGGESTIONS_SHOWN
from clienteling.models import Store, User
from customers.appropriateness import Blocker
from customers.because import ARRIVED, COLUMNS, Evidence, because
from customers.models import Channel, Consent, ConsentState, Customer, Suggestion
from customers.rhythm import days_since
from outreach import lookbook
from outreach.day import card, facts, ranking, strips, wording
from outreach.day.card import Card, Kept
from outreach.day.nothing_new import nothing_new
from outreach.messages import clearance, contact_record, seen
from outreach.messages import wording as sent_words
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactDecision, ContactFacts, decide
from outreach.models.message import COUNTS_AS_CONTACT, Message, Reply, State, Step

RESERVE = 4  # drawn beyond the day's number: an item rule may leave a client nothing to show
HELD_AT_MOST = 3
RESTING_NAMED = 40
LOOKED_AT = 300
"""Of a longer book only these are weighed, so that a store with thousands of clients who are
nobody's yet has a day as quick as any other. Those who may not be written to now come last."""
STITCH_STEP = 20

# Blocked for a reason that asks for a person, not for patience: shown as a line of their own.
ASKS_FOR_A_PERSON = ("open-complaint", "may-have-asked-to-stop", "recent-complaint")
NOTHING_TO_SHOW = Blocker("nothing-to-show", "Nothing new that suits her is here now.")
NEVER_LEFT = (State.DRAFT, State.CANCELED)

RESTING_WORDS: Mapping[str, str] = {
    "contacted-recently": "written to lately",
    "message-on-its-way": "a note is on its way",
    "asked-for-peace": "asked to be left in peace",
    "no-consent": "has not agreed to notes",
    "opted-out": "asked for no notes",
    "suppressed": "this address must not be used",
    "no-address": "no address that works",
    "claimed-by-colleague": "a colleague looks after them",
    "open-complaint": "a complaint is open",
    "recent-complaint": "a complaint was solved lately",
    "may-have-asked-to-stop": "may have asked us to stop",
    "no-open-hours": "no hours in which to write",
    "nothing-to-show": "nothing new that suits",
    "another-day": "well enough for another day",
    "further-down": "further down a long book",
}


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
class Held:
    """A client who is not sold to now: her reason, and the better step."""

    pk: int
    customer_id: str
    name: str
    url: str
    code: str
    sentence: str
    icon: str
    is_resting: bool
    call_url: str = ""


@dataclass(frozen=True)
class Resting:
    """Everybody else who has been away for long, counted by reason and named."""

    sentence: str
    reasons: tuple[str, ...]
    named: tuple[Held, ...]


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
    """The associate's day as the page shows it."""

    greeting: str
    date_line: str
    counts: Counts
    cards: tuple[Card, ...]
    held: tuple[Held, ...]
    strips: tuple[strips.Strip, ...]
    resting: Resting | None
    empty: Mapping[str, str]

    @property
    def stitches(self) -> Stitches:
        return Stitches(
            tuple(
                Stitch(2 + STITCH_STEP * place, "done" if place < self.counts.sent else "todo")
                for place in range(self.counts.planned)
            )
        )


@dataclass(frozen=True)
class _Candidate:
    """A lapsed client with something to show, and what the policy says."""

    customer: Customer
    contact: ContactFacts
    decision: ContactDecision


def for_associate(associate: User, store: Store, *, now: datetime) -> Day:
    """Her day at `now`: the best cards still to write, what is held back, what she sent today.

    A constant number of queries, whatever the length of the book.
    """
    sent = sent_today(associate, store, now=now)
    candidates, in_all = _candidates(associate, store, now=now)
    room = max(0, store.cards_per_day - len(sent))
    open_ones = [each for each in candidates if each.decision.may_send]
    best = _best(open_ones, now)[: room + RESERVE]
    drawn, without_items = _cards(best, room, associate, store, now)
    cards = _near_the_top_first(drawn)
    beyond = in_all - len(candidates)
    held, resting = _not_now(candidates, cards, without_items, beyond)
    counts = Counts(len(cards), len(sent), waiting_count(associate))
    return Day(
        greeting=wording.greeting(associate.signature, store.local(now)),
        date_line=f"{wording.date_line(store.local(now).date())} · {store.name}",
        counts=counts,
        cards=cards,
        held=held,
        strips=_strips(sent, cards, store, now),
        resting=resting,
        empty=_empty_words(counts, store, now),
    )


def for_client(
    customer: Customer,
    associate: User,
    store: Store,
    *,
    now: datetime,
    kept: Kept | None = None,
) -> Card:
    """One client's card, whether or not she is due today; `kept` puts the associate's own words
    back. A client who may not be written to has a card with `blocked` and no channel to send by."""
    contacts = facts.contacts([customer], associate, now=now)
    decision = decide(contacts[customer.pk], now=now)
    [known] = facts.card_facts([customer], contacts, store, now=now)
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


def sent_today(associate: User, store: Store, *, now: datetime) -> list[Message]:
    """The notes she tapped Send on since the store's midnight, newest first; one per client."""
    midnight = datetime.combine(store.local(now).date(), time(0), tzinfo=store.zone)
    messages = (
        Message.objects.filter(sender=associate, step=Step.OFFER, queued_at__gte=midnight)
        .exclude(state__in=NEVER_LEFT)
        .select_related("customer")
        .order_by("-queued_at")
    )
    newest: dict[int, Message] = {}
    for message in messages:
        newest.setdefault(message.customer_id, message)
    return list(newest.values())


def waiting_count(associate: User) -> int:
    """Clients of her book who wrote and have no answer yet."""
    return waiting_replies(associate).values("customer").distinct().count()


def waiting_replies(associate: User) -> QuerySet[Reply]:
    """Unanswered replies of the clients in her book, or of a manager's stores."""
    if associate.role == User.Role.MANAGER:
        return Reply.objects.visible_to(associate).waiting()
    book = Customer.objects.in_book_of(associate).values("pk")
    return Reply.objects.waiting().filter(customer__in=book)


def _candidates(associate: User, store: Store, *, now: datetime) -> tuple[list[_Candidate], int]:
    """Lapsed clients with something to show, and how many there are in all: one query."""
    lapsed = (
        Customer.objects.in_book_of(associate)
        .lapsed(at=now, days=store.lapse_days)
        .filter(Exists(Suggestion.objects.filter(customer=OuterRef("pk"))))
        .annotate(newest_arrival=_newest_arrival(), in_all=Window(Count("pk")))
        .order_by(*_likely_first(now), "pk")
    )
    customers = list(contact_record.with_records(lapsed, associate=associate, now=now)[:LOOKED_AT])
    records = {each.pk: each.contact_record for each in customers}  # type: ignore[attr-defined]
    contacts = contact_facts(customers, associate=associate, now=now, records=records)
    candidates = [
        _Candidate(each, contacts[each.pk], decide(contacts[each.pk], now=now))
        for each in customers
    ]
    return candidates, customers[0].in_all if customers else 0  # type: ignore[attr-defined]


def _newest_arrival() -> Subquery:
    own = Suggestion.objects.filter(customer=OuterRef("pk"), rank__lte=SUGGESTIONS_SHOWN)
    dates = own.order_by().values("customer").annotate(newest=Max("product__launched_on"))
    return Subquery(dates.values("newest"))


def _likely_first(now: datetime) -> tuple[OrderBy, ...]:
    """An order the database can make, close enough to `ranking` to cut a very long book by."""
    quiet_days = min(days for _, days in CONTACT_CAPS)
    agreed = Consent.objects.filter(customer=OuterRef("pk"), state=ConsentState.OPTED_IN)
    lately = Message.objects.filter(
        customer=OuterRef("pk"),
        step=Step.OFFER,
        state__in=COUNTS_AS_CONTACT,
        queued_at__gt=now - timedelta(days=quiet_days),
    )
    return (
        Exists(agreed).desc(),
        Exists(lately).asc(),
        F("visit_count").desc(),
        F("net_spend").desc(),
    )


def _best(candidates: Iterable[_Candidate], now: datetime) -> list[_Candidate]:
    by_key = {each.customer.pk: each for each in candidates}
    order = ranking.in_order((key, _standing(each, now)) for key, each in by_key.items())
    return [by_key[key] for key in order]


def _standing(candidate: _Candidate, now: datetime) -> ranking.Standing:
    customer, channels = candidate.customer, candidate.contact.channels.values()
    newest = customer.newest_arrival  # type: ignore[attr-defined]  # annotated by _candidates
    return ranking.Standing(
        days_away=days_since(customer.last_purchase_at or now, now),
        usual_gap_days=customer.usual_gap_days,
        visit_count=customer.visit_count,
        net_spend=customer.net_spend,
        notes_sent=sum(known.sent for known in channels),
        notes_answered=sum(known.answered for known in channels),
        newest_days=(candidate.contact.today(now) - newest).days if newest else None,
    )


def _cards(
    candidates: Sequence[_Candidate], room: int, associate: User, store: Store, now: datetime
) -> tuple[list[Card], list[_Candidate]]:
    """At most `room` cards, in order; and those passed over because no item of theirs may be."""
    contacts = {each.customer.pk: each.contact for each in candidates}
    known = facts.card_facts([each.customer for each in candidates], contacts, store, now=now)
    cards: list[Card] = []
    without_items = []
    for each, card_facts in zip(candidates, known, strict=True):
        if not card_facts.shown:
            without_items.append(each)
        elif len(cards) < room:
            cards.append(
                card.drawn(card_facts, each.decision, associate=associate, store=store, now=now)
            )
    return cards, without_items


def _near_the_top_first(cards: Sequence[Card]) -> tuple[Card, ...]:
    """The first ones know that their pictures are on the first screen."""
    top = [replace(each, is_near_the_top=True) for each in cards[: card.NEAR_THE_TOP]]
    return (*top, *cards[card.NEAR_THE_TOP :])


def _not_now(
    candidates: Sequence[_Candidate],
    cards: Collection[Card],
    without_items: Sequence[_Candidate],
    beyond: int,
) -> tuple[tuple[Held, ...], Resting | None]:
    """Who is held back for a reason that asks for a person, and everybody else without a card."""
    shown = {each.pk for each in cards}
    nothing = {each.customer.pk for each in without_items}
    held: list[Held] = []
    resting: list[tuple[_Candidate, Blocker]] = []
    for each in candidates:
        if each.customer.pk in shown:
            continue
        reason = _reason(each, has_nothing=each.customer.pk in nothing)
        if reason.code in ASKS_FOR_A_PERSON and len(held) < HELD_AT_MOST:
            held.append(_held(each, reason))
        else:
            resting.append((each, reason))
    return tuple(held), _resting(resting, beyond)


def _reason(candidate: _Candidate, *, has_nothing: bool) -> Blocker:
    if candidate.decision.blockers:
        return most_pressing(candidate.decision.blockers)
    if has_nothing:
        return NOTHING_TO_SHOW
    return Blocker("another-day", "Waits for another day: today's cards are full.")


def most_pressing(blockers: Sequence[Blocker]) -> Blocker:
    """The one that asks for a person, if there is one; else the first."""
    urgent = [blocker for blocker in blockers if blocker.code in ASKS_FOR_A_PERSON]
    return (urgent or list(blockers))[0]


def with_nothing_to_show(customer: Customer) -> Held:
    """The line in place of a card whose last item was turned down."""
    return Held(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        url=reverse("client", args=[customer.customer_id]),
        code=NOTHING_TO_SHOW.code,
        sentence=NOTHING_TO_SHOW.sentence,
        icon="rest",
        is_resting=True,
    )


def _held(candidate: _Candidate, blocker: Blocker) -> Held:
    customer = candidate.customer
    needs_a_person = blocker.code in ASKS_FOR_A_PERSON
    return Held(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        url=reverse("client", args=[customer.customer_id]),
        code=blocker.code,
        sentence=blocker.sentence,
        icon="alert" if needs_a_person else "rest",
        is_resting=not needs_a_person,
        call_url=call_url(candidate.contact) if blocker.code == "open-complaint" else "",
    )


def call_url(contact: ContactFacts) -> str:
    """A `tel:` link; blank without a number that works."""
    number = contact.channels[Channel.SMS].address
    return f"tel:{number}" if number else ""


def _resting(resting: Sequence[tuple[_Candidate, Blocker]], beyond: int) -> Resting | None:
    """Counted by reason; those `beyond` the clients looked at are counted, not asked about."""
    in_all = len(resting) + beyond
    if not in_all:
        return None
    codes = Counter(reason.code for _, reason in resting)
    codes.update({"further-down": beyond} if beyond else {})
    verb = "is" if in_all == 1 else "are"
    return Resting(
        sentence=f"{wording.counted(in_all, 'other')} {verb} resting; see why",
        reasons=tuple(
            f"{number} {RESTING_WORDS.get(code, code)}" for code, number in codes.most_common()
        ),
        named=tuple(_held(each, reason) for each, reason in resting[:RESTING_NAMED]),
    )


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


def _empty_words(counts: Counts, store: Store, now: datetime) -> Mapping[str, str]:
    """Only asked about where the page has no card: then a query more does not matter."""
    if counts.to_write:
        return {}
    if counts.sent:
        return {
            "title": "Everyone has been looked after",
            "sentence": "The day's notes are written. A quiet hour is a good one for a kind call.",
        }
    if why := nothing_new(on=store.local(now).date()):
        return {"title": "Nothing new to write about", "sentence": why}
    return {
        "title": "Nobody to write to today",
        "sentence": f"Clients appear here {store.lapse_days} days after their last visit, "
        "when something new suits them.",
    }
