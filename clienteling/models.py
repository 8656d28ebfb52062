"""The floor every app stands on: stores, and the people who work in them."""

from datetime import datetime
from typing import ClassVar
from uuid import uuid4
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

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
    cap_messages = models.PositiveSmallIntegerField(
        default=defaults.CONTACT_CAPS[0][0],
        db_default=defaults.CONTACT_CAPS[0][0],
        help_text="Most first moves towards one client in the days beside, by anybody.",
    )
    cap_days = models.PositiveSmallIntegerField(
        default=defaults.CONTACT_CAPS[0][1], db_default=defaults.CONTACT_CAPS[0][1]
    )
    long_cap_messages = models.PositiveSmallIntegerField(
        default=defaults.CONTACT_CAPS[1][0],
        db_default=defaults.CONTACT_CAPS[1][0],
        help_text="And most of them in a longer stretch of days.",
    )
    long_cap_days = models.PositiveSmallIntegerField(
        default=defaults.CONTACT_CAPS[1][1], db_default=defaults.CONTACT_CAPS[1][1]
    )
    text_opens = models.TimeField(default=defaults.TEXT_OPENS)
    text_closes = models.TimeField(default=defaults.TEXT_CLOSES)
    email_opens = models.TimeField(default=defaults.EMAIL_OPENS)
    email_closes = models.TimeField(default=defaults.EMAIL_CLOSES)
    opens = models.TimeField(
        default=defaults.STORE_OPENS, help_text="The door: clients wait for answers only then."
    )
    closes = models.TimeField(default=defaults.STORE_CLOSES)
    is_closed_on_sundays = models.BooleanField(default=False)
    default_channel = models.CharField(
        max_length=8,
        choices=[("sms", "Text"), ("email", "Email")],
        default=defaults.DEFAULT_CHANNEL,
        help_text="For a client who states no wish, and of whom nothing is known yet.",
    )
    sends_per_hour = models.PositiveSmallIntegerField(
        default=defaults.SENDS_PER_HOUR, help_text="Most notes of one associate in 60 minutes."
    )
    sends_per_day = models.PositiveSmallIntegerField(
        default=defaults.SENDS_PER_DAY, help_text="Most notes of one associate in 24 hours."
    )
    holdout_percent = models.PositiveSmallIntegerField(
        default=defaults.HOLDOUT_PERCENT,
        help_text="Clients of a hundred who get no offers, so that what notes bring can be told.",
    )

    objects: ClassVar[StoreQuerySet] = StoreQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("name", "code")
        indexes = [models.Index(Upper("city"), name="store_city")]  # each client looks for hers
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="store_has_code"),
            models.CheckConstraint(
                condition=Q(lapse_days__gte=1), name="store_lapse_days_positive"
            ),
            models.CheckConstraint(
                condition=Q(text_opens__lt=F("text_closes"), email_opens__lt=F("email_closes")),
                name="store_windows_open_before_they_close",
            ),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")), name="store_opens_before_it_closes"
            ),
            models.CheckConstraint(
                condition=Q(default_channel__in=["sms", "email"]),
                name="store_default_channel_known",
            ),
            models.CheckConstraint(
                condition=Q(sends_per_hour__gte=1, sends_per_day__gte=F("sends_per_hour")),
                name="store_send_limits_fit",
            ),
            models.CheckConstraint(
                condition=Q(holdout_percent__lte=defaults.MOST_HOLDOUT_PERCENT),
                name="store_holdout_is_a_half_at_most",
            ),
            models.CheckConstraint(
                condition=Q(
                    cap_messages__gte=1,
                    cap_days__gte=1,
                    long_cap_messages__gte=F("cap_messages"),
                    long_cap_messages__lte=defaults.MOST_CAP_MESSAGES,
                    long_cap_days__gte=F("cap_days"),
                    long_cap_days__lte=defaults.MOST_CAP_DAYS,
                ),
                name="store_caps_fit",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def contact_caps(self) -> tuple[tuple[int, int], ...]:
        """At most so many first moves in so many days: (messages, days), all of which hold."""
        return (
            (self.cap_messages, self.cap_days),
            (self.long_cap_messages, self.long_cap_days),
        )

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


class SendingStopQuerySet(models.QuerySet["SendingStop"]):
    def standing(self) -> "SendingStopQuerySet":
        """Those in force: nobody has started sending again."""
        return self.filter(started_at=None)

    def visible_to(self, user: User) -> "SendingStopQuerySet":
        """Those that hold back this person's stores, the ones of all stores included."""
        return self.filter(Q(store=None) | Q(store__in=Store.objects.visible_to(user).values("pk")))

    def endable_by(self, user: User) -> "SendingStopQuerySet":
        """Those she may end: her stores' for a manager, every one for an admin."""
        if user.role == User.Role.ADMIN:
            return self.visible_to(user)
        if user.role == User.Role.MANAGER:
            return self.visible_to(user).exclude(store=None)
        return self.none()


class SendingStop(models.Model):
    """A store sends nothing, or nothing by one channel, until it is started again.

    Without a store it holds for all of them; a blank channel means every channel. A row is written
    once, and once more when sending starts again; the database refuses any other change.
    """

    store = models.ForeignKey(
        Store, null=True, blank=True, on_delete=models.PROTECT, related_name="sending_stops"
    )
    channel = models.CharField(max_length=8, blank=True, help_text="sms, email, or blank for both.")
    reason = models.CharField(max_length=200)
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField()
    started_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    started_because = models.CharField(max_length=200, blank=True)

    objects: ClassVar[SendingStopQuerySet] = SendingStopQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-stopped_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["store", "channel"],
                condition=Q(started_at=None),
                nulls_distinct=False,
                name="sending_stop_one_open",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["", "sms", "email"]), name="sending_stop_channel_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="sending_stop_has_reason"),
            models.CheckConstraint(
                condition=Q(started_at=None, started_by=None, started_because="")
                | (Q(started_at__isnull=False, started_by__isnull=False) & ~Q(started_because="")),
                name="sending_stop_start_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel or 'everything'} of {self.store_id or 'all stores'}"


class ShopClock(models.Model):
    """The demo shop's clock: how far it runs from real time. One row, or none for real time."""

    only = models.BooleanField(primary_key=True, default=True)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="shop_clock_is_one_row")]

    def __str__(self) -> str:
        return f"{self.offset} from real time"


