"""The demo shop, from the shelves to this morning's replies. The same seed makes the same shop."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import factory.random
from django.db import transaction

from catalog.models import Product, StockLevel, Variant
from clienteling.defaults import LAPSE_DAYS
from clienteling.demo import (
    amanda,
    care_tips,
    clients,
    copying,
    kept_words,
    notebooks,
    pages,
    phrases,
    purchases,
    small_things,
    staff,
    troubles,
)
from clienteling.demo.assortment import Assortment, stock_the_shelves
from clienteling.demo.clients import Client
from clienteling.demo.correspondence import Correspondence, Occasion, Post
from clienteling.demo.factories import ConsentEventFactory, ConsentFactory, ContactPointFactory
from clienteling.demo.purchases import Till
from clienteling.demo.staff import Staff
from clienteling.models import User
from customers import standing
from customers.addresses import normalise_phone
from customers.models import (
    Channel,
    Consent,
    ConsentEvent,
    ContactPoint,
    Customer,
    LineItem,
    Purchase,
)

CLIENTS, SEED = 2000, 20_260_601
# How long ago the replies came that wait when the day begins.
WAITING_SINCE = (timedelta(minutes=25), timedelta(minutes=70), timedelta(hours=14))


@dataclass
class Loading:
    """What the steps of one load share; `rows` counts what was stored, by model."""

    now: datetime
    random: Random
    rows: dict[str, int] = field(default_factory=dict)

    def store(self, *lists: Sequence[copying.Row]) -> None:
        """Store each list, in this order."""
        for rows in lists:
            if rows:
                name = str(rows[0]._meta.verbose_name_plural)
                self.rows[name] = self.rows.get(name, 0) + copying.store(rows)


def open_shop(*, count: int, seed: int, now: datetime) -> dict[str, int]:
    """Fill an empty database with a shop whose today is `now`; answers the rows by kind.

    All or nothing. The suggestions are not computed yet. The same `count`, `seed` and `now` make
    the same shop, but for the tokens of the clients' pages, which nobody may guess.
    """
    loading = Loading(now, _seeded(seed))
    with transaction.atomic():
        people = staff.hire()
        staff.give_pins(User.objects.filter(username__in=staff.USERNAMES), now=loading.now)
        today = people.stores[0].local(now).date()
        assortment = stock_the_shelves(people.stores, today=today, random=loading.random)
        book = _book(count, people, loading)
        _ring_up(book, people, assortment, loading)
        _correspond(book, people, assortment, loading)
        _small_things(book, people, assortment, loading)
        copying.count_anew(Customer, Purchase, LineItem, Product, Variant, StockLevel)
        standing.recompute(customers="all")
        kept_words.remember(people, now=loading.now)
    return loading.rows


def _seeded(seed: int) -> Random:
    """One source of chance, factory-boy's own included."""
    factory.random.reseed_random(seed)
    return factory.random.randgen


def _book(count: int, people: Staff, loading: Loading) -> list[Client]:
    first = amanda.introduce(people, now=loading.now)
    others = clients.meet(count, people, now=loading.now, random=loading.random)
    book = [first, *others]
    clients.share_a_phone(book)
    loading.store([client.customer for client in book], list(_contact_points(book)))
    return book


def _contact_points(book: Sequence[Client]) -> Iterator[ContactPoint]:
    for client in book:
        for channel, address in client.addresses.items():
            yield ContactPointFactory.build(
                customer=client.customer,
                channel=channel,
                address=address,
                as_written=_written(address) if channel == Channel.SMS else address,
            )
        if client.unreadable_phone:
            written = normalise_phone(client.unreadable_phone, "US")
            yield ContactPointFactory.build(
                customer=client.customer,
                channel=Channel.SMS,
                address="",
                as_written=written.as_written,
                unusable_because=written.unusable_because,
            )


def _written(phone: str) -> str:
    """`+13125550142` as people write it: (312) 555-0142."""
    return f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"


def _ring_up(book: list[Client], people: Staff, assortment: Assortment, loading: Loading) -> None:
    till = Till(people, assortment, loading.now, loading.random)
    for client in book:
        till.ring_up(client)
    loading.rows["purchases"], loading.rows["line items"] = purchases.store(till.orders)
    cases = troubles.cases(
        book,
        assortment,
        first_associate=people.shoe_guy,
        now=loading.now,
        random=loading.random,
    )
    loading.store(list(cases))


def _correspond(
    book: list[Client], people: Staff, assortment: Assortment, loading: Loading
) -> None:
    past = Correspondence(people, assortment, loading.now, loading.random)
    waiting = _who_waits(book, people.shoe_guy, loading.random)
    for client in book:
        if client is book[0]:
            amanda.remember_notes(client, past)
        elif client not in waiting:
            past.write_to(client)
    for client, words, since in zip(waiting, phrases.WAITING_REPLIES, WAITING_SINCE, strict=False):
        _leave_waiting(client, words, past, at=loading.now - since)
    _store_post(past.post, loading)
    _store_consents(book, loading)
    looked = pages.gestures(
        past.post.lookbooks, past.post.items, now=loading.now, random=loading.random
    )
    loading.store(list(looked))
    pages.keep_one_and_expect_one(people.shoe_guy, now=loading.now)


def _small_things(
    book: Sequence[Client], people: Staff, assortment: Assortment, loading: Loading
) -> None:
    """Tips about what is sold here, and what the first associate has promised and done."""
    kinds = {each.category.name: each.category for each in assortment.products if each.category}
    his = (book, people.shoe_guy)
    loading.store(
        list(care_tips.tips(kinds)),
        list(small_things.promises(*his, now=loading.now)),
        list(small_things.deeds(*his, now=loading.now)),
        list(small_things.put_offs(*his, now=loading.now)),
        list(small_things.birthdays(*his, now=loading.now)),
        list(notebooks.notes(*his, now=loading.now)),
        list(notebooks.sizes(*his, kinds["Shoes"], now=loading.now)),
        list(notebooks.dates(*his, now=loading.now)),
    )


def _who_waits(book: Sequence[Client], associate: User, random: Random) -> list[Client]:
    """Lapsed clients of the first associate who were written to yesterday, and wrote back."""
    mine = [
        client
        for client in book[1:]
        if client.associate is associate
        and client.may_receive(Channel.SMS)
        and client.visits
        and client.visits[-1] > LAPSE_DAYS
    ]
    return random.sample(mine, min(len(mine), len(WAITING_SINCE)))


def _leave_waiting(client: Client, words: str, past: Correspondence, *, at: datetime) -> None:
    note = past.offer(client, Channel.SMS, Occasion(days_ago=2), answered=False)
    if note:
        past.hear(client, note, words, at=at)


def _store_post(post: Post, loading: Loading) -> None:
    loading.store(
        post.lookbooks,
        post.items,
        post.messages,
        post.replies,
        post.simulated,
        list(post.suppressions.values()),
    )


def _store_consents(book: Sequence[Client], loading: Loading) -> None:
    loading.store(list(_ledger(book)), list(_consents(book)))


def _ledger(book: Sequence[Client]) -> Iterator[ConsentEvent]:
    for client in book:
        for said in client.statements:
            yield ConsentEventFactory.build(
                customer=client.customer,
                channel=said.channel,
                state=said.state,
                recorded_at=said.at,
                source=said.source,
            )


def _consents(book: Sequence[Client]) -> Iterator[Consent]:
    for client in book:
        for channel in Channel:
            if said := client.consent(channel):
                yield ConsentFactory.build(
                    customer=client.customer,
                    channel=said.channel,
                    state=said.state,
                    since=said.at,
                    source=said.source,
                )
