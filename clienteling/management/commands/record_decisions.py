"""`manage.py record_decisions`: what the night does, by hand."""

import argparse
from datetime import UTC, date, datetime, time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clienteling import clock
from outreach.decisions import recording


class Command(BaseCommand):
    help = (
        "Writes down for every client of a book whether she may be written to, by which rules, and "
        "when that changes. The same night again changes nothing where nothing has happened."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            type=_day,
            metavar="DATE",
            help="a night like 2026-05-03 that is not written down yet; default: today",
        )

    def handle(self, *, as_of: date | None, **options: Any) -> None:
        now = clock.now()
        today = now.astimezone(clock.shop_zone()).date()
        night = as_of or today
        if night > today:
            raise CommandError(f"{night:%d %B %Y} has not come yet.")
        moment = now if night == today else night_of(night)
        try:
            recorded = recording.record(night, as_of=moment, now=now)
        except recording.CannotRecord as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(recorded.sentence)


def night_of(night: date) -> datetime:
    """The moment at which the schedule would have written this night down."""
    return datetime.combine(night, time(settings.NIGHTLY_UTC_HOUR), tzinfo=UTC)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a date like 2026-05-03") from error
