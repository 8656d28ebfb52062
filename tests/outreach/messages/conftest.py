"""Nobody hears the hints in these tests, and the carrier is a fake that records."""

from datetime import datetime, timedelta

import pytest

from outreach.messages import hints
from outreach.models import Message
from tests.outreach.messages.worlds import associate_with_client, offer, picks_in_stock, tap


@pytest.fixture(autouse=True)
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...], float]]:
    """What was handed to the workers: (task, arguments, countdown)."""
    heard: list[tuple[str, tuple[str, ...], float]] = []

    def send_task(name: str, arguments: tuple[str, ...], *, countdown: float, **_: object) -> None:
        heard.append((name.removeprefix("outreach.tasks."), tuple(arguments), countdown))

    monkeypatch.setattr(hints.current_app, "send_task", send_task)
    return heard


@pytest.fixture
def queued(now: datetime) -> Message:
    """A note tapped at noon; it is due eight seconds later."""
    associate, customer = associate_with_client()
    return tap(associate, customer, offer(picks_in_stock(customer)), now=now)


@pytest.fixture
def due(now: datetime) -> datetime:
    return now + timedelta(seconds=8)
