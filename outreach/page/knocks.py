"""How often the same hand may do the same thing at a public door.

Counted in the database, because there are several web processes, and under a keyed hash, because
a network address is hers. A window begins with the first knock and is not prolonged by later ones.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import new as keyed_hash
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from outreach.models import Knock

IPV6_NETWORK_BITS = 64  # a household's; within it a visitor chooses her address freely


@dataclass(frozen=True)
class Door:
    """So many knocks within a time, for each one who knocks."""

    name: str
    most: int
    within: timedelta


WRONG_PAGE = Door("wrong-page", 30, timedelta(minutes=10))  # for a network: addresses of no page
WRONG_CODE = Door("wrong-code", 20, timedelta(minutes=10))  # for an associate: codes of no page
ANSWERS = Door("answers", 90, timedelta(hours=1))  # for a page: everything tapped on it
WORDS = Door("words", 10, timedelta(hours=1))  # for a page: what is written on it
HOLDS = Door("holds", 20, timedelta(days=1))  # for a page: every wish to keep something
DOORS = (WRONG_PAGE, WRONG_CODE, ANSWERS, WORDS, HOLDS)


def count(door: Door, who: object, *, now: datetime) -> bool:
    """Count one more knock; False when it is one too many."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT, {"door": door.name, "who": _hash(who), "now": now, "old": now - door.within}
        )
        return int(cursor.fetchone()[0]) <= door.most


def is_closed(door: Door, who: object, *, now: datetime) -> bool:
    """Whether the next knock would be one too many; counts nothing."""
    lately = Knock.objects.filter(door=door.name, who=_hash(who), since__gt=now - door.within)
    return lately.filter(count__gte=door.most).exists()


def sweep(*, now: datetime) -> int:
    """Forget what counts no more."""
    longest = max(door.within for door in DOORS)
    deleted, _ = Knock.objects.filter(since__lte=now - longest).delete()
    return deleted


def network_of(request: HttpRequest) -> str:
    """Where a request came from, coarsely. Behind a proxy of ours the last hop it names counts:
    everything before that, anybody can write."""
    told = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_TLS_PROXY:
        told = request.headers.get("X-Forwarded-For", told).rpartition(",")[2].strip()
    try:
        address = ip_address(told)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(int(address) >> (address.max_prefixlen - IPV6_NETWORK_BITS))
    return str(address)


def _hash(who: object) -> str:
    return keyed_hash(settings.SECRET_KEY.encode(), str(who).encode(), sha256).hexdigest()


_COUNT = """
    INSERT INTO outreach_knock AS lately (door, who, since, count)
    VALUES (%(door)s, %(who)s, %(now)s, 1)
    ON CONFLICT (door, who) DO UPDATE
    SET count = CASE WHEN lately.since <= %(old)s THEN 1 ELSE lately.count + 1 END,
        since = CASE WHEN lately.since <= %(old)s THEN EXCLUDED.since ELSE lately.since END
    RETURNING count
"""
