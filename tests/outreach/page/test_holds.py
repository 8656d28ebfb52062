"""Keeping an item for her: the last pair once, until its time is over, and every way it can end."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.models import Product, SetAside, StockLevel
from clienteling.defaults import HOLD_HOURS
from customers.facts import item_facts
from outreach.models import Hold, Lookbook
from outreach.page import holds
from outreach.page.holds import MOST_AT_ONCE, CannotHold
from tests.factories import (
    LookbookFactory,
    LookbookItemFactory,
    ProductFactory,
    StockLevelFactory,
    UserFactory,
    VariantFactory,
)

TWO_DAYS = timedelta(hours=HOLD_HOURS)
A_MOMENT = timedelta(microseconds=1)
SORRY = "I am so sorry: it has a flaw."


def page_with(product: Product, *, quantity: int = 1, size: str = "38") -> Lookbook:
    """A client's page with one item, of which her store has so many pieces of one size."""
    book = LookbookFactory()
    LookbookItemFactory(lookbook=book, product=product)
    StockLevelFactory(
        variant=VariantFactory(product=product, size=size), store=book.store, quantity=quantity
    )
    return book


def stock_of(book: Lookbook, product: Product, now: datetime) -> Any:
    return item_facts([product.pk], book.store, now=now)[product.pk].stock


@pytest.fixture
def loafer(db: None) -> Product:
    return ProductFactory(name="Marlow loafer")


@pytest.fixture
def book(loafer: Product) -> Lookbook:
    return page_with(loafer)


def test_ask_keeps_a_piece_for_two_days(book: Lookbook, loafer: Product, now: datetime) -> None:
    hold = holds.ask(book, loafer, "38", now=now)

    assert (hold.state, hold.asked_at, hold.expires_at) == ("asked", now, now + TWO_DAYS)
    assert (hold.customer, hold.store) == (book.customer, book.store)
    assert stock_of(book, loafer, now) == {"38": 0}
    assert StockLevel.objects.get().quantity == 1


