"""One hold, answered where it was asked: in the inbox, on the day, on the client's page."""

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest
from outreach.day import holds as drawn
from outreach.forms import HoldForm
from outreach.models import Hold
from outreach.page import holds

SHE_WAS_FIRST = "This had changed before you tapped: see how it stands now."


@associates_only
@require_POST
def hold(request: StaffRequest, number: int) -> HttpResponse:
    """Confirm, decline, collected or back on the shelf; any colleague in the store may do it."""
    asked = get_object_or_404(
        Hold.objects.visible_to(request.user).select_related("customer", "product", "store"),
        pk=number,
    )
    form = HoldForm(request.POST)
    fault = form.fault if not form.is_valid() else _answered(request, asked, form)
    asked.refresh_from_db()
    shown = drawn.one(asked, request.user, now=clock.now(), fault=fault)
    if request.htmx:
        return render(request, "outreach/_hold.html", {"hold": shown, "is_answer": True})
    return _back(request, shown)


def _answered(request: StaffRequest, asked: Hold, form: HoldForm) -> str:
    """What was wrong; blank when it is done."""
    done = holds.answer(
        asked,
        form.cleaned_data["step"],
        by=request.user,
        now=clock.now(),
        sentence=form.cleaned_data["sentence"],
    )
    return "" if done else SHE_WAS_FIRST


def _back(request: StaffRequest, shown: drawn.HeldItem) -> HttpResponse:
    """Without a script: to the page it was tapped on, with a banner that says what became of it."""
    if shown.fault:
        banners.error(request, shown.fault)
    else:
        banners.success(request, shown.said)
    match request.POST.get("page", "inbox"):
        case "client":
            return redirect(shown.client_url)
        case "day":
            return redirect("day")
        case "inbox":
            return redirect("inbox")
    raise Http404
