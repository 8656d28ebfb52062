"""`manage.py with_database COMMAND...`: run a command while the database is up."""

import argparse
import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clienteling.local_database import database_in_use


class Command(BaseCommand):
    help = "Runs a command while the embedded database is up; ends with that command's exit code."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")

    def handle(self, *, words: list[str], **options: Any) -> None:
        if not words:
            raise CommandError("Name the command to run: manage.py with_database COMMAND...")
        with database_in_use():
            code = run_to_its_end(words)
        sys.exit(code)


def run_to_its_end(words: list[str]) -> int:
    """Run the command and answer its exit code.

    Ctrl-C reaches the command too, being in the same terminal: it is left to end by itself, since
    the database must not be taken away under it.
    """
    try:
        process = subprocess.Popen(words)
    except OSError as error:
        raise CommandError(f"{words[0]} cannot be run: {error.strerror}.") from error
    with process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
