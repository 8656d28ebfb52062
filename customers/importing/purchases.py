"""`purchases.csv`: one row per line of an order; a negative quantity is a return.

What an order says as a whole (customer, store, channel, associate) is taken from its first row that
is a sale. A file that brings only returns for an order already known leaves that alone. An order
belongs to one customer: it moves to another only by a file that tells all of its known lines.
"""

import contextlib
from datetime import datetime

from clienteling import directory
from clienteling.cells import code, moment, money, one_of, whole_number
from clienteling.feeds import Feed, ImportReport
from clienteling.staging import (
    WORTH_ANALYZING,
    Column,
    Layout,
    Staging,
    all_rows,
    bare,
    first_value,
    note_new_sizes,
    outweighs,
    run,
    staged,
)
from customers import standing
from customers.importing.gone import follow_merges
from customers.importing.moments import refuse_future, utc
from customers.models import Purchase

LAYOUT = Layout(
    noun="purchase lines",
    columns=(
        Column("order_id", code(), is_required=True),
        Column("line", whole_number(), "integer", is_required=True),
        Column("customer_id", code(), is_required=True),
        Column("sku", code(), is_required=True),
        Column("purchased_at", moment, is_required=True),
        Column("quantity", whole_number(nonzero=True), "integer", is_required=True),
        Column("unit_price", money, "numeric(12, 2)"),
        Column("channel", one_of(*Purchase.Where.values)),
        Column("store_code", code()),
        Column("associate", code(150)),
    ),
    key=("order_id", "line"),
)

# `speaks`: whether this file may change what a known order says as a whole.
GATHER_ORDERS = """
CREATE TEMP TABLE staged_order ON COMMIT DROP AS
WITH told AS (
    SELECT order_id, min(at_line) FILTER (WHERE quantity > 0) IS NOT NULL AS has_sale,
           coalesce(min(at_line) FILTER (WHERE quantity > 0), min(at_line)) AS first_line
    FROM staged GROUP BY order_id
)
SELECT told.order_id, known.id AS known_id, known.customer_id AS known_customer,
       coalesce(known.id, nextval(pg_get_serial_sequence('customers_purchase', 'id'))) AS id,
       known.id IS NOT NULL AND told.has_sale AS speaks,
       customer.id AS customer, store.id AS store, associate.id AS associate,
       coalesce(first.channel, 'pos') AS channel
FROM told
JOIN staged first ON first.at_line = told.first_line
JOIN customers_customer customer ON customer.customer_id = first.customer_id
LEFT JOIN customers_purchase known ON known.order_id = told.order_id
LEFT JOIN clienteling_store store ON store.code = first.store_code
LEFT JOIN clienteling_user associate ON associate.username = first.associate
"""

KEEP_CUSTOMER = """
UPDATE staged_order SET customer = known_customer, speaks = false
WHERE known_customer <> customer AND (NOT speaks OR EXISTS (
    SELECT FROM customers_lineitem known WHERE known.purchase_id = known_id AND NOT EXISTS (
        SELECT FROM staged
        WHERE staged.order_id = staged_order.order_id AND staged.line = known.line)))
"""

OF_ANOTHER_CUSTOMER = """
SELECT staged.at_line, 'customer_id',
       'Order ' || staged.order_id || ' belongs to customer ' || owner.customer_id || '.',
       staged.customer_id
FROM staged JOIN staged_order USING (order_id)
JOIN customers_customer owner ON owner.id = staged_order.customer
WHERE owner.customer_id <> staged.customer_id
"""

