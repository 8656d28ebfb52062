"""A tap on Warm, Brief, Formal or Your words: the note anew, never over words of her own."""

from dataclasses import replace
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest
from customers.models import Customer
from outreach.day import card, cards, ledger, tones
from outreach.day.card import Card
from outreach.day.kind_words import Begun
from outreach.day.next_step import Kind
from outreach.day.note_form import Kept
from outreach.forms import ToneForm, page_of
from outreach.messages import drafts
from outreach.models.message import Step
from outreach.views import kind_words
from outreach.views.one_card import shown_on
from outreach.views.shop import store_of

ANEW = "The note is drafted anew."


@associates_only
@require_POST
def tone(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Remember the tone for her, and draft in it; her own words stay until she lets them go."""
    customer = get_object_or_404(
        Customer.objects.in_book_of(request.user).select_related("associate", "store", "outlook"),
        customer_id=customer_id,
    )
    form, now = ToneForm(request.POST), clock.now()
    if not form.is_valid():
        raise Http404
    step = form.cleaned_data["step"]
    tones.choose(customer, form.choice, by=request.user, now=now)
    if not form.keeps_her_words:
        drafts.let_go(customer, author=request.user, step=Step(step or Step.OFFER))
    body = form.cleaned_data["body"] if form.keeps_her_words else None
    kept = Kept(form.cleaned_data["channel"], body, form.choice)
    asks_for = form.choice if form.keeps_her_words else ""
    if step:
        said = "" if asks_for else ANEW
        begun = Begun(Kind(step), kept, asks_for=asks_for, say=said)
        return kind_words.drawn_again(request, customer, begun, now)
    return _drawn(request, customer, kept, now, asks_for=asks_for)


def _drawn(
    request: StaffRequest, customer: Customer, kept: Kept, now: datetime, *, asks_for: str
) -> HttpResponse:
    """The note alone; without htmx the page it came from, or hers where words have to be kept."""
    store, page = store_of(request), page_of(request.POST)
    if request.htmx:
        shown = shown_on(request, customer)
        drawn = cards.for_client(customer, request.user, store, now=now, kept=kept, shown=shown)
        drawn = _asking(drawn, asks_for)
        context = {"card": drawn, "note": drawn.note, "page": page}
        context |= {"acts": drawn.acts} if page == "day" else {}
        return render(request, "outreach/_note_form.html", context)
    if not asks_for and page == "day":
        return redirect("day")
    hers = ledger.for_client(customer, request.user, store, now=now, kept=kept)
    asked = replace(hers, card=_asking(hers.card, asks_for) if hers.card else None)
    return render(request, "outreach/client.html", {"ledger": asked})


def _asking(drawn: Card, asks_for: str) -> Card:
    if asks_for:
        return card.with_question(drawn, asks_for)
    return replace(drawn, note=replace(drawn.note, say=ANEW))
