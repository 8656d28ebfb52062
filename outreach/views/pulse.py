"""Is there news? Asked every few seconds by every open page, so it is one query and no session.

What stops sending came with the person who asks."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from clienteling import clock, sending
from clienteling.access import only
from clienteling.http import StaffRequest
from clienteling.models import User
from outreach.day import cards


@only(*User.Role)
@require_GET
def pulse(request: StaffRequest) -> HttpResponse:
    """The inbox counter and what stops sending, out of band; 304 without a body while both are what
    the page shows."""
    if request.user.role == User.Role.ADMIN:
        return HttpResponse(status=204)
    waiting = cards.waiting_count(request.user, now=clock.now())
    stops = "-".join(str(stop.number) for stop in sending.standing_for(request.user))
    etag = f'"{request.user.pk}-{waiting}.{stops}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = render(request, "outreach/_pulse.html", {"inbox_count": waiting})
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response
