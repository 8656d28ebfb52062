"""The client book: everybody by name, found by a few letters or digits.

Every search is a prefix of a folded column compared byte by byte, in the order of the very index it
uses; that is what keeps it quick with a million clients. Pages go on from the last name seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from phonenumbers import country_code_for_region

from clienteling.folding import fold
from clienteling.models import Store, User
from customers.models import Channel, ContactPoint, Customer, CustomerQuerySet
from customers.rhythm import Rhythm, rhythm_words

PAGE_SIZE = 50
FEWEST_DIGITS = 3
PHONES_AT_MOST = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Wanted:
    """What is asked of the book. `after` is the last name and number of the page before."""

    query: str = ""
    whose: str = "mine"
    rhythm: str = ""
    letter: str = ""
    after: tuple[str, int] | None = None


@dataclass(frozen=True)
class Chip:
    look: str
    words: str


@dataclass(frozen=True)
class Person:
    """A line of the book."""

    customer_id: str
    name: str
    line: str
    url: str
    chip: Chip | None = None


@dataclass(frozen=True)
class Section:
    letter: str
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True)
class Letter:
    label: str
    spoken: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Book:
    """A page of the book."""

    line: str
    query: str
    whose: str
    rhythm: str
    tabs: tuple[Tab, ...]
    letters: tuple[Letter, ...]
    sections: tuple[Section, ...]
    said: str
    empty: str
    clear_url: str
    next_url: str
    first_url: str
    page_size: int = PAGE_SIZE


def opened(wanted: Wanted, user: User, store: Store, *, now: datetime) -> Book:
    """The page of the book that was asked for; three queries, four where a number is looked up."""
    people = _everybody(wanted.whose, user)
    lapsed = people.lapsed(at=now, days=store.lapse_days)
    chosen = lapsed if wanted.rhythm == "lapsed" else people
    page = list(_page(_matching(chosen, wanted), wanted)[: PAGE_SIZE + 1])
    shown, is_more = page[:PAGE_SIZE], len(page) > PAGE_SIZE
    lapsed_count = lapsed.count()
    return Book(
        line=f"{_whose_words(wanted.whose, user, store)}, {_counted(people.count())}",
        query=wanted.query,
        whose=wanted.whose,
        rhythm=wanted.rhythm,
        tabs=_tabs(wanted, user, lapsed_count),
        letters=_letters(wanted),
        sections=_sections(shown, user, store, now),
        said=_said(wanted),
        empty="Try the beginning of the first or last name, or the digits of the telephone.",
        clear_url=_url(Wanted(whose=wanted.whose)),
        next_url=_next_url(wanted, shown[-1]) if is_more else "",
        first_url=_url(wanted) if wanted.after else "",
    )


def _everybody(whose: str, user: User) -> CustomerQuerySet:
    if whose == "mine" and user.role == User.Role.ASSOCIATE:
        return Customer.objects.in_book_of(user)
    return Customer.objects.visible_to(user)


def _matching(people: CustomerQuerySet, wanted: Wanted) -> CustomerQuerySet:
    if wanted.letter:
        people = people.filter(search_name__startswith=wanted.letter)
    digits = "".join(sign for sign in wanted.query if sign.isdigit())
    words = fold(wanted.query)
    if not words:
        return people
    if len(digits) >= FEWEST_DIGITS and not any(sign.isalpha() for sign in words):
        return people.filter(pk__in=_with_number(digits))
    return people.filter(_named(words) | Q(customer_id=wanted.query.strip()))


def named(people: CustomerQuerySet, query: str) -> CustomerQuerySet:
    """Those of these people whose name begins so, or whose id this is, in the order of names."""
    words = fold(query)
    found = people.filter(_named(words) | Q(customer_id=query.strip())) if words else people.none()
    return found.order_by("search_name", "pk")


def _named(words: str) -> Q:
    """A prefix of `last`, `last first`, `first`, or `first last`."""
    found = Q(search_name__startswith=words) | Q(search_first_name__startswith=words)
    first, _, last = words.rpartition(" ")
    if first:
        found |= Q(search_first_name__startswith=first, search_name__startswith=last)
    return found


def _with_number(digits: str) -> list[int]:
    """Whose number begins with these digits, written with or without the country's code."""
    home = country_code_for_region(settings.DEFAULT_REGION)
    begins = Q(address__startswith=f"+{digits}") | Q(
        address__startswith=f"+{home}{digits.lstrip('0')}"
    )
    numbers = ContactPoint.objects.filter(begins, channel=Channel.SMS)
    return [point.customer_id for point in numbers.only("customer_id")[:PHONES_AT_MOST]]


