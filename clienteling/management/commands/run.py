"""`manage.py run [PORT]`: database, migrations, demo shop, then web, worker and scheduler."""

import argparse
import contextlib
import errno
import fcntl
import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from clienteling import broker, clock
from clienteling.command_line import DEFAULT_PORT
from clienteling.demo import staff
from clienteling.local_database import close_connections, database_in_use
from clienteling.static_files import collect_changed
from clienteling.supervisor import (
    Death,
    Program,
    StopRequested,
    StopSignals,
    Supervisor,
    say,
)
from customers.models import Customer

HOST = "127.0.0.1"
ANSWER_SECONDS = 1
DEMO_ACCOUNTS = ("shoeguy", "manager", "admin")
# In the order of their worth: a note waiting to be sent comes before a nightly computation.
QUEUES = ("send", "default", "bulk")


class Command(BaseCommand):
    help = "Runs everything on this machine until Ctrl-C, and leaves nothing running behind."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        default = os.environ.get("PORT") or DEFAULT_PORT
        parser.add_argument("port", nargs="?", default=default, help="default: PORT, or 8000")

    def handle(self, *, port: str, **options: Any) -> None:
        number = checked_port(port)
        stop_signals = StopSignals()
        death = None
        with (
            stop_signals.installed(),
            only_one(settings.VAR, number),
            contextlib.suppress(StopRequested),
        ):
            death = run_everything(number, stop_signals)
        say("Stopped." if death is None else f"Stopped, because of this:\n{death}")
        if death:
            sys.exit(1)


def run_everything(port: int, stop_signals: StopSignals) -> Death | None:
    """Prepare and serve until a wish to stop; answers the death of a program that ended alone."""
    supervisor = Supervisor(stop_signals.wish)
    with contextlib.ExitStack() as until_the_end:
        with stop_signals.cutting_short():
            started = until_the_end.enter_context(database_in_use())
            say("The database was started." if started else "The database is running.")
            is_demo = prepare()
            close_connections()
        try:
            return serve(supervisor, port, welcome(port, is_demo=is_demo))
        finally:
            say("Stopping...")
            for name in supervisor.end_all():
                say(f"The {name} did not stop in time and was killed.")


def prepare() -> bool:
    """Bring database, static files and, the first time, the demo shop up to date.

    Answers whether it is the demo shop that is served.
    """
    broker.ensure_queue()
    call_command("migrate", verbosity=0)
    collect_changed()
    if not Customer.objects.exists():
        say("Loading the demo shop, this once...")
        call_command("load_demo")
    is_demo = clock.is_demo_data()
    if is_demo and settings.DEMO_CLOCK:
        clock.start_demo_day(zone=clock.shop_zone(), starts_at=settings.DEMO_CLOCK)
    return is_demo


def serve(supervisor: Supervisor, port: int, greeting: str) -> Death | None:
    """Run the programs; says the greeting as soon as the first page can be had."""
    for program in programs(port):
        supervisor.start(program)
    death = supervisor.watch(until=lambda: answers(port))
    if death is None and not supervisor.is_stopping():
        say(greeting)
        death = supervisor.watch()
    return death


def programs(port: int) -> list[Program]:
    """Web server, worker and scheduler, as they are started here; production starts the same."""
    # Root is warned at length against being root; on this machine that is the person's own matter.
    hush = "ignore:You're running the worker with superuser privileges"
    celery = [sys.executable, "-W", hush, "-m", "celery", "--app", "clienteling", "--quiet"]
    return [
        Program(
            "web",
            [
                *(sys.executable, "-m", "gunicorn", "clienteling.wsgi"),
                *("--bind", f"{HOST}:{port}"),
                *("--worker-class", "gthread", "--workers", "2", "--threads", "16", "--preload"),
                *("--log-level", "warning", "--no-control-socket"),
            ],
        ),
        Program(
            "worker",
            [
                *(*celery, "worker", "--concurrency", "2", "--queues", ",".join(QUEUES)),
                *("--without-mingle", "--without-gossip", "--loglevel", "WARNING"),
            ],
        ),
        Program("scheduler", [*celery, "beat", "--loglevel", "WARNING"]),
    ]


def answers(port: int) -> bool:
    """Whether the web server serves pages already."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=ANSWER_SECONDS):
            return True
    except (urllib.error.URLError, OSError):
        return False


def welcome(port: int, *, is_demo: bool) -> str:
    """What a person needs to begin; the accounts only where they are the demo's."""
    lines = [f"Open http://{HOST}:{port}/    (Ctrl-C stops everything)"]
    if is_demo:
        lines.append(f"Sign in as {', '.join(DEMO_ACCOUNTS)}; password: {settings.DEMO_PASSWORD}")
        lines.append(f"On a shared tablet (manager: /tablets/) everybody's PIN is {staff.PIN}")
    return "\n".join(["", *lines, ""])


def checked_port(text: str) -> int:
    """The port as a number; raises ``CommandError`` when it is none, or not ours to take."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    port = int(text)
    problem = port_problem(port)
    if problem:
        raise CommandError(problem)
    return port


def port_problem(port: int) -> str | None:
    """Why nothing can listen on the port, as a sentence; ``None`` when it is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        # As the web server does it: a connection that was just closed does not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            another = f"try PORT={port + 1 if port < 65535 else DEFAULT_PORT} make run"
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is in use by another program; {another}"
            return f"Port {port} cannot be used ({error.strerror}); {another}"
    return None


@contextlib.contextmanager
def only_one(folder: Path, port: int) -> Iterator[None]:
    """Refuse to serve the same data twice at once: two schedulers would get in each other's way."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"Clienteling runs already, at http://{HOST}:{lock.read().strip()}/. "
                "Stop it first, or let CLIENTELING_VAR name another folder for a second shop."
            ) from None
        lock.truncate(0)
        lock.write(str(port))
        lock.flush()
        yield
