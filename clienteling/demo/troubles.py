"""Complaints and repairs: most were solved long ago, some just now, a few are open today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from clienteling.defaults import LAPSE_DAYS, QUIET_DAYS_AFTER_COMPLAINT
from clienteling.demo import hours
from clienteling.demo.assortment import Assortment
from clienteling.demo.clients import Client
from clienteling.demo.factories import ServiceCaseFactory
from clienteling.demo.phrases import COMPLAINTS
from clienteling.models import User
from customers.models import ServiceCase

HIS_OPEN_CASES = 2
OPEN_SHARE, JUST_SOLVED_SHARE, SOLVED_SHARE = 0.006, 0.004, 0.03
OPENED_AGO = (2, 9)  # days, for a case still open
SOLVED_AGO = (2, QUIET_DAYS_AFTER_COMPLAINT - 2)  # for one just solved
TOOK_DAYS = (2, 12)
COMPLAINS_WITHIN = 90  # days after buying


@dataclass(frozen=True)
class Trouble:
    """A case in days ago; `closed` is None while it is open."""

    client: Client
    opened: int
    closed: int | None


def cases(
    clients: Sequence[Client],
    assortment: Assortment,
    *,
    first_associate: User,
    now: datetime,
    random: Random,
) -> Iterator[ServiceCase]:
    """Complaints about things that were bought; the open ones are of lapsed clients.

    Two of these are the first associate's, so that a newcomer sees what the shop does then.
    """
    for number, trouble in enumerate(_troubles(clients, first_associate, random), start=1):
        yield _case(number, trouble, assortment, now=now, random=random)


def _troubles(
    clients: Sequence[Client], first_associate: User, random: Random
) -> Iterator[Trouble]:
    buyers = [client for client in clients if client.bought and not client.is_content]
    lapsed = [client for client in buyers if client.visits[-1] > LAPSE_DAYS]
    firsts = [client for client in lapsed if client.associate is first_associate]
    others = [client for client in lapsed if client.associate is not first_associate]
    for client in (
        *_some(firsts, HIS_OPEN_CASES, random),
        *_some(others, OPEN_SHARE * len(clients), random),
    ):
        yield Trouble(client, random.randint(*OPENED_AGO), None)
    for client in _some(buyers, JUST_SOLVED_SHARE * len(clients), random):
        closed = random.randint(*SOLVED_AGO)
        yield Trouble(client, closed + random.randint(*TOOK_DAYS), closed)
    long_ago = [client for client in buyers if client.visits[0] > COMPLAINS_WITHIN]
    for client in _some(long_ago, SOLVED_SHARE * len(clients), random):
        opened = random.randint(COMPLAINS_WITHIN // 2, client.visits[0] - 1)
        yield Trouble(client, opened, opened - random.randint(*TOOK_DAYS))


def _some(clients: Sequence[Client], wanted: float, random: Random) -> list[Client]:
    return random.sample(clients, min(len(clients), max(1, round(wanted))))


def _case(
    number: int, trouble: Trouble, assortment: Assortment, *, now: datetime, random: Random
) -> ServiceCase:
    client, store = trouble.client, trouble.client.store
    bought = [item for item, ago in client.bought.items() if ago > trouble.opened]
    product = assortment.products[random.choice(bought)] if bought else None
    category = product.category.name if product and product.category else "Accessories"
    opened_on = hours.days_before(store, now, trouble.opened)
    opened_at = hours.in_the_store(store, opened_on, random)
    took = timedelta(days=trouble.opened - trouble.closed) if trouble.closed is not None else None
    return ServiceCaseFactory.build(
        case_id=f"S-{number:04d}",
        customer=client.customer,
        product=product,
        opened_at=opened_at,
        closed_at=opened_at + took if took else None,
        summary=random.choice(COMPLAINTS[category]),
    )
