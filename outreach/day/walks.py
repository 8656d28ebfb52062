"""Whose people, and walks among them: along an index, ended as soon as there are enough.

That is what keeps a list quick, however many clients there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from clienteling.arrays import Unnest
from clienteling.models import Store, User
from customers.models import Customer, CustomerQuerySet

Numbers = QuerySet[Any, Any]
Walk = Callable[[CustomerQuerySet], CustomerQuerySet]


@dataclass(frozen=True)
class Part:
    """People who stand together in an index, by their store or associate.

    With `owners` they are the people of each of these, one owner after the other: an index keeps
    the order of names within one owner only. `together` are all of theirs at once.
    """

    people: CustomerQuerySet
    owners: Numbers | None = None
    together: CustomerQuerySet | None = None

    def at_once(self) -> "Part":
        """All owners' people in one walk."""
        return self if self.together is None else Part(self.together)

    def filter(self, asked: Q, *, apart: bool = False) -> "Part":
        """Those of them to whom it applies: of all owners at once, for whoever fits may be rare,
        and then a walk through every owner's people would go to its end. `apart` still walks."""
        if not asked:
            return self
        part = self if apart else self.at_once()
        together = None if part.together is None else part.together.filter(asked)
        return replace(part, people=part.people.filter(asked), together=together)

    def first(self, walk: Walk, most: int, start: int = 0) -> Numbers:
        """So many of them in the order of the walk from this place on, of each owner, as primary
        keys."""
        found, some = walk(self.people), slice(start, start + most)
        if self.together is not None and not found.ordered:
            return walk(self.together).values_list("pk")[some]
        if self.owners is None:
            return found.values_list("pk")[some]
        return self.owners.values_list(Unnest(ArraySubquery(found.values("pk")[some])))


def book_of(user: User) -> tuple[Part, ...]:
    """`in_book_of`: an associate's own clients, and those of her store whom nobody has yet."""
    return (
        Part(_living(associate=user)),
        Part(_living(associate=None, store=user.store_id)),
    )


def of_stores(user: User) -> tuple[Part, ...]:
    """`of_stores`: the people of her store, or of each store a manager works in.

    One query for a manager's stores: the planner has to see which they are. Of a store it does not
    know it expects a usual one, and a large one then takes it a hundred times as long.
    """
    return _of(_stores(user))


def visible_to(user: User) -> tuple[Part, ...]:
    """`visible_to`: the same, and her colleagues' clients without a store; nobody for an admin."""
    if user.role == User.Role.ADMIN:
        return ()
    stores = _stores(user)
    colleagues = User.objects.filter(store__in=stores).order_by()
    return (*_of(stores), Part(_living(associate=OuterRef("pk"), store=None), colleagues))


def _of(stores: Sequence[int]) -> tuple[Part, ...]:
    if len(stores) <= 1:
        return tuple(Part(_living(store=number)) for number in stores)
    owners = Store.objects.filter(pk__in=stores).order_by()
    return (Part(_living(store=OuterRef("pk")), owners, _living(store__in=stores)),)


def _living(**whose: Any) -> CustomerQuerySet:
    return Customer.objects.filter(erased_at=None, **whose)


def _stores(user: User) -> list[int]:
    if user.role == User.Role.ASSOCIATE:
        return [user.store_id] if user.store_id else []
    return list(Store.objects.visible_to(user).values_list("pk", flat=True))


def first(parts: Sequence[Part], ways: Sequence[Walk], *, most: int, start: int = 0) -> Numbers:
    """Whom each of these walks meets in each part from this place on, as primary keys."""
    found = [part.first(walk, most, start) for part in parts for walk in ways]
    if not found:
        return Customer.objects.none().values_list("pk")
    return found[0].union(*found[1:], all=True) if found[1:] else found[0]


def people(parts: Sequence[Part], ways: Sequence[Walk], *, most: int) -> CustomerQuerySet:
    """Whoever each of these walks meets first in each part, in the order of names."""
    numbers = first(parts, ways, most=most)
    return Customer.objects.filter(pk__in=numbers).order_by("search_name", "pk")
