"""Columns Django has no name for."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class RealField(models.FloatField):
    """Four bytes: seven digits are enough for a score or a probability, and tables stay narrow."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "real"
