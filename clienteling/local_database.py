"""The database a command works on: up, and with the database itself and the queue in place."""

import contextlib
from collections.abc import Iterator

from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from clienteling import broker


@contextlib.contextmanager
def database_in_use() -> Iterator[bool]:
    """Keep the database up inside the block; yields whether this call started a server.

    With ``DATABASE_URL`` the server is somebody else's: only the queue's schema is looked after.
    """
    if settings.EMBEDDED is None:
        yield False
        return
    with settings.EMBEDDED.use() as started:
        settings.EMBEDDED.ensure_database(str(settings.DATABASES["default"]["NAME"]))
        broker.ensure_queue()
        yield started


def close_connections() -> None:
    """Close this process's connections, those waiting in the pool too.

    To be called before the server may go: a pool would go on trying to reach it, and complain.
    """
    for connection in connections.all(initialized_only=True):
        connection.close()
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()
