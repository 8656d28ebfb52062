from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.importing import import_products, import_stock
from catalog.models import Brand, Product, StockLevel, Variant
from clienteling.feeds import Feed, ImportReport
from clienteling.models import Store
from tests.factories import StockLevelFactory, StoreFactory, VariantFactory

pytestmark = pytest.mark.django_db

WHOLE_ROW = (
    "sku,style,size,name,brand,category,subcategory,color,gender,price,launched_on,attributes,"
    "image\n"
    "L-38,LOAFER,38,Élan loafer,Fenn,Shoes,Loafers,Cognac,Women,265,2026-06-01,"
    '"{""heel"": 1}",a/b.svg\n'
)
NO_AMOUNT = "Must be an amount such as 1234.50: no thousands mark, no currency sign."
NO_SUCH_DAY = "There is no such day or time."
NO_DATE = "Must be a date such as 2026-06-15, or with a time 2026-06-15T14:30."
TOO_EARLY = "Is before the year 1900 or out of all bounds."
NO_OBJECT = 'Must be a JSON object such as {"heel": "flat"}.'


def load_products(
    folder: Path, now: datetime, content: str | bytes, *, dry_run: bool = False
) -> ImportReport:
    path = folder / "products.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return import_products(Feed(path), now=now, dry_run=dry_run)


def load_stock(folder: Path, now: datetime, content: str) -> ImportReport:
    path = folder / "stock.csv"
    path.write_text(content)
    return import_stock(Feed(path), now=now)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.rejected


def test_import_products_reads_every_column(tmp_path: Path, now: datetime) -> None:
    report = load_products(tmp_path, now, WHOLE_ROW)

    product = Product.objects.get()
    assert counts(report) == (1, 0, 0, 0)
    assert (product.style, product.name, product.search_name) == (
        *("LOAFER", "Élan loafer", "elan loafer"),
    )
    assert (product.brand.name, product.category.name) == ("Fenn", "Shoes")
    assert (product.subcategory, product.color, product.gender) == ("Loafers", "Cognac", "women")
    assert (product.price, product.launched_on) == (Decimal("265.00"), date(2026, 6, 1))
    assert (product.attributes, product.image) == ({"heel": 1}, "a/b.svg")
    assert (product.variants.get().size, product.variants.get().price) == ("38", None)


def test_import_products_twice_changes_nothing(tmp_path: Path, now: datetime) -> None:
    load_products(tmp_path, now, WHOLE_ROW)

    report = load_products(tmp_path, now, WHOLE_ROW)

    assert counts(report) == (0, 0, 1, 0)


def test_import_products_keeps_codes_to_the_letter(tmp_path: Path, now: datetime) -> None:
    load_products(tmp_path, now, "sku,name\n007,Seven\n7,Another\n7E5,Third\n")

    assert sorted(Variant.objects.values_list("sku", "product__style")) == [
        ("007", "007"),
        ("7", "7"),
        ("7E5", "7E5"),
    ]


def test_import_products_gives_a_size_a_price_only_where_it_differs(
    tmp_path: Path, now: datetime
) -> None:
    load_products(
        tmp_path,
        now,
        "sku,style,name,price\nA,S,Boot,100\nB,S,Boot,100.00\nC,S,Boot,120\nD,S,Boot,\n",
    )

    assert Product.objects.get().price == Decimal("100.00")
    assert list(Variant.objects.order_by("sku").values_list("price", flat=True)) == [
        *(None, None, Decimal("120.00"), None),
    ]


def test_import_products_follows_the_first_size_and_warns(tmp_path: Path, now: datetime) -> None:
    report = load_products(tmp_path, now, "sku,style,name\nA,S,Boot\nB,S,Shoe\n")

    assert Product.objects.get().name == "Boot"
    assert report.warnings == ("Line 3, name: the sizes of style S differ; line 2 was followed.",)
    assert report.created == 2


