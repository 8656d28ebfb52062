"""Who is off shift, so that colleagues answer her clients meanwhile."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clienteling.prepared import Moment


class OffShiftQuerySet(models.QuerySet["OffShift"]):
    def at(self, moment: Moment) -> "OffShiftQuerySet":
        """Those that hold at this moment."""
        return self.filter(since__lte=moment).filter(
            Q(ended_at=None) | Q(ended_at__gt=moment), Q(until=None) | Q(until__gt=moment)
        )


class OffShift(models.Model):
    """She is away, until a time she named or until she says that she is back.

    A row is written once, and once more when she is back; the database refuses any other change.
    """

    associate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="times_off"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="Blank: until she is back.")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[OffShiftQuerySet] = OffShiftQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-since", "-pk")
        verbose_name = "time off shift"
        verbose_name_plural = "times off shift"
        indexes = [
            models.Index(
                fields=["associate"], condition=Q(ended_at=None), name="off_shift_not_ended"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="off_shift_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__gte=F("since"), ended_by__isnull=False),
                name="off_shift_end_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.associate_id} since {self.since:%Y-%m-%d %H:%M}"
