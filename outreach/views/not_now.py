""" "Not now": the reasons asked for, and the card put away until a day; with a way back."""

from datetime import datetime
from typing import Any

from django.contrib import messages as banners
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Product
from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest, page_or_part
from customers.models import Customer
from outreach.day import cards, not_now, resting, wording
from outreach.day.not_now import BadDay
from outreach.forms import NotNowForm, page_of
from outreach.models import PutOff
from outreach.views.one_card import drawn_again, shown_on
from outreach.views.shop import store_of


@associates_only
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Two taps: "Not now" opens the reasons, a reason puts her off until the day that is named."""
    customer = _client(request, customer_id)
    now = clock.now()
    drawn = cards.for_client(
        customer, request.user, store_of(request), now=now, shown=shown_on(request, customer)
    )
    if request.method != "POST":
        return _asked(request, customer, now, drawn.picks)
    form = NotNowForm(request.POST, items=[each.style for each in drawn.picks])
    if not form.is_valid():
        return _asked(request, customer, now, drawn.picks, fault=form.fault)
    values = form.cleaned_data
    try:
        said = not_now.put_off(
            customer,
            reason=PutOff.Reason(values["reason"]),
            back_on=values["back_on"],
            wrong=Product.objects.filter(style__in=values["wrong"]),
            by=request.user,
            now=now,
        )
    except BadDay as refusal:
        return _asked(request, customer, now, drawn.picks, fault=refusal.sentence)
    return _put_away(request, customer, said)


@associates_only
@require_POST
def take_up(request: StaffRequest, customer_id: str, number: int) -> HttpResponse:
    """She may be written to again: her card comes back."""
    customer = _client(request, customer_id)
    said = get_object_or_404(PutOff, pk=number, customer=customer)
    now = clock.now()
    not_now.take_up_again(said, by=request.user, now=now)
    if request.htmx:
        return drawn_again(request, customer, now, say=f"{customer} is back on your day.")
    banners.success(request, f"{customer} may be written to again.")
    if page_of(request.POST) == "client":
        return redirect("client", customer.customer_id)
    return redirect("day")


def _asked(
    request: StaffRequest, customer: Customer, now: datetime, picks: Any, *, fault: str = ""
) -> HttpResponse:
    today = not_now.today_of(customer, request.user, now)
    context = {
        "customer": customer,
        "picks": picks,
        "reasons": PutOff.Reason.choices,
        "wrong_reason": PutOff.Reason.WRONG_ITEMS.value,
        "back_on": request.POST.get("back_on") or (today + not_now.USUAL).isoformat(),
        "earliest": (today + not_now.A_DAY).isoformat(),
        "url": reverse("not-now", args=[customer.customer_id]),
        "seen": request.GET.get("seen") or request.POST.get("seen", ""),
        "fault": fault,
    }
    return page_or_part(request, "outreach/not_now.html", "outreach/_not_now.html", context)


def _put_away(request: StaffRequest, customer: Customer, said: PutOff) -> HttpResponse:
    until = wording.full_day(said.back_on, on=said.put_off_on)
    sentence = f"Put off until {until}: {said.get_reason_display().lower()}."
    undo_url = reverse("take-up-client", args=[customer.customer_id, said.pk])
    if request.htmx:
        held = resting.put_off(customer, sentence, undo_url)
        answer = render(request, "outreach/_held_strip.html", {"held": held})
        answer["HX-Retarget"] = f"#client-card-{customer.pk}"
        answer["HX-Reswap"] = "outerHTML"
        return answer
    banners.success(request, f"{customer}: {sentence}")
    return redirect("client", customer.customer_id)  # where it can be taken back


def _client(request: StaffRequest, customer_id: str) -> Customer:
    book = Customer.objects.in_book_of(request.user).select_related("associate", "store")
    return get_object_or_404(book, customer_id=customer_id)
