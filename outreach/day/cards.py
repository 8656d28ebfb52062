"""Whose cards, in what order, and why: the associate's day."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import Case, Q, Value, When
from django.urls import reverse

from catalog.models import Product
from clienteling.models import Store, User
from customers.appropriateness import Blocker
from customers.because import ARRIVED, COLUMNS, Evidence, because
from customers.models import Channel, Customer, Suggestion
from customers.rhythm import Rhythm, rhythm_words
from outreach import lookbook
from outreach.day import candidates as weighing
from outreach.day import card, facts, strips, wording
from outreach.day.book import Tab
from outreach.day.candidates import Candidate, Who
from outreach.day.card import Card, Kept
from outreach.day.nothing_new import nothing_new
from outreach.messages import clearance, conversations, seen
from outreach.messages import wording as sent_words
from outreach.messages.contact_policy import ContactFacts, decide
from outreach.models.message import Message, State, Step

RESERVE = 4  # drawn beyond the day's number: an item rule may leave a client nothing to show
HELD_AT_MOST = 3
RESTING_NAMED = 40
CALLS_NAMED = 10
STITCH_STEP = 20

# Blocked for a reason that asks for a person, not for patience: shown as a line of their own.
ASKS_FOR_A_PERSON = ("open-complaint", "may-have-asked-to-stop", "recent-complaint")
NOTHING_TO_SHOW = Blocker("nothing-to-show", "Nothing new that suits her is here now.")
TROUBLE_DAYS = 7
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
    call_label: str = "Call first"


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
    """The associate's day as the page shows it. `calls` are those whom only a call may reach."""

    greeting: str
    date_line: str
    tabs: tuple[Tab, ...]
    counts: Counts
    cards: tuple[Card, ...]
    calls: tuple[Held, ...]
    held: tuple[Held, ...]
    needing: tuple[strips.Strip, ...]
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


def for_associate(associate: User, store: Store, *, now: datetime, who: Who = "lapsed") -> Day:
    """Her day at `now`: the best cards still to write, what is held back, what she sent today.

    A constant number of queries, whatever the length of the book.
    """
    messages = followed(associate, store, now=now)
    sent = _of_today(messages, store, now)
    weighed, in_all = weighing.of_day(associate, store, who, now=now)
    room = max(0, store.cards_per_day - len(sent))
    open_ones = weighing.best((each for each in weighed if each.decision.may_send), now)
    best = [each for each in open_ones if each.has_items][: room + RESERVE]
    drawn, without_items = _cards(best, room, associate, store, now)
    without_items += [each for each in open_ones if not each.has_items]
    cards = _near_the_top_first(drawn)
    calls = _calls(without_items, now) if who == "about-to-lapse" else ()
    called = {each.pk for each in calls}
    others = [each for each in weighed if each.customer.pk not in called]
    held, resting = _not_now(others, cards, without_items, in_all - len(weighed))
    counts = Counts(len(cards), len(sent), waiting_count(associate, now=now))
    return Day(
        greeting=wording.greeting(associate.signature, store.local(now)),
        date_line=f"{wording.date_line(store.local(now).date())} · {store.name}",
        tabs=_tabs(who, counts),
        counts=counts,
        cards=cards,
        calls=calls,
        held=held,
        strips=_strips(sent, cards, store, now),
        needing=_strips([each for each in messages if each not in sent], (), store, now),
        resting=resting,
        empty=_empty_words(counts, who, store, now),
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
    [known] = facts.card_facts([customer], contacts, store, now=now, writer=associate)
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


def followed(associate: User, store: Store, *, now: datetime) -> list[Message]:
    """The notes she tapped Send on since the store's midnight, newest first; one per client.

    One that needs her is among them for a week: it may have come to that at night, or while she
    was off.
    """
    midnight = _midnight(store, now)
    needs_her = Q(
        state=State.NEEDS_ATTENTION, settled_at__gte=midnight - timedelta(days=TROUBLE_DAYS)
    )
    messages = (
        Message.objects.filter(
            needs_her | Q(queued_at__gte=midnight), sender=associate, step=Step.OFFER
        )
        .exclude(state__in=NEVER_LEFT)
        .with_stops()
        .select_related("customer")
        .order_by("-queued_at")
    )
    newest: dict[int, Message] = {}
    for message in messages:
        newest.setdefault(message.customer_id, message)
    return list(newest.values())


def _of_today(messages: Sequence[Message], store: Store, now: datetime) -> list[Message]:
    midnight = _midnight(store, now)
    return [each for each in messages if each.queued_at and each.queued_at >= midnight]


def _midnight(store: Store, now: datetime) -> datetime:
    return datetime.combine(store.local(now).date(), time(0), tzinfo=store.zone)


def waiting_count(associate: User, *, now: datetime) -> int:
    """Clients of her inbox who wrote and have no answer yet; for a manager, strangers too."""
    replies = conversations.waiting_replies(associate, now=now)
    people = replies.values("customer", stranger=_stranger())
    return people.order_by().distinct().count()


def _stranger() -> Case:
    """Whom a reply without a client is from; blank where there is one."""
    return Case(When(customer=None, then="from_address"), default=Value(""))


def _cards(
    candidates: Sequence[Candidate], room: int, associate: User, store: Store, now: datetime
) -> tuple[list[Card], list[Candidate]]:
    """At most `room` cards, in order; and those passed over because no item of theirs may be."""
    contacts = {each.customer.pk: each.contact for each in candidates}
    clients = [each.customer for each in candidates]
    known = facts.card_facts(clients, contacts, store, now=now, writer=associate)
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
    candidates: Sequence[Candidate],
    cards: Collection[Card],
    without_items: Sequence[Candidate],
    beyond: int,
) -> tuple[tuple[Held, ...], Resting | None]:
    """Who is held back for a reason that asks for a person, and everybody else without a card."""
    shown = {each.pk for each in cards}
    nothing = {each.customer.pk for each in without_items}
    held: list[Held] = []
    resting: list[tuple[Candidate, Blocker]] = []
    for each in candidates:
        if each.customer.pk in shown:
            continue
        reason = _reason(each, has_nothing=each.customer.pk in nothing)
        if reason.code in ASKS_FOR_A_PERSON and len(held) < HELD_AT_MOST:
            held.append(_held(each, reason))
        else:
            resting.append((each, reason))
    return tuple(held), _resting(resting, beyond)


