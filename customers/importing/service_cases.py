"""`service_cases.csv`: complaints and repairs; `sku` may also name a style."""

from datetime import datetime

from clienteling.cells import code, moment, words
from clienteling.feeds import Feed, ImportReport
from clienteling.staging import (
    Column,
    Layout,
    Staging,
    Target,
    merge,
    merged_counts,
    staged,
)
from customers.importing.gone import follow_merges
from customers.importing.moments import refuse_future, utc

LAYOUT = Layout(
    noun="service cases",
    columns=(
        Column("case_id", code(), is_required=True),
        Column("customer_id", code(), is_required=True),
        Column("sku", code()),
        Column("opened_at", moment, is_required=True),
        Column("closed_at", moment),
        Column("summary", words(500)),
    ),
    key=("case_id",),
)

CUSTOMER_AND_STORE = """
JOIN customers_customer customer ON customer.customer_id = staged.customer_id
LEFT JOIN clienteling_store store ON store.id = customer.store_id
"""
ROWS = f"""
staged {CUSTOMER_AND_STORE}
LEFT JOIN catalog_variant variant ON variant.sku = staged.sku
LEFT JOIN catalog_product product ON product.style = staged.sku
"""
OPENED = utc("staged.opened_at", "store.timezone")
CLOSED = utc("staged.closed_at", "store.timezone")

UNKNOWN_PRODUCT = """
SELECT at_line, 'sku', 'SKU ' || staged.sku || ' is not known.', staged.sku
FROM staged
WHERE sku IS NOT NULL
  AND NOT EXISTS (SELECT FROM catalog_variant variant WHERE variant.sku = staged.sku)
  AND NOT EXISTS (SELECT FROM catalog_product product WHERE product.style = staged.sku)
"""
CLOSED_TOO_EARLY = f"""
SELECT at_line, 'closed_at', 'Lies before the case was opened.', staged.closed_at
FROM staged {CUSTOMER_AND_STORE}
WHERE staged.closed_at IS NOT NULL AND {CLOSED} < {OPENED}
"""  # noqa: S608


def import_service_cases(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `service_cases.csv`. A blank `closed_at` opens a case again."""
    with staged(feed, LAYOUT, dry_run=dry_run) as staging:
        follow_merges(staging)
        _refuse_what_cannot_be(staging, now=now)
        columns = {
            "case_id": "staged.case_id",
            "customer_id": "customer.id",
            "opened_at": OPENED,
        }
        if staging.has("sku"):
            columns["product_id"] = "coalesce(variant.product_id, product.id)"
        if staging.has("closed_at"):
            columns["closed_at"] = f"CASE WHEN staged.closed_at IS NOT NULL THEN {CLOSED} END"
        if staging.has("summary"):
            columns["summary"] = "coalesce(staged.summary, '')"
        new = {} if staging.has("summary") else {"summary": "''"}
        merge(Target("customers_servicecase", ("case_id",), columns, new), ROWS)
        created, changed = merged_counts()
        return staging.report(created=created, changed=changed)


def _refuse_what_cannot_be(staging: Staging, *, now: datetime) -> None:
    staging.refuse_unknown("customer_id", within="customers_customer.customer_id", noun="Customer")
    staging.refuse(UNKNOWN_PRODUCT)
    staging.refuse(CLOSED_TOO_EARLY)
    for column in ("opened_at", "closed_at"):
        refuse_future(staging, column, now=now, zone="store.timezone", joins=CUSTOMER_AND_STORE)
