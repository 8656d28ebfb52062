"""Segments of a client book: smaller and smaller groups, each with how many are in it now.

A person is in a group by a plain question to the database, so that groups combine freely. All of a
page's counts come from one query over the people of the book.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.lookups import IsNull

from catalog.models import Brand, Category
from clienteling.models import Store
from customers.lapsing import about_to_lapse
from customers.models import (
    Channel,
    Consent,
    ConsentState,
    ContactPoint,
    Customer,
    CustomerQuerySet,
    ImportantDate,
    LineItem,
    Suppression,
)
from outreach.day.came_back import came_back
from outreach.models import Reply

RHYTHMS = {
    "": "Everyone",
    "lapsed": "Lapsed",
    "about-to-lapse": "About to lapse",
    "came-back": "Came back",
}
"""Where she stands; one of these at a time."""

TRAITS = {
    "text": "May be texted",
    "email": "May be emailed",
    "waiting": "Waits for an answer",
    "birthday": "Birthday this month",
    "nobodys": "Nobody’s yet",
}
"""What else may be asked of her; any of these together."""

COUNTED_AT_MOST = 2_000
"""A store's whole book may be larger: then its counts say "2,000+" instead of taking seconds."""
OWNING = "is_owning"  # whether she bought of the brand and the category that are asked for
CHOICES_AT_MOST = 200
FEW_LINES = 1_000


@dataclass(frozen=True)
class Narrowing:
    """What a list is narrowed by; an unknown word narrows nothing."""

    rhythm: str = ""
    traits: frozenset[str] = frozenset()
    brand: str = ""
    category: str = ""

    def __bool__(self) -> bool:
        return bool(self.rhythm or self.traits or self.brand or self.category)

    def with_(self, trait: str) -> "Narrowing":
        return replace(self, traits=self.traits | {trait})


@dataclass(frozen=True)
class Counts:
    """How many people there are: in all, as narrowed, by rhythm, and with each trait besides.

    `is_cut` where the book is too long to be counted to its end.
    """

    everybody: int
    shown: int
    rhythms: Mapping[str, int]
    traits: Mapping[str, int]
    is_cut: bool = False

    def words(self, number: int) -> str:
        """`18`; `20,000+` where counting stopped."""
        return f"{number:,}{'+' if self.is_cut else ''}"


@dataclass(frozen=True)
class Choices:
    """The brands and categories that may be asked for, by name."""

    brands: tuple[str, ...]
    categories: tuple[str, ...]


def narrowed(
    people: CustomerQuerySet, by: Narrowing, store: Store, *, now: datetime
) -> CustomerQuerySet:
    """Those of these people to whom all of it applies."""
    return people.filter(applying(by, store, now=now))


def applying(by: Narrowing, store: Store, *, now: datetime) -> Q:
    """All of it as one question. One query for a brand, and one for a category, where asked for."""
    questions = _questions(store, now)
    wanted = Q()
    for name in _asked(by):
        wanted &= questions[name]
    return wanted & _owning(by, _buyers)


def counted(people: CustomerQuerySet, by: Narrowing, store: Store, *, now: datetime) -> Counts:
    """How many there would be with each rhythm, and with each trait added: one query.

    A brand and a category narrow the people before they are counted; `everybody` is then those. Of
    a long list only the beginning is looked at: there are that many, and more.
    """
    most = COUNTED_AT_MOST + 1
    # Cut before a question is asked: of a whole store the planner would answer each for everybody
    # in the chain at once, to look up five thousand. The outer cut makes a subquery of it, in which
    # each question is asked once for each person.
    looked_at = Customer.objects.filter(pk__in=people.order_by().values("pk")[:most])
    flags = {**_flags(store, now), OWNING: _flag(_owning(by, _bought))}
    found = (
        looked_at.order_by()
        .annotate(**flags)
        .values("pk", *flags)[:most]
        .aggregate(
            looked_at=Count("pk"),
            everybody=_number(Narrowing()),
            shown=_number(by),
            **{f"rhythm_{at}": _number(replace(by, rhythm=key)) for at, key in enumerate(RHYTHMS)},
            **{f"trait_{at}": _number(by.with_(key)) for at, key in enumerate(TRAITS)},
        )
    )
    return Counts(
        everybody=min(found["everybody"], COUNTED_AT_MOST),
        shown=min(found["shown"], COUNTED_AT_MOST),
        rhythms={key: found[f"rhythm_{at}"] for at, key in enumerate(RHYTHMS)},
        traits={key: found[f"trait_{at}"] for at, key in enumerate(TRAITS)},
        is_cut=found["looked_at"] > COUNTED_AT_MOST,
    )


