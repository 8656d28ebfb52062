"""Her no, whether by STOP or by an unsubscribe link, and the START that takes it back."""

from datetime import datetime
from typing import Any

from django.db import transaction

from clienteling.models import User
from customers import consent
from customers.models import ConsentState, Customer
from outreach.messages import outbox


def revoke(
    address: str,
    channel: str,
    *,
    reason: str,
    source: str,
    now: datetime,
    evidence: dict[str, Any] | None = None,
    by: User | None = None,
) -> int:
    """Never use this address again, for any client who shares it; answers how many notes stopped.

    The address is suppressed, every client who has it is recorded as opted out, and what is still
    queued to it is canceled, all in one transaction. `by` is who took down what she said, where
    it did not come by itself.
    """
    with transaction.atomic():
        consent.suppress(address, channel, reason=reason, at=now)
        for customer in sharers(address, channel):
            consent.record(
                customer,
                channel,
                ConsentState.OPTED_OUT,
                source=source,
                at=now,
                now=now,
                evidence=evidence,
                by=by,
            )
        return outbox.cancel_to(channel, address, reason="She opted out.", now=now)


def readmit(
    address: str,
    channel: str,
    *,
    source: str,
    now: datetime,
    evidence: dict[str, Any] | None = None,
) -> bool:
    """The owner of a suppressed address wrote START; False when nothing was suppressed."""
    with transaction.atomic():
        if not consent.lift(address, channel, at=now):
            return False
        for customer in sharers(address, channel):
            consent.record(
                customer,
                channel,
                ConsentState.OPTED_IN,
                source=source,
                at=now,
                now=now,
                evidence=evidence,
            )
    return True


def sharers(address: str, channel: str) -> list[Customer]:
    """Every client who has this address, in a fixed order so that two requests cannot deadlock."""
    return list(
        Customer.objects.filter(
            contact_points__channel=channel, contact_points__address=address
        ).order_by("pk")
    )
