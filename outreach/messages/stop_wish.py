"""Words that may be a wish to be left alone: a person says which, with one tap.

Until then no offer goes to her. "Yes" is a stop like any other; "no" leaves her words waiting for
an answer, and offers go on.
"""

import logging
from datetime import datetime

from django.db import transaction

from clienteling.models import User
from customers.models import Customer
from outreach.messages import keywords, opt_out
from outreach.models import Reply

logger = logging.getLogger(__name__)

REASON, SOURCE = "asked-in-words", "In her own words"


def undecided(customer: Customer) -> list[Reply]:
    """Her unread words that may ask us to stop, oldest first."""
    waiting = Reply.objects.waiting().filter(customer=customer, read_as="")
    waiting = waiting.select_related("message")
    said = waiting.order_by("received_at", "pk")
    return [reply for reply in said if keywords.may_ask_to_stop(reply.body)]


def honour(customer: Customer, *, up_to: int, by: User, now: datetime) -> int:
    """She meant it: the addresses this is about are never used again; answers how many.

    `up_to` is the newest reply that was on the screen: what came since is not decided with it.
    """
    with transaction.atomic():
        replies = _shown(customer, up_to)
        addresses = {each: reply for reply in replies for each in _addresses(reply)}
        for (channel, address), reply in sorted(addresses.items()):
            opt_out.revoke(
                address,
                channel,
                reason=REASON,
                source=SOURCE,
                now=now,
                evidence={"reply": reply.pk},  # her words stand there, and go when she is erased
                by=by,
            )
        _mark(replies, Reply.ReadAs.STOP, by=by, now=now, handled_at=now)
    logger.info("Words of client %s read as a stop by user %s", customer.pk, by.pk)
    return len(addresses)


def go_on(customer: Customer, *, up_to: int, by: User, now: datetime) -> int:
    """She did not mean that; answers how many of her messages were read so."""
    with transaction.atomic():
        replies = _shown(customer, up_to)
        _mark(replies, Reply.ReadAs.GO_ON, by=by, now=now)
    logger.info("Words of client %s read as no stop by user %s", customer.pk, by.pk)
    return len(replies)


def _shown(customer: Customer, up_to: int) -> list[Reply]:
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    return [reply for reply in undecided(customer) if reply.pk <= up_to]


def _addresses(reply: Reply) -> set[tuple[str, str]]:
    """Where she wrote from, and where the note went that she certainly answered: a mail may be
    answered from another mailbox."""
    theirs = {reply.from_address}
    if reply.is_verified and reply.message and reply.message.channel == reply.channel:
        theirs.add(reply.message.to_address)
    return {(reply.channel, address) for address in theirs if address}


def _mark(
    replies: list[Reply], read_as: Reply.ReadAs, *, by: User, now: datetime, **changes: datetime
) -> None:
    Reply.objects.filter(pk__in=[reply.pk for reply in replies]).update(
        read_as=read_as, read_by=by, read_at=now, **changes
    )
