"""Outreach in Django admin: the stricter states, quiet days, mailings of others, differences.

No words and no address of a client are shown, but for the mailboxes that are given a rest, which
somebody may end who knows better.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clienteling import clock
from clienteling.large_tables import LargeTableAdmin, ReadOnlyAdmin
from customers.admin import CustomerAdmin
from customers.models import Customer
from outreach import erasure
from outreach.erasure import CannotErase
from outreach.models import (
    DecisionNight,
    Difference,
    Hold,
    MailPause,
    MarketingSend,
    OffShift,
    QuietPeriod,
    ReconciliationRun,
    Showing,
    StateHours,
    TemplateVersion,
)

ERASED_AT_ONCE = 20

admin.site.unregister(Customer)  # registered anew below, with what only this app can do


@admin.register(Customer)
class ClientAdmin(CustomerAdmin):
    """The register of customers, in which a client can also be erased, messages and all."""

    actions = (*CustomerAdmin.actions, "erase_chosen")

    @admin.action(description="Erase these clients", permissions=["change"])
    def erase_chosen(
        self, request: HttpRequest, queryset: QuerySet[Customer]
    ) -> HttpResponse | None:
        """Asks once more, then forgets them one by one; each one's outcome is told."""
        chosen = list(queryset.order_by("pk")[: ERASED_AT_ONCE + 1])
        if len(chosen) > ERASED_AT_ONCE:
            self.message_user(
                request, f"At most {ERASED_AT_ONCE} clients at a time.", messages.WARNING
            )
            return None
        if request.POST.get("confirmed") == "yes":
            for customer in chosen:
                self._erase(request, customer)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Erase clients",
            "opts": self.opts,
            "chosen": chosen,
        }
        return render(request, "admin/customers/customer/erase.html", context)

    def _erase(self, request: HttpRequest, customer: Customer) -> None:
        number = customer.customer_id
        try:
            erased = erasure.erase(customer, by=f"user {request.user.pk}", now=clock.now())
        except CannotErase as refusal:
            self.message_user(request, f"{number}: {refusal.sentence}", messages.ERROR)
            return
        customer.refresh_from_db()  # without her name: the log must not keep it
        self.log_change(request, customer, "Erased.")
        self.message_user(request, f"{number} is erased. {erased.sentence}")


@admin.register(StateHours)
class StateHoursAdmin(admin.ModelAdmin):
    """The law changes: every row says where it is written and when somebody last looked."""

    list_display = ("region", "days", "opens", "closes", "checked_on", "source")


@admin.register(QuietPeriod)
class QuietPeriodAdmin(LargeTableAdmin):
    """Days on which a client is left alone; associates enter them on her page, too."""

    list_display = ("customer", "starts_on", "ends_on", "reason", "entered_by")
    list_select_related = ("customer", "entered_by")
    raw_id_fields = ("customer",)
    fields = ("customer", "starts_on", "ends_on", "reason")
    ordering = ("-pk",)

    def save_model(self, request: HttpRequest, obj: QuietPeriod, form: Any, change: bool) -> None:
        if not change:
            obj.entered_by, obj.entered_at = request.user, clock.now()  # type: ignore[assignment]
        super().save_model(request, obj, form, change)


@admin.register(MarketingSend)
class MarketingSendAdmin(ReadOnlyAdmin):
    """What other systems sent, as it was imported."""

    list_display = ("sent_at", "customer", "channel", "campaign")
    list_filter = ("channel",)
    list_select_related = ("customer",)
    ordering = ("-pk",)


@admin.register(DecisionNight)
class DecisionNightAdmin(ReadOnlyAdmin):
    """Each night of the decision record; what it says of a client is on her page."""

    list_display = ("night", "as_of", "clients", "due", "changed")
    ordering = ("-night",)


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


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """What is and was kept for clients; the associates answer in their inbox."""

    list_display = ("asked_at", "store", "product", "size", "state", "expires_at", "settled_by")
    list_filter = ("state", "store")
    list_select_related = ("store", "product", "settled_by")
    exclude = ("sentence",)
    ordering = ("-pk",)


@admin.register(Showing)
class ShowingAdmin(ReadOnlyAdmin):
    """What became of the items of a client's page in the store, as associates noted it."""

    list_display = ("noted_at", "store", "product", "outcome", "noted_by")
    list_filter = ("outcome", "store")
    list_select_related = ("store", "product", "noted_by")
    ordering = ("-pk",)


@admin.register(TemplateVersion)
class TemplateVersionAdmin(ReadOnlyAdmin):
    """Who wrote which words for a store's notes, and when; managers write them at Notes."""

    list_display = ("written_at", "store", "step", "channel", "tone", "number", "written_by")
    list_filter = ("step", "channel", "tone", "store")
    list_select_related = ("store", "written_by")
    fields = readonly_fields = (
        "store",
        "step",
        "channel",
        "tone",
        "number",
        "subject",
        "body",
        "brought_back",
        "written_by",
        "written_at",
    )
    ordering = ("-pk",)
