from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.models import Product
from customers.models import Feedback
from outreach.models import LookbookItem
from outreach.models.message import State
from outreach.proof import ignored
from outreach.proof.ignored import LOOKED_BACK_DAYS, PATIENCE
from tests.factories import (
    NOON,
    FeedbackFactory,
    LineItemFactory,
    LookbookFactory,
    LookbookItemFactory,
    MessageFactory,
    PurchaseFactory,
    ReplyFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

DELIVERED_AT = NOON - PATIENCE
A_MOMENT = timedelta(seconds=1)


def note_with_an_item(
    *, delivered_at: datetime = DELIVERED_AT, state: str = State.DELIVERED, **book: Any
) -> LookbookItem:
    item: LookbookItem = LookbookItemFactory(lookbook=LookbookFactory(**book))
    MessageFactory(
        customer=item.lookbook.customer,
        lookbook=item.lookbook,
        state=state,
        sent_at=delivered_at,
        delivered_at=delivered_at,
    )
    return item


def buys(item: LookbookItem, product: Product, *, at: datetime, quantity: int = 1) -> None:
    LineItemFactory(
        purchase=PurchaseFactory(customer=item.lookbook.customer, purchased_at=at),
        variant=VariantFactory(product=product),
        quantity=quantity,
    )


def ignored_products() -> list[int]:
    return list(Feedback.objects.filter(kind="ignored").values_list("product", flat=True))


def test_item_of_which_nothing_came_is_ignored_once(now: datetime) -> None:
    item = note_with_an_item()

    counts = [ignored.note(now=now), ignored.note(now=now), ignored.note(now=now + PATIENCE)]

    word = Feedback.objects.get()
    assert counts == [1, 0, 0]
    assert (word.customer, word.product, word.kind) == (
        item.lookbook.customer,
        item.product,
        "ignored",
    )
    assert (word.said_at, word.said_by) == (DELIVERED_AT + PATIENCE, None)


def test_every_item_of_a_note_is_ignored_by_itself(now: datetime) -> None:
    bought = note_with_an_item()
    other = LookbookItemFactory(lookbook=bought.lookbook, position=2)
    buys(bought, bought.product, at=DELIVERED_AT + PATIENCE)

    ignored.note(now=now)

    assert ignored_products() == [other.product_id]


def test_item_is_not_ignored_before_its_time_is_up(now: datetime) -> None:
    note_with_an_item(delivered_at=DELIVERED_AT + A_MOMENT)

    assert ignored.note(now=now) == 0


def test_item_of_long_ago_is_not_read_again(now: datetime) -> None:
    long_ago = DELIVERED_AT - timedelta(days=LOOKED_BACK_DAYS)
    oldest = note_with_an_item(delivered_at=long_ago)
    note_with_an_item(delivered_at=long_ago - A_MOMENT)

    ignored.note(now=now)

    assert ignored_products() == [oldest.product_id]


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.UNCONFIRMED])
def test_note_that_may_not_have_arrived_is_not_ignored(state: str, now: datetime) -> None:
    item = note_with_an_item()
    item.lookbook.message.move(from_=State.DELIVERED, to=state, intent_at=DELIVERED_AT)

    assert ignored.note(now=now) == 0


@pytest.mark.parametrize(("late", "count"), [(timedelta(0), 0), (A_MOMENT, 1)])
def test_page_that_was_opened_in_time_is_not_ignored(
    late: timedelta, count: int, now: datetime
) -> None:
    note_with_an_item(first_opened_at=DELIVERED_AT + PATIENCE + late)

    assert ignored.note(now=now) == count


@pytest.mark.parametrize(("kind", "count"), [("words", 0), ("stop", 1)])
def test_note_that_was_answered_in_words_is_not_ignored(
    kind: str, count: int, now: datetime
) -> None:
    item = note_with_an_item()
    ReplyFactory(
        customer=item.lookbook.customer,
        message=item.lookbook.message,
        kind=kind,
        received_at=DELIVERED_AT + PATIENCE,
    )

    assert ignored.note(now=now) == count


@pytest.mark.parametrize(
    ("at", "quantity", "count"),
    [
        (DELIVERED_AT, 1, 0),
        (DELIVERED_AT + PATIENCE, 1, 0),
        (DELIVERED_AT + PATIENCE + A_MOMENT, 1, 1),
        (DELIVERED_AT - A_MOMENT, 1, 1),
        (DELIVERED_AT, -1, 1),
    ],
)
def test_item_bought_in_time_is_not_ignored(
    at: datetime, quantity: int, count: int, now: datetime
) -> None:
    item = note_with_an_item()
    buys(item, item.product, at=at, quantity=quantity)

    assert ignored.note(now=now) == count


def test_word_of_hers_stands_against_silence(now: datetime) -> None:
    item = note_with_an_item()
    FeedbackFactory(
        customer=item.lookbook.customer, product=item.product, kind="love_it", said_at=DELIVERED_AT
    )

    assert (ignored.note(now=now), ignored_products()) == (0, [])
