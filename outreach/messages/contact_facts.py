"""The contact policy's facts, for any number of clients in a constant number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from clienteling import defaults
from clienteling.models import Store, User
from customers import consent
from customers.appropriateness import ClientFacts, selling_blockers
from customers.consent import Permission
from customers.facts import client_facts
from customers.models import Channel, Customer
from outreach.messages import keywords
from outreach.messages.contact_policy import ChannelFacts, Contact, ContactFacts
from outreach.messages.windows import Span, Window, email_window, text_window
from outreach.models.message import (
    COUNTS_AS_CONTACT,
    HANDED_OVER,
    IN_FLIGHT,
    Message,
    Reply,
    State,
    Step,
)

LONGEST_CAP_DAYS = max(days for _, days in defaults.CONTACT_CAPS)
ON_ITS_WAY = (State.QUEUED, *IN_FLIGHT)
WENT_OUT = (*HANDED_OVER, *IN_FLIGHT)


@dataclass
class _Gathered:
    """One client's messages and answers while they are being put together."""

    contacts: list[Contact] = field(default_factory=list)
    is_on_its_way: bool = False
    sent: dict[str, int] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    last_words_at: datetime | None = None
    last_words_channel: str = ""
    may_have_asked_to_stop: bool = False


def contact_facts(
    customers: Iterable[Customer],
    *,
    associate: User | None,
    now: datetime,
    clients: Mapping[int, ClientFacts] | None = None,
    apart_from: UUID | None = None,
) -> dict[int, ContactFacts]:
    """The facts of these clients by primary key, as `associate` would find them at `now`.

    Ten queries, two fewer when the caller hands over the `clients` it has loaded already.
    `apart_from` leaves out one message: the one whose own sending is being asked about.
    """
    customers = list(customers)
    stores = Store.objects.in_bulk({each.store_id for each in customers if each.store_id})
    colleagues = User.objects.in_bulk({each.associate_id for each in customers})
    permissions = consent.permissions(customers)
    clients = client_facts(customers, now=now) if clients is None else clients
    zones = {each.pk: _zone(stores.get(each.store_id or 0), associate) for each in customers}
    gathered = {each.pk: _Gathered() for each in customers}
    _gather_contacts(gathered, zones, associate, now, apart_from)
    _gather_answer_rates(gathered)
    _gather_replies(gathered, now)
    return {
        each.pk: _facts(
            each,
            gathered[each.pk],
            zone=zones[each.pk],
            store=stores.get(each.store_id or 0) or (associate.store if associate else None),
            permissions=permissions[each.pk],
            claimed_by=_claimed_by(each, associate, colleagues),
            client=clients[each.pk],
            now=now,
        )
        for each in customers
    }


def _gather_contacts(
    gathered: Mapping[int, _Gathered],
    zones: Mapping[int, ZoneInfo],
    associate: User | None,
    now: datetime,
    apart_from: UUID | None,
) -> None:
    """First moves, newest first. One that needs attention counts only if it may have gone out."""
    never_tried = Q(state=State.NEEDS_ATTENTION, intent_at=None)
    offers = (
        Message.objects.filter(customer__in=list(gathered), step=Step.OFFER)
        .filter(state__in=COUNTS_AS_CONTACT)
        .exclude(never_tried)
        .exclude(Q(pk=apart_from) if apart_from else Q(pk__in=[]))
        .annotate(made_at=Coalesce("sent_at", "queued_at"))
        .filter(made_at__gt=now - timedelta(days=LONGEST_CAP_DAYS + 1))
        .order_by("-made_at")
        .select_related("sender")
    )
    for offer in offers:
        facts = gathered[offer.customer_id]
        made_at: datetime = offer.made_at  # type: ignore[attr-defined]
        made_on = made_at.astimezone(zones[offer.customer_id]).date()
        by = "You" if associate and offer.sender_id == associate.pk else offer.sender.signature
        facts.contacts.append(Contact(made_on, by))
        facts.is_on_its_way |= offer.state in ON_ITS_WAY


