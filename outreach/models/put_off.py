""" "Not now": an associate put a client off until a day, and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from customers.models import Customer


class PutOff(models.Model):
    """No first move until `back_on`, the first day on which she may be written to again."""

    class Reason(models.TextChoices):
        TOO_SOON = "too_soon", "Too soon"
        WRONG_ITEMS = "wrong_items", "Wrong items"
        AWAY = "away", "Away"
        SPOKE = "spoke", "Spoke already"
        OTHER = "other", "Another reason"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="put_offs")
    reason = models.CharField(max_length=12, choices=Reason)
    back_on = models.DateField(help_text="The first day on which she may be written to again.")
    put_off_on = models.DateField(help_text="The store's day on which it was said.")
    put_off_at = models.DateTimeField()
    put_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Taken back before its day.")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-put_off_at", "-pk")
        verbose_name = "client put off"
        verbose_name_plural = "clients put off"
        indexes = [
            models.Index(
                fields=["customer", "back_on"], condition=Q(ended_at=None), name="put_off_standing"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["too_soon", "wrong_items", "away", "spoke", "other"]),
                name="put_off_reason_known",
            ),
            models.CheckConstraint(
                condition=Q(back_on__gt=models.F("put_off_on")), name="put_off_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="put_off_end_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} until {self.back_on}"
