"""The whole shop as a newcomer gets it: `manage.py run` in a folder of its own, and a browser."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "clienteling-demo"
STARTS_WITHIN_SECONDS = 240
STOPS_WITHIN_SECONDS = 40
TABLET = {"width": 1180, "height": 820}
# Only what a newcomer's environment would not have either.
STRIPPED = ("DATABASE_URL", "CELERY_BROKER_URL", "REDIS_URL", "DEBUG", "SECRET_KEY", "DEMO_CLOCK")


@dataclass
class RunningShop:
    """`manage.py run` as a child, and everything it has said."""

    process: subprocess.Popen[str]
    address: str
    said: list[str] = field(default_factory=list)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "".join(self.said)
            try:
                with urlopen(f"{self.address}/readyz", timeout=5) as answer:  # noqa: S310
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                time.sleep(0.3)
        raise AssertionError("The shop did not start:\n" + "".join(self.said))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=STOPS_WITHIN_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """The demo shop, served by web, worker and scheduler processes; ended as by Ctrl-C."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in STRIPPED}
    environment |= {"CLIENTELING_VAR": str(tmp_path_factory.mktemp("shop")), "UNDO_SECONDS": "4"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    running = RunningShop(process, f"http://127.0.0.1:{port}")
    threading.Thread(target=running.listen, daemon=True).start()
    try:
        running.wait_until_ready()
        yield running
        assert running.stop() == 0, "".join(running.said)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


@dataclass
class Seat:
    """One person at one browser, and everything the browser complained about meanwhile."""

    page: Page
    shop: RunningShop
    complaints: list[str]

    def go(self, path: str) -> None:
        self.page.goto(self.shop.address + path)

    def log_in(self, username: str) -> None:
        self.go("/login/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/login/" not in url)


SeatMaker = Callable[..., Seat]


@pytest.fixture
def seat(shop: RunningShop, browser: Browser) -> Iterator[SeatMaker]:
    """Make seats: `seat("shoeguy")`, `seat("manager", viewport=…)`, `seat(java_script_enabled=…)`.

    At the end no page may have logged an error, broken the content policy or asked elsewhere.
    """
    contexts: list[BrowserContext] = []
    seats: list[Seat] = []

    def take(username: str = "", **options: object) -> Seat:
        context = browser.new_context(**{"viewport": TABLET, **options})  # type: ignore[arg-type]
        contexts.append(context)
        taken = Seat(context.new_page(), shop, [])
        context.on("console", lambda message: _note_console(taken, message))
        context.on("response", lambda response: _note_response(taken, response))
        context.on("weberror", lambda error: taken.complaints.append(str(error.error)))
        seats.append(taken)
        if username:
            taken.log_in(username)
        return taken

    yield take
    complaints = [complaint for taken in seats for complaint in taken.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


def _note_console(seat: Seat, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        seat.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")


def _note_response(seat: Seat, response: Response) -> None:
    if not response.url.startswith((seat.shop.address, "data:")):
        seat.complaints.append(f"another origin: {response.url}")
    if response.status >= 400:
        seat.complaints.append(f"{response.status}: {response.url}")
