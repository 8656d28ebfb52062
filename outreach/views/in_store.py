"""She stands in the store: her code is scanned or typed, and what became of each item is noted."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clienteling import clock
from clienteling.access import associates_and_managers, associates_only
from clienteling.http import StaffRequest
from outreach import lookbook as lookbooks
from outreach.day import in_store as drawn
from outreach.forms import CodeForm, ShowingForm
from outreach.models import Lookbook, Showing
from outreach.page import counter, knocks

NO_SUCH_CODE = "No page with this code is open in your store. Please read it once more."
TOO_MANY_TRIES = "Too many codes that do not exist. Please wait ten minutes, or scan the square."


@associates_and_managers
@require_http_methods(["GET", "HEAD", "POST"])
def in_store(request: StaffRequest) -> HttpResponse:
    """The field for her six characters; it is looked up by POST, so that no log keeps a code."""
    if request.method != "POST":
        return render(request, "outreach/in_store_code.html", {"typed": ""})
    form = CodeForm(request.POST)
    typed = request.POST.get("code", "")[:40]
    now = clock.now()
    if knocks.is_closed(knocks.WRONG_CODE, request.user.pk, now=now):
        return _again(request, typed, TOO_MANY_TRIES, status=429)
    book = counter.find(typed, request.user, now=now) if form.is_valid() else None
    if book is None:
        knocks.count(knocks.WRONG_CODE, request.user.pk, now=now)
        return _again(request, typed, NO_SUCH_CODE)
    return redirect("in-store-page", code=book.code)


@associates_and_managers
@require_GET
def page(request: StaffRequest, code: str) -> HttpResponse:
    """Her three, for whoever of the store stands in front of her."""
    book = _book(request, code)
    shown = drawn.of(book, request.user, now=clock.now())
    return render(request, "outreach/in_store.html", {"visit": shown})


@associates_only
@require_POST
def note(request: StaffRequest, code: str) -> HttpResponse:
    """Bought, tried, not shown, or taken back: one tap."""
    book, form = _book(request, code), ShowingForm(request.POST)
    if not form.is_valid():
        raise Http404
    found = lookbooks.piece(book, form.cleaned_data["product"])
    if found is None:
        raise Http404
    outcome = form.cleaned_data["outcome"]
    now = clock.now()
    counter.note(
        book, found[1], Showing.Outcome(outcome) if outcome else None, by=request.user, now=now
    )
    if not request.htmx:
        return redirect("in-store-page", code=book.code)
    visit = drawn.of(book, request.user, now=now)
    [item] = [each for each in visit.items if each.number == found[0]]
    return render(request, "outreach/_showing.html", {"visit": visit, "item": item})


def _book(request: StaffRequest, code: str) -> Lookbook:
    """Guessing by address is counted like guessing in the field."""
    now = clock.now()
    if knocks.is_closed(knocks.WRONG_CODE, request.user.pk, now=now):
        raise Http404
    book = counter.find(code, request.user, now=now)
    if book is None:
        knocks.count(knocks.WRONG_CODE, request.user.pk, now=now)
        raise Http404
    return book


def _again(request: StaffRequest, typed: str, fault: str, *, status: int = 200) -> HttpResponse:
    context = {"typed": typed, "fault": fault}
    return render(request, "outreach/in_store_code.html", context, status=status)
