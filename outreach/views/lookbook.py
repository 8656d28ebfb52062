"""The client's page behind the link: public, and the same for whoever holds the link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clienteling import clock
from outreach import lookbook as lookbooks
from outreach.day import letter


@require_safe
def lookbook(request: HttpRequest, token: str) -> HttpResponse:
    """Her three as they stand now; wrong, old and expired links answer alike."""
    now = clock.now()
    book = lookbooks.find(token, now=now)
    if book is None:
        return _public(render(request, "lookbook/closed.html", status=404))
    lookbooks.note_opened(book, request, now=now)
    return _public(render(request, "lookbook/page.html", {"page": letter.of(book, now=now)}))


def _public(response: HttpResponse) -> HttpResponse:
    """Nobody indexes it, nobody keeps it, and its address is told to nobody."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
