"""Nobody hears the hints in these tests, and the carrier is a fake that records."""

import pytest

from outreach.messages import hints
from outreach.messages.providers import registry
from tests.outreach.messages.worlds import FakeCarrier


@pytest.fixture(autouse=True)
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...], float]]:
    """What was handed to the workers: (task, arguments, countdown)."""
    heard: list[tuple[str, tuple[str, ...], float]] = []

    def send_task(name: str, arguments: tuple[str, ...], *, countdown: float, **_: object) -> None:
        heard.append((name.removeprefix("outreach.tasks."), tuple(arguments), countdown))

    monkeypatch.setattr(hints.current_app, "send_task", send_task)
    return heard


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> FakeCarrier:
    fake = FakeCarrier()
    monkeypatch.setattr(registry, "for_channel", lambda channel: fake)
    monkeypatch.setattr(registry, "of_message", lambda channel, provider: fake)
    return fake
