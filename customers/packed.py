"""Reading whole tables into numpy: the server packs the numbers, one message for many rows.

A driver that hands over row by row spends microseconds of Python on each; here it is one message
for each two thousand pages, so twenty million lines cost the client a few seconds, and never more
memory than such messages and what is kept of them.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection
from psycopg import sql

Rows = npt.NDArray[np.void]

PAGES_AT_ONCE = 2_000
MOST_ROWS_A_PAGE = 291
"""Of 8 kB, even if they were empty."""

READERS = 2
"""Connections that read a large table side by side: one server process each."""

MOMENT_EPOCH = 946_684_800
"""Where the server's moments begin: 2000-01-01 UTC, in seconds since 1970."""

_WIDTHS = {"int4": ">i4", "int8": ">i8", "timestamptz": ">i8"}
_SENDERS = {"int4": "int4send", "int8": "int8send", "timestamptz": "timestamptz_send"}


@dataclass(frozen=True)
class Column:
    """What to read: its name in the array, an SQL expression that is never null, its type.

    A `timestamptz` arrives as microseconds since `MOMENT_EPOCH`: the server hands it over as it
    is stored, where any arithmetic on dates would cost more than all the rest.
    """

    name: str
    expression: str
    kind: Literal["int4", "int8", "timestamptz"]


def read_packed(
    table: str, columns: Sequence[Column], *, where: str = "TRUE", params: Sequence[Any] = ()
) -> Iterator[Rows]:
    """The rows of a table as structured arrays, a stretch of pages at a time, in no order.

    `table`, expressions and `where` are ours, never a person's words. It is not one snapshot: a
    row that is rewritten meanwhile may come twice or be missed, which nightly arithmetic bears.
    """
    numbers = range(_stretches_of(pages_of(table)))
    return _Reading(table, columns, where, params).stretches(numbers, _ours())


def each_packed(
    table: str,
    columns: Sequence[Column],
    take: Callable[[Rows], None],
    *,
    pages: int,
    where: str = "TRUE",
    params: Sequence[Any] = (),
) -> None:
    """Hands each stretch of the first `pages` pages to `take`, in no order.

    Two connections of its own share the work, and `take` is called from two threads; inside a
    transaction, which no other connection could look into, it is ours alone.
    """
    reading = _Reading(table, columns, where, params)
    numbers = range(_stretches_of(pages))
    if connection.in_atomic_block or len(numbers) < READERS:
        for rows in reading.stretches(numbers, _ours()):
            take(rows)
        return
    where_to = connection.get_connection_params()
    shares = [numbers[reader::READERS] for reader in range(READERS)]
    with ThreadPoolExecutor(READERS) as threads:
        for share in [threads.submit(reading.hand_over, each, take, where_to) for each in shares]:
            share.result()


def pages_of(table: str) -> int:
    """How many pages the table has; none holds more than `MOST_ROWS_A_PAGE` rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", (table,)
        )
        return int(cursor.fetchone()[0])


def _stretches_of(pages: int) -> int:
    return -(-pages // PAGES_AT_ONCE)


@dataclass(frozen=True)
class _Reading:
    """A table being read. Its stretches are numbered; each may be read by any thread."""

    table: str
    columns: Sequence[Column]
    where: str
    params: Sequence[Any]

    def stretches(
        self, numbers: Sequence[int], connected: psycopg.Connection[Any]
    ) -> Iterator[Rows]:
        """The rows of each of these stretches that has any."""
        query = _query(self.table, self.columns, self.where)
        dtype = np.dtype([(column.name, _WIDTHS[column.kind]) for column in self.columns])
        # Django's own cursor speaks the simple protocol, which would spell a byte in two letters.
        with psycopg.Cursor(connected) as cursor:
            for number in numbers:
                start = number * PAGES_AT_ONCE
                pages = (f"({start},0)", f"({start + PAGES_AT_ONCE},0)")
                cursor.execute(query, (*pages, *self.params), binary=True)
                row = cursor.fetchone()
                if row and row[0]:
                    yield np.frombuffer(row[0], dtype=dtype)

    def hand_over(
        self, numbers: Sequence[int], take: Callable[[Rows], None], where_to: dict[str, Any]
    ) -> None:
        """One thread's share. Its connection is not from the pool, which may have no other."""
        with psycopg.connect(**where_to, autocommit=True) as own:
            for rows in self.stretches(numbers, own):
                take(rows)


def _ours() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    ours: psycopg.Connection[Any] = connection.connection
    return ours


def _query(table: str, columns: Sequence[Column], where: str) -> sql.Composed:
    packed = sql.SQL(" || ").join(
        sql.SQL("{send}(({expression})::{kind})").format(
            send=sql.Identifier(_SENDERS[column.kind]),
            expression=_plain(column.expression),
            kind=sql.Identifier(column.kind),
        )
        for column in columns
    )
    return sql.SQL(
        "SELECT string_agg({packed}, ''::bytea) FROM {table}"
        " WHERE ctid >= %s::tid AND ctid < %s::tid AND {where}"
    ).format(packed=packed, table=sql.Identifier(table), where=_plain(where))


def _plain(text: str) -> sql.SQL:
    return sql.SQL(text)
