"""Everything else that can be done for a client: a call, a tip, a kindness, thanks, a promise."""

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from catalog.models import CareTip
from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest, page_or_part
from customers.models import Customer, ServiceCase
from outreach.day import gestures, other_steps
from outreach.day.kind_words import KINDS, Begun
from outreach.day.next_step import Kind
from outreach.forms import PAGES_WITH_STEPS, GestureForm, page_of
from outreach.models import Gesture
from outreach.views.shop import store_of


@associates_only
@require_GET
def steps(request: StaffRequest, customer_id: str) -> HttpResponse:
    """What else could be done for her today: a page, or the part below her card."""
    customer, wanted = _client(request, customer_id), request.GET.get("write")
    shown = other_steps.for_client(
        customer,
        request.user,
        store_of(request),
        now=clock.now(),
        begun=Begun(Kind(wanted)) if wanted in KINDS else None,
    )
    page = page_of(request.GET, PAGES_WITH_STEPS) if request.htmx else "steps"
    context = {"steps": shown, "page": page}
    return page_or_part(request, "outreach/steps.html", "outreach/_other_steps.html", context)


@associates_only
@require_POST
def make(request: StaffRequest, customer_id: str) -> HttpResponse:
    """One tap: it is done, and written down."""
    customer = _client(request, customer_id)
    form = GestureForm(request.POST)
    if not form.is_valid():
        raise Http404
    values = form.cleaned_data
    kind = Gesture.Kind(values["kind"])
    is_tip = kind == Gesture.Kind.TIP and values["tip"]
    tip = get_object_or_404(CareTip, pk=values["tip"]) if is_tip else None
    made = gestures.make(
        customer, kind, by=request.user, now=clock.now(), words=values["words"], tip=tip
    )
    return _done(request, customer, made)


@associates_only
@require_POST
def followed_up(request: StaffRequest, customer_id: str, number: int) -> HttpResponse:
    """ "Done, she is happy": the case is seen through to its end."""
    customer = _client(request, customer_id)
    case = get_object_or_404(ServiceCase, pk=number, customer=customer)
    made = gestures.follow_up(case, by=request.user, now=clock.now())
    if made is None:
        banners.info(request, "Somebody has followed it up already.")
        return _back(request, customer)
    return _done(request, customer, made)


@associates_only
@require_POST
def take_back(request: StaffRequest, customer_id: str, number: int) -> HttpResponse:
    """Undo: it was not done after all."""
    customer = _client(request, customer_id)
    made = get_object_or_404(Gesture.objects.of(request.user), pk=number, customer=customer)
    taken = gestures.take_back(made, by=request.user, now=clock.now())
    if request.htmx and taken:
        noted = other_steps.taken_back(customer)
        return render(request, "outreach/_gesture.html", {"noted": noted})
    banners.success(request, "Taken back." if taken else "It is too late to take that back.")
    return _back(request, customer)


def _done(request: StaffRequest, customer: Customer, made: Gesture) -> HttpResponse:
    noted = other_steps.noted(customer, made)
    if request.htmx:
        return render(request, "outreach/_gesture.html", {"noted": noted})
    banners.success(request, noted.sentence)
    return _back(request, customer)


def _back(request: StaffRequest, customer: Customer) -> HttpResponse:
    """Where the tap came from; htmx is sent there as well, for the page has changed."""
    if page_of(request.POST) == "client":
        return redirect("client", customer_id=customer.customer_id)
    return redirect("day")


def _client(request: StaffRequest, customer_id: str) -> Customer:
    book = Customer.objects.in_book_of(request.user).select_related("associate", "store")
    return get_object_or_404(book, customer_id=customer_id)
