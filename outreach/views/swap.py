"""Another item in the place of one: two taps on the card, and the third sends it."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest, page_or_part
from customers.models import Customer
from outreach.day import swap as swapping
from outreach.forms import SwapForm
from outreach.views.one_card import drawn_again, kept_on, shown_on
from outreach.views.shop import store_of

GONE = "That item is not on the card any more."


@associates_only
@require_POST
def swap(request: StaffRequest, customer_id: str) -> HttpResponse:
    """First what could take an item's place; then the card with it, the written words kept."""
    customer = get_object_or_404(
        Customer.objects.in_book_of(request.user).select_related("associate", "store"),
        customer_id=customer_id,
    )
    form = SwapForm(request.POST)
    if not form.is_valid():
        raise Http404
    if form.cleaned_data["instead"]:
        return _swapped(request, customer, form)
    return _offered(request, customer, form)


def _offered(request: StaffRequest, customer: Customer, form: SwapForm) -> HttpResponse:
    now, values = clock.now(), form.cleaned_data
    offered = swapping.offered(
        customer,
        request.user,
        store_of(request),
        now=now,
        signature=values["seen"],
        out=values["out"],
    )
    if offered is None:
        kept = kept_on(request, customer, now)
        shown = shown_on(request, customer)
        return drawn_again(request, customer, now, kept=kept, shown=shown, say=GONE)
    context = {
        "swap": offered,
        "channel": request.POST.get("channel", ""),
        "body": request.POST.get("body", ""),
    }
    return page_or_part(request, "outreach/swap.html", "outreach/_swap.html", context)


def _swapped(request: StaffRequest, customer: Customer, form: SwapForm) -> HttpResponse:
    now, values = clock.now(), form.cleaned_data
    shown = swapping.after(
        customer,
        request.user,
        store_of(request),
        now=now,
        signature=values["seen"],
        out=values["out"],
        instead=values["instead"],
    )
    kept = kept_on(request, customer, now)
    is_new = shown != shown_on(request, customer)
    say = "Swapped. The note is for these three." if is_new else GONE
    return drawn_again(
        request, customer, now, kept=kept, shown=shown, say=say, swapped=values["instead"]
    )
