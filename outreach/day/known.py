"""What we know of a client beyond the till, as her page shows it: notes, sizes, days to remember.

All of it comes as one column beside the client, so that it costs her page no query.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.urls import reverse

from catalog.models import Category
from clienteling.models import Store
from customers.appropriateness import ClientFacts
from customers.models import ClientNote, Customer, CustomerQuerySet, ImportantDate, StatedSize
from customers.note_rules import RULE_LABELS, NoteRule, RuleKind
from outreach.day import owed, wording

CATEGORIES_AT_MOST = 100
QUOTES_AT_MOST = 2
SOON_DAYS = 30
RULE_CHOICES = tuple((kind.value, words) for kind, words in RULE_LABELS.items())
MONTHS = tuple((number, f"{date(2000, number, 1):%B}") for number in range(1, 13))


@dataclass(frozen=True)
class Jotting:
    """A note; a rule says what she never wants. `retire_url` is "" for who may not retire it."""

    words: str
    small: str
    rule: str = ""
    retire_url: str = ""


@dataclass(frozen=True)
class HerSize:
    """Her size in a category, stated or learned; only a stated one is forgotten."""

    category: str
    size: str
    small: str
    forget_url: str = ""


@dataclass(frozen=True)
class HerDay:
    """A day to remember; `is_soon` within the next weeks."""

    words: str
    small: str
    is_soon: bool
    forget_url: str = ""


@dataclass(frozen=True)
class Known:
    """Her notebook. The addresses are "" for who may only read it."""

    notes: tuple[Jotting, ...]
    sizes: tuple[HerSize, ...]
    days: tuple[HerDay, ...]
    categories: tuple[str, ...]
    add_note_url: str = ""
    add_size_url: str = ""
    add_date_url: str = ""
    rules: tuple[tuple[str, str], ...] = RULE_CHOICES
    months: tuple[tuple[int, str], ...] = MONTHS

    @property
    def quotes(self) -> tuple[Jotting, ...]:
        """Her newest notes in words, for the short answer to who she is."""
        return tuple(note for note in self.notes if note.words)[:QUOTES_AT_MOST]

    @property
    def soon(self) -> tuple[HerDay, ...]:
        return tuple(day for day in self.days if day.is_soon)


def with_notebooks(customers: CustomerQuerySet, *, now: datetime) -> CustomerQuerySet:
    """The same clients, each with her `notebook` for `rows_of`."""
    return customers.annotate(
        notebook=JSONObject(
            notes=_notes(),
            sizes=_sizes(),
            dates=_dates(),
            **owed.columns(now),
            categories=ArraySubquery(
                Category.objects.order_by("name").values("name")[:CATEGORIES_AT_MOST]
            ),
        )
    )


def rows_of(customer: Customer, *, now: datetime) -> Mapping[str, Any]:
    """Her notebook as it was read; a query for a client who was loaded without."""
    if rows := getattr(customer, "notebook", None):
        return rows
    found = with_notebooks(Customer.objects.filter(pk=customer.pk), now=now).only("pk").get()
    asked: Mapping[str, Any] = found.notebook  # type: ignore[attr-defined]
    return asked


def of_client(
    rows: Mapping[str, Any],
    customer: Customer,
    client: ClientFacts,
    store: Store,
    *,
    may_write: bool,
    now: datetime,
) -> Known:
    """Her notebook, drawn; who may not write to her reads it only."""
    urls = _Urls(customer.customer_id) if may_write else NO_URLS
    today = store.local(now).date()
    return Known(
        notes=tuple(_jotting(row, urls, store, now) for row in rows["notes"]),
        sizes=tuple(_her_sizes(rows["sizes"], client, urls)),
        days=tuple(_her_days(rows["dates"], urls, today)),
        categories=tuple(rows["categories"]),
        add_note_url=urls.of("add-note"),
        add_size_url=urls.of("state-size"),
        add_date_url=urls.of("keep-date"),
    )


@dataclass(frozen=True)
class _Urls:
    """Where things are written; nowhere without a client's id."""

    customer_id: str = ""

    def of(self, name: str, *arguments: int) -> str:
        return reverse(name, args=[self.customer_id, *arguments]) if self.customer_id else ""


NO_URLS = _Urls()


def _notes() -> ArraySubquery:
    notes = ClientNote.objects.filter(customer=OuterRef("pk"), retired_at=None)
    signature = Coalesce(
        NullIf("written_by__first_name", Value("")), "written_by__username", Value("")
    )
    row = JSONObject(
        number="pk",
        words="words",
        rule="rule",
        value="value",
        price="price",
        at="written_at",
        by=signature,
    )
    return ArraySubquery(notes.order_by("-written_at", "-pk").values(row=row))


def _sizes() -> ArraySubquery:
    sizes = StatedSize.objects.filter(customer=OuterRef("pk")).order_by()
    return ArraySubquery(
        sizes.values(row=JSONObject(number="pk", category="category__name", size="size"))
    )


def _dates() -> ArraySubquery:
    dates = ImportantDate.objects.filter(customer=OuterRef("pk")).order_by("pk")
    row = JSONObject(number="pk", kind="kind", label="label", month="month", day="day", year="year")
    return ArraySubquery(dates.values(row=row))


def _jotting(row: Mapping[str, Any], urls: _Urls, store: Store, now: datetime) -> Jotting:
    at = datetime.fromisoformat(row["at"])
    day = wording.full_day(store.local(at).date(), on=store.local(now).date())
    return Jotting(
        words=row["words"],
        small=", ".join(filter(None, (row["by"], day))),
        rule=_rule_words(row),
        retire_url=urls.of("retire-note", row["number"]),
    )


def _rule_words(row: Mapping[str, Any]) -> str:
    if not row["rule"]:
        return ""
    price = None if row["price"] is None else Decimal(str(row["price"]))
    return NoteRule(RuleKind(row["rule"]), row["value"], price).says


def _her_sizes(
    stated: Iterable[Mapping[str, Any]], client: ClientFacts, urls: _Urls
) -> Iterable[HerSize]:
    """By category: what she says, else what she last took."""
    said = {row["category"]: row for row in stated}
    for category in sorted({*said, *client.sizes}):
        if row := said.get(category):
            url = urls.of("forget-size", row["number"])
            yield HerSize(category, row["size"], "as she says", url)
        elif wording.is_size(client.sizes[category]):
            yield HerSize(category, client.sizes[category], "last taken")


def _her_days(rows: Iterable[Mapping[str, Any]], urls: _Urls, today: date) -> Iterable[HerDay]:
    """The one that comes next first."""
    dates = [
        (ImportantDate(month=row["month"], day=row["day"]).next_on(today), row) for row in rows
    ]
    for next_on, row in sorted(dates, key=lambda pair: (pair[0], pair[1]["number"])):
        label = row["label"] or ImportantDate.Kind(row["kind"]).label
        year = f" {row['year']}" if row["year"] else ""
        written = date(2000, row["month"], row["day"])
        days = (next_on - today).days
        yield HerDay(
            words=f"{label}: {written.day} {written:%B}{year}",
            small=_until(days),
            is_soon=days <= SOON_DAYS,
            forget_url=urls.of("forget-date", row["number"]),
        )


def _until(days: int) -> str:
    """`today`, `tomorrow`, `in 12 days`; nothing for a day that is far off."""
    if days < 2:
        return ("today", "tomorrow")[days]
    return f"in {days} days" if days <= SOON_DAYS else ""
