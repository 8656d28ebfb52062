"""A store's own words for its notes: read, checked, tried on a real client, and kept in versions.

A store's template *joins* the house's phrases. It comes first wherever it suits a client; the house
speaks where a place in it cannot be filled for her, and where she would get the same sentence twice
in a row. So one good sentence of a manager's never has to be written in ten variations.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from clienteling.models import Store, User
from customers.facts import lines_of
from customers.models import Channel, Customer
from outreach.day import care, drafts, facts, notes
from outreach.day.notes import Manner, Note, Recipient, Wording
from outreach.day.placeholders import NAMED, refusals
from outreach.messages import linter, segments
from outreach.messages import wording as sent_words
from outreach.models import TemplateVersion, Tone
from outreach.models.message import Step

logger = logging.getLogger(__name__)

STEPS = tuple(step for step in Step if step != Step.ANSWER)
MOST_CHARACTERS = 1_000
CLIENTS_OFFERED = 20
VERSIONS_SHOWN = 30


class Refused(ValueError):  # noqa: N818 - the rules said no
    """These words cannot be a template; `sentences` say why."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(sentences))


class Overtaken(Exception):  # noqa: N818
    """Somebody else saved a newer version meanwhile."""

    sentence = "Somebody saved a newer version meanwhile; yours is not saved. Look at it below."


@dataclass(frozen=True)
class Place:
    """Where a template belongs: one step, channel and tone of one store."""

    store: Store
    step: Step
    channel: Channel
    tone: Tone

    @property
    def name(self) -> str:
        return f"{self.step.label}, {self.channel.label.lower()}, {self.tone.label.lower()}"


@dataclass(frozen=True)
class Cell:
    """One place in the overview, and whose words stand there; None for the house's."""

    place: Place
    version: TemplateVersion | None


@dataclass(frozen=True)
class Shelf:
    """The places of one step."""

    step: Step
    cells: tuple[Cell, ...]

    @property
    def own(self) -> int:
        """How many of them hold words of the store's own."""
        return sum(cell.version is not None for cell in self.cells)


@dataclass(frozen=True)
class Preview:
    """A template as one client would get it. With an `objection` she gets the house's `note`."""

    note: Note
    added: str
    parts: tuple[notes.Part, ...]
    objection: str
    segments: int
    odd: tuple[str, ...] = ()


def shelves(store: Store) -> list[Shelf]:
    """Every place of the store, step by step: one query."""
    current = {
        (each.step, each.channel, each.tone): each
        for each in TemplateVersion.objects.filter(store=store)
        .current()
        .select_related("written_by")
        if each.body
    }
    return [Shelf(step, tuple(_cells(store, step, current))) for step in STEPS]


def _cells(
    store: Store, step: Step, current: dict[tuple[str, str, str], TemplateVersion]
) -> Iterator[Cell]:
    for channel in Channel:
        for tone in Tone:
            version = current.get((step, channel, tone))
            yield Cell(Place(store, step, channel, tone), version)


def versions(place: Place) -> QuerySet[TemplateVersion]:
    """Everything that was ever written here, the newest first."""
    return TemplateVersion.objects.filter(
        store=place.store, step=place.step, channel=place.channel, tone=place.tone
    ).order_by("-number")


def complaints(place: Place, subject: str, body: str) -> list[str]:
    """Why these words cannot be saved, in sentences; empty where they can."""
    if not body.strip():
        return ["A template needs words."]
    if len(body) > MOST_CHARACTERS:
        return [f"A template has at most {MOST_CHARACTERS:,} characters."]
    found = [*refusals(subject, place.step), *refusals(body, place.step)]
    if found:
        return found
    plain = NAMED.sub("it", f"{subject}\n{body}")
    return [*linter.faults(plain), *linter.doubts(plain)]


def save(
    place: Place, *, subject: str, body: str, after: int, by: User, now: datetime
) -> TemplateVersion:
    """Write a new version. `after` is the number of the newest the writer saw, 0 for none.

    Raises ``Refused`` with what is wrong, and ``Overtaken`` when a newer one was saved meanwhile.
    """
    if found := complaints(place, subject, body):
        raise Refused(found)
    return _write(place, subject=subject.strip(), body=_clean(body), after=after, by=by, now=now)


