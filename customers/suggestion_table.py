"""Writing all suggestions anew and swapping them in: readers see yesterday's or today's, whole.

Each new table is filled beside the old one and all of them take their names in one short
transaction. A crash before that leaves yesterday's suggestions untouched.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from customers.models import NearMiss, Suggestion
from customers.suggestion_rows import NEAR_MISS_COLUMNS, SUGGESTION_COLUMNS, Block

TABLE = Suggestion._meta.db_table
NEAR_MISS_TABLE = NearMiss._meta.db_table

LOCK_TIMEOUT_SECONDS = 2
SWAP_TRIES = 10
REST_BETWEEN_TRIES_SECONDS = 0.5

_BINARY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no extension
_BINARY_END = b"\xff\xff"


def replace_all(
    blocks: Iterable[Block], *, check: Callable[[], None], also: Sequence[str] = ()
) -> int:
    """Put these in the place of all suggestions and near misses; answers how many suggestions.

    `check` is called when all are written and before anybody sees them: what it raises leaves the
    old ones. `also` names tables whose next ones (see `begin` and `complete`) are ready by then,
    to be swapped in together. While the blocks are drawn no server-side cursor may stay open.
    """
    written = 0
    with transaction.atomic():
        begin(TABLE)
        begin(NEAR_MISS_TABLE)
        for block in blocks:
            copy(TABLE, SUGGESTION_COLUMNS, block.suggestion_rows)
            copy(NEAR_MISS_TABLE, NEAR_MISS_COLUMNS, block.near_miss_rows)
            written += block.suggestions
        complete(TABLE)
        complete(NEAR_MISS_TABLE)
    check()
    swap_patiently((TABLE, NEAR_MISS_TABLE, *also))
    return written


def next_of(table: str) -> str:
    """What the table is called that is to take this one's place."""
    return f"{table}_next"


def begin(table: str) -> None:
    """An empty next table without indexes; what a crash has left is dropped."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {next_of(table)}")
        cursor.execute(f"CREATE TABLE {next_of(table)} (LIKE {table} INCLUDING DEFAULTS)")


def copy(table: str, columns: Sequence[str], rows: memoryview) -> None:
    """Append rows in COPY's binary format, without its header and end, to the next table.

    In the transaction of `begin`: then rows are frozen, and vacuum need not visit them later.
    """
    if not rows:
        return
    into = f"{next_of(table)} ({', '.join(columns)})"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {into} FROM STDIN WITH (FORMAT binary, FREEZE)") as stream,
    ):
        stream.write(_BINARY_HEADER)
        stream.write(rows)
        stream.write(_BINARY_END)


def complete(table: str) -> None:
    """Give the filled next table the constraints of the old one, and the planner its numbers.

    A key over rows that are there is a sort; a key kept while they arrive is a search for each.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(conname || '_next'), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'c') ORDER BY contype DESC",
            (table,),
        )
        added = ", ".join(f"ADD CONSTRAINT {name} {rule}" for name, rule in cursor.fetchall())
        cursor.execute(f"ALTER TABLE {next_of(table)} {added}")
        cursor.execute(f"ANALYZE {next_of(table)}")


def swap_patiently(tables: Sequence[str]) -> None:
    """Try again when somebody reads for longer than we may make others wait behind us."""
    for attempt in range(1, SWAP_TRIES + 1):
        try:
            swap(tables)
        except OperationalError as error:
            is_busy = isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)
            if not is_busy or attempt == SWAP_TRIES:
                raise
            time.sleep(REST_BETWEEN_TRIES_SECONDS)
        else:
            return


def swap(tables: Sequence[str]) -> None:
    """Let the next tables take the places and the names of the old, in one short transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        for table in tables:
            _take_the_place_of(cursor, table)
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def _take_the_place_of(cursor: Any, table: str) -> None:
    """Constraints, and with them the indexes, get their names back: migrations find them again."""
    cursor.execute(f"DROP TABLE {table}")
    cursor.execute(f"ALTER TABLE {next_of(table)} RENAME TO {table}")
    cursor.execute(
        "SELECT quote_ident(conname), quote_ident(regexp_replace(conname, '_next$', '')) "
        "FROM pg_constraint WHERE conrelid = %s::regclass AND conname LIKE '%%\\_next'",
        (table,),
    )
    for given, wanted in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {given} TO {wanted}")
