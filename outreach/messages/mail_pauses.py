"""Addresses that mail does not reach at the moment: three soft bounces in a row, and a rest.

A full mailbox is no reason never to write again, and writing on into it harms the sender's name
with every mail service. After the rest one mail is tried; does that come back too, it rests again.
"""

from datetime import datetime, timedelta

from clienteling.defaults import MAIL_PAUSE_DAYS, SOFT_BOUNCES_BEFORE_PAUSE
from customers.models import Channel
from outreach.models import MailPause, Message, ProviderEvent

SOFT_BOUNCE = "soft bounce"


def consider(address: str, *, now: datetime) -> bool:
    """Pause the address if its last three mails all bounced softly; answers whether it is paused.

    The last three that were sent, not any three: one that arrived in between proves the mailbox.
    """
    last = list(
        Message.objects.filter(
            channel=Channel.EMAIL, to_address=address, intent_at__isnull=False
        ).order_by("-intent_at")[:SOFT_BOUNCES_BEFORE_PAUSE]
    )
    bounced = ProviderEvent.objects.filter(message__in=last, kind=SOFT_BOUNCE)
    if bounced.values("message").distinct().count() < SOFT_BOUNCES_BEFORE_PAUSE:
        return False
    MailPause.objects.update_or_create(
        address=address,
        defaults={"paused_at": now, "until": now + timedelta(days=MAIL_PAUSE_DAYS)},
    )
    return True


def end(address: str, *, now: datetime) -> bool:
    """A mail arrived there after all; answers whether a pause was ended."""
    return bool(MailPause.objects.filter(address=address, until__gt=now).update(until=now))
