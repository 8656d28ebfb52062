"""Shared fixtures. Time is given, never asked; sockets other than loopback stay closed."""

import os
import shutil
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings

from tests.factories import NOON

# Playwright's synchronous API keeps an event loop in this thread; Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET_CHROMIUM = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure() -> None:
    """What would only cost time here: strong password hashes, and collected static files."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def now() -> datetime:
    """Monday 15 June 2026, noon in Chicago."""
    return NOON


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments = {**browser_type_launch_args, "args": QUIET_CHROMIUM + sandbox}
    return {**arguments, "executable_path": found} if found else arguments
