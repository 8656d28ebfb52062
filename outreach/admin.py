"""What the carriers' lists and our rows do not agree on, to be looked at in Django admin.

Nothing there can be edited, and no words and no address of a client are shown. Beside it the
mailboxes that are given a rest, which somebody may end who knows better.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clienteling.large_tables import ReadOnlyAdmin
from outreach.models import Difference, MailPause, OffShift, ReconciliationRun


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    """One comparison each night and channel; one that could not be made stands out."""

    list_display = (
        "started_at",
        "channel",
        "provider",
        "outcome",
        "ours",
        "theirs",
        "differences",
        "moved",
    )
    list_filter = ("state", "channel")
    fields = readonly_fields = (
        "outcome",
        "channel",
        "provider",
        "since",
        "until",
        "started_at",
        "finished_at",
        "ours",
        "theirs",
        "differences",
        "moved",
    )
    ordering = ("-pk",)

    @admin.display(description="State", ordering="state")
    def outcome(self, run: ReconciliationRun) -> str | SafeString:
        if run.state != ReconciliationRun.State.FAILED:
            return run.get_state_display()
        return format_html('<strong class="failed">{}</strong>', "Failed: the list was unavailable")


class StandingFilter(admin.SimpleListFilter):
    """Those that stand, unless somebody asks for all."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "All, gone ones too")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() == "all" else queryset.filter(gone_at=None)

    def choices(self, changelist: Any) -> Any:
        """As Django's own, but the choice without a value is not "All"."""
        first, *others = super().choices(changelist)
        yield {**first, "display": "Standing"}
        yield from others


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin):
    """Ours not theirs, theirs not ours, another state; gone ones are kept and say since when."""

    list_display = (
        "of",
        "kind",
        "channel",
        "provider_id",
        "ours",
        "theirs",
        "first_run",
        "gone_at",
    )
    list_filter = (StandingFilter, "kind", "channel")
    list_select_related = ("first_run",)
    search_fields = ("provider_id__startswith",)
    fields = readonly_fields = (
        "kind",
        "channel",
        "provider",
        "provider_id",
        "message_number",
        "ours",
        "theirs",
        "of",
        "first_run",
        "last_run",
        "gone_at",
    )
    ordering = ("-of", "-pk")

    @admin.display(description="Message")
    def message_number(self, difference: Difference) -> str:
        return str(difference.message_id or "-")


@admin.register(MailPause)
class MailPauseAdmin(ReadOnlyAdmin):
    """Addresses whose last mails came back; deleting one lets the next note be tried at once."""

    list_display = ("address", "paused_at", "until")
    search_fields = ("address__startswith",)
    fields = readonly_fields = ("address", "paused_at", "until")
    ordering = ("-until",)

    def has_delete_permission(self, request: Any, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(OffShift)
class OffShiftAdmin(ReadOnlyAdmin):
    """Who was off shift, and who said so; the switch itself is in the inbox."""

    list_display = ("since", "associate", "until", "said_by", "ended_at", "ended_by")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("associate", "said_by", "ended_by")
    ordering = ("-pk",)
