"""Fetching a picture of a text from Twilio, and from nowhere else.

The address in a callback is not followed: it is read for the three ids in it, and the request is
made to Twilio's API, for our own account, with our credentials. Twilio answers with a redirect to
its store of files, which is asked without credentials, and only if it is one of the two it has.
"""

import re
import time
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings

from outreach.messages.picture_file import MOST_BYTES
from outreach.messages.providers.receipts import Refused, Temporary

API = "https://api.twilio.com"
MEDIA = re.compile(
    r"https://api(?:\.[a-z0-9-]+){0,2}\.twilio\.com"
    r"/2010-04-01/Accounts/(?P<account>AC\w{1,32})"
    r"/Messages/(?P<message>(?:SM|MM)\w{1,32})/Media/(?P<media>ME\w{1,32})"
)
# (host, how its path begins): https://help.twilio.com/articles/223183748
STORES = (("mms.twiliocdn.com", "/"), ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/"))
MOST_REDIRECTS = 3
CHUNK = 64 * 1024
FOREIGN = "It was not sent through our carrier and was not fetched."
TOO_LARGE = "The picture was too large to be taken in."


def fetch(source: str) -> bytes:
    """The bytes of one attachment; raises ``Refused`` for good, ``Temporary`` to be tried again."""
    url = _address(source)
    deadline = time.monotonic() + settings.TWILIO_TIMEOUT_SECONDS
    try:
        with requests.Session() as session:
            session.trust_env = False  # no .netrc may add credentials to a redirect
            return _followed(session, url, deadline)
    except requests.RequestException:
        raise Temporary("The picture could not be fetched yet.") from None


def _address(source: str) -> str:
    """Where Twilio keeps it, put together by ourselves; ``Refused`` for anything else."""
    found = MEDIA.fullmatch(source)
    if found is None or found["account"] != settings.TWILIO_ACCOUNT_SID:
        raise Refused("", FOREIGN)
    base = settings.TWILIO_API_BASE_URL.rstrip("/") or API
    path = f"/2010-04-01/Accounts/{found['account']}/Messages/{found['message']}"
    return f"{base}{path}/Media/{found['media']}"


def _followed(session: requests.Session, url: str, deadline: float) -> bytes:
    credentials: tuple[str, str] | None = (
        settings.TWILIO_ACCOUNT_SID,
        settings.TWILIO_AUTH_TOKEN,
    )
    for _ in range(MOST_REDIRECTS + 1):
        answer = session.get(
            url,
            auth=credentials,
            stream=True,
            allow_redirects=False,
            timeout=settings.TWILIO_TIMEOUT_SECONDS,
        )
        with answer:
            if not answer.is_redirect:
                return _content(answer, deadline)
            url, credentials = _next(url, answer.headers["location"]), None
    raise Refused("", FOREIGN)


def _next(url: str, location: str) -> str:
    """Where a redirect leads, if that is one of Twilio's stores."""
    target = urljoin(url, location)
    parts = urlsplit(target)
    is_store = any(parts.netloc == host and parts.path.startswith(path) for host, path in STORES)
    if parts.scheme != "https" or not is_store or ".." in parts.path:
        raise Refused("", FOREIGN)
    return target


def _content(answer: requests.Response, deadline: float) -> bytes:
    """The body, as long as it is neither too large nor too slow."""
    if answer.status_code != requests.codes.ok:
        raise Temporary("The picture could not be fetched yet.")
    if int(answer.headers.get("content-length") or 0) > MOST_BYTES:
        raise Refused("", TOO_LARGE)
    content = bytearray()
    for chunk in answer.iter_content(CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise Refused("", TOO_LARGE)
        if time.monotonic() > deadline:
            raise Temporary("The picture came too slowly.")
    return bytes(content)
