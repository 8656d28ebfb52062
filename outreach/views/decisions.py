"""The decision record: why somebody was not contacted, who rests, and what other rules would do."""

from django.contrib import messages as banners
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clienteling import clock
from clienteling.access import associates_and_managers, managers_only
from clienteling.http import StaffRequest
from customers.models import Customer
from outreach.decisions import answer, resting, search
from outreach.forms import NightForm, RestingForm
from outreach.messages import hints
from outreach.views.shop import store_of


@associates_and_managers
@require_GET
def decisions(request: StaffRequest) -> HttpResponse:
    """The record's search: a name and a day."""
    form = NightForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = search.found(
        request.user, wanted.get("q", ""), wanted.get("on"), store_of(request), now=clock.now()
    )
    return render(request, "outreach/decisions.html", {"search": found})


@associates_and_managers
@require_GET
def client_decision(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Why was she not contacted on that day?"""
    customer = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("associate", "store"),
        customer_id=customer_id,
    )
    form = NightForm(request.GET)
    on = form.cleaned_data["on"] if form.is_valid() else None
    found = answer.of_night(customer, on, now=clock.now())
    return render(request, "outreach/decision.html", {"answer": found})


@associates_and_managers
@require_GET
def resting_clients(request: StaffRequest) -> HttpResponse:
    """Who rests, by reason, as of last night and with what has happened since."""
    form = RestingForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    shown = resting.page(
        request.user,
        store_of(request),
        reason=wanted.get("reason", ""),
        number=wanted.get("page") or 1,
        now=clock.now(),
    )
    return render(request, "outreach/resting.html", {"resting": shown})


@managers_only
@require_POST
def record_now(request: StaffRequest) -> HttpResponse:
    """Have tonight written down again, by a worker: a chain takes its time."""
    if hints.record_decisions():
        banners.success(request, "Being decided anew. Look again in a moment.")
    else:
        banners.error(request, "The workers cannot be told now. It will be done tonight.")
    return redirect("decisions")