# OFFSET 0 keeps the inner query whole: each moment is worked out once, not once per mention.
GATHER_LINES = f"""
CREATE TEMP TABLE staged_line ON COMMIT DROP AS
SELECT told.*, known.id AS known_id, known.customer_id AS known_customer,
       known.id IS NOT NULL
       AND (known.customer_id, known.variant_id, known.quantity, known.unit_price,
            known.purchased_at)
           IS DISTINCT FROM (told.customer, told.variant, told.quantity,
               CASE WHEN %(has_unit_price)s THEN told.unit_price ELSE known.unit_price END,
               told.purchased_at) AS differs
FROM (
    SELECT staged_order.id AS purchase, staged_order.customer, staged.line,
           variant.product_id AS product, variant.id AS variant, staged.quantity,
           staged.unit_price, {utc("staged.purchased_at", "store.timezone")} AS purchased_at
    FROM staged
    JOIN staged_order USING (order_id)
    JOIN catalog_variant variant ON variant.sku = staged.sku
    LEFT JOIN clienteling_store store ON store.code = staged.store_code
    OFFSET 0
) told
LEFT JOIN customers_lineitem known
       ON known.purchase_id = told.purchase AND known.line = told.line
"""  # noqa: S608

ADD_ORDERS = """
INSERT INTO customers_purchase
       (id, order_id, customer_id, store_id, associate_id, channel, purchased_at)
SELECT fresh.id, fresh.order_id, fresh.customer, fresh.store, fresh.associate, fresh.channel,
       first.purchased_at
FROM staged_order fresh JOIN (
    SELECT purchase, min(purchased_at) AS purchased_at FROM staged_line GROUP BY purchase
) first ON first.purchase = fresh.id
WHERE fresh.known_id IS NULL
"""

ADD_LINES = """
INSERT INTO customers_lineitem (purchase_id, line, customer_id, product_id, variant_id, quantity,
                                unit_price, purchased_at)
SELECT purchase, line, customer, product, variant, quantity, unit_price, purchased_at
FROM staged_line WHERE known_id IS NULL ORDER BY customer, purchased_at
"""

CHANGE_LINES = """
UPDATE customers_lineitem AS known
SET customer_id = told.customer, product_id = told.product, variant_id = told.variant,
    quantity = told.quantity, purchased_at = told.purchased_at,
    unit_price = CASE WHEN %(has_unit_price)s THEN told.unit_price ELSE known.unit_price END
FROM staged_line told WHERE told.known_id = known.id AND told.differs
"""

# An order is as old as its oldest line, told by this file or before.
GATHER_CHANGED_ORDERS = """
CREATE TEMP TABLE changed_order ON COMMIT DROP AS
WITH stirred AS (
    SELECT purchase_id AS id, min(purchased_at) AS purchased_at FROM customers_lineitem
    WHERE purchase_id IN (
        SELECT purchase FROM staged_line WHERE known_id IS NULL OR differs
        INTERSECT SELECT known_id FROM staged_order)
    GROUP BY purchase_id
),
wanted AS (
    SELECT known.id,
           CASE WHEN speaks THEN told.customer ELSE known.customer_id END AS customer_id,
           CASE WHEN speaks AND %(has_store_code)s THEN told.store ELSE known.store_id
           END AS store_id,
           CASE WHEN speaks AND %(has_associate)s THEN told.associate ELSE known.associate_id
           END AS associate_id,
           CASE WHEN speaks AND %(has_channel)s THEN told.channel ELSE known.channel
           END AS channel,
           coalesce(stirred.purchased_at, known.purchased_at) AS purchased_at
    FROM staged_order told JOIN customers_purchase known ON known.id = told.known_id
    LEFT JOIN stirred ON stirred.id = known.id
)
SELECT wanted.* FROM wanted JOIN customers_purchase known USING (id)
WHERE (known.customer_id, known.store_id, known.associate_id, known.channel, known.purchased_at)
      IS DISTINCT FROM (wanted.customer_id, wanted.store_id, wanted.associate_id, wanted.channel,
                        wanted.purchased_at)
"""

CHANGE_ORDERS = """
UPDATE customers_purchase AS known
SET customer_id = wanted.customer_id, store_id = wanted.store_id,
    associate_id = wanted.associate_id, channel = wanted.channel,
    purchased_at = wanted.purchased_at
FROM changed_order wanted WHERE wanted.id = known.id
"""