def _reason(candidate: Candidate, *, has_nothing: bool) -> Blocker:
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


def _held(candidate: Candidate, blocker: Blocker) -> Held:
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


def _calls(without_items: Sequence[Candidate], now: datetime) -> tuple[Held, ...]:
    """Who agreed to hear from us and has nothing new to be shown: a number to call."""
    found = (_call(each, now) for each in without_items)
    return tuple(each for each in found if each.call_url)[:CALLS_NAMED]


def _call(candidate: Candidate, now: datetime) -> Held:
    customer = candidate.customer
    rhythm = Rhythm(customer.last_purchase_at, customer.visit_count, customer.usual_gap_days)
    blocker = Blocker("nothing-to-show", f"{rhythm_words(rhythm, now=now)}. Nothing new suits yet.")
    held = _held(candidate, blocker)
    url = call_url(candidate.contact)
    return replace(held, icon="phone", call_url=url, call_label="Call")


def call_url(contact: ContactFacts) -> str:
    """A `tel:` link; blank without a number that works."""
    number = contact.channels[Channel.SMS].address
    return f"tel:{number}" if number else ""


def _resting(resting: Sequence[tuple[Candidate, Blocker]], beyond: int) -> Resting | None:
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


def _tabs(who: Who, counts: Counts) -> tuple[Tab, ...]:
    """Only the open one is counted: counting the other would cost a query on every visit."""
    return tuple(
        Tab(label, url, is_current=each == who, count=counts.to_write if each == who else None)
        for each, label, url in (
            ("lapsed", "Lapsed", reverse("day")),
            ("about-to-lapse", "About to lapse", f"{reverse('day')}?who=about-to-lapse"),
        )
    )


def _empty_words(counts: Counts, who: Who, store: Store, now: datetime) -> Mapping[str, str]:
    """Only asked about where the page has no card: then a query more does not matter."""
    if counts.to_write:
        return {}
    if counts.sent:
        return {
            "title": "Everyone has been looked after",
            "sentence": "The day's notes are written. A quiet hour is a good one for a kind call.",
        }
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
