"""Is there news? Asked every few seconds by every open page, so a quiet answer is empty and cheap.

The page hands back what it shows: the token of its frame (who waits, what is stopped, alarms) and
one line for each card. Stops and alarms came with the person who asks.
"""

from zlib import crc32

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from clienteling import clock, sending
from clienteling.access import only
from clienteling.http import StaffRequest
from clienteling.models import User
from clienteling.tablets import alarms
from outreach.day import cards, live
from outreach.messages import conversations
from outreach.views.shop import store_of


@only(*User.Role)
@require_GET
def pulse(request: StaffRequest) -> HttpResponse:
    """What changed on the page that asks, out of band; no body at all when nothing did.

    One query for the frame, two more where the page shows cards.
    """
    if request.user.role == User.Role.ADMIN:
        return HttpResponse(status=204)
    waiting = cards.waiting_count(request.user, now=clock.now())
    token, body = _token(request.user, waiting), b""
    known = request.GET.get("news") or request.headers.get("If-None-Match", "").strip('"')
    if known != token:
        context = {"inbox_count": conversations.waiting_words(waiting), "news": token}
        body += render(request, "outreach/_pulse.html", context).content
    body += _cards(request)
    return _answer(request, token, body)


def _token(user: User, waiting: int) -> str:
    """What the frame of a page shows, in a few letters."""
    stops = [stop.number for stop in sending.standing_for(user)]
    alarming = [alarm.number for alarm in alarms.standing_for(user)]
    return f"{user.pk}-{waiting}-{crc32(repr((stops, alarming)).encode()):x}"


def _cards(request: StaffRequest) -> bytes:
    shown = request.GET.getlist("shown")
    if not shown or request.user.role != User.Role.ASSOCIATE:
        return b""
    found = live.news(shown, request.user, store_of(request), now=clock.now())
    if not found:
        return b""
    return render(request, "outreach/_card_news.html", {"cards": found}).content


def _answer(request: StaffRequest, token: str, body: bytes) -> HttpResponse:
    quiet = 304 if "If-None-Match" in request.headers else 204
    response = HttpResponse(body) if body else HttpResponse(status=quiet)
    response["ETag"] = f'"{token}"'
    patch_cache_control(response, private=True, no_store=True)
    response._csp_exempt = not body  # type: ignore[attr-defined]  # a policy for nothing weighs 300 bytes
    return response
