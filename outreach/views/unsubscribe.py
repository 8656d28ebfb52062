"""The public page behind the link under every mail: asking is a GET, doing it is a POST."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clienteling import clock
from customers.models import Channel
from outreach.messages import opt_out, unsubscribe_link
from outreach.models import Message


@csrf_exempt  # RFC 8058: a mail provider's one click comes without cookie or form token
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, because scanners open links; end the mails on POST."""
    message = unsubscribe_link.message_of(token)
    if message is None:
        raise Http404
    if request.method == "POST" and message.to_address:  # once she is erased, nothing is left to do
        opt_out.revoke(
            message.to_address,
            message.channel,
            reason="unsubscribed",
            source="Unsubscribe link",
            now=clock.now(),
            evidence={"message": str(message.pk)},
        )
    context = {
        "store": message.store,
        "masked_address": masked(message),
        "is_done": request.method == "POST",
    }
    return render(request, "outreach/unsubscribe.html", context)


def masked(message: Message) -> str:
    """Enough of the address for its owner to know it: a•••@example.com, or the last two digits."""
    if message.channel == Channel.EMAIL:
        name, _, domain = message.to_address.partition("@")
        return f"{name[:1]}•••@{domain}"
    return f"•••{message.to_address[-2:]}"
