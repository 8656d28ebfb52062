"""One client's card, drawn from its facts: plain strings, ready for the template. No queries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from clienteling.models import Store, User
from customers.appropriateness import Blocker
from customers.feedback import Kind
from customers.models import Channel, Customer, ImportantDate
from customers.rhythm import calendar_days, days_words
from outreach import lookbook
from outreach.day import drafts, live, note_form, rhythm_picture, wording
from outreach.day.addresses import ClientAddresses
from outreach.day.facts import CardFacts, Suggested
from outreach.day.next_step import SOON
from outreach.day.note_form import Kept, NoteForm
from outreach.messages.contact_policy import (
    ContactDecision,
    ContactFacts,
    DayOfTheYear,
)

FACTS_AT_MOST = 3
SIZES_AT_MOST = 2
NEAR_THE_TOP = 2  # cards whose pictures are on the first screen


@dataclass(frozen=True)
class Lapse:
    """`103 days` and `usually every 41`; the second is blank without a rhythm."""

    away: str
    usually: str


@dataclass(frozen=True)
class Fact:
    """One line beside the name."""

    icon: str
    words: str


@dataclass(frozen=True)
class Pick:
    """One of the three. `said` is what she makes of it, `is_noted` if staff wrote it down."""

    number: int
    style: str
    name: str
    alt: str
    picture_url: str
    price: str
    stock: str
    is_low: bool
    because: str
    said: str = ""
    is_noted: bool = False

    @property
    def is_loved(self) -> bool:
        return self.said == Kind.LOVE_IT


@dataclass(frozen=True)
class Alert:
    """What went wrong or has changed, above the card."""

    tone: str
    sentence: str


@dataclass(frozen=True)
class Noted:
    """A word the associate has just written down, with a way back to the card as it was `before`
    (that card's `seen`)."""

    style: str
    sentence: str
    before: str = ""


@dataclass(frozen=True)
class Acts:
    """What can be done beside sending, and where; `call_url` is "" without a number."""

    swap_url: str
    not_now_url: str
    steps_url: str
    call_url: str = ""


@dataclass(frozen=True)
class Card:
    """A page of the day. `swapped` is the style that has just taken another's place."""

    pk: int
    customer_id: str
    name: str
    called: str
    url: str
    word_url: str
    why_not_url: str
    acts: Acts
    lapse: Lapse
    rhythm: rhythm_picture.RhythmPicture | None
    facts: tuple[Fact, ...]
    picks: tuple[Pick, ...]
    note: NoteForm
    why_here: str = ""
    swapped: str = ""
    blocked: Blocker | None = None
    alert: Alert | None = None
    say: str = ""
    noted: Noted | None = None
    is_near_the_top: bool = False
    shown: str = ""


def drawn(
    facts: CardFacts,
    decision: ContactDecision,
    *,
    associate: User,
    store: Store,
    now: datetime,
    kept: Kept | None = None,
    why_here: str = "",
    about: int | None = None,
) -> Card:
    """The card as it stands at `now`. Without a channel it is drawn all the same, with its blocker
    in place of the button. `why_here` explains its place in a list; `about` is an item it is about
    alone."""
    customer, addresses = facts.customer, ClientAddresses(facts.customer.customer_id)
    today = store.local(now).date()
    return Card(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        called=customer.called,
        url=addresses.page,
        word_url=addresses.of("word") if may_note_words(facts.contact, associate) else "",
        why_not_url=addresses.of("why-not"),
        acts=acts(facts.contact, addresses),
        lapse=_lapse(facts, now),
        rhythm=rhythm_picture.drawn(facts.visits.days, today=today),
        facts=tuple(_facts(facts, today))[:FACTS_AT_MOST],
        picks=tuple(pick(number, item, facts) for number, item in enumerate(facts.shown, start=1)),
        note=note_form.drawn(
            facts,
            decision,
            associate=associate,
            store=store,
            now=now,
            addresses=addresses,
            kept=kept,
            picks=shown_picks(facts),
            about=about,
        ),
        why_here=why_here,
        shown=live.of_card(facts),
        blocked=decision.blockers[0] if decision.blockers else decision.stop,
    )


def word_url(contact: ContactFacts, user: User, customer: Customer) -> str:
    """Where her words on items are noted; blank for whoever may not write to this client."""
    may_write = may_note_words(contact, user)
    return ClientAddresses(customer.customer_id).of("word") if may_write else ""


def may_note_words(contact: ContactFacts, user: User) -> bool:
    """Whether this person looks after the client."""
    return user.role == User.Role.ASSOCIATE and not contact.claimed_by


def acts(contact: ContactFacts, addresses: ClientAddresses) -> Acts:
    """What can be done for this client beside sending a note."""
    return Acts(
        swap_url=addresses.of("swap"),
        not_now_url=addresses.of("not-now"),
        steps_url=addresses.of("steps"),
        call_url=call_url(contact),
    )


def call_url(contact: ContactFacts) -> str:
    """A `tel:` link; blank without a number that works."""
    number = contact.channels[Channel.SMS].address
    return f"tel:{number}" if number else ""


def with_alert(card: Card, tone: str, sentence: str) -> Card:
    """The same card with a banner above it."""
    return replace(card, alert=Alert(tone, sentence))


def with_meant(card: Card) -> Card:
    """The same with a complaint that may be overruled: these words, sent again, are meant."""
    return replace(card, note=replace(card.note, meant=drafts.trace_of(card.note.body)))


def with_question(card: Card, tone: str) -> Card:
    """The same card, asking whether the words of this tone may take the place of hers."""
    return replace(card, note=replace(card.note, asks_for=tone))


def with_fault(card: Card, sentence: str) -> Card:
    """The same card with a complaint beneath the note."""
    return replace(card, note=replace(card.note, fault=sentence))


def usually_words(facts: CardFacts) -> str:
    """`usually every 41`; blank without a rhythm."""
    gap = facts.customer.usual_gap_days
    return f"usually every {gap}" if gap else ""


def sizes_line(facts: CardFacts, categories: Iterable[str]) -> str:
    """`38 in Shoes, M in Knitwear`: the sizes she last took, of these categories first."""
    wanted = list(dict.fromkeys(categories))
    known = {kind: size for kind, size in facts.client.sizes.items() if wording.is_size(size)}
    ordered = [each for each in wanted if each in known] + [
        each for each in sorted(known) if each not in wanted
    ]
    return ", ".join(f"{known[each]} in {each.lower()}" for each in ordered[:SIZES_AT_MOST])


def last_kept_line(facts: CardFacts, on: date) -> str:
    """`Linden flat, 4 March`; blank when nothing was kept."""
    visits = facts.visits
    if not visits.last_kept or not visits.last_kept_on:
        return ""
    return f"{visits.last_kept}, {wording.full_day(visits.last_kept_on, on=on)}"


def _lapse(facts: CardFacts, now: datetime) -> Lapse:
    last = facts.customer.last_purchase_at
    if last is None:
        return Lapse("No visit yet", "")
    away = days_words(calendar_days(last, now, zone=facts.contact.zone))
    return Lapse(away, usually_words(facts))


def _facts(facts: CardFacts, on: date) -> Iterable[Fact]:
    for day in facts.contact.dates:
        if soon := _soon(day, on):
            yield Fact("gift", soon)
    if sizes := sizes_line(facts, (item.category for item in facts.shown)):
        yield Fact("size", f"Wears {sizes}")
    if last := last_kept_line(facts, on):
        yield Fact("check", f"Last kept: {last}")
    if facts.left_out:
        left_out = facts.left_out[0]
        yield Fact("alert", f"{left_out.item.name} left out: {_as_clause(left_out.blocker)}")


def _soon(day: DayOfTheYear, on: date) -> str:
    """`Birthday on 18 June`, within the week before it."""
    comes = ImportantDate(month=day.month, day=day.day).next_on(on)
    if comes - on > SOON:
        return ""
    when = "today" if comes == on else f"on {wording.full_day(comes, on=on)}"
    return f"{wording.capital(day.words)} {when}"


def _as_clause(blocker: Blocker) -> str:
    return wording.uncapital(blocker.sentence.rstrip("."))


def pick(number: int, item: Suggested, facts: CardFacts) -> Pick:
    """An item as a card draws it, in this place."""
    known = facts.known_items[item.product_id]
    words = {word.product_id: word for word in facts.contact.told.words}
    word = words.get(item.product_id)
    stock = wording.stock_words(known.stock, facts.client.sizes.get(known.category, ""))
    return Pick(
        number=number,
        style=item.style,
        name=item.name,
        alt=f"{item.name} in {item.color.lower()}" if item.color else item.name,
        picture_url=item.picture_url,
        price=wording.money(known.price),
        stock=stock.words,
        is_low=stock.is_low,
        because=item.because,
        said=word.kind if word else "",
        is_noted=bool(word and word.noted_by),
    )


def shown_picks(facts: CardFacts) -> tuple[lookbook.Pick, ...]:
    """The three as the outbox takes them: what, at which price, and why."""
    return tuple(
        lookbook.Pick(
            item.product_id,
            facts.known_items[item.product_id].price,
            item.because,
        )
        for item in facts.shown
    )
