"""The manager's inbox of unknown senders: whose words are these?"""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clienteling import clock
from clienteling.access import managers_only
from clienteling.http import StaffRequest
from customers.models import Customer
from outreach.day import strangers
from outreach.forms import MatchForm
from outreach.messages import unknown_senders
from outreach.messages.unknown_senders import AlreadySettled, Sender
from outreach.views.shop import store_of

View = Callable[[StaffRequest, Sender], HttpResponse]


def settled_ones_go_back(view: View) -> Callable[[StaffRequest, int], HttpResponse]:
    """The view with the sender of that number; the list instead, once somebody settled it."""

    @wraps(view)
    def with_sender(request: StaffRequest, number: int) -> HttpResponse:
        try:
            if sender := unknown_senders.sender_of(number, request.user):
                return view(request, sender)
        except AlreadySettled:
            pass  # between our reading it and our writing
        banners.info(request, AlreadySettled.sentence)
        return redirect("unknown-senders")

    return with_sender


@managers_only
@require_GET
def unknown(request: StaffRequest) -> HttpResponse:
    """Everybody who wrote and is nobody's client, the longest waiting first."""
    store, now = store_of(request), clock.now()
    context = {
        "strangers": strangers.for_user(request.user, store, now=now),
        "aside": strangers.aside(request.user, store, now=now),
    }
    return render(request, "outreach/unknown_senders.html", context)


@managers_only
@require_GET
@settled_ones_go_back
def unknown_sender(request: StaffRequest, sender: Sender) -> HttpResponse:
    """One of them, and the clients of her stores whose names begin as searched."""
    query = request.GET.get("q", "")[:100]
    context = {
        "stranger": strangers.drawn(sender, store_of(request), now=clock.now()),
        "query": query,
        "people": strangers.people(request.user, query, sender.channel),
    }
    return render(request, "outreach/unknown_sender.html", context)


@managers_only
@require_POST
@settled_ones_go_back
def match_sender(request: StaffRequest, sender: Sender) -> HttpResponse:
    """These words are this client's."""
    form = MatchForm(request.POST)
    if not form.is_valid():
        raise Http404
    customer = get_object_or_404(
        Customer.objects.visible_to(request.user), customer_id=form.cleaned_data["customer_id"]
    )
    kept = unknown_senders.match(sender, customer, by=request.user, now=clock.now())
    banners.success(request, strangers.matched_words(kept, customer, sender.channel))
    return redirect("thread", customer_id=customer.customer_id)


@managers_only
@require_POST
@settled_ones_go_back
def set_aside(request: StaffRequest, sender: Sender) -> HttpResponse:
    """Nobody's words: they wait no more."""
    unknown_senders.set_aside(sender, by=request.user, now=clock.now())
    banners.success(request, "Set aside. The words stay on record.")
    return redirect("unknown-senders")


@managers_only
@require_POST
@settled_ones_go_back
def remove(request: StaffRequest, sender: Sender) -> HttpResponse:
    """They asked to be left alone: one tap, and the address is never used again."""
    unknown_senders.remove(sender, by=request.user, now=clock.now())
    banners.success(request, strangers.removed_words(sender))
    return redirect("unknown-senders")


@managers_only
@require_POST
def bring_back(request: StaffRequest, number: int) -> HttpResponse:
    """What was set aside waits again."""
    if not unknown_senders.bring_back(number, by=request.user):
        raise Http404
    banners.success(request, "Brought back: the words wait again.")
    return redirect("unknown-senders")
