"""An item a client asked her store to keep for her."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.models import Product, SetAside
from clienteling.models import Store, User
from clienteling.prepared import Moment
from customers.models import Customer
from outreach.models.lookbook import Lookbook


class HoldQuerySet(models.QuerySet["Hold"]):
    def visible_to(self, user: User) -> "HoldQuerySet":
        """Those in the stores this person works in; an admin sees them in Django admin alone."""
        if user.role == User.Role.ADMIN:
            return self.none()
        return self.filter(store__in=Store.objects.visible_to(user).values("pk"))

    def standing(self, *, now: Moment) -> "HoldQuerySet":
        """Asked for or confirmed, and their time is not over: the piece is kept."""
        return self.filter(state__in=Hold.OPEN, expires_at__gt=now)

    def overdue(self, *, now: datetime) -> "HoldQuerySet":
        """Open in name only: their time is over."""
        return self.filter(state__in=Hold.OPEN, expires_at__lte=now)


class Hold(models.Model):
    """One piece kept for her, from the moment she asks; `outreach.page.holds` alone moves it.

    Open ones whose time is over count as expired from that very moment, whether or not a task has
    written it down. `set_aside` is empty where the store's stock is unknown.
    """

    class State(models.TextChoices):
        ASKED = "asked", "To confirm"
        CONFIRMED = "confirmed", "Kept for her"
        DECLINED = "declined", "Declined"
        COLLECTED = "collected", "Collected"
        RELEASED = "released", "Back on the shelf"
        WITHDRAWN = "withdrawn", "She no longer wants it"
        EXPIRED = "expired", "Time was over"

    OPEN = (State.ASKED, State.CONFIRMED)

    lookbook = models.ForeignKey(Lookbook, on_delete=models.PROTECT, related_name="holds")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="holds")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="holds")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    size = models.CharField(max_length=20, blank=True)
    set_aside = models.OneToOneField(
        SetAside, null=True, blank=True, on_delete=models.SET_NULL, related_name="hold"
    )
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text="When its state changed last."
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who of the store did it; nobody where she herself or the clock did.",
    )
    sentence = models.CharField(
        max_length=200, blank=True, help_text="Why it cannot be kept, as her page says it."
    )

    objects: ClassVar[HoldQuerySet] = HoldQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-asked_at", "-pk")
        indexes = [
            models.Index(fields=["customer", "-asked_at"], name="hold_customer"),
            models.Index(
                fields=["store", "expires_at"],
                condition=Q(state__in=["asked", "confirmed"]),
                name="hold_open",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["lookbook", "product", "size"],
                condition=Q(state__in=["asked", "confirmed"]),
                name="hold_once_while_open",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "asked",
                        "confirmed",
                        "declined",
                        "collected",
                        "released",
                        "withdrawn",
                        "expired",
                    ]
                ),
                name="hold_state_known",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="hold_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", settled_at=None)
                | (~Q(state="asked") & Q(settled_at__isnull=False)),
                name="hold_settled_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(sentence=""), name="hold_declined_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.size} for {self.customer_id}: {self.state}"

    def is_standing(self, *, now: datetime) -> bool:
        """Whether the piece is kept for her now."""
        return self.state in self.OPEN and self.expires_at > now
