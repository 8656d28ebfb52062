"""The client's page behind the link of a note."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from catalog.models import Product
from clienteling.models import Store, User
from customers.models import Customer

TOKEN_BYTES = 16  # 128 bits: not to be guessed


def new_token() -> str:
    """An unguessable name for an address; it holds nothing about anyone."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Lookbook(models.Model):
    """Three items picked for one client by one associate, to be looked at until it expires."""

    token = models.CharField(max_length=43, unique=True, default=new_token, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="lookbooks")
    associate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    first_opened_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(
        max_length=6,
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text="To be said aloud in the store; made when the page is first drawn.",
    )

    objects: ClassVar[models.Manager["Lookbook"]] = models.Manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"Lookbook {self.pk}"


class LookbookItem(models.Model):
    """One of the three, numbered as in the note."""

    lookbook = models.ForeignKey(Lookbook, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    price = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="As it stood at the click."
    )
    because = models.CharField(max_length=200, blank=True)
    understudy = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Shown in its place since it sold out.",
    )
    understudy_because = models.CharField(max_length=200, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["lookbook", "position"], name="lookbook_position_once"),
            models.UniqueConstraint(fields=["lookbook", "product"], name="lookbook_product_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="lookbook_position_from_one"),
            models.CheckConstraint(
                condition=Q(understudy=None, replaced_at=None)
                | (Q(replaced_at__isnull=False) & ~Q(understudy=F("product"))),
                name="lookbook_understudy_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.product_id}"

    @property
    def shown_id(self) -> int:
        """The product that stands in this place now."""
        return self.understudy_id or self.product_id
