"""Writing all suggestions anew and swapping them in: readers see yesterday's or today's, whole.

The new table is filled beside the old one and takes its name in one short transaction. A crash
before that leaves yesterday's suggestions untouched.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from customers.models import Suggestion

TABLE = Suggestion._meta.db_table
NEXT_TABLE = "customers_suggestion_next"
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

LOCK_TIMEOUT_SECONDS = 2
SWAP_TRIES = 10
REST_BETWEEN_TRIES_SECONDS = 0.5


@dataclass(frozen=True)
class Proposal:
    """One row to be: primary keys, rank from 1, and evidence ready for JSON."""

    customer: int
    rank: int
    product: int
    score: float
    evidence: list[dict[str, Any]]


def replace_all(proposals: Iterable[Proposal], *, check: Callable[[], None]) -> int:
    """Put these in the place of all suggestions; answers how many.

    `check` is called when all are written and before anybody sees them: what it raises leaves the
    old ones. `proposals` must not touch the database while they are drawn.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {NEXT_TABLE}")  # what a crash has left
        cursor.execute(f"CREATE TABLE {NEXT_TABLE} (LIKE {TABLE} INCLUDING ALL)")
        written = _copy(cursor, proposals)
        cursor.execute(f"ANALYZE {NEXT_TABLE}")
    check()
    _swap_patiently()
    return written


def _copy(cursor: Any, proposals: Iterable[Proposal]) -> int:
    """Frozen rows need no later visit by vacuum: the table was made in this transaction."""
    columns = "customer_id, rank, product_id, score, evidence"
    written = 0
    with cursor.copy(f"COPY {NEXT_TABLE} ({columns}) FROM STDIN WITH (FREEZE)") as copy:
        for each in proposals:
            evidence = ENCODER.encode(each.evidence)
            copy.write_row((each.customer, each.rank, each.product, each.score, evidence))
            written += 1
    return written


def _swap_patiently() -> None:
    """Try again when somebody reads for longer than we may make others wait behind us."""
    for attempt in range(1, SWAP_TRIES + 1):
        try:
            swap()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or attempt == SWAP_TRIES:
                raise
            time.sleep(REST_BETWEEN_TRIES_SECONDS)
        else:
            return


def swap() -> None:
    """Let the next table take the place and the names of the old one, in one short transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        names = _index_names(cursor)
        cursor.execute(f"DROP TABLE {TABLE}")
        cursor.execute(f"ALTER TABLE {NEXT_TABLE} RENAME TO {TABLE}")
        for new, old in names:
            quoted = connection.ops.quote_name
            cursor.execute(f"ALTER INDEX {quoted(new)} RENAME TO {quoted(old)}")
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def _index_names(cursor: Any) -> list[tuple[str, str]]:
    """The new table's indexes and what the same ones are called on the old, so that migrations
    find them again. Renaming the index of a constraint renames the constraint."""
    cursor.execute(
        """
        SELECT new.indexrelid::regclass::text, old.indexrelid::regclass::text
        FROM pg_index AS new
        JOIN pg_index AS old USING (indkey, indisunique, indisprimary)
        WHERE new.indrelid = %s::regclass AND old.indrelid = %s::regclass
        """,
        (NEXT_TABLE, TABLE),
    )
    return list(cursor.fetchall())
