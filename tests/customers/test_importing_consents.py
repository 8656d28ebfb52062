from datetime import UTC, datetime
from pathlib import Path

import pytest

from clienteling.feeds import Feed, ImportReport
from customers.importing.consents import import_consents
from customers.models import Consent, ConsentEvent, Suppression
from tests.factories import ConsentFactory, ContactPointFactory, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db

HEADER = "customer_id,channel,state,recorded_at,source\n"


def load(folder: Path, now: datetime, content: str) -> ImportReport:
    path = folder / "consents.csv"
    path.write_text(HEADER + content)
    return import_consents(Feed(path), now=now)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.rejected


def test_import_consents_enters_the_ledger_and_says_where_she_stands(
    tmp_path: Path, now: datetime
) -> None:
    CustomerFactory(customer_id="001")

    report = load(tmp_path, now, "001,sms,opted_in,2026-01-31T10:00,signed at the till\n")

    event, consent = ConsentEvent.objects.get(), Consent.objects.get()
    assert counts(report) == (1, 0, 0, 0)
    assert (event.state, event.source) == ("opted_in", "signed at the till")
    assert event.recorded_at == datetime(2026, 1, 31, 16, 0, tzinfo=UTC)  # ten in Chicago
    assert event.entered_at == now
    assert (consent.state, consent.since) == ("opted_in", event.recorded_at)


def test_import_consents_twice_changes_nothing(tmp_path: Path, now: datetime) -> None:
    CustomerFactory(customer_id="001")
    row = "001,sms,opted_in,2026-01-31T10:00,signed at the till\n"
    load(tmp_path, now, row)

    report = load(tmp_path, now, row)

    assert counts(report) == (0, 0, 1, 0)
    assert ConsentEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        (("opted_out,2026-02-01T10:00", "opted_in,2026-01-01T10:00"), "opted_out"),
        (("opted_out,2026-01-01T10:00", "opted_in,2026-02-01T10:00"), "opted_in"),
        (("opted_in,2026-01-01T10:00", "opted_out,2026-01-01T10:00"), "opted_out"),
        (("opted_out,2026-01-01T10:00", "opted_in,2026-01-01T10:00"), "opted_out"),
    ],
)
def test_import_consents_lets_the_latest_word_stand(
    tmp_path: Path, now: datetime, rows: tuple[str, str], state: str
) -> None:
    CustomerFactory(customer_id="001")

    load(tmp_path, now, "".join(f"001,sms,{row},form\n" for row in rows))

    assert Consent.objects.get().state == state


def test_import_consents_does_not_let_an_old_yes_overrule_a_newer_no(
    tmp_path: Path, now: datetime
) -> None:
    customer = CustomerFactory(customer_id="001")
    ConsentFactory(customer=customer, state="opted_out", since=now)

    load(tmp_path, now, "001,sms,opted_in,2026-01-31T10:00,form\n")

    assert Consent.objects.get().state == "opted_out"


def test_import_consents_never_lifts_a_suppression(tmp_path: Path, now: datetime) -> None:
    first, second = CustomerFactory(customer_id="001"), CustomerFactory(customer_id="002")
    for customer in (first, second):  # one number, two people
        ContactPointFactory(customer=customer, address="+13125550142")
    suppression = Suppression.objects.create(
        channel="sms", address="+13125550142", reason="stop-word", suppressed_at=now
    )

    report = load(
        tmp_path,
        now,
        "001,sms,opted_in,2026-06-15T11:00,form\n002,sms,opted_in,2026-06-15T11:00,form\n"
        "001,email,opted_in,2026-06-15T11:00,form\n",
    )

    suppression.refresh_from_db()
    assert suppression.lifted_at is None
    assert report.warnings == ("2 say yes for a suppressed address: they stay suppressed.",)
    assert report.created == 3


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("002,sms,opted_in,2026-01-31,", "customer_id", "Customer 002 is not known."),
        ("001,fax,opted_in,2026-01-31,", "channel", "Must be sms or email."),
        ("001,sms,maybe,2026-01-31,", "state", "Must be opted_in or opted_out."),
        ("001,sms,opted_in,,", "recorded_at", "Is blank."),
        ("001,sms,opted_in,2026-06-31,", "recorded_at", "There is no such day or time."),
        ("001,sms,opted_in,2026-06-16T17:00:01Z,", "recorded_at", "Lies in the future."),
    ],
)
def test_import_consents_refuses(
    tmp_path: Path, now: datetime, row: str, column: str, reason: str
) -> None:
    CustomerFactory(customer_id="001")

    report = load(tmp_path, now, f"{row}\n")

    [rejection] = report.rejections
    assert (rejection.line, rejection.column, rejection.reason) == (2, column, reason)
    assert not ConsentEvent.objects.exists()


def test_import_consents_keeps_the_wording_and_who_heard_it(tmp_path: Path, now: datetime) -> None:
    CustomerFactory(customer_id="001")
    maya = UserFactory(username="maya")
    path = tmp_path / "consents.csv"
    path.write_text(
        "customer_id,channel,state,recorded_at,wording,recorded_by\n"
        "001,sms,opted_in,2026-01-31T10:00,Text me about new arrivals.,maya\n"
        "001,email,opted_in,2026-01-31T10:00,,somebody who left\n"
    )

    import_consents(Feed(path), now=now)

    text, mail = ConsentEvent.objects.get(channel="sms"), ConsentEvent.objects.get(channel="email")
    assert (text.evidence, text.recorded_by) == ({"wording": "Text me about new arrivals."}, maya)
    assert (mail.evidence, mail.recorded_by) == ({"recorded_by": "somebody who left"}, None)
