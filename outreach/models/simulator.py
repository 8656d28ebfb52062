"""The simulated carrier's own memory: what its phones and mailboxes hold; not our records."""

import uuid

from django.db import models
from django.db.models import Q

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
    failed_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=20, blank=True, help_text="Why it will not arrive.")
    turn = models.PositiveSmallIntegerField(default=0, help_text="How many her persona had before.")
    answers_given = models.PositiveSmallIntegerField(default=0)
    next_answer_at = models.DateTimeField(null=True, help_text="When her persona writes back.")

    class Meta:
        ordering = ("at", "pk")
        indexes = [
            models.Index(fields=["channel", "address", "at"], name="simulated_address"),
            models.Index(
                fields=["next_answer_at"],
                condition=Q(next_answer_at__isnull=False),
                name="simulated_answer_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.channel}"


class SimulatedCast(models.Model):
    """While its one row is there, the simulated clients answer by themselves, each as a persona.

    The seed decides who is which; only what was sent since then is answered.
    """

    only = models.BooleanField(primary_key=True, default=True)
    seed = models.PositiveIntegerField(default=1)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(only=True), name="simulated_cast_is_one_row")
        ]

    def __str__(self) -> str:
        return f"Personas by seed {self.seed}"