# A changed order counts too: another store may mean another calendar day.
TOUCHED_CUSTOMERS = """
SELECT customer FROM staged_line WHERE known_id IS NULL OR differs
UNION SELECT known_customer FROM staged_line WHERE differs
UNION SELECT customer_id FROM changed_order
"""

COUNTS = """
SELECT count(*) FILTER (WHERE known_id IS NULL),
       count(*) FILTER (WHERE known_id IS NOT NULL AND (differs OR changed_order.id IS NOT NULL))
FROM staged_line LEFT JOIN changed_order ON changed_order.id = purchase
"""

FOLLOW_VARIANTS = """
UPDATE customers_lineitem AS line SET product_id = variant.product_id
FROM catalog_variant variant
WHERE variant.id = line.variant_id AND variant.product_id <> line.product_id
"""


def import_purchases(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `purchases.csv` and bring the standing of the customers it touches up to date.

    Refused: an unknown customer or SKU, a moment more than a day after `now`, a second customer
    within one order. The same file again changes nothing.
    """
    with staged(feed, LAYOUT, dry_run=dry_run) as staging:
        follow_merges(staging)
        directory.add_missing_stores(staging)
        directory.warn_of_unknown_associates(staging)
        _refuse_what_cannot_be(staging, now=now)
        # Numbers are given out before the rows go in: nobody else may write meanwhile.
        run("LOCK TABLE customers_purchase, customers_lineitem IN SHARE ROW EXCLUSIVE MODE")
        _gather(staging)
        _write(staging)
        [(created, changed)] = all_rows(COUNTS)
        _keep_standing(created + changed)
        run("DROP TABLE staged_order, staged_line, changed_order")
        return staging.report(created=created, changed=changed)


def follow_variants() -> int:
    """Give lines the style their SKU belongs to now; answers how many had another.

    For after a product file: the catalog does not know that lines repeat the product.
    """
    return run(FOLLOW_VARIANTS)


def _refuse_what_cannot_be(staging: Staging, *, now: datetime) -> None:
    staging.refuse_unknown("customer_id", within="customers_customer.customer_id", noun="Customer")
    staging.refuse_unknown("sku", within="catalog_variant.sku", noun="SKU")
    refuse_future(
        staging,
        "purchased_at",
        now=now,
        zone="store.timezone",
        joins="LEFT JOIN clienteling_store store ON store.code = staged.store_code",
    )


def _gather(staging: Staging) -> None:
    run(GATHER_ORDERS)
    run(KEEP_CUSTOMER)
    run("ANALYZE staged_order")
    staging.refuse(OF_ANOTHER_CUSTOMER)
    run(GATHER_LINES, _columns_told(staging))
    run("ANALYZE staged_line")


def _write(staging: Staging) -> None:
    new_lines = first_value("SELECT count(*) FROM staged_line WHERE known_id IS NULL")
    is_first_load = outweighs(new_lines, "customers_lineitem")
    tables = ("customers_purchase", "customers_lineitem")
    with bare(*tables) if is_first_load else contextlib.nullcontext():
        run(ADD_ORDERS)
        run(ADD_LINES)
    run(CHANGE_LINES, _columns_told(staging))
    run(GATHER_CHANGED_ORDERS, _columns_told(staging))
    run(CHANGE_ORDERS)


def _columns_told(staging: Staging) -> dict[str, bool]:
    names = ("unit_price", "store_code", "associate", "channel")
    return {f"has_{name}": staging.has(name) for name in names}


def _keep_standing(written: int) -> None:
    if written >= WORTH_ANALYZING:
        note_new_sizes("customers_purchase", "customers_lineitem")
    touched = [customer for (customer,) in all_rows(TOUCHED_CUSTOMERS)]
    is_everyone = len(touched) == first_value("SELECT count(*) FROM customers_customer")
    standing.recompute(customers="all" if is_everyone else touched)
