"""The stop switch: what is stopped, stopping with a reason, starting again with another."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clienteling import clock, sending
from clienteling.access import managers_and_admins, with_password
from clienteling.http import StaffRequest
from clienteling.models import SendingStop, Store
from customers.models import Channel
from outreach.forms import ReasonForm, StopTargetForm
from outreach.messages import stop_switch
from outreach.messages.stop_switch import Target

REMEMBERED = 20
CHANNEL_WORDS = {"": "text and email", Channel.SMS: "texts", Channel.EMAIL: "emails"}
GET_AND_POST = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Switch:
    """One place that can be stopped, and what stops it by itself already."""

    name: str
    choices: tuple[tuple[str, str], ...]
    query: str


@managers_and_admins
@require_GET
def switches(request: StaffRequest) -> HttpResponse:
    """What is stopped now, what could be, and who did what before."""
    mine = SendingStop.objects.visible_to(request.user).select_related(
        "store", "stopped_by", "started_by"
    )
    standing = list(mine.standing())
    endable = set(SendingStop.objects.endable_by(request.user).values_list("pk", flat=True))
    context = {
        "standing": [(stop, _sentence(stop), stop.pk in endable) for stop in standing],
        "switches": _switches(request, {(stop.store_id, stop.channel) for stop in standing}),
        "past": mine.exclude(started_at=None)[:REMEMBERED],
        "zone": request.user.store.zone if request.user.store else clock.shop_zone(),
    }
    return render(request, "outreach/sending.html", context)


@with_password
@managers_and_admins
@require_http_methods(GET_AND_POST)
def stop(request: StaffRequest) -> HttpResponse:
    """Asks for the reason, and says what will wait; the POST stops."""
    values = request.POST if request.method == "POST" else request.GET
    target = _target(request, values)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made, is_new = stop_switch.stop(
            target, reason=form.cleaned_data["reason"], by=request.user, now=clock.now()
        )
        if is_new:
            banners.warning(request, f"Stopped. {_sentence(made)}")
        else:
            banners.info(request, f"{made.stopped_by.signature} had stopped it already.")
        return redirect("sending")
    context = {
        "form": form,
        "target": target,
        "what": CHANNEL_WORDS[target.channel],
        "where": target.store.name if target.store else "all stores",
        "waiting": stop_switch.waiting(target),
    }
    return render(request, "outreach/sending_stop.html", context)


@with_password
@managers_and_admins
@require_http_methods(GET_AND_POST)
def start(request: StaffRequest, number: int) -> HttpResponse:
    """Asks why it is safe again, and says what will leave; the POST starts."""
    stops = SendingStop.objects.endable_by(request.user).select_related("store", "stopped_by")
    standing = get_object_or_404(stops, pk=number)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if standing.started_at:
        banners.info(request, "It was started again already.")
        return redirect("sending")
    if request.method == "POST" and form.is_valid():
        stop_switch.start(
            number, because=form.cleaned_data["reason"], by=request.user, now=clock.now()
        )
        banners.success(request, "Started. What waited leaves within a minute.")
        return redirect("sending")
    context = {
        "form": form,
        "stop": standing,
        "sentence": _sentence(standing),
        "waiting": stop_switch.waiting(Target(standing.store, standing.channel)),
    }
    return render(request, "outreach/sending_start.html", context)


def _switches(request: StaffRequest, stopped: set[tuple[int | None, str]]) -> list[Switch]:
    stores: list[Store | None] = list(Store.objects.visible_to(request.user))
    if stop_switch.may_stop(request.user, None):
        stores.insert(0, None)
    return [_switch(store, stopped) for store in stores]


def _switch(store: Store | None, stopped: set[tuple[int | None, str]]) -> Switch:
    number = store.pk if store else None
    return Switch(
        name=store.name if store else "All stores",
        choices=tuple(
            (channel, words)
            for channel, words in CHANNEL_WORDS.items()
            if (number, channel) not in stopped and (number, "") not in stopped
        ),
        query=str(number or ""),
    )


def _target(request: StaffRequest, values: Any) -> Target:
    """What the form names, if this person may stop it; her first store where it names none."""
    form = StopTargetForm(values)
    if not form.is_valid():
        raise Http404
    stores = Store.objects.visible_to(request.user)
    number = form.cleaned_data["store"]
    store = get_object_or_404(stores, pk=number) if number else None
    if store is None and not stop_switch.may_stop(request.user, None):
        store = stores.first()
    if not stop_switch.may_stop(request.user, store):
        raise Http404
    return Target(store, form.cleaned_data["channel"])


def _sentence(stop: SendingStop) -> str:
    store = stop.store.name if stop.store else ""
    return sending.Stop(stop.pk, stop.channel, store, stop.reason, stop.stopped_at).sentence