def choices() -> Choices:
    """What may be chosen from: one query."""
    brands = Brand.objects.order_by("name").values_list("name", Value("brand"))
    categories = Category.objects.order_by("name").values_list("name", Value("category"))
    rows = list(brands[:CHOICES_AT_MOST].union(categories[:CHOICES_AT_MOST], all=True))
    return Choices(
        brands=tuple(sorted(name for name, kind in rows if kind == "brand")),
        categories=tuple(sorted(name for name, kind in rows if kind == "category")),
    )


# --- The questions --------------------------------------------------------------------------------
def _questions(store: Store, now: datetime) -> dict[str, Q]:
    birthdays = ImportantDate.objects.filter(
        customer=OuterRef("pk"),
        kind=ImportantDate.Kind.BIRTHDAY,
        month=store.local(now).month,
    )
    return {
        "lapsed": Q(last_purchase_at__lte=now - timedelta(days=store.lapse_days)),
        "about-to-lapse": about_to_lapse(at=now, days=store.lapse_days),
        "came-back": came_back(at=now, days=store.lapse_days),
        "text": _may_be_reached(Channel.SMS),
        "email": _may_be_reached(Channel.EMAIL),
        "waiting": Q(Exists(Reply.objects.waiting().filter(customer=OuterRef("pk")))),
        "birthday": Q(Exists(birthdays)),
        "nobodys": Q(associate=None),
    }


def _may_be_reached(channel: Channel) -> Q:
    """Said yes to it, and has an address there that may be used."""
    unwanted = Suppression.objects.filter(
        channel=channel, address=OuterRef("address"), lifted_at=None
    )
    usable = ContactPoint.objects.filter(
        ~Exists(unwanted), customer=OuterRef("pk"), channel=channel, unusable_because=""
    )
    said_yes = Consent.objects.filter(
        customer=OuterRef("pk"), channel=channel, state=ConsentState.OPTED_IN
    )
    return Q(Exists(said_yes)) & Q(Exists(usable))


def _owning(by: Narrowing, bought: Callable[..., Q]) -> Q:
    """Bought something of the brand, and something of the category."""
    wanted = Q()
    if by.brand:
        wanted &= bought(product__brand__name=by.brand)
    if by.category:
        wanted &= bought(product__category__name=by.category)
    return wanted


def _buyers(**of_what: str) -> Q:
    """Where few ever bought of it, by their names: else a whole store would be asked about a brand
    that came last week, or that nobody sells."""
    lines = LineItem.objects.filter(quantity__gt=0, **of_what).order_by()
    few = list(lines.values_list("customer", flat=True)[: FEW_LINES + 1])
    if len(few) > FEW_LINES:
        return _bought(**of_what)
    return Q(pk__in={*few, 0})  # nobody is 0: of no keys at all no walk could be made


def _bought(**of_what: str) -> Q:
    """Has a line of it. Not as an EXISTS, which the planner turns around: it would read what the
    whole chain ever bought of a brand to name fifty of a store."""
    lines = LineItem.objects.filter(customer=OuterRef("pk"), quantity__gt=0, **of_what)
    return Q(IsNull(Subquery(lines.values("pk")[:1]), False))


# --- Counting -------------------------------------------------------------------------------------
def _asked(by: Narrowing) -> list[str]:
    """The questions that have to be answered with yes."""
    known = [by.rhythm] if by.rhythm in RHYTHMS and by.rhythm else []
    return known + sorted(by.traits & TRAITS.keys())


def _column(name: str) -> str:
    return f"is_{name.replace('-', '_')}"


def _flags(store: Store, now: datetime) -> dict[str, Case]:
    return {_column(name): _flag(question) for name, question in _questions(store, now).items()}


def _flag(question: Q) -> Case:
    if not question:
        return Case(default=True, output_field=BooleanField())
    return Case(When(question, then=True), default=False, output_field=BooleanField())


def _number(by: Narrowing) -> Count:
    asked = {_column(name): True for name in _asked(by)}
    return Count("pk", filter=Q(**{OWNING: True}, **asked))
