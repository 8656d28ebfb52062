"""A database of a benchmark's own: created, migrated, and dropped at the end whatever happens."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from clienteling.local_database import close_connections


@contextmanager
def temporary_database(name: str) -> Iterator[None]:
    """Point the connection at a fresh migrated database inside the block; no other is touched."""
    usual_name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{name}_{os.getpid()}"
    close_connections()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(usual_name, verbosity=0)


def settle() -> None:
    """Visibility map and statistics, as autovacuum leaves them some minutes after a load."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
