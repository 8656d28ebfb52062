"""The clock of these tests stands still, and nobody hears the hints to the workers."""

from datetime import datetime

import pytest
from django.test import Client

from clienteling import clock
from clienteling.models import User
from outreach.messages import hints
from tests.factories import NOON, UserFactory


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(hints, "deliver", lambda *arguments, **options: True)
    monkeypatch.setattr(hints, "carrier_reports", lambda **options: True)
    monkeypatch.setattr(hints, "fetch_picture", lambda number: True)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Let the clock stand at another moment."""

    def stand(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return stand


@pytest.fixture
def associate(db: None) -> User:
    return UserFactory(first_name="Maya")


@pytest.fixture
def shop(client: Client, associate: User) -> Client:
    """The associate's browser."""
    client.force_login(associate)
    return client
