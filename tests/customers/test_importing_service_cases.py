from datetime import UTC, datetime
from pathlib import Path

import pytest

from clienteling.feeds import Feed, ImportReport
from customers.importing.service_cases import import_service_cases
from customers.models import ServiceCase
from tests.factories import CustomerFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db

HEADER = "case_id,customer_id,sku,opened_at,closed_at,summary\n"


def load(folder: Path, now: datetime, content: str) -> ImportReport:
    path = folder / "service_cases.csv"
    path.write_text(HEADER + content)
    return import_service_cases(Feed(path), now=now)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.rejected


@pytest.fixture(autouse=True)
def _customer_and_product() -> None:
    CustomerFactory(customer_id="001")
    VariantFactory(sku="L-38", product=ProductFactory(style="LOAFER"))


@pytest.mark.parametrize("sku", ["L-38", "LOAFER"])
def test_import_service_cases_reads_every_column(tmp_path: Path, now: datetime, sku: str) -> None:
    report = load(tmp_path, now, f"C-1,001,{sku},2026-04-02T12:10,2026-04-03T09:00,Heel came off\n")

    case = ServiceCase.objects.get()
    assert counts(report) == (1, 0, 0, 0)
    assert (case.customer.customer_id, case.product.style) == ("001", "LOAFER")
    assert case.opened_at == datetime(2026, 4, 2, 17, 10, tzinfo=UTC)  # Chicago, summer time
    assert case.closed_at == datetime(2026, 4, 3, 14, 0, tzinfo=UTC)
    assert case.summary == "Heel came off"


def test_import_service_cases_closes_a_case_and_opens_it_again(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, "C-1,001,,2026-04-02T12:10,,\n")

    closed = load(tmp_path, now, "C-1,001,,2026-04-02T12:10,2026-04-03T09:00,\n")
    again = load(tmp_path, now, "C-1,001,,2026-04-02T12:10,2026-04-03T09:00,\n")
    opened = load(tmp_path, now, "C-1,001,,2026-04-02T12:10,,\n")

    assert [counts(report) for report in (closed, again, opened)] == [
        (0, 1, 0, 0),
        (0, 0, 1, 0),
        (0, 1, 0, 0),
    ]
    assert ServiceCase.objects.get().closed_at is None


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (",001,,2026-04-02,,", "case_id", "Is blank."),
        ("C-1,009,,2026-04-02,,", "customer_id", "Customer 009 is not known."),
        ("C-1,001,X-1,2026-04-02,,", "sku", "SKU X-1 is not known."),
        ("C-1,001,,soon,,", "opened_at", "Must be a date such as 2026-06-15, or with a time "
         "2026-06-15T14:30."),
        ("C-1,001,,2026-07-02,,", "opened_at", "Lies in the future."),
        ("C-1,001,,2026-04-02T12:00,2026-04-02T11:59,", "closed_at", "Lies before the case was "
         "opened."),
    ],
)  # fmt: skip
def test_import_service_cases_refuses(
    tmp_path: Path, now: datetime, row: str, column: str, reason: str
) -> None:
    report = load(tmp_path, now, f"{row}\n")

    [rejection] = report.rejections
    assert (rejection.line, rejection.column, rejection.reason) == (2, column, reason)
    assert not ServiceCase.objects.exists()
