"""The link under a mail that lets her end them."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from outreach.models import Message

SALT = "outreach.messages.unsubscribe"


def url(message: Message) -> str:
    """The address to print under a mail; it works as long as the message's row exists."""
    token = signing.dumps(str(message.pk), salt=SALT)
    return settings.PUBLIC_BASE_URL + reverse("unsubscribe", args=[token])


def message_of(token: str) -> Message | None:
    """The message a link was printed under; None for a token that is not ours.

    The token is signed for this purpose alone and holds the message's id, never an address.
    """
    try:
        number = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return Message.objects.filter(pk=number).first()
