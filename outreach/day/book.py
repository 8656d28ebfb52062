"""The client book: everybody by name, narrowed by segments, found by a few letters or digits.

Pages go on from the last name seen, in the order of an index; that is what keeps them quick.
"""

from collections.abc import Iterable, Mapping, Sequence
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
from outreach.day import search, segments, walks, wording
from outreach.day.segments import Narrowing
from outreach.day.walks import Part, Walk

PAGE_SIZE = 50
LETTERS = "abcdefghijklmnopqrstuvwxyz"
OTHER_LETTERS = "other"
EVERYBODY = Narrowing()
EVERYONE = "everyone"  # what the tab without a rhythm is called where an id is made of it
LINE_COLUMNS = (
    "customer_id",
    "first_name",
    "last_name",
    "search_name",
    "last_purchase_at",
    "visit_count",
    "usual_gap_days",
    "associate__first_name",
    "associate__username",
)


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
    """A link to those of this rhythm; `key` finds its number, "" for one without a number."""

    key: str
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Trait:
    """A group to narrow by."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Letter:
    label: str
    spoken: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Names:
    """What a letter typed into the search changes. `said` is what those on the page have in common.

    `counts_url` tells how many there are, "" while somebody searches; `spoken` is for the ear.
    """

    whose: str
    tabs: tuple[RhythmTab, ...]
    traits: tuple[Trait, ...]
    letters: tuple[Letter, ...]
    sections: tuple[Section, ...]
    said: str
    spoken: str
    empty: str
    clear_url: str
    next_url: str
    first_url: str
    counts_url: str
    is_counted: bool
    page_size: int = PAGE_SIZE


@dataclass(frozen=True)
class Book:
    """A page of the book: the names, and what narrows them."""

    line: str
    query: str
    whose: str
    by: Narrowing
    letter: str
    choices: segments.Choices
    names: Names


@dataclass(frozen=True)
class Numbers:
    """How many there are, in words: in all, by rhythm, with each trait. `shown` is how many the
    list has, "" where the page does not say so."""

    everybody: str
    shown: str
    rhythms: Mapping[str, str]
    traits: Mapping[str, str]


def opened(wanted: Wanted, user: User, store: Store, *, now: datetime) -> Book:
    """The page of the book that was asked for: two queries. Its numbers come after it."""
    return Book(
        line=_whose_words(wanted.whose, user, store),
        query=wanted.query,
        whose=wanted.whose,
        by=wanted.by,
        letter=wanted.letter,
        choices=segments.choices(),
        names=names(wanted, user, store, now=now),
    )


def names(wanted: Wanted, user: User, store: Store, *, now: datetime) -> Names:
    """The names alone, as every letter typed asks for them: one query, however large the store."""
    page = list(_page(wanted, user, store, now))
    shown, is_more = page[:PAGE_SIZE], len(page) > PAGE_SIZE
    return Names(
        whose=wanted.whose,
        tabs=_tabs(wanted, user),
        traits=_traits(wanted),
        letters=_letters(wanted),
        sections=_sections(shown, user, store, now),
        said=_said(wanted),
        spoken=_spoken(len(shown), is_more=is_more),
        empty=_empty_words(wanted),
        clear_url=_url(Wanted(whose=wanted.whose)),
        next_url=_next_url(wanted, shown[-1]) if is_more and not wanted.query else "",
        first_url=_url(wanted) if wanted.after else "",
        counts_url="" if wanted.query else _url(wanted, at="book-counts"),
        is_counted=_is_counted(wanted),
    )


def counted(wanted: Wanted, user: User, store: Store, *, now: datetime) -> Numbers:
    """How many there are: one query, asked after the page, for nobody waits to read a number."""
    counts = segments.counted(_everybody(wanted.whose, user), wanted.by, store, now=now)
    noun = "person" if counts.everybody == 1 else "people"
    is_part = wanted.by.brand or wanted.by.category
    return Numbers(
        everybody="" if is_part else f", {counts.words(counts.everybody)} {noun}",
        shown=counts.words(counts.shown) if _is_counted(wanted) else "",
        rhythms={key or EVERYONE: counts.words(number) for key, number in counts.rhythms.items()},
        traits={key: counts.words(number) for key, number in counts.traits.items()},
    )


def _everybody(whose: str, user: User) -> CustomerQuerySet:
    if whose == "mine" and user.role == User.Role.ASSOCIATE:
        return Customer.objects.in_book_of(user)
    return Customer.objects.of_stores(user)


def _page(wanted: Wanted, user: User, store: Store, now: datetime) -> CustomerQuerySet:
    """One more than a page of those asked for, with the columns a line is made of."""
    asked = segments.applying(wanted.by, store, now=now)
    parts = [
        part.filter(asked, apart=_is_told_by_index(wanted.by))
        for part in _parts(wanted.whose, user)
    ]
    most = PAGE_SIZE + 1
    if fold(wanted.query):
        parts = [part.filter(_of_any_letter(wanted.letter)) for part in parts]
        people = search.found(parts, wanted.query, most=most)
    else:
        people = walks.people(parts, list(_walks(wanted)), most=most)
    return people.select_related("associate").only(*LINE_COLUMNS)[:most]


def _parts(whose: str, user: User) -> tuple[Part, ...]:
    if whose == "mine" and user.role == User.Role.ASSOCIATE:
        return walks.book_of(user)
    return walks.of_stores(user)


def _walks(wanted: Wanted) -> Iterable[Walk]:
    """In the order of the index, going on behind the last one seen; A to Z has two sides."""
    for letters in _of_letters(wanted.letter):
        yield _walk(letters & _after(wanted.after))


def _walk(chosen: Q) -> Walk:
    return lambda people: people.filter(chosen).order_by("search_name", "pk")


def _is_told_by_index(by: Narrowing) -> bool:
    """Who waits is told by two indexes alone: a walk through each store's people is quick, where of
    all stores at once the planner would read each name of the chain."""
    return "waiting" in by.traits and by.rhythm in ("", "lapsed")


def _of_any_letter(letter: str) -> Q:
    first, *others = _of_letters(letter)
    return first | others[0] if others else first


def _of_letters(letter: str) -> list[Q]:
    """Each a stretch of the index."""
    if letter == OTHER_LETTERS:
        return [Q(search_name__lt="a"), Q(search_name__gte="{")]  # "{" follows "z"
    return [Q(search_name__startswith=letter)] if letter else [Q()]


def _after(last: tuple[str, int] | None) -> Q:
    """`search_name >= name` says the same once more, and is where the index can begin."""
    if last is None:
        return Q()
    name, number = last
    behind = Q(search_name__gt=name) | Q(pk__gt=number)
    return Q(search_name__gte=name) & behind


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
        line=rhythm_words(rhythm, now=now, zone=store.zone) or "No purchase yet",
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


def _tabs(wanted: Wanted, user: User) -> tuple[RhythmTab, ...]:
    tabs = [
        RhythmTab(
            rhythm or EVERYONE,
            label,
            _url(replace(wanted, by=replace(wanted.by, rhythm=rhythm), letter="", after=None)),
            is_current=rhythm == wanted.by.rhythm,
        )
        for rhythm, label in segments.RHYTHMS.items()
    ]
    if user.role == User.Role.ASSOCIATE:
        is_mine = wanted.whose == "mine"
        other = replace(wanted, whose="store" if is_mine else "mine", after=None)
        label = "Whole store" if is_mine else "My book only"
        tabs.append(RhythmTab("", label, _url(other), is_current=False))
    return tuple(tabs)


def _traits(wanted: Wanted) -> tuple[Trait, ...]:
    return tuple(
        Trait(value, label, is_chosen=value in wanted.by.traits)
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


def _is_counted(wanted: Wanted) -> bool:
    """Whether the page says how many it has: those of a letter, or of a search, are not counted."""
    return bool(wanted.by) and not wanted.letter and not wanted.query


def _said(wanted: Wanted) -> str:
    """What those on the page have in common: `lapsed, may be texted`; a number may come before."""
    words = ", ".join(_conditions(wanted))
    return words if _is_counted(wanted) else wording.capital(words)


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


def _spoken(count: int, *, is_more: bool) -> str:
    """`3 clients.`; read aloud when the list has changed under somebody who types."""
    if is_more:
        return f"The first {count} clients."
    return f"{wording.capital(wording.counted(count, 'client'))}." if count else "Nobody found."


def _empty_words(wanted: Wanted) -> str:
    words = fold(wanted.query)
    if search.is_number(words) and len(search.digits_of(words)) < search.LAST_DIGITS:
        return "Type the last four digits of the telephone, or more of it."
    if wanted.query:
        return "Try the beginning of the first or last name, or the last four digits."
    return "Nobody fits all of that. Take something away, or show the whole book."


def _whose_words(whose: str, user: User, store: Store) -> str:
    if whose == "mine" and user.role == User.Role.ASSOCIATE:
        return f"{user.signature}’s book"
    return store.name


def _url(wanted: Wanted, *, at: str = "clients", **more: str) -> str:
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
    return f"{reverse(at)}?{query}" if query else reverse(at)


def _next_url(wanted: Wanted, last: Customer) -> str:
    return _url(wanted, after=last.search_name, number=str(last.pk))
