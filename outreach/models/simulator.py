"""The simulated carrier's own memory: what its phones and mailboxes hold; not our records."""

import uuid

from django.db import models

from customers.models import Channel


class SimulatedMessage(models.Model):
    """A text or email as the other side sees it."""

    class Direction(models.TextChoices):
        TO_CLIENT = "to_client", "To the client"
        FROM_CLIENT = "from_client", "From the client"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    direction = models.CharField(max_length=12, choices=Direction)
    channel = models.CharField(max_length=8, choices=Channel)
    address = models.CharField(max_length=254, help_text="The client's side.")
    outbox_id = models.UUIDField(null=True, help_text="Our message's id, as handed over.")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    html = models.TextField(blank=True)
    has_picture = models.BooleanField(default=False, help_text="Sent with a picture.")
    at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["channel", "address", "at"], name="simulated_address")]

    def __str__(self) -> str:
        return f"{self.direction} {self.channel}"
