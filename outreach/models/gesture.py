"""What an associate did for a client beside writing to her."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import CareTip
from clienteling.models import User
from customers.models import Customer, ServiceCase


class GestureQuerySet(models.QuerySet["Gesture"]):
    def of(self, associate: User) -> "GestureQuerySet":
        """What this associate did."""
        return self.filter(made_by=associate)


class Gesture(models.Model):
    """A call, a kindness, a tip, thanks, a good wish, or a case seen through to its end."""

    class Kind(models.TextChoices):
        CALL = "call", "Called"
        KINDNESS = "kindness", "A kindness"
        TIP = "tip", "A tip"
        THANKS = "thanks", "Thanked"
        GREETING = "greeting", "Wished well"
        FOLLOW_UP = "follow_up", "Followed up"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="gestures")
    kind = models.CharField(max_length=12, choices=Kind)
    words = models.CharField(max_length=200, blank=True, help_text="What it was.")
    case = models.ForeignKey(
        ServiceCase,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="gestures",
        help_text="The case it settled.",
    )
    tip = models.ForeignKey(
        CareTip, null=True, blank=True, on_delete=models.SET_NULL, related_name="gestures"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="gestures"
    )

    objects: ClassVar[GestureQuerySet] = GestureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-made_at", "-pk")
        indexes = [
            models.Index(fields=["customer", "-made_at"], name="gesture_customer"),
            models.Index(fields=["made_by", "-made_at"], name="gesture_made_by"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["call", "kindness", "tip", "thanks", "greeting", "follow_up"]
                ),
                name="gesture_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(tip=None) | Q(kind="tip"), name="gesture_tip_only_of_a_tip"
            ),
            models.CheckConstraint(
                condition=Q(case=None) | Q(kind="follow_up"), name="gesture_case_only_followed_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.customer_id}"
