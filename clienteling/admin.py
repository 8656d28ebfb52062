"""Stores and staff in Django admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from clienteling.large_tables import LargeTableAdmin, ReadOnlyAdmin
from clienteling.models import AuditEntry, Device, SendingStop, Store, User

admin.site.unregister(Group)  # roles decide what is seen, not groups
admin.site.site_header = "Catalog desk"
admin.site.site_title = "Catalog desk"
admin.site.index_title = "Clienteling"
admin.site.site_url = None  # an admin has no day
admin.site.enable_nav_sidebar = False  # a tablet needs the width for the list


@admin.register(Store)
class StoreAdmin(LargeTableAdmin):
    list_display = ("name", "code", "city", "timezone", "lapse_days", "cards_per_day")
    search_fields = ("name", "code", "city")
    fieldsets = (
        (None, {"fields": ("code", "name", "city", "region", "timezone", "postal_address")}),
        ("The day", {"fields": ("lapse_days", "cards_per_day")}),
        (
            "How often a client may be written to first",
            {"fields": (("cap_messages", "cap_days"), ("long_cap_messages", "long_cap_days"))},
        ),
        (
            "When a note is welcome",
            {
                "fields": (
                    ("text_opens", "text_closes"),
                    ("email_opens", "email_closes"),
                    "default_channel",
                )
            },
        ),
        ("The door", {"fields": (("opens", "closes"), "is_closed_on_sundays")}),
        ("How fast one associate may write", {"fields": (("sends_per_hour", "sends_per_day"),)}),
        ("What notes bring", {"fields": ("holdout_percent",)}),
    )


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Staff accounts. The role alone opens Django admin; nobody ticks a superuser box."""

    list_display = ("username", "first_name", "last_name", "role", "store", "is_active")
    list_filter = ("role", "is_active", "store")
    list_select_related = ("store",)
    search_fields = ("username", "first_name", "last_name", "email")
    filter_horizontal = ("managed_stores",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Work", {"fields": ("role", "store", "managed_stores", "is_active")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "role", "store", "password1", "password2"),
            },
        ),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = obj.is_superuser = obj.role == User.Role.ADMIN
        super().save_model(request, obj, form, change)


@admin.register(SendingStop)
class SendingStopAdmin(ReadOnlyAdmin):
    """Who stopped sending and who started it again; the switch itself is at /sending/."""

    list_display = (
        "stopped_at",
        "where",
        "channel",
        "reason",
        "stopped_by",
        "started_at",
        "started_by",
        "started_because",
    )
    list_filter = (("started_at", admin.EmptyFieldListFilter), "channel")
    list_select_related = ("store", "stopped_by", "started_by")
    ordering = ("-pk",)

    @admin.display(description="Store", ordering="store")
    def where(self, stop: SendingStop) -> str:
        return stop.store.name if stop.store else "All stores"


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    """The shared tablets of all stores; they are enrolled and revoked at /tablets/."""

    list_display = ("name", "store", "enrolled_at", "enrolled_by", "last_seen_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "store")
    list_select_related = ("store", "enrolled_by")
    fields = (*list_display, "revoked_by", "wrong_pins", "locked_until")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what with tablets, PINs and locks."""

    list_display = ("at", "what", "by", "device", "why")
    list_filter = ("what",)
    list_select_related = ("by", "device")
    ordering = ("-pk",)
