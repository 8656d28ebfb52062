"""What she wishes of us: her words that may be a stop, and days on which to leave her alone."""

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest
from customers.models import Customer
from outreach.forms import QuietDaysForm, StopWishForm
from outreach.messages import conversations, quiet_days, stop_wish
from outreach.messages.quiet_days import BadDays
from outreach.models import QuietPeriod
from outreach.views.shop import store_of


@associates_only
@require_POST
def read_wish(request: StaffRequest, customer_id: str) -> HttpResponse:
    """One tap: she asked us to stop, or she did not mean that."""
    now = clock.now()
    hers = conversations.answerable_by(request.user, now=now)
    customer = get_object_or_404(hers, customer_id=customer_id)
    form = StopWishForm(request.POST)
    if not form.is_valid():
        raise Http404
    shown = {"up_to": form.cleaned_data["up_to"], "by": request.user, "now": now}
    if form.cleaned_data["answer"] == StopWishForm.STOP:
        stop_wish.honour(customer, **shown)
        banners.success(request, f"{customer} is not written to there any more.")
    else:
        stop_wish.go_on(customer, **shown)
        banners.success(request, f"Noted: {customer} did not ask us to stop. Her words still wait.")
    return redirect("thread", customer_id=customer.customer_id)


@associates_only
@require_POST
def add_quiet_days(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Leave her alone from one day to another."""
    customer = _client(request, customer_id)
    form = QuietDaysForm(request.POST)
    if not form.is_valid():
        banners.error(request, form.fault)
        return redirect("client", customer_id=customer.customer_id)
    try:
        quiet_days.add(customer, **form.cleaned_data, by=request.user, now=clock.now())
    except BadDays as refusal:
        banners.error(request, refusal.sentence)
    else:
        banners.success(request, f"{customer} is left alone on these days.")
    return redirect("client", customer_id=customer.customer_id)


@associates_only
@require_POST
def end_quiet_days(request: StaffRequest, customer_id: str, number: int) -> HttpResponse:
    """She is back: from today on she may be written to again."""
    customer = _client(request, customer_id)
    period = get_object_or_404(QuietPeriod, pk=number, customer=customer)
    zone = (customer.store or store_of(request)).zone
    quiet_days.end(period, by=request.user, on=clock.now().astimezone(zone).date())
    banners.success(request, "The quiet days are over.")
    return redirect("client", customer_id=customer.customer_id)


def _client(request: StaffRequest, customer_id: str) -> Customer:
    book = Customer.objects.in_book_of(request.user).select_related("store")
    return get_object_or_404(book, customer_id=customer_id)
