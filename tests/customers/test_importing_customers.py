from datetime import date, datetime
from pathlib import Path

import pytest

from clienteling.feeds import Feed, ImportReport
from customers.importing.customers import import_customers
from customers.models import ContactPoint, Customer
from tests.factories import StoreFactory, UserFactory

pytestmark = pytest.mark.django_db

HEADER = (
    "customer_id,first_name,last_name,email,phone,city,birth_year,joined_on,store_code,associate,"
    "preferred_channel\n"
)
ELODIE = (
    "001,Élodie,O'Brien,Elodie@Example.com,(312) 555-0142,Chicago,1994,2025-01-31,01,maya,sms\n"
)


def load(folder: Path, now: datetime, content: str, *, dry_run: bool = False) -> ImportReport:
    path = folder / "customers.csv"
    path.write_text(content, newline="")
    return import_customers(Feed(path), now=now, dry_run=dry_run)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.rejected


def addresses() -> dict[str, tuple[str, str]]:
    return {
        point.channel: (point.address, point.as_written) for point in ContactPoint.objects.all()
    }


def test_import_customers_reads_every_column(tmp_path: Path, now: datetime) -> None:
    maya = UserFactory(username="maya", store=StoreFactory(code="01"))

    report = load(tmp_path, now, HEADER + ELODIE)

    customer = Customer.objects.get()
    assert counts(report) == (1, 0, 0, 0)
    assert report.warnings == ()
    assert (customer.customer_id, customer.full_name) == ("001", "Élodie O'Brien")
    assert (customer.search_name, customer.search_first_name) == ("o'brien elodie", "elodie")
    assert (customer.city, customer.birth_year) == ("Chicago", 1994)
    assert customer.joined_on == date(2025, 1, 31)
    assert (customer.store, customer.associate) == (maya.store, maya)
    assert customer.preferred_channel == "sms"
    assert addresses() == {
        "email": ("elodie@example.com", "Elodie@Example.com"),
        "sms": ("+13125550142", "(312) 555-0142"),
    }


def test_import_customers_twice_changes_nothing(tmp_path: Path, now: datetime) -> None:
    UserFactory(username="maya", store=StoreFactory(code="01"))
    load(tmp_path, now, HEADER + ELODIE)

    report = load(tmp_path, now, HEADER + ELODIE)

    assert counts(report) == (0, 0, 1, 0)


def test_import_customers_blanks_what_the_file_blanks(tmp_path: Path, now: datetime) -> None:
    UserFactory(username="maya", store=StoreFactory(code="01"))
    load(tmp_path, now, HEADER + ELODIE)

    report = load(tmp_path, now, "customer_id,phone,birth_year,associate\n001,,,\n")

    customer = Customer.objects.get()
    assert counts(report) == (0, 1, 0, 0)
    assert (customer.birth_year, customer.associate) == (None, None)
    assert addresses() == {"email": ("elodie@example.com", "Elodie@Example.com")}
    assert (customer.city, customer.store.code) == ("Chicago", "01")


def test_import_customers_counts_a_changed_address_as_a_change(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, "customer_id,phone\n001,(312) 555-0142\n002,(312) 555-0143\n")

    report = load(tmp_path, now, "customer_id,phone\n001,(312) 555-0199\n002,(312) 555-0143\n")

    assert counts(report) == (0, 1, 1, 0)


@pytest.mark.parametrize(
    ("header", "row", "search_name", "search_first_name"),
    [
        ("customer_id,first_name", "001,Zoë", "o'brien zoe", "zoe"),
        ("customer_id,last_name", "001,Ångström", "angstrom elodie", "elodie"),
        ("customer_id,first_name", "001,", "o'brien", ""),
        ("customer_id,city", "001,Reno", "o'brien elodie", "elodie"),
    ],
)
def test_import_customers_keeps_the_search_name_with_half_a_name(
    tmp_path: Path, now: datetime, header: str, row: str, search_name: str, search_first_name: str
) -> None:
    load(tmp_path, now, "customer_id,first_name,last_name\n001,Élodie,O'Brien\n")

    load(tmp_path, now, f"{header}\n{row}\n")

    customer = Customer.objects.get()
    assert (customer.search_name, customer.search_first_name) == (search_name, search_first_name)


