"""What a client does on her page, and what becomes of its items in the store."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Product
from clienteling.models import Store, User
from customers.models import Customer
from outreach.models.lookbook import Lookbook
from outreach.models.promise import Promise


class PageGesture(models.Model):
    """Something only a person does on her page; each kind counts once a page, or once an item.

    Opening the page is none: previews and scanners open it too (`Lookbook.first_opened_at`).
    """

    class Kind(models.TextChoices):
        LOOKED = "looked", "Touched or scrolled the page"
        LOVE_IT = "love_it", "Loves it"
        NOT_FOR_ME = "not_for_me", "Not for her"
        HOLD = "hold", "Asked to keep it"
        COMING = "coming", "Said when she comes"
        REPLY = "reply", "Wrote"

    lookbook = models.ForeignKey(Lookbook, on_delete=models.CASCADE, related_name="gestures")
    kind = models.CharField(max_length=12, choices=Kind)
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects: ClassVar[models.Manager["PageGesture"]] = models.Manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["lookbook", "kind", "product"],
                nulls_distinct=False,
                name="page_gesture_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["looked", "love_it", "not_for_me", "hold", "coming", "reply"]
                ),
                name="page_gesture_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on page {self.lookbook_id}"


class Coming(models.Model):
    """When she said on her page that she comes by; the latest word stands."""

    lookbook = models.OneToOneField(Lookbook, on_delete=models.CASCADE, related_name="coming")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="comings")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="comings")
    at = models.DateTimeField()
    said_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    promise = models.OneToOneField(
        Promise,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="What her associate has to do for it.",
    )

    objects: ClassVar[models.Manager["Coming"]] = models.Manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name = "announced visit"
        verbose_name_plural = "announced visits"
        indexes = [
            models.Index(
                fields=["store", "at"], condition=Q(withdrawn_at=None), name="coming_store"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} at {self.at:%Y-%m-%d %H:%M}"


class ShowingQuerySet(models.QuerySet["Showing"]):
    def visible_to(self, user: User) -> "ShowingQuerySet":
        """Those in the stores this person works in."""
        if user.role == User.Role.ADMIN:
            return self.none()
        return self.filter(store__in=Store.objects.visible_to(user).values("pk"))


class Showing(models.Model):
    """What became of an item of her page when she stood in the store: certain, for somebody saw it.

    A purchase is the till's to record; this says that the page brought it.
    """

    class Outcome(models.TextChoices):
        BOUGHT = "bought", "Bought"
        TRIED = "tried", "Tried"
        NOT_SHOWN = "not_shown", "Not shown"

    lookbook = models.ForeignKey(Lookbook, on_delete=models.PROTECT, related_name="showings")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="showings")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="showings")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="showings"
    )
    noted_at = models.DateTimeField()

    objects: ClassVar[ShowingQuerySet] = ShowingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-noted_at", "-pk")
        indexes = [models.Index(fields=["customer", "-noted_at"], name="showing_customer")]
        constraints = [
            models.UniqueConstraint(fields=["lookbook", "product"], name="showing_once_a_page"),
            models.CheckConstraint(
                condition=Q(outcome__in=["bought", "tried", "not_shown"]),
                name="showing_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.outcome}"


class Knock(models.Model):
    """How often somebody did something at a public door lately; `outreach.page.knocks` counts.

    `who` is a keyed hash: no address of anybody is kept. Old rows are swept away.
    """

    door = models.CharField(max_length=20)
    who = models.CharField(max_length=64)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-since",)
        indexes = [models.Index(fields=["since"], name="knock_since")]
        constraints = [models.UniqueConstraint(fields=["door", "who"], name="knock_once")]

    def __str__(self) -> str:
        return f"{self.count} at {self.door}"
