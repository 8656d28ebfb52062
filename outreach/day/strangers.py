"""Unknown senders as the manager's inbox shows them, and the clients they may turn out to be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from clienteling.models import Store, User
from customers.models import Channel, ContactPoint, Customer
from outreach.day import search, walks, wording
from outreach.day.conversation import Picture, picture_of
from outreach.messages import conversations, unknown_senders
from outreach.messages.unknown_senders import Kept, Sender
from outreach.models import Reply, ReplyPicture

Pictures = Mapping[int, tuple[ReplyPicture, ...]]

PEOPLE_AT_MOST = 12
MATCHED: Mapping[Kept, str] = {
    Kept.ADDED: "This {address} is on her page now; she has agreed to nothing by that.",
    Kept.KNOWN: "This {address} was on her page already.",
    Kept.HAS_ANOTHER: "Another {address} stays on her page; answers go there.",
    Kept.AGREED_TO_ANOTHER: (
        "This {address} was not added: what she agreed to was about another one. Please ask her."
    ),
    Kept.NOT_USABLE: "It came from an address that cannot be answered.",
}


@dataclass(frozen=True)
class Said:
    """One thing they wrote or sent, and when."""

    words: str
    at: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Stranger:
    """An unknown sender: the address, the words, and where to settle it."""

    address: str
    small: str
    said: tuple[Said, ...]
    url: str
    match_url: str
    set_aside_url: str
    remove_url: str
    bring_back_url: str
    may_ask_to_stop: bool = False


@dataclass(frozen=True)
class Person:
    """A client the words may be from; `small` tells two of one name apart."""

    customer_id: str
    name: str
    small: str


def for_user(user: User, store: Store, *, now: datetime) -> tuple[Stranger, ...]:
    """Who waits to be known, the longest first: one query."""
    return _all_drawn(unknown_senders.waiting(user), store, now)


def aside(user: User, store: Store, *, now: datetime) -> tuple[Stranger, ...]:
    """Who was set aside last: one query, and one for pictures where some came."""
    return _all_drawn(unknown_senders.put_aside(user), store, now)


def _all_drawn(senders: Sequence[Sender], store: Store, now: datetime) -> tuple[Stranger, ...]:
    pictures = conversations.pictures_of(reply for sender in senders for reply in sender.words)
    return tuple(_drawn(sender, pictures, store, now) for sender in senders)


def drawn(sender: Sender, store: Store, *, now: datetime) -> Stranger:
    """One sender in words; `store` lends its clock."""
    return _all_drawn([sender], store, now)[0]


def _drawn(sender: Sender, pictures: Pictures, store: Store, now: datetime) -> Stranger:
    stop = " · may be asking us to stop" if sender.may_ask_to_stop else ""
    since = wording.moment_words(sender.words[0].received_at, store.zone, now=now)
    return Stranger(
        address=sender.address,
        small=f"By {Channel(sender.channel).label.lower()}, waiting since {since}{stop}",
        said=tuple(_said(reply, pictures.get(reply.pk, ()), store, now) for reply in sender.words),
        url=reverse("unknown-sender", args=[sender.number]),
        match_url=reverse("match-sender", args=[sender.number]),
        set_aside_url=reverse("set-aside-sender", args=[sender.number]),
        remove_url=reverse("remove-sender", args=[sender.number]),
        bring_back_url=reverse("bring-back-sender", args=[sender.number]),
        may_ask_to_stop=sender.may_ask_to_stop,
    )


def _said(reply: Reply, pictures: Iterable[ReplyPicture], store: Store, now: datetime) -> Said:
    shown = tuple(picture_of(each, "somebody unknown") for each in pictures)
    at = wording.moment_words(reply.received_at, store.zone, now=now)
    return Said(reply.body or ("" if shown else "(no words)"), at, shown)


def people(user: User, query: str, channel: str) -> tuple[Person, ...]:
    """Clients of this manager's stores whose names begin so: two queries."""
    found = search.named(walks.visible_to(user), query, most=PEOPLE_AT_MOST)
    shown = list(found.select_related("store")[:PEOPLE_AT_MOST])
    points = ContactPoint.objects.filter(customer__in=shown, channel=channel)
    addresses = dict(points.values_list("customer_id", "as_written"))
    return tuple(_person(each, addresses.get(each.pk, ""), channel) for each in shown)


def matched_words(kept: Kept, customer: Customer, channel: str) -> str:
    """What was done, in a sentence."""
    address = "number" if channel == Channel.SMS else "mailbox"
    return f"These are the words of {customer}. {MATCHED[kept].format(address=address)}"


def removed_words(sender: Sender) -> str:
    """What was done, in a sentence."""
    address = "number" if sender.channel == Channel.SMS else "mailbox"
    return f"Nothing goes to this {address} any more, whoever has it."


def _person(customer: Customer, address: str, channel: str) -> Person:
    has = "number" if channel == Channel.SMS else "mailbox"
    store = customer.store.name if customer.store else ""
    parts = (store, customer.city, address or f"no {has} on record")
    return Person(customer.customer_id, str(customer), " · ".join(part for part in parts if part))
