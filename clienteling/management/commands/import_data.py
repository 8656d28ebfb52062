"""`manage.py import_data DIR`: the shop's files, in the order in which they lean on each other."""

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from catalog.importing import import_products, import_stock
from clienteling import clock
from clienteling.directory import import_staff, import_stores
from clienteling.feeds import Feed, FeedError, ImportReport, Rejection, Rejects
from customers.importing.consents import import_consents
from customers.importing.customers import import_customers
from customers.importing.purchases import follow_variants, import_purchases
from customers.importing.service_cases import import_service_cases
from outreach.importing import import_marketing_sends

REJECTS_NAME = "rejects.csv"
SOME_REFUSED, NOTHING_READ = 3, 1
SECONDS_BETWEEN_SIGNS = {True: 0.2, False: 5.0}  # on a terminal; in a log


def import_products_and_follow(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """The product file, and the purchase lines whose SKU it moved to another style."""
    with transaction.atomic():
        report = import_products(feed, now=now, dry_run=dry_run)
        if report.changed:
            follow_variants()
    return report


Importer = Callable[..., ImportReport]
IMPORTERS: dict[str, Importer] = {
    "stores": import_stores,
    "staff": import_staff,
    "products": import_products_and_follow,
    "stock": import_stock,
    "customers": import_customers,
    "consents": import_consents,
    "purchases": import_purchases,
    "service_cases": import_service_cases,
    "marketing_sends": import_marketing_sends,
}


FILE_NAMES = [f"{kind}.csv" for kind in IMPORTERS]


@dataclass(frozen=True)
class Outcome:
    """What the whole run came to."""

    reports: tuple[ImportReport, ...]
    unreadable: int

    @property
    def exit_code(self) -> int:
        if not self.reports:
            return NOTHING_READ
        refused = self.unreadable or any(report.rejected for report in self.reports)
        return SOME_REFUSED if refused else 0

    @property
    def total(self) -> ImportReport:
        """The reports' counts added up."""
        counts = ("read", "created", "changed", "unchanged", "repeated", "rejected")
        sums = {name: sum(getattr(report, name) for report in self.reports) for name in counts}
        return ImportReport(file="", noun="rows", **sums)


class Progress:
    """Signs of life on stderr: one line drawn over and over, or now and then one in a log."""

    def __init__(self, name: str, stream: IO[str]) -> None:
        self.started = time.monotonic()
        self._name = name
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._last_sign = self.started

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def __call__(self, rows: int) -> None:
        moment = time.monotonic()
        if moment - self._last_sign < SECONDS_BETWEEN_SIGNS[self._is_terminal]:
            return
        self._last_sign = moment
        speed = rows / max(self.seconds, 0.001)
        start, end = ("\r", "\033[K") if self._is_terminal else ("", "\n")
        self._stream.write(f"{start}{self._name}: {rows:,} rows read, {speed:,.0f} a second{end}")
        self._stream.flush()

    def finish(self) -> None:
        if self._is_terminal:
            self._stream.write("\r\033[K")
            self._stream.flush()


class Command(BaseCommand):
    help = (
        "Loads stores, staff, products, stock, customers, consents, purchases, service cases and "
        "others' mailings from CSV files (plain or .gz). Loading the same files again changes "
        "nothing."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--dry-run", action="store_true", help="check all, change nothing")
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="refused rows; default: DIR/rejects.csv"
        )

    def handle(self, *, folder: Path, dry_run: bool, rejects: Path | None, **options: Any) -> None:
        paths, doubles = find_files(folder)
        if not paths:
            raise CommandError(
                f"Nothing could be read: {folder} holds no {', '.join(FILE_NAMES)} (or .gz)."
            )
        for double in doubles:
            self._warn(double)
        started = time.monotonic()
        with Rejects(rejects_path(folder, rejects)) as refused, kept_unless(dry_run):
            outcome = self._load_all(paths, refused, is_trial=dry_run)
        self._conclude(outcome, refused, seconds=time.monotonic() - started, is_trial=dry_run)
        if outcome.exit_code:
            sys.exit(outcome.exit_code)

    def _load_all(self, paths: dict[str, Path], refused: Rejects, *, is_trial: bool) -> Outcome:
        now = clock.now()
        reports, unreadable = [], 0
        for kind, path in paths.items():
            report = self._load(IMPORTERS[kind], path, refused, now=now, is_trial=is_trial)
            if report is None:
                unreadable += 1
            else:
                reports.append(report)
        return Outcome(tuple(reports), unreadable)

    def _load(
        self, importer: Importer, path: Path, refused: Rejects, *, now: datetime, is_trial: bool
    ) -> ImportReport | None:
        """Load one file and say what came of it; None when nothing of it can be read."""
        progress = Progress(path.name, sys.stderr)
        feed = Feed(path, on_reject=refused.add, progress=progress)
        try:
            report = importer(feed, now=now)
        except FeedError as error:
            progress.finish()
            refused.add(Rejection(path.name, 1, error.column, str(error)))
            self.stdout.write(self.style.ERROR(f"{path.name}: {error} Nothing of it was loaded."))
            return None
        progress.finish()
        self.stdout.write(f"{path.name}: {told(report, progress.seconds, is_trial=is_trial)}")
        for warning in report.warnings:
            self._warn(warning)
        return report

    def _conclude(
        self, outcome: Outcome, refused: Rejects, *, seconds: float, is_trial: bool
    ) -> None:
        if refused.count:
            self.stdout.write(f"What was refused, and why: {refused.path}")
        if not outcome.reports:
            raise CommandError("Nothing could be read.", returncode=NOTHING_READ)
        self.stdout.write(f"In all: {told(outcome.total, seconds, is_trial=is_trial)}")
        if is_trial:
            self.stdout.write("This was a dry run: nothing was changed.")

    def _warn(self, sentence: str) -> None:
        self.stdout.write(f"  warning: {sentence}")


@contextlib.contextmanager
def kept_unless(is_trial: bool) -> Iterator[None]:
    """Each file is a transaction of its own; those of a trial are all undone at the end."""
    if not is_trial:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def find_files(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """The files there are, by kind in loading order, and a sentence for each one passed over."""
    found, doubles = {}, []
    for kind in IMPORTERS:
        paths = [folder / f"{kind}.csv", folder / f"{kind}.csv.gz"]
        there = [path for path in paths if path.is_file()]
        if there:
            found[kind] = there[0]
        if len(there) > 1:
            doubles.append(f"{there[1].name} was passed over, {there[0].name} being there too.")
    return found, doubles


def rejects_path(folder: Path, asked: Path | None) -> Path:
    """Where refused rows go; raises ``CommandError`` when the file asked for cannot be written."""
    choices = [asked] if asked else [folder / REJECTS_NAME, Path.cwd() / REJECTS_NAME]
    for path in choices:
        if is_writable(path):
            return path
    raise CommandError(f"Refused rows cannot be written to {choices[-1]}: use --rejects FILE.")


def is_writable(path: Path) -> bool:
    """Whether the file can be written; trying is the only answer that holds on every system."""
    was_there = path.exists()
    try:
        with path.open("a"):
            pass
    except OSError:
        return False
    if not was_there:
        path.unlink()
    return True


def told(report: ImportReport, seconds: float, *, is_trial: bool) -> str:
    """`3 stores read, 3 added, 0 changed, 0 unchanged, 0 refused, in 0.1 s.`"""
    prefix = "Would load: " if is_trial else ""
    return f"{prefix}{report.sentence}, in {seconds:.1f} s."
