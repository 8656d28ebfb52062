"""Queries whose SQL is made once."""

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from django.db.models import BigIntegerField, F, Value
from django.db.models.functions import JSONObject

from clienteling.models import Store
from clienteling.prepared import Given, GivenAnyOf, GivenMoment, Prepared
from customers.models import Customer
from tests.factories import CustomerFactory, StoreFactory

NOON = datetime(2026, 6, 9, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def numbers(prepared: Prepared, **given: object) -> list[int]:
    return [number for (number,) in prepared.rows(**given)]


def test_rows_answer_each_time_with_what_was_given_then() -> None:
    first, second = StoreFactory(), StoreFactory()
    prepared = Prepared(
        lambda: Store.objects.filter(pk=Given("number", BigIntegerField())).values_list("pk")
    )

    assert numbers(prepared, number=first.pk) == [first.pk]
    assert numbers(prepared, number=second.pk) == [second.pk]
    assert numbers(prepared, number=None) == []


def test_rows_build_the_query_only_once() -> None:
    build = Mock(side_effect=lambda: Store.objects.values_list("pk"))
    prepared = Prepared(build)

    prepared.rows()
    prepared.rows()

    assert build.call_count == 1


def test_given_any_of_takes_any_number_of_ids() -> None:
    stores = StoreFactory.create_batch(3)
    prepared = Prepared(
        lambda: Store.objects.filter(pk=GivenAnyOf("stores")).order_by("pk").values_list("pk")
    )

    assert numbers(prepared, stores=[]) == []
    assert numbers(prepared, stores=[stores[2].pk, stores[0].pk]) == [stores[0].pk, stores[2].pk]
    assert numbers(prepared, stores={stores[1].pk: "keys will do"}) == [stores[1].pk]


@pytest.mark.parametrize(("hours", "found"), [(23, 0), (24, 1), (25, 1)])
def test_given_moment_is_reckoned_from_each_time(hours: int, found: int) -> None:
    CustomerFactory(last_purchase_at=NOON)
    a_day_before = GivenMoment() - timedelta(hours=20) - timedelta(hours=4)
    prepared = Prepared(
        lambda: Customer.objects.filter(last_purchase_at__lte=a_day_before).values_list("pk")
    )

    assert len(prepared.rows(now=NOON + timedelta(hours=hours))) == found


@pytest.mark.parametrize(("day", "found"), [(8, 0), (9, 1)])
def test_given_moment_has_a_date(day: int, found: int) -> None:
    CustomerFactory(leave_until=NOON.date() - timedelta(days=1))
    yesterday = GivenMoment().date() - timedelta(days=1)
    prepared = Prepared(
        lambda: Customer.objects.filter(leave_until__lte=yesterday).values_list("pk")
    )

    assert len(prepared.rows(now=NOON.replace(day=day))) == found


def test_rows_are_read_as_their_fields_would() -> None:
    store = StoreFactory(name="Oak Street")
    prepared = Prepared(
        lambda: (
            Store.objects.filter(pk=GivenAnyOf("stores"))
            .annotate(known=JSONObject(name=F("name")))
            .values_list("pk", "known")
        )
    )

    assert prepared.rows(stores=[store.pk]) == [(store.pk, {"name": "Oak Street"})]


def test_constants_are_part_of_the_sql_whatever_they_hold() -> None:
    odd = StoreFactory(name="100 %s o'clock; %% \\")
    StoreFactory(name="100 of us")
    prepared = Prepared(
        lambda: (
            Store.objects.filter(name__startswith="100 %s o'", pk=GivenAnyOf("stores"))
            .annotate(said=Value("50 % 'off' %s \\"))
            .values_list("pk", "said")
        )
    )

    found = prepared.rows(stores=Store.objects.values_list("pk", flat=True))

    assert found == [(odd.pk, "50 % 'off' %s \\")]
