"""Queries whose SQL is made once.

Making the SQL of a page's larger queries costs Django more processor time than PostgreSQL needs to
answer them. A `Prepared` keeps it, and fills in what is `Given` each time:

    LINES = Prepared(lambda: LineItem.objects
        .filter(customer=GivenAnyOf("customers"), purchased_at__lte=GivenMoment())
        .values_list("customer_id", "product_id"))
    LINES.rows(customers=[1, 2], now=now)
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, DateField, DateTimeField, Field, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import SQL, Composed, Literal
from psycopg.types.datetime import TimestamptzLoader

_PLACES = re.compile("(%s)")  # Django writes a percent sign of the SQL itself as two


class Given(Value):
    """The place of a value in a prepared query; `read` makes it of what was given."""

    sql = "%s"

    def __init__(
        self, name: str, output_field: "Field[Any, Any]", read: Callable[[Any], Any] | None = None
    ) -> None:
        super().__init__(name, output_field)
        self.name, self.read = name, read

    def __sub__(self, before: timedelta) -> "Given":  # type: ignore[override]
        """A time before; made when the value is there."""
        return Given(self.name, self.output_field, lambda value: self._of(value) - before)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A place in the SQL, with this object where its value will be."""
        return self.sql, [self]

    def of(self, given: Mapping[str, Any]) -> Any:
        """What belongs here this time."""
        return self._of(given[self.name])

    def _of(self, value: Any) -> Any:
        return self.read(value) if self.read else value


class GivenMoment(Given):
    """A moment to be given, in place of a `datetime` where a query is built."""

    def __init__(self, name: str = "now") -> None:
        super().__init__(name, DateTimeField())

    def date(self) -> Given:
        """Its date, as `datetime.date`."""
        return Given(self.name, DateField(), lambda moment: moment.date())


Moment = datetime | GivenMoment
Number = int | Given


class GivenAnyOf(Given):
    """For `filter(pk=GivenAnyOf("numbers"))`: an IN whose SQL is the same for any number of ids."""

    sql = "ANY(%s)"

    def __init__(self, name: str) -> None:
        super().__init__(name, ArrayField(BigIntegerField()), list)


class _Made(NamedTuple):
    """SQL in pieces, with the places of what is given between them."""

    pieces: Sequence[SQL | Given]
    compiler: SQLCompiler
    converters: dict[int, Any]


class Prepared:
    """A query over `values_list`, built the first time it is asked."""

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._build = build

    @cached_property
    def _made(self) -> _Made:
        compiler = self._build().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        return _Made(_in_pieces(sql, parameters), compiler, converters)

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """What the query finds: one query, a tuple for each row.

        The driver composes it of its pieces and writes the values in, as it does for any query;
        handed over whole, it would be read again each time to find their places. Moments are read
        by the driver's own loader, which is not written in Python: they are in UTC, as the
        connection is.
        """
        made = self._made
        with connection.cursor() as cursor:
            cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            pieces = [
                Literal(each.of(given)) if isinstance(each, Given) else each for each in made.pieces
            ]
            cursor.execute(Composed(pieces).as_string(cursor.cursor))
            found = cursor.fetchall()
        if not made.converters:
            return found
        return list(map(tuple, made.compiler.apply_converters(found, made.converters)))


def _in_pieces(sql: str, parameters: Sequence[Any]) -> list[SQL | Given]:
    """Cut where something is to be given; constants are part of the SQL around them."""
    values = iter(parameters)
    pieces: list[SQL | Given] = []
    constant: list[str] = []
    with connection.cursor() as cursor:
        for said in _PLACES.split(sql):
            value = next(values) if said == "%s" else None
            if isinstance(value, Given):
                pieces += [SQL("".join(constant)), value]
                constant.clear()
            elif said == "%s":
                constant.append(Literal(value).as_string(cursor.cursor))
            else:
                constant.append(said.replace("%%", "%"))
    return [*pieces, SQL("".join(constant))]
