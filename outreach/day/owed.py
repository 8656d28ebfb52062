"""What one client waits for: pieces kept for her, and what was promised to her.

Drawn from columns that come beside the client, so that her page asks nothing more for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse

from catalog.models import Product
from clienteling.models import Store, User
from customers.models import Customer
from outreach.day import holds, promises
from outreach.day.holds import HeldItem
from outreach.day.promises import PromiseLine
from outreach.models import Hold, Promise


@dataclass(frozen=True)
class Owed:
    """Holds to confirm first, promises by their day; `add_url` is "" for who may not promise."""

    holds: tuple[HeldItem, ...]
    promises: tuple[PromiseLine, ...]
    today: str
    add_url: str = ""

    def __bool__(self) -> bool:
        return bool(self.holds or self.promises)


def columns(now: datetime) -> dict[str, ArraySubquery]:
    """Columns of a query over customers: for `of_client`."""
    held = Hold.objects.standing(now=now).filter(customer=OuterRef("pk"))
    promised = Promise.objects.open().filter(customer=OuterRef("pk"))
    hold = JSONObject(
        number="pk",
        state="state",
        size="size",
        asked_at="asked_at",
        expires_at="expires_at",
        set_aside="set_aside_id",
        timezone="store__timezone",
        name="product__name",
        image="product__image",
        picture="product__picture",
    )
    promise = JSONObject(number="pk", words="words", due_on="due_on", due_time="due_time")
    return {
        "holds": ArraySubquery(held.order_by("expires_at", "pk").values(row=hold)),
        "promises": ArraySubquery(promised.values(row=promise)),
    }


def of_client(
    rows: Mapping[str, Any],
    customer: Customer,
    user: User,
    store: Store,
    *,
    may_write: bool,
    now: datetime,
) -> Owed:
    """What she waits for; who may not write to her reads it only."""
    held = [holds.one(_hold(row, customer), user, now=now) for row in rows["holds"]]
    promised = [_promise(row, store, now) for row in rows["promises"]]
    if not may_write:
        promised = [replace(each, keep_url="", snooze_url="") for each in promised]
    return Owed(
        holds=tuple(sorted(held, key=lambda each: not each.is_asked)),
        promises=tuple(promised),
        today=store.local(now).date().isoformat(),
        add_url=reverse("give-promise", args=[customer.customer_id]) if may_write else "",
    )


def _hold(row: Mapping[str, Any], customer: Customer) -> Hold:
    """The hold as far as it is drawn, without asking for it again."""
    return Hold(
        pk=row["number"],
        customer=customer,
        store=Store(timezone=row["timezone"]),
        product=Product(name=row["name"], image=row["image"], picture=row["picture"]),
        size=row["size"],
        state=row["state"],
        set_aside_id=row["set_aside"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
    )


def _promise(row: Mapping[str, Any], store: Store, now: datetime) -> PromiseLine:
    due_time = time.fromisoformat(row["due_time"]) if row["due_time"] else None
    due = (date.fromisoformat(row["due_on"]), due_time)
    return promises.line(row["number"], row["words"], due, store, now=now)
