"""Whoever buys here, and how to reach her."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Right

from clienteling.folding import fold
from clienteling.models import Store, User
from clienteling.prepared import Moment, Number
from customers.lapsing import about_to_lapse


class Channel(models.TextChoices):
    SMS = "sms", "Text"
    EMAIL = "email", "Email"


KNOWN_CHANNEL = Q(channel__in=["sms", "email"])
LIVING = Q(erased_at=None)


def _walked(owner: str, whose: Q, name: str) -> tuple[models.Index, models.Index]:
    """The two orders in which a search and a list walk through these people, and stop when a page
    is full: last names, and first names with last names."""
    return (
        models.Index(
            fields=[owner, "search_name", "id"], condition=whose, name=f"customer_{name}_names"
        ),
        models.Index(
            fields=[owner, "search_first_name", "search_name"],
            condition=whose,
            name=f"customer_{name}_firsts",
        ),
    )


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: User) -> "CustomerQuerySet":
        """Where every look-up starts: the clients of the stores this person works in, and of
        her colleagues there, who may have one without a store.

        An admin keeps the register in Django admin and sees no client pages.
        """
        if user.role == User.Role.ADMIN:
            return self.none()
        stores = Store.objects.visible_to(user).values("pk")
        homeless = Q(store=None, associate__store__in=stores)
        return self.filter(Q(store__in=stores) | homeless, erased_at=None)

    def of_stores(self, user: User) -> "CustomerQuerySet":
        """Those of them that have a store: for long lists, in the order of an index."""
        return self.filter(store__in=Store.objects.visible_to(user).values("pk"), erased_at=None)

    def in_book_of(self, associate: User) -> "CustomerQuerySet":
        """Her own clients, and those of her store who have no associate yet."""
        return self.in_book(associate.pk, associate.store_id)

    def in_book(self, associate: Number, store: Number | None) -> "CustomerQuerySet":
        """The same for an associate and a store known by their numbers."""
        hers = Q(associate=associate) | Q(associate=None, store=store)
        return self.filter(hers, erased_at=None)

    def lapsed(self, *, at: Moment, days: int) -> "CustomerQuerySet":
        """Has bought, and not within the last `days` full days before `at`."""
        return self.filter(last_purchase_at__lte=at - timedelta(days=days))

    def about_to_lapse(self, *, at: Moment, days: int) -> "CustomerQuerySet":
        """Not lapsed yet, but late by her own rhythm, and no longer likely to come by herself.

        The rule of `customers.rhythm.is_about_to_lapse`; without an outlook her rhythm decides.
        """
        return self.filter(about_to_lapse(at=at, days=days))


class Customer(models.Model):
    """Anyone on record. The columns from `first_purchase_at` on are `customers.standing`'s."""

    customer_id = models.CharField(max_length=64, unique=True, verbose_name="customer ID")
    first_name = models.CharField(max_length=200, blank=True)
    last_name = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=120, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    joined_on = models.DateField(null=True, blank=True)
    store = models.ForeignKey(
        Store, null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    associate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="clients",
    )
    preferred_channel = models.CharField(max_length=8, choices=Channel, blank=True)
    leave_until = models.DateField(
        null=True, blank=True, help_text="Asked to be left in peace until this day."
    )

    search_name = models.CharField(
        max_length=420, db_collation="C", editable=False, default="", help_text="last first, folded"
    )
    search_first_name = models.CharField(
        max_length=210, db_collation="C", editable=False, default=""
    )

    first_purchase_at = models.DateTimeField(null=True, editable=False)
    last_purchase_at = models.DateTimeField(null=True, editable=False)
    visit_count = models.PositiveIntegerField(
        default=0, editable=False, help_text="Days on which something was bought."
    )
    usual_gap_days = models.PositiveIntegerField(
        null=True, editable=False, help_text="Median days between visits, from three visits on."
    )
    net_spend = models.DecimalField(max_digits=14, decimal_places=2, default=0, editable=False)

    merged_into = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="merged_records"
    )
    erased_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[CustomerQuerySet] = CustomerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("search_name", "pk")
        indexes = [
            models.Index(fields=["associate", "last_purchase_at"], name="customer_book"),
            models.Index(fields=["store", "last_purchase_at"], name="customer_store_last"),
            models.Index(fields=["last_purchase_at"], name="customer_last_purchase"),
            models.Index(fields=["search_name"], name="customer_search_name"),
            models.Index(fields=["search_first_name"], name="customer_search_first"),
            *_walked("store", LIVING, "store"),
            *_walked("associate", LIVING, "book"),
            *_walked("store", LIVING & Q(associate=None), "nobodys"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(customer_id=""), name="customer_has_id"),
            models.CheckConstraint(
                condition=Q(preferred_channel__in=["", "sms", "email"]),
                name="customer_preferred_channel_known",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.customer_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded names beside the names; imports set both themselves."""
        self.search_name = fold(f"{self.last_name} {self.first_name}")
        self.search_first_name = fold(self.first_name)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def called(self) -> str:
        """What a button may call her: the first name, else the last, else her id."""
        return self.first_name or self.last_name or self.customer_id


class ContactPoint(models.Model):
    """An address of hers. An unusable one is kept as written, with the reason."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_points")
    channel = models.CharField(max_length=8, choices=Channel)
    address = models.CharField(
        max_length=254,
        blank=True,
        db_collation="C",
        help_text="E.164 or a folded email; blank when unusable.",
    )
    as_written = models.CharField(max_length=254)
    unusable_because = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "channel"], name="contact_point_one_each"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="contact_point_channel_known"),
            models.CheckConstraint(
                condition=~Q(address="") | ~Q(unusable_because=""),
                name="contact_point_usable_or_reasoned",
            ),
            models.CheckConstraint(
                condition=~Q(channel="sms")
                | Q(address="")
                | Q(address__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="contact_point_phone_is_e164",
            ),
        ]
        indexes = [
            # With what they are asked for, so that a number thousands share is read here alone.
            models.Index(
                fields=["channel", "address"], include=["customer"], name="contact_point_address"
            ),
            models.Index(
                Right("address", 4),
                condition=Q(channel="sms"),
                include=["address", "customer"],
                name="contact_point_last_four",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.customer_id}"

    @property
    def is_usable(self) -> bool:
        return not self.unusable_because