def test_piece_is_back_at_the_moment_the_hold_ends(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    holds.ask(book, loafer, "38", now=now)

    assert stock_of(book, loafer, now + TWO_DAYS - A_MOMENT) == {"38": 0}
    assert stock_of(book, loafer, now + TWO_DAYS) == {"38": 1}


def test_ask_lowers_only_the_store_and_the_size_she_asked_for(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    StockLevelFactory(variant=VariantFactory(product=loafer, size="39"), store=book.store)
    elsewhere = StockLevelFactory(variant=loafer.variants.get(size="38"), quantity=2).store

    holds.ask(book, loafer, "38", now=now)

    assert stock_of(book, loafer, now) == {"38": 0, "39": 3}
    assert item_facts([loafer.pk], elsewhere, now=now)[loafer.pk].stock == {"38": 2}


def test_ask_twice_keeps_one_piece(book: Lookbook, loafer: Product, now: datetime) -> None:
    first = holds.ask(book, loafer, "38", now=now)
    second = holds.ask(book, loafer, "38", now=now + timedelta(minutes=1))

    assert (first, SetAside.objects.count()) == (second, 1)


def test_ask_refuses_when_somebody_was_quicker(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    holds.ask(book, loafer, "38", now=now)
    other = LookbookFactory(store=book.store)

    with pytest.raises(CannotHold) as refusal:
        holds.ask(other, loafer, "38", now=now)

    assert refusal.value.sentence == "Somebody was quicker: that one has just gone."
    assert Hold.objects.count() == 1


def test_ask_refuses_a_size_the_store_does_not_have(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    with pytest.raises(CannotHold):
        holds.ask(book, loafer, "36", now=now)


def test_ask_is_only_a_question_where_stock_is_unknown(now: datetime, db: None) -> None:
    product = ProductFactory()
    book = LookbookFactory()

    hold = holds.ask(book, product, "38", now=now)

    assert (hold.state, hold.set_aside) == ("asked", None)


def test_ask_keeps_six_things_at_most(loafer: Product, now: datetime) -> None:
    book = page_with(loafer, quantity=9)
    others = [ProductFactory() for _ in range(MOST_AT_ONCE)]
    for product in others:
        StockLevelFactory(variant=VariantFactory(product=product), store=book.store)
        holds.ask(book, product, "38", now=now)

    with pytest.raises(CannotHold) as refusal:
        holds.ask(book, loafer, "38", now=now)

    assert refusal.value.sentence == "We keep 6 things at a time for you."


def test_ask_again_after_it_expired_is_a_new_hold(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    first = holds.ask(book, loafer, "38", now=now)

    second = holds.ask(book, loafer, "38", now=now + TWO_DAYS)

    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "asked")


def test_confirm_keeps_it_and_says_who(book: Lookbook, loafer: Product, now: datetime) -> None:
    hold, associate = holds.ask(book, loafer, "38", now=now), UserFactory()
    later = now + timedelta(minutes=5)

    assert holds.answer(hold, "confirm", by=associate, now=later)

    assert (hold.state, hold.settled_by, hold.settled_at) == ("confirmed", associate, later)
    assert stock_of(book, loafer, later) == {"38": 0}


def test_decline_says_why_and_frees_the_piece(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    hold = holds.ask(book, loafer, "38", now=now)

    assert holds.answer(hold, "decline", by=UserFactory(), now=now, sentence=SORRY)

    assert (hold.state, hold.sentence) == ("declined", SORRY)
    assert stock_of(book, loafer, now) == {"38": 1}


def test_decline_needs_a_sentence(book: Lookbook, loafer: Product, now: datetime) -> None:
    hold = holds.ask(book, loafer, "38", now=now)

    with pytest.raises(ValueError, match="needs a sentence"):
        holds.answer(hold, "decline", by=UserFactory(), now=now)


def test_release_frees_the_piece_and_collect_does_not(loafer: Product, now: datetime) -> None:
    book = page_with(loafer, quantity=2)
    other = LookbookFactory(store=book.store)
    collected, released = (holds.ask(each, loafer, "38", now=now) for each in (book, other))
    associate = UserFactory()

    holds.answer(collected, "collect", by=associate, now=now)
    holds.answer(released, "release", by=associate, now=now)

    assert (collected.state, released.state) == ("collected", "released")
    assert stock_of(book, loafer, now) == {"38": 1}


@pytest.mark.parametrize("step", ["confirm", "decline", "collect", "release"])
def test_nothing_can_be_done_once_its_time_is_over(
    book: Lookbook, loafer: Product, now: datetime, step: str
) -> None:
    hold = holds.ask(book, loafer, "38", now=now)

    done = holds.answer(hold, step, by=UserFactory(), now=now + TWO_DAYS, sentence=SORRY)

    assert (done, Hold.objects.get().state) == (False, "asked")


def test_second_answer_finds_the_first(book: Lookbook, loafer: Product, now: datetime) -> None:
    hold = holds.ask(book, loafer, "38", now=now)
    stale = Hold.objects.get(pk=hold.pk)
    holds.answer(hold, "decline", by=UserFactory(), now=now, sentence=SORRY)

    assert not holds.answer(stale, "confirm", by=UserFactory(), now=now)
    assert Hold.objects.get().state == "declined"


def test_withdraw_frees_the_piece_of_this_page_only(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    hold = holds.ask(book, loafer, "38", now=now)

    assert not holds.withdraw(LookbookFactory(), hold.pk, now=now)
    assert holds.withdraw(book, hold.pk, now=now)
    assert not holds.withdraw(book, hold.pk, now=now)
    assert stock_of(book, loafer, now) == {"38": 1}


def test_expire_writes_down_what_is_over_and_nothing_else(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    old = holds.ask(book, loafer, "38", now=now)
    young = holds.ask(page_with(loafer), loafer, "38", now=now + timedelta(hours=1))

    expired = [holds.expire(now=now + TWO_DAYS) for _ in range(2)]

    assert expired == [1, 0]
    assert dict(Hold.objects.values_list("pk", "state")) == {old.pk: "expired", young.pk: "asked"}
    assert SetAside.objects.count() == 1


def test_let_go_puts_everything_back(book: Lookbook, loafer: Product, now: datetime) -> None:
    holds.ask(book, loafer, "38", now=now)

    assert holds.let_go(Hold.objects.filter(customer=book.customer), now=now) == 1
    assert stock_of(book, loafer, now) == {"38": 1}


def test_database_refuses_a_second_open_hold_and_a_refusal_without_words(
    book: Lookbook, loafer: Product, now: datetime
) -> None:
    hold = holds.ask(book, loafer, "38", now=now)

    with pytest.raises(IntegrityError, match="hold_once_while_open"), transaction.atomic():
        Hold.objects.create(
            lookbook=book,
            customer=book.customer,
            store=book.store,
            product=loafer,
            size="38",
            asked_at=now,
            expires_at=now + TWO_DAYS,
        )
    with pytest.raises(IntegrityError, match="hold_declined_says_why"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(state="declined", settled_at=now)


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_last_pair_at_once_get_it_once(now: datetime) -> None:
    loafer = ProductFactory()
    book = page_with(loafer)
    pages = [book, *(LookbookFactory(store=book.store) for _ in range(5))]
    together = threading.Barrier(len(pages))
    outcomes: list[str] = []

    def want(page: Lookbook) -> Callable[[], None]:
        def ask() -> None:
            try:
                together.wait(timeout=20)
                holds.ask(page, loafer, "38", now=now)
                outcomes.append("kept")
            except CannotHold:
                outcomes.append("gone")
            finally:
                connection.close()

        return ask

    threads = [threading.Thread(target=want(page)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(outcomes) == ["gone"] * 5 + ["kept"]
    assert (Hold.objects.count(), SetAside.objects.count()) == (1, 1)
