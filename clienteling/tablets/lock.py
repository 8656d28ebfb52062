"""The lock: what stands before every view on a shared tablet, and before every page of another.

The script in the page locks first, so that nothing stays on the screen. This here is the truth: it
holds for a page whose script sleeps, for a second tab, and for a request made by hand.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from clienteling import clock
from clienteling.http import StaffRequest
from clienteling.models import AuditEntry, User
from clienteling.tablets import audit, devices, sessions

PAGE_OF = "X-Page-Of"
BACK_SALT = "clienteling.tablets.back"
IDLE, SHIFT_OVER, BY_HAND = "idle", "shift", "hand"


class LockMiddleware:
    """Locks a tablet nobody touches, and refuses what comes from the page of somebody else.

    It must stand above Django's protection against forged forms: a form of the former user fails
    there, too, but with words nobody understands.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        response = self.get_response(request)
        return _as_a_whole_page(request, response)

    def process_view(
        self, request: StaffRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Django's hook: an answer in place of the view's, or None to go on."""
        if not request.user.is_authenticated:
            return None
        return _locked(request) or _of_another(request) or _needs_password(request)


def lock(request: HttpRequest, user: User, why: str) -> None:
    """End the session; she comes back by her PIN, while her log-in here is young enough."""
    device = devices.of_request(request)
    audit.note(AuditEntry.What.LOCKED, by=user, device=device, now=clock.real_now(), why=why)
    logout(request)


def forget_copies(response: HttpResponse) -> HttpResponse:
    """Tell the browser to drop what it keeps of our pages, the ones it would go back to included.

    Not its storage: there a note sent without a connection waits for its writer.
    """
    response["Clear-Site-Data"] = '"cache"'
    return response


def address(why: str, *, user: User, path: str) -> str:
    """The lock screen, with a way back that only the same person can take."""
    back = signing.dumps({"user": user.pk, "path": path}, salt=BACK_SALT)
    return f"{reverse('lock')}?{urlencode({'why': why, 'back': back})}"


def way_back(token: str, user: User) -> str:
    """Where she was when it locked; the first page for anybody else.

    And where her PIN would not open that page.
    """
    first_page = reverse(settings.LOGIN_REDIRECT_URL)
    try:
        kept = signing.loads(token, salt=BACK_SALT, max_age=devices.SHIFT)
    except signing.BadSignature:
        return first_page
    path = str(kept["path"])
    is_hers = kept["user"] == user.pk and url_has_allowed_host_and_scheme(path, None)
    return path if is_hers and _opens_by_pin(path) else first_page


def _opens_by_pin(path: str) -> bool:
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return False
    return not _is_behind_a_password(match)


def _locked(request: StaffRequest) -> HttpResponse | None:
    tablet, now = sessions.tablet_of(request), clock.real_now()
    if tablet is None:
        return None
    if not devices.is_open(request.user, tablet, now=now):
        return _lock_answer(request, SHIFT_OVER)
    if sessions.rests_for(request, now=now) > timedelta(seconds=sessions.lock_seconds()):
        return _lock_answer(request, IDLE)
    sessions.touch(request, now=now)
    return None


def _lock_answer(request: StaffRequest, why: str) -> HttpResponse:
    url = address(why, user=request.user, path=_page(request))
    lock(request, request.user, why)
    answer = HttpResponseClientRedirect(url) if request.htmx else redirect(url)
    return forget_copies(answer)


def _page(request: StaffRequest) -> str:
    """The page she is looking at, which a part or a form belongs to."""
    if request.htmx:
        return request.htmx.current_url_abs_path or "/"
    return request.get_full_path() if request.method == "GET" else "/"


def _of_another(request: StaffRequest) -> HttpResponse | None:
    """A tap on a page that was drawn for somebody else does nothing, and shows nothing."""
    whose = request.headers.get(PAGE_OF) or request.POST.get("page_of", "")
    if not whose or whose == str(request.user.pk):
        return None
    if request.htmx:
        response: HttpResponse = HttpResponseClientRedirect(reverse(settings.LOGIN_REDIRECT_URL))
        response.status_code = 409 if request.method == "POST" else 200
        return response
    return render(request, "tablets/of_another.html", status=409)


def _needs_password(request: StaffRequest) -> HttpResponse | None:
    """Settings, exports and the admin are not opened by four digits."""
    match = request.resolver_match
    if not sessions.is_by_pin(request) or match is None or not _is_behind_a_password(match):
        return None
    path = request.get_full_path() if request.method == "GET" else "/"
    return redirect(f"{reverse('login')}?{urlencode({'next': path, 'password': 1})}")


def _is_behind_a_password(match: ResolverMatch) -> bool:
    return match.namespace == "admin" or getattr(match.func, "needs_password", False)


def _as_a_whole_page(request: StaffRequest, response: HttpResponse) -> HttpResponse:
    """A part of a page that needs signing in is answered by the whole sign-in page."""
    if response.status_code != 302 or "HX-Request" not in request.headers:
        return response
    url = response["Location"]
    if not url.startswith(reverse("login")):
        return response
    return HttpResponseClientRedirect(f"{reverse('login')}?{urlencode({'next': _page(request)})}")
