"""The client's page behind the link: public, and the same for whoever holds the link."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clienteling import clock
from outreach import lookbook as lookbooks
from outreach.day import letter
from outreach.forms import WordForm
from outreach.models import Lookbook


@csrf_exempt  # the page keeps no cookies: whoever knows the token in its address may answer
@require_http_methods(["GET", "HEAD", "POST"])
def lookbook(request: HttpRequest, token: str) -> HttpResponse:
    """Her three as they stand now; a POST is her word on one. Bad and old links answer alike."""
    now = clock.now()
    book = lookbooks.find(token, now=now)
    if book is None:
        return _public(render(request, "lookbook/closed.html", status=404))
    lookbooks.note_opened(book, request, now=now)
    if request.method == "POST":
        return _public(_answered(request, book, now))
    return _public(render(request, "lookbook/page.html", {"page": letter.of(book, now=now)}))


def _answered(request: HttpRequest, book: Lookbook, now: datetime) -> HttpResponse:
    """The whole page again, at the piece; its script takes the answer out of it.

    Links are opened by scanners, forms are not sent by them. The associate who tries the page out
    is not the client, and is told so.
    """
    form = WordForm(request.POST)
    if not form.is_valid():
        raise Http404
    style = form.cleaned_data["product"]
    if request.user.is_authenticated:
        page = letter.of(book, now=now, refused=style)
        return render(request, "lookbook/page.html", {"page": page})
    position = lookbooks.answer(book, style, form.cleaned_data["kind"], now=now)
    if position is None:
        raise Http404
    return redirect(f"{request.path}#piece-{position}")


def _public(response: HttpResponse) -> HttpResponse:
    """Nobody indexes it, nobody keeps it, and its address is told to nobody."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
