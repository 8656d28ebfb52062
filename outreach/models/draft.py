"""Words somebody has typed and not sent yet: kept while she is called away."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Product
from customers.models import KNOWN_CHANNEL, Channel, Customer
from outreach.models.message import Step


class Draft(models.Model):
    """One per writer, client and kind, and one more for each item that a note is about alone; it
    goes when the note is sent, or with its client."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="drafts", db_index=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    step = models.CharField(max_length=10, choices=Step)
    product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The one item it is about; blank for what is no such note.",
    )
    channel = models.CharField(max_length=8, choices=Channel)
    body = models.TextField()
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ("-kept_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "author", "step"],
                condition=Q(product__isnull=True),
                name="draft_once",
            ),
            models.UniqueConstraint(
                fields=["customer", "author", "step", "product"], name="draft_once_for_an_item"
            ),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="draft_channel_known"),
            models.CheckConstraint(condition=Q(step__in=Step.values), name="draft_step_known"),
            models.CheckConstraint(condition=~Q(body=""), name="draft_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.step} to {self.customer_id} by {self.author_id}"
