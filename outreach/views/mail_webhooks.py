"""What the mail service calls: reports about our mails, and the mails it received for us.

The shared secret comes first, before the body is read or anything looked up, and without one in
the settings nobody is let in. Then the service's own signature, where it signs, checked by
django-anymail, which also puts the many forms of these calls into one.
"""

import base64
import binascii
import logging
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clienteling import clock
from outreach.messages import inbound_mail, mail_events, service_events

logger = logging.getLogger(__name__)

# A mail with photographs comes as one body, far over Django's own limit for one.
MOST_BYTES = 50_000_000


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def tracking(request: HttpRequest, service: str) -> HttpResponse:
    """How our mails fared."""
    return _heard(request, service, "Tracking")


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def received(request: HttpRequest, service: str) -> HttpResponse:
    """A mail from somebody."""
    return _heard(request, service, "Inbound")


def _heard(request: HttpRequest, service: str, kind: str) -> HttpResponse:
    configured = settings.EMAIL_SERVICE
    if configured is None or service != configured.name:
        raise Http404
    if request.method == "HEAD":  # some services try an address before they accept it
        return HttpResponse()
    if not knows_the_secret(request):
        return HttpResponse(status=403)
    if not _take_in(request):
        return HttpResponse(status=413)
    view = import_string(f"anymail.webhooks.{service}.{_class(configured.classes, kind)}")()
    try:
        view.run_validators(request)
        told = view.parse_events(request)
    except AnymailWebhookValidationFailure:
        return HttpResponse(status=403)
    except (AnymailConfigurationError, ValueError, LookupError):
        # The wrong one of the two addresses, or nothing that the service sends.
        logger.warning("A call of %s that nobody understands was turned down", service)
        return HttpResponse(status=400)
    for event in told:
        _apply(event, provider=service)
    return HttpResponse()


def knows_the_secret(request: HttpRequest) -> bool:
    """Whether the call carries our name and password; never when none are set."""
    secret = settings.EMAIL_WEBHOOK_SECRET
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if not secret or scheme.lower() != "basic":
        return False
    try:
        shown = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return constant_time_compare(shown, secret)


def _take_in(request: HttpRequest) -> bool:
    """Read the body, up to more than Django allows strangers; False when it is larger still.

    Only for a form with files Django reads by itself: there, files do not count.
    """
    if request.content_type == "multipart/form-data":
        return True
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return False
    request._body = request.read(MOST_BYTES)
    return True


def _class(prefix: str, kind: str) -> str:
    """Mandrill has one address for both."""
    return f"{prefix}{'Combined' if prefix == 'Mandrill' else kind}WebhookView"


def _apply(event: Any, *, provider: str) -> None:
    now = clock.now()
    if isinstance(event, AnymailTrackingEvent):
        for news in service_events.events_of(event, provider=provider, now=now):
            mail_events.apply(news)
    elif isinstance(event, AnymailInboundEvent) and event.message is not None:
        inbound_mail.receive(
            event.message,
            provider=provider,
            now=now,
            envelope_recipient=event.message.envelope_recipient or "",
            envelope_sender=event.message.envelope_sender,
            is_spam=bool(event.message.spam_detected),
        )