class DeviceQuerySet(models.QuerySet["Device"]):
    def enrolled(self) -> "DeviceQuerySet":
        """Those nobody has revoked."""
        return self.filter(revoked_at=None)

    def visible_to(self, user: User) -> "DeviceQuerySet":
        """The tablets of this person's stores."""
        return self.filter(store__in=Store.objects.visible_to(user).values("pk"))


class Device(models.Model):
    """A tablet the staff of a store share. A signed cookie in its browser names it by its `key`.

    It is never deleted, only revoked: the audit log speaks about it for ever.
    """

    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(max_length=60)
    enrolled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    wrong_pins = models.PositiveSmallIntegerField(
        default=0, help_text="Wrong PINs typed here since the last right one, whoever's."
    )
    locked_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[DeviceQuerySet] = DeviceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("store", "name", "pk")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="device_has_name"),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="device_revocation_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeviceLogin(models.Model):
    """When somebody last signed in with the password on a shared tablet: her face for a shift."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="logins")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="device_logins")
    logged_in_at = models.DateTimeField()

    class Meta:
        ordering = ("device", "user")
        constraints = [
            models.UniqueConstraint(fields=["user", "device"], name="device_login_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.device_id}"


class Pin(models.Model):
    """Somebody's four digits, hashed like a password. They open nothing but an enrolled tablet."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE)
    digits_hash = models.CharField(max_length=128)
    set_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0, help_text="Wrong ones in a row, anywhere.")
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(digits_hash=""), name="pin_has_hash"),
        ]

    def __str__(self) -> str:
        return f"PIN of {self.user_id}"


class PinAlarmQuerySet(models.QuerySet["PinAlarm"]):
    def unseen(self) -> "PinAlarmQuerySet":
        return self.filter(seen_at=None)

    def of_stores_of(self, user: User) -> "PinAlarmQuerySet":
        """Those on the tablets of a manager's stores; for an admin, of all."""
        if user.role == User.Role.ASSOCIATE:
            return self.none()
        return self.filter(device__store__in=Store.objects.visible_to(user).values("pk"))


class PinAlarm(models.Model):
    """Somebody's PIN was locked after too many wrong ones. Told to managers until one has seen it.

    `user` is whose PIN it was; None when the tablet itself was locked, for guesses at several.
    """

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="alarms")
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    raised_at = models.DateTimeField()
    seen_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PinAlarmQuerySet] = PinAlarmQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-raised_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["device", "user"],
                condition=Q(seen_at=None),
                nulls_distinct=False,
                name="pin_alarm_one_unseen",
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="pin_alarm_seeing_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or 'several people'} on {self.device_id}"


class AuditEntry(models.Model):
    """Who did what that concerns keys and locks. Append-only: the database refuses any change."""

    class What(models.TextChoices):
        ENROLLED = "enrolled", "Tablet enrolled"
        REVOKED = "revoked", "Tablet revoked"
        SIGNED_IN = "signed-in", "Signed in with the password"
        SIGNED_OUT = "signed-out", "Signed out for the day"
        SWITCHED = "switched", "Opened with the PIN"
        WRONG_PIN = "wrong-pin", "Wrong PIN"
        PIN_LOCKED = "pin-locked", "PIN locked after wrong ones"
        PIN_SET = "pin-set", "PIN chosen"
        LOCKED = "locked", "Tablet locked"

    at = models.DateTimeField()
    what = models.CharField(max_length=16, choices=What)
    by = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whoever it was; a wrong PIN is entered under the face it was typed for.",
    )
    device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.PROTECT, related_name="audit_entries"
    )
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["device", "-at"], name="audit_entry_device")]
        constraints = [models.CheckConstraint(condition=~Q(what=""), name="audit_entry_says_what")]

    def __str__(self) -> str:
        return f"{self.what} at {self.at:%Y-%m-%d %H:%M}"
