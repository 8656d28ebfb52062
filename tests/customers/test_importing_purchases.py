from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from clienteling import staging
from clienteling.feeds import Feed, ImportReport
from clienteling.models import Store
from customers.importing.purchases import follow_variants, import_purchases
from customers.models import Customer, LineItem, Purchase
from tests.factories import (
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    StoreFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

HEADER = (
    "order_id,line,customer_id,sku,purchased_at,quantity,unit_price,channel,store_code,associate\n"
)
FIRST = "A-1,1,001,L-38,2026-01-10T12:00,1,265.00,pos,01,maya\n"
SECOND = "A-1,2,001,S-1,2026-01-10T12:00,2,40.00,pos,01,maya\n"
THIRD = "A-2,1,002,S-1,2026-02-10T12:00,1,40.00,online,,\n"


@pytest.fixture(autouse=True)
def _shop() -> None:
    UserFactory(username="maya", store=StoreFactory(code="01"))
    for sku in ("L-38", "S-1"):
        VariantFactory(sku=sku, product=ProductFactory(style=f"style {sku}"))
    for code in ("001", "002"):
        CustomerFactory(customer_id=code, store=None)


def load(
    folder: Path, now: datetime, content: str, *, header: str = HEADER, dry_run: bool = False
) -> ImportReport:
    path = folder / "purchases.csv"
    path.write_text(header + content)
    return import_purchases(Feed(path), now=now, dry_run=dry_run)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.rejected


def standing_of(code: str) -> tuple[int, Decimal]:
    customer = Customer.objects.get(customer_id=code)
    return customer.visit_count, customer.net_spend


def test_import_purchases_reads_every_column(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, FIRST + SECOND)

    purchase = Purchase.objects.get()
    first, second = purchase.lines.order_by("line")
    noon = datetime(2026, 1, 10, 18, 0, tzinfo=UTC)  # in Chicago
    assert counts(report) == (2, 0, 0, 0)
    assert (purchase.order_id, purchase.customer.customer_id) == ("A-1", "001")
    assert (purchase.store.code, purchase.associate.username) == ("01", "maya")
    assert (purchase.channel, purchase.purchased_at) == ("pos", noon)
    assert (first.variant.sku, first.product.style) == ("L-38", "style L-38")
    assert (first.quantity, first.unit_price) == (1, Decimal("265.00"))
    assert (second.quantity, second.purchased_at) == (2, noon)
    assert standing_of("001") == (1, Decimal("345.00"))


def test_import_purchases_twice_changes_nothing(tmp_path: Path, now: datetime) -> None:
    load(tmp_path, now, FIRST + SECOND + THIRD)
    before = list(LineItem.objects.order_by("pk").values())

    report = load(tmp_path, now, FIRST + SECOND + THIRD)

    assert counts(report) == (0, 0, 3, 0)
    assert list(LineItem.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-10T12:00", datetime(2026, 1, 10, 18, 0, tzinfo=UTC)),
        ("2026-01-10 12:00:30.5", datetime(2026, 1, 10, 18, 0, 30, 500_000, tzinfo=UTC)),
        ("2026-01-10", datetime(2026, 1, 10, 6, 0, tzinfo=UTC)),
        ("2026-01-10T12:00Z", datetime(2026, 1, 10, 12, 0, tzinfo=UTC)),
        ("2026-01-10T12:00+05:30", datetime(2026, 1, 10, 6, 30, tzinfo=UTC)),
        ("2026-06-10T12:00", datetime(2026, 6, 10, 17, 0, tzinfo=UTC)),
    ],
)
def test_import_purchases_reads_moments_off_the_stores_clock(
    tmp_path: Path, now: datetime, written: str, moment: datetime
) -> None:
    load(tmp_path, now, f"A-1,1,001,L-38,{written},1,265.00,pos,01,maya\n")

    assert LineItem.objects.get().purchased_at == moment


def test_import_purchases_without_a_store_reads_moments_in_utc(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, THIRD)

    assert LineItem.objects.get().purchased_at == datetime(2026, 2, 10, 12, 0, tzinfo=UTC)


