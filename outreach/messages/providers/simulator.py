"""The simulated carrier: its own phones and mailboxes, for demos and trials.

It behaves like a carrier, not like us: it takes what it is given, twice if given twice, and
reports the delivery a moment later. While the cast is on, its people answer, and some of them
cannot be reached: that is up to their personas.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet
from PIL import Image, ImageDraw

from customers.models import Channel
from outreach.messages import hints
from outreach.messages.providers.mail import html_of
from outreach.messages.providers.personas import Persona, Said, other_address, persona_of
from outreach.messages.providers.receipts import Listed, Outgoing, Receipt, Refused, Status
from outreach.messages.providers.twilio_sms import refusal_of
from outreach.models import SimulatedCast, SimulatedMessage

REPORT_AFTER_SECONDS = 1
REPORT_BATCH = 200
NOBODY = Persona("nobody")


@dataclass(frozen=True)
class Report:
    """The carrier's word that a message arrived, or with an `error_code` that it did not."""

    provider_id: str
    message_id: UUID
    at: datetime
    channel: str
    error_code: str = ""


@dataclass(frozen=True)
class Answer:
    """What somebody in the cast writes back, and from where."""

    channel: str
    address: str
    words: str


class Simulator:
    """The carrier of one channel of the simulated world."""

    name = "simulator"
    keeps_list = True

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def send(self, outgoing: Outgoing) -> Receipt:
        """Put it on her phone or into her mailbox.

        It accepts everything but what the cast is to refuse: somebody opted out at the carrier.
        """
        cast = SimulatedCast.objects.first()
        reader = _persona(cast, outgoing.to_address)
        if reader.refused_with and self.channel == Channel.SMS:
            raise refusal_of(reader.refused_with)
        taken = SimulatedMessage.objects.create(
            direction=SimulatedMessage.Direction.TO_CLIENT,
            channel=self.channel,
            address=outgoing.to_address,
            outbox_id=outgoing.message_id,
            subject=outgoing.subject,
            body=outgoing.body,
            html=html_of(outgoing) if self.channel == Channel.EMAIL else "",
            at=outgoing.attempt_at,
            error_code=reader.fails_with if self.channel == Channel.SMS else "",
            turn=self._turn(cast, outgoing.to_address),
        )
        hints.carrier_reports(in_seconds=2 * REPORT_AFTER_SECONDS)
        return Receipt(str(taken.pk))

    def sent_to(self, address: str, *, since: datetime, now: datetime) -> Sequence[Listed]:
        """Its list, as a real carrier would give it: the words as they were handed over."""
        taken = self._taken().filter(address=address, at__gte=since)
        return [_listed(each) for each in taken]

    def all_sent(self, *, since: datetime) -> Sequence[Listed]:
        """Everything on its phones, or in its mailboxes, since then."""
        return [_listed(each) for each in self._taken().filter(at__gte=since)]

    def line(self, provider_id: str) -> Listed | None:
        """One message by the carrier's id."""
        try:
            found = self._taken().filter(pk=UUID(provider_id)).first()
        except ValueError:
            return None
        return _listed(found) if found else None

    def refusal(self, listed: Listed) -> Refused | None:
        """Its error codes are those of a real carrier of texts."""
        return refusal_of(listed.error_code) if listed.error_code else None

    def _turn(self, cast: SimulatedCast | None, address: str) -> int:
        """How many of our notes she has had since the cast is on."""
        if cast is None:
            return 0
        return self._taken().filter(address=address, at__gte=cast.since).count()

    def _taken(self) -> QuerySet[SimulatedMessage]:
        return SimulatedMessage.objects.filter(
            direction=SimulatedMessage.Direction.TO_CLIENT, channel=self.channel
        )


def _listed(taken: SimulatedMessage) -> Listed:
    status = Status.DELIVERED if taken.delivered_at else Status.ACCEPTED
    if taken.failed_at:
        status = Status.FAILED
    code = taken.error_code if taken.failed_at else ""
    return Listed(str(taken.pk), taken.body, taken.at, status, said=status.value, error_code=code)


def _persona(cast: SimulatedCast | None, address: str) -> Persona:
    return persona_of(address, seed=cast.seed) if cast else NOBODY


