"""Her code in the store, and what became of each item."""

from datetime import datetime, timedelta

import pytest

from catalog.models import Product
from clienteling.models import User
from customers.models import Feedback
from outreach.models import Hold, Lookbook, Showing
from outreach.page import counter, holds
from tests.factories import (
    AdminFactory,
    CustomerFactory,
    FeedbackFactory,
    LookbookFactory,
    LookbookItemFactory,
    ManagerFactory,
    ProductFactory,
    UserFactory,
)

Outcome = Showing.Outcome


@pytest.fixture
def maya(db: None) -> User:
    return UserFactory()


@pytest.fixture
def book(maya: User) -> Lookbook:
    page = LookbookFactory(customer=CustomerFactory(store=maya.store), associate=maya)
    LookbookItemFactory(lookbook=page)
    return page


@pytest.fixture
def loafer(book: Lookbook) -> Product:
    return book.items.get().product


def test_code_is_six_characters_that_nobody_misreads_and_stays(book: Lookbook) -> None:
    code = counter.code_of(book)

    assert len(code) == 6
    assert not set(code) & set("01OIL")
    assert counter.code_of(Lookbook.objects.get(pk=book.pk)) == code


def test_code_that_another_page_has_is_not_given_twice(
    book: Lookbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    LookbookFactory(code="AAAAAA")
    letters = iter("AAAAAA" + "BBBBBB")
    monkeypatch.setattr(counter.secrets, "choice", lambda alphabet: next(letters))

    assert counter.code_of(book) == "BBBBBB"


@pytest.mark.parametrize("typed", ["K74M2P", "k74m2p", " k74 m2p ", "K74-M2P", "k-7-4-m-2-p"])
def test_read_forgives_how_it_is_typed(typed: str) -> None:
    assert counter.read(typed) == "K74M2P"


@pytest.mark.parametrize(
    "typed", ["", "K74M2", "K74M2PP", "K74M20", "K74M2É", "K74M2\x00", "六六六六六六"]
)
def test_read_refuses_what_is_no_code(typed: str) -> None:
    assert counter.read(typed) == ""


def test_find_is_for_the_staff_of_her_store_while_the_page_is_open(
    book: Lookbook, maya: User, now: datetime
) -> None:
    code, colleague = counter.code_of(book), UserFactory(store=maya.store)
    elsewhere, admin = UserFactory(), AdminFactory()

    assert counter.find(code, maya, now=now) == book
    assert counter.find(code, colleague, now=now) == book
    assert counter.find(code, ManagerFactory(store=maya.store), now=now) == book
    assert counter.find(code, elsewhere, now=now) is None
    assert counter.find(code, admin, now=now) is None
    assert counter.find(code, maya, now=book.expires_at) is None
    assert counter.find("K74M2P", maya, now=now) is None


def test_codes_of_closed_pages_are_free_again(book: Lookbook) -> None:
    counter.code_of(book)
    still_open = LookbookFactory(code="K74M2P", expires_at=book.expires_at + timedelta(days=1))

    assert counter.free_codes(now=book.expires_at) == 1
    assert list(Lookbook.objects.exclude(code=None)) == [still_open]


def test_note_keeps_the_last_word_of_an_item(
    book: Lookbook, loafer: Product, maya: User, now: datetime
) -> None:
    for outcome in (Outcome.NOT_SHOWN, Outcome.BOUGHT):
        counter.note(book, loafer, outcome, by=maya, now=now)

    showing = Showing.objects.get()
    assert (showing.outcome, showing.noted_by, showing.customer) == ("bought", maya, book.customer)


def test_tried_becomes_feedback_and_is_taken_back_with_the_word(
    book: Lookbook, loafer: Product, maya: User, now: datetime
) -> None:
    counter.note(book, loafer, Outcome.TRIED, by=maya, now=now)
    noted = list(Feedback.objects.values_list("kind", "said_by"))

    counter.note(book, loafer, None, by=maya, now=now + timedelta(minutes=1))

    assert noted == [("tried_not_right", maya.pk)]
    assert (Feedback.objects.count(), Showing.objects.count()) == (0, 0)


def test_taking_back_leaves_her_own_word(
    book: Lookbook, loafer: Product, maya: User, now: datetime
) -> None:
    FeedbackFactory(customer=book.customer, product=loafer, kind="love_it")

    counter.note(book, loafer, Outcome.NOT_SHOWN, by=maya, now=now)
    counter.note(book, loafer, None, by=maya, now=now)

    assert Feedback.objects.get().kind == "love_it"


def test_bought_collects_what_was_kept_for_her(
    book: Lookbook, loafer: Product, maya: User, now: datetime
) -> None:
    holds.ask(book, loafer, "38", now=now)
    other = holds.ask(book, ProductFactory(), "38", now=now)

    counter.note(book, loafer, Outcome.BOUGHT, by=maya, now=now)

    states = dict(Hold.objects.values_list("product", "state"))
    assert states == {loafer.pk: "collected", other.product_id: "asked"}
