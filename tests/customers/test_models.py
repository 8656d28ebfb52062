from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from customers.models import (
    ConsentEvent,
    ConsentState,
    Customer,
    Purchase,
    Suppression,
)
from customers.shopfacts import age_band
from tests.factories import (
    NOON,
    AdminFactory,
    ConsentFactory,
    ContactPointFactory,
    CustomerFactory,
    LineItemFactory,
    ManagerFactory,
    PurchaseFactory,
    ServiceCaseFactory,
    SuggestionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]


def consent_event(customer: Customer | None = None, **values: Any) -> ConsentEvent:
    return ConsentEvent.objects.create(
        customer=customer or CustomerFactory(),
        **{
            "channel": "sms",
            "state": ConsentState.OPTED_IN,
            "recorded_at": NOON,
            "entered_at": NOON,
            **values,
        },
    )


def suppression(**values: Any) -> Suppression:
    return Suppression.objects.create(
        **{
            "channel": "sms",
            "address": "+13125550142",
            "reason": "stop-word",
            "suppressed_at": NOON,
            **values,
        }
    )


@pytest.mark.parametrize(
    ("make", "values", "constraint"),
    [
        (CustomerFactory, {"customer_id": ""}, "customer_has_id"),
        (CustomerFactory, {"preferred_channel": "fax"}, "customer_preferred_channel_known"),
        (ContactPointFactory, {"channel": "fax"}, "contact_point_channel_known"),
        (
            ContactPointFactory,
            {"channel": "email", "address": ""},
            "contact_point_usable_or_reasoned",
        ),
        (ContactPointFactory, {"address": "3125550142"}, "contact_point_phone_is_e164"),
        (ContactPointFactory, {"address": "+0312555014"}, "contact_point_phone_is_e164"),
        (ContactPointFactory, {"address": "+123456"}, "contact_point_phone_is_e164"),
        (ContactPointFactory, {"address": "+1234567890123456"}, "contact_point_phone_is_e164"),
        (PurchaseFactory, {"order_id": ""}, "purchase_has_order_id"),
        (PurchaseFactory, {"channel": "fair"}, "purchase_channel_known"),
        (LineItemFactory, {"quantity": 0}, "line_item_quantity_not_zero"),
        (LineItemFactory, {"unit_price": Decimal("-0.01")}, "line_item_price_not_negative"),
        (ServiceCaseFactory, {"case_id": ""}, "service_case_has_id"),
        (
            ServiceCaseFactory,
            {"opened_at": NOON, "closed_at": NOON - timedelta(seconds=1)},
            "service_case_closes_after_opening",
        ),
        (consent_event, {"channel": "fax"}, "consent_event_channel_known"),
        (consent_event, {"state": "perhaps"}, "consent_event_state_known"),
        (ConsentFactory, {"channel": "fax"}, "consent_channel_known"),
        (ConsentFactory, {"state": "perhaps"}, "consent_state_known"),
        (suppression, {"address": ""}, "suppression_has_address"),
        (suppression, {"channel": "fax"}, "suppression_channel_known"),
    ],
)
def test_row_is_refused(make: Make, values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=f'"{constraint}"'):
        make(**values)


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (ContactPointFactory, {"address": "+1234567"}),
        (ContactPointFactory, {"address": "+123456789012345"}),
        (ContactPointFactory, {"address": "", "unusable_because": "Too short."}),
        (ContactPointFactory, {"channel": "email", "address": "amanda@example.com"}),
        (LineItemFactory, {"quantity": -1, "unit_price": Decimal(0)}),
        (LineItemFactory, {"unit_price": None}),
        (ServiceCaseFactory, {"opened_at": NOON, "closed_at": NOON}),
    ],
)
def test_row_on_the_boundary_is_kept(make: Make, values: dict[str, Any]) -> None:
    assert make(**values).pk


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (CustomerFactory, lambda: {"customer_id": "C-1"}),
        (ContactPointFactory, lambda: {"customer": CustomerFactory(), "channel": "sms"}),
        (ConsentFactory, lambda: {"customer": CustomerFactory(), "channel": "sms"}),
        (PurchaseFactory, lambda: {"order_id": "R-1"}),
        (LineItemFactory, lambda: {"purchase": PurchaseFactory(), "line": 1}),
        (ServiceCaseFactory, lambda: {"case_id": "S-1"}),
        (SuggestionFactory, lambda: {"customer": CustomerFactory(), "rank": 1}),
        (consent_event, lambda: {"customer": CustomerFactory()}),
        (suppression, dict),
    ],
)
def test_row_is_kept_once(make: Make, key: Callable[[], dict[str, Any]]) -> None:
    same = key()
    make(**same)

    with pytest.raises(IntegrityError, match="violates unique constraint"):
        make(**same)