def test_import_customers_keeps_an_unusable_phone_as_written(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, "customer_id,phone\n001,ask her mother\n")

    point = ContactPoint.objects.get()
    assert (point.address, point.as_written) == ("", "ask her mother")
    assert point.unusable_because == "Not a phone number."
    assert counts(report) == (1, 0, 0, 0)
    assert report.warnings == (
        "Line 2, phone: Not a phone number. It was kept as written, and will not be used. "
        "('ask her mother')",
    )


def test_import_customers_keeps_a_carriers_mark_on_the_same_number(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, "customer_id,phone\n001,312 555 0142\n002,312 555 0143\n")
    ContactPoint.objects.update(unusable_because="A landline: it takes no texts.")

    report = load(tmp_path, now, "customer_id,phone\n001,312 555 0142\n002,312 555 0199\n")

    marks = ContactPoint.objects.order_by("address").values_list("address", "unusable_because")
    assert list(marks) == [
        ("+13125550142", "A landline: it takes no texts."),
        ("+13125550199", ""),
    ]
    assert counts(report) == (0, 1, 1, 0)


@pytest.mark.parametrize(("year", "kept"), [("1899", None), ("1900", 1900), ("2026", 2026)])
def test_import_customers_drops_an_absurd_birth_year(
    tmp_path: Path, now: datetime, year: str, kept: int | None
) -> None:
    report = load(tmp_path, now, f"customer_id,birth_year\n001,{year}\n")

    assert Customer.objects.get().birth_year == kept
    assert len(report.warnings) == (kept is None)


@pytest.mark.parametrize("year", ["2027", "94", "unknown"])
def test_import_customers_warns_of_a_year_that_cannot_be(
    tmp_path: Path, now: datetime, year: str
) -> None:
    report = load(tmp_path, now, f"customer_id,birth_year\n001,{year}\n")

    assert Customer.objects.get().birth_year is None
    assert report.warnings == (
        f"Line 2, birth_year: Is not a year from 1900 to 2026: left blank. ({year!r})",
    )


@pytest.mark.parametrize(
    ("header", "row", "column", "reason"),
    [
        ("customer_id,city", ",Reno", "customer_id", "Is blank."),
        ("customer_id,preferred_channel", "1,fax", "preferred_channel", "Must be sms or email."),
        ("customer_id,joined_on", "1,2024-02-30", "joined_on", "There is no such day or time."),
        ("customer_id,city", f"1,{'x' * 121}", "city", "Is longer than 120 characters."),
        (
            *("customer_id,email", '1,"a@example.com\nBcc: b@example.com"', "email"),
            "Holds a line break or another control character.",
        ),
    ],
)
def test_import_customers_refuses(
    tmp_path: Path, now: datetime, header: str, row: str, column: str, reason: str
) -> None:
    report = load(tmp_path, now, f"{header}\n{row}\n")

    [rejection] = report.rejections
    assert (rejection.line, rejection.column, rejection.reason) == (2, column, reason)
    assert not Customer.objects.exists()


def test_import_customers_leaves_out_an_unknown_associate(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, "customer_id,associate\n001,nobody\n002,nobody\n")

    assert report.warnings == ("Associate nobody has no account: 2 rows were loaded without.",)
    assert list(Customer.objects.values_list("associate", flat=True)) == [None, None]


def test_import_customers_names_columns_it_passes_over(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, "customer_id,shoe_size,search_name\n001,38,x\n")

    assert report.warnings == (
        "Columns that mean nothing here were passed over: shoe_size, search_name.",
    )


def test_import_customers_spells_out_a_few_warnings_of_a_kind(
    tmp_path: Path, now: datetime
) -> None:
    rows = "".join(f"{number},x\n" for number in range(25))

    report = load(tmp_path, now, f"customer_id,birth_year\n{rows}")

    assert len(report.warnings) == 11
    assert report.warnings[-1] == (
        "… and 15 more: birth_year: Is not a year from 1900 to 2026: left blank."
    )


def test_import_customers_keeps_names_that_grow_when_folded(tmp_path: Path, now: datetime) -> None:
    load(tmp_path, now, f"customer_id,first_name,last_name\n001,{'ﬃ' * 200},{'ß' * 200}\n")

    customer = Customer.objects.get()
    assert customer.first_name == "ﬃ" * 200
    assert customer.search_first_name == ("ffi" * 100)[:205]


def test_import_customers_leaves_nothing_on_a_dry_run(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, "customer_id\n001\n", dry_run=True)

    assert report.created == 1
    assert not Customer.objects.exists()