def test_import_products_leaves_columns_the_file_lacks(tmp_path: Path, now: datetime) -> None:
    load_products(tmp_path, now, WHOLE_ROW)

    report = load_products(tmp_path, now, "sku,style,name,color\nL-38,LOAFER,Renamed,\n")

    product = Product.objects.get()
    assert counts(report) == (0, 1, 0, 0)
    assert (product.name, product.search_name, product.color) == ("Renamed", "renamed", "")
    assert (product.brand.name, product.price) == ("Fenn", Decimal("265.00"))
    assert product.variants.get().size == "38"


def test_import_products_counts_every_size_of_a_changed_style(
    tmp_path: Path, now: datetime
) -> None:
    load_products(tmp_path, now, "sku,style,name\nA,S,Boot\nB,S,Boot\nC,T,Shoe\n")

    report = load_products(tmp_path, now, "sku,style,name\nA,S,New\nB,S,New\nC,T,Shoe\n")

    assert counts(report) == (0, 2, 1, 0)


@pytest.mark.parametrize(
    ("header", "row", "column", "reason"),
    [
        ("sku,name", ",Boot", "sku", "Is blank."),
        ("sku,name", "A, ", "name", "Is blank."),
        ("sku,name", f"{'A' * 65},Boot", "sku", "Is longer than 64 characters."),
        ("sku,name", f"A,{'B' * 201}", "name", "Is longer than 200 characters."),
        ("sku,name", "A,Bo\0ot", "name", "Holds a NUL byte."),
        ("sku,name", "A,Bo\x07ot", "name", "Holds a control character."),
        ("sku,name,price", "A,Boot,-1", "price", "Must not be negative."),
        ("sku,name,price", "A,Boot,NaN", "price", NO_AMOUNT),
        ("sku,name,price", 'A,Boot,"1,234.50"', "price", NO_AMOUNT),
        ("sku,name,price", "A,Boot,99999999999", "price", "Is too large."),
        ("sku,name,launched_on", "A,Boot,2024-02-30", "launched_on", NO_SUCH_DAY),
        ("sku,name,launched_on", "A,Boot,01/02/2024", "launched_on", NO_DATE),
        ("sku,name,launched_on", "A,Boot,0024-02-03", "launched_on", TOO_EARLY),
        ("sku,name,attributes", "A,Boot,[1]", "attributes", NO_OBJECT),
        ("sku,name,attributes", "A,Boot,{heel", "attributes", NO_OBJECT),
        ("sku,name,attributes", 'A,Boot,"{""a"": ""\\u0000""}"', "attributes", NO_OBJECT),
        ("sku,name,attributes", 'A,Boot,"{""a"": NaN}"', "attributes", NO_OBJECT),
    ],
)
def test_import_products_refuses_a_row_with(
    tmp_path: Path, now: datetime, header: str, row: str, column: str, reason: str
) -> None:
    filler = "," * (header.count(",") - 1)
    report = load_products(tmp_path, now, f"{header}\n{row}\nGOOD,Boot{filler}\n")

    [rejection] = report.rejections
    assert (rejection.file, rejection.line) == ("products.csv", 2)
    assert (rejection.column, rejection.reason) == (column, reason)
    assert counts(report) == (1, 0, 0, 1)
    assert Variant.objects.get().sku == "GOOD"


def test_import_products_refuses_latin_1_bytes_and_loads_the_rest(
    tmp_path: Path, now: datetime
) -> None:
    report = load_products(tmp_path, now, b"sku,name,color\nA,caf\xe9,red\nB,Boot,\xc3\xa9cru\n")

    [rejection] = report.rejections
    assert (rejection.line, rejection.column) == (2, "name")
    assert rejection.reason == "Is not UTF-8: save the file as UTF-8."
    assert Product.objects.get().color == "écru"


def test_import_products_tells_every_bad_cell_of_a_row(tmp_path: Path, now: datetime) -> None:
    report = load_products(tmp_path, now, "sku,name,price\nA,,x\n")

    assert [rejection.column for rejection in report.rejections] == ["name", "price"]
    assert report.rejected == 1


