"""The drafted words: true, short, in the tone asked for, never the same twice in a row. Pure.

A note is made of the first wording that suits her: the associate's kept phrases or the store's
template, where one was handed over, and else the house's own phrases. A wording suits when every
place in it can be filled, nothing in it is at fault, a text of it fits two segments together with
what the outbox adds (the link, and the STOP words on the first one), and none of its sentences
stands in the last note she was really sent. An email has room, a greeting and a sign-off; the
outbox lists the items with their prices under it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from hashlib import blake2b

from customers.models import Channel
from outreach.day import phrases
from outreach.day.phrases import TruthKind
from outreach.day.placeholders import Part, fill, places_in, was_said
from outreach.messages import linter, segments
from outreach.models.message import Step
from outreach.models.note import Tone

NOTES_KEPT = (
    4_000  # drafts that need not be put together again: the days of some hundred associates
)
SEGMENTS_AT_MOST = 2
LONGEST_NAME = 40  # a longer product name is read as a stock list, not as a person's words
LONGEST_TIP = 200
MONTHS_THAT_NEED_NO_YEAR = 10
LEAST_OF_A_TEMPLATE = 12  # letters of its own, or a template's greeting would bar it every time

NUMBERS = {1: "one", 2: "two", 3: "three"}

# Letters that no decomposition takes apart; the rest is `segments.in_plain_characters`.
OTHER_LETTERS = str.maketrans(
    {"½": ".5", "×": "x", "®": "", "™": "", "ß": "ss", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
)
ABOUT_HER = frozenset({"purchase", "piece", "occasion"})
STORE_IN_AN_OPENING = re.compile(r"(,| at| from| of|, at) \{store\}")
SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
faults = linter.faults


@dataclass(frozen=True)
class Piece:
    """One of the items as it may be named: `Piece("Marlow loafer", "Cognac")`."""

    name: str
    color: str = ""


@dataclass(frozen=True)
class Pair:
    """One of the items, and a piece she owns that it goes with."""

    item: Piece
    owned: str


@dataclass(frozen=True)
class Recipient:
    """What the words may use of a client; blank where nothing is known.

    `in_her_size` are the items that are here in her size. `piece`, `tip` and `occasion` are what a
    follow-up, a care tip or a greeting is about; an occasion is named to her only where it is one
    of `phrases.WISHED_BY_NAME`. `said` are the bodies she was really sent, the last one first.
    """

    customer_id: str
    first_name: str = ""
    last_purchase: str = ""
    last_purchase_on: date | None = None
    pairs: tuple[Pair, ...] = ()
    in_her_size: tuple[Piece, ...] = ()
    piece: str = ""
    tip: str = ""
    occasion: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wording:
    """A template or a kept phrase: its words with places in them, and the row they stand in."""

    body: str
    subject: str = ""
    template: int | None = None
    kept: int | None = None


@dataclass(frozen=True)
class Manner:
    """How it is to sound, and the wordings to try before the house's own, the best first."""

    tone: Tone = Tone.WARM
    wordings: tuple[Wording, ...] = ()


AS_EVER = Manner()


@dataclass(frozen=True)
class Fact:
    """What a note says about her: `bought Linden flat in March`, and the words that say it."""

    words: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """A draft, what it says about her, so that it can be checked, and what it is made of."""

    subject: str
    body: str
    facts: tuple[Fact, ...]
    tone: Tone = Tone.WARM
    made_of: Wording | None = None
    objections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Writer:
    """Whose name stands under the note."""

    associate: str
    store: str


@dataclass(frozen=True)
class _Truth:
    """One true thing, with the words for the places of its sentence."""

    kind: TruthKind
    values: Mapping[str, str]
    fact: Fact


