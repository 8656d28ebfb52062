from datetime import UTC, datetime
from pathlib import Path

import pytest

from clienteling.feeds import Feed, ImportReport
from outreach.importing import import_marketing_sends
from outreach.models import MarketingSend
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

HEADER = "customer_id,sent_at,channel,campaign\n"


def load(folder: Path, now: datetime, content: str, header: str = HEADER) -> ImportReport:
    path = folder / "marketing_sends.csv"
    path.write_text(header + content)
    return import_marketing_sends(Feed(path), now=now)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.rejected


def test_import_marketing_sends_reads_moments_off_her_stores_clock(
    tmp_path: Path, now: datetime
) -> None:
    customer = CustomerFactory(customer_id="001")

    report = load(tmp_path, now, "001,2026-06-10T10:00,email,Spring letter\n")

    mailing = MarketingSend.objects.get()
    assert counts(report) == (1, 0, 0, 0)
    assert (mailing.customer, mailing.channel, mailing.campaign) == (
        customer,
        "email",
        "Spring letter",
    )
    assert mailing.sent_at == datetime(2026, 6, 10, 15, 0, tzinfo=UTC)


def test_import_marketing_sends_twice_changes_nothing(tmp_path: Path, now: datetime) -> None:
    CustomerFactory(customer_id="001")
    row = "001,2026-06-10T10:00:00Z,sms,Spring\n"
    load(tmp_path, now, row)

    again = load(tmp_path, now, row)
    renamed = load(tmp_path, now, "001,2026-06-10T10:00:00Z,sms,Summer\n")
    without = load(tmp_path, now, "001,2026-06-10T10:00:00Z,sms\n", "customer_id,sent_at,channel\n")

    assert [counts(each) for each in (again, renamed, without)] == [
        (0, 0, 1, 0),
        (0, 1, 0, 0),
        (0, 0, 1, 0),
    ]
    assert MarketingSend.objects.get().campaign == "Summer"


def test_import_marketing_sends_refuses_what_cannot_be(tmp_path: Path, now: datetime) -> None:
    CustomerFactory(customer_id="001")

    report = load(
        tmp_path,
        now,
        "002,2026-06-10T10:00,email,\n001,2026-06-17T10:00,email,\n001,2026-06-10T10:00,fax,\n",
    )

    assert counts(report) == (0, 0, 0, 3)
    assert {each.column for each in report.rejections} == {"customer_id", "sent_at", "channel"}
    assert not MarketingSend.objects.exists()
