"""Each customer's standing, kept beside her name: first and last purchase, visits, rhythm, spend.

It is computed from the purchase lines alone, in one statement for any number of customers, and only
the rows that differ are written.
"""

from collections.abc import Collection
from typing import Any, Literal

from django.db import connection

from clienteling import defaults

# A visit is a day, on the store's calendar, with at least one line that is not a return; without a
# store the day is UTC's. The rhythm is the median gap between visits, halves rounded up.
STANDING = """
WITH receipt AS (
    SELECT customer_id, purchase_id, purchased_at,
           bool_or(quantity > 0) AS is_sale, sum(quantity * unit_price) AS paid
    FROM customers_lineitem {only_theirs}
    GROUP BY customer_id, purchase_id, purchased_at
),
total AS (
    SELECT customer_id, coalesce(sum(paid), 0) AS net_spend,
           min(purchased_at) FILTER (WHERE is_sale) AS first_at,
           max(purchased_at) FILTER (WHERE is_sale) AS last_at
    FROM receipt GROUP BY customer_id
),
visit AS (
    SELECT DISTINCT receipt.customer_id,
           (receipt.purchased_at AT TIME ZONE coalesce(store.timezone, 'UTC'))::date AS on_day
    FROM receipt
    JOIN customers_purchase purchase ON purchase.id = receipt.purchase_id
    LEFT JOIN clienteling_store store ON store.id = purchase.store_id
    WHERE receipt.is_sale
),
gap AS (
    SELECT customer_id,
           on_day - lag(on_day) OVER (PARTITION BY customer_id ORDER BY on_day) AS days
    FROM visit
),
rhythm AS (
    SELECT customer_id, count(*) AS visits,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS usual_days
    FROM gap GROUP BY customer_id
),
standing AS (
    SELECT customer.id, total.first_at, total.last_at,
           coalesce(rhythm.visits, 0) AS visits,
           CASE WHEN rhythm.visits >= %(visits_for_a_rhythm)s
                THEN round(rhythm.usual_days::numeric) END AS usual_days,
           coalesce(total.net_spend, 0) AS net_spend
    FROM customers_customer customer
    LEFT JOIN total ON total.customer_id = customer.id
    LEFT JOIN rhythm ON rhythm.customer_id = customer.id
    {only_them}
)
UPDATE customers_customer AS customer
SET first_purchase_at = standing.first_at, last_purchase_at = standing.last_at,
    visit_count = standing.visits, usual_gap_days = standing.usual_days,
    net_spend = standing.net_spend
FROM standing
WHERE standing.id = customer.id
  AND (customer.first_purchase_at, customer.last_purchase_at, customer.visit_count,
       customer.usual_gap_days, customer.net_spend)
      IS DISTINCT FROM
      (standing.first_at, standing.last_at, standing.visits::integer,
       standing.usual_days::integer, standing.net_spend)
"""
OF_ALL = STANDING.format(only_theirs="", only_them="")
OF_SOME = STANDING.format(
    only_theirs="WHERE customer_id = ANY(%(customers)s)",
    only_them="WHERE customer.id = ANY(%(customers)s)",
)


def recompute(*, customers: Literal["all"] | Collection[int]) -> int:
    """Bring the standing of these customers (primary keys) up to date; answers how many changed.

    Runs in the caller's transaction. Lines without a price count as visits and not as spend.
    """
    parameters: dict[str, Any] = {"visits_for_a_rhythm": defaults.VISITS_FOR_A_RHYTHM}
    if customers != "all":
        parameters["customers"] = list(customers)
    with connection.cursor() as cursor:
        cursor.execute(OF_ALL if customers == "all" else OF_SOME, parameters)
        return int(cursor.rowcount)
