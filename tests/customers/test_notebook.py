"""What an associate writes down, and every place that listens to it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Product
from customers import notebook
from customers.facts import client_facts
from customers.models import ClientNote, Customer, ImportantDate, StatedSize
from customers.note_rules import NoteRule, RuleKind
from customers.notebook import CannotNote, Never
from customers.suggestions import refresh
from tests.factories import (
    NOON,
    BrandFactory,
    CategoryFactory,
    ClientNoteFactory,
    CustomerFactory,
    ImportantDateFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    StatedSizeFactory,
    StockLevelFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

Kind = ImportantDate.Kind


def rules(customer: Customer, *, now: datetime = NOON) -> tuple[NoteRule, ...]:
    return client_facts([customer], now=now)[customer.pk].rules


# --- Notes ----------------------------------------------------------------------------------------
def test_write_takes_words_and_a_rule(now: datetime) -> None:
    customer, maya = CustomerFactory(), UserFactory()
    BrandFactory(name="Marlow")

    note = notebook.write(
        customer,
        words="  rubs at the\n heel ",
        never=Never(RuleKind.BRAND, "mÁrlow"),
        by=maya,
        now=now,
    )

    assert (note.words, note.rule, note.value) == ("rubs at the heel", "brand", "Marlow")
    assert (note.written_by, note.written_at, note.retired_at) == (maya, now, None)


def test_write_the_same_twice_is_one_note(now: datetime) -> None:
    customer, maya = CustomerFactory(), UserFactory()

    first = notebook.write(customer, words="Works in a gallery", by=maya, now=now)
    again = notebook.write(customer, words="Works in a gallery", by=maya, now=now)

    assert first == again
    assert ClientNote.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "never", "sentence"),
    [
        ("  ", None, "The note says nothing."),
        ("", Never(RuleKind.BRAND, " "), "Which one does she never want?"),
        (
            "",
            Never(RuleKind.BRAND, "Marlov"),
            "Nothing here is called “Marlov”: please check the spelling.",
        ),
        ("", Never(RuleKind.PRICE_ABOVE), "Above which price?"),
        ("", Never(RuleKind.PRICE_ABOVE, price=Decimal(0)), "Above which price?"),
    ],
)
def test_write_refuses_what_would_do_nothing(
    words: str, never: Never | None, sentence: str, now: datetime
) -> None:
    with pytest.raises(CannotNote) as refused:
        notebook.write(CustomerFactory(), words=words, never=never, by=UserFactory(), now=now)

    assert refused.value.sentence == sentence
    assert not ClientNote.objects.exists()


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        (RuleKind.CATEGORY, "shoes", "Shoes"),
        (RuleKind.SUBCATEGORY, "LOAFERS", "Loafers"),
        (RuleKind.COLOR, "red", "red"),
        (RuleKind.COLOR, "dark red", "dark red"),
        (RuleKind.MATERIAL, "Suede", "Suede"),
    ],
)
def test_write_uses_the_shops_own_words(
    kind: RuleKind, value: str, written: str, now: datetime
) -> None:
    ProductFactory(color="Dark red")

    note = notebook.write(CustomerFactory(), never=Never(kind, value), by=UserFactory(), now=now)

    assert note.value == written


def test_write_stops_at_a_notebook_that_is_full(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "MOST_NOTES", 1)
    customer = ClientNoteFactory().customer

    with pytest.raises(CannotNote, match="put away what no longer counts"):
        notebook.write(customer, words="And another", by=UserFactory(), now=now)


def test_retired_note_counts_no_more_and_stays(now: datetime) -> None:
    note = ClientNoteFactory(rule="brand", value="Marlow")

    assert notebook.retire(note.customer, note.pk, by=UserFactory(), now=now)

    assert rules(note.customer, now=now) == ()
    assert len(rules(note.customer, now=now - timedelta(seconds=1))) == 1
    assert ClientNote.objects.get().retired_at == now
    assert not notebook.retire(note.customer, note.pk, by=UserFactory(), now=now)


def test_retire_leaves_other_clients_notes(now: datetime) -> None:
    note = ClientNoteFactory()

    assert not notebook.retire(CustomerFactory(), note.pk, by=UserFactory(), now=now)
    assert ClientNote.objects.get().retired_at is None


def test_a_rule_must_be_whole() -> None:
    for odd in (
        {"rule": "brand"},
        {"rule": "price_above"},
        {"rule": "price_above", "value": "x", "price": Decimal(9)},
        {"rule": "shape", "value": "x"},
        {"rule": "", "words": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClientNoteFactory(**odd)


# --- As the rules read it -------------------------------------------------------------------------
def test_rules_say_by_whom_and_when_in_the_days_of_her_store(now: datetime) -> None:
    late = datetime(2026, 5, 4, 4, 30, tzinfo=UTC)  # still 3 May in Chicago
    customer = CustomerFactory()
    by_maya = UserFactory(first_name="Maya")
    ClientNoteFactory(
        customer=customer, rule="brand", value="M", written_by=by_maya, written_at=late
    )
    ClientNoteFactory(customer=customer, rule="price_above", price=Decimal("300.50"))
    ClientNoteFactory(customer=customer, words="Works in a gallery")

    found = sorted(rules(customer), key=lambda rule: rule.kind)

    assert found == [
        NoteRule(RuleKind.BRAND, "M", None, "noted by Maya on 3 May"),
        NoteRule(RuleKind.PRICE_ABOVE, "", Decimal("300.5"), "noted on 3 May"),
    ]


def test_rules_name_the_year_of_an_old_note(now: datetime) -> None:
    two_years_ago = now.replace(year=2024)

    note = ClientNoteFactory(rule="brand", value="M", written_at=two_years_ago)

    assert rules(note.customer)[0].noted == "noted on 15 June 2024"


def test_stated_size_goes_before_the_one_last_bought(now: datetime) -> None:
    customer = CustomerFactory()
    boots = CategoryFactory(name="Boots")
    order = PurchaseFactory(customer=customer)
    LineItemFactory(purchase=order, variant=VariantFactory(size="38"))
    LineItemFactory(purchase=order, variant=VariantFactory(size="40", product__category=boots))
    StatedSizeFactory(customer=customer, size="39", stated_at=now)

    facts = client_facts([customer], now=now)[customer.pk]
    before = client_facts([customer], now=now - timedelta(seconds=1))[customer.pk]

    assert facts.sizes == {"Shoes": "39", "Boots": "40"}
    assert before.sizes == {"Shoes": "38", "Boots": "40"}


# --- The night ------------------------------------------------------------------------------------
def lapsed(now: datetime) -> Customer:
    customer = CustomerFactory(last_purchase_at=now - timedelta(days=120))
    order = PurchaseFactory(customer=customer, purchased_at=now - timedelta(days=120))
    old = ProductFactory(launched_on=(now - timedelta(days=400)).date())
    LineItemFactory(purchase=order, variant=VariantFactory(product=old, size="38"))
    return customer


def proposed(customer: Customer) -> set[int]:
    return set(customer.suggestions.values_list("product_id", flat=True))


def test_the_night_proposes_nothing_that_a_note_rules_out(now: datetime) -> None:
    strict, easy = lapsed(now), lapsed(now)
    never = ProductFactory.create_batch(4, brand=BrandFactory(name="Marlow"))
    welcome = ProductFactory.create_batch(4)
    ClientNoteFactory(customer=strict, rule="brand", value="Marlow")

    refresh(as_of=now, now=now)

    assert proposed(strict) == {product.pk for product in welcome}
    assert proposed(easy) == {product.pk for product in [*never, *welcome]}


def test_the_night_looks_for_the_size_she_stated(now: datetime) -> None:
    customer = lapsed(now)
    in_38, in_39 = (arrival_in(size, customer) for size in ("38", "39"))
    StatedSizeFactory(customer=customer, size="39")

    refresh(as_of=now, now=now)

    assert proposed(customer) == {in_39.pk}
    assert in_38.pk not in proposed(customer)


def arrival_in(size: str, customer: Customer) -> Product:
    product = ProductFactory()
    variant = VariantFactory(product=product, size=size)
    StockLevelFactory(variant=variant, store=customer.store)
    return product


# --- Sizes ----------------------------------------------------------------------------------------
def test_state_size_is_spelled_as_the_shop_does_and_replaces_the_former(now: datetime) -> None:
    customer, knitwear, maya = CustomerFactory(), CategoryFactory(name="Knitwear"), UserFactory()
    for size in ("M", "XL"):
        VariantFactory(size=size, product__category=knitwear)

    notebook.state_size(customer, knitwear, " m ", by=maya, now=now)
    notebook.state_size(customer, knitwear, "xl", by=maya, now=now)

    assert [(each.size, each.noted_by) for each in StatedSize.objects.all()] == [("XL", maya)]


@pytest.mark.parametrize("size", ["380", "", "L"])
def test_state_size_refuses_what_nothing_comes_in(size: str, now: datetime) -> None:
    shoes = VariantFactory(size="38").product.category
    VariantFactory(size="L", product__category=CategoryFactory(name="Knitwear"))

    with pytest.raises(CannotNote, match="Nothing in shoes comes in size"):
        notebook.state_size(CustomerFactory(), shoes, size, by=UserFactory(), now=now)


def test_forget_size_lets_her_purchases_decide_again() -> None:
    stated = StatedSizeFactory()

    assert not notebook.forget_size(CustomerFactory(), stated.pk)
    assert notebook.forget_size(stated.customer, stated.pk)
    assert not StatedSize.objects.exists()


# --- Days to remember -----------------------------------------------------------------------------
def test_keep_date_has_one_birthday_and_many_other_days(now: datetime) -> None:
    customer, maya = CustomerFactory(), UserFactory()
    keep = {"by": maya, "now": now}

    notebook.keep_date(customer, Kind.BIRTHDAY, month=6, day=20, **keep)
    notebook.keep_date(customer, Kind.BIRTHDAY, month=6, day=21, year=1990, **keep)
    notebook.keep_date(customer, Kind.OTHER, month=9, day=1, label="  The gallery opens ", **keep)
    notebook.keep_date(customer, Kind.OTHER, month=9, day=1, label="A name day", **keep)
    notebook.keep_date(customer, Kind.OTHER, month=9, day=1, label="A name day", **keep)

    kept = customer.important_dates.values_list("kind", "month", "day", "year", "label")
    assert sorted(kept, key=str) == [
        ("birthday", 6, 21, 1990, ""),
        ("other", 9, 1, None, "A name day"),
        ("other", 9, 1, None, "The gallery opens"),
    ]


@pytest.mark.parametrize(
    ("month", "day", "year", "sentence"),
    [
        (2, 30, None, "There is no such day."),
        (13, 1, None, "There is no such day."),
        (2, 29, 2023, "There is no such day."),
        (6, 20, 1800, "The year lies outside a life; leave it out where it is not known."),
        (6, 16, 2026, "The year lies outside a life; leave it out where it is not known."),
    ],
)
def test_keep_date_refuses_days_that_are_none(
    month: int, day: int, year: int | None, sentence: str, now: datetime
) -> None:
    with pytest.raises(CannotNote) as refused:
        notebook.keep_date(
            CustomerFactory(),
            Kind.BIRTHDAY,
            month=month,
            day=day,
            year=year,
            by=UserFactory(),
            now=now,
        )

    assert refused.value.sentence == sentence


def test_forget_date_is_about_her_days_alone() -> None:
    kept = ImportantDateFactory()

    assert not notebook.forget_date(CustomerFactory(), kept.pk)
    assert notebook.forget_date(kept.customer, kept.pk)


@pytest.mark.parametrize(
    ("month", "day", "today", "expected"),
    [
        (6, 20, date(2026, 6, 15), date(2026, 6, 20)),
        (6, 15, date(2026, 6, 15), date(2026, 6, 15)),
        (6, 14, date(2026, 6, 15), date(2027, 6, 14)),
        (2, 29, date(2026, 6, 15), date(2027, 2, 28)),
        (2, 29, date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_important_date_comes_next_on(month: int, day: int, today: date, expected: date) -> None:
    assert ImportantDate(month=month, day=day).next_on(today) == expected


@pytest.mark.parametrize(("month", "day"), [(2, 30), (4, 31), (0, 1), (1, 32)])
def test_important_date_that_does_not_exist_is_refused_by_the_database(
    month: int, day: int
) -> None:
    with pytest.raises(IntegrityError):
        ImportantDateFactory(month=month, day=day)
