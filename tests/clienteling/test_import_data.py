import gzip
import io
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Variant
from clienteling.feeds import Feed
from clienteling.management.commands.import_data import Progress, rejects_path
from clienteling.models import Store, User
from customers.importing.purchases import import_purchases
from customers.models import Consent, Customer, LineItem, Purchase, ServiceCase

pytestmark = pytest.mark.django_db

SHOP = Path(__file__).resolve().parent.parent / "data" / "import"


def run(folder: Path, *options: str) -> tuple[int, list[str]]:
    """The exit code, and the lines printed with their times taken off."""
    printed = io.StringIO()
    try:
        call_command("import_data", str(folder), *options, stdout=printed)
    except SystemExit as end:
        code = int(str(end.code))
    except CommandError as error:
        code = error.returncode
        printed.write(f"{error}\n")
    else:
        code = 0
    return code, [line.split(", in ")[0] for line in printed.getvalue().splitlines()]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(SHOP, tmp_path / "shop")
    return tmp_path / "shop"


def test_import_data_loads_a_whole_shop(shop: Path) -> None:
    code, printed = run(shop)

    assert code == 0
    assert printed == [
        "stores.csv: 1 stores read, 1 added, 0 changed, 0 unchanged, 0 refused",
        "staff.csv: 2 members of staff read, 2 added, 0 changed, 0 unchanged, 0 refused",
        "products.csv: 3 products read, 3 added, 0 changed, 0 unchanged, 0 refused",
        "stock.csv: 2 stock levels read, 2 added, 0 changed, 0 unchanged, 0 refused",
        "customers.csv: 2 customers read, 2 added, 0 changed, 0 unchanged, 0 refused",
        "consents.csv: 1 consents read, 1 added, 0 changed, 0 unchanged, 0 refused",
        "purchases.csv: 5 purchase lines read, 5 added, 0 changed, 0 unchanged, 0 refused",
        "service_cases.csv: 1 service cases read, 1 added, 0 changed, 0 unchanged, 0 refused",
        "In all: 17 rows read, 17 added, 0 changed, 0 unchanged, 0 refused",
    ]
    assert not (shop / "rejects.csv").exists()
    elodie = Customer.objects.get(customer_id="001")
    assert (elodie.visit_count, elodie.usual_gap_days) == (3, 35)  # 31 and 38 days


def test_import_data_twice_changes_nothing(shop: Path) -> None:
    run(shop)

    code, printed = run(shop)

    assert code == 0
    assert printed[-1] == "In all: 17 rows read, 0 added, 0 changed, 17 unchanged, 0 refused"


def test_import_data_reads_compressed_files(shop: Path) -> None:
    for path in list(shop.iterdir()):
        path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()

    code, printed = run(shop)

    assert code == 0
    assert printed[-1] == "In all: 17 rows read, 17 added, 0 changed, 0 unchanged, 0 refused"


