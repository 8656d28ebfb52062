"""What load balancers and monitoring are told."""

from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from clienteling import broker, health
from clienteling.broker import install_queue


@pytest.fixture
def queue_of_the_test_database(settings, db):
    """The test database has no queue schema of its own, and the connection string names another."""
    parameters = connection.get_connection_params()
    parts = {name: parameters[name] for name in ("host", "user", "dbname")}
    conn_string = psycopg.conninfo.make_conninfo(**parts)
    settings.BROKER_IS_POSTGRES = True
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"conn_string": conn_string}
    with psycopg.connect(conn_string) as queue_connection:
        install_queue(queue_connection)


def break_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OperationalError("connection to 10.0.0.7 refused for user secret")

    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=refuse))


def test_healthz_answers_without_looking_at_anything(client, monkeypatch):
    break_the_database(monkeypatch)

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


def test_readyz_answers_when_database_and_broker_are_reachable(client, queue_of_the_test_database):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok"}


def test_readyz_refuses_and_tells_no_detail_when_the_database_is_unreachable(
    client, queue_of_the_test_database, monkeypatch
):
    break_the_database(monkeypatch)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": "unreachable", "broker": "ok"}


@pytest.mark.django_db
def test_readyz_refuses_when_the_queue_is_unreachable(client, settings):
    settings.BROKER_IS_POSTGRES = True
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"conn_string": "host=/nowhere dbname=queue"}

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": "ok", "broker": "unreachable"}


@pytest.mark.django_db
def test_readyz_refuses_when_the_queue_is_not_installed(client, settings):
    parameters = connection.get_connection_params()
    settings.BROKER_IS_POSTGRES = True
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {
        "conn_string": psycopg.conninfo.make_conninfo(
            host=parameters["host"], user=parameters["user"], dbname="template1"
        )
    }

    response = client.get("/readyz")

    assert response.json() == {"database": "ok", "broker": "unreachable"}


@pytest.mark.django_db
def test_readyz_refuses_when_another_broker_is_unreachable(client, settings, monkeypatch):
    settings.BROKER_IS_POSTGRES = False
    monkeypatch.setattr(broker.app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(broker.app.conf, "broker_write_url", "redis://127.0.0.1:1/0")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": "ok", "broker": "unreachable"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_cannot_be_posted_to(path):
    assert Client().post(path).status_code == 405


def test_health_is_never_cached(client):
    assert "no-store" in client.get("/healthz").headers["Cache-Control"]


@pytest.mark.django_db
def test_queue_is_installed_once(queue_of_the_test_database):
    conn_string = settings.CELERY_BROKER_TRANSPORT_OPTIONS["conn_string"]

    with psycopg.connect(conn_string) as queue_connection:
        assert not install_queue(queue_connection)


def test_queue_is_left_alone_when_the_broker_is_another(settings):
    settings.BROKER_IS_POSTGRES = False

    assert not broker.ensure_queue()
