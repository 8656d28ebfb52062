"""What a member of staff has to be told once."""

from django.conf import settings
from django.db import models

from customers.models import Customer
from outreach.models.message import Message


class Notice(models.Model):
    """News of a client, or of her own evening, for one member of staff, until she has read it.

    `key` says what the news is about, so that it is told once however often it is found. `message`
    is the note it is about, where it is about one; an evening is about no client.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    key = models.CharField(max_length=120)
    sentence = models.CharField(max_length=200)
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("told_at", "pk")
        indexes = [
            models.Index(
                fields=["recipient"], condition=models.Q(read_at=None), name="notice_unread"
            )
        ]
        constraints = [models.UniqueConstraint(fields=["key"], name="notice_once")]

    def __str__(self) -> str:
        return f"To {self.recipient_id} about {self.key}"
