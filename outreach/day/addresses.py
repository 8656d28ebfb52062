"""Where a client's pages are. A day names a dozen for each card: one is looked up, the others lie
below it."""

from functools import cached_property

from django.urls import reverse

BELOW = {
    "send": "send/",
    "send-words": "kind-words/",
    "word": "word/",
    "why-not": "why-not/",
    "tone": "tone/",
    "swap": "swap/",
    "not-now": "not-now/",
    "steps": "steps/",
    "gesture": "gestures/",
    "thread": "thread/",
}
"""The part of each address below the client's own; a test holds them to `outreach.urls`."""


class ClientAddresses:
    """The addresses of one client, by the name of the view."""

    def __init__(self, customer_id: str) -> None:
        self._customer_id = customer_id

    @cached_property
    def page(self) -> str:
        return reverse("client", args=[self._customer_id])

    def of(self, view: str) -> str:
        """The address of a view that takes her id alone."""
        return self.page + BELOW[view]
