"""What arrived, and who would like it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clienteling import clock
from clienteling.access import associates_and_managers
from clienteling.http import StaffRequest
from outreach.day import shelf
from outreach.views.shop import store_of


@associates_and_managers
@require_GET
def new_in(request: StaffRequest) -> HttpResponse:
    """The shelf of the last 60 days; `?item=` opens one, `?which=all` shows what suits nobody."""
    shown = shelf.for_user(
        request.user,
        store_of(request),
        now=clock.now(),
        style=request.GET.get("item", ""),
        show_all=request.GET.get("which") == "all",
        show_more=bool(request.GET.get("more")),
    )
    return render(request, "outreach/new_in.html", {"shelf": shown})
