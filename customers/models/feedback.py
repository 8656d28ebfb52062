"""What she makes of an item."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Product
from customers.models.customer import Customer


class Feedback(models.Model):
    """What she makes of an item: the latest word counts. `customers.feedback` writes it."""

    class Kind(models.TextChoices):
        LOVE_IT = "love_it", "Loves it"
        NOT_FOR_ME = "not_for_me", "Not for her"
        TRIED_NOT_RIGHT = "tried_not_right", "Tried it, not right"
        IGNORED = "ignored", "Was shown it and did nothing"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="feedback")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="feedback")
    kind = models.CharField(max_length=16, choices=Kind)
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        help_text="The associate who noted it; blank: she said so herself.",
    )

    class Meta:
        ordering = ("-said_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["customer", "product"], name="feedback_latest_only"),
            models.CheckConstraint(
                condition=Q(kind__in=["love_it", "not_for_me", "tried_not_right", "ignored"]),
                name="feedback_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.product_id}"
