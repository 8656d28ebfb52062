"""The register of customers in Django admin: who they are, what they allowed; no messages."""

import json
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from clienteling import clock
from clienteling.folding import fold
from clienteling.large_tables import LargeTableAdmin, ReadOnlyAdmin
from clienteling.models import User
from customers import consent, erased_addresses, identity
from customers.identity import CannotMerge
from customers.models import (
    Consent,
    ConsentEvent,
    ContactPoint,
    Customer,
    Feedback,
    LearnedBlend,
    ServiceCase,
    SuggestionRun,
    Suppression,
)

FOUND_AT_MOST = 1000
"""Of each kind: nobody turns so many pages, and a common first letter has a tenth of the shop."""


def _found(words: str, folded: str) -> QuerySet[Any, Any]:
    """A union of three index look-ups: an OR over them, in order, would read the whole table."""
    ways = (
        {"search_name__startswith": folded},
        {"search_first_name__startswith": folded},
        {"customer_id": words},
    )
    last, first, number = (
        Customer.objects.filter(**way).order_by().values("pk")[:FOUND_AT_MOST] for way in ways
    )
    return last.union(first, number)


class ContactPointInline(admin.TabularInline):
    model = ContactPoint
    extra = 0
    fields = ("channel", "address", "as_written", "unusable_because")


class ConsentInline(admin.TabularInline):
    """Where consent stands; only the ledger's writer changes it."""

    model = Consent
    extra = 0
    can_delete = False
    fields = readonly_fields = ("channel", "state", "since", "source")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Customer)
class CustomerAdmin(LargeTableAdmin):
    list_display = (
        "customer_id",
        "last_name",
        "first_name",
        "city",
        "store",
        "associate",
        "last_purchase_at",
    )
    list_filter = ("store", "preferred_channel")
    list_select_related = ("store", "associate")
    search_fields = ("search_name",)
    search_help_text = "The beginning of the last or first name, or the whole customer ID."
    raw_id_fields = ("associate",)
    inlines = (ContactPointInline, ConsentInline)
    readonly_fields = (
        "first_purchase_at",
        "last_purchase_at",
        "visit_count",
        "usual_gap_days",
        "merged_into",
        "erased_at",
    )
    ordering = ("search_name", "pk")
    actions: tuple[str, ...] = ("merge_two",)

    def get_urls(self) -> list[URLPattern]:
        merging = self.admin_site.admin_view(self.merge_view)
        own = [path("merge/<int:one>/<int:other>/", merging, name="customers_customer_merge")]
        return [*own, *super().get_urls()]

    @admin.action(description="Merge these two records", permissions=["change"])
    def merge_two(
        self, request: HttpRequest, queryset: QuerySet[Customer]
    ) -> HttpResponseRedirect | None:
        """Goes on to a page that asks which of the two is kept."""
        chosen = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
        if len(chosen) != 2:
            self.message_user(request, "Choose exactly two records.", messages.WARNING)
            return None
        return redirect("admin:customers_customer_merge", *chosen)

    def merge_view(self, request: HttpRequest, one: int, other: int) -> HttpResponse:
        """Both records side by side; the POST says which is kept and merges them."""
        pair = [get_object_or_404(Customer, pk=number) for number in (one, other)]
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._merge(request, pair)
        context = {
            **self.admin_site.each_context(request),
            "title": "Merge two records",
            "opts": self.opts,
            "pair": [(each, consent.permissions([each])[each.pk].values()) for each in pair],
        }
        return render(request, "admin/customers/customer/merge.html", context)

    def _merge(self, request: HttpRequest, pair: list[Customer]) -> HttpResponseRedirect:
        kept = next((each for each in pair if str(each.pk) == request.POST.get("kept")), None)
        if kept is None:
            self.message_user(request, "Say which of the two is kept.", messages.WARNING)
            return redirect(request.path)
        [gone] = [each for each in pair if each is not kept]
        try:
            merged = identity.merge(kept, gone, by=cast("User", request.user), now=clock.now())
        except CannotMerge as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return redirect(request.path)
        self.log_change(request, kept, f"Merged with {gone.customer_id}. {merged.sentence}")
        self.message_user(
            request, f"{gone.customer_id} is {kept.customer_id} now. {merged.sentence}"
        )
        return redirect("admin:customers_customer_change", kept.pk)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """An address of somebody who was erased stays unused when it is typed in again."""
        super().save_formset(request, form, formset, change)
        for point in getattr(formset, "new_objects", []) + [
            changed for changed, _ in getattr(formset, "changed_objects", [])
        ]:
            if isinstance(point, ContactPoint):
                erased_addresses.recognise([point.address], point.channel, now=clock.now())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        words, folded = search_term.strip(), fold(search_term)
        if not words:
            return queryset, False
        return queryset.filter(pk__in=_found(words, folded)), False

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False  # a client leaves by erasure, which keeps her opt-out


