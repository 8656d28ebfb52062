"""What a broken call over HTTP means: whether anything can have been carried."""

from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from outreach.messages.providers.receipts import Temporary, Unknown


def outcome(error: requests.RequestException) -> Temporary | Unknown:
    """A connection that never came about carried nothing; any other break is unclear."""
    never_connected = isinstance(error, requests.ConnectTimeout) or isinstance(
        _root(error), NewConnectionError
    )
    if never_connected:
        return Temporary("The carrier could not be reached.")
    return Unknown("The connection to the carrier broke.")


def retry_after(value: str) -> int:
    """Seconds a Retry-After header asks us to wait; 0 when there is none, or a date."""
    return int(value) if value.strip().isdecimal() else 0


def _root(error: requests.RequestException) -> Any:
    """What urllib3 gave as the reason; a name that does not resolve is one of these too."""
    wrapped = error.args[0] if error.args else None
    return getattr(wrapped, "reason", None)
