"""What the contact policy counts besides our own messages: others' mailings, and her quiet days."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from customers.models import KNOWN_CHANNEL, Channel, Customer


class MarketingSend(models.Model):
    """A mailing that another system sent her; it counts in the caps like a note of ours."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="marketing_sends", db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel)
    sent_at = models.DateTimeField()
    campaign = models.CharField(max_length=120, blank=True, help_text="What it was called.")

    class Meta:
        ordering = ("-sent_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "sent_at", "channel"], name="marketing_send_once"
            ),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="marketing_send_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.customer_id}"


class QuietPeriod(models.Model):
    """Days on which she is to be left alone, the first and the last included."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="quiet_periods")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last of the days.")
    reason = models.CharField(
        max_length=120, blank=True, help_text="Travelling, a birth, mourning …"
    )
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("starts_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="quiet_period_ends_after_it_starts",
                violation_error_message="The last day lies before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"
