"""Finding somebody by the beginning of a name, the digits of a telephone, or an id.

Every way of finding is a walk along an index that ends as soon as a page is full, however many
clients there are and however common the name. So a list that is longer than a page is cut: whoever
looks for one person types another letter.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Right
from phonenumbers import country_code_for_region

from clienteling.folding import fold
from customers.models import Channel, ContactPoint, CustomerQuerySet

LAST_DIGITS = 4  # the index contact_point_last_four holds so many
FIRST_DIGITS = 7  # that many hold an area and an exchange

Numbers = QuerySet[Any, Any]


def found(people: Sequence[CustomerQuerySet], query: str, *, most: int) -> Numbers:
    """At most so many of each of these people, for each way of finding, as primary keys.

    `people` are apart from each other, each by something an index begins with: an associate, or a
    store. A query without a letter or a digit finds nobody.
    """
    as_typed, words = query.strip(), fold(query)
    ways: list[Numbers] = []
    for some in people:
        ordered = some.order_by()
        ways.append(ordered.filter(customer_id=as_typed).values_list("pk"))
        if is_number(words):
            ways += [_first(ordered.filter(pk__in=each), most) for each in _with_number(words)]
        elif words:
            ways += [_first(each, most) for each in _named(ordered, words)]
    return ways[0].union(*ways[1:], all=True)


def is_number(words: str) -> bool:
    """Digits, and the signs between which they are written."""
    return bool(digits_of(words)) and not any(sign.isalpha() for sign in words)


def digits_of(words: str) -> str:
    return "".join(sign for sign in words if sign.isdecimal())


def _first(people: CustomerQuerySet, most: int) -> Numbers:
    return people.values_list("pk")[:most]


def _named(people: CustomerQuerySet, words: str) -> Iterable[CustomerQuerySet]:
    """A prefix of `last`, `last first`, `first`, or `first last`: each in its index's order."""
    yield people.filter(search_name__startswith=words).order_by("search_name")
    yield people.filter(search_first_name__startswith=words).order_by("search_first_name")
    first, _, last = words.rpartition(" ")
    if first:
        both = people.filter(search_first_name__startswith=first, search_name__startswith=last)
        yield both.order_by("search_name")


def _with_number(words: str) -> Iterable[Numbers]:
    """The owners of telephones with these digits.

    Four digits and more are the end of a number: the last four are what people say at the counter.
    Seven and more may be its beginning as well, with or without the country's code. Fewer would be
    a whole city.
    """
    digits = digits_of(words)
    texts = ContactPoint.objects.filter(channel=Channel.SMS).order_by()
    if len(digits) >= LAST_DIGITS:
        ends = texts.annotate(end=Right("address", LAST_DIGITS)).filter(end=digits[-LAST_DIGITS:])
        yield ends.filter(address__endswith=digits).values("customer")
    if len(digits) >= FIRST_DIGITS:
        yield texts.filter(_begins(digits)).values("customer")


def _begins(digits: str) -> Q:
    home = country_code_for_region(settings.DEFAULT_REGION)
    at_home = Q(address__startswith=f"+{home}{digits.lstrip('0')}")
    return Q(address__startswith=f"+{digits}") | at_home


def named(people: CustomerQuerySet, query: str) -> CustomerQuerySet:
    """Those of these people whose name begins so, or whose id this is, in the order of names."""
    words = fold(query)
    if not words:
        return people.none()
    wanted = Q(search_name__startswith=words) | Q(search_first_name__startswith=words)
    first, _, last = words.rpartition(" ")
    if first:
        wanted |= Q(search_first_name__startswith=first, search_name__startswith=last)
    return people.filter(wanted | Q(customer_id=query.strip())).order_by("search_name", "pk")


def in_parts(people: CustomerQuerySet, *, user: Any, is_book: bool) -> list[CustomerQuerySet]:
    """A book as its associate's own and her store's unassigned; a list of stores is one part."""
    if not is_book:
        return [people]
    return [people.filter(associate=user), people.filter(associate=None, store=user.store_id)]