def give_back(place: Place, *, after: int, by: User, now: datetime) -> TemplateVersion:
    """The house's own words again; the old versions stay. Raises ``Overtaken``."""
    return _write(place, subject="", body="", after=after, by=by, now=now)


def bring_back(
    place: Place, version: TemplateVersion, *, after: int, by: User, now: datetime
) -> TemplateVersion:
    """An old version's words in a new one, checked by the rules of today."""
    if version.body and (found := complaints(place, version.subject, version.body)):
        raise Refused(found)
    return _write(
        place,
        subject=version.subject,
        body=version.body,
        after=after,
        by=by,
        now=now,
        brought_back=version,
    )


def _write(
    place: Place,
    *,
    subject: str,
    body: str,
    after: int,
    by: User,
    now: datetime,
    brought_back: TemplateVersion | None = None,
) -> TemplateVersion:
    """Two who save at once want the same number: the database lets one of them have it."""
    try:
        with transaction.atomic():
            newest = versions(place).values_list("number", flat=True).first() or 0
            if newest != after:
                raise Overtaken
            written = TemplateVersion.objects.create(
                store=place.store,
                step=place.step,
                channel=place.channel,
                tone=place.tone,
                number=after + 1,
                subject=subject,
                body=body,
                brought_back=brought_back,
                written_by=by,
                written_at=now,
            )
    except IntegrityError as error:
        raise Overtaken from error
    logger.info("Template version %s of store %s by user %s", written.pk, place.store.pk, by.pk)
    return written


def clients_to_try(store: Store, *, now: datetime) -> list[Customer]:
    """Lapsed clients of the store with something to show, those away for longest last."""
    lapsed = Customer.objects.filter(store=store).lapsed(at=now, days=store.lapse_days)
    known = lapsed.filter(suggestions__rank=1).select_related("associate", "store")
    return list(known.order_by("-last_purchase_at", "pk")[:CLIENTS_OFFERED])


def preview(
    place: Place, *, subject: str, body: str, customer: Customer, by: User, now: datetime
) -> Preview:
    """What this client would get today, were these words saved; nothing is written.

    Raises ``Refused`` for words that could not be.
    """
    if found := complaints(place, subject, body):
        raise Refused(found)
    writer = customer.associate or by
    contacts = facts.contacts([customer], writer, now=now)
    [known] = facts.card_facts([customer], contacts, place.store, now=now, writer=writer)
    added = sent_words.addition(
        channel=place.channel,
        link=sent_words.example_link() if place.step == Step.OFFER else "",
        is_first=known.contact.needs_stop_words(place.channel, place.step),
    )
    note = notes.compose(
        place.step,
        _recipient(known, place.step, now),
        [notes.Piece(item.name, item.color) for item in known.shown] or [notes.Piece("")],
        associate=writer.signature,
        store=place.store.name,
        channel=place.channel,
        previous=0,
        on=place.store.local(now).date(),
        suffix=added if place.channel == Channel.SMS else "",
        manner=Manner(place.tone, (Wording(_clean(body), subject.strip()),)),
    )
    return _preview(note, added)


def _preview(note: Note, added: str) -> Preview:
    counted = segments.count(note.body + added)
    marks = [mark for fact in note.facts for mark in fact.marks]
    return Preview(
        note=note,
        added=added,
        parts=notes.cut(note.body, marks),
        objection=note.objections[0] if note.objections else "",
        segments=counted.count,
        odd=counted.odd_characters,
    )


def _recipient(known: facts.CardFacts, step: Step, now: datetime) -> Recipient:
    """Her facts; of a step about a piece, her newest and the catalog's tip for it."""
    hers = drafts.recipient(known)
    if step == Step.OFFER:
        return hers
    number = known.customer.pk
    tips = care.tips_for(lines_of([number], now=now))[number] if step == Step.TIP else ()
    return notes.about(
        hers,
        piece=tips[0].piece if tips else hers.last_purchase,
        tip=tips[0].text if tips else "",
        occasion="birthday",
    )


def _clean(body: str) -> str:
    return sent_words.clean(body).strip()
