"""`manage.py outbox [--json]`: the messages on their way, and the latest that arrived or failed."""

import argparse
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from clienteling import clock
from outreach.models import Message
from outreach.models.message import State

FINISHED = (State.DELIVERED, State.FAILED, State.CANCELED)
RECENT = timedelta(hours=24)
COLUMNS = ("id", "channel", "state", "provider_id", "attempts", "reason")


class Command(BaseCommand):
    help = "Lists the messages that are on their way, and those finished in the last 24 hours."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON list instead of a table.")

    def handle(self, *, json: bool, **options: Any) -> None:
        rows = list(_rows())
        self.stdout.write(_as_json(rows) if json else _as_table(rows))


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
