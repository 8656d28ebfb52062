"""Queues in PostgreSQL: many processes start together, and none may die of the others."""

import threading
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from kombu import Connection, Queue

from clienteling.broker import ANNOUNCING_TRIGGER, install_queue

pytestmark = pytest.mark.django_db(transaction=True)

QUEUES = ("send", "default", "bulk")
TOGETHER, ROUNDS = 6, 3


@pytest.fixture
def conn_string() -> str:
    """The test database with the queue's schema, which it has not of its own."""
    parameters = connection.get_connection_params()
    named = {
        name: parameters[name]
        for name in ("host", "port", "user", "password", "dbname")
        if parameters.get(name)
    }
    made = psycopg.conninfo.make_conninfo(**named)
    with psycopg.connect(made) as queue_connection:
        install_queue(queue_connection)
    return made


def start_consuming(options: dict[str, Any], barrier: threading.Barrier) -> None:
    """What a worker does at its start: declare its queues and consume from them."""
    with Connection("pgmq://", transport_options=options) as queue_connection:
        channel = queue_connection.default_channel
        barrier.wait(timeout=20)
        for name in QUEUES:
            Queue(name, channel=channel).declare()
            channel.basic_consume(name, False, print, f"{name} {threading.get_ident()}")


def test_workers_that_start_together_do_not_break_each_other(conn_string: str) -> None:
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "conn_string": conn_string}
    broken: list[Exception] = []

    def start(barrier: threading.Barrier) -> None:
        try:
            start_consuming(options, barrier)
        except Exception as error:
            broken.append(error)

    for _ in range(ROUNDS):
        barrier = threading.Barrier(TOGETHER)
        starting = [threading.Thread(target=start, args=[barrier]) for _ in range(TOGETHER)]
        for thread in starting:
            thread.start()
        for thread in starting:
            thread.join()

    assert broken == []


def test_install_queue_drops_what_announced_every_task_in_an_earlier_release(
    conn_string: str,
) -> None:
    with psycopg.connect(conn_string, autocommit=True) as queue_connection:
        queue_connection.execute("SELECT pgmq.create('announced')")
        queue_connection.execute("SELECT pgmq.enable_notify_insert('announced')")
        assert announcements(queue_connection) == ["q_announced"]

        assert not install_queue(queue_connection)

        assert announcements(queue_connection) == []
        queue_connection.execute("SELECT pgmq.drop_queue('announced')")


def announcements(queue_connection: psycopg.Connection) -> list[str]:
    query = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s"
    found = queue_connection.execute(query, [ANNOUNCING_TRIGGER]).fetchall()
    return [name.removeprefix("pgmq.") for (name,) in found]
