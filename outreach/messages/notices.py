"""Telling staff once what they have to know about a client of theirs."""

from datetime import datetime

from clienteling.models import User
from customers.models import Channel, Customer
from outreach.models import Message, Notice

SENTENCES = {
    Channel.SMS: "{client} has stopped our texts at her carrier. None goes to this number again; "
    "email is as it was.",
    Channel.EMAIL: "{client}’s mail service refuses our emails. None goes to this mailbox again; "
    "texts are as they were.",
}


def tell(
    recipient: User,
    customer: Customer | None,
    sentence: str,
    *,
    key: str,
    at: datetime,
    message: Message | None = None,
) -> bool:
    """Tell her once; False when this `key` was told before, to whomever.

    Without a `customer` it is about her own evening.
    """
    _, is_new = Notice.objects.get_or_create(
        key=key,
        defaults={
            "recipient": recipient,
            "customer": customer,
            "message": message,
            "sentence": sentence[:200],
            "told_at": at,
        },
    )
    return is_new


def tell_of_opt_out(message: Message, *, at: datetime) -> bool:
    """Tell the sender that the carrier knows of a stop; False when she was told before.

    However often and by whichever road the carrier says so (at the create, by a callback).
    """
    customer = message.customer
    sentence = SENTENCES[Channel(message.channel)].format(client=customer)
    return tell(
        message.sender, customer, sentence, key=f"stop:{message.pk}", at=at, message=message
    )


def unread(user: User) -> list[Notice]:
    """What she has been told and has not put away, the oldest first: one query."""
    notices = Notice.objects.filter(recipient=user, read_at=None)
    return list(notices.select_related("customer"))


def mark_read(user: User, number: int, *, now: datetime) -> bool:
    """She knows; False for one that is not hers, or was put away before."""
    mine = Notice.objects.filter(recipient=user, read_at=None, pk=number)
    return bool(mine.update(read_at=now))