@admin.register(ServiceCase)
class ServiceCaseAdmin(LargeTableAdmin):
    list_display = ("case_id", "customer", "product", "opened_at", "closed_at", "summary")
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("customer", "product")
    search_fields = ("case_id__startswith",)
    raw_id_fields = ("customer", "product")


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "customer", "channel", "state", "source", "recorded_by")
    list_filter = ("channel", "state")
    list_select_related = ("customer", "recorded_by")
    ordering = ("-pk",)


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ("suppressed_at", "channel", "address", "reason", "lifted_at")
    list_filter = ("channel", "reason")
    search_fields = ("address__startswith",)
    ordering = ("-pk",)


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    """What clients make of items; it is said on her page or noted by an associate, never here."""

    list_display = ("said_at", "customer", "kind", "product", "said_by")
    list_filter = ("kind",)
    list_select_related = ("customer", "product", "said_by")
    ordering = ("-pk",)


@admin.register(SuggestionRun)
class SuggestionRunAdmin(ReadOnlyAdmin):
    """How the nights went: a failed one stands out, and yesterday's suggestions are still shown."""

    list_display = (
        "as_of",
        "outcome",
        "customers",
        "new_arrivals",
        "suggestions",
        "fewer_than_three",
        "shown_to_somebody",
        "took",
        "remarks",
    )
    list_filter = ("state",)
    fields = readonly_fields = (
        "outcome",
        "as_of",
        "started_at",
        "finished_at",
        "took",
        "lines",
        "customers",
        "new_within",
        "new_arrivals",
        "suggestions",
        "fewer_than_three",
        "shown_to_somebody",
        "blend",
        "remarks",
    )

    @admin.display(description="State", ordering="state")
    def outcome(self, run: SuggestionRun) -> str:
        if run.state != SuggestionRun.State.FAILED:
            return run.get_state_display()
        return format_html('<strong class="failed">{}</strong>', "Failed: the old list stands")

    @admin.display(description="New arrivals", ordering="candidates")
    def new_arrivals(self, run: SuggestionRun) -> int:
        return run.candidates

    @admin.display(description="Clients with fewer than three", ordering="with_fewer")
    def fewer_than_three(self, run: SuggestionRun) -> str:
        if not run.customers:
            return str(run.with_fewer)
        return f"{run.with_fewer:,} ({run.with_fewer / run.customers:.1%})"

    @admin.display(description="Arrivals shown to somebody", ordering="coverage")
    def shown_to_somebody(self, run: SuggestionRun) -> str:
        return f"{run.coverage:.0%}"

    @admin.display(description="Seconds", ordering="seconds")
    def took(self, run: SuggestionRun) -> str:
        return f"{run.seconds:.1f}"

    @admin.display(description="Warnings")
    def remarks(self, run: SuggestionRun) -> str:
        return format_html_join(mark_safe("<br>"), "{}", ((said,) for said in run.warnings)) or "-"


@admin.register(LearnedBlend)
class LearnedBlendAdmin(ReadOnlyAdmin):
    """What was learned, from which past, and how it did there; a new one is learned, not edited."""

    list_display = ("as_of", "learned_at", "took", "nights")
    fields = readonly_fields = (
        "as_of",
        "learned_at",
        "took",
        "nights",
        "evaluation",
        "readable_summary",
        "readable_parameters",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[LearnedBlend]:
        return super().get_queryset(request).annotate(nights=Count("runs"))

    @admin.display(description="Seconds", ordering="seconds")
    def took(self, blend: LearnedBlend) -> str:
        return f"{blend.seconds:.1f}"

    @admin.display(description="Nights it was used", ordering="nights")
    def nights(self, blend: LearnedBlend) -> int:
        return int(blend.nights)  # type: ignore[attr-defined]  # annotated above

    @admin.display(description="In the shop's past")
    def evaluation(self, blend: LearnedBlend) -> str:
        found = blend.summary.get("evaluation")
        if not found:
            return "evaluate_recommender has not been run since"
        said = ((sentence,) for sentence in (f"On {found['on']}:", *found["said"]))
        return format_html_join(mark_safe("<br>"), "{}", said)

    @admin.display(description="Summary")
    def readable_summary(self, blend: LearnedBlend) -> str:
        return _indented({key: blend.summary[key] for key in blend.summary if key != "evaluation"})

    @admin.display(description="Parameters")
    def readable_parameters(self, blend: LearnedBlend) -> str:
        return _indented(blend.parameters)


def _indented(value: Any) -> str:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))
