"""`manage.py outbox`: the messages on their way; `outbox retry ID` and `outbox cancel ID`."""

import argparse
import getpass
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from clienteling import clock
from outreach.messages import by_hand
from outreach.messages.by_hand import NotByHand
from outreach.messages.outbox import NotSendable
from outreach.models import Message
from outreach.models.message import State

FINISHED = (State.DELIVERED, State.FAILED, State.CANCELED)
RECENT = timedelta(hours=24)
COLUMNS = ("id", "channel", "state", "provider_id", "attempts", "reason")


class Command(BaseCommand):
    help = (
        "Lists the messages that are on their way, and those finished in the last 24 hours. "
        "retry ID: puts one that failed or needs attention back in the queue, if it certainly "
        "did not leave and every rule allows it. cancel ID: stops one that has not left."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON list instead of a table.")
        parser.add_argument("action", nargs="?", choices=("retry", "cancel"))
        parser.add_argument("id", nargs="?", help="The message's id, from the list.")
        parser.add_argument("--by", default="", help="Who does it; default: this account's name.")
        parser.add_argument(
            "--not-arrived",
            action="store_true",
            help="With retry: she was asked, and a mail that may have arrived did not.",
        )

    def handle(self, *, json: bool, action: str | None, **options: Any) -> None:
        if action is None:
            rows = list(_rows())
            self.stdout.write(_as_json(rows) if json else _as_table(rows))
            return
        message = _message(action, options["id"])
        by = options["by"] or getpass.getuser()
        try:
            if action == "retry":
                self.stdout.write(_retry(message, by, has_not_arrived=options["not_arrived"]))
            else:
                by_hand.cancel(message, by=by, now=clock.now())
                self.stdout.write(f"{message.pk} is canceled.")
        except (NotByHand, NotSendable) as refusal:
            raise CommandError(f"{message.pk} stays as it is. {refusal.sentence}") from None


def _message(action: str, number: str | None) -> Message:
    if number is None:
        raise CommandError(f"Name the message: manage.py outbox {action} ID.")
    try:
        return Message.objects.get(pk=UUID(number))
    except (ValueError, Message.DoesNotExist):
        raise CommandError(f"There is no message {number}.") from None


def _retry(message: Message, by: str, *, has_not_arrived: bool) -> str:
    state = by_hand.retry(message, by=by, now=clock.now(), has_not_arrived=has_not_arrived)
    if state == State.QUEUED:
        return f"{message.pk} is in the queue again."
    return f"{message.pk} had left after all: the carrier's list shows it. It is marked sent."


def _rows() -> Iterable[dict[str, Any]]:
    """Oldest first; ids and states only, never an address or the words of a message."""
    unfinished = Message.objects.exclude(state__in=[*FINISHED, State.DRAFT])
    recent = Message.objects.filter(state__in=FINISHED, queued_at__gte=clock.now() - RECENT)
    for message in (unfinished | recent).order_by("created_at", "pk").iterator():
        yield {
            "id": str(message.pk),
            "channel": message.channel,
            "state": message.state,
            "provider_id": message.provider_id,
            "attempts": message.attempts,
            "reason": message.reason,
        }


def _as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2)


def _as_table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "Nothing is on its way."
    widths = {name: max(len(name), *(len(str(row[name])) for row in rows)) for name in COLUMNS}
    lines = [
        "  ".join(str(row[name]).ljust(widths[name]) for name in COLUMNS).rstrip()
        for row in [{name: name for name in COLUMNS}, *rows]
    ]
    return "\n".join([*lines, f"{len(rows)} messages."])
