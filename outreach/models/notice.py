"""What a member of staff has to be told once."""

from django.conf import settings
from django.db import models

from outreach.models.digest import EveningDigest
from outreach.models.message import Message


class Notice(models.Model):
    """News for a member of staff until she has read it: of a message of hers, or of her day.

    One for a message, one for an evening.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    message = models.OneToOneField(
        Message, null=True, on_delete=models.CASCADE, related_name="notice"
    )
    digest = models.OneToOneField(
        EveningDigest, null=True, on_delete=models.CASCADE, related_name="notice"
    )
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
        constraints = [
            models.CheckConstraint(
                condition=models.Q(message__isnull=False, digest=None)
                | models.Q(message=None, digest__isnull=False),
                name="notice_is_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"To {self.recipient_id} about {self.message_id or self.digest_id}"
