"""What the tests of the messages and of the screens share."""

import pytest

from outreach.messages.providers import registry
from tests.outreach.messages.worlds import FakeCarrier


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> FakeCarrier:
    """Takes every message of every channel."""
    fake = FakeCarrier()
    monkeypatch.setattr(registry, "for_channel", lambda channel: fake)
    monkeypatch.setattr(registry, "of_message", lambda channel, provider: fake)
    return fake
