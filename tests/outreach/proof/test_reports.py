from datetime import timedelta

import pytest

from outreach.models import Message, PageGesture
from outreach.proof.reports import NOTHING, Outcome, Share, outreach_report
from tests.factories import (
    CustomerFactory,
    LineItemFactory,
    LookbookFactory,
    MessageFactory,
    PurchaseFactory,
    ReplyFactory,
    StoreFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory(name="Oak Street")


@pytest.fixture
def associate(store):
    return UserFactory(store=store, first_name="Daniel", last_name="Okafor")


def delivered_note(associate, *, at, customer=None, **changes):
    customer = customer or CustomerFactory(store=associate.store)
    fields = {"state": "delivered", "sent_at": at, "delivered_at": at} | changes
    return MessageFactory(customer=customer, sender=associate, **fields)


def buy(customer, *, at, quantity=1):
    purchase = PurchaseFactory(customer=customer, purchased_at=at)
    return LineItemFactory(purchase=purchase, quantity=quantity)


def total(store, now, days=30):
    return outreach_report([store], days=days, now=now).total


def test_report_counts_what_happened_to_the_notes(store, associate, now):
    week_ago = now - timedelta(days=7)
    bought = delivered_note(associate, at=week_ago)
    buy(bought.customer, at=week_ago + timedelta(days=2))
    replied = delivered_note(associate, at=week_ago)
    ReplyFactory(customer=replied.customer, received_at=week_ago + timedelta(hours=1))
    stopped = delivered_note(associate, at=week_ago)
    ReplyFactory(customer=stopped.customer, received_at=week_ago, kind="stop", body="STOP")
    delivered_note(associate, at=week_ago, state="failed", delivered_at=None)
    delivered_note(associate, at=week_ago, state="sent", delivered_at=None)

    outcome = total(store, now)

    assert outcome == Outcome(
        sent=5, delivered=3, failed=1, clients=3, replied=1, bought=1, stopped=1, still_counting=3
    )
    assert outcome.unknown == 1


def test_report_leaves_out_taken_back_notes_and_answers(store, associate, now):
    delivered_note(associate, at=now, state="canceled", sent_at=None, delivered_at=None)
    delivered_note(associate, at=now - timedelta(days=1), step="answer")

    assert total(store, now) == NOTHING


@pytest.mark.parametrize(("days_after", "counted"), [(-1, 0), (0, 1), (13, 1), (14, 0)], ids=str)
def test_bought_afterwards_counts_fourteen_days_from_the_delivery(
    store, associate, now, days_after, counted
):
    note = delivered_note(associate, at=now - timedelta(days=20))
    buy(note.customer, at=note.delivered_at + timedelta(days=days_after))

    assert total(store, now).bought == counted


def test_bought_afterwards_takes_returns_off(store, associate, now):
    note = delivered_note(associate, at=now - timedelta(days=20))
    buy(note.customer, at=note.delivered_at + timedelta(days=1))
    buy(note.customer, at=note.delivered_at + timedelta(days=5), quantity=-1)

    assert total(store, now).bought == 0


@pytest.mark.parametrize(("days_after", "counted"), [(6, 1), (7, 0)])
def test_replied_counts_seven_days_from_the_delivery(store, associate, now, days_after, counted):
    note = delivered_note(associate, at=now - timedelta(days=20))
    ReplyFactory(customer=note.customer, received_at=note.delivered_at + timedelta(days=days_after))

    assert total(store, now).replied == counted


def page_of(note, *, opened_at=None):
    book = LookbookFactory(customer=note.customer, first_opened_at=opened_at)
    Message.objects.filter(pk=note.pk).update(lookbook=book)
    return book


def test_clicked_counts_clients_who_did_something_and_not_who_opened(store, associate, now):
    week_ago = now - timedelta(days=7)
    clicked, opened, _ = (delivered_note(associate, at=week_ago) for _ in range(3))
    book = page_of(clicked, opened_at=week_ago)
    for kind in ("looked", "reply"):
        PageGesture.objects.create(lookbook=book, kind=kind, at=week_ago)
    page_of(opened, opened_at=week_ago)

    outcome = total(store, now)

    assert (outcome.clicked, outcome.only_opened, outcome.clients) == (1, 1, 3)
    assert outcome.clicked_share == Share(1, 3)


@pytest.mark.parametrize(
    ("after", "counted"), [(timedelta(days=14, seconds=-1), 1), (timedelta(days=14), 0)]
)
def test_clicked_counts_fourteen_days_from_the_delivery(store, associate, now, after, counted):
    sent_at = now - timedelta(days=20)
    book = page_of(delivered_note(associate, at=sent_at))
    PageGesture.objects.create(lookbook=book, kind="looked", at=sent_at + after)

    assert total(store, now).clicked == counted


def test_click_on_a_note_without_a_receipt_does_not_count(store, associate, now):
    note = delivered_note(associate, at=now - timedelta(days=1), state="sent", delivered_at=None)
    PageGesture.objects.create(lookbook=page_of(note), kind="looked", at=now)

    assert total(store, now).clicked == 0


def test_a_client_with_two_notes_is_one_client(store, associate, now):
    first = delivered_note(associate, at=now - timedelta(days=29))
    delivered_note(associate, at=now - timedelta(days=2), customer=first.customer)
    buy(first.customer, at=now - timedelta(days=1))

    outcome = total(store, now)

    assert (outcome.sent, outcome.clients, outcome.bought) == (2, 1, 1)


@pytest.mark.parametrize(("days_ago", "counted"), [(30, 1), (31, 0)])
def test_report_covers_the_days_asked_for(store, associate, now, days_ago, counted):
    delivered_note(associate, at=now - timedelta(days=days_ago))

    assert total(store, now).sent == counted


def test_report_shows_only_the_stores_asked_for_and_sorts_associates_by_name(store, now):
    zora = UserFactory(store=store, first_name="Zora", last_name="Neal")
    anna = UserFactory(store=store, first_name="Anna", last_name="Berg")
    elsewhere = UserFactory()
    for associate in (zora, anna, elsewhere):
        delivered_note(associate, at=now - timedelta(days=1))

    report = outreach_report([store], days=30, now=now)

    assert report.total.sent == 2
    assert [row.name for row in report.stores] == ["Oak Street"]
    assert [row.name for row in report.stores[0].associates] == ["Anna Berg", "Zora Neal"]


def test_months_are_the_calendar_months_of_the_shop(store, associate, now):
    delivered_note(associate, at=now.replace(month=5, day=1, hour=4))  # 30 April in Chicago
    delivered_note(associate, at=now.replace(month=5, day=1, hour=6))

    months = outreach_report([store], days=30, now=now).months

    assert [(f"{row.month:%Y-%m}", row.sent) for row in months] == [("2026-04", 1), ("2026-05", 1)]


def test_a_share_of_nobody_has_no_percentage():
    assert Share(0, 0).percent is None
    assert Share(1, 4).percent == 25
    assert (Share(1, 29).is_small, Share(1, 30).is_small) == (True, False)


def test_report_asks_three_queries_whatever_the_number_of_stores(
    associate, now, django_assert_num_queries
):
    stores = [associate.store, StoreFactory(), StoreFactory()]
    delivered_note(associate, at=now - timedelta(days=1))

    with django_assert_num_queries(3):
        report = outreach_report(stores, days=30, now=now)

    assert report.total.sent == 1
