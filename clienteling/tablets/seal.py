"""The key under which what somebody typed waits in a browser until there is a connection."""

from base64 import b64encode

from django.utils.crypto import salted_hmac

from clienteling.models import User

SALT = "clienteling.tablets.seal"


def key_of(user: User) -> str:
    """256 bits in base64, the same on all her pages and in no one else's.

    To be printed on a page for herself alone, never kept: the browser drops it with the page, so
    after a lock nobody there can open what lies in its storage until she has signed in again. It
    follows from the shop's secret, whose change makes what waits then unreadable.
    """
    return b64encode(salted_hmac(SALT, str(user.pk), algorithm="sha256").digest()).decode()
