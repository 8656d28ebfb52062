"""What she allowed, and addresses that are never to be used."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from customers.models.customer import KNOWN_CHANNEL, Channel, Customer


class ConsentState(models.TextChoices):
    OPTED_IN = "opted_in", "Opted in"
    OPTED_OUT = "opted_out", "Opted out"


KNOWN_CONSENT = Q(state__in=["opted_in", "opted_out"])


class ConsentEvent(models.Model):
    """The ledger: what she said, when, how. A trigger refuses to change or delete an entry."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consent_events")
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=12, choices=ConsentState)
    recorded_at = models.DateTimeField(help_text="When she said so.")
    entered_at = models.DateTimeField(help_text="When we wrote it down.")
    source = models.CharField(max_length=120, blank=True)
    evidence = models.JSONField(default=dict, blank=True, help_text="Wording, form, message id.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )

    class Meta:
        ordering = ("-recorded_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel", "state", "recorded_at"], name="consent_event_once"
            ),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="consent_event_channel_known"),
            models.CheckConstraint(condition=KNOWN_CONSENT, name="consent_event_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.state} {self.channel}"


class Consent(models.Model):
    """Where the ledger stands, one row per customer and channel; `customers.consent` keeps it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=12, choices=ConsentState)
    since = models.DateTimeField()
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "channel"], name="consent_one_each"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="consent_channel_known"),
            models.CheckConstraint(condition=KNOWN_CONSENT, name="consent_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.state} {self.channel}"


class Suppression(models.Model):
    """An address never to be used, whoever it belongs to, until its owner lifts it."""

    channel = models.CharField(max_length=8, choices=Channel)
    address = models.CharField(max_length=254, db_collation="C")
    reason = models.CharField(
        max_length=120, help_text="stop-word, unsubscribed, provider, bounced"
    )
    suppressed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=Q(lifted_at__isnull=True),
                name="suppression_one_active",
            ),
            models.CheckConstraint(condition=~Q(address=""), name="suppression_has_address"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="suppression_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.reason}"


class ErasedAddress(models.Model):
    """An address that an erased client asked us never to use, known only by its keyed hash.

    The key is not in the database, so that nobody who has it can try out all numbers there are.
    """

    channel = models.CharField(max_length=8, choices=Channel)
    keyed_hash = models.CharField(max_length=64, db_collation="C")
    erased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "keyed_hash"], name="erased_address_once"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="erased_address_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.keyed_hash[:8]}"