def test_import_data_loads_the_good_rows_of_a_cut_file(shop: Path) -> None:
    rows = "".join(f"R-{row},1,002,S-1,2026-01-{row % 28 + 1:02},1\n" for row in range(5_000))
    header = "order_id,line,customer_id,sku,purchased_at,quantity\n"
    zipped = gzip.compress((header + rows).encode())
    (shop / "purchases.csv").unlink()
    (shop / "purchases.csv.gz").write_bytes(zipped[: len(zipped) // 2])

    code, _ = run(shop)

    loaded = LineItem.objects.count()
    assert code == 3
    assert 0 < loaded < 5_000
    assert (shop / "rejects.csv").read_text() == (
        "file,line,column,reason,value\n"
        f"purchases.csv.gz,{loaded + 2},,The file is damaged or cut off here: the rows before "
        "were read.,\n"
    )


def test_import_data_dry_run_leaves_nothing(shop: Path) -> None:
    code, printed = run(shop, "--dry-run")

    assert code == 0
    assert printed[-2:] == [
        "In all: Would load: 17 rows read, 17 added, 0 changed, 0 unchanged, 0 refused",
        "This was a dry run: nothing was changed.",
    ]
    for model in (Store, User, Variant, Customer, Purchase, Consent, ServiceCase):
        assert not model.objects.exists()


def test_import_data_refuses_bad_rows_and_loads_good_ones(shop: Path) -> None:
    with (shop / "stock.csv").open("a") as stock:
        stock.write("=X-1,007,1\nS-1,007,-4\n")

    code, printed = run(shop)

    assert code == 3
    assert "stock.csv: 4 stock levels read, 2 added, 0 changed, 0 unchanged, 2 refused" in printed
    assert (shop / "rejects.csv").read_text() == (
        "file,line,column,reason,value\n"
        "stock.csv,5,quantity,Must be 0 or more.,'-4\n"
        "stock.csv,4,sku,SKU =X-1 is not known.,'=X-1\n"
    )


def test_import_data_goes_on_after_a_file_it_cannot_use(shop: Path) -> None:
    (shop / "stock.csv").write_text("sku,amount\nL-38,2\n")

    code, printed = run(shop)

    assert code == 3
    assert (
        "stock.csv: The header lacks store_code and quantity. Nothing of it was loaded." in printed
    )
    assert 'stock.csv,1,"store_code, quantity",The header lacks' in (
        (shop / "rejects.csv").read_text()
    )
    assert LineItem.objects.count() == 5


def test_import_data_writes_refusals_where_asked(shop: Path, tmp_path: Path) -> None:
    (shop / "stock.csv").write_text("sku,store_code,quantity\nnone,007,2\n")

    code, _ = run(shop, "--rejects", str(tmp_path / "refused.csv"))

    assert code == 3
    assert (tmp_path / "refused.csv").read_text().count("\n") == 2
    assert not (shop / "rejects.csv").exists()


def test_import_data_ends_with_1_when_there_is_nothing(tmp_path: Path) -> None:
    code, printed = run(tmp_path)

    assert code == 1
    assert printed[0].startswith("Nothing could be read:")


def test_import_data_ends_with_1_when_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "stores.csv").write_bytes(b"")

    code, printed = run(tmp_path)

    assert code == 1
    assert printed[0] == (
        "stores.csv: The file is empty: a header row is missing. Nothing of it was loaded."
    )


def test_import_data_works_without_stores_staff_and_stock(shop: Path) -> None:
    for name in ("stores.csv", "staff.csv", "stock.csv"):
        (shop / name).unlink()

    code, printed = run(shop)

    assert code == 0
    assert Store.objects.get().name == "007"
    assert "  warning: Associate maya has no account: 1 rows were loaded without." in printed


def test_import_data_prefers_the_plain_file_and_says_so(shop: Path) -> None:
    (shop / "stores.csv.gz").write_bytes(b"not read")

    code, printed = run(shop)

    assert code == 0
    assert printed[0] == "  warning: stores.csv.gz was passed over, stores.csv being there too."


def test_import_data_lets_lines_follow_a_sku_to_its_new_style(shop: Path) -> None:
    run(shop)
    products = shop / "products.csv"
    products.write_text(products.read_text().replace("L-39,LOAFER", "L-39,LOAFER-2"))

    run(shop)

    styles = LineItem.objects.filter(variant__sku="L-39").values_list("product__style", flat=True)
    assert set(styles) == {"LOAFER-2"}


def test_rejects_path_falls_back_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert rejects_path(tmp_path / "no such folder", None) == tmp_path / "rejects.csv"
    assert list(tmp_path.iterdir()) == []


def test_rejects_path_refuses_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        rejects_path(tmp_path, tmp_path / "no such folder" / "refused.csv")


def test_progress_tells_rows_and_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 104.0, 110.0, 110.0])
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    log = io.StringIO()
    progress = Progress("purchases.csv", log)

    progress(10_000)
    progress(50_000)

    assert log.getvalue() == "purchases.csv: 50,000 rows read, 5,000 a second\n"


def test_import_feed_tells_its_progress(shop: Path, now: object) -> None:
    run(shop)
    told: list[int] = []

    import_purchases(Feed(shop / "purchases.csv", progress=told.append), now=now)

    assert told == [5]
