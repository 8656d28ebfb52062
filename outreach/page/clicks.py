"""What people do on her page, told apart from what machines do with its address.

Messengers, mail scanners and browsers open links by themselves, some of them as a perfect Chrome.
So opening a page is never a click. A click is something only a person does: an answer by a form, or
the first touch, key or turn of the wheel, of which the page's script tells. Each counts once.
"""

import re
from datetime import datetime

from django.http import HttpRequest

from catalog.models import Product
from outreach.models import Lookbook, PageGesture

# Who opens links without being her: previewers of messengers and mail, crawlers, command lines.
# iMessage calls itself Facebook's and Twitter's bot at once, so "bot" and "facebookexternalhit"
# catch it (docs/messaging.md).
_MACHINES = re.compile(
    r"bot|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|telegram|slack|discord|skype"
    r"|scan|proofpoint|mimecast|barracuda|safelinks|googleimageproxy|monitor|headless|lighthouse"
    r"|curl|wget|python|java/|okhttp|go-http|axios|node-fetch|libwww|httpclient",
    re.IGNORECASE,
)


def gesture(
    book: Lookbook,
    kind: PageGesture.Kind,
    request: HttpRequest,
    *,
    now: datetime,
    product: Product | None = None,
) -> bool:
    """Write down what a person did; False for machines, for staff, and for a repeat."""
    if not is_person(request):
        return False
    _, is_new = PageGesture.objects.get_or_create(
        lookbook=book, kind=kind, product=product, defaults={"at": now}
    )
    Lookbook.objects.filter(pk=book.pk, first_opened_at=None).update(first_opened_at=now)
    return is_new


def note_opened(book: Lookbook, request: HttpRequest, *, now: datetime) -> bool:
    """Remember the first time a person looked; False for machines and for later looks."""
    if not is_person(request):
        return False
    opened = Lookbook.objects.filter(pk=book.pk, first_opened_at=None).update(first_opened_at=now)
    return bool(opened)


def is_person(request: HttpRequest) -> bool:
    """Whether a person seems to look: not a HEAD, not a prefetch, no known machine, no staff."""
    if request.method not in {"GET", "POST"}:
        return False
    purposes = (request.headers.get(name, "") for name in ("Purpose", "Sec-Purpose", "X-Moz"))
    if any("prefetch" in purpose or "preview" in purpose for purpose in purposes):
        return False
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return False
    agent = request.headers.get("User-Agent", "")
    return bool(agent) and not _MACHINES.search(agent)
