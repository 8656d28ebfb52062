"""What customers allowed: the only writer of consent and of suppression.

Consent is what *she* said about a channel, kept in a ledger that nobody can change. Suppression is
about an *address*, whoever uses it: two clients who share a telephone are both left alone when one
of them says stop. Nothing but the owner's own START lifts it: no import, no edit, no new consent.

Addresses are given as `ContactPoint.address` keeps them: E.164, or a folded email.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from clienteling.models import User
from customers.models import (
    Channel,
    Consent,
    ConsentEvent,
    ConsentState,
    ContactPoint,
    Customer,
    Suppression,
)

CHANNELS = tuple(Channel.values)


@dataclass(frozen=True)
class Permission:
    """How one channel of one customer stands. `state` is None when she never said anything."""

    channel: str
    address: str = ""
    unusable_because: str = "No address on record."
    state: str | None = None
    since: datetime | None = None
    source: str = ""
    suppressed: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether there is an address that works, allowed or not."""
        return bool(self.address) and not self.unusable_because

    @property
    def may_receive(self) -> bool:
        """A working address, her recorded yes, and nobody's stop."""
        return self.is_usable and self.state == ConsentState.OPTED_IN and not self.suppressed


def record(
    customer: Customer,
    channel: str,
    state: str,
    *,
    source: str,
    at: datetime,
    now: datetime,
    evidence: dict[str, Any] | None = None,
    by: User | None = None,
) -> ConsentEvent:
    """Write down what she said at `at`. Saying the same of the same moment again changes nothing.

    What she said last stands, by when she said it: an older statement that arrives late goes into
    the ledger and changes nothing else. Of two at the same moment the refusal stands. A yes does
    not lift a suppression. Raises ``ValueError`` for a statement from the future.
    """
    if at > now:
        raise ValueError("Consent cannot be given in the future.")
    with transaction.atomic():
        # One at a time for each customer, or an older statement could overtake a newer one.
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
        event, _ = ConsentEvent.objects.get_or_create(
            customer=customer,
            channel=channel,
            state=state,
            recorded_at=at,
            defaults={
                "entered_at": now,
                "source": source,
                "evidence": evidence or {},
                "recorded_by": by,
            },
        )
        _bring_up_to_date(customer, channel)
    return event


def _bring_up_to_date(customer: Customer, channel: str) -> None:
    """Let the current row say what the newest entry of the ledger says."""
    newest = (
        ConsentEvent.objects.filter(customer=customer, channel=channel)
        .order_by("-recorded_at", "-state")  # "opted_out" sorts behind "opted_in"
        .first()
    )
    if newest:
        Consent.objects.update_or_create(
            customer=customer,
            channel=channel,
            defaults={
                "state": newest.state,
                "since": newest.recorded_at,
                "source": newest.source,
            },
        )


def settle_merge(
    customer: Customer, channel: str, *, is_no: bool, source: str, by: User, now: datetime
) -> None:
    """Let the current row follow the ledger, to which another record's entries were added.

    With `is_no` one of the two said no: where a yes is younger, the no is said again, at `now`.
    """
    _bring_up_to_date(customer, channel)
    stands = Consent.objects.filter(customer=customer, channel=channel).first()
    if is_no and (stands is None or stands.state == ConsentState.OPTED_IN):
        record(customer, channel, ConsentState.OPTED_OUT, source=source, at=now, now=now, by=by)


def suppress(address: str, channel: str, *, reason: str, at: datetime) -> Suppression:
    """Never use this address again, for anybody. Once suppressed it answers the first entry.

    Two at the same moment: a constraint lets one in, and the other answers that one.
    """
    suppression, _ = Suppression.objects.get_or_create(
        address=address,
        channel=channel,
        lifted_at=None,
        defaults={"reason": reason, "suppressed_at": at},
    )
    return suppression


def lift(address: str, channel: str, *, at: datetime) -> bool:
    """The owner said START at `at`; answers whether a suppression was lifted.

    Only one that is not younger than her START: an old message, delivered late or twice, must not
    undo a newer stop.
    """
    lifted = Suppression.objects.filter(
        address=address, channel=channel, lifted_at=None, suppressed_at__lte=at
    ).update(lifted_at=at)
    return bool(lifted)


def is_suppressed(address: str, channel: str) -> bool:
    """Whether this address must not be used."""
    return Suppression.objects.filter(address=address, channel=channel, lifted_at=None).exists()


def column() -> JSONObject:
    """Her addresses and what she said, as a column of a query over customers.

    `permissions_of` reads it, so that a page of clients needs no query of its own for consent.
    """
    stops = Suppression.objects.filter(
        channel=OuterRef("channel"), address=OuterRef("address"), lifted_at=None
    )
    points = ContactPoint.objects.filter(customer=OuterRef("pk")).values(
        row=JSONObject(
            channel="channel",
            address="address",
            unusable_because="unusable_because",
            suppressed=Exists(stops),
        )
    )
    consents = Consent.objects.filter(customer=OuterRef("pk")).values(
        row=JSONObject(channel="channel", state="state", since="since", source="source")
    )
    return JSONObject(points=ArraySubquery(points), consents=ArraySubquery(consents))


def permissions_of(said: Mapping[str, Any]) -> dict[str, Permission]:
    """How both channels of a customer stand, by channel, from what `column` gave."""
    points = {point["channel"]: point for point in said["points"]}
    consents = {each["channel"]: each for each in said["consents"]}
    return {
        channel: _permission(channel, points.get(channel), consents.get(channel))
        for channel in CHANNELS
    }


def permissions(customers: Iterable[Customer]) -> dict[int, dict[str, Permission]]:
    """How both channels of each customer stand, by primary key and channel: one query."""
    wanted = Customer.objects.filter(pk__in=[customer.pk for customer in customers]).order_by()
    rows = wanted.annotate(said=column()).values_list("pk", "said")
    return {number: permissions_of(said) for number, said in rows}


def may_receive(customer: Customer, channel: str) -> bool:
    """Whether she may be written to on this channel, as far as consent goes."""
    return permissions([customer])[customer.pk][channel].may_receive


def _permission(
    channel: str, point: Mapping[str, Any] | None, consent: Mapping[str, Any] | None
) -> Permission:
    address = point["address"] if point else ""
    reason = point["unusable_because"] if point else ""
    return Permission(
        channel=channel,
        address=address,
        unusable_because=reason or ("" if address else "No address on record."),
        state=consent["state"] if consent else None,
        since=datetime.fromisoformat(consent["since"]) if consent else None,
        source=consent["source"] if consent else "",
        suppressed=bool(point and point["suppressed"]),
    )
