"""Where the person asking stands: the store whose clock, stock and hours a page shows."""

from django.http import Http404

from clienteling.http import StaffRequest
from clienteling.models import Store


def store_of(request: StaffRequest) -> Store:
    """Her own store, else the first she manages; 404 for somebody without any."""
    store = request.user.store or Store.objects.visible_to(request.user).first()
    if store is None:
        raise Http404("This person works in no store.")
    return store
