"""What she bought and sent back, and what was wrong with it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.models import Product, Variant
from clienteling.models import Store
from customers.models.customer import Customer


class Purchase(models.Model):
    """One order: at the till or online. A return has an order of its own or shares one."""

    class Where(models.TextChoices):
        POS = "pos", "In the store"
        ONLINE = "online", "Online"

    order_id = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="purchases", db_index=False
    )
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.PROTECT)
    associate = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    channel = models.CharField(max_length=8, choices=Where, default=Where.POS)
    purchased_at = models.DateTimeField()

    class Meta:
        ordering = ("-purchased_at", "-pk")
        indexes = [models.Index(fields=["customer", "purchased_at"], name="purchase_customer")]
        constraints = [
            models.CheckConstraint(condition=~Q(order_id=""), name="purchase_has_order_id"),
            models.CheckConstraint(
                condition=Q(channel__in=["pos", "online"]), name="purchase_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return self.order_id


class LineItem(models.Model):
    """One product in an order. A negative quantity is a return. Customer and product are repeated
    here on purpose: every large question is asked of this table alone."""

    purchase = models.ForeignKey(
        Purchase, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    line = models.IntegerField()
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, db_index=False)
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    purchased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase", "line"], name="line_item_once"),
            models.CheckConstraint(condition=~Q(quantity=0), name="line_item_quantity_not_zero"),
            models.CheckConstraint(
                condition=Q(unit_price__isnull=True) | Q(unit_price__gte=0),
                name="line_item_price_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "purchased_at"], name="line_item_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class ServiceCase(models.Model):
    """A complaint or repair. While it is open, nothing is sold to her."""

    case_id = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="service_cases")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    summary = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-opened_at",)
        constraints = [
            models.CheckConstraint(condition=~Q(case_id=""), name="service_case_has_id"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="service_case_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.case_id
