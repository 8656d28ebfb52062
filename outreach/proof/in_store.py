"""What was bought with the page in hand: certain, because an associate saw it.

Of all claims on a sale this is the first (then an answer, a click, a delivery). The associate's tap
and the till's line come by different ways and at different times; here they are joined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from clienteling.models import Store

BEFORE, AFTER = timedelta(hours=12), timedelta(days=3)
"""How far the till's clock and an evening's upload may be from the tap."""


@dataclass(frozen=True)
class InStore:
    """Items by what became of them. `in_till` have a line of the till; `revenue` is theirs, with
    what came back taken off."""

    bought: int
    tried: int
    not_shown: int
    in_till: int
    revenue: Decimal

    @property
    def shown(self) -> int:
        """How often something was noted at all."""
        return self.bought + self.tried + self.not_shown


def shown(stores: Sequence[Store], *, since: datetime, until: datetime) -> InStore:
    """What became of the items in these stores from `since` to `until`: one query.

    A line of the till is claimed once, by the earliest tap, however many pages showed the item.
    """
    parameters: dict[str, Any] = {
        "stores": [store.pk for store in stores],
        "since": since,
        "until": until,
        "before": BEFORE,
        "after": AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, parameters)
        return InStore(*cursor.fetchone())


_QUERY = """
WITH showing AS (
    SELECT id, customer_id, product_id, outcome, noted_at FROM outreach_showing
     WHERE store_id = ANY(%(stores)s) AND noted_at >= %(since)s AND noted_at < %(until)s
), sale AS (
    SELECT DISTINCT ON (line.id) line.id, line.purchased_at, line.quantity, line.unit_price,
           showing.customer_id, showing.product_id
      FROM showing JOIN customers_lineitem line
        ON line.customer_id = showing.customer_id AND line.product_id = showing.product_id
       AND line.quantity > 0
       AND line.purchased_at BETWEEN showing.noted_at - %(before)s AND showing.noted_at + %(after)s
     WHERE showing.outcome = 'bought'
     ORDER BY line.id, showing.noted_at
), net AS (
    SELECT sale.*, least(0, (
           SELECT coalesce(sum(back.quantity), 0) FROM customers_lineitem back
            WHERE back.customer_id = sale.customer_id AND back.product_id = sale.product_id
              AND back.quantity < 0 AND back.purchased_at >= sale.purchased_at
           )) AS returned
      FROM sale
)
SELECT (SELECT count(*) FROM showing WHERE outcome = 'bought'),
       (SELECT count(*) FROM showing WHERE outcome = 'tried'),
       (SELECT count(*) FROM showing WHERE outcome = 'not_shown'),
       (SELECT count(*) FROM net),
       (SELECT coalesce(sum(greatest(quantity + returned, 0) * unit_price), 0) FROM net)
"""
