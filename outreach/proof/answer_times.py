"""How long clients waited for an answer, counted in the hours their store was open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db import connection

from clienteling.models import Store
from outreach.messages.opening_hours import hours_of, open_time

# What waited for one answer was settled at the very moment that answer was queued
# (`conversations.mark_handled`); the wait began with the first of it.
WAITS = """
SELECT customer.store_id, min(reply.received_at), reply.handled_at
  FROM outreach_reply reply
  JOIN customers_customer customer ON customer.id = reply.customer_id
  JOIN outreach_message answer
    ON answer.customer_id = reply.customer_id AND answer.queued_at = reply.handled_at
   AND answer.step = 'answer' AND answer.state NOT IN ('draft', 'canceled')
 WHERE reply.kind = 'words' AND customer.store_id = ANY(%(stores)s)
   AND reply.handled_at >= %(since)s AND reply.handled_at < %(until)s
 GROUP BY customer.store_id, reply.customer_id, reply.handled_at
"""


@dataclass(frozen=True)
class AnswerTime:
    """The median wait of so many answered conversations; None where nobody was answered."""

    answers: int
    median: timedelta | None


def answer_time(stores: Sequence[Store], *, since: datetime, until: datetime) -> AnswerTime:
    """How long those waited who were answered in this period: one query.

    What was put away without an answer is not counted, nor what still waits.
    """
    hours = {store.pk: hours_of(store) for store in stores}
    with connection.cursor() as cursor:
        cursor.execute(WAITS, {"stores": list(hours), "since": since, "until": until})
        rows = cursor.fetchall()
    waits = [
        open_time(hours[store], since=asked, until=told).total_seconds()
        for store, asked, told in rows
    ]
    return AnswerTime(len(waits), timedelta(seconds=median(waits)) if waits else None)
