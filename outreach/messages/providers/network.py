"""What a broken call over HTTP means: whether anything can have been carried."""

from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from outreach.messages.providers.receipts import Temporary, Unknown

LONGEST_RETRY_AFTER = 10  # digits; Python refuses to read some thousands of them


def outcome(error: requests.RequestException) -> Temporary | Unknown:
    """A connection that never came about carried nothing; any other break is unclear."""
    never_connected = isinstance(error, requests.ConnectTimeout) or isinstance(
        _root(error), NewConnectionError
    )
    if never_connected:
        return Temporary("The carrier could not be reached.")
    return Unknown("The connection to the carrier broke.")


def retry_after(value: str) -> int:
    """Seconds a Retry-After header asks us to wait; 0 when there is none, a date, or nonsense."""
    digits = value.strip()
    return int(digits) if digits.isdecimal() and len(digits) < LONGEST_RETRY_AFTER else 0


def _root(error: requests.RequestException) -> Any:
    """What urllib3 gave as the reason; a name that does not resolve is one of these too."""
    wrapped = error.args[0] if error.args else None
    return getattr(wrapped, "reason", None)