def test_lifted_suppressions_stand_beside_an_active_one() -> None:
    suppression(lifted_at=NOON)
    suppression(lifted_at=NOON)
    suppression()

    assert Suppression.objects.count() == 3


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_consent_ledger_refuses(verb: str) -> None:
    event = consent_event()
    entry = ConsentEvent.objects.filter(pk=event.pk)
    changes = {"state": ConsentState.OPTED_OUT} if verb == "update" else {}
    refused = f"append-only: {verb.upper()} of entry {event.pk} refused"

    with pytest.raises(IntegrityError, match=refused), transaction.atomic():
        getattr(entry, verb)(**changes)

    assert entry.get().state == ConsentState.OPTED_IN


def test_consent_ledger_refuses_sql_as_well() -> None:
    consent_event()

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE customers_consentevent SET source = 'forged'")

    assert ConsentEvent.objects.get().source == ""


@pytest.mark.parametrize(
    ("away", "is_lapsed"),
    [
        (timedelta(days=90), True),
        (timedelta(days=90) - timedelta(microseconds=1), False),
        (timedelta(days=91), True),
        (timedelta(days=-1), False),
        (None, False),
    ],
)
def test_lapsed_from_the_ninetieth_full_day_on(
    now: datetime, away: timedelta | None, is_lapsed: bool
) -> None:
    CustomerFactory(last_purchase_at=None if away is None else now - away)

    assert Customer.objects.lapsed(at=now, days=90).exists() == is_lapsed


def test_in_book_of_holds_her_own_and_her_stores_unassigned() -> None:
    associate = UserFactory()
    hers = CustomerFactory(associate=associate, store=associate.store)
    moved = CustomerFactory(associate=associate)
    unassigned = CustomerFactory(associate=None, store=associate.store)
    CustomerFactory(associate=UserFactory(store=associate.store), store=associate.store)
    CustomerFactory(associate=None)

    assert set(Customer.objects.in_book_of(associate)) == {hers, moved, unassigned}


def test_in_book_of_one_without_a_store_holds_only_her_own() -> None:
    associate = UserFactory(store=None)
    hers = CustomerFactory(associate=associate, store=None)
    CustomerFactory(associate=None)

    assert list(Customer.objects.in_book_of(associate)) == [hers]


def test_visible_to_shows_the_clients_of_ones_stores() -> None:
    associate = UserFactory()
    own = CustomerFactory(store=associate.store)
    elsewhere = CustomerFactory()
    CustomerFactory(store=None)
    manager = ManagerFactory(store=associate.store)
    manager.managed_stores.add(associate.store, elsewhere.store)

    assert list(Customer.objects.visible_to(associate)) == [own]
    assert set(Customer.objects.visible_to(manager)) == {own, elsewhere}
    assert not Customer.objects.visible_to(AdminFactory()).exists()


def test_save_keeps_the_folded_names() -> None:
    client = CustomerFactory(first_name="Élodie", last_name="O'Brien")

    client.last_name = "Groß"
    client.save()

    client.refresh_from_db()
    assert (client.search_name, client.search_first_name) == ("gross elodie", "elodie")


@pytest.mark.parametrize(
    ("first_name", "last_name", "called", "words"),
    [
        ("Amanda", "Reyes", "Amanda", "Amanda Reyes"),
        ("", "Reyes", "Reyes", "Reyes"),
        ("", "", "C-1", "C-1"),
    ],
)
def test_customer_is_called_by_what_is_known(
    first_name: str, last_name: str, called: str, words: str
) -> None:
    client = Customer(customer_id="C-1", first_name=first_name, last_name=last_name)

    assert (client.called, str(client)) == (called, words)


def test_purchases_come_newest_first() -> None:
    client = CustomerFactory()
    older = PurchaseFactory(customer=client, purchased_at=NOON - timedelta(days=2))
    newer = PurchaseFactory(customer=client, purchased_at=NOON)

    assert list(Purchase.objects.all()) == [newer, older]


@pytest.mark.parametrize(
    ("birth_year", "band"),
    [(1996, 3), (1997, 2), (2026, 0), (2027, -1), (1907, 11), (1906, -1), (None, -1)],
)
def test_age_band_has_ten_years(birth_year: int | None, band: int) -> None:
    assert age_band(birth_year, on=date(2026, 6, 15)) == band


def test_planner_is_told_how_many_customers_the_lines_belong_to(db: None) -> None:
    """A sample of many millions of lines cannot tell."""
    LineItemFactory()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_lineitem")
        cursor.execute(
            "SELECT n_distinct FROM pg_stats"
            " WHERE tablename = 'customers_lineitem' AND attname = 'customer_id'"
        )
        [[share]] = cursor.fetchall()

    assert share == pytest.approx(-0.05)
