"""Requests and answers: what views are written against, and a page or only its part."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_htmx.middleware import HtmxDetails

from clienteling.models import User


class StaffRequest(HttpRequest):
    """A request by a signed-in member of staff, with htmx's details on it."""

    htmx: HtmxDetails
    user: User


def page_or_part(
    request: StaffRequest, page: str, part: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render `part` for htmx and `page`, which includes the part, for everybody else."""
    template = part if wants_part(request) else page
    return varying_by_htmx(render(request, template, dict(context), status=status))


def wants_part(request: StaffRequest) -> bool:
    """Whether htmx asks, and not for a page of the browser's history."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def varying_by_htmx(response: HttpResponse) -> HttpResponse:
    """The same, with the word to caches that htmx gets another answer than a browser."""
    patch_vary_headers(response, ["HX-Request"])
    return response


class PrivatePagesMiddleware:
    """No page of a signed-in person is kept by the browser: the tablet is shared."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response
