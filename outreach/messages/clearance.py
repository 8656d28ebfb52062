"""All the rules asked of one message: at the click, and once more in the moment it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from clienteling.models import User
from customers import consent
from customers.appropriateness import Blocker, ClientFacts, ItemFacts, item_blockers
from customers.facts import client_facts, item_facts
from customers.models import Customer
from outreach.lookbook import Pick
from outreach.messages import contact_policy, drafts, seen
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactFacts
from outreach.models import Message
from outreach.models.message import Step


@dataclass(frozen=True)
class Clearance:
    """What the rules say about a message. `not_before` is None where a blocker forbids it.

    `stop` holds it back without forbidding it. `picks` are its items as they were at the click and
    `items` their facts now, both in order; `item_problems` are sentences about them.
    """

    contact: ContactFacts
    blockers: tuple[Blocker, ...]
    not_before: datetime | None
    picks: tuple[Pick, ...]
    items: tuple[ItemFacts, ...]
    facts: Mapping[int, ItemFacts]
    item_problems: tuple[str, ...]
    stop: Blocker | None = None


def ask(
    message: Message,
    *,
    by: User,
    now: datetime,
    leaves_at: datetime,
    apart_from: UUID | None = None,
) -> Clearance:
    """Ask every rule of the client, the channel, the hour and the items, with facts as of now.

    `leaves_at` is the moment whose hours count: the click plus the time to take it back.
    """
    customer = message.customer
    contact = contact_facts([customer], associate=by, now=now, apart_from=apart_from)[customer.pk]
    if message.covering_for_id:  # as it was at the click: somebody back from lunch stops no answer
        contact = replace(contact, is_covered=True)
    client = client_facts([customer], now=now, told={customer.pk: contact.told})[customer.pk]
    decision = contact_policy.decide(
        contact, now=leaves_at, step=Step(message.step), channel=message.channel
    )
    picks = tuple(picked(message))
    facts = item_facts([pick.product_id for pick in picks], message.store, now=now)
    items = tuple(facts[pick.product_id] for pick in picks if pick.product_id in facts)
    return Clearance(
        contact=contact,
        blockers=(*_sender_blockers(by), *decision.blockers),
        not_before=decision.not_before,
        picks=picks,
        items=items,
        facts=facts,
        item_problems=tuple(_item_problems(items, client)),
        stop=decision.stop,
    )


def address_blockers(message: Message, contact: ContactFacts) -> list[Blocker]:
    """Reasons against the very address the message was frozen with, whoever has it by now."""
    if consent.is_suppressed(message.to_address, message.channel):
        return [Blocker("suppressed", "This address must not be used any more.")]
    if contact.channels[message.channel].address != message.to_address:
        return [Blocker("address-changed", "The address has changed since.")]
    return []


def forget_draft(message: Message, cleared: Clearance) -> None:
    """What its writer had begun has become this message."""
    if any(step == message.step for step, _ in cleared.contact.drafts):
        drafts.forget(message)


def covering_for(message: Message, cleared: Clearance) -> int | None:
    """Whom the sender of an answer stands in for; nobody for a client of his own book."""
    is_answer = message.step == Step.ANSWER
    return message.customer.associate_id if is_answer and cleared.contact.is_covered else None


def changes_since(cleared: Clearance) -> list[str]:
    """Which prices are no longer those of the click, in sentences."""
    return seen.price_changes(cleared.picks, cleared.facts)


def picked(message: Message) -> list[Pick]:
    """The items behind its link, in order."""
    if message.lookbook is None:
        return []
    return [
        Pick(item.product_id, item.price, item.because) for item in message.lookbook.items.all()
    ]


def locked_customer(number: int) -> Customer:
    """The client's row, locked to the end of the transaction: caps are counted one at a time."""
    return Customer.objects.select_for_update(of=("self",)).select_related("store").get(pk=number)


def _sender_blockers(by: User) -> list[Blocker]:
    if by.role == User.Role.ASSOCIATE and by.is_active:
        return []
    return [Blocker("not-an-associate", "Only an associate writes to clients.")]


def _item_problems(items: tuple[ItemFacts, ...], client: ClientFacts) -> list[str]:
    return [
        f"{item.name}: {blocker.sentence}"
        for item in items
        for blocker in item_blockers(item, client)
    ]
