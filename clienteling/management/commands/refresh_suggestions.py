"""`manage.py refresh_suggestions`: who has lapsed and what to suggest, as of a day."""

import argparse
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from clienteling import clock
from clienteling.defaults import NEW_ARRIVAL_DAYS, SUGGESTIONS_SHOWN
from customers.suggestions import RefreshRunning, refresh


class Command(BaseCommand):
    help = (
        "Recomputes who has lapsed and what to suggest, as of DATE, and replaces the suggestions "
        "that the associates see. Nothing recorded after DATE is used."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            metavar="DATE",
            help="2017-10-31 (through the end of that day in the shop) or 2017-10-31T18:00; now",
        )
        parser.add_argument(
            "--new-within",
            type=positive,
            default=NEW_ARRIVAL_DAYS,
            metavar="DAYS",
            help=f"how long an arrival is new; {NEW_ARRIVAL_DAYS}",
        )
        parser.add_argument(
            "--top",
            type=positive,
            default=SUGGESTIONS_SHOWN,
            metavar="K",
            help=f"suggestions for each client; {SUGGESTIONS_SHOWN}",
        )
        parser.add_argument("--clients", choices=("lapsed", "all"), default="lapsed")
        parser.add_argument("--export", type=Path, metavar="FILE", help="also write them as CSV")

    def handle(self, *, as_of: str | None, export: Path | None, **options: Any) -> None:
        now = clock.now()
        moment = moment_of(as_of, zone=clock.shop_zone()) if as_of else now
        if export and not export.parent.is_dir():
            raise CommandError(f"{export.parent} is not a folder.")
        try:
            report = refresh(
                as_of=moment,
                now=now,
                new_within=options["new_within"],
                top=options["top"],
                clients=options["clients"],
                export=export,
                progress=self.stdout.write,
            )
        except RefreshRunning as running:
            raise CommandError(str(running)) from None
        for warning in report.warnings:
            self.stdout.write(self.style.WARNING(warning))
        if as_of:
            self.stdout.write(f"These replace the suggestions on show; they are as of {report.on}.")
        self.stdout.write(report.sentence)


def positive(text: str) -> int:
    """A whole number from 1 up, of days or of items."""
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 to 10,000")
    return int(text)


def moment_of(text: str, *, zone: ZoneInfo) -> datetime:
    """The moment a DATE stands for.

    A plain date means through the end of that day in the shop, so that what happened on it is
    known; a date with a time means that moment, the shop's time unless it says otherwise.
    Raises ``CommandError`` for anything else.
    """
    try:
        if len(text) == len("2017-10-31"):
            next_day = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(next_day, time.min, tzinfo=zone) - timedelta(microseconds=1)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise CommandError(f"{text} is not a date such as 2017-10-31.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
