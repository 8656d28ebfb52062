"""What a member of staff has to be told once."""

from django.conf import settings
from django.db import models

from outreach.models.message import Message


class Notice(models.Model):
    """News of a message for the person who sent it, until she has read it; one for a message."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="notice")
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

    def __str__(self) -> str:
        return f"To {self.recipient_id} about {self.message_id}"
