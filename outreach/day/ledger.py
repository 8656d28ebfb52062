"""One client on one page: may I, anything wrong, who, why now, three, the note, the past."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from clienteling.models import Store, User
from customers import history
from customers.appropriateness import Blocker
from customers.facts import Line
from customers.models import Channel, ConsentState, Customer, ServiceCase
from customers.rhythm import calendar_days, days_words, outlook_words
from outreach.day import (
    card,
    care,
    closet,
    conversation,
    facts,
    kind_words,
    owed,
    resting,
    rhythm_picture,
    steps,
    strips,
    timeline,
    wording,
)
from outreach.day import (
    known as knowledge,
)
from outreach.day.card import Card, Fact, Noted
from outreach.day.closet import Closet
from outreach.day.conversation import Bubble
from outreach.day.facts import CardFacts
from outreach.day.kind_words import Begun, KindWords
from outreach.day.known import Known
from outreach.day.note_form import Kept
from outreach.day.owed import Owed
from outreach.day.timeline import Timeline
from outreach.messages import contact_policy
from outreach.messages.contact_policy import ContactDecision, ContactFacts, QuietDays, decide
from outreach.models.message import FIRST_MOVES, IN_FLIGHT, Message, State

BOUGHT_SHOWN = 5
MESSAGES_SHOWN = 4
RULES_SHOWN = 3
DETAILS_SHOWN = 5


@dataclass(frozen=True)
class Verdict:
    """The answer first, then its reasons."""

    look: str
    icon: str
    words: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bought:
    """A piece she took home lately."""

    name: str
    line: str
    picture_url: str
    is_back: bool


@dataclass(frozen=True)
class Instead:
    """What to do where no note may be sent."""

    code: str
    sentence: str
    call_url: str = ""


@dataclass(frozen=True)
class QuietLine:
    """Days on which she is left alone; `end_url` is "" for who may not end them."""

    words: str
    end_words: str
    end_url: str


@dataclass(frozen=True)
class Quiet:
    """Her quiet days that are not over, and where others are entered."""

    periods: tuple[QuietLine, ...]
    add_url: str
    today: str


@dataclass(frozen=True)
class Ledger:
    """The client page as the template draws it.

    `take_up_url` takes back a "not now" that stands; blank without one, or for who may not.
    """

    pk: int
    customer_id: str
    name: str
    called: str
    book: str
    call_url: str
    thread_url: str
    may_i: Verdict
    wrong: Verdict
    bought: tuple[Bought, ...]
    rhythm: rhythm_picture.RhythmPicture | None
    facts: tuple[Fact, ...]
    why_now: str
    outlook: str
    card: Card | None
    strip: strips.Strip | None
    instead: Instead | None
    last_messages: tuple[Bubble, ...]
    timeline: Timeline
    quiet: Quiet
    notebook: Known
    owed: Owed
    closet: Closet
    noted: Noted | None = None
    word_url: str = ""
    take_up_url: str = ""
    words: KindWords | None = None


@dataclass(frozen=True)
class Opened:
    """What of the long parts is open: kinds of entries, a part of the closet and its page."""

    entries: str = "all"
    every_entry: bool = False
    closet: str = ""
    closet_page: int = 1


USUALLY_OPEN = Opened()


def for_client(
    customer: Customer,
    user: User,
    store: Store,
    *,
    now: datetime,
    opened: Opened = USUALLY_OPEN,
    kept: Kept | None = None,
    begun: Begun | None = None,
) -> Ledger:
    """The page of a client as `user` may see it; a manager reads it and cannot send.

    A constant number of queries, whatever she bought; one more while a note is on its way. `begun`
    are words of thanks and the like that came back to be written on.
    """
    contact = facts.contacts([customer], user, now=now)
    decision = decide(contact[customer.pk], now=now)
    record = history.record(customer, as_of=now)
    lines = {customer.pk: history.lines_for_the_rules(record)}
    [known] = facts.card_facts([customer], contact, store, now=now, lines=lines, writer=user)
    bubbles = conversation.bubbles(customer, store, now=now)
    written = _written(known, decision, user, store, now, kept)
    word_url = card.word_url(known.contact, user, customer)
    rows, may_write = knowledge.rows_of(customer, now=now), bool(word_url)
    notebook = knowledge.of_client(
        rows, customer, known.client, store, may_write=may_write, now=now
    )
    return Ledger(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        called=customer.called,
        book=_book_words(customer),
        call_url=card.call_url(known.contact),
        thread_url=reverse("thread", args=[customer.customer_id]),
        may_i=_may_i(known.contact, decision, store, now),
        wrong=_anything_wrong(record, known, store, now),
        bought=_bought(record, store, now),
        rhythm=rhythm_picture.drawn(known.visits.days, today=store.local(now).date()),
        facts=(*_facts(known, store, now), *_notebook_facts(notebook)),
        why_now=_why_now(known, now, has_items=written is not None),
        outlook=_outlook(customer),
        card=written,
        strip=_strip(known, user, store, now),
        instead=None if written else _instead(decision, known, user),
        last_messages=tuple(bubbles[-MESSAGES_SHOWN:]),
        timeline=_timeline(known, record, bubbles, store, now, opened),
        word_url=word_url,
        notebook=notebook,
        owed=owed.of_client(rows, customer, user, store, may_write=may_write, now=now),
        closet=_closet(customer, record, store, now, opened),
        quiet=_quiet(known.contact, customer, user, now),
        words=_kind_words(known, decision, user, store, now, lines, begun) if may_write else None,
        take_up_url=_take_up_url(known.contact, customer, now) if may_write else "",
    )


def _quiet(contact: ContactFacts, customer: Customer, user: User, now: datetime) -> Quiet:
    """Entered and ended by whoever looks after her."""
    today = contact.today(now)
    is_hers = user.role == User.Role.ASSOCIATE and not contact.claimed_by
    coming = [each for each in contact.quiet_days if each.ends_on >= today]
    return Quiet(
        periods=tuple(
            QuietLine(
                words=_quiet_words(each, today),
                end_words="End today" if each.starts_on < today else "Remove",
                end_url=reverse("end-quiet-days", args=[customer.customer_id, each.number])
                if is_hers
                else "",
            )
            for each in coming
        ),
        add_url=reverse("quiet-days", args=[customer.customer_id]) if is_hers else "",
        today=today.isoformat(),
    )


def _take_up_url(contact: ContactFacts, customer: Customer, now: datetime) -> str:
    if contact.put_off is None or not contact_policy.put_off(contact, now):
        return ""
    return reverse("take-up-client", args=[customer.customer_id, contact.put_off.number])


def _quiet_words(days: QuietDays, today: date) -> str:
    """`15 June to 20 June: travelling`."""
    first, last = (wording.full_day(each, on=today) for each in (days.starts_on, days.ends_on))
    stretch = first if days.starts_on == days.ends_on else f"{first} to {last}"
    return f"{stretch}: {days.reason}" if days.reason else stretch


def _timeline(
    known: CardFacts,
    record: history.Record,
    bubbles: Sequence[Bubble],
    store: Store,
    now: datetime,
    opened: Opened,
) -> Timeline:
    return timeline.of_client(
        known.customer,
        bubbles,
        store,
        now=now,
        kind=opened.entries,
        show_everything=opened.every_entry,
        known=record,
        words=known.contact.told.words,
    )


def _closet(
    customer: Customer, record: history.Record, store: Store, now: datetime, opened: Opened
) -> Closet:
    return closet.of_client(
        customer, record, store, now=now, wanted=opened.closet, page=opened.closet_page
    )


def _written(
    known: CardFacts,
    decision: ContactDecision,
    user: User,
    store: Store,
    now: datetime,
    kept: Kept | None,
) -> Card | None:
    """The card to send from; None where there is nothing to show, or she may not write."""
    is_writer = user.role == User.Role.ASSOCIATE and bool(known.shown)
    if not is_writer or not (decision.may_send or kept is not None):
        return None
    return card.drawn(known, decision, associate=user, store=store, now=now, kept=kept)


def _kind_words(
    known: CardFacts,
    decision: ContactDecision,
    user: User,
    store: Store,
    now: datetime,
    lines: Mapping[int, Sequence[Line]],
    begun: Begun | None,
) -> KindWords | None:
    """Thanks, a wish or a tip, where it is her next best step. Tips are asked for where nothing new
    suits: a query in the place of the one for items."""
    customer = known.customer
    wants_tip = decision.may_send and not known.shown
    choice = steps.facts_of(
        customer,
        known.contact,
        decision,
        now=now,
        has_items=bool(known.shown),
        tips=care.tips_for(lines)[customer.pk] if wants_tip else (),
    )
    return kind_words.of_client(
        known, decision, choice, user=user, store=store, now=now, begun=begun
    )


def _strip(known: CardFacts, user: User, store: Store, now: datetime) -> strips.Strip | None:
    """Her own note to this client that has not arrived yet."""
    if not known.contact.is_on_its_way:
        return None
    message = (
        Message.objects.filter(customer=known.customer, sender=user, step__in=FIRST_MOVES)
        .filter(state__in=(State.QUEUED, *IN_FLIGHT))
        .with_stops()
        .select_related("customer")
        .order_by("-queued_at")
        .first()
    )
    return strips.strip_of(message, store, now=now) if message else None


def _book_words(customer: Customer) -> str:
    owner = customer.associate
    whose = f"in {owner.signature}’s book" if owner else "nobody’s yet"
    return f"{whose}, client since {customer.joined_on:%B %Y}" if customer.joined_on else whose


def _may_i(
    contact: ContactFacts, decision: ContactDecision, store: Store, now: datetime
) -> Verdict:
    details = tuple(_contact_details(contact, decision, store, now))
    if decision.blockers:
        return Verdict("no", "close", decision.blockers[0].sentence, details)
    if decision.stop:
        return Verdict("later", "stop", decision.stop.sentence, details)
    by = "text" if decision.channel == Channel.SMS else "email"
    if decision.not_before and decision.not_before > now:
        when = wording.when_words(decision.not_before, store.zone, now=now)
        return Verdict("later", "clock", f"Yes, by {by}, from {when}", details)
    return Verdict("yes", "check", f"Yes, by {by}, now", details)


def _contact_details(
    contact: ContactFacts, decision: ContactDecision, store: Store, now: datetime
) -> Iterable[str]:
    yield from (blocker.sentence for blocker in decision.blockers[1:])
    if decision.because:
        yield decision.because
    today = store.local(now).date()
    for channel in Channel:
        known = contact.channels[channel]
        if known.consent == ConsentState.OPTED_IN and known.address:
            yield f"{channel.label.lower()}: said yes"
    if contact.contacts:
        last = contact.contacts[0]
        by = "you" if last.by == "You" else last.by
        yield f"last written {wording.full_day(last.on, on=today)}, by {by}"
    if not decision.blockers:
        yield f"{wording.clock_words(now, store.zone)} in {store.city or store.name}"


def _anything_wrong(
    record: history.Record, known: CardFacts, store: Store, now: datetime
) -> Verdict:
    """The open complaint first; what came back and what gave trouble beside it."""
    cases = record.cases
    today = store.local(now).date()
    still_open = [case for case in cases if case.closed_at is None or case.closed_at > now]
    details = [_case_words(case, store, today) for case in cases if case not in still_open]
    details += [f"trouble with {brand}" for brand in sorted(known.client.trouble_brands)]
    details += [wording.uncapital(rule.says) for rule in known.client.rules[:RULES_SHOWN]]
    if known.client.returned_products:
        number = wording.counted(len(known.client.returned_products), "piece")
        details.append(f"sent back {number}")
    if not still_open:
        return Verdict("yes", "check", "Nothing open", tuple(details[:DETAILS_SHOWN]))
    summary = still_open[0].summary or "A service case"
    return Verdict("no", "alert", f"Open: {summary}", tuple(details[:DETAILS_SHOWN]))


def _case_words(case: ServiceCase, store: Store, today: date) -> str:
    day = wording.full_day(store.local(case.opened_at).date(), on=today)
    return f"{case.summary or 'a service case'}, {day}, solved"


def _bought(record: history.Record, store: Store, now: datetime) -> tuple[Bought, ...]:
    today = store.local(now).date()
    return tuple(
        Bought(
            name=piece.product.name,
            line=" · ".join(
                filter(
                    None,
                    (
                        piece.size if wording.is_size(piece.size) else "",
                        "sent back"
                        if piece.was_returned
                        else wording.short_day(store.local(piece.bought_at).date(), on=today),
                    ),
                )
            ),
            picture_url=piece.product.picture_url,
            is_back=piece.was_returned,
        )
        for piece in history.last_purchases(record, BOUGHT_SHOWN)
    )


def _facts(known: CardFacts, store: Store, now: datetime) -> Iterable[Fact]:
    if sizes := card.sizes_line(known, (item.category for item in known.shown)):
        yield Fact("size", f"Wears {sizes}")
    if known.customer.city:
        yield Fact("pin", known.customer.city)
    if last := card.last_kept_line(known, store.local(now).date()):
        yield Fact("check", f"Last kept: {last}")


def _notebook_facts(notebook: Known) -> Iterable[Fact]:
    """A day that comes soon, then her newest notes."""
    for day in notebook.soon:
        yield Fact("gift", f"{day.words}, {day.small}")
    for note in notebook.quotes:
        yield Fact("note", f"“{note.words}” {note.small}")


def _why_now(known: CardFacts, now: datetime, *, has_items: bool) -> str:
    last = known.customer.last_purchase_at
    if last is None:
        return "No purchase on record yet, so there is no rhythm to go by."
    days, usually = calendar_days(last, now, zone=known.contact.zone), card.usually_words(known)
    away = f"{days_words(days)} since the last visit" if days else "Here today"
    rhythm = f", {usually}." if usually else "."
    picks = card.shown_picks(known) if has_items else ()
    reasons = [wording.uncapital(pick.because) for pick in picks]
    picked = f" Picked for: {'; '.join(dict.fromkeys(reasons))}." if reasons else ""
    return f"{away}{rhythm}{picked}"


def _outlook(customer: Customer) -> str:
    """What to expect, in words; blank before the first night or where the shop is too young."""
    foreseen = getattr(customer, "outlook", None)
    return f"{outlook_words(foreseen.will_buy)}." if foreseen else ""


def _instead(decision: ContactDecision, known: CardFacts, user: User) -> Instead:
    if decision.blockers:
        pressing = resting.most_pressing(decision.blockers)
        is_case = pressing.code == "open-complaint"
        return _instead_of(pressing, card.call_url(known.contact) if is_case else "")
    if user.role != User.Role.ASSOCIATE:
        return Instead("not-an-associate", "Only the client’s associate writes here.")
    return Instead(
        "nothing-to-show", "Nothing new that suits is here now. A kind word never hurts."
    )


def _instead_of(blocker: Blocker, call_url: str) -> Instead:
    return Instead(blocker.code, blocker.sentence, call_url)
