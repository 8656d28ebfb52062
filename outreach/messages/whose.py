"""Whose clients somebody sees to, one question for each way they are hers.

"Her own, or nobody's of her store" in one question leaves the planner no index to begin with, and
it looks at everything the chain ever wrote. Asked one by one, each begins where few are.
"""

from collections.abc import Iterable

from django.db.models import Q

from clienteling.arrays import OneOf
from clienteling.models import Store, User
from clienteling.prepared import Moment
from outreach.messages import shifts

LIVING = Q(customer__erased_at=None, customer__isnull=False)


def of_book(user: User) -> Iterable[Q]:
    """An associate's book, or all clients of a manager's stores, for a query over what has a
    `customer`; nobody for an admin."""
    if user.role == User.Role.ASSOCIATE:
        yield LIVING & Q(customer__associate=user.pk)
        yield LIVING & Q(customer__associate=None, customer__store=user.store_id)
    elif user.role == User.Role.MANAGER:
        stores = Store.objects.visible_to(user).order_by().values("pk")
        yield LIVING & Q(OneOf("customer__store", stores))
        homeless = LIVING & Q(customer__store=None)
        yield homeless & Q(OneOf("customer__associate__store", stores))


def covered(user: User, *, now: Moment) -> Iterable[Q]:
    """Those an associate answers for colleagues, for the same; nobody for a manager."""
    return (LIVING & way for way in shifts.ways_covered(user, now=now, client="customer__"))
