"""A client who may be written to, and what her associate would tap on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection

from clienteling.models import User
from customers.models import Customer
from outreach.lookbook import Pick
from outreach.messages import outbox, seen
from outreach.messages.providers.receipts import Listed, Outgoing, Receipt
from outreach.messages.wording import OutgoingNote
from outreach.models import Message
from outreach.models.message import Step
from tests.factories import (
    ConsentFactory,
    ContactPointFactory,
    CustomerFactory,
    ProductFactory,
    StockLevelFactory,
    UserFactory,
    VariantFactory,
)

PHONE, MAILBOX = "+13125550142", "amanda@example.com"


def associate_with_client(**client: Any) -> tuple[User, Customer]:
    """An associate and a client of hers who agreed to texts and to email."""
    associate = UserFactory()
    return associate, client_of(associate, **client)


def client_of(
    associate: User, /, *, phone: str = PHONE, mailbox: str = MAILBOX, **client: Any
) -> Customer:
    customer = CustomerFactory(**{"store": associate.store, "associate": associate, **client})
    for channel, address in (("sms", phone), ("email", mailbox)):
        ContactPointFactory(customer=customer, channel=channel, address=address)
        ConsentFactory(customer=customer, channel=channel)
    return customer


def picks_in_stock(customer: Customer, *, number: int = 3) -> tuple[Pick, ...]:
    """Items on the shelf of her store, at their price."""
    products = [ProductFactory() for _ in range(number)]
    for product in products:
        StockLevelFactory(variant=VariantFactory(product=product), store=customer.store)
    return tuple(Pick(each.pk, each.price, "Goes with your loafers") for each in products)


def offer(picks: tuple[Pick, ...] = (), **changes: Any) -> OutgoingNote:
    return OutgoingNote(
        **{
            "body": "Hi Amanda, I picked three for you.",
            "channel": "sms",
            "items": picks,
            **changes,
        }
    )


def tap(
    associate: User,
    customer: Customer,
    note: OutgoingNote,
    *,
    now: datetime,
    form_token: str = "",
    shown: tuple[Pick, ...] | None = None,
) -> Message:
    """Send a note as the card's button does."""
    picks = note.items if shown is None else shown
    return outbox.send(
        customer,
        note,
        by=associate,
        form_token=form_token or uuid4().hex,
        seen=seen.fingerprint(customer, picks, channels=("sms", "email")),
        now=now,
    )


ANSWER = {"step": Step.ANSWER, "body": "Of course, I keep the 38 for you."}


def fresh(message: Message) -> Message:
    """As the database has it now."""
    return Message.objects.get(pk=message.pk)


@dataclass
class FakeCarrier:
    """Records what it is given, in order; answers as told, else accepts."""

    name: str = "fake"
    keeps_list: bool = True
    answers: list[Exception] = field(default_factory=list)
    given: list[Outgoing] = field(default_factory=list)
    in_transaction: list[bool] = field(default_factory=list)
    listed: list[Listed] = field(default_factory=list)
    list_error: Exception | None = None
    looks: int = 0

    def send(self, outgoing: Outgoing) -> Receipt:
        self.given.append(outgoing)
        self.in_transaction.append(connection.in_atomic_block)
        if self.answers:
            raise self.answers.pop(0)
        return Receipt(f"fake-{len(self.given)}")

    def sent_to(self, address: str, *, since: datetime, now: datetime) -> list[Listed]:
        self.looks += 1
        if self.list_error:
            raise self.list_error
        return [line for line in self.listed if line.created_at >= since]
