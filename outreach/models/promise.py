"""What an associate promised a client, and until when."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clienteling.models import User
from customers.models import Customer


class PromiseQuerySet(models.QuerySet["Promise"]):
    def open(self) -> "PromiseQuerySet":
        """Given, and not kept yet."""
        return self.filter(kept_at=None)

    def due(self, *, on: date) -> "PromiseQuerySet":
        """Open, and meant for this day or one before it."""
        return self.open().filter(due_on__lte=on)

    def falling_to(self, associate: User) -> "PromiseQuerySet":
        """What she has to keep: her own word, wherever the client is by now."""
        return self.filter(falls_to=associate)


class Promise(models.Model):
    """A word given to a client. It waits for its day, is put off at will, and is kept once."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="promises")
    falls_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="promises",
        help_text="Who has to keep it.",
    )
    words = models.CharField(max_length=200)
    due_on = models.DateField(help_text="The store's day.")
    due_time = models.TimeField(null=True, blank=True, help_text="Blank: any time that day.")
    times_snoozed = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    kept_at = models.DateTimeField(null=True, blank=True)
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[PromiseQuerySet] = PromiseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("due_on", F("due_time").asc(nulls_last=True), "pk")
        indexes = [
            models.Index(
                fields=["falls_to", "due_on"], condition=Q(kept_at=None), name="promise_open"
            ),
            models.Index(fields=["customer", "due_on"], name="promise_customer"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="promise_has_words"),
            models.CheckConstraint(
                condition=Q(kept_at=None, kept_by=None)
                | Q(kept_at__isnull=False, kept_by__isnull=False),
                name="promise_kept_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"To {self.customer_id}, due {self.due_on}"
