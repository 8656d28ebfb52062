"""Workers, scheduler and web server as they run in a shop, on the database of a test."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from clienteling import supervisor
from clienteling.local_database import close_connections

ROOT = Path(__file__).resolve().parent.parent.parent
CELERY = ("-W", "ignore", "-m", "celery", "--app", "clienteling", "--quiet")
WRONG_CLOCK = str(Path(__file__).parent / "wrong_clock.py")
# What a developer's shell may say and the shop of a test must not hear.
STRIPPED = ("CELERY_BROKER_URL", "REDIS_URL", "DEBUG", "DEMO_CLOCK", "EMAIL_URL", "IMAP_URL")


@dataclass
class ShopProcesses:
    """The children, each the leader of its own process group; what they say goes to files."""

    folder: Path
    environment: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start_worker(self, name: str, *, concurrency: int, ahead_seconds: int = 0) -> None:
        """A worker, on a machine whose clock is ahead by so much (behind, when it is negative)."""
        options = ("--concurrency", str(concurrency), "--queues", "send,default,bulk")
        quietly = ("--without-mingle", "--without-gossip", "--loglevel", "WARNING")
        celery = (WRONG_CLOCK, str(ahead_seconds), *CELERY[4:]) if ahead_seconds else CELERY
        self._start(name, *celery, "worker", "--hostname", f"{name}@localhost", *options, *quietly)

    def start_scheduler(self, name: str) -> None:
        own_file = ("--schedule", str(self.folder / f"{name}.schedule"), "--pidfile=")
        self._start(name, *CELERY, "beat", *own_file, "--loglevel", "WARNING")

    def start_web(self, port: int) -> None:
        shape = ("--worker-class", "gthread", "--workers", "1", "--threads", "4")
        quietly = ("--log-level", "warning", "--no-control-socket")
        address = ("--bind", f"127.0.0.1:{port}")
        self._start("web", "-m", "gunicorn", "clienteling.wsgi", *address, *shape, *quietly)

    def kill(self, name: str) -> None:
        """SIGKILL for the whole group: no task is finished, no connection is closed in order."""
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def assert_all_run(self) -> None:
        """None may end by itself: not by the others, nor by what happens around it."""
        ended = [name for name, each in self.running.items() if each.poll() is not None]
        assert ended == [], self.said()

    def run_to_its_end(self, script: str, *arguments: str) -> None:
        """A short program of Python's among them."""
        command = [sys.executable, "-c", script, *arguments]
        subprocess.run(command, cwd=ROOT, env=dict(self.environment), check=True, timeout=60)

    def said(self) -> str:
        """The last words of all of them, for a failure's report."""
        return "\n".join(
            f"--- {path.stem}\n{path.read_text(errors='replace')[-2_000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def _start(self, name: str, *arguments: str) -> None:
        # The supervisor's own small program: should this process die, its children end too.
        as_child = ("-I", "-S", supervisor.__file__, str(os.getpid()), name, sys.executable)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *as_child, *arguments],
                cwd=ROOT,
                env={**self.environment, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@contextmanager
def shop_processes(folder: Path, settings: Mapping[str, str]) -> Iterator[ShopProcesses]:
    """Processes on this very database, with these settings; all are gone at the end."""
    environment = environment_here() | {"CLIENTELING_VAR": str(folder), **settings}
    processes = ShopProcesses(folder, environment)
    try:
        yield processes
    finally:
        for name in list(processes.running):
            processes.kill(name)
        wait_until_alone()


def environment_here() -> dict[str, str]:
    """The environment for a process of the shop on this very database."""
    own = {name: value for name, value in os.environ.items() if name not in STRIPPED}
    return own | {
        "DATABASE_URL": database_url(),
        "SECRET_KEY": "a key for the processes of one test, and for nothing else at all",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def database_url() -> str:
    """The connection of this process, as the variable that other processes read."""
    here = connection.settings_dict
    password = f":{quote(here['PASSWORD'], safe='')}" if here.get("PASSWORD") else ""
    port = f":{here['PORT']}" if here.get("PORT") else ""
    host = quote(str(here["HOST"]), safe="")
    return f"postgres://{quote(here['USER'], safe='')}{password}@{host}{port}/{here['NAME']}"


def wait_until_alone(*, seconds: float = 15) -> None:
    """Until the server has noticed that the killed are gone; sooner it drops no database."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            row = cursor.fetchone()
        if row == (0,):
            return
        close_connections()
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
