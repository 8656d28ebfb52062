"""Pictures that clients send with a text or a mail."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from clienteling.models import User
from outreach.models.message import Reply


class PictureQuerySet(models.QuerySet["ReplyPicture"]):
    def visible_to(self, user: User) -> "PictureQuerySet":
        """Those of clients whose conversation this person sees; a manager sees strangers', too."""
        replies = Reply.objects.visible_to(user)
        if user.role == User.Role.MANAGER:
            replies |= Reply.objects.unknown_to_us()
        return self.filter(reply__in=replies.order_by().values("pk"))

    def of_replies(self, replies: list[int]) -> "PictureQuerySet":
        """In order, without the bytes: for a page that names them."""
        return self.filter(reply__in=replies).order_by("reply_id", "position").defer("content")


class ReplyPicture(models.Model):
    """One attachment of a reply, drawn anew from what came; the bytes that came are not kept.

    In the database, not in a folder: web and workers need not share a disk, a backup has it, and
    nothing but the view that asks who may see it can serve it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Not fetched yet"
        KEPT = "kept", "Kept"
        REFUSED = "refused", "Refused"

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="pictures")
    position = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=400, help_text="Where the carrier says it lies.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=120, blank=True, help_text="Why it was refused.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    content = models.BinaryField(default=b"", help_text="A JPEG of our own making.")
    width = models.PositiveSmallIntegerField(default=0)
    height = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[PictureQuerySet] = PictureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("reply_id", "position")
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state="waiting"), name="picture_waiting"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["reply", "position"], name="picture_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "kept", "refused"]), name="picture_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="kept", width__gt=0, height__gt=0)
                | (~Q(state="kept") & Q(content=b"")),
                name="picture_kept_has_content",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(next_try_at__isnull=False),
                name="picture_waiting_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.reply_id}/{self.position}"
