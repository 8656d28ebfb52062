"""`manage.py database start|stop|status`: the embedded server, by hand."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clienteling import broker
from clienteling.embedded import EmbeddedServer


class Command(BaseCommand):
    help = "Starts the embedded database and leaves it running, stops it, or tells how it is."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("action", choices=("start", "stop", "status"))

    def handle(self, *, action: str, **options: Any) -> None:
        if settings.EMBEDDED is None:
            raise CommandError("DATABASE_URL names another server: there is no embedded one.")
        actions = {"start": start, "stop": stop, "status": status}
        self.stdout.write(actions[action](settings.EMBEDDED))


def start(server: EmbeddedServer) -> str:
    """Start the server so that it stays up without users; answers a sentence."""
    server.keep_running(True)
    started = server.start()
    server.ensure_database(str(settings.DATABASES["default"]["NAME"]))
    broker.ensure_queue()
    return "The database was started." if started else "The database was running already."


def stop(server: EmbeddedServer) -> str:
    """Stop the server, unless somebody works with it: then the last of them will."""
    server.keep_running(False)
    if server.is_in_use():
        return "The database is in use; it stops with the last program that uses it."
    return "The database was stopped." if server.stop() else "The database was not running."


def status(server: EmbeddedServer) -> str:
    """How the server is, and where its files are."""
    state = "runs" if server.is_running() else "is stopped"
    return f"The database {state}. Files: {server.folder}  Socket folder: {server.socket_folder}"
