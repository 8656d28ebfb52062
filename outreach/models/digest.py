"""The end of an associate's day."""

from django.conf import settings
from django.db import models


class EveningDigest(models.Model):
    """That an associate was told on one evening what her day had brought, in numbers alone.

    Names are read anew when she opens the page: a digest holds nothing of a client.
    """

    associate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="evening_digests"
    )
    on = models.DateField(help_text="The day in her store's time.")
    answered = models.PositiveIntegerField()
    clicked = models.PositiveIntegerField()
    bought = models.PositiveIntegerField()
    waiting = models.PositiveIntegerField(help_text="Clients who wait for an answer.")
    told_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, help_text="When a mail to her was begun.")

    class Meta:
        ordering = ("-on", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["associate", "on"], name="evening_digest_once"),
        ]

    def __str__(self) -> str:
        return f"To {self.associate_id} on {self.on}"