def _page(people: CustomerQuerySet, wanted: Wanted) -> CustomerQuerySet:
    """In the order of the index; going on behind the last one seen."""
    if wanted.after:
        name, number = wanted.after
        people = people.filter(Q(search_name__gt=name) | Q(search_name=name, pk__gt=number))
    return people.order_by("search_name", "pk").select_related("associate")


def _sections(
    people: Sequence[Customer], user: User, store: Store, now: datetime
) -> tuple[Section, ...]:
    return tuple(
        Section(letter, tuple(_person(each, user, store, now) for each in some))
        for letter, some in groupby(people, key=_letter_of)
    )


def _letter_of(customer: Customer) -> str:
    first = customer.search_name[:1].upper()
    return first if first.isalpha() else "#"


def _person(customer: Customer, user: User, store: Store, now: datetime) -> Person:
    rhythm = Rhythm(customer.last_purchase_at, customer.visit_count, customer.usual_gap_days)
    return Person(
        customer_id=customer.customer_id,
        name=str(customer),
        line=rhythm_words(rhythm, now=now) or "No purchase yet",
        url=reverse("client", args=[customer.customer_id]),
        chip=_chip(customer, user),
    )


def _chip(customer: Customer, user: User) -> Chip | None:
    owner = customer.associate
    if owner is None:
        return Chip("brass", "Nobody’s yet")
    if owner.pk != user.pk:
        return Chip("info", f"With {owner.signature}")
    return None


def _tabs(wanted: Wanted, user: User, lapsed: int) -> tuple[Tab, ...]:
    asked = wanted.query
    everyone = Tab("Everyone", _url(Wanted(asked, wanted.whose)), is_current=not wanted.rhythm)
    away = Tab(
        "Lapsed",
        _url(Wanted(asked, wanted.whose, "lapsed")),
        is_current=wanted.rhythm == "lapsed",
        count=lapsed,
    )
    if user.role != User.Role.ASSOCIATE:
        return everyone, away
    is_mine = wanted.whose == "mine"
    other = Wanted(asked, "store" if is_mine else "mine", wanted.rhythm)
    label = "Whole store" if is_mine else "My book only"
    return everyone, away, Tab(label, _url(other), is_current=False)


def _letters(wanted: Wanted) -> tuple[Letter, ...]:
    return tuple(
        Letter(
            label=letter.upper(),
            spoken=f"Names with {letter.upper()}",
            url=_url(Wanted("", wanted.whose, wanted.rhythm, letter)),
            is_current=letter == wanted.letter,
        )
        for letter in LETTERS
    )


def _said(wanted: Wanted) -> str:
    if wanted.query:
        return f"Found for “{wanted.query}”"
    return f"Last names with {wanted.letter.upper()}" if wanted.letter else ""


def _whose_words(whose: str, user: User, store: Store) -> str:
    if whose == "mine" and user.role == User.Role.ASSOCIATE:
        return f"{user.signature}’s book"
    return store.name


def _counted(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _url(wanted: Wanted, **more: str) -> str:
    said = {
        "q": wanted.query,
        "whose": "" if wanted.whose == "mine" else wanted.whose,
        "rhythm": wanted.rhythm,
        "letter": wanted.letter,
        **more,
    }
    query = urlencode({key: value for key, value in said.items() if value})
    return f"{reverse('clients')}?{query}" if query else reverse("clients")


def _next_url(wanted: Wanted, last: Customer) -> str:
    return _url(wanted, after=last.search_name, number=str(last.pk))
