"""The simulated carrier's line to us: its callbacks are signed and take Twilio's road.

Each request goes through the application's own handler, from the middleware to the view, exactly
as one that came over the network; only the network is left out, so that it works in any process.
"""

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

PURPOSE = "outreach.messages.providers.simulated_line"


def auth_token() -> str:
    """What the simulated carrier signs with: known to nobody without our secret key."""
    return salted_hmac(PURPOSE, "carrier").hexdigest()


def report(message_id: UUID, *, provider_id: str, status: str, error_code: str = "") -> bool:
    """Tell how far a text came, in Twilio's words; False when it was not taken in."""
    told = {"MessageSid": provider_id, "MessageStatus": status}
    if error_code:
        told["ErrorCode"] = error_code
    return _post(reverse("twilio-status", args=[message_id]), told)


def pass_on(
    *, provider_id: str, from_address: str, body: str, media: Mapping[str, str] | None = None
) -> bool:
    """Hand in a text that somebody wrote to the shop; False when it was not taken in.

    `media` says of what type each of the files with it is, by where it lies.
    """
    files = dict(media or {})
    told = {"MessageSid": provider_id, "From": from_address, "Body": body}
    told["NumMedia"] = str(len(files))
    for place, (source, content_type) in enumerate(files.items()):
        told |= {f"MediaUrl{place}": source, f"MediaContentType{place}": content_type}
    return _post(reverse("twilio-inbound"), told)


def _post(path: str, told: dict[str, str]) -> bool:
    from twilio.request_validator import RequestValidator  # slow, and seldom needed

    url = settings.PUBLIC_BASE_URL + path
    signature = RequestValidator(auth_token()).compute_signature(url, told)
    request = WSGIRequest(_environment(path, urlencode(told).encode(), signature))
    return _handler().get_response(request).status_code < 300


@lru_cache(maxsize=1)
def _handler() -> BaseHandler:
    """Not the WSGI one: that would close the database connection of whoever is calling."""
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def _environment(path: str, body: bytes, signature: str) -> dict[str, Any]:
    public = urlsplit(settings.PUBLIC_BASE_URL)
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": public.netloc,
        "HTTP_X_TWILIO_SIGNATURE": signature,
        "SERVER_NAME": public.hostname or "localhost",
        "SERVER_PORT": str(public.port or (443 if public.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": public.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
