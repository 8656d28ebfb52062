"""Twilio's callbacks: the signature first, then the event, put into our words."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

from clienteling import clock
from customers.models import Channel
from outreach.messages import inbound
from outreach.messages.inbound import StatusEvent, WordsEvent
from outreach.messages.pictures import MOST_PICTURES, Media
from outreach.messages.providers import simulated_line
from outreach.messages.providers.simulator import Simulator
from outreach.messages.providers.twilio_sms import TwilioSms, refusal_of, status_of
from outreach.models import Reply

NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
KINDS = {"STOP": Reply.Kind.STOP, "START": Reply.Kind.START, "HELP": Reply.Kind.HELP}


@csrf_exempt
@require_POST
def twilio_status(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """How far one of our texts came. News of a text we do not know changes nothing."""
    carrier = carrier_of(request)
    if not carrier:
        return HttpResponse(status=403)
    told = _plain(request)
    sid, status = told.get("MessageSid", ""), told.get("MessageStatus", "")
    if sid and status:
        code = told.get("ErrorCode", "")
        inbound.apply(
            StatusEvent(
                provider=carrier,
                provider_id=sid,
                event_key=f"{sid}:{status}",
                status=status_of(status),
                at=clock.now(),
                message_id=message_id,
                refusal=refusal_of(code) if code else None,
                payload=told,
            )
        )
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def twilio_inbound(request: HttpRequest) -> HttpResponse:
    """A text from somebody. Twilio confirms STOP itself, so our answer is always empty."""
    carrier = carrier_of(request)
    if not carrier:
        return HttpResponse(status=403)
    told = _plain(request)
    if told.get("MessageSid") and told.get("From"):
        inbound.apply(
            WordsEvent(
                provider=carrier,
                provider_id=told["MessageSid"],
                channel=Channel.SMS,
                from_address=told["From"],
                body=told.get("Body", ""),
                at=clock.now(),
                kind=KINDS.get(told.get("OptOutType", "").upper()),
                media=tuple(_media(told)),
                payload=told,
            )
        )
    return HttpResponse(NO_ANSWER, content_type="text/xml")


def carrier_of(request: HttpRequest) -> str:
    """The carrier of texts that signed this request for our public address; "" for a forgery.

    The address is the public one, whatever a proxy made of scheme, host and port on the way.
    Where Twilio is not configured, texts are the simulator's, and only its signature counts.
    """
    name, token = Simulator.name, simulated_line.auth_token()
    if settings.TWILIO_IS_CONFIGURED:
        name, token = TwilioSms.name, settings.TWILIO_AUTH_TOKEN
    url = settings.PUBLIC_BASE_URL + request.get_full_path()
    signature = request.headers.get("X-Twilio-Signature", "")
    return name if RequestValidator(token).validate(url, request.POST, signature) else ""


def _media(told: dict[str, Any]) -> Iterable[Media]:
    """What came with the words: where it lies and what it is, as Twilio says."""
    number = told.get("NumMedia", "")
    for place in range(min(int(number), MOST_PICTURES) if number.isdecimal() else 0):
        source, kind = told.get(f"MediaUrl{place}", ""), told.get(f"MediaContentType{place}", "")
        if source:
            yield Media(source, kind)


def _plain(request: HttpRequest) -> dict[str, Any]:
    """The parameters without what PostgreSQL cannot keep, and none longer than a text can be."""
    return {
        name[:100].replace("\x00", ""): str(value)[:4_000].replace("\x00", "")
        for name, value in request.POST.items()
    }
