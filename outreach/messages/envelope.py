"""A frozen message made ready for its carrier."""

import re
from urllib.parse import urljoin

from django.conf import settings

from catalog.models import Product
from customers.models import Channel
from outreach import lookbook
from outreach.messages import unsubscribe_link, wording
from outreach.messages.providers.receipts import Outgoing
from outreach.models import Message, Reply
from outreach.models.message import Step

DRAWN_BY_MAIL_PROGRAMS = (".jpg", ".jpeg", ".png", ".gif")
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
        page_url=lookbook.url(message.lookbook) if is_mail and message.lookbook else "",
    )


def _answers(message: Message) -> str:
    """The Message-ID of her last mail; "" when it had none that can be named."""
    hers = Reply.objects.filter(customer=message.customer_id, channel=Channel.EMAIL)
    last = hers.order_by("-received_at").values_list("provider_id", flat=True).first() or ""
    return last if NAMED.fullmatch(last) else ""


def _pictures(message: Message) -> tuple[tuple[str, str], ...]:
    """The items' pictures in the order of the note; only of kinds that mail programs draw."""
    if message.lookbook is None:
        return ()
    items = message.lookbook.items.select_related("product").order_by("position")
    found = [(item.product.name, _picture_url(item.product)) for item in items]
    return tuple((name, address) for name, address in found if address)


def _picture_url(product: Product) -> str:
    """Where all the world finds it; "" for a drawing, and for a file that was never published."""
    if not (product.picture.name or product.image).lower().endswith(DRAWN_BY_MAIL_PROGRAMS):
        return ""
    try:
        return urljoin(f"{settings.PUBLIC_BASE_URL}/", product.picture_url)
    except ValueError:  # the manifest of static files does not know it: no reason not to write
        return ""
