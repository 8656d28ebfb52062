"""Finding somebody by the beginning of a name, the digits of a telephone, or an id.

Every way of finding is a walk, however common the name. So a list that is longer than a page is
cut: whoever looks for one person types another letter.
"""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import Case, QuerySet, When
from django.db.models.functions import Right
from phonenumbers import country_code_for_region

from clienteling.folding import fold
from customers.models import Channel, ContactPoint, CustomerQuerySet
from outreach.day import walks
from outreach.day.walks import Part, Walk

LAST_DIGITS = 4  # the index contact_point_last_four holds so many
FIRST_DIGITS = 7  # that many hold an area and an exchange


def named(parts: Sequence[Part], query: str, *, most: int) -> CustomerQuerySet:
    """Those of these people whose name begins so, or whose id this is, in the order of names.

    At most so many of each way of being named so; a query without a letter finds nobody.
    """
    ways = [*_names(fold(query)), _with_id(query)] if fold(query) else []
    return walks.people(parts, ways, most=most)


def found(parts: Sequence[Part], query: str, *, most: int) -> CustomerQuerySet:
    """The same; where only digits were typed, those whose telephone has them or whose id they are.

    Four digits and more are the end of a number: the last four are what people say at the counter.
    Seven and more may be its beginning as well, with or without the country's code. Fewer would be
    a whole city.
    """
    if not is_number(fold(query)):
        return named(parts, query, most=most)
    return walks.people(parts, [*_numbers(digits_of(fold(query))), _with_id(query)], most=most)


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
