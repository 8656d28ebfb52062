"""What an associate writes down about a client: the only writer of notes, sizes and dates.

Rules and sizes act at once: they are part of `Told`, which the card, the night and the outbox's
last look all read. Whose client it is, is the caller's question.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from catalog.models import Brand, Category, Product, Variant
from clienteling.folding import fold
from clienteling.models import User
from clienteling.prepared import Moment
from customers.models import ClientNote, Customer, ImportantDate, StatedSize
from customers.note_rules import NoteRule, RuleKind

logger = logging.getLogger(__name__)

MOST_NOTES = 200
"""A notebook that is longer is a mistake, or somebody's joke."""


class CannotNote(ValueError):  # noqa: N818
    """This cannot be written down; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Never:
    """A rule as it was asked for: a `price` for one about prices, a `value` for any other."""

    kind: RuleKind
    value: str = ""
    price: Decimal | None = None


# --- Notes ----------------------------------------------------------------------------------------
def write(
    customer: Customer, *, words: str = "", never: Never | None = None, by: User, now: datetime
) -> ClientNote:
    """Note words, a rule, or both; the same twice is one note. Raises ``CannotNote``.

    A rule about something the shop never had would silently do nothing: it is refused.
    """
    words = " ".join(words.split())
    if not words and never is None:
        raise CannotNote("The note says nothing.")
    asked = _in_the_shops_words(never) if never else None
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
        standing = ClientNote.objects.filter(customer=customer, retired_at=None)
        said = {
            "words": words,
            "rule": asked.kind.value if asked else "",
            "value": asked.value if asked else "",
            "price": asked.price if asked else None,
        }
        if twin := standing.filter(**said).first():
            return twin
        if standing.count() >= MOST_NOTES:
            raise CannotNote(f"{MOST_NOTES} notes are the most: put away what no longer counts.")
        note = ClientNote.objects.create(customer=customer, written_by=by, written_at=now, **said)
    logger.info("Note %s about client %s written by user %s", note.pk, customer.pk, by.pk)
    return note


def retire(customer: Customer, number: int, *, by: User, now: datetime) -> bool:
    """It counts no more from now on; False where there is no such note of hers."""
    standing = ClientNote.objects.filter(customer=customer, pk=number, retired_at=None)
    is_retired = bool(standing.filter(written_at__lte=now).update(retired_at=now))
    if is_retired:
        logger.info("Note %s about client %s retired by user %s", number, customer.pk, by.pk)
    return is_retired


def _in_the_shops_words(never: Never) -> Never:
    if never.kind == RuleKind.PRICE_ABOVE:
        if never.price is None or never.price <= 0:
            raise CannotNote("Above which price?")
        return Never(never.kind, price=never.price)
    value = " ".join(never.value.split())
    if not value:
        raise CannotNote("Which one does she never want?")
    if never.kind == RuleKind.MATERIAL:
        return Never(never.kind, value)  # an attribute may be spelled in any way
    known = _spelling(never.kind, value)
    if known is None:
        raise CannotNote(f"Nothing here is called “{value}”: please check the spelling.")
    return Never(never.kind, known)


def _spelling(kind: RuleKind, value: str) -> str | None:
    """How the shop writes it, if it has it; a color may be one word of a longer one."""
    if kind == RuleKind.BRAND:
        return _same(Brand.objects.order_by().values_list("name", flat=True), value)
    if kind == RuleKind.CATEGORY:
        return _same(Category.objects.order_by().values_list("name", flat=True), value)
    names = Product.objects.order_by().values_list(kind.value, flat=True).distinct()
    if kind == RuleKind.COLOR:
        named = names.filter(color__icontains=value)
        return value if named.exists() else _same(names, value)
    return _same(names, value)


def _same(names: Iterable[str], value: str) -> str | None:
    wanted = fold(value)
    return next((name for name in names if fold(name) == wanted), None)


# --- Sizes ----------------------------------------------------------------------------------------
def state_size(
    customer: Customer, category: Category, size: str, *, by: User, now: datetime
) -> StatedSize:
    """Her size in a category, in her words and the shop's spelling. Raises ``CannotNote``."""
    sizes = Variant.objects.filter(product__category=category).order_by()
    spelled = _same(sizes.values_list("size", flat=True).distinct(), size)
    if not spelled:
        raise CannotNote(f"Nothing in {category.name.lower()} comes in size “{size.strip()}”.")
    stated, _ = StatedSize.objects.update_or_create(
        customer=customer,
        category=category,
        defaults={"size": spelled, "stated_at": now, "noted_by": by},
    )
    logger.info("Size of client %s stated by user %s", customer.pk, by.pk)
    return stated


