"""What makes the book an app on the tablet: manifest, worker, and the page without a connection.

The worker must be served from the root to see every page, and its text must change whenever a file
it keeps does; so it is a template, and the code itself is a static file like any other.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET


@require_GET
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """Name, colors and icons, as the browser asks before it installs."""
    return render(request, "manifest.webmanifest", content_type="application/manifest+json")


@require_GET
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; the browser asks for it anew with every visit."""
    return render(request, "sw.js", content_type="text/javascript")


@require_GET
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown in place of a page that cannot be had. It says nothing about anybody."""
    return render(request, "offline.html")
