"""Addresses of erased people: known again when they come back, and readable by nobody.

What is kept is a hash under a key that is not in the database. A plain hash would not do: there
are few enough telephone numbers to try them all.
"""

import hmac
from collections.abc import Collection, Iterable
from datetime import datetime
from hashlib import sha256

from django.conf import settings

from customers import consent
from customers.models import ErasedAddress, Suppression

REASON = "erased"


def keyed_hash(address: str, channel: str) -> str:
    """What is left of an address, given as `ContactPoint.address` keeps it."""
    told = f"{channel}:{address}".encode()
    return hmac.new(settings.ERASURE_KEY.encode(), told, sha256).hexdigest()


def remember(address: str, channel: str, *, at: datetime) -> None:
    """Keep the hash instead of the address; a suppression of it goes, for the hash says as much."""
    ErasedAddress.objects.get_or_create(
        channel=channel, keyed_hash=keyed_hash(address, channel), defaults={"erased_at": at}
    )
    Suppression.objects.filter(channel=channel, address=address).delete()


def recognise(addresses: Collection[str], channel: str, *, now: datetime) -> int:
    """Suppress those of these addresses that belong to erased people; answers how many.

    For everybody who writes an address down. One whose owner wrote START since is left alone.
    """
    if not addresses or not ErasedAddress.objects.exists():
        return 0
    by_hash = {keyed_hash(address, channel): address for address in addresses if address}
    found = [by_hash[known] for known in _known(by_hash, channel)]
    fresh = set(found) - set(_ever_suppressed(found, channel))
    for address in sorted(fresh):
        consent.suppress(address, channel, reason=REASON, at=now)
    return len(fresh)


def _known(hashes: Iterable[str], channel: str) -> list[str]:
    """All are read: they are far fewer than the addresses of an import."""
    erased = ErasedAddress.objects.filter(channel=channel).values_list("keyed_hash", flat=True)
    return sorted(set(erased) & set(hashes))


def _ever_suppressed(addresses: Collection[str], channel: str) -> list[str]:
    return list(
        Suppression.objects.filter(channel=channel, address__in=addresses).values_list(
            "address", flat=True
        )
    )
