"""Who is off shift, and whose clients colleagues answer meanwhile."""

from datetime import datetime

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clienteling import clock
from clienteling.access import associates_and_managers, managers_only
from clienteling.http import StaffRequest
from clienteling.models import User
from outreach.day import cover as covers
from outreach.forms import OffShiftForm
from outreach.messages import opening_hours, shifts
from outreach.views.shop import store_of


@managers_only
@require_GET
def cover(request: StaffRequest) -> HttpResponse:
    """The associates of her stores: who is off shift, since when and until when."""
    people = covers.for_manager(request.user, store_of(request), now=clock.now())
    return render(request, "outreach/cover.html", {"people": people})


@associates_and_managers
@require_POST
def go_off(request: StaffRequest, number: int) -> HttpResponse:
    """She is off shift, by herself or said by her manager: colleagues answer from now on."""
    associate, form, now = _associate(request, number), OffShiftForm(request.POST), clock.now()
    if not form.is_valid():
        raise Http404
    until = _next_opening(associate, now) if form.cleaned_data["until"] == "opening" else None
    shifts.go_off(associate, by=request.user, until=until, now=now)
    banners.success(request, _off_words(associate, request.user))
    return _done(request)


@associates_and_managers
@require_POST
def come_back(request: StaffRequest, number: int) -> HttpResponse:
    """She is back: her clients' answers come to her alone."""
    associate = _associate(request, number)
    shifts.come_back(associate, by=request.user, now=clock.now())
    who = "You are" if associate == request.user else f"{associate.signature} is"
    banners.success(request, f"{who} back on shift.")
    return _done(request)


def _associate(request: StaffRequest, number: int) -> User:
    associate = get_object_or_404(User.objects.select_related("store"), pk=number)
    if not shifts.may_say(request.user, associate):
        raise Http404
    return associate


def _next_opening(associate: User, now: datetime) -> datetime | None:
    """When her store opens on the next day on which it does; None for one without a store."""
    if associate.store is None:
        return None
    hours = opening_hours.hours_of(associate.store)
    return opening_hours.next_morning(hours, now)


def _off_words(associate: User, by: User) -> str:
    if associate == by:
        return "You are off shift. Colleagues see your clients’ answers meanwhile."
    return f"{associate.signature} is off shift. Colleagues see her clients’ answers meanwhile."


def _done(request: StaffRequest) -> HttpResponse:
    return redirect("inbox" if request.user.role == User.Role.ASSOCIATE else "cover")
