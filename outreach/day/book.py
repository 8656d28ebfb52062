"""The client book: everybody by name, narrowed by segments, found by a few letters or digits.

Pages go on from the last name seen, in the order of an index; that is what keeps them quick.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from clienteling.folding import fold
from clienteling.models import Store, User
from customers.models import Customer, CustomerQuerySet
from customers.rhythm import Rhythm, rhythm_words
from outreach.day import search, segments, wording
from outreach.day.segments import Counts, Narrowing

PAGE_SIZE = 50
LETTERS = "abcdefghijklmnopqrstuvwxyz"
OTHER_LETTERS = "other"
EVERYBODY = Narrowing()


@dataclass(frozen=True)
class Wanted:
    """What is asked of the book. `after` is the last name and number of the page before."""

    query: str = ""
    whose: str = "mine"
    by: Narrowing = EVERYBODY
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
class RhythmTab:
    """A link with how many there would be; blank while somebody searches."""

    label: str
    url: str
    is_current: bool
    count: str = ""


@dataclass(frozen=True)
class Trait:
    """A group to narrow by, with how many would be left."""

    value: str
    label: str
    is_chosen: bool
    count: str = ""


@dataclass(frozen=True)
class Letter:
    label: str
    spoken: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Book:
    """A page of the book. `found` is how many there are, with `said` what they have in common."""

    line: str
    query: str
    whose: str
    by: Narrowing
    letter: str
    tabs: tuple[RhythmTab, ...]
    traits: tuple[Trait, ...]
    choices: segments.Choices
    letters: tuple[Letter, ...]
    sections: tuple[Section, ...]
    found: str
    said: str
    empty: str
    clear_url: str
    next_url: str
    first_url: str
    page_size: int = PAGE_SIZE


def opened(wanted: Wanted, user: User, store: Store, *, now: datetime) -> Book:
    """The page of the book that was asked for: three queries, two while somebody searches.

    Counting takes longer than finding, so that it waits until the search field is empty.
    """
    people = _everybody(wanted.whose, user)
    chosen = segments.narrowed(people, wanted.by, store, now=now)
    page = list(_page(_matching(chosen, wanted, user), wanted)[: PAGE_SIZE + 1])
    shown, is_more = page[:PAGE_SIZE], len(page) > PAGE_SIZE
    counts = None if wanted.query else segments.counted(people, wanted.by, store, now=now)
    return Book(
        line=_line(wanted, user, store, counts),
        query=wanted.query,
        whose=wanted.whose,
        by=wanted.by,
        letter=wanted.letter,
        tabs=_tabs(wanted, user, counts),
        traits=_traits(wanted, counts),
        choices=segments.choices(),
        letters=_letters(wanted),
        sections=_sections(shown, user, store, now),
        found=counts.words(counts.shown) if counts and wanted.by and not wanted.letter else "",
        said=_said(wanted),
        empty=_empty_words(wanted),
        clear_url=_url(Wanted(whose=wanted.whose)),
        next_url=_next_url(wanted, shown[-1]) if is_more and not wanted.query else "",
        first_url=_url(wanted) if wanted.after else "",
    )


def _everybody(whose: str, user: User) -> CustomerQuerySet:
    if whose == "mine" and user.role == User.Role.ASSOCIATE:
        return Customer.objects.in_book_of(user)
    return Customer.objects.of_stores(user)


def _matching(people: CustomerQuerySet, wanted: Wanted, user: User) -> CustomerQuerySet:
    if wanted.letter == OTHER_LETTERS:
        people = people.filter(Q(search_name__lt="a") | Q(search_name__gte="{"))  # "{" follows "z"
    elif wanted.letter:
        people = people.filter(search_name__startswith=wanted.letter)
    if not fold(wanted.query):
        return people
    is_book = wanted.whose == "mine" and user.role == User.Role.ASSOCIATE
    parts = search.in_parts(people, user=user, is_book=is_book)
    found = search.found(parts, wanted.query, most=PAGE_SIZE + 1)
    return Customer.objects.filter(pk__in=found)


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


def _tabs(wanted: Wanted, user: User, counts: Counts | None) -> tuple[RhythmTab, ...]:
    tabs = [
        RhythmTab(
            label,
            _url(replace(wanted, by=replace(wanted.by, rhythm=rhythm), letter="", after=None)),
            is_current=rhythm == wanted.by.rhythm,
            count=counts.words(counts.rhythms[rhythm]) if counts else "",
        )
        for rhythm, label in segments.RHYTHMS.items()
    ]
    if user.role == User.Role.ASSOCIATE:
        is_mine = wanted.whose == "mine"
        other = replace(wanted, whose="store" if is_mine else "mine", after=None)
        label = "Whole store" if is_mine else "My book only"
        tabs.append(RhythmTab(label, _url(other), is_current=False))
    return tuple(tabs)


def _traits(wanted: Wanted, counts: Counts | None) -> tuple[Trait, ...]:
    return tuple(
        Trait(
            value,
            label,
            is_chosen=value in wanted.by.traits,
            count=counts.words(counts.traits[value]) if counts else "",
        )
        for value, label in segments.TRAITS.items()
    )


def _letters(wanted: Wanted) -> tuple[Letter, ...]:
    return tuple(
        Letter(
            label=letter.upper() if letter != OTHER_LETTERS else "…",
            spoken=f"Names with {letter.upper()}" if letter != OTHER_LETTERS else "All other names",
            url=_url(replace(wanted, query="", letter=letter, after=None)),
            is_current=letter == wanted.letter,
        )
        for letter in (*LETTERS, OTHER_LETTERS)
    )


def _said(wanted: Wanted) -> str:
    """What those on the page have in common: `lapsed, may be texted, own shoes`."""
    return ", ".join(_conditions(wanted))


def _conditions(wanted: Wanted) -> Iterable[str]:
    by = wanted.by
    if wanted.query:
        yield f"found for “{wanted.query}”"
    if by.rhythm:
        yield wording.uncapital(segments.RHYTHMS[by.rhythm])
    yield from (
        wording.uncapital(label) for trait, label in segments.TRAITS.items() if trait in by.traits
    )
    if by.brand:
        yield f"bought {by.brand}"
    if by.category:
        yield f"bought {by.category.lower()}"
    if wanted.letter == OTHER_LETTERS:
        yield "last names outside A to Z"
    elif wanted.letter:
        yield f"last names with {wanted.letter.upper()}"


def _empty_words(wanted: Wanted) -> str:
    words = fold(wanted.query)
    if search.is_number(words) and len(search.digits_of(words)) < search.LAST_DIGITS:
        return "Type the last four digits of the telephone, or more of it."
    if wanted.query:
        return "Try the beginning of the first or last name, or the last four digits."
    return "Nobody fits all of that. Take something away, or show the whole book."


def _line(wanted: Wanted, user: User, store: Store, counts: Counts | None) -> str:
    whose = _whose_words(wanted.whose, user, store)
    if counts is None or wanted.by.brand or wanted.by.category:
        return whose
    noun = "person" if counts.everybody == 1 else "people"
    return f"{whose}, {counts.words(counts.everybody)} {noun}"


def _whose_words(whose: str, user: User, store: Store) -> str:
    if whose == "mine" and user.role == User.Role.ASSOCIATE:
        return f"{user.signature}’s book"
    return store.name


def _url(wanted: Wanted, **more: str) -> str:
    by = wanted.by
    said = [
        ("q", wanted.query),
        ("whose", "" if wanted.whose == "mine" else wanted.whose),
        ("rhythm", by.rhythm),
        *(("trait", trait) for trait in sorted(by.traits)),
        ("brand", by.brand),
        ("category", by.category),
        ("letter", wanted.letter),
        *more.items(),
    ]
    query = urlencode([(key, value) for key, value in said if value])
    return f"{reverse('clients')}?{query}" if query else reverse("clients")


def _next_url(wanted: Wanted, last: Customer) -> str:
    return _url(wanted, after=last.search_name, number=str(last.pk))
