"""Storing many rows at once by COPY, ten times as fast as inserts: no `save()`, no signals."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import AutoField, Field, ForeignKey, Model
from django.db.models.expressions import DatabaseDefault
from psycopg import sql

Row: TypeAlias = Model


def store(rows: Iterable[Row]) -> int:
    """Insert complete rows of one model, giving each its key; answers how many.

    Rows that point at each other must be stored in that order: a foreign key is read from the
    related row, which needs its key by then.
    """
    kept = list(rows)
    if not kept:
        return 0
    meta = kept[0]._meta
    if isinstance(meta.pk, AutoField):
        for row, key in zip(kept, take_keys(type(kept[0]), len(kept)), strict=True):
            row.pk = key
    fields = meta.concrete_fields
    values = ([_value(row, field) for field in fields] for row in kept)
    return store_plain(type(kept[0]), [str(field.column) for field in fields], values)


def store_plain(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows that were never made into objects, as values of these columns."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(column) for column in columns),
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
        return int(cursor.rowcount)


def count_anew(*models: type[Model]) -> None:
    """Tell the planner how many rows there are now; it would plan for empty tables otherwise.

    A statement over tables filled in the same transaction could take minutes without it.
    """
    with connection.cursor() as cursor:
        for model in models:
            table = sql.Identifier(model._meta.db_table)
            cursor.execute(sql.SQL("ANALYZE {}").format(table))


def take_keys(model: type[Model], count: int) -> list[int]:
    """So many numbers from the table's own sequence, for rows about to be stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [number for (number,) in cursor.fetchall()]


def _value(row: Row, field: "Field[Any, Any]") -> Any:
    if isinstance(field, ForeignKey):
        related = getattr(row, field.name) if field.is_cached(row) else None
        return related.pk if related else getattr(row, field.attname)
    value: Any = getattr(row, field.attname)
    if isinstance(value, DatabaseDefault):  # COPY takes values, and the database's own is one
        value = value.expression.value  # type: ignore[attr-defined]
    return field.get_db_prep_save(value, connection)
