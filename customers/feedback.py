"""What clients make of single items: the only writer of `Feedback`, and its readers.

Four kinds. *Loves it* and *not for her* are her own words or what her associate heard; *tried, not
right* is about size and fit, never about taste; *ignored* is no word at all: an item stood in a
note that arrived, and nothing came of it. What she bought speaks for itself and has no row.

There is one row for a customer and a product. The latest word counts, also where words arrive out
of order, and silence never takes the place of a word, whenever it is noticed. How much each kind
weighs is the recommender's business; an item turned down is never shown again (`appropriateness`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from catalog.models import Product
from clienteling.models import User
from clienteling.prepared import Moment
from customers.models import Customer, Feedback
from customers.packed import Column, read_packed

Kind = Feedback.Kind

KIND_NUMBERS: Mapping[str, int] = {
    Kind.LOVE_IT: 1,
    Kind.NOT_FOR_ME: 2,
    Kind.TRIED_NOT_RIGHT: 3,
    Kind.IGNORED: 4,
}
"""How the night's arrays spell the kinds."""

TURNED_DOWN = frozenset({Kind.NOT_FOR_ME, Kind.TRIED_NOT_RIGHT})
"""After these words she is not shown the item again, in any size: a product is a style."""

ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Word:
    """What was said of a product, and when. `noted_by` is an associate's name, "" for herself."""

    product_id: int
    name: str
    kind: str
    at: datetime
    noted_by: str = ""

    @property
    def turns_down(self) -> bool:
        return self.kind in TURNED_DOWN


class Silence(NamedTuple):
    """An item that came of nothing, and the moment from which that is certain."""

    customer_id: int
    product_id: int
    at: datetime


@dataclass(frozen=True, eq=False)
class FeedbackArrays:
    """All feedback as of a moment, in no order: parallel arrays, one entry per row.

    `customer` and `product` are primary keys, `kind` is one of `KIND_NUMBERS`, `days` are whole
    days before the moment.
    """

    customer: npt.NDArray[np.int64]
    product: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int8]
    days: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.customer)


def say(
    customer: Customer, product: Product, kind: Kind, *, at: datetime, by: User | None = None
) -> Feedback:
    """Write down a word, hers or (`by`) what an associate noted; answers the word that now stands.

    That is another one where a later word is on record already. Saying the same again only makes
    it newer. `Kind.IGNORED` is refused: nobody says it, `note_ignored` does.
    """
    if kind == Kind.IGNORED:
        raise ValueError("Nobody says that she ignored an item; see note_ignored.")
    _write([(customer.pk, product.pk, kind, at, by.pk if by else None)])
    return Feedback.objects.get(customer=customer, product=product)


def forget(customer: Customer, product: Product, *, at: datetime, by: User | None = None) -> bool:
    """Take a word back; False where there is none to take back.

    She takes back what she said herself, an associate (`by`) what one of them noted: nobody can
    unsay it for the other, though anybody may say something later. A word said after `at` stands.
    """
    words = Feedback.objects.filter(
        customer=customer, product=product, said_by__isnull=by is None, said_at__lte=at
    )
    deleted, _ = words.exclude(kind=Kind.IGNORED).delete()
    return bool(deleted)


def note_ignored(silences: Iterable[Silence]) -> int:
    """Write down what came of nothing; the number of rows that are new or newer than before.

    Repeating it changes nothing, and no word of anybody is touched.
    """
    rows = {(each.customer_id, each.product_id): each for each in sorted(silences, key=_moment)}
    ordered = [
        (each.customer_id, each.product_id, Kind.IGNORED, each.at, None) for each in rows.values()
    ]
    parts = range(0, len(ordered), ROWS_AT_ONCE)
    return sum(_write(ordered[start : start + ROWS_AT_ONCE]) for start in parts)


def _moment(silence: Silence) -> datetime:
    return silence.at


def _write(rows: Iterable[tuple[int, int, str, datetime, int | None]]) -> int:
    """One statement decides what stands, so that two who speak at once cannot both win."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, columns)
        return int(cursor.rowcount)


# A word beats silence. Of two words, or two silences, the later one stands.
_UPSERT = """
    INSERT INTO customers_feedback AS standing
        (customer_id, product_id, kind, said_at, said_by_id)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[])
    ON CONFLICT (customer_id, product_id) DO UPDATE
    SET kind = EXCLUDED.kind, said_at = EXCLUDED.said_at, said_by_id = EXCLUDED.said_by_id
    WHERE CASE
        WHEN (standing.kind = 'ignored') <> (EXCLUDED.kind = 'ignored')
            THEN standing.kind = 'ignored'
        WHEN standing.kind = EXCLUDED.kind THEN EXCLUDED.said_at > standing.said_at
        ELSE EXCLUDED.said_at >= standing.said_at
    END
"""


def feedback_column(now: Moment) -> ArraySubquery:
    """Words up to `now`, as a column of a query over customers: for `words_of`. No silences."""
    words = Feedback.objects.filter(customer=OuterRef("pk"), said_at__lte=now)
    signature = Coalesce(NullIf("said_by__first_name", Value("")), "said_by__username", Value(""))
    row = JSONObject(
        product="product_id", name="product__name", kind="kind", at="said_at", by=signature
    )
    return ArraySubquery(words.exclude(kind=Kind.IGNORED).order_by("-said_at").values(row=row))


def words_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Word, ...]:
    """What the rows of `feedback_column` come to, newest first."""
    return tuple(
        Word(row["product"], row["name"], row["kind"], datetime.fromisoformat(row["at"]), row["by"])
        for row in rows
    )


def read_feedback(*, as_of: datetime) -> FeedbackArrays:
    """Everything said, or passed over in silence, up to a moment.

    A word that was replaced since leaves no trace: a past moment is seen with what stands today.
    """
    columns = (
        Column("customer", "customer_id", "int8"),
        Column("product", "product_id", "int8"),
        Column("kind", f"CASE kind {_kind_cases()} END", "int4"),
        Column("moment", "floor(date_part('epoch', said_at))", "int8"),
    )
    parts = list(read_packed("customers_feedback", columns, where="said_at <= %s", params=(as_of,)))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return FeedbackArrays(nothing, nothing, nothing.astype(np.int8), nothing.astype(np.int32))
    rows = np.concatenate(parts)
    seconds = np.maximum(int(as_of.timestamp()) - rows["moment"], 0)
    return FeedbackArrays(
        customer=rows["customer"].astype(np.int64),
        product=rows["product"].astype(np.int64),
        kind=rows["kind"].astype(np.int8),
        days=(seconds // 86_400).astype(np.int32),
    )


def _kind_cases() -> str:
    return " ".join(f"WHEN '{kind}' THEN {number}" for kind, number in KIND_NUMBERS.items())
