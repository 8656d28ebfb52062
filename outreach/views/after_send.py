"""What becomes of a tap on Send, whichever note it was for: a doubt, or the strip of the note."""

from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages as banners
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from clienteling import clock
from clienteling.http import StaffRequest
from customers.models import Customer
from outreach.day import drafts, strips
from outreach.day.note_form import NoteForm
from outreach.forms import SendForm, page_of
from outreach.messages import linter, seen
from outreach.messages.drafts import Typed, keep
from outreach.models.message import Message
from outreach.views.shop import store_of


def doubt(customer: Customer, form: SendForm) -> str:
    """What may be a slip in words of her own, unless she has sent the very same again."""
    words = form.cleaned_data["body"]
    if form.cleaned_data["meant"] == drafts.trace_of(words):
        return ""
    shown = seen.read(form.cleaned_data["seen"])
    prices = [Decimal(price) for _, price in shown.prices if price] if shown else []
    own_host = urlsplit(settings.PUBLIC_BASE_URL).netloc
    found = linter.doubts(words, prices=prices, own_host=own_host, own_words=str(customer))
    return f"{found[0]} If you mean it, send it again." if found else ""


def sent(request: StaffRequest, message: Message, now: datetime) -> HttpResponse:
    """The strip of a note that has just been queued."""
    response = strip(request, message, now, is_new=True)
    response["X-Sent"] = str(message.pk)  # a note that waited for a connection asks whether it left
    return response


def keep_words(message: Message, note: NoteForm | None, *, about: int | None = None) -> None:
    """Her own words of a note taken back are a draft again: a page opened anew has them still.

    `about` is the one item the note was about, by its key. A draft of ours is drafted anew.
    """
    if note is None or drafts.trace_of(note.body) == note.draft.trace:
        return
    typed = Typed(message.step, note.channel, note.body, form_token="", product=about)
    keep(message.customer, typed, author=message.sender, now=clock.now())


def strip(
    request: StaffRequest, message: Message, now: datetime, *, is_new: bool = False
) -> HttpResponse:
    """Where a note stands; without htmx the strip on her page or on the day, Undo at hand."""
    page = page_of(request.POST or request.GET)
    draw = strips.just_sent if is_new else strips.strip_of
    drawn = draw(message, store_of(request), now=now)
    if request.htmx or request.method == "GET":
        return render(request, "outreach/_message_strip.html", {"strip": drawn, "page": page})
    banners.success(request, f"{drawn.name}: {drawn.sentence}")
    place = drawn.client_url if page == "client" else reverse("day")
    return redirect(f"{place}#client-card-{drawn.pk}")
