"""`products.csv` and `stock.csv`: check, merge, report.

Rows that share a style are sizes of one product. What belongs to the product (name, brand, picture
…) is taken from the style's first row in the file. A SKU keeps a price of its own only where it
differs from the product's. Stock nobody told us about is unknown, not zero: a SKU that the stock
file does not name keeps what was known of it.
"""

from datetime import datetime

from clienteling import directory
from clienteling.cells import (
    Reader,
    code,
    day,
    json_object,
    lower_words,
    money,
    picture_path,
    whole_number,
    words,
)
from clienteling.feeds import Feed, ImportReport
from clienteling.folding import fold
from clienteling.staging import (
    WORTH_ANALYZING,
    Column,
    Layout,
    Staging,
    Target,
    all_rows,
    merge,
    merged_counts,
    note_new_sizes,
    run,
    staged,
)

LONGEST_NAME = 200


def folded(longest: int) -> Reader:
    """Words as they are searched, cut to what the column holds: folding may lengthen them."""
    return lambda text: fold(text)[:longest].rstrip()


PRODUCTS = Layout(
    noun="products",
    columns=(
        Column("sku", code(), is_required=True),
        Column("style", code()),
        Column("size", words(20)),
        Column("name", words(LONGEST_NAME), is_required=True),
        Column("brand", words(120)),
        Column("category", words(120)),
        Column("subcategory", words(120)),
        Column("color", words(60)),
        Column("gender", lower_words(20)),
        Column("price", money, "numeric(12, 2)"),
        Column("launched_on", day, "date"),
        Column("attributes", json_object, "jsonb"),
        Column("image", picture_path),
        Column("search_name", folded(LONGEST_NAME), source="name"),
    ),
    key=("sku",),
)

STOCK = Layout(
    noun="stock levels",
    columns=(
        Column("sku", code(), is_required=True),
        Column("store_code", code(), is_required=True),
        Column("quantity", whole_number(least=0), "integer", is_required=True),
    ),
    key=("sku", "store_code"),
)

# What a product says, by the file's column: how an absent value is written, and its expression.
PRODUCT_COLUMNS = {
    "brand": ("brand_id", "brand.id"),
    "category": ("category_id", "category.id"),
    "subcategory": ("subcategory", "coalesce(first.subcategory, '')"),
    "color": ("color", "coalesce(first.color, '')"),
    "gender": ("gender", "coalesce(first.gender, '')"),
    "price": ("price", "first.price"),
    "launched_on": ("launched_on", "first.launched_on"),
    "attributes": ("attributes", "coalesce(first.attributes, '{}')"),
    "image": ("image", "coalesce(first.image, '')"),
}
NEW_PRODUCT = {
    "subcategory": "''",
    "color": "''",
    "gender": "''",
    "attributes": "'{}'",
    "image": "''",
    "picture": "''",
}
SHARED_BY_SIZES = ("name", "brand", "category", "subcategory", "color", "gender", "launched_on")

GATHER_STYLES = """
CREATE TEMP TABLE staged_style ON COMMIT DROP AS
SELECT DISTINCT ON (style) * FROM staged ORDER BY style, at_line
"""

FIRST_ROWS = """
staged_style first
LEFT JOIN catalog_brand brand ON brand.name = first.brand
LEFT JOIN catalog_category category ON category.name = first.category
"""

SIZES = """
staged
JOIN catalog_product product ON product.style = staged.style
JOIN staged_style first ON first.style = staged.style
"""

COUNTS = """
SELECT count(*) FILTER (WHERE merged.is_new),
       count(*) FILTER (WHERE NOT merged.is_new OR (merged.id IS NULL AND style.id IS NOT NULL))
FROM staged JOIN catalog_variant variant ON variant.sku = staged.sku
LEFT JOIN merged ON merged.id = variant.id
LEFT JOIN merged_style style ON style.id = variant.product_id
"""


def import_products(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `products.csv`; counts are of SKUs, and one whose product changed has changed."""
    with staged(feed, PRODUCTS, dry_run=dry_run) as staging:
        run("UPDATE staged SET style = sku WHERE style IS NULL")
        run(GATHER_STYLES)
        run("ANALYZE staged_style")
        _warn_of_conflicts(staging)
        _merge_products(staging)
        run("CREATE TEMP TABLE merged_style ON COMMIT DROP AS SELECT * FROM merged")
        _merge_variants(staging)
        [(created, changed)] = all_rows(COUNTS)
        if created + changed >= WORTH_ANALYZING:
            note_new_sizes("catalog_product", "catalog_variant")
        run("DROP TABLE staged_style, merged_style")
        return staging.report(created=created, changed=changed)


def import_stock(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `stock.csv`: pieces per SKU and store. Rows that it lacks stay as they are."""
    with staged(feed, STOCK, dry_run=dry_run) as staging:
        directory.add_missing_stores(staging)
        staging.refuse_unknown("sku", within="catalog_variant.sku", noun="SKU")
        columns = {
            "variant_id": "variant.id",
            "store_id": "store.id",
            "quantity": "staged.quantity",
        }
        merge(
            Target("catalog_stocklevel", ("variant_id", "store_id"), columns, {}),
            "staged JOIN catalog_variant variant ON variant.sku = staged.sku"
            " JOIN clienteling_store store ON store.code = staged.store_code",
        )
        created, changed = merged_counts()
        if created + changed >= WORTH_ANALYZING:
            note_new_sizes("catalog_stocklevel")
        return staging.report(created=created, changed=changed)


def _warn_of_conflicts(staging: Staging) -> None:
    for column in staging.present(*SHARED_BY_SIZES):
        conflicts = all_rows(
            f"""
            SELECT staged.style, min(staged.at_line), first.at_line, count(*) OVER ()
            FROM staged JOIN staged_style first ON first.style = staged.style
            WHERE staged.{column} <> first.{column}
            GROUP BY staged.style, first.at_line ORDER BY 2 LIMIT 10
            """  # noqa: S608
        )
        for position, (style, line, first_line, total) in enumerate(conflicts):
            staging.warn(
                f"Line {line:,}, {column}: the sizes of style {style} differ; "
                f"line {first_line:,} was followed.",
                kind=f"{column}: the sizes of a style differ",
                # The last one spelled out stands for all that are not.
                times=1 + (total - len(conflicts)) * (position == len(conflicts) - 1),
            )


def _merge_products(staging: Staging) -> None:
    for name in staging.present("brand", "category"):
        run(
            f"""
            INSERT INTO catalog_{name} (name)
            SELECT DISTINCT {name} FROM staged_style WHERE {name} IS NOT NULL ORDER BY {name}
            ON CONFLICT (name) DO NOTHING
            """  # noqa: S608
        )
    columns = {"style": "first.style", "name": "first.name", "search_name": "first.search_name"}
    columns |= dict(PRODUCT_COLUMNS[name] for name in staging.present(*PRODUCT_COLUMNS))
    new = {name: value for name, value in NEW_PRODUCT.items() if name not in columns}
    merge(Target("catalog_product", ("style",), columns, new), FIRST_ROWS)


def _merge_variants(staging: Staging) -> None:
    columns = {"sku": "staged.sku", "product_id": "product.id"}
    if staging.has("size"):
        columns["size"] = "coalesce(staged.size, '')"
    if staging.has("price"):
        columns["price"] = "nullif(staged.price, product.price)"
    new = {} if staging.has("size") else {"size": "''"}
    merge(Target("catalog_variant", ("sku",), columns, new), SIZES)
