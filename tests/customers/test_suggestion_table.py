"""What is written is what PostgreSQL reads back, and nobody ever sees half of it."""

from typing import Any

import numpy as np
import pytest
from django.db import OperationalError, connection

from customers import suggestion_rows, suggestion_table
from customers.models import NearMiss, Outlook, Suggestion
from customers.recommender.evidence import Ranking, Trait
from customers.recommender.signals import SIGNALS
from customers.suggestion_rows import Keys, encoded
from customers.suggestion_table import begin, complete, copy, replace_all, swap
from tests.customers.rankings import ranking
from tests.factories import NearMissFactory, SuggestionFactory

pytestmark = pytest.mark.django_db

KEYS = Keys(
    customers=np.array([11, 22, 2**40], dtype=np.int64),
    products=np.array([100, 200, 300, 2**62], dtype=np.int64),
)


def write(*rankings: Ranking) -> int:
    return replace_all(encoded(rankings, KEYS), check=lambda: None)


def suggested(*columns: str) -> list[tuple[Any, ...]]:
    return list(Suggestion.objects.order_by("customer_id", "rank").values_list(*columns))


def missed(*columns: str) -> list[tuple[Any, ...]]:
    return list(NearMiss.objects.order_by("customer_id", "place").values_list(*columns))


def test_replace_all_writes_places_as_primary_keys_ranked_from_one() -> None:
    written = write(ranking([2, 0], [[3, 0], [1, -1]]), ranking([1], [[2, 1]]))

    assert written == 5
    assert suggested("customer_id", "rank", "product_id", "score") == [
        (11, 1, 200, 10.0),
        (22, 1, 300, 10.0),
        (22, 2, 200, 9.0),
        (2**40, 1, 2**62, 10.0),
        (2**40, 2, 100, 9.0),
    ]


def test_replace_all_writes_a_null_where_nothing_is_near() -> None:
    nearest = [[-1, 3, -1], [0, -1, -1]]

    write(ranking([0, 1], [[0, 1, 2], [0, 1, 2]], nearest_item=nearest))

    assert suggested("customer_id", "rank", "nearest_id", "days_new") == [
        (11, 1, None, -1),
        (11, 2, 2**62, -1),
        (11, 3, None, -1),
        (22, 1, 100, -1),
        (22, 2, None, -1),
        (22, 3, None, -1),
    ]


def test_replace_all_writes_each_finding_into_its_column() -> None:
    numbers = {
        finding: number
        for number, finding in enumerate(suggestion_rows.FINDING_OF_COLUMN.values(), start=1)
    }

    write(ranking([0], [[1]], **numbers))

    [row] = Suggestion.objects.values(*suggestion_rows.FINDING_OF_COLUMN)
    assert row == {
        column: numbers[finding] for column, finding in suggestion_rows.FINDING_OF_COLUMN.items()
    }
    assert set(row) | {
        "pk",
        "customer",
        "rank",
        "product",
        "score",
        "contributions",
        "nearest",
    } == {each.name for each in Suggestion._meta.local_fields}


@pytest.mark.parametrize(
    ("counted", "stored"),
    [(32_766, 32_766), (32_767, 32_767), (32_768, 32_767), (2**31 - 1, 32_767)],
)
def test_replace_all_caps_counts_at_what_a_smallint_holds(counted: int, stored: int) -> None:
    write(ranking([0], [[1]], units=counted, shared=int(max(Trait))))

    assert suggested("units", "shared_traits") == [(stored, 128)]


def test_replace_all_writes_contributions_in_order() -> None:
    each = ranking([0], [[1, 2]])
    largest = float(np.finfo(np.float32).max)
    smallest = float(np.finfo(np.float32).smallest_subnormal)
    each.contributions[0, 0] = np.arange(len(SIGNALS)) - 0.5
    each.contributions[0, 1, :3] = (largest, -largest, smallest)

    write(each)

    [first], [second] = suggested("contributions")
    assert first == [number - 0.5 for number in range(len(SIGNALS))]
    assert np.float32(second[:3]).tolist() == np.float32([largest, -largest, smallest]).tolist()