@dataclass(frozen=True)
class _Desk:
    """Everything one note is written from."""

    step: Step
    client: Recipient
    items: tuple[Piece, ...]
    writer: Writer
    tone: Tone
    turn: int
    on: date
    is_text: bool
    suffix: str = ""

    def pick(self, choices: Sequence[str], *, is_plainest_first: bool = False) -> str:
        """The first from her turn on of which nothing stands in her last two notes, or the last."""
        start = 0 if is_plainest_first else self.turn % len(choices)
        turned = [*choices[start:], *choices[:start]]
        for said in (self.client.said[:2], self.client.said[:1]):
            fresh = (each for each in turned if not any(was_said(each, old) for old in said))
            if (found := next(fresh, None)) is not None:
                return found
        return turned[0]

    def say(self, words: str) -> str:
        """As the channel can carry it: a text only in letters that cost nothing extra."""
        return (plain(words) or "") if self.is_text else words

    def sayable(self, name: str) -> str:
        """The name of a piece as it may be said; blank where it is none."""
        name = self.say(_readable(name))
        return "" if len(name) > LONGEST_NAME or faults(name) else name

    @cached_property
    def first_name(self) -> str:
        name = self.say(_given(self.client.first_name))
        return "" if faults(name) else name

    @cached_property
    def occasion(self) -> str:
        """Her day by its name; blank for one that may not be wished for by it."""
        name = " ".join(self.client.occasion.split()).lower()
        return name if name in phrases.WISHED_BY_NAME else ""

    @cached_property
    def truths(self) -> tuple[_Truth, ...]:
        """What may be said of her, another first each time."""
        found = [each for each in (_purchase(self), _pair(self), _size(self)) if each]
        start = self.turn % len(found) if found else 0
        return (*found[start:], *found[:start])

    @cached_property
    def values(self) -> Mapping[str, str]:
        """What every place of a wording would be filled with; blank where nothing is known."""
        by_kind = {truth.kind: truth.values for truth in self.truths}
        return {
            "first_name": self.first_name,
            "associate": (plain(self.writer.associate) if self.is_text else "")
            or self.writer.associate,
            "store": self.say(self.writer.store),
            "items": listed(self.items),
            "item": _bare(self.items[0]) if self.items else "",
            "piece": self.sayable(self.client.piece),
            "occasion": self.occasion,
            "tip": self.tip,
            **by_kind.get(TruthKind.PAIR, {}),
            **by_kind.get(TruthKind.PURCHASE, {}),
        }

    @cached_property
    def tip(self) -> str:
        tip = self.say(" ".join(self.client.tip.split()))
        return "" if len(tip) > LONGEST_TIP or faults(tip) else tip


def compose(
    step: Step,
    client: Recipient,
    items: Sequence[Piece],
    *,
    associate: str,
    store: str,
    channel: Channel,
    previous: int,
    on: date,
    suffix: str = "",
    manner: Manner = AS_EVER,
) -> Note:
    """Draft the note for one client; the same arguments give the same words.

    `previous` is how many notes she had before: it turns the phrases on, and `client.said` bars
    what she was told last. `suffix` is what the outbox will add to a text; `on` is the store's day.
    The first of `manner.wordings` that suits her is taken, else the house's own words; a note of
    those has `objections` to the others. Raises ``ValueError`` for an offer without items.
    """
    return _composed(
        step,
        client,
        tuple(items),
        Writer(associate, store),
        channel,
        previous,
        on,
        suffix,
        manner,
    )


@lru_cache(maxsize=NOTES_KEPT)
def _composed(
    step: Step,
    client: Recipient,
    items: tuple[Piece, ...],
    writer: Writer,
    channel: Channel,
    previous: int,
    on: date,
    suffix: str,
    manner: Manner,
) -> Note:
    if step == Step.ANSWER:
        return Note("", answer(client, associate=writer.associate), (), manner.tone)
    if step == Step.OFFER and not items:
        raise ValueError("An offer needs at least one item.")
    is_text = channel == Channel.SMS
    desk = _Desk(
        step=step,
        client=client,
        items=tuple(_in_plain_letters(items)) if is_text else items,
        writer=writer,
        tone=manner.tone,
        turn=_turn(client.customer_id, previous),
        on=on,
        is_text=is_text,
        suffix=suffix,
    )
    objections = []
    for wording in () if _is_unnamed_day(desk) else manner.wordings:
        if not (objection := _objection(wording, desk)):
            return _of_wording(wording, desk)
        objections.append(objection)
    return replace(_of_the_house(desk), objections=tuple(objections))


def _is_unnamed_day(desk: _Desk) -> bool:
    """Whether it is a wish for a day in an associate's own words: no template knows its nature."""
    return desk.step == Step.GREETING and not desk.occasion


