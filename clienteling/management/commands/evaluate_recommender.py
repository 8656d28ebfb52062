"""`manage.py evaluate_recommender`: would the suggestions have been good, in this shop's past?"""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clienteling import clock
from clienteling.plain_tables import table_lines
from customers.backtest import WEEKS, Evaluation, TooLittleToEvaluate, evaluate
from customers.backtest_report import HEADINGS, remember, save, sentences, table, title_of


class Command(BaseCommand):
    help = (
        "Tries the suggestions on the shop's own past: at some past dates, with only what was "
        "known then, against simple methods. Prints tables and a plain sentence, writes a report. "
        "Changes no suggestion; the sentence is kept beside the learned weights in the admin."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--weeks",
            type=weeks,
            metavar="N",
            help=f"how many dates, a week apart; {WEEKS}, or as many as the past allows",
        )
        parser.add_argument(
            "--clients",
            choices=("all", "lapsed"),
            default="all",
            help="all: everybody, and the lapsed among them; lapsed: only those",
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="where the report goes, an HTML page"
        )

    def handle(self, *, report: Path | None, **options: Any) -> None:
        now, zone = clock.now(), clock.shop_zone()
        file = report or settings.VAR / "reports" / f"recommender-{now.astimezone(zone):%F}.html"
        if report and not report.parent.is_dir():
            raise CommandError(f"{report.parent} is not a folder.")
        try:
            evaluation = evaluate(
                now=now,
                zone=zone,
                weeks=options["weeks"],
                clients=options["clients"],
                progress=self.stdout.write,
            )
        except TooLittleToEvaluate as reason:
            raise CommandError(str(reason)) from None
        remember(evaluation, on=now.astimezone(zone).date())
        self._print(evaluation)
        self.stdout.write(f"The report is {save(evaluation, file)}.")

    def _print(self, evaluation: Evaluation) -> None:
        for group in evaluation.groups:
            self.stdout.write(f"\n{title_of(group)}: {group.asked:,} answers")
            if rows := table(group):
                self.stdout.write("\n".join(table_lines(HEADINGS, rows)))
        self.stdout.write("")
        for sentence in sentences(evaluation):
            self.stdout.write(sentence)


def weeks(text: str) -> int:
    """A number of weeks from 1 up."""
    if not text.isdecimal() or not 1 <= int(text) <= 104:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 to 104")
    return int(text)
