"""The end of the day: what it brought, what waits, and which words to keep."""

from uuid import UUID

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest, page_or_part
from outreach.day import evening as evenings
from outreach.day import kept_notes, tones
from outreach.day.kept_notes import NothingToKeep
from outreach.forms import KeepForm, StyleForm
from outreach.messages import staff_mail
from outreach.models import Message, Tone
from outreach.views.shop import store_of


@associates_only
@require_GET
def evening(request: StaffRequest) -> HttpResponse:
    """Her evening as it stands now; before 18:00 it is the day so far."""
    return _page(request)


@associates_only
@require_POST
def keep(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """One tap: the note's phrase is hers to use again, or she is not asked about it any more."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        raise Http404
    is_kept = form.cleaned_data["answer"] == KeepForm.KEEP
    try:
        act = kept_notes.keep if is_kept else kept_notes.decline
        act(message_id, by=request.user, now=clock.now())
    except Message.DoesNotExist:
        raise Http404 from None
    except NothingToKeep as nothing:
        return _done(request, nothing.sentence)
    return _done(request, "Kept. It is on your cards now, under Your words." if is_kept else "")


@associates_only
@require_POST
def drop(request: StaffRequest, number: int) -> HttpResponse:
    """The phrase is proposed no more; notes made of it stay as they were sent."""
    if not kept_notes.drop(number, by=request.user):
        raise Http404
    return _done(request, "It is no longer proposed.")


@associates_only
@require_POST
def style(request: StaffRequest) -> HttpResponse:
    """Her own tone, and the mail."""
    form = StyleForm(request.POST)
    if not form.is_valid():
        raise Http404
    tones.set_style(
        request.user,
        tone=Tone(form.cleaned_data["tone"]),
        wants_evening_mail=form.cleaned_data["wants_evening_mail"],
    )
    return _done(request, "Noted.")


def _done(request: StaffRequest, sentence: str) -> HttpResponse:
    if request.htmx:
        return _page(request, say=sentence)
    if sentence:
        banners.success(request, sentence)
    return redirect("evening")


def _page(request: StaffRequest, *, say: str = "") -> HttpResponse:
    context = {
        "evening": evenings.for_associate(request.user, store_of(request), now=clock.now()),
        "tones": Tone.choices,
        "may_mail": bool(request.user.email) and staff_mail.is_possible(),
        "say": say,
    }
    part, page = "outreach/_words_to_keep.html", "outreach/evening.html"
    return page_or_part(request, page, part, context)
