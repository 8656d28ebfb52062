"""What the words of notes are chosen by: one query for all clients of a page and their associate.

The tone asked for last, what each was really sent last, the store's templates, and the associate's
kept phrases with what became of the notes made of them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import JSONObject

from clienteling.defaults import ATTRIBUTION_DAYS
from clienteling.models import Store, User
from clienteling.prepared import Given, GivenAnyOf, Prepared
from customers.models import Customer, LineItem
from outreach.day import placeholders
from outreach.day.notes import Manner, Wording
from outreach.day.placeholders import Part
from outreach.day.worked import Worked
from outreach.models import KeptNote, Reply, TemplateVersion, Tone
from outreach.models.message import COUNTS_AS_CONTACT, HANDED_OVER, Message

LAST_NOTES = 2
KEPT_AT_MOST = 30
NOTES_COUNTED = 200  # of one phrase, the newest

Place = tuple[str, str, str]  # step, channel, tone


@dataclass(frozen=True)
class KeptPhrase:
    """A phrase of the associate's own, and how it has done."""

    wording: Wording
    step: str
    channel: str
    worked: Worked

    @property
    def parts(self) -> tuple[Part, ...]:
        return placeholders.parts(self.wording.body)


@dataclass(frozen=True)
class Words:
    """What an associate may write with: her own tone, her store's templates, her kept phrases.

    The phrases stand in the order in which they have proved themselves.
    """

    tone: Tone = Tone.WARM
    templates: Mapping[Place, Wording] | None = field(default=None, hash=False)
    kept: tuple[KeptPhrase, ...] = ()

    def kept_for(self, step: str, channel: str) -> tuple[KeptPhrase, ...]:
        return tuple(each for each in self.kept if (each.step, each.channel) == (step, channel))


@dataclass(frozen=True)
class NoteFacts:
    """The same for one client; `chosen` is the tone asked for her, None where none ever was."""

    words: Words = Words()
    chosen: Tone | None = None
    wants_own_words: bool = False
    said: tuple[str, ...] = ()

    @property
    def tone(self) -> Tone:
        return self.chosen or self.words.tone

    def manner(self, step: str, channel: str, *, tone: Tone, own_words: bool) -> Manner:
        """How a note is to be written, and the wordings to try first: hers, then the store's."""
        template = (self.words.templates or {}).get((step, channel, tone))
        hers = self.words.kept_for(step, channel) if own_words else ()
        wordings = [*(each.wording for each in hers), *([template] if template else [])]
        return Manner(tone, tuple(wordings))


UNKNOWN = NoteFacts()


def note_facts(customers: Collection[int], associate: User, store: Store) -> dict[int, NoteFacts]:
    """The facts for these clients' notes by primary key: one query, whatever their number."""
    rows = _FACTS.rows(customers=customers, associate=associate.pk, store=store.pk)
    words = next((_words(row) for kind, _, row in rows if kind == "writer"), Words())
    found = {
        number: NoteFacts(
            words,
            Tone(row["tone"]) if row["tone"] else None,
            bool(row["own_words"]),
            tuple(row["said"]),
        )
        for kind, number, row in rows
        if kind == "client"
    }
    return {number: found.get(number, NoteFacts(words)) for number in customers}


def words_of(associate: User, store: Store) -> Words:
    """What she may write with, whoever it is to: one query."""
    rows = _WRITERS.rows(associate=associate.pk, store=store.pk)
    return next((_words(row) for _, _, row in rows), Words())


def _clients() -> "QuerySet[Customer, Any]":
    sent = Message.objects.filter(customer=OuterRef("pk"), state__in=COUNTS_AS_CONTACT)
    row = JSONObject(
        tone="tone__tone",
        own_words="tone__own_words",
        said=ArraySubquery(sent.order_by("-created_at").values("body")[:LAST_NOTES]),
    )
    wanted = Customer.objects.filter(pk=GivenAnyOf("customers")).order_by()
    return wanted.values_list(Value("client"), F("pk"), row)


def _writers() -> "QuerySet[User, Any]":
    row = JSONObject(
        tone="writing_style__tone",
        templates=_templates(Given("store", BigIntegerField())),
        kept=_kept(OuterRef("pk")),
    )
    writer = User.objects.filter(pk=Given("associate", BigIntegerField())).order_by()
    return writer.values_list(Value("writer"), F("pk"), row)


def _templates(store: Given) -> ArraySubquery:
    versions = TemplateVersion.objects.filter(store=store).current()
    return ArraySubquery(
        versions.values(
            row=JSONObject(
                number="pk",
                step="step",
                channel="channel",
                tone="tone",
                subject="subject",
                body="body",
            )
        )
    )


def _kept(associate: OuterRef) -> ArraySubquery:
    kept = KeptNote.objects.filter(associate=associate, state=KeptNote.State.KEPT)
    return ArraySubquery(
        kept.order_by("-decided_at")[:KEPT_AT_MOST].values(
            row=JSONObject(
                number="pk",
                step="step",
                channel="channel",
                subject="subject",
                body="body",
                notes=outcomes(Q(kept_note=OuterRef("pk")) | Q(pk=OuterRef("made_from"))),
            )
        )
    )


def outcomes(notes: Q) -> ArraySubquery:
    """Of the notes of a phrase that went out: was each answered, and did a purchase follow?"""
    sent = Message.objects.filter(notes, state__in=HANDED_OVER).order_by("-sent_at")
    return ArraySubquery(
        sent[:NOTES_COUNTED].values(row=JSONObject(answered=is_answered(), bought=is_followed()))
    )


def is_answered() -> Exists:
    """Whether she wrote back in words."""
    return Exists(Reply.objects.filter(message=OuterRef("pk"), kind=Reply.Kind.WORDS))


def is_followed() -> Exists:
    """Whether she bought within the days in which a purchase counts as following a note."""
    until = OuterRef("sent_at") + timedelta(days=ATTRIBUTION_DAYS)
    return Exists(
        LineItem.objects.filter(
            customer=OuterRef("customer"),
            quantity__gt=0,
            purchased_at__gte=OuterRef("sent_at"),
            purchased_at__lt=until,
        )
    )


def _words(row: Mapping[str, Any]) -> Words:
    kept = sorted(map(_phrase, row["kept"]), key=lambda each: -each.worked.rank)
    return Words(Tone(row["tone"] or Tone.WARM), dict(_by_place(row["templates"])), tuple(kept))


def _by_place(rows: Collection[Mapping[str, Any]]) -> Iterator[tuple[Place, Wording]]:
    """A blank body gives the place back to the house's words."""
    for row in rows:
        if row["body"]:
            place = (row["step"], row["channel"], row["tone"])
            yield place, Wording(row["body"], row["subject"], template=row["number"])


def _phrase(row: Mapping[str, Any]) -> KeptPhrase:
    return KeptPhrase(
        Wording(row["body"], row["subject"], kept=row["number"]),
        row["step"],
        row["channel"],
        worked_of(row["notes"]),
    )


def worked_of(notes: Collection[Mapping[str, bool]]) -> Worked:
    """The counts of a phrase's notes."""
    return Worked(
        sent=len(notes),
        answered=sum(each["answered"] for each in notes),
        bought=sum(each["bought"] for each in notes),
        worked=sum(each["answered"] or each["bought"] for each in notes),
    )


_FACTS = Prepared(lambda: _clients().union(_writers(), all=True))
_WRITERS = Prepared(_writers)
