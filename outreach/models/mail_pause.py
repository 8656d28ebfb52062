"""Addresses that mail does not reach at the moment."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class MailPause(models.Model):
    """No offers to this address until then: its last mails came back, though it may well exist.

    Of the address, not of a client, so that no import of her file ends it.
    """

    address = models.CharField(max_length=254, unique=True, db_collation="C")
    paused_at = models.DateTimeField()
    until = models.DateTimeField()

    objects: ClassVar[models.Manager["MailPause"]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(address=""), name="mail_pause_has_address"),
        ]

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d}"
