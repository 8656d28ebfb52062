"""PINs that were guessed at: told to the managers of the store on every page, until one knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import JSONObject

from clienteling.models import PinAlarm, Store, User


@dataclass(frozen=True)
class Alarm:
    """One that nobody has seen yet. `called` is blank when several PINs were tried."""

    number: int
    device: str
    store: str
    called: str
    raised_at: datetime

    @property
    def sentence(self) -> str:
        """`Wrong PINs for Maya on Till tablet, Oak Street, at 10:31: locked for a while.`"""
        whose = f" for {self.called}" if self.called else " for several people"
        at = f"{self.raised_at:%H:%M}"
        return f"Wrong PINs{whose} on {self.device}, {self.store}, at {at}: locked for a while."


def column() -> ArraySubquery:
    """The unseen alarms a manager or an admin must know of, as a column of a query over users."""
    managed = Store.objects.filter(managers=OuterRef(OuterRef("pk"))).order_by().values("pk")
    is_manager = Q(device__store=OuterRef("store_id")) | Q(device__store__in=managed)
    unseen = PinAlarm.objects.unseen().annotate(role=_role()).order_by("pk")
    mine = unseen.filter(Q(role=User.Role.ADMIN) | (Q(role=User.Role.MANAGER) & is_manager))
    return ArraySubquery(
        mine.values(
            row=JSONObject(
                number="pk",
                device="device__name",
                store="device__store__name",
                zone="device__store__timezone",
                first_name="user__first_name",
                username="user__username",
                at="raised_at",
            )
        )
    )


def _role() -> ExpressionWrapper:
    return ExpressionWrapper(OuterRef("role"), output_field=CharField())


def standing_for(user: User) -> tuple[Alarm, ...]:
    """The alarms for this person; they came with her (`StaffBackend`)."""
    rows = getattr(user, "pin_alarms", None)
    if rows is None:
        rows = User.objects.filter(pk=user.pk).values_list(column(), flat=True).first() or []
    return read(rows)


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Alarm, ...]:
    """The alarms of a `column`, the oldest first, each on the clock of its store."""
    return tuple(
        Alarm(
            number=row["number"],
            device=row["device"],
            store=row["store"],
            called=row["first_name"] or row["username"] or "",
            raised_at=datetime.fromisoformat(row["at"]).astimezone(ZoneInfo(row["zone"])),
        )
        for row in rows
    )


def mark_seen(number: int, *, by: User, now: datetime) -> bool:
    """A manager knows; False for one that is not hers to see, or was seen before."""
    mine = PinAlarm.objects.unseen().of_stores_of(by).filter(pk=number)
    return bool(mine.update(seen_by=by, seen_at=now))