# --- Receipts ------------------------------------------------------------------------------------
def due_reports(*, now: datetime, cast: SimulatedCast | None = None) -> list[Report]:
    """What was not reported yet, oldest first. Call `mark_reported` once it was heard."""
    unreported = SimulatedMessage.objects.filter(
        direction=SimulatedMessage.Direction.TO_CLIENT,
        outbox_id__isnull=False,
        delivered_at=None,
        failed_at=None,
        at__lte=now - timedelta(seconds=REPORT_AFTER_SECONDS),
    )
    return [
        Report(str(each.pk), each.outbox_id, now, each.channel, each.error_code)
        for each in unreported[:REPORT_BATCH]
        if each.outbox_id and each.at + _persona(cast, each.address).delivered_after <= now
    ]


def mark_reported(
    report: Report, *, cast: SimulatedCast | None = None, zone: ZoneInfo | None = None
) -> None:
    """The news was taken in; it is not told again. With a `cast`, she thinks of an answer."""
    told = SimulatedMessage.objects.filter(pk=report.provider_id)
    if report.error_code:
        told.update(failed_at=report.at)
        return
    told.update(delivered_at=report.at)
    if cast and zone:
        _think(told.get(), cast, zone)


# --- Answers -------------------------------------------------------------------------------------
def _think(note: SimulatedMessage, cast: SimulatedCast, zone: ZoneInfo) -> None:
    """When she will say the first thing about a note that has just arrived."""
    answers = _persona(cast, note.address).answers(note.turn)
    if not answers or note.at < cast.since or note.delivered_at is None:
        return
    due_at = answers[0].due_at(note.delivered_at, zone=zone)
    SimulatedMessage.objects.filter(pk=note.pk).update(next_answer_at=due_at)
    hints.carrier_reports(in_seconds=(due_at - note.delivered_at).total_seconds())


def due_answers(*, now: datetime, cast: SimulatedCast, zone: ZoneInfo) -> list[Answer]:
    """What the people of the cast write back by now; each answer is given only once."""
    with transaction.atomic():
        notes = SimulatedMessage.objects.select_for_update(skip_locked=True).filter(
            next_answer_at__lte=now
        )
        found = [_say(note, cast, zone, now) for note in notes.order_by("next_answer_at")]
    return [answer for answer in found if answer]


def _say(
    note: SimulatedMessage, cast: SimulatedCast, zone: ZoneInfo, now: datetime
) -> Answer | None:
    """Her next answer to a note, and when the one after it comes. None: the cast has changed."""
    answers = _persona(cast, note.address).answers(note.turn)[note.answers_given :]
    next_at = answers[1].due_at(now, zone=zone) if len(answers) > 1 else None
    SimulatedMessage.objects.filter(pk=note.pk).update(
        answers_given=F("answers_given") + 1, next_answer_at=next_at
    )
    if next_at:
        hints.carrier_reports(in_seconds=(next_at - now).total_seconds())
    return (
        Answer(note.channel, _writes_from(note, answers[0], cast), answers[0].words)
        if answers
        else None
    )


def _writes_from(note: SimulatedMessage, said: Said, cast: SimulatedCast) -> str:
    if said.is_from_elsewhere:
        return other_address(note.address, seed=cast.seed)
    return note.address


def media_of(written: SimulatedMessage) -> dict[str, str]:
    """The types of the files that came with a simulated text, by where `photo` finds them."""
    return {str(written.pk): "image/png"} if written.has_picture else {}


def photo(number: str) -> bytes:
    """The picture a simulated client sent: her wardrobe, as a phone would photograph it."""
    picture = Image.new("RGB", (900, 1200), "#e9e2d6")
    draw = ImageDraw.Draw(picture)
    shades = UUID(number).bytes
    for place in range(5):
        left = 90 + place * 150
        color = tuple(70 + shade % 150 for shade in shades[place * 3 : place * 3 + 3])
        draw.polygon(((left, 300), (left + 120, 300), (left + 140, 950), (left - 20, 950)), color)
    draw.line((40, 280, 860, 280), fill="#4a4038", width=12)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def write_back(
    *,
    channel: str,
    address: str,
    body: str,
    subject: str = "",
    has_picture: bool = False,
    now: datetime,
) -> SimulatedMessage:
    """Put down what a simulated client writes; `simulated_carrier.write` hands it in, too."""
    return SimulatedMessage.objects.create(
        direction=SimulatedMessage.Direction.FROM_CLIENT,
        channel=channel,
        address=address,
        subject=subject,
        body=body,
        has_picture=has_picture,
        at=now,
    )
