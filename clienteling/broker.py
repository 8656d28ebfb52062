"""The broker: PGMQ's schema where it is our own PostgreSQL, and whether any broker is reachable."""

import logging

import psycopg
from django.conf import settings
from kombu.exceptions import OperationalError
from pgmq.install import install_pgmq_from_sql
from psycopg import sql

from clienteling.celery import app
from clienteling.locks import DatabaseLock

logger = logging.getLogger(__name__)

ANNOUNCING_TRIGGER = "trigger_notify_queue_insert_listeners"
CONNECT_SECONDS = 2


def ensure_queue() -> bool:
    """Create PGMQ's schema where the broker is PostgreSQL; False when there was nothing to do.

    Not a migration: an installation with Redis or RabbitMQ must not get it. Its script may not run
    twice on one database, so the schema's presence is checked under a lock.
    """
    if not settings.BROKER_IS_POSTGRES:
        return False
    with _connect_to_queue() as connection:
        return install_queue(connection)


def install_queue(connection: psycopg.Connection) -> bool:
    """Create PGMQ's schema over this connection; False when the database has it already."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [DatabaseLock.BROKER_QUEUES])
    if _has_queue(connection):
        _drop_announcements(connection)
        return False
    install_pgmq_from_sql(conn=connection)
    return True


def is_reachable() -> bool:
    """Whether tasks can be handed over now; the reason why not is logged."""
    try:
        return _queue_answers() if settings.BROKER_IS_POSTGRES else _broker_answers()
    except (OSError, psycopg.Error, OperationalError):
        logger.warning("The broker is unreachable", exc_info=True)
        return False


def _queue_answers() -> bool:
    with _connect_to_queue() as connection:
        return _has_queue(connection)


def _broker_answers() -> bool:
    with app.connection_for_write(connect_timeout=CONNECT_SECONDS) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT_SECONDS)
        # Redis is only spoken to when a channel is opened.
        connection.default_channel.close()
    return True


def _connect_to_queue() -> psycopg.Connection:
    conn_string = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["conn_string"])
    return psycopg.connect(conn_string, connect_timeout=CONNECT_SECONDS)


def _drop_announcements(connection: psycopg.Connection) -> None:
    """Remove the triggers of an earlier release: every task would wake listeners that are gone."""
    query = (
        "SELECT event_object_schema, event_object_table FROM information_schema.triggers"
        " WHERE trigger_name = %s"
    )
    for table in connection.execute(query, [ANNOUNCING_TRIGGER]).fetchall():
        drop = sql.SQL("DROP TRIGGER {} ON {}")
        connection.execute(drop.format(sql.Identifier(ANNOUNCING_TRIGGER), sql.Identifier(*table)))


def _has_queue(connection: psycopg.Connection) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'pgmq')"
    row = connection.execute(query).fetchone()
    return bool(row and row[0])
