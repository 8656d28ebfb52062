"""The decision record: how long a night takes, and how much room 90 nights of a chain need.

BENCH_CUSTOMERS (1000) live through 90 nights in which every associate writes to all of her cards
and one client in 120 buys each day. What was written down is then copied until it is the record
of BENCH_ROOM (100,000) clients, and weighed table by table and index by index.
"""

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clienteling.settings")

import django

django.setup()

from django.db import connection  # noqa: E402 - Django first

from bench.databases import settle, temporary_database  # noqa: E402
from bench.generated import Size, generate  # noqa: E402
from bench.tables import print_table  # noqa: E402
from clienteling import clock  # noqa: E402
from outreach.decisions import recording  # noqa: E402
from outreach.decisions.recording import KEPT_NIGHTS, Recorded  # noqa: E402

MB = 2**20
A_DAY = timedelta(days=1)

# Every associate writes to her ten best, and to those of nobody who fall to her; all arrive.
WRITE = """
INSERT INTO outreach_message (id, dedupe_key, customer_id, sender_id, store_id, channel, step,
       to_address, subject, body, state, reason, created_at, queued_at, send_after, expires_at,
       attempts, rounds, looks, receipt_asks, sent_at, delivered_at, provider, provider_id,
       error_code)
SELECT gen_random_uuid(), 'n' || customer_id || %(now)s::text, customer_id, associate_id, store_id,
       'sms', 'offer', '+13125550142', '', 'Three new pairs.', 'delivered', '', %(now)s, %(now)s,
       %(now)s, %(now)s, 1, 0, 0, 0, %(now)s, %(now)s, 'bench', customer_id || %(now)s::text, ''
  FROM (SELECT customer.id AS customer_id, customer.associate_id, customer.store_id,
               row_number() OVER (PARTITION BY customer.associate_id
                                  ORDER BY decision.worth DESC, customer.id) AS place
          FROM outreach_decision decision
          JOIN customers_customer customer ON customer.id = decision.customer_id
         WHERE decision.last_night IS NULL AND decision.verdict IN (1, 2)
           AND customer.associate_id IS NOT NULL) due
 WHERE place <= 10
"""
BUY = """
UPDATE customers_customer SET last_purchase_at = %(now)s, visit_count = visit_count + 1
 WHERE hashint8extended(id, %(night)s) %% 120 = 0
"""
COPY = """
INSERT INTO outreach_decision ({columns})
SELECT customer_id + {step} * copy, {others}
  FROM outreach_decision, generate_series(1, %(copies)s) copy
"""
SIZES = """
SELECT 'outreach_decision', pg_table_size('outreach_decision')
UNION ALL
SELECT indexrelid::regclass::text, pg_relation_size(indexrelid)
  FROM pg_index WHERE indrelid = 'outreach_decision'::regclass
"""


def main() -> None:
    """Live through the nights, then copy and weigh what they left."""
    customers = int(os.environ.get("BENCH_CUSTOMERS", "1000").split(",")[0])
    room = int(os.environ.get("BENCH_ROOM", "100000"))
    with temporary_database("decisions"):
        began = clock.now() - KEPT_NIGHTS * A_DAY
        generate(Size(customers, messages_each=0), now=began)
        settle()
        print_nights(customers, list(nights(began)))
        print_room(customers, room)


def nights(began: datetime) -> Iterator[tuple[Recorded, float]]:
    """Each night with its processor time; by day the associates write and some clients buy."""
    for night in range(KEPT_NIGHTS):
        now = began + night * A_DAY
        started = time.process_time()
        recorded = recording.record(now.date(), as_of=now, now=now)
        yield recorded, time.process_time() - started
        run(WRITE, {"now": now + A_DAY / 2})
        run(BUY, {"now": now + A_DAY / 2, "night": night})


def print_nights(customers: int, lived: list[tuple[Recorded, float]]) -> None:
    """What a night takes, and how many stretches 90 of them make."""
    [(stretches,)] = ask("SELECT count(*) FROM outreach_decision")
    seconds = sorted(cpu for _, cpu in lived)
    print_table(
        (f"{customers:,} clients, {len(lived)} nights", "value"),
        [
            ("processor ms for a client a night, median", 1000 * seconds[45] / customers),
            ("clients whose verdict changed a night, share", share_changed(lived)),
            ("stretches for a client in 90 nights", stretches / customers),
        ],
    )


def share_changed(lived: list[tuple[Recorded, float]]) -> float:
    """Of all clients, those who made a new row in a night after the first."""
    later = [recorded for recorded, _ in lived[1:]]
    return sum(each.changed for each in later) / sum(each.clients for each in later)


def print_room(customers: int, room: int) -> None:
    """Copy the record until it is as long as that of `room` clients, and weigh it."""
    columns = [name for (name,) in ask(COLUMNS)]
    others = ", ".join(name for name in columns if name != "customer_id")
    statement = COPY.format(columns=f"customer_id, {others}", others=others, step=customers + 1)
    run(statement, {"copies": room // customers - 1})
    run("REINDEX TABLE outreach_decision", {})
    [(rows,)] = ask("SELECT count(*) FROM outreach_decision")
    sizes = ask(SIZES)
    total = sum(size for _, size in sizes)
    print_table(
        (f"90 nights of {room:,} clients", "MB", "bytes a row"),
        [
            *((name, size / MB, size / rows) for name, size in sizes),
            (f"all of it, {rows:,} rows", total / MB, total / rows),
        ],
    )


COLUMNS = """
SELECT column_name FROM information_schema.columns
 WHERE table_name = 'outreach_decision' ORDER BY ordinal_position
"""


def ask(query: str) -> list[tuple]:  # type: ignore[type-arg]
    """All rows of a query without parameters."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def run(statement: str, parameters: dict[str, object]) -> None:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)


if __name__ == "__main__":
    main()
