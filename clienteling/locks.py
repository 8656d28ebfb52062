"""Locks across all processes on the database. PostgreSQL drops each with the one who holds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class DatabaseLock(IntEnum):
    """What only one process does at a time. Here together, so that no two have one number."""

    IMPORT = 7_201_946
    SUGGESTIONS = 7_310_548_210
    LOOKS = 7_310_548_211
    MAILBOX = 0x696D6170
    ANSWER_COUNTS = 4_707_031
    BROKER_QUEUES = 0x70676D71
    DECISIONS = 7_310_548_212


@contextmanager
def alone_in(lock: DatabaseLock) -> Iterator[bool]:
    """Whether nobody else has it; it is ours until the end of the block. Never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])
