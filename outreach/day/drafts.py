"""The draft on a card: from its facts to the words, and to what the form shows of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from django.core import signing

from clienteling.models import Store, User
from customers.models import Channel
from customers.recommender.signals import Trait
from outreach.day import notes, wording
from outreach.day.facts import CardFacts, Suggested
from outreach.day.note_facts import KeptPhrase, NoteFacts
from outreach.models import Tone
from outreach.models.message import Step

OWN = "own"  # beside the tones: her kept phrases
CHOICES = (*Tone.values, OWN)
SIGNER = signing.Signer(salt="outreach.day.drafts")
SAME_LOOK, SAME_KIND = Trait.BRAND | Trait.COLOR, Trait.CATEGORY | Trait.SUBCATEGORY


@dataclass(frozen=True)
class ToneChoice:
    """Warm, Brief, Formal or Your words, as a button below the note."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Rest:
    """What the note rests on, and the sentence that says it, its words marked."""

    words: str
    parts: tuple[notes.Part, ...]


@dataclass(frozen=True)
class Origin:
    """What a sent note was made of; a row's number, or None."""

    tone: str = ""
    template_version: int | None = None
    kept_note: int | None = None


@dataclass(frozen=True)
class Draft:
    """A note, with everything the form says about it."""

    note: notes.Note
    tones: tuple[ToneChoice, ...] = ()
    origin: str = ""
    phrase: str = ""

    @property
    def trace(self) -> str:
        return trace_of(self.note.body)

    def rests(self, body: str) -> tuple[Rest, ...]:
        """What these words, hers or the draft's, still rest on."""
        facts = notes.rests_on(body, self.note.facts)
        return tuple(Rest(fact.words, notes.marked(body, fact)) for fact in facts)


NO_DRAFT = Draft(notes.Note("", "", ()))


@dataclass(frozen=True)
class Cause:
    """What a note is written for, and the piece, the tip or the day it is about."""

    step: Step = Step.OFFER
    piece: str = ""
    tip: str = ""
    occasion: str = ""


OFFER = Cause()


def of_card(
    facts: CardFacts,
    channel: str,
    *,
    associate: User,
    store: Store,
    now: datetime,
    suffix: str = "",
    choice: str = "",
    cause: Cause = OFFER,
) -> Draft:
    """The note drafted for this client and channel; blank for an offer with nothing to show.

    `choice` is one of `CHOICES`; without one it is what was asked for her last.
    """
    is_offer = cause.step == Step.OFFER
    if is_offer and not facts.shown:
        return NO_DRAFT
    words, items = facts.words, facts.shown if is_offer else ()
    choice = choice or chosen(words)
    tone = words.tone if choice == OWN else Tone(choice)
    note = notes.compose(
        cause.step,
        recipient(facts, cause),
        [notes.Piece(item.name, item.color) for item in items],
        associate=associate.signature,
        store=store.name,
        channel=Channel(channel),
        previous=sum(known.sent for known in facts.contact.channels.values()),
        on=store.local(now).date(),
        suffix=suffix if channel == Channel.SMS else "",
        manner=words.manner(cause.step, channel, tone=tone, own_words=choice == OWN),
    )
    kept = words.words.kept_for(cause.step, channel)
    shown = choice if kept else tone.value
    return Draft(note, tuple(_tones(shown, kept)), sign(note), _phrase_words(note, kept, choice))


def chosen(words: NoteFacts) -> str:
    """What was asked for this client last, else the associate's own tone."""
    return OWN if words.wants_own_words else words.tone.value


def recipient(facts: CardFacts, cause: Cause = OFFER) -> notes.Recipient:
    """What the words may use of her. Thanks speak of a piece only if it is of her last visit."""
    customer, visits = facts.customer, facts.visits
    is_of_last_visit = visits.days[-1:] == (visits.last_kept_on,)
    return notes.Recipient(
        customer.customer_id,
        customer.first_name,
        visits.last_kept if is_of_last_visit or cause.step != Step.THANKS else "",
        visits.last_kept_on,
        pairs=tuple(_pairs(facts)),
        in_her_size=tuple(_in_her_size(facts)),
        piece=cause.piece,
        tip=cause.tip,
        occasion=cause.occasion,
        said=facts.words.said,
    )


def trace_of(words: str) -> str:
    """The same for the same words, however a browser sends their line ends."""
    return blake2b(" ".join(words.split()).encode(), digest_size=8).hexdigest()


def sign(note: notes.Note) -> str:
    """What a note is made of, signed, to come back with the form."""
    made_of = note.made_of
    return _signed(note.tone.value, made_of and made_of.template, made_of and made_of.kept)


@lru_cache(maxsize=256)
def _signed(tone: str, template: int | None, kept: int | None) -> str:
    return SIGNER.sign_object([tone, template, kept])


def origin_of(signature: str) -> Origin:
    """What a form says its note is made of; nothing where that is not ours."""
    try:
        tone, template, kept = SIGNER.unsign_object(signature)
    except signing.BadSignature:
        return Origin()
    return Origin(tone, template, kept)


def _pairs(facts: CardFacts) -> Iterator[notes.Pair]:
    """Items that go with a piece she still has: of another kind, of its brand or color."""
    for item in facts.shown:
        evidence = item.evidence
        goes_with = evidence.shared & SAME_LOOK and not evidence.shared & SAME_KIND
        if goes_with and evidence.nearest in facts.visits.kept:
            yield notes.Pair(notes.Piece(item.name, item.color), evidence.nearest)


def _in_her_size(facts: CardFacts) -> Iterator[notes.Piece]:
    for item in facts.shown:
        if _is_here_in_her_size(item, facts):
            yield notes.Piece(item.name, item.color)


def _is_here_in_her_size(item: Suggested, facts: CardFacts) -> bool:
    """Whether the shop knows both her size and that it has it; unknown stock is no promise."""
    known = facts.known_items[item.product_id]
    size = facts.client.sizes.get(known.category, "")
    return wording.is_size(size) and bool(known.stock and known.stock.get(size))


def _tones(choice: str, kept: tuple[KeptPhrase, ...]) -> Iterator[ToneChoice]:
    for tone in Tone:
        yield ToneChoice(tone.value, tone.label, is_chosen=tone.value == choice)
    if kept:
        yield ToneChoice(OWN, "Your words", is_chosen=choice == OWN)


def _phrase_words(note: notes.Note, kept: tuple[KeptPhrase, ...], choice: str) -> str:
    """How the phrase it is made of has done, or why none of hers was taken."""
    number = note.made_of.kept if note.made_of else None
    for phrase in kept:
        if phrase.wording.kept == number:
            return f"Your phrase: {phrase.worked.counts}; {phrase.worked.outlook}."
    if choice == OWN and kept:
        return "None of your phrases suits her today; these are the store’s words."
    return ""
