"""The floor every app stands on: stores, and the people who work in them."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from clienteling import defaults


def validate_timezone(name: str) -> None:
    """Refuse a name that the time zone database does not know."""
    if name not in available_timezones():
        raise ValidationError(f"{name} is not a time zone such as America/Chicago.")


class StoreQuerySet(models.QuerySet["Store"]):
    def visible_to(self, user: "User") -> "StoreQuerySet":
        """An associate's own store, a manager's stores, all stores for an admin."""
        if not user.is_active:
            return self.none()
        if user.role == User.Role.ADMIN:
            return self
        managed = Q(managers=user) if user.role == User.Role.MANAGER else Q()
        return self.filter(Q(pk=user.store_id) | managed).distinct()


class Store(models.Model):
    """A shop on a street. Its hours and limits hold for the clients in its book."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    city = models.CharField(max_length=120, blank=True)
    region = models.CharField(
        max_length=8, blank=True, help_text="State, for stricter hours: IL, FL, TX …"
    )
    timezone = models.CharField(
        max_length=64, default="America/Chicago", validators=[validate_timezone]
    )
    postal_address = models.CharField(
        max_length=240, blank=True, help_text="Printed under marketing email, as the law asks."
    )
    lapse_days = models.PositiveSmallIntegerField(default=defaults.LAPSE_DAYS)
    cards_per_day = models.PositiveSmallIntegerField(default=defaults.CARDS_PER_DAY)
    text_opens = models.TimeField(default=defaults.TEXT_OPENS)
    text_closes = models.TimeField(default=defaults.TEXT_CLOSES)
    email_opens = models.TimeField(default=defaults.EMAIL_OPENS)
    email_closes = models.TimeField(default=defaults.EMAIL_CLOSES)

    objects: ClassVar[StoreQuerySet] = StoreQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("name", "code")
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="store_has_code"),
            models.CheckConstraint(
                condition=Q(lapse_days__gte=1), name="store_lapse_days_positive"
            ),
            models.CheckConstraint(
                condition=Q(text_opens__lt=F("text_closes"), email_opens__lt=F("email_closes")),
                name="store_windows_open_before_they_close",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def local(self, moment: datetime) -> datetime:
        """The same moment on this store's wall clock."""
        return moment.astimezone(self.zone)


class User(AbstractUser):
    """A member of staff. The role decides what is seen; `is_staff` only opens Django admin."""

    class Role(models.TextChoices):
        ASSOCIATE = "associate", "Associate"
        MANAGER = "manager", "Manager"
        ADMIN = "admin", "Admin"

    role = models.CharField(max_length=12, choices=Role, default=Role.ASSOCIATE)
    store = models.ForeignKey(
        Store, null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
    managed_stores = models.ManyToManyField(
        Store, blank=True, related_name="managers", help_text="For managers of several stores."
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["associate", "manager", "admin"]), name="user_role_known"
            ),
            models.CheckConstraint(
                condition=Q(role="admin") | Q(is_staff=False, is_superuser=False),
                name="user_only_admins_open_django_admin",
            ),
        ]

    @property
    def signature(self) -> str:
        """The name a client reads: the first name, or the username where there is none."""
        return self.first_name or self.username

    @property
    def initials(self) -> str:
        letters = [name[0] for name in (self.first_name, self.last_name) if name]
        return "".join(letters).upper() or self.username[:2].upper()


class ShopClock(models.Model):
    """The demo shop's clock: how far it runs from real time. One row, or none for real time."""

    only = models.BooleanField(primary_key=True, default=True)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="shop_clock_is_one_row")]

    def __str__(self) -> str:
        return f"{self.offset} from real time"
