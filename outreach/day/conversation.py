"""A client's conversation over text and email, both ways, as bubbles in order of time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, takewhile
from uuid import uuid4

from django.urls import reverse

from clienteling.models import Store, User
from customers.appropriateness import ItemFacts
from customers.facts import client_facts, item_facts
from customers.feedback import Word
from customers.models import Channel, Customer
from outreach.day import card, facts, notes, wording
from outreach.day.card import word_url
from outreach.day.quick_answers import Piece, quick_answers
from outreach.messages import conversations, stop_wish
from outreach.messages.contact_policy import PLURALS, ContactDecision, ContactFacts, decide
from outreach.messages.wording import MOST_CHARACTERS
from outreach.models import LookbookItem, ReplyPicture
from outreach.models.message import Message, State, Step

BUBBLES_AT_MOST = 200
UNTOLD = (State.DRAFT, State.CANCELED)


@dataclass(frozen=True)
class Picture:
    """A picture she sent; without a `url` the `words` say why it is not shown."""

    words: str
    url: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Bubble:
    """Something written, by us (`out`) or by her (`in`); `small` says how it fared."""

    side: str
    words: str
    small: str
    at: datetime
    day: str
    is_failed: bool = False
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """A day of the conversation."""

    day: str
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True)
class Pinned:
    """One of the items last sent, with its stock read again now."""

    name: str
    picture_url: str
    line: str
    look: str
    style: str
    piece: Piece
    said: str = ""
    word: str = ""
    is_noted: bool = False


@dataclass(frozen=True)
class Chip:
    look: str
    icon: str
    words: str


@dataclass(frozen=True)
class Composer:
    """Where she is answered; closed with a reason when she has not written lately."""

    url: str
    is_open: bool
    closed_because: str
    channel: str
    form_token: str
    label: str
    quick: tuple[str, ...]
    body: str = ""
    fault: str = ""
    longest: int = MOST_CHARACTERS


@dataclass(frozen=True)
class Wish:
    """Words that may ask us to stop, the question about them, and where the answer goes."""

    words: str
    channels: str
    up_to: int
    url: str


@dataclass(frozen=True)
class Thread:
    """The conversation page."""

    customer_id: str
    name: str
    called: str
    url: str
    client_url: str
    call_url: str
    chips: tuple[Chip, ...]
    pinned: tuple[Pinned, ...]
    pinned_label: str
    days: tuple[Stretch, ...]
    composer: Composer
    word_url: str = ""
    wish: Wish | None = None


def thread(
    customer: Customer,
    user: User,
    store: Store,
    *,
    now: datetime,
    body: str = "",
    fault: str = "",
) -> Thread:
    """The whole conversation as `user` sees it; `body` and `fault` put a refused answer back.

    A manager reads it and cannot answer.
    """
    contact = facts.contacts([customer], user, now=now)[customer.pk]
    decision = decide(contact, now=now, step=Step.ANSWER)
    said = conversations.thread(customer, now=now)
    pinned = pinned_items(customer, store, now=now, words=contact.told.words)
    quick = _quick(said, pinned, holding=holding_answer(customer, user))
    url = reverse("thread", args=[customer.customer_id])
    return Thread(
        customer_id=customer.customer_id,
        name=str(customer),
        called=customer.called,
        url=url,
        client_url=reverse("client", args=[customer.customer_id]),
        call_url=card.call_url(contact),
        chips=tuple(_chips(contact)),
        pinned=pinned,
        pinned_label=f"Sent last, stock read at {wording.clock_words(now, store.zone)}",
        days=_by_day([_drawn(each, store, now) for each in said[-BUBBLES_AT_MOST:]], store, now),
        composer=_composer(customer, user, decision, quick, body or _begun(contact), fault),
        word_url=word_url(contact, user, customer),
        wish=_wish(customer, user, contact),
    )


def _wish(customer: Customer, user: User, contact: ContactFacts) -> Wish | None:
    """Asked of whoever answers her, also for a colleague; others read it only."""
    is_hers = not contact.claimed_by or contact.is_covered
    may_say = user.role == User.Role.ASSOCIATE and is_hers
    said = stop_wish.undecided(customer) if may_say and contact.may_have_asked_to_stop else []
    if not said:
        return None
    return Wish(
        words=wording.shortened(said[-1].body, 180),
        channels=" and ".join(sorted({PLURALS[Channel(each.channel)] for each in said})),
        up_to=max(each.pk for each in said),
        url=reverse("stop-wish", args=[customer.customer_id]),
    )


def bubbles(customer: Customer, store: Store, *, now: datetime) -> list[Bubble]:
    """Everything written, both ways, oldest first: two queries."""
    return [_drawn(bubble, store, now) for bubble in conversations.thread(customer, now=now)]


def pinned_items(
    customer: Customer, store: Store, *, now: datetime, words: Sequence[Word] = ()
) -> tuple[Pinned, ...]:
    """The items of the last note, in the order in which it named them, with her `words` on them."""
    last = (
        Message.objects.filter(customer=customer, lookbook__isnull=False)
        .exclude(state__in=UNTOLD)
        .order_by("-created_at")
        .values("lookbook")[:1]
    )
    items = list(LookbookItem.objects.filter(lookbook__in=last).select_related("product"))
    if not items:
        return ()
    known = item_facts([item.product_id for item in items], store, now=now)
    sizes = client_facts([customer], now=now)[customer.pk].sizes
    said = {word.product_id: word for word in words}
    return tuple(_pinned(item, known, sizes, said.get(item.product_id), customer) for item in items)


def _pinned(
    item: LookbookItem,
    known: Mapping[int, ItemFacts],
    sizes: Mapping[str, str],
    word: Word | None,
    customer: Customer,
) -> Pinned:
    here = known[item.product_id]
    size = sizes.get(here.category, "")
    stock = wording.stock_words(here.stock, size)
    is_out = here.stock is not None and not any(here.stock.values())
    return Pinned(
        name=item.product.name,
        picture_url=item.product.picture_url,
        line=f"{wording.money(here.price)} · {stock.words}",
        look="out" if is_out else "low" if stock.is_low else "",
        style=item.product.style,
        piece=Piece(item.product.name, here.price, here.stock, size),
        said=word.kind if word else "",
        word=wording.word_label(word.kind, customer.called) if word else "",
        is_noted=bool(word and word.noted_by),
    )


def _drawn(bubble: conversations.Bubble, store: Store, now: datetime) -> Bubble:
    subject = f"{bubble.subject}\n\n" if bubble.subject else ""
    return Bubble(
        side="out" if bubble.is_ours else "in",
        words=f"{subject}{bubble.body}" or ("" if bubble.pictures else "(no words)"),
        small=" · ".join(filter(None, _small(bubble, store))),
        at=bubble.at,
        day=wording.full_day(store.local(bubble.at).date(), on=store.local(now).date()),
        is_failed=bubble.has_trouble,
        pictures=tuple(picture_of(each, bubble.author) for each in bubble.pictures),
    )


def picture_of(picture: ReplyPicture, sent_by: str) -> Picture:
    """A picture as a page shows it: one of our own making, or why there is none."""
    if picture.state == ReplyPicture.State.KEPT:
        url = reverse("picture", args=[picture.pk])
        return Picture(f"Picture from {sent_by}", url, picture.width, picture.height)
    if picture.state == ReplyPicture.State.REFUSED:
        return Picture(picture.reason)
    return Picture("A picture is on its way.")


def _quick(
    said: Sequence[conversations.Bubble], pinned: Iterable[Pinned], *, holding: str
) -> tuple[str, ...]:
    """Answers to what she wrote since we wrote last."""
    unanswered = takewhile(lambda bubble: not bubble.is_ours, reversed(said))
    words = " ".join(bubble.body for bubble in reversed(list(unanswered)))
    return quick_answers(words, [each.piece for each in pinned], holding=holding)


def _small(bubble: conversations.Bubble, store: Store) -> Iterable[str]:
    """Who, when, how, and how it fared: in words, on every bubble."""
    yield bubble.author if bubble.is_ours else ""
    yield f"for {bubble.covering_for}" if bubble.covering_for else ""
    yield wording.clock_words(bubble.at, store.zone)
    yield Channel(bubble.channel).label.lower()
    yield bubble.status.lower()
    yield bubble.reason
    yield "waits for an answer" if bubble.is_waiting else ""


def _by_day(found: Sequence[Bubble], store: Store, now: datetime) -> tuple[Stretch, ...]:
    today = store.local(now).date()
    days = groupby(found, key=lambda bubble: store.local(bubble.at).date())
    return tuple(
        Stretch(wording.capital(wording.day_words(day, on=today)), tuple(stretch))
        for day, stretch in days
    )


def _chips(contact: ContactFacts) -> Iterable[Chip]:
    if contact.is_covered:
        yield Chip("info", "people", f"Covering for {contact.claimed_by}")
    for channel in Channel:
        known = contact.channels[channel]
        name = "Texts" if channel == Channel.SMS else "Emails"
        if known.is_suppressed or known.consent == "opted_out":
            yield Chip("bad", "stop", f"No {name.lower()}")
        elif known.address and known.consent == "opted_in":
            yield Chip("good", "check", f"{name} welcome")


def _composer(
    customer: Customer,
    user: User,
    decision: ContactDecision,
    quick: tuple[str, ...],
    body: str,
    fault: str,
) -> Composer:
    may_answer = user.role == User.Role.ASSOCIATE and decision.may_send and not decision.stop
    return Composer(
        url=reverse("thread", args=[customer.customer_id]),
        is_open=may_answer,
        closed_because="" if may_answer else _why_closed(user, decision),
        channel=decision.channel,
        form_token=str(uuid4()),
        label=f"Answer {customer.called}",
        quick=quick,
        body=body,
        fault=fault,
    )


def _begun(contact: ContactFacts) -> str:
    """What she was answering when she was called away."""
    draft = contact.drafts.get((Step.ANSWER, None))
    return draft.body if draft else ""


def _why_closed(user: User, decision: ContactDecision) -> str:
    if user.role != User.Role.ASSOCIATE:
        return "Only the client's associate writes here."
    if decision.stop:
        return decision.stop.sentence
    return " ".join(blocker.sentence for blocker in decision.blockers)


def holding_answer(customer: Customer, user: User) -> str:
    """A first line to send while she looks something up."""
    recipient = notes.Recipient(customer.customer_id, customer.first_name)
    return notes.answer(recipient, associate=user.signature)


def answer_subject(customer: Customer, channel: str) -> str:
    """`Re: …`, after the last mail between the two; blank for a text."""
    if channel != Channel.EMAIL:
        return ""
    mails = Message.objects.filter(customer=customer, channel=Channel.EMAIL).exclude(subject="")
    last = mails.order_by("-created_at").values_list("subject", flat=True).first()
    return f"Re: {(last or 'your message').removeprefix('Re: ')}"