def answer(client: Recipient, *, associate: str) -> str:
    """A first line for an answer to her own message, to send while looking something up."""
    first_name = _given(client.first_name)
    choices = phrases.ANSWERS if first_name else phrases.ANSWERS_TO_NOBODY
    words = choices[_turn(client.customer_id, 0) % len(choices)]
    return f"{words.format(first_name=first_name)} {associate}"


def rests_on(body: str, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Those of the facts that these words still speak of, after she has changed them."""
    return tuple(fact for fact in facts if all(mark in body for mark in fact.marks))


def marked(body: str, fact: Fact) -> tuple[Part, ...]:
    """The sentence that speaks of the fact, cut where its words begin and end; empty for none."""
    for sentence in SENTENCE.findall(body):
        if all(mark in sentence for mark in fact.marks):
            return cut(sentence.strip(), fact.marks)
    return ()


def cut(words: str, marks: Sequence[str]) -> tuple[Part, ...]:
    """The words, cut where one of the marks begins and ends."""
    longest_first = sorted(filter(None, marks), key=len, reverse=True)
    if not longest_first:
        return (Part(words, False),)
    pattern = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")
    parts = enumerate(pattern.split(words))
    return tuple(Part(piece, is_fact=place % 2 == 1) for place, piece in parts if piece)


def about(client: Recipient, *, piece: str = "", tip: str = "", occasion: str = "") -> Recipient:
    """The same client, and what a tip, a follow-up or a greeting is about."""
    return replace(client, piece=piece, tip=tip, occasion=occasion)


# --- A template or a kept phrase -----------------------------------------------------------------
def _objection(wording: Wording, desk: _Desk) -> str:
    """Why these words do not suit her, in a sentence; blank where they do."""
    missing = sorted(name for name in places_in(wording.body) if not desk.values.get(name))
    if missing:
        return f"Nothing is known for {{{missing[0]}}}."
    body = fill(wording.body, desk.values) or ""
    if wrong := faults(body):
        return wrong[0]
    if not _fits(body, desk):
        return f"For her it takes more than {SEGMENTS_AT_MOST} segments."
    last = desk.client.said[0] if desk.client.said else ""
    if was_said(wording.body, last, least=LEAST_OF_A_TEMPLATE):
        return "Her last note said the same."
    return ""


def _of_wording(wording: Wording, desk: _Desk) -> Note:
    body = fill(wording.body, desk.values) or ""
    subject = fill(wording.subject, desk.values) or _subject(desk)
    return Note(subject, body, tuple(_facts_in(wording.body, desk)), desk.tone, wording)


def _facts_in(words: str, desk: _Desk) -> Iterator[Fact]:
    places = places_in(words)
    for truth in desk.truths:
        own = {TruthKind.PURCHASE: {"purchase"}, TruthKind.PAIR: {"owned"}}.get(truth.kind, set())
        if own & places:
            marks = tuple(truth.values[name] for name in truth.values if name in places)
            yield replace(truth.fact, marks=marks)
    if "piece" in places:
        yield Fact(f"has the {desk.values['piece']}", (desk.values["piece"],))
    if "occasion" in places:
        article = "an" if desk.occasion[0] in "aeiou" else "a"
        yield Fact(f"has {article} {desk.occasion} soon", (desk.occasion,))


# --- The house's own words -----------------------------------------------------------------------
def _of_the_house(desk: _Desk) -> Note:
    drafts = _offers(desk) if desk.step == Step.OFFER else _kind_words(desk)
    subject = _subject(desk)
    note = Note(subject, "", (), desk.tone)
    for body, facts in drafts:
        note = Note(subject, body, facts, desk.tone)
        if _fits(body, desk) and not faults(body):
            break
    return note


def _offers(desk: _Desk) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    return _text_offers(desk) if desk.is_text else _email_offers(desk)


def _text_offers(desk: _Desk) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """Drafts of a text, the fullest first; the last one says the least."""
    opening, offer, ask = _opening(desk), desk.pick(phrases.OFFERS[desk.tone]), _ask(desk)
    full, short = (
        offer.replace("{items}", said) for said in (listed(desk.items), counted(len(desk.items)))
    )
    for truth in desk.truths:
        sentence = _truth_words(truth, desk)
        if _has_named_all(truth, desk):
            yield _joined(opening, sentence, ask), (truth.fact,)
        if truth.kind == TruthKind.PURCHASE:  # the others name an item themselves
            yield _joined(opening, sentence, full, ask), (truth.fact,)
        yield _joined(opening, sentence, short, ask), (truth.fact,)
        yield _joined(opening, sentence, short), (truth.fact,)
    simple = desk.pick(phrases.PLAIN[desk.tone])
    yield _joined(opening, simple, full, ask), ()
    yield _joined(opening, simple, short), ()
    yield _joined(_opening(desk, to_nobody=True), short), ()
    yield f"Hi, it's {desk.values['associate']}. {short}", ()


def _has_named_all(truth: _Truth, desk: _Desk) -> bool:
    """Whether its sentence names the only item there is: an offer would but repeat it."""
    return truth.kind != TruthKind.PURCHASE and len(desk.items) == 1


def _email_offers(desk: _Desk) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    offer = desk.pick(phrases.EMAIL_OFFERS[desk.tone]).replace("{items}", listed(desk.items))
    ask = desk.pick(phrases.EMAIL_ASKS[desk.tone])
    for truth in desk.truths:
        rest = "" if _has_named_all(truth, desk) else offer
        yield _letter(desk, _joined(_truth_words(truth, desk), rest), ask), (truth.fact,)
    simple = desk.pick(phrases.PLAIN[desk.tone])
    yield _letter(desk, _joined(simple, offer), ask), ()


def _kind_words(desk: _Desk) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """Thanks, a birthday, a tip, a follow-up, a kindness: nothing is offered.

    What names her piece comes first; what needs nothing to be known follows.
    """
    house = phrases.A_DAY_OF_HERS if _is_unnamed_day(desk) else phrases.STEPS[desk.step]
    choices = [each for each in house[desk.tone] if fill(each, desk.values)]
    for has_facts in (True, False):
        known = [each for each in choices if bool(places_in(each) & ABOUT_HER) == has_facts]
        if known:
            words = desk.pick(known)
            yield _whole(desk, fill(words, desk.values) or ""), tuple(_facts_in(words, desk))
    yield _whole(desk, ""), ()


def _whole(desk: _Desk, words: str) -> str:
    return _joined(_opening(desk), words) if desk.is_text else _letter(desk, words)


def _letter(desk: _Desk, *paragraphs: str) -> str:
    lists = phrases.GREETINGS if desk.first_name else phrases.GREETINGS_TO_NOBODY
    greeting = desk.pick(lists[desk.tone], is_plainest_first=True)
    closing = desk.pick(phrases.CLOSINGS[desk.tone])
    signed = f"{closing},\n{desk.writer.associate}\n{desk.writer.store}".rstrip()
    greeted = greeting.replace("{first_name}", desk.first_name)
    return "\n\n".join((greeted, *filter(None, paragraphs), signed))


def _opening(desk: _Desk, *, to_nobody: bool = False) -> str:
    is_named = desk.first_name and not to_nobody
    lists = phrases.OPENINGS if is_named else phrases.OPENINGS_TO_NOBODY
    words = desk.pick(lists[desk.tone], is_plainest_first=True)
    if not desk.values["store"]:
        words = STORE_IN_AN_OPENING.sub("", words)
    return fill(words, desk.values) or words


def _ask(desk: _Desk) -> str:
    lists = phrases.ASKS if len(desk.items) > 1 else phrases.ASKS_FOR_ONE
    return desk.pick(lists[desk.tone])


def _truth_words(truth: _Truth, desk: _Desk) -> str:
    return fill(desk.pick(phrases.TRUTHS[desk.tone][truth.kind]), truth.values) or ""


def _subject(desk: _Desk) -> str:
    choices = (
        phrases.SUBJECTS[desk.tone] if desk.step == Step.OFFER else phrases.STEP_SUBJECTS[desk.step]
    )
    words = choices[desk.turn % len(choices)]
    return fill(words, {"store": desk.writer.store}) or choices[0].removesuffix(" from {store}")


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _fits(body: str, desk: _Desk) -> bool:
    return not desk.is_text or segments.count(body + desk.suffix).count <= SEGMENTS_AT_MOST


# --- One true thing ------------------------------------------------------------------------------
def _purchase(desk: _Desk) -> _Truth | None:
    name, on = desk.sayable(desk.client.last_purchase), desk.client.last_purchase_on
    if not name or not on:
        return None
    month = month_of(on, on=desk.on)
    fact = Fact(f"bought {name} in {month}", (name, month))
    return _Truth(TruthKind.PURCHASE, {"purchase": name, "month": month}, fact)


def _pair(desk: _Desk) -> _Truth | None:
    for pair in desk.client.pairs:
        owned, item = desk.sayable(pair.owned), _bare(_in_plain_letters([pair.item])[0])
        if not desk.is_text:
            item = _bare(pair.item)
        if owned and item and owned.casefold() not in item.casefold():
            fact = Fact(f"has the {owned}", (owned,))
            return _Truth(TruthKind.PAIR, {"item": item, "owned": owned}, fact)
    return None


def _size(desk: _Desk) -> _Truth | None:
    for piece in desk.client.in_her_size:
        item = _bare(_in_plain_letters([piece])[0] if desk.is_text else piece)
        if item:
            fact = Fact(f"{item} is here in her size", (item, "size"))
            return _Truth(TruthKind.SIZE, {"item": item}, fact)
    return None


# --- Names ---------------------------------------------------------------------------------------
def plain(words: str) -> str | None:
    """The words in characters every text may carry, or None where letters would be lost."""
    if segments.BASIC.issuperset(words):
        return " ".join(words.split())
    kept = [_plain_sign(sign) for sign in segments.in_plain_characters(words)]
    return None if None in kept else " ".join("".join(filter(None, kept)).split())


def _plain_sign(sign: str) -> str | None:
    """The sign itself, or its bare letters; None where there are none."""
    simple = sign.translate(OTHER_LETTERS)
    bare = "".join(
        part for part in unicodedata.normalize("NFKD", simple) if not unicodedata.combining(part)
    )
    return next((form for form in (simple, bare) if segments.BASIC.issuperset(form)), None)


def _in_plain_letters(items: Sequence[Piece]) -> list[Piece]:
    return [Piece(plain(item.name) or "", plain(item.color) or "") for item in items]


def named(piece: Piece) -> str:
    """`the Marlow loafer in cognac`; blank where the name is no name to say aloud."""
    name = _readable(piece.name)
    if not name or len(name) > LONGEST_NAME or faults(name):
        return ""
    color = " ".join(piece.color.split()).lower()
    says_color = bool(color) and color not in name.lower() and color.isalpha()
    return f"the {name} in {color}" if says_color else f"the {name}"


def _bare(piece: Piece) -> str:
    """`Marlow loafer`: by its name alone, where the sentence is about something else."""
    return named(Piece(piece.name)).removeprefix("the ")


def listed(items: Sequence[Piece]) -> str:
    """`the Marlow loafer in cognac and two more`: the first that can be named, and how many."""
    names = [name for name in map(named, items) if name]
    if not names:
        return counted(len(items)) if items else ""
    others = len(items) - 1
    if not others:
        return names[0]
    return f"{names[0]} and {NUMBERS.get(others, str(others))} more"


def counted(number: int) -> str:
    """`three new arrivals`."""
    noun = "new arrival" if number == 1 else "new arrivals"
    return f"{NUMBERS.get(number, str(number))} {noun}"


def month_of(day: date, *, on: date) -> str:
    """`March`, and `March 2025` once that would be ambiguous."""
    months = (on.year - day.year) * 12 + on.month - day.month
    return f"{day:%B}" if months <= MONTHS_THAT_NEED_NO_YEAR else f"{day:%B %Y}"


def _turn(customer_id: str, previous: int) -> int:
    """Where in the phrases she stands: a different start for everyone, one on for every note."""
    start = int.from_bytes(blake2b(customer_id.encode(), digest_size=4).digest(), "big")
    return start + previous


def _given(first_name: str) -> str:
    """Her first name as she would write it: one line, no shouting, nothing longer than a name."""
    name = _readable(first_name)
    return "" if len(name) > LONGEST_NAME or linter.unfilled(name) else name


def _readable(name: str) -> str:
    """One line, without a trailing `(1)`, and not in capitals throughout."""
    bare = re.sub(r"\s*\([^)]*\)\s*$", "", " ".join(name.split()))
    shouted = bare.isupper() and len(bare) > 3
    return bare.title() if shouted else bare