def test_import_purchases_corrects_a_line_and_no_other_customer(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, FIRST + SECOND + THIRD)
    Customer.objects.filter(customer_id="002").update(visit_count=77)  # would be mended if touched

    report = load(tmp_path, now, FIRST.replace("265.00", "200.00") + SECOND + THIRD)

    assert counts(report) == (0, 1, 2, 0)
    assert standing_of("001") == (1, Decimal("280.00"))
    assert standing_of("002")[0] == 77


def test_import_purchases_takes_a_late_return_of_a_known_order(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, FIRST + SECOND + THIRD)

    report = load(tmp_path, now, "A-1,3,001,L-38,2026-03-01T12:00,-1,265.00,online,99,\n")

    purchase = Purchase.objects.get(order_id="A-1")
    assert counts(report) == (1, 0, 0, 0)
    assert (purchase.channel, purchase.store.code) == ("pos", "01")
    assert purchase.purchased_at == datetime(2026, 1, 10, 18, 0, tzinfo=UTC)
    assert standing_of("001") == (1, Decimal("80.00"))


def test_import_purchases_keeps_an_order_as_old_as_its_oldest_line(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, FIRST)

    load(tmp_path, now, FIRST.replace("2026-01-10", "2026-01-12"))

    assert Purchase.objects.get().purchased_at == datetime(2026, 1, 12, 18, 0, tzinfo=UTC)


def test_import_purchases_changes_what_an_order_says_as_a_whole(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, THIRD)

    report = load(tmp_path, now, THIRD.replace("online,,", "pos,,maya"))

    purchase = Purchase.objects.get()
    assert counts(report) == (0, 1, 0, 0)
    assert (purchase.channel, purchase.associate.username) == ("pos", "maya")


def test_import_purchases_leaves_columns_the_file_lacks(tmp_path: Path, now: datetime) -> None:
    load(tmp_path, now, FIRST.replace("T12:00", "T12:00Z"))

    report = load(
        tmp_path,
        now,
        "A-1,1,001,L-38,2026-01-10T12:00Z,1\n",
        header="order_id,line,customer_id,sku,purchased_at,quantity\n",
    )

    assert counts(report) == (0, 0, 1, 0)
    assert LineItem.objects.get().unit_price == Decimal("265.00")
    assert Purchase.objects.get().store.code == "01"


def test_import_purchases_refuses_a_second_customer_in_an_order(
    tmp_path: Path, now: datetime
) -> None:
    report = load(tmp_path, now, FIRST + SECOND.replace(",001,", ",002,"))

    [rejection] = report.rejections
    assert (rejection.line, rejection.column, rejection.value) == (3, "customer_id", "002")
    assert rejection.reason == "Order A-1 belongs to customer 001."
    assert LineItem.objects.get().line == 1


def test_import_purchases_refuses_to_take_an_order_line_by_line(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path, now, FIRST + SECOND)

    report = load(tmp_path, now, SECOND.replace(",001,", ",002,"))

    assert counts(report) == (0, 0, 0, 1)
    assert report.rejections[0].reason == "Order A-1 belongs to customer 001."
    assert Purchase.objects.get().customer.customer_id == "001"


