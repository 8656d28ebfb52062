"""A card on the page: what lay on it when it was posted, and the same card drawn again."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render

from clienteling.http import StaffRequest
from customers.models import Channel, Customer
from outreach.day import cards, swap
from outreach.day.note_form import Kept
from outreach.views.shop import store_of


def shown_on(request: StaffRequest, customer: Customer) -> tuple[int, ...]:
    """The products that were on her card, as its own signature says; none where there was none."""
    values = request.POST if request.method == "POST" else request.GET
    return swap.on_card(customer, values.get("seen", ""))


def kept_on(request: StaffRequest, customer: Customer, now: datetime) -> Kept | None:
    """The note that lay beside the items: her own words stay, an untouched draft is made anew."""
    channel, body = request.POST.get("channel", ""), request.POST.get("body")
    if channel not in Channel.values or body is None:
        return None
    untouched = Kept(channel, None)
    drawn = cards.for_client(
        customer,
        request.user,
        store_of(request),
        now=now,
        kept=untouched,
        shown=shown_on(request, customer),
    )
    return untouched if body.split() == drawn.note.body.split() else Kept(channel, body)


def drawn_again(
    request: StaffRequest,
    customer: Customer,
    now: datetime,
    *,
    kept: Kept | None = None,
    shown: tuple[int, ...] = (),
    say: str = "",
    swapped: str = "",
) -> HttpResponse:
    """Her card for the day; without htmx a page of its own, from which it can be sent as well."""
    drawn = cards.for_client(
        customer, request.user, store_of(request), now=now, kept=kept, shown=shown
    )
    template = "_client_card" if request.htmx else "one_card"
    context = {"card": replace(drawn, say=say, swapped=swapped), "page": "day"}
    return render(request, f"outreach/{template}.html", context)