def test_replace_all_writes_near_misses_beside_them() -> None:
    write(
        ranking(
            [0, 1],
            [[0], [1]],
            misses=[[3, 1, -1, -1, -1], [-1, -1, -1, -1, -1]],
            objections=[[20, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
        )
    )

    assert missed("customer_id", "place", "product_id", "score", "objection") == [
        (11, 1, 2**62, 0.0, 20),
        (11, 2, 200, -1.0, 0),
    ]


def test_encoded_cuts_a_large_block_into_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestion_rows, "CUSTOMERS_AT_ONCE", 2)
    whole = ranking([0, 1, 2], [[0, 1], [2, -1], [-1, -1]], nearest_item=[[1, -1]] * 3)

    pieces = list(encoded([whole], KEYS))

    assert [piece.suggestions for piece in pieces] == [3, 0]
    assert (len(pieces[1].suggestion_rows), len(pieces[1].near_miss_rows)) == (0, 0)


def test_replace_all_of_nothing_leaves_nothing() -> None:
    SuggestionFactory()
    NearMissFactory()

    assert write() == 0

    assert (Suggestion.objects.count(), NearMiss.objects.count()) == (0, 0)


def test_replace_all_leaves_yesterdays_lists_when_drawing_breaks_off() -> None:
    SuggestionFactory(customer_id=7)
    NearMissFactory(customer_id=7)

    def breaking() -> Any:
        yield from encoded([ranking([0], [[0]], misses=[[1]])], KEYS)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        replace_all(breaking(), check=lambda: None)

    assert (suggested("customer_id"), missed("customer_id")) == ([(7,)], [(7,)])


def test_replace_all_after_a_crash_between_copy_and_swap_starts_afresh() -> None:
    SuggestionFactory(customer_id=7)
    NearMissFactory(customer_id=7)

    def crash() -> None:
        raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError, match="power"):
        replace_all(encoded([ranking([0], [[0]], misses=[[1]])], KEYS), check=crash)
    yesterday = (suggested("customer_id"), missed("customer_id"))
    write(ranking([1], [[2]], misses=[[0]]))

    assert yesterday == ([(7,)], [(7,)])
    assert suggested("customer_id", "product_id") == [(22, 300)]
    assert missed("customer_id", "product_id") == [(22, 100)]


def test_replace_all_shows_nobody_anything_before_the_check() -> None:
    SuggestionFactory(customer_id=7)
    seen: list[Any] = []

    replace_all(
        encoded([ranking([0], [[0]])], KEYS), check=lambda: seen.append(suggested("customer_id"))
    )

    assert seen == [[(7,)]]
    assert suggested("customer_id") == [(11,)]


def test_replace_all_swaps_in_what_others_have_made_ready() -> None:
    Outlook.objects.create(customer_id=7, alive=0.5, will_buy=0.5)
    table = Outlook._meta.db_table
    begin(table)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO customers_outlook_next VALUES (8, 0.25, 0.75)")
    complete(table)

    replace_all(encoded([ranking([0], [[0]])], KEYS), check=lambda: None, also=[table])

    assert list(Outlook.objects.values_list("customer_id", "alive", "will_buy")) == [
        (8, 0.25, 0.75)
    ]
    assert suggested("customer_id") == [(11,)]


def test_complete_keeps_out_a_second_row_of_the_same_place() -> None:
    rows = next(iter(encoded([ranking([0, 0], [[0], [1]])], KEYS))).suggestion_rows
    begin(suggestion_table.TABLE)
    copy(suggestion_table.TABLE, suggestion_rows.SUGGESTION_COLUMNS, rows)

    with pytest.raises(Exception, match="could not create unique index"):
        complete(suggestion_table.TABLE)


@pytest.mark.django_db(transaction=True)
def test_swap_changes_all_tables_or_none() -> None:
    SuggestionFactory(customer_id=7)
    NearMissFactory(customer_id=7)
    begin(suggestion_table.TABLE)
    complete(suggestion_table.TABLE)

    with pytest.raises(Exception, match="customers_nearmiss_next"):
        swap([suggestion_table.TABLE, suggestion_table.NEAR_MISS_TABLE])

    assert (suggested("customer_id"), missed("customer_id")) == ([(7,)], [(7,)])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE customers_suggestion_next")


@pytest.mark.django_db(transaction=True)
def test_swap_waits_for_a_reader_of_any_of_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestion_table, "LOCK_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(suggestion_table, "SWAP_TRIES", 1)
    SuggestionFactory(customer_id=7)
    reader = connection.copy()
    reader.set_autocommit(False)
    with reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_nearmiss")

    with pytest.raises(OperationalError, match="lock timeout"):
        write(ranking([0], [[0]]))

    assert suggested("customer_id") == [(7,)]
    reader.close()