def _gather_answer_rates(gathered: Mapping[int, _Gathered]) -> None:
    rates = (
        Message.objects.filter(customer__in=list(gathered), step=Step.OFFER, state__in=WENT_OUT)
        .order_by()
        .values("customer_id", "channel")
        .annotate(
            sent=Count("pk", distinct=True),
            answered=Count("pk", distinct=True, filter=Q(replies__kind=Reply.Kind.WORDS)),
        )
    )
    for row in rates:
        facts = gathered[row["customer_id"]]
        facts.sent[row["channel"]] = row["sent"]
        facts.answered[row["channel"]] = row["answered"]


def _gather_replies(gathered: Mapping[int, _Gathered], now: datetime) -> None:
    """Her last words, and whether unread ones may be a wish to be left alone."""
    window_opened_at = now - timedelta(days=defaults.REPLY_WINDOW_DAYS)
    replies = (
        Reply.objects.filter(customer__in=list(gathered), kind=Reply.Kind.WORDS)
        .filter(received_at__lte=now)
        .filter(Q(handled_at=None) | Q(received_at__gte=window_opened_at))
        .order_by("received_at", "pk")
    )
    for reply in replies:
        facts = gathered[reply.customer_id or 0]
        facts.last_words_at, facts.last_words_channel = reply.received_at, reply.channel
        if reply.handled_at is None and keywords.may_ask_to_stop(reply.body):
            facts.may_have_asked_to_stop = True


def _facts(
    customer: Customer,
    gathered: _Gathered,
    *,
    zone: ZoneInfo,
    store: Store | None,
    permissions: Mapping[str, Permission],
    claimed_by: str,
    client: ClientFacts,
    now: datetime,
) -> ContactFacts:
    windows = _windows(store, zone)
    return ContactFacts(
        customer_id=customer.pk,
        zone=zone,
        channels={
            channel: _channel(permissions[channel], gathered, windows[channel])
            for channel in Channel.values
        },
        preferred_channel=customer.preferred_channel,
        leave_until=customer.leave_until,
        claimed_by=claimed_by,
        contacts=tuple(gathered.contacts),
        is_on_its_way=gathered.is_on_its_way,
        last_words_at=gathered.last_words_at,
        last_words_channel=gathered.last_words_channel,
        may_have_asked_to_stop=gathered.may_have_asked_to_stop,
        selling_blockers=tuple(selling_blockers(client, now=now)),
    )


def _channel(permission: Permission, gathered: _Gathered, window: Window) -> ChannelFacts:
    sent = gathered.sent.get(permission.channel, 0)
    return ChannelFacts(
        address=permission.address,
        unusable_because="" if permission.is_usable else permission.unusable_because,
        consent=permission.state or "",
        is_suppressed=permission.suppressed,
        window=window,
        sent=sent,
        answered=gathered.answered.get(permission.channel, 0),
    )


def _windows(store: Store | None, zone: ZoneInfo) -> dict[str, Window]:
    """The hours of her store; the shop's defaults for a client who has none."""
    texts = Span(defaults.TEXT_OPENS, defaults.TEXT_CLOSES)
    mail = Span(defaults.EMAIL_OPENS, defaults.EMAIL_CLOSES)
    if store:
        texts = Span(store.text_opens, store.text_closes)
        mail = Span(store.email_opens, store.email_closes)
    region = store.region if store else ""
    return {
        Channel.SMS: text_window(texts, region=region, zone=zone),
        Channel.EMAIL: email_window(mail, zone=zone),
    }


def _zone(store: Store | None, associate: User | None) -> ZoneInfo:
    store = store or (associate.store if associate else None)
    return store.zone if store else ZoneInfo("UTC")


def _claimed_by(customer: Customer, associate: User | None, colleagues: dict[Any, User]) -> str:
    """Who else looks after her; "" for the associate's own and her store's unassigned clients."""
    if associate is None or customer.associate_id == associate.pk:
        return ""
    if customer.associate_id is not None:
        return colleagues[customer.associate_id].signature
    return "" if customer.store_id == associate.store_id else "Another store"
