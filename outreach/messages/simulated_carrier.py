"""The simulated carrier speaks: what arrived and what did not, and what its people answer.

Texts take Twilio's road, signed callbacks included; mail is read as one from a mailbox is.
"""

from datetime import datetime

from clienteling import clock
from customers.models import Channel
from outreach.messages import inbound, inbound_mail
from outreach.messages.inbound import StatusEvent
from outreach.messages.providers import registry, simulated_line, simulator
from outreach.messages.providers.receipts import Status
from outreach.messages.providers.simulator import Report, Simulator
from outreach.models import SimulatedCast, SimulatedMessage

USUAL_SEED = 4  # the demo's first client loves what she is shown


def speak(*, now: datetime) -> int:
    """Tell everything that is due by now; answers how many things were told."""
    if not registry.simulator_is_used():
        return 0
    return _tell_deliveries(now=now) + _tell_answers(now=now)


def write(
    *,
    channel: str,
    address: str,
    body: str,
    subject: str = "",
    has_picture: bool = False,
    now: datetime,
) -> SimulatedMessage:
    """Somebody writes to the shop from a simulated phone or mailbox."""
    written = simulator.write_back(
        channel=channel,
        address=address,
        body=body,
        subject=subject,
        has_picture=has_picture,
        now=now,
    )
    if channel == Channel.SMS:
        simulated_line.pass_on(
            provider_id=str(written.pk),
            from_address=address,
            body=body,
            media=simulator.media_of(written),
        )
    else:
        inbound_mail.receive_simulated(written)
    return written


def call_the_cast(*, seed: int, now: datetime) -> SimulatedCast:
    """From now on the simulated people answer what is sent to them; the seed says who is who."""
    cast, _ = SimulatedCast.objects.update_or_create(
        only=True, defaults={"seed": seed, "since": now}
    )
    return cast


def dismiss_the_cast() -> None:
    """Nobody answers by herself any more, nor says what she had in mind."""
    SimulatedCast.objects.all().delete()
    SimulatedMessage.objects.filter(next_answer_at__isnull=False).update(next_answer_at=None)


def _tell_deliveries(*, now: datetime) -> int:
    cast = SimulatedCast.objects.first()
    reports = [each for each in simulator.due_reports(now=now, cast=cast) if _is_served(each)]
    zone = clock.shop_zone() if cast and reports else None
    for report in reports:
        _tell(report)
        simulator.mark_reported(report, cast=cast, zone=zone)
    return len(reports)


def _is_served(report: Report) -> bool:
    """Whether the simulator still carries this channel; a real carrier may have taken it over."""
    return registry.for_channel(report.channel).name == Simulator.name


def _tell(report: Report) -> None:
    if report.channel == Channel.SMS:
        simulated_line.report(
            report.message_id,
            provider_id=report.provider_id,
            status="undelivered" if report.error_code else "delivered",
            error_code=report.error_code,
        )
        return
    inbound.apply(
        StatusEvent(
            provider=Simulator.name,
            provider_id=report.provider_id,
            event_key=f"{report.provider_id}:delivered",
            status=Status.DELIVERED,
            at=report.at,
            message_id=report.message_id,
        )
    )


def _tell_answers(*, now: datetime) -> int:
    cast = SimulatedCast.objects.first()
    if cast is None:
        return 0
    answers = simulator.due_answers(now=now, cast=cast, zone=clock.shop_zone())
    for answer in answers:
        write(channel=answer.channel, address=answer.address, body=answer.words, now=now)
    return len(answers)
