"""What a query found, as an array: found first, and then asked about or walked through."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet


class OneOf(Func):
    """For `filter(OneOf("customer__store", stores.values("pk")))`: an IN whose numbers are found
    first.

    Of an IN (SELECT …) with a join inside the planner expects a single row, and then asks every
    client of a large store what it should have asked of a few. Of an array it expects ten.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, numbers: QuerySet[Any, Any]) -> None:
        super().__init__(F(column), ArraySubquery(numbers))


class Unnest(Func):
    """An array of numbers as rows: what was found for each row of another table, one after the
    other."""

    function = "unnest"
    set_returning = True
    output_field = BigIntegerField()
