"""The stop switch as everybody sees it: which stops hold somebody back, and in which words.

Who may stop and start, and what that does to the outbox, is `outreach.messages.stop_switch`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

from clienteling.models import SendingStop, SendingStopQuerySet, Store, User

WHAT = {"": "Sending is", "sms": "Texts are", "email": "Emails are"}


@dataclass(frozen=True)
class Stop:
    """A stop in force. `store` is blank when it holds for all stores, `channel` for both."""

    number: int
    channel: str
    store: str
    reason: str
    since: datetime

    @property
    def sentence(self) -> str:
        """`Texts are stopped in Oak Street: wrong prices.`"""
        where = f"in {self.store}" if self.store else "in all stores"
        return f"{WHAT[self.channel]} stopped {where}: {self.reason.rstrip('.')}."


def column(stops: SendingStopQuerySet) -> ArraySubquery:
    """Stops as a column of another query, so that a page needs no query of its own for them.

    `read` makes stops of it.
    """
    return ArraySubquery(
        stops.order_by("pk").values(
            row=JSONObject(
                number="pk",
                channel="channel",
                store="store__name",
                reason="reason",
                since="stopped_at",
            )
        )
    )


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Stop, ...]:
    """The stops of a `column`, the widest first: all stores, then all channels."""
    found = (
        Stop(
            number=row["number"],
            channel=row["channel"],
            store=row["store"] or "",
            reason=row["reason"],
            since=datetime.fromisoformat(row["since"]),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda stop: (stop.store, stop.channel, stop.number)))


def of_staff() -> ArraySubquery:
    """The stops that hold back a member of staff, as a column of a query over users."""
    managed = Store.objects.filter(managers=OuterRef(OuterRef("pk"))).order_by().values("pk")
    return column(
        SendingStop.objects.standing().filter(
            Q(store=None) | Q(store=OuterRef("store_id")) | Q(store__in=managed)
        )
    )


def standing_for(user: User) -> tuple[Stop, ...]:
    """The stops that hold this person back.

    They came with the person (`StaffBackend`), fresh with every request; only for a user who was
    loaded in another way they are asked for.
    """
    rows = getattr(user, "standing_stops", None)
    if rows is None:
        rows = User.objects.filter(pk=user.pk).values_list(of_staff(), flat=True).first() or []
    return read(rows)
