"""What a mail service reports, put into our words: at most two pieces of news per event.

Opens and clicks are neither asked for nor kept (docs/decisions.md). Nothing but what is needed to
explain the news is stored: no address, no subject, no browser.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from outreach.messages import bounces, mail_identity
from outreach.messages.mail_events import MailEvent, News
from outreach.messages.providers.service_mail import OUR_ID

LONGEST_REMARK = 500

PLAIN = {
    # The service has it, so it was accepted, whatever became of our call.
    EventType.QUEUED: News.ACCEPTED,
    EventType.SENT: News.ACCEPTED,
    EventType.DEFERRED: News.ACCEPTED,
    EventType.DELIVERED: News.DELIVERED,
    EventType.FAILED: News.REFUSED,
    EventType.COMPLAINED: News.COMPLAINT,
    EventType.UNSUBSCRIBED: News.UNSUBSCRIBED,
}
# Why a service refuses to send at all: what it knows of the address from earlier.
KNOWN_BEFORE = {
    RejectReason.SPAM: News.COMPLAINT,
    RejectReason.UNSUBSCRIBED: News.UNSUBSCRIBED,
}
DEAD = (RejectReason.INVALID, RejectReason.BOUNCED)


def events_of(told: AnymailTrackingEvent, *, provider: str, now: datetime) -> list[MailEvent]:
    """The news in one event; empty for what is none of our business."""
    news = _news(told)
    if news is None:
        return []
    about_the_mail = MailEvent(
        provider=provider,
        news=news,
        at=now,
        message_id=_our_id(told),
        provider_id=str(told.message_id or ""),
        recipient=str(told.recipient or ""),
        payload=_payload(told),
    )
    return [about_the_mail, *_about_the_address(told, about_the_mail)]


def _news(told: AnymailTrackingEvent) -> News | None:
    if told.event_type == EventType.BOUNCED:
        return News.HARD_BOUNCE if _is_hard(told) else News.SOFT_BOUNCE
    if told.event_type == EventType.REJECTED:
        return News.HARD_BOUNCE if told.reject_reason in DEAD else News.REFUSED
    return PLAIN.get(told.event_type)


def _is_hard(told: AnymailTrackingEvent) -> bool:
    """The service's own word first, then the server's code; without either it is soft."""
    raw = told.esp_event if isinstance(told.esp_event, Mapping) else {}
    says = bounces.service_says_hard(raw)
    if says is None:
        says = bounces.is_hard(f"{told.mta_response or ''} {told.description or ''}")
    return bool(says)


def _about_the_address(told: AnymailTrackingEvent, event: MailEvent) -> list[MailEvent]:
    """A refusal because of an earlier complaint is no complaint about this mail."""
    news = KNOWN_BEFORE.get(told.reject_reason) if event.news == News.REFUSED else None
    if news is None:
        return []
    return [MailEvent(event.provider, news, event.at, recipient=event.recipient)]


def _our_id(told: AnymailTrackingEvent) -> UUID | None:
    try:
        return UUID(str((told.metadata or {}).get(OUR_ID, "")))
    except ValueError:
        return mail_identity.answered(recipients=(), references=[str(told.message_id or "")])


def _payload(told: AnymailTrackingEvent) -> dict[str, Any]:
    remarks = {
        "event": told.event_type,
        "reason": told.reject_reason,
        "answer": told.mta_response,
        "description": told.description,
    }
    return {name: _plain(value) for name, value in remarks.items() if value}


def _plain(value: object) -> str:
    """Without what PostgreSQL cannot keep, and not longer than anybody reads."""
    return str(value).replace("\x00", "")[:LONGEST_REMARK]
