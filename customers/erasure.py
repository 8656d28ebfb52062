"""Who a client was is forgotten; what she bought, and that she must not be written to, is not.

This is the customers' half. `outreach.erasure` forgets what was written both ways, and is what a
person calls.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from customers import erased_addresses
from customers.models import (
    ClientNote,
    Consent,
    ContactPoint,
    Customer,
    Feedback,
    ImportantDate,
    NearMiss,
    Outlook,
    ServiceCase,
    StatedSize,
    Suggestion,
)

DELETED = (
    ContactPoint,
    Consent,
    Feedback,
    ClientNote,
    StatedSize,
    ImportantDate,
    Suggestion,
    NearMiss,
    Outlook,
)

FORGOTTEN: dict[str, Any] = {
    "first_name": "",
    "last_name": "",
    "search_name": "",
    "search_first_name": "",
    "city": "",
    "birth_year": None,
    "joined_on": None,
    "associate": None,
    "preferred_channel": "",
    "leave_until": None,
}
Addresses = frozenset[tuple[str, str]]  # channel and address


def addresses_of(customers: Collection[int]) -> Addresses:
    """Where these people were reached, as their records say now."""
    points = ContactPoint.objects.filter(customer__in=customers).exclude(address="")
    return frozenset(points.values_list("channel", "address"))


def shared(addresses: Addresses, *, apart_from: Collection[int]) -> Addresses:
    """Those of these addresses that somebody else has, too: they stay as they are."""
    others = ContactPoint.objects.exclude(customer__in=apart_from).filter(
        address__in=[address for _, address in addresses]
    )
    return addresses & frozenset(others.values_list("channel", "address"))


def forget(customers: Collection[int], addresses: Addresses, *, now: datetime) -> None:
    """Forget these people, and all of their `addresses` that nobody else has.

    Runs in the caller's transaction. The ledger keeps what was said and when, about nobody.
    """
    for channel, address in sorted(addresses - shared(addresses, apart_from=customers)):
        erased_addresses.remember(address, channel, at=now)
    for model in DELETED:
        model._default_manager.filter(customer__in=customers).delete()
    ServiceCase.objects.filter(customer__in=customers).update(summary="")
    Customer.objects.filter(pk__in=customers).update(**FORGOTTEN, erased_at=now)