@pytest.mark.parametrize(
    "image",
    ["/etc/passwd", "../secret.png", "a/../../b.png", "a\\b.png", "https://example.com/a.png"],
)
def test_import_products_drops_a_picture_that_leads_elsewhere(
    tmp_path: Path, now: datetime, image: str
) -> None:
    report = load_products(tmp_path, now, f"sku,name,image\nA,Boot,{image}\n")

    assert Product.objects.get().image == ""
    assert report.warnings == (
        f"Line 2, image: Must be a path inside the pictures' folder: left blank. ({image!r})",
    )


def test_import_products_keeps_awkward_text(tmp_path: Path, now: datetime) -> None:
    load_products(tmp_path, now, 'sku,name\nA\\B,"Tab\there, ""quoted"" \\N \\. end"\n')

    variant = Variant.objects.get()
    assert (variant.sku, variant.product.name) == ("A\\B", 'Tab here, "quoted" \\N \\. end')


def test_import_products_counts_a_repeated_row_once(tmp_path: Path, now: datetime) -> None:
    report = load_products(tmp_path, now, "sku,name\nA,Boot\nA,Boot\n")

    assert (report.read, report.created, report.repeated, report.rejected) == (2, 1, 1, 0)
    assert report.warnings == (
        "1 rows repeat another word for word and were counted once, the first at line 3.",
    )


def test_import_products_refuses_a_second_word_on_a_sku(tmp_path: Path, now: datetime) -> None:
    report = load_products(tmp_path, now, "sku,name\nA,Boot\nA,Shoe\n")

    [rejection] = report.rejections
    assert rejection.line == 3
    assert rejection.reason == "Says otherwise than line 2, which was kept."
    assert Product.objects.get().name == "Boot"


def test_import_products_leaves_nothing_on_a_dry_run(tmp_path: Path, now: datetime) -> None:
    report = load_products(tmp_path, now, WHOLE_ROW, dry_run=True)

    assert report.created == 1
    assert not Product.objects.exists()
    assert not Brand.objects.exists()


def test_import_products_moves_a_sku_to_another_style(tmp_path: Path, now: datetime) -> None:
    load_products(tmp_path, now, "sku,style,name\nA,S,Boot\nB,S,Boot\n")

    report = load_products(tmp_path, now, "sku,style,name\nA,S,Boot\nB,T,Boot\n")

    assert Variant.objects.get(sku="B").product.style == "T"
    assert counts(report) == (0, 1, 1, 0)


def test_import_stock_adds_changes_and_leaves(tmp_path: Path, now: datetime) -> None:
    store = StoreFactory(code="01")
    changed, same, untold = (
        StockLevelFactory(store=store, variant=VariantFactory(sku=sku), quantity=3)
        for sku in ("changed", "same", "untold")
    )
    VariantFactory(sku="new")

    report = load_stock(
        tmp_path, now, "sku,store_code,quantity\nnew,01,1\nchanged,01,0\nsame,01,3\n"
    )

    for level in (changed, same, untold):
        level.refresh_from_db()
    assert counts(report) == (1, 1, 1, 0)
    assert (changed.quantity, same.quantity, untold.quantity) == (0, 3, 3)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A,01,-1", "quantity", "Must be 0 or more."),
        ("A,01,1.5", "quantity", "Must be a whole number."),
        ("A,01,99999999999", "quantity", "Is too large."),
        ("B,01,1", "sku", "SKU B is not known."),
        ("A,,1", "store_code", "Is blank."),
    ],
)
def test_import_stock_refuses(
    tmp_path: Path, now: datetime, row: str, column: str, reason: str
) -> None:
    VariantFactory(sku="A")

    report = load_stock(tmp_path, now, f"sku,store_code,quantity\n{row}\n")

    [rejection] = report.rejections
    assert (rejection.line, rejection.column, rejection.reason) == (2, column, reason)
    assert not StockLevel.objects.exists()


def test_import_stock_adds_a_store_that_nobody_described(tmp_path: Path, now: datetime) -> None:
    VariantFactory(sku="A")

    report = load_stock(tmp_path, now, "sku,store_code,quantity\nA,0042,1\n")

    assert Store.objects.get().code == "0042"
    assert len(report.warnings) == 1
