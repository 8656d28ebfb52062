from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.models import Customer, Outlook
from customers.outlook import TABLE, about_to_lapse, foresee, write_next
from customers.rhythm import Rhythm, is_about_to_lapse
from customers.suggestion_table import swap
from tests.factories import CustomerFactory, LineItemFactory, OutlookFactory, PurchaseFactory

MOMENT = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)

VISITS = """
SELECT customer_id, count(DISTINCT purchased_at::date),
       extract(day FROM %(at)s - min(purchased_at))::int,
       extract(day FROM %(at)s - max(purchased_at))::int
FROM customers_lineitem WHERE quantity > 0 AND purchased_at <= %(at)s
GROUP BY customer_id ORDER BY customer_id
"""


def shop_of(customers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two kinds of customers: regulars, and people who came once or twice and left."""
    chance = np.random.default_rng(5)
    first = chance.integers(200, 700, customers).astype(np.int32)
    is_regular = np.arange(customers) % 2 == 0
    visits = np.where(is_regular, 2 + first // 50, 1 + np.arange(customers) % 3 // 2)
    last = np.where(is_regular, chance.integers(0, 90, customers), first - 30)
    last = np.where(visits == 1, first, last)
    return visits.astype(np.int32), first, last.astype(np.int32)


def arrays(*columns: list[float]) -> list[np.ndarray]:
    return [np.array(column, dtype=np.int32) for column in columns]


def test_foresee_knows_a_regular_from_one_who_has_left() -> None:
    visits, first, last = shop_of(400)

    foreseen = foresee(visits, first, last)

    assert foreseen is not None
    assert foreseen.will_buy[::2].min() > 0.5
    assert foreseen.will_buy[1::2].max() < 0.3


def test_foresee_falls_with_the_days_away() -> None:
    visits, first, last = shop_of(400)
    visits[:3], first[:3], last[:3] = 6, 600, [10, 60, 200]

    foreseen = foresee(visits, first, last)

    assert foreseen is not None
    assert (np.diff(foreseen.alive[:3]) < 0).all()
    assert (np.diff(foreseen.will_buy[:3]) < 0).all()


def test_foresee_says_nothing_of_one_who_never_bought() -> None:
    visits, first, last = shop_of(400)
    visits[7], first[7], last[7] = 0, -5, np.iinfo(np.int32).max

    foreseen = foresee(visits, first, last)

    assert foreseen is not None
    assert np.flatnonzero(np.isnan(foreseen.will_buy)).tolist() == [7]
    assert np.flatnonzero(np.isnan(foreseen.alive)).tolist() == [7]


def test_foresee_takes_two_moments_of_one_day_for_one_visit() -> None:
    visits, first, last = shop_of(400)
    visits[:2], first[:2], last[:2] = 1, 300, [300, 299]

    foreseen = foresee(visits, first, last)

    assert foreseen is not None
    assert foreseen.will_buy[0] == foreseen.will_buy[1]


def test_foresee_has_nothing_to_say_where_too_few_came_back() -> None:
    visits, first, last = shop_of(60)

    assert foresee(visits, first, last) is None


def test_foresee_of_an_empty_shop_is_nothing() -> None:
    assert foresee(*arrays([], [], [])) is None


def test_foresee_survives_a_till_account() -> None:
    visits, first, last = shop_of(400)
    visits[0], first[0], last[0] = 100_000, 700, 0

    foreseen = foresee(visits, first, last)

    assert foreseen is not None
    assert np.isfinite(foreseen.will_buy).all()
    assert foreseen.will_buy[0] > 0.99


@pytest.mark.django_db
def test_write_next_fills_a_table_beside_the_one_that_is_read() -> None:
    OutlookFactory(alive=0.5, will_buy=0.25)

    written = write_next(
        np.array([7, 2**40]),
        np.array([0.5, 1.0], dtype=np.float32),
        np.array([0.125, 0.75], dtype=np.float32),
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT customer_id, alive, will_buy FROM customers_outlook_next ORDER BY 1")
        assert cursor.fetchall() == [(7, 0.5, 0.125), (2**40, 1.0, 0.75)]
    assert written == 2
    assert Outlook.objects.count() == 1


@pytest.mark.django_db
def test_write_next_is_what_readers_see_after_the_swap() -> None:
    yesterdays = OutlookFactory()
    todays = CustomerFactory()
    half = np.array([0.5], dtype=np.float32)

    write_next(np.array([todays.pk]), half, half)
    swap([TABLE])

    assert list(Outlook.objects.values_list("customer", "will_buy")) == [(todays.pk, 0.5)]
    assert not hasattr(Customer.objects.select_related("outlook").get(pk=yesterdays.pk), "outlook")
    with pytest.raises(IntegrityError), transaction.atomic():
        OutlookFactory(customer=todays)


@pytest.mark.django_db
def test_write_next_leaves_out_who_has_no_outlook() -> None:
    chances = np.array([np.nan, 0.5], dtype=np.float32)

    assert write_next(np.array([1, 2]), chances, chances) == 1
    assert write_next(np.array([], dtype=np.int64), chances[:0], chances[:0]) == 0


@pytest.mark.django_db
def test_foresee_and_write_next_work_on_what_the_shop_has_recorded() -> None:
    for number in range(110):
        customer = CustomerFactory()
        for days in (300 - number, 200, 100 - number % 90):
            bought_at = MOMENT - timedelta(days=days)
            LineItemFactory(purchase=PurchaseFactory(customer=customer, purchased_at=bought_at))
    with connection.cursor() as cursor:
        cursor.execute(VISITS, {"at": MOMENT})
        numbers, visits, first, last = (np.array(column) for column in zip(*cursor, strict=True))

    foreseen = foresee(visits, first, last)

    assert foreseen is not None
    assert write_next(numbers, foreseen.alive, foreseen.will_buy) == 110


# Boundaries by hand; then three ways to say it are held to each other.


@pytest.mark.parametrize(
    ("visits", "away", "usual", "will_buy", "expected"),
    [
        (3, 60, 40, 0.5, True),
        (3, 59, 40, 0.5, False),
        (3, 89, 40, 0.5, True),
        (3, 90, 40, 0.5, False),
        (2, 60, 40, 0.5, False),
        (3, 60, 0, 0.5, False),
        (3, 62, 41, 0.5, True),  # one and a half times 41 is 61.5
        (3, 61, 41, 0.5, False),
        (3, 60, 40, 0.74, True),
        (3, 60, 40, 0.75, False),
        (3, 60, 40, float("nan"), True),
    ],
)
def test_about_to_lapse_on_its_boundaries(
    visits: int, away: int, usual: int, will_buy: float, expected: bool
) -> None:
    said = about_to_lapse(
        *arrays([visits], [away], [usual], [90]), np.array([will_buy], dtype=np.float32)
    )

    assert said.tolist() == [expected]


def test_about_to_lapse_goes_by_her_rhythm_in_a_shop_without_outlooks() -> None:
    said = about_to_lapse(*arrays([3, 3], [60, 59], [40, 40], [90, 90]), None)

    assert said.tolist() == [True, False]


CLIENTS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 100),
        st.integers(0, 70),
        st.sampled_from([None, 0.0, 0.5, 0.75, 0.7500001, 1.0]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None)
@given(clients=CLIENTS, seconds=st.integers(0, 86_399))
def test_about_to_lapse_is_the_same_to_the_rule_the_arrays_and_the_database(
    clients: list[tuple[int, int, int, float | None]], seconds: int
) -> None:
    Outlook.objects.all().delete()
    Customer.objects.all().delete()
    by_rule, numbers = [], []
    for visits, away, usual, will_buy in clients:
        last = MOMENT - timedelta(days=away, seconds=seconds)
        customer = Customer.objects.create(
            customer_id=f"C-{len(numbers)}",
            last_purchase_at=last if visits else None,
            visit_count=visits,
            usual_gap_days=usual or None,
        )
        if will_buy is not None:
            OutlookFactory(customer=customer, will_buy=will_buy)
        rhythm = Rhythm(customer.last_purchase_at, visits, usual or None)
        by_rule.append(is_about_to_lapse(rhythm, now=MOMENT, lapse_days=90, will_buy=will_buy))
        numbers.append(customer.pk)

    visits_, away_, usual_, chances = zip(*clients, strict=True)
    lapse_days = [90] * len(clients)
    by_arrays = about_to_lapse(
        *arrays(list(visits_), list(away_), list(usual_), lapse_days),
        np.array([np.nan if each is None else each for each in chances], dtype=np.float32),
    )
    by_database = set(
        Customer.objects.about_to_lapse(at=MOMENT, days=90).values_list("pk", flat=True)
    )

    assert by_arrays.tolist() == by_rule
    assert [number in by_database for number in numbers] == by_rule
