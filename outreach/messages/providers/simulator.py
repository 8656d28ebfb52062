"""The simulated carrier: its own phones and mailboxes, for demos and trials.

It behaves like a carrier, not like us: it takes what it is given, twice if given twice, and
reports the delivery a moment later.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from PIL import Image, ImageDraw

from customers.models import Channel
from outreach.messages import hints
from outreach.messages.providers.mail import html_of
from outreach.messages.providers.receipts import Listed, Outgoing, Receipt, Refused, Status
from outreach.models import SimulatedMessage

REPORT_AFTER_SECONDS = 1
REPORT_BATCH = 200


@dataclass(frozen=True)
class Report:
    """The carrier's word that a message arrived."""

    provider_id: str
    message_id: UUID
    at: datetime


class Simulator:
    """The carrier of one channel of the simulated world."""

    name = "simulator"
    keeps_list = True

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def send(self, outgoing: Outgoing) -> Receipt:
        """Put it on her phone or into her mailbox; accepts everything."""
        taken = SimulatedMessage.objects.create(
            direction=SimulatedMessage.Direction.TO_CLIENT,
            channel=self.channel,
            address=outgoing.to_address,
            outbox_id=outgoing.message_id,
            subject=outgoing.subject,
            body=outgoing.body,
            html=html_of(outgoing) if self.channel == Channel.EMAIL else "",
            at=outgoing.attempt_at,
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
        """The simulated carrier delivers everything."""
        return None

    def _taken(self) -> QuerySet[SimulatedMessage]:
        return SimulatedMessage.objects.filter(
            direction=SimulatedMessage.Direction.TO_CLIENT, channel=self.channel
        )


def _listed(taken: SimulatedMessage) -> Listed:
    status = Status.DELIVERED if taken.delivered_at else Status.ACCEPTED
    return Listed(str(taken.pk), taken.body, taken.at, status, said=status.value)


def due_reports(*, now: datetime) -> list[Report]:
    """Deliveries not reported yet, oldest first. Call `mark_reported` once they were heard."""
    unreported = SimulatedMessage.objects.filter(
        direction=SimulatedMessage.Direction.TO_CLIENT,
        outbox_id__isnull=False,
        delivered_at=None,
        at__lte=now - timedelta(seconds=REPORT_AFTER_SECONDS),
    )
    return [
        Report(str(each.pk), each.outbox_id, now)
        for each in unreported[:REPORT_BATCH]
        if each.outbox_id
    ]


def mark_reported(report: Report) -> None:
    """The news was taken in; it is not told again."""
    SimulatedMessage.objects.filter(pk=report.provider_id).update(delivered_at=report.at)


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
    """Let a simulated client write to us; `inbound.words_from` makes an event of it."""
    return SimulatedMessage.objects.create(
        direction=SimulatedMessage.Direction.FROM_CLIENT,
        channel=channel,
        address=address,
        subject=subject,
        body=body,
        has_picture=has_picture,
        at=now,
    )
