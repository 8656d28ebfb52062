"""Promises: given, kept, put off to another day."""

from dataclasses import replace

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest
from customers.models import Customer
from outreach.day import promises
from outreach.day.promises import BadPromise
from outreach.forms import PAGES_WITH_PROMISES, PromiseForm, SnoozeForm, page_of
from outreach.models import Promise
from outreach.views.shop import store_of


@associates_only
@require_POST
def give(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Write down what was promised to a client of her book."""
    customer = get_object_or_404(
        Customer.objects.in_book_of(request.user).select_related("store"), customer_id=customer_id
    )
    form = PromiseForm(request.POST)
    if not form.is_valid():
        banners.error(request, form.fault)
        return redirect("client", customer_id=customer.customer_id)
    try:
        promises.make(customer, **form.cleaned_data, by=request.user, now=clock.now())
    except BadPromise as refusal:
        banners.error(request, refusal.sentence)
    else:
        banners.success(request, f"Noted: you promised {customer}. It comes up on its day.")
    if page_of(request.POST) == "client":
        return redirect("client", customer_id=customer.customer_id)
    return redirect("day")


@associates_only
@require_POST
def keep(request: StaffRequest, number: int) -> HttpResponse:
    """She did it; the line stays where it is, with a way back."""
    promise = _promise(request, number)
    kept = promises.keep(promise, by=request.user, now=clock.now())
    said = "Kept." if kept else "It was kept already."
    return _answer(request, promise, said, is_kept=True, may_undo=kept)


@associates_only
@require_POST
def take_up(request: StaffRequest, number: int) -> HttpResponse:
    """Undo: it was not kept after all."""
    promise = _promise(request, number)
    if not promises.take_up_again(promise, by=request.user):
        return _answer(request, promise, "It is not yours to take back.", is_kept=True)
    return _answer(request, promise, "")


@associates_only
@require_POST
def snooze(request: StaffRequest, number: int) -> HttpResponse:
    """Another day."""
    promise, form = _promise(request, number), SnoozeForm(request.POST)
    if not form.is_valid():
        raise Http404
    days = form.cleaned_data["days"]
    if not promises.snooze(promise, days=days, by=request.user, now=clock.now()):
        return _answer(request, promise, "It was kept already.", is_kept=True)
    promise.refresh_from_db(fields=["due_on", "due_time"])
    return _answer(request, promise, "Put off.")


def _promise(request: StaffRequest, number: int) -> Promise:
    mine = promises.keepable_by(request.user).select_related("customer__store")
    return get_object_or_404(mine, pk=number)


def _answer(
    request: StaffRequest,
    promise: Promise,
    said: str,
    *,
    is_kept: bool = False,
    may_undo: bool = False,
) -> HttpResponse:
    """The line as it is now; without htmx the page it came from, with a banner."""
    page = page_of(request.POST, PAGES_WITH_PROMISES)
    is_hers = page == "client"
    if not request.htmx:
        banners.success(request, f"{promise.words}: {said or 'it waits again.'}")
        return redirect(page, *((promise.customer.customer_id,) if is_hers else ()))
    drawn = promises.drawn(promise, store_of(request), now=clock.now(), names_her=not is_hers)
    shown = replace(drawn, said=said) if not is_kept else promises.after(drawn, said, may_undo)
    return render(request, "outreach/_promise.html", {"promise": shown, "page": page})
