"""A frozen message made ready for its carrier."""

import re

from django.conf import settings

from customers.models import Channel
from outreach.messages import unsubscribe_link, wording
from outreach.messages.providers.receipts import Outgoing
from outreach.models import Message, Reply
from outreach.models.message import Step

NAMED = re.compile(r"<[^<>\s]+@[^<>\s]+>")  # a header of ours repeats it: nothing else may pass


def pack(message: Message) -> Outgoing:
    """Everything a carrier needs; the body goes as it was frozen, byte for byte."""
    store = message.store
    is_mail = message.channel == Channel.EMAIL
    return Outgoing(
        message_id=message.pk,
        to_address=message.to_address,
        body=message.body,
        attempt_at=message.intent_at or message.created_at,
        subject=message.subject,
        sender_name=wording.one_line(message.sender.signature),
        store_name=wording.one_line(store.name) if store else "",
        postal_address=store.postal_address if store else "",
        answers=_answers(message) if is_mail and message.step == Step.ANSWER else "",
        unsubscribe_url=unsubscribe_link.url(message) if is_mail else "",
        pictures=_pictures(message) if is_mail else (),
    )


def _answers(message: Message) -> str:
    """The Message-ID of her last mail; "" when it had none that can be named."""
    hers = Reply.objects.filter(customer=message.customer_id, channel=Channel.EMAIL)
    last = hers.order_by("-received_at").values_list("provider_id", flat=True).first() or ""
    return last if NAMED.fullmatch(last) else ""


def _pictures(message: Message) -> tuple[tuple[str, str], ...]:
    """The uploaded pictures of the items; mail programs do not draw the SVG stand-ins."""
    if message.lookbook is None:
        return ()
    products = [item.product for item in message.lookbook.items.select_related("product")]
    return tuple(
        (product.name, settings.PUBLIC_BASE_URL + product.picture.url)
        for product in products
        if product.picture
    )
