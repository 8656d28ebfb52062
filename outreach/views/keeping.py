"""Words that lay half written beside a form: they stay when the page is drawn again."""

from datetime import datetime

from clienteling.http import StaffRequest
from customers.models import Channel, Customer
from outreach.day import cards
from outreach.day.card import Kept
from outreach.views.shop import store_of


def note_beside(request: StaffRequest, customer: Customer, now: datetime) -> Kept | None:
    """The note that lay beside the items: her own words stay, an untouched draft is made anew."""
    channel, body = request.POST.get("channel", ""), request.POST.get("body")
    if channel not in Channel.values or body is None:
        return None
    untouched = Kept(channel, None)
    shown = cards.for_client(customer, request.user, store_of(request), now=now, kept=untouched)
    is_same = body.split() == shown.note.body.split()
    return untouched if is_same else Kept(channel, body)