def test_import_purchases_moves_an_order_told_as_a_whole(tmp_path: Path, now: datetime) -> None:
    load(tmp_path, now, FIRST + SECOND)

    report = load(tmp_path, now, (FIRST + SECOND).replace(",001,", ",002,"))

    assert counts(report) == (0, 2, 0, 0)
    assert Purchase.objects.get().customer.customer_id == "002"
    assert (standing_of("001"), standing_of("002")) == ((0, 0), (1, Decimal("345.00")))


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A,1,009,S-1,2026-01-10,1,9", "customer_id", "Customer 009 is not known."),
        ("A,1,01,S-1,2026-01-10,1,9", "customer_id", "Customer 01 is not known."),
        ("A,1,001,X,2026-01-10,1,9", "sku", "SKU X is not known."),
        ("A,1,001,S-1,2026-01-10,0,9", "quantity", "Must not be 0."),
        ("A,1,001,S-1,2026-01-10,1.5,9", "quantity", "Must be a whole number."),
        ("A,1,001,S-1,2026-01-10,,9", "quantity", "Is blank."),
        ("A,one,001,S-1,2026-01-10,1,9", "line", "Must be a whole number."),
        ("A,1,001,S-1,2026-01-10,1,-9", "unit_price", "Must not be negative."),
        ("A,1,001,S-1,2026-02-30,1,9", "purchased_at", "There is no such day or time."),
        ("A,1,001,S-1,2026-01-10T25:00,1,9", "purchased_at", "There is no such day or time."),
        ("A,1,001,S-1,2026-06-16T17:00:01Z,1,9", "purchased_at", "Lies in the future."),
        (",1,001,S-1,2026-01-10,1,9", "order_id", "Is blank."),
    ],
)
def test_import_purchases_refuses(
    tmp_path: Path, now: datetime, row: str, column: str, reason: str
) -> None:
    report = load(tmp_path, now, f"{row},,,\n{THIRD}")

    [rejection] = report.rejections
    assert (rejection.line, rejection.column, rejection.reason) == (2, column, reason)
    assert counts(report) == (1, 0, 0, 1)
    assert Purchase.objects.get().order_id == "A-2"


def test_import_purchases_takes_a_till_a_day_ahead(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, "A,1,001,S-1,2026-06-16T17:00:00Z,1,9,,,\n")

    assert counts(report) == (1, 0, 0, 0)


def test_import_purchases_refuses_a_channel_that_is_none(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, FIRST.replace(",pos,", ",fax,"))

    assert report.rejections[0].reason == "Must be pos or online."


def test_import_purchases_tells_repeats_from_contradictions(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, FIRST + FIRST + FIRST.replace("265.00", "1.00"))

    assert counts(report) == (1, 0, 0, 1)
    assert report.repeated == 1
    assert report.rejections[0].reason == "Says otherwise than line 2, which was kept."
    assert LineItem.objects.get().unit_price == Decimal("265.00")


def test_import_purchases_adds_a_store_that_nobody_described(tmp_path: Path, now: datetime) -> None:
    load(tmp_path, now, FIRST.replace(",01,", ",0099,"))

    assert Purchase.objects.get().store == Store.objects.get(code="0099")


def test_import_purchases_loads_without_a_price(tmp_path: Path, now: datetime) -> None:
    load(tmp_path, now, FIRST.replace("265.00", ""))

    assert LineItem.objects.get().unit_price is None
    assert standing_of("001") == (1, 0)


def test_import_purchases_leaves_nothing_on_a_dry_run(tmp_path: Path, now: datetime) -> None:
    report = load(tmp_path, now, FIRST.replace(",01,", ",0099,"), dry_run=True)

    assert report.created == 1
    assert not Purchase.objects.exists()
    assert not Store.objects.filter(code="0099").exists()
    assert standing_of("001") == (0, 0)


def test_import_purchases_comes_to_the_same_by_way_of_bare_tables(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = staging.all_rows(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'customers_lineitem'::regclass"
        " UNION SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = 'customers_lineitem'::regclass ORDER BY 1"
    )
    monkeypatch.setattr(staging, "WORTH_LOADING_BARE", 1)

    report = load(tmp_path, now, FIRST + SECOND + THIRD)

    assert counts(report) == (3, 0, 0, 0)
    assert standing_of("001") == (1, Decimal("345.00"))
    assert shape == staging.all_rows(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'customers_lineitem'::regclass"
        " UNION SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = 'customers_lineitem'::regclass ORDER BY 1"
    )


def test_follow_variants_gives_lines_the_style_of_their_sku() -> None:
    line = LineItemFactory()
    other = ProductFactory()
    line.variant.product = other
    line.variant.save()

    assert follow_variants() == 1
    assert follow_variants() == 0

    line.refresh_from_db()
    assert line.product == other
