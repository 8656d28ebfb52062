"""Finding somebody by the beginning of a name, the digits of a telephone, or an id.

Every way of finding is a walk along an index that ends as soon as a page is full, however many
clients there are and however common the name. So a list that is longer than a page is cut: whoever
looks for one person types another letter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Q, QuerySet, When
from django.db.models.functions import Right
from phonenumbers import country_code_for_region

from clienteling.arrays import Unnest
from clienteling.folding import fold
from clienteling.models import Store, User
from customers.models import Channel, ContactPoint, Customer, CustomerQuerySet

LAST_DIGITS = 4  # the index contact_point_last_four holds so many
FIRST_DIGITS = 7  # that many hold an area and an exchange

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

    def filter(self, asked: Q, *, apart: bool = False) -> "Part":
        """Those of them to whom it applies: of all owners at once, for whoever fits may be rare,
        and then a walk through every owner's people would go to its end. `apart` still walks."""
        if not asked:
            return self
        if apart or self.together is None:
            together = None if self.together is None else self.together.filter(asked)
            return replace(self, people=self.people.filter(asked), together=together)
        return Part(self.together.filter(asked))

    def first(self, walk: Walk, most: int) -> Numbers:
        """The first so many of them in the order of the walk, of each owner, as primary keys."""
        found = walk(self.people)
        if self.together is not None and not found.ordered:
            return walk(self.together).values_list("pk")[:most]
        if self.owners is None:
            return found.values_list("pk")[:most]
        return self.owners.values_list(Unnest(ArraySubquery(found.values("pk")[:most])))


# --- Whose people ---------------------------------------------------------------------------------
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


# --- Ways of finding ------------------------------------------------------------------------------
def named(parts: Sequence[Part], query: str, *, most: int) -> CustomerQuerySet:
    """Those of these people whose name begins so, or whose id this is, in the order of names.

    At most so many of each way of being named so; a query without a letter finds nobody.
    """
    walks = [*_names(fold(query)), _with_id(query)] if fold(query) else []
    return first_of(parts, walks, most=most)


def found(parts: Sequence[Part], query: str, *, most: int) -> CustomerQuerySet:
    """The same; where only digits were typed, those whose telephone has them or whose id they are.

    Four digits and more are the end of a number: the last four are what people say at the counter.
    Seven and more may be its beginning as well, with or without the country's code. Fewer would be
    a whole city.
    """
    if not is_number(fold(query)):
        return named(parts, query, most=most)
    return first_of(parts, [*_numbers(digits_of(fold(query))), _with_id(query)], most=most)


def first_of(parts: Sequence[Part], walks: Sequence[Walk], *, most: int) -> CustomerQuerySet:
    """Whoever each of these walks meets first in each part, in the order of names."""
    ways = [part.first(walk, most) for part in parts for walk in walks]
    if not ways:
        return Customer.objects.none()
    numbers = ways[0].union(*ways[1:], all=True) if ways[1:] else ways[0]
    return Customer.objects.filter(pk__in=numbers).order_by("search_name", "pk")


def is_number(words: str) -> bool:
    """Digits, and the signs between which they are written."""
    return bool(digits_of(words)) and not any(sign.isalpha() for sign in words)


def digits_of(words: str) -> str:
    return "".join(sign for sign in words if sign.isdecimal())


def _names(words: str) -> Iterable[Walk]:
    """A prefix of `last`, `last first`, `first`, or `first last`: each in its index's order."""
    yield lambda people: people.filter(search_name__startswith=words).order_by("search_name", "pk")
    by_first = ("search_first_name", "search_name")
    yield lambda people: people.filter(search_first_name__startswith=words).order_by(*by_first)
    first, _, last = words.rpartition(" ")
    if first:
        both = {"search_first_name__startswith": first, "search_name__startswith": last}
        yield lambda people: people.filter(**both).order_by(*by_first)


def _numbers(digits: str) -> Iterable[Walk]:
    texts = ContactPoint.objects.filter(channel=Channel.SMS)
    if len(digits) >= LAST_DIGITS:
        ends = texts.annotate(end=Right("address", LAST_DIGITS)).filter(end=digits[-LAST_DIGITS:])
        yield _with(_ending_so(ends, digits) if digits[LAST_DIGITS:] else ends)
    if len(digits) >= FIRST_DIGITS:
        home = country_code_for_region(settings.DEFAULT_REGION)
        yield _with(texts.filter(address__startswith=f"+{digits}"))
        yield _with(texts.filter(address__startswith=f"+{home}{digits.lstrip('0')}"))


def _ending_so(points: QuerySet[ContactPoint], digits: str) -> QuerySet[ContactPoint]:
    """Asked as a CASE, of which the planner guesses half: it would multiply the rarity of the last
    four digits with that of the whole number, and expect nobody where thousands share one."""
    fits = Case(When(address__endswith=digits, then=True), default=False)
    return points.alias(fits=fits).filter(fits=True)


def _with(points: QuerySet[ContactPoint]) -> Walk:
    return lambda people: people.filter(pk__in=points.values("customer")).order_by()


def _with_id(query: str) -> Walk:
    return lambda people: people.filter(customer_id=query.strip()).order_by()
