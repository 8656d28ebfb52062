"""Counting, each night, how the others answered: the evidence behind the choice of a channel.

For every client who may be written to by text and by email: the offers to clients like her (of her
store, her ten years of age, and the category she bought most of) and to all of her store, by
channel, and how many were answered. One statement over the whole shop, written beside the table
that readers use and swapped in, so that a page reads one row of a client and counts nothing.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from clienteling import defaults
from clienteling.locks import DatabaseLock
from customers.suggestion_table import begin, complete, swap_patiently
from outreach.models import AnsweringPeers

TABLE = AnsweringPeers._meta.db_table
COUNTED_DAYS = 730  # habits change; what is older says little

COUNT = """
INSERT INTO outreach_answeringpeers_next (
    customer_id,
    alike_sms_sent, alike_sms_answered, alike_email_sent, alike_email_answered,
    store_sms_sent, store_sms_answered, store_email_sent, store_email_answered
)
WITH offer AS (
    SELECT customer_id, channel, sent_at,
           EXISTS (SELECT FROM outreach_reply reply
                    WHERE reply.message_id = message.id AND reply.kind = 'words') AS answered
      FROM outreach_message message
     WHERE step = 'offer' AND state IN ('sent', 'delivered')
       AND sent_at > %(since)s AND sent_at <= %(now)s
), own AS (
    SELECT customer_id,
           count(*) FILTER (WHERE channel = 'sms') AS sms_sent,
           count(*) FILTER (WHERE channel = 'sms' AND answered) AS sms_answered,
           count(*) FILTER (WHERE channel = 'email') AS email_sent,
           count(*) FILTER (WHERE channel = 'email' AND answered) AS email_answered
      FROM offer
     WHERE answered OR sent_at <= %(asked_before)s
     GROUP BY customer_id
), reachable AS (
    SELECT customer_id FROM customers_consent WHERE state = 'opted_in'
     GROUP BY customer_id HAVING count(*) = 2
), taste AS (
    SELECT DISTINCT ON (customer_id) customer_id, category_id
      FROM (
        SELECT line.customer_id, product.category_id, sum(line.quantity) AS units
          FROM customers_lineitem line JOIN catalog_product product ON product.id = line.product_id
         WHERE line.purchased_at <= %(now)s AND product.category_id IS NOT NULL
         GROUP BY line.customer_id, product.category_id
        HAVING sum(line.quantity) > 0
      ) bought
     ORDER BY customer_id, units DESC, category_id
), person AS (
    SELECT customer.id, customer.store_id, reachable.customer_id IS NOT NULL AS is_reachable,
           coalesce(taste.category_id, 0) AS category_id,
           CASE WHEN %(year)s - customer.birth_year BETWEEN 0 AND 119
                THEN (%(year)s - customer.birth_year) / 10 ELSE -1 END AS age_band,
           coalesce(sms_sent, 0) AS sms_sent, coalesce(sms_answered, 0) AS sms_answered,
           coalesce(email_sent, 0) AS email_sent, coalesce(email_answered, 0) AS email_answered
      FROM customers_customer customer
      LEFT JOIN own ON own.customer_id = customer.id
      LEFT JOIN reachable ON reachable.customer_id = customer.id
      LEFT JOIN taste ON taste.customer_id = customer.id
     WHERE reachable.customer_id IS NOT NULL OR own.customer_id IS NOT NULL
), summed AS (
    SELECT person.*,
           sum(sms_sent) OVER alike AS a_sms_sent, sum(sms_answered) OVER alike AS a_sms_answered,
           sum(email_sent) OVER alike AS a_email_sent,
           sum(email_answered) OVER alike AS a_email_answered,
           sum(sms_sent) OVER store AS s_sms_sent, sum(sms_answered) OVER store AS s_sms_answered,
           sum(email_sent) OVER store AS s_email_sent,
           sum(email_answered) OVER store AS s_email_answered
      FROM person
    WINDOW alike AS (PARTITION BY store_id, age_band, category_id),
           store AS (PARTITION BY store_id)
)
SELECT id,
       a_sms_sent - sms_sent, a_sms_answered - sms_answered,
       a_email_sent - email_sent, a_email_answered - email_answered,
       s_sms_sent - sms_sent, s_sms_answered - sms_answered,
       s_email_sent - email_sent, s_email_answered - email_answered
  FROM summed
 WHERE is_reachable AND s_sms_sent + s_email_sent > 0
"""


def refresh(*, now: datetime) -> int:
    """Count anew and swap the counts in; answers for how many clients.

    As of `now`: nothing sent later is counted. Safe to repeat; a crash leaves last night's counts.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Two schedulers, one count after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DatabaseLock.ANSWER_COUNTS])
        begin(TABLE)
        cursor.execute(COUNT, _parameters(now))
        counted = cursor.rowcount
        complete(TABLE)
        swap_patiently((TABLE,))
    return counted


def _parameters(now: datetime) -> dict[str, datetime | int]:
    return {
        "now": now,
        "since": now - timedelta(days=COUNTED_DAYS),
        "asked_before": now - timedelta(days=defaults.REPLY_DAYS),
        "year": now.year,
    }