def forget_size(customer: Customer, number: int) -> bool:
    """What she bought decides again; False where there is no such size of hers."""
    deleted, _ = StatedSize.objects.filter(customer=customer, pk=number).delete()
    return bool(deleted)


# --- Days to remember -----------------------------------------------------------------------------
def keep_date(
    customer: Customer,
    kind: ImportantDate.Kind,
    *,
    month: int,
    day: int,
    year: int | None = None,
    label: str = "",
    by: User,
    now: datetime,
) -> ImportantDate:
    """Remember a day; there is one birthday, and a new one takes its place. ``CannotNote``."""
    _refuse_odd_date(month, day, year, today=now.date())
    label = " ".join(label.split()) if kind == ImportantDate.Kind.OTHER else ""
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
        if kind == ImportantDate.Kind.BIRTHDAY:
            ImportantDate.objects.filter(customer=customer, kind=kind).delete()
        kept, _ = ImportantDate.objects.update_or_create(
            customer=customer,
            kind=kind,
            month=month,
            day=day,
            label=label,
            defaults={"year": year, "noted_by": by, "noted_at": now},
        )
    logger.info("A day of client %s noted by user %s", customer.pk, by.pk)
    return kept


def forget_date(customer: Customer, number: int) -> bool:
    """It matters no more; False where there is no such day of hers."""
    deleted, _ = ImportantDate.objects.filter(customer=customer, pk=number).delete()
    return bool(deleted)


def _refuse_odd_date(month: int, day: int, year: int | None, *, today: date) -> None:
    try:
        at = date(year or 2000, month, day)  # a leap year: 29 February is somebody's birthday
    except ValueError:
        raise CannotNote("There is no such day.") from None
    if year and not (today.year - 150 <= year and at <= today):
        raise CannotNote("The year lies outside a life; leave it out where it is not known.")


# --- As the rules read it -------------------------------------------------------------------------
def standing_rules(now: Moment) -> QuerySet[ClientNote]:
    """The rules that count at a moment, also at one long past."""
    standing = Q(retired_at=None) | Q(retired_at__gt=now)
    return ClientNote.objects.filter(standing, written_at__lte=now).exclude(rule="").order_by()


def rules_column(now: Moment) -> ArraySubquery:
    """Her rules up to `now`, as a column of a query over customers: for `rules_of`."""
    signature = Coalesce(
        NullIf("written_by__first_name", Value("")), "written_by__username", Value("")
    )
    row = JSONObject(
        rule="rule",
        value="value",
        price="price",
        at="written_at",
        by=signature,
        zone="customer__store__timezone",
    )
    notes = standing_rules(now).filter(customer=OuterRef("pk"))
    return ArraySubquery(notes.order_by("written_at", "pk").values(row=row))


def rules_of(rows: Iterable[Mapping[str, Any]], *, now: datetime) -> tuple[NoteRule, ...]:
    """What the rows of `rules_column` come to, the oldest first."""
    return tuple(
        NoteRule(
            RuleKind(row["rule"]),
            row["value"],
            None if row["price"] is None else Decimal(str(row["price"])),
            noted_words(row["by"], datetime.fromisoformat(row["at"]), row["zone"], now=now),
        )
        for row in rows
    )


def noted_words(by: str, at: datetime, zone: str | None, *, now: datetime) -> str:
    """`noted by Maya on 3 May`; with its year if another, in the days of her store."""
    on = at.astimezone(ZoneInfo(zone or "UTC"))
    year = f" {on.year}" if on.year != now.astimezone(on.tzinfo).year else ""
    who = f" by {by}" if by else ""
    return f"noted{who} on {on.day} {on:%B}{year}"


def sizes_column(now: Moment) -> ArraySubquery:
    """The sizes she stated up to `now`, as a column of a query over customers: for `sizes_of`."""
    stated = StatedSize.objects.filter(customer=OuterRef("pk"), stated_at__lte=now)
    row = JSONObject(category="category__name", size="size")
    return ArraySubquery(stated.order_by().values(row=row))


def sizes_of(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What the rows of `sizes_column` come to: sizes by category."""
    return {row["category"]: row["size"] for row in rows}
